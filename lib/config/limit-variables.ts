/** The limits of the gateway, a part of the table of variables. */
import type { VariableEntry } from './entry.ts';
import { list, wholeNumber } from './types.ts';

const gateway = 'gateway';
const limit = (byDefault: number, min: number, max: number, meaning: string) => ({
  type: wholeNumber(min, max),
  byDefault: String(byDefault),
  meaning,
  readBy: gateway,
});

export const limitVariables = {
  HUB_LIMIT_BODY_BYTES: limit(1_048_576, 1_024, 104_857_600, 'Largest request body, after decompression.'),
  HUB_LIMIT_VARIABLES_BYTES: limit(65_536, 16, 104_857_600, 'Largest variables, as JSON.'),
  HUB_LIMIT_VARIABLES_DEPTH: limit(32, 1, 1_000, 'Deepest nesting of lists and objects in the variables.'),
  HUB_LIMIT_TOKENS: limit(10_000, 10, 1_000_000, 'Most tokens in a document.'),
  HUB_LIMIT_DEPTH: limit(25, 1, 200, 'Deepest nesting of fields, fragments expanded.'),
  HUB_LIMIT_ALIASES: limit(100, 0, 100_000, 'Most aliases, fragments expanded.'),
  HUB_LIMIT_ROOT_FIELDS: limit(30, 1, 10_000, 'Most root fields of an operation.'),
  HUB_LIMIT_DIRECTIVES: limit(100, 0, 100_000, 'Most directives in a document.'),
  HUB_LIMIT_FIELDS: limit(10_000, 1, 1_000_000, 'Most fields, fragments expanded.'),
  HUB_LIMIT_NESTING: limit(200, 10, 1_000, 'Deepest nesting of brackets of any kind in a document, counted before it is parsed.'),
  HUB_LIMIT_OVERLAPS: limit(50_000, 10, 10_000_000, 'Most pairs of fields with one response name that validation has to compare.'),
  HUB_LIMIT_PAGE_SIZE: limit(200, 1, 10_000, 'Most items asked for by `first` or `last`.'),
  HUB_LIMIT_PAGE_ARGUMENTS: {
    type: list('argument names separated by commas'),
    byDefault: 'first,last',
    meaning: 'Names of the arguments that HUB_LIMIT_PAGE_SIZE bounds.',
    readBy: gateway,
  },
  HUB_LIMIT_BATCH: limit(0, 0, 100, 'Most requests in one JSON array; 0: none are taken.'),
  HUB_LIMIT_RATE: limit(
    1_000,
    0,
    1_000_000,
    'Requests a second of one member, or of one address without a token; ten seconds’ worth may come at once; 0: no bound.',
  ),
  HUB_LIMIT_COST: limit(1_000_000_000, 0, 1_000_000_000_000, 'Highest cost of an operation as it is estimated before it is planned.'),
  HUB_LIMIT_COST_LIST_SIZE: limit(20, 0, 10_000, 'Items that the estimate takes for a list of which nothing says how many it has.'),
  HUB_LIMIT_REQUEST_MS: limit(30_000, 100, 600_000, 'Longest time for one request, in milliseconds.'),
  HUB_LIMIT_SUBGRAPH_MS: limit(
    10_000,
    50,
    600_000,
    'Longest time for one request to a subgraph, in milliseconds; below HUB_LIMIT_REQUEST_MS, so that what the others answered is not lost.',
  ),
  HUB_LIMIT_SUBGRAPH_BYTES: limit(16_777_216, 1_024, 268_435_456, 'Largest answer of a subgraph.'),
  HUB_LIMIT_SUBGRAPH_CONNECTIONS: limit(64, 1, 10_000, 'Most requests to one subgraph at a time, and so connections to it.'),
  HUB_LIMIT_SUBGRAPH_QUEUE: limit(1_000, 0, 100_000, 'Most requests that wait until a subgraph may be asked.'),
  HUB_LIMIT_RETRIES: limit(1, 0, 5, 'Most further attempts of a request to a subgraph that only reads.'),
  HUB_LIMIT_BREAKER_FAILURES: limit(
    10,
    0,
    100_000,
    'Failures of a subgraph within ten seconds, if they are half of its requests, after which it is left alone; 0: never.',
  ),
  HUB_LIMIT_BREAKER_PAUSE_MS: limit(2_000, 10, 600_000, 'How long such a subgraph is left alone, in milliseconds.'),
  HUB_LIMIT_SILENCE_MS: limit(
    10_000,
    100,
    600_000,
    'Longest silence on an answer in several payloads or a subscription over HTTP, in milliseconds; then the client is told that it is alive.',
  ),
  HUB_LIMIT_ERRORS: limit(200, 1, 100_000, 'Most errors told in one answer.'),
  HUB_LIMIT_SUBSCRIPTIONS: limit(20_000, 0, 1_000_000, 'Most subscriptions that are open in one process.'),
  HUB_LIMIT_MEMBER_SUBSCRIPTIONS: limit(5_000, 0, 1_000_000, 'Most subscriptions that one member has open in one process.'),
  HUB_LIMIT_SOCKET_BYTES: limit(1_048_576, 1_024, 1_073_741_824, 'Most bytes of live events that wait for one connection.'),
  HUB_LIMIT_MEMBER_BYTES: limit(
    67_108_864,
    1_024,
    68_719_476_736,
    'Most bytes of live events that wait for the connections of one member.',
  ),
  HUB_LIMIT_LIVE_BYTES: limit(
    268_435_456,
    1_024,
    68_719_476_736,
    'Most bytes of live events that wait for all connections of one process.',
  ),
  HUB_LIMIT_SOCKETS: limit(10_000, 0, 1_000_000, 'Most WebSocket connections.'),
  HUB_LIMIT_SOCKETS_OF_MEMBER: limit(5_000, 1, 1_000_000, 'Most WebSocket connections of one member, or of one address without a token.'),
  HUB_LIMIT_SOCKET_SUBSCRIPTIONS: limit(100, 1, 100_000, 'Most operations at a time on one WebSocket connection.'),
  HUB_LIMIT_SOCKET_RATE: limit(
    200,
    0,
    1_000_000,
    'Messages a second from one WebSocket connection; ten seconds’ worth may come at once; 0: no bound.',
  ),
  HUB_LIMIT_SOCKET_INIT_MS: limit(10_000, 100, 600_000, 'Time in which a WebSocket client must say who it is, in milliseconds.'),
  HUB_LIMIT_STOP_MS: limit(10_000, 0, 600_000, 'Longest time that running requests get when the gateway stops, in milliseconds.'),
} as const satisfies Record<string, VariableEntry>;
