/** Every limit of the gateway with its default. docs/limits.md is the same table in words. */

export type Limits = {
  /** Body, after unpacking. */
  readonly bodyBytes: number;
  /** Variables as JSON. */
  readonly variablesBytes: number;
  readonly variablesDepth: number;
  /** Tokens of a document. */
  readonly tokens: number;
  /** Brackets of any kind in a document, counted before it is parsed. */
  readonly nesting: number;
  /** Fields below each other, fragments expanded. */
  readonly depth: number;
  readonly aliases: number;
  readonly rootFields: number;
  readonly directives: number;
  /** Fields of the document, fragments expanded. */
  readonly fields: number;
  /** Pairs of fields with one response name, which validation has to compare. */
  readonly overlaps: number;
  readonly pageSize: number;
  /** Names of the arguments that `pageSize` bounds. */
  readonly pageArguments: readonly string[];
  /** Requests in one array; 0: none. */
  readonly batch: number;
  /** Requests a second of one member; 0: no bound. */
  readonly rate: number;
  /** Estimated cost of an operation. */
  readonly cost: number;
  /** Items of a list of which nothing says how many it has, in the estimate. */
  readonly costListSize: number;
  readonly requestMs: number;
  /** For one request to a subgraph. */
  readonly subgraphMs: number;
  /** Largest answer of a subgraph. */
  readonly subgraphBytes: number;
  /** Requests to one subgraph at a time, and so connections to it. */
  readonly subgraphConnections: number;
  /** Requests that wait for one of those. */
  readonly subgraphQueue: number;
  /** Further attempts of a request that only reads. */
  readonly retries: number;
  /** Failures of a subgraph within ten seconds, and half of all, after which it is left alone. 0: never. */
  readonly breakerFailures: number;
  /** For so long. */
  readonly breakerPauseMs: number;
  /** Silence on an answer in several payloads, or on a stream, after which something is written. */
  readonly silenceMs: number;
  /** Errors told in one answer. */
  readonly errors: number;
  /** Subscriptions of all clients of this process, and of one member. */
  readonly subscriptions: number;
  readonly memberSubscriptions: number;
  /** What may wait for one connection; a reader that is slower is told to come again. */
  readonly socketBytes: number;
  /** The same for all connections of one member, and of all: the slowest are told to come again. */
  readonly memberBytes: number;
  readonly liveBytes: number;
  /** WebSocket connections, and those of one member. */
  readonly sockets: number;
  readonly socketsOfMember: number;
  /** Operations at a time on one of them. */
  readonly socketSubscriptions: number;
  /** Messages a second from one of them; 0: no bound. */
  readonly socketRate: number;
  /** Until a client says who it is. */
  readonly socketInitMs: number;
  /** For running requests when the gateway stops. */
  readonly stopMs: number;
};

export const defaultLimits: Limits = Object.freeze({
  bodyBytes: 1_048_576,
  variablesBytes: 65_536,
  variablesDepth: 32,
  tokens: 10_000,
  nesting: 200,
  depth: 25,
  aliases: 100,
  rootFields: 30,
  directives: 100,
  fields: 10_000,
  overlaps: 50_000,
  pageSize: 200,
  pageArguments: Object.freeze(['first', 'last']),
  batch: 0,
  rate: 1_000,
  cost: 1_000_000_000,
  costListSize: 20,
  requestMs: 30_000,
  subgraphMs: 10_000,
  subgraphBytes: 16_777_216,
  subgraphConnections: 64,
  subgraphQueue: 1_000,
  retries: 1,
  breakerFailures: 10,
  breakerPauseMs: 2_000,
  silenceMs: 10_000,
  errors: 200,
  subscriptions: 20_000,
  memberSubscriptions: 5_000,
  socketBytes: 1_048_576,
  memberBytes: 67_108_864,
  liveBytes: 268_435_456,
  sockets: 10_000,
  socketsOfMember: 5_000,
  socketSubscriptions: 100,
  socketRate: 200,
  socketInitMs: 10_000,
  stopMs: 10_000,
});
