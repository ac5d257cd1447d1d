/** The one table of every variable the hub reads. docs/config.md is generated from it; whatever is not here is not read. */
import type { z } from 'zod';
import { clockSetting, list, oneOf, pairs, path, text, timeZone, url, wholeNumber } from './types.ts';

export type VariableEntry = {
  readonly type: z.ZodType<unknown, string>;
  /** As it would stand in the environment. Without one the variable may be absent. */
  readonly byDefault?: string;
  readonly secret?: true;
  readonly meaning: string;
  /** Who reads it. */
  readonly readBy: string;
};

const all = 'all';
const gateway = 'gateway';
const subgraphs = 'subgraphs';
const limit = (byDefault: number, min: number, max: number, meaning: string) => ({
  type: wholeNumber(min, max),
  byDefault: String(byDefault),
  meaning,
  readBy: gateway,
});

export const variables = {
  NODE_ENV: {
    type: oneOf('development', 'production', 'test'),
    byDefault: 'development',
    meaning: 'In production nothing unsafe starts: no visitor, no introspection, no GraphiQL, no key made on the fly.',
    readBy: all,
  },
  PORT: {
    type: wholeNumber(0, 65_535),
    meaning:
      'Port to listen on; 0 takes a free one. By default the gateway has 4000 (the next free one under `npm start`), the subgraphs 4001 to 4004.',
    readBy: `${gateway}, ${subgraphs}`,
  },
  DATABASE_URL: {
    type: url('postgres:', 'postgresql:'),
    secret: true,
    meaning: 'PostgreSQL to use. By default an embedded server in the data folder.',
    readBy: all,
  },
  FEED_URL: {
    type: url('postgres:', 'postgresql:'),
    secret: true,
    meaning: 'PostgreSQL that holds the feed. By default the hub’s database.',
    readBy: `${gateway}, ${subgraphs}`,
  },
  NATS_URL: {
    type: url('nats:', 'tls:'),
    secret: true,
    meaning: 'NATS server with JetStream that holds the feed instead of PostgreSQL.',
    readBy: `${gateway}, ${subgraphs}`,
  },
  SUPERGRAPH_FILE: {
    type: path(),
    byDefault: 'schema/supergraph.graphql',
    meaning: 'The supergraph that the gateway serves; it is watched.',
    readBy: gateway,
  },

  INIT_CWD: {
    type: path(),
    meaning: 'Folder in which npm was called, set by npm: the paths of files on its command line are taken from there.',
    readBy: 'npm run import',
  },

  HUB_HOST: {
    type: text('a host name or address'),
    byDefault: '127.0.0.1',
    meaning: 'Address to listen on. 0.0.0.0 opens the hub to the network.',
    readBy: `${gateway}, ${subgraphs}`,
  },
  HUB_DATA: {
    type: path(),
    byDefault: '.hub',
    meaning: 'Data folder: embedded PostgreSQL, keys, last good supergraph. Relative to the project’s root.',
    readBy: all,
  },
  HUB_LOG_LEVEL: {
    type: oneOf('debug', 'info', 'warn', 'error', 'silent'),
    byDefault: 'info',
    meaning: 'Least weight of the log lines that are written.',
    readBy: all,
  },
  HUB_LOG_FORMAT: {
    type: oneOf('json', 'lines'),
    byDefault: 'json',
    meaning: 'json: one object per line. lines: short, for a terminal.',
    readBy: all,
  },

  HUB_CLOCK: {
    type: clockSetting(),
    byDefault: 'real',
    meaning:
      'real, or demo:START:SPEED: a clock that begins at START and runs SPEED times as fast. `npm start` adds the real moment of START (milliseconds since 1970) as a fourth part, so that all processes agree.',
    readBy: subgraphs,
  },
  HUB_TIME_ZONE: {
    type: timeZone(),
    byDefault: 'Asia/Shanghai',
    meaning: 'Time zone in which business days begin and end.',
    readBy: subgraphs,
  },
  HUB_CURRENCY: {
    type: text('an ISO 4217 code such as CNY', /^[A-Z]{3}$/),
    byDefault: 'CNY',
    meaning: 'Currency of the hub’s own amounts (ISO 4217).',
    readBy: subgraphs,
  },

  HUB_AUTH: {
    type: oneOf('hub', 'none'),
    meaning:
      'hub: tokens are checked. none: everybody is the read-only visitor, also in production, and it is said at every start. By default tokens are checked, and without a token there is a read-only visitor outside production on loopback.',
    readBy: gateway,
  },
  HUB_ISSUERS: {
    type: pairs('issuer=JWKS-URL,issuer=JWKS-URL'),
    meaning: 'Token issuers to trust besides the hub’s own: issuer=URL of its JWKS, separated by commas.',
    readBy: gateway,
  },
  HUB_CURSOR_KEYS: {
    type: list('base64url keys separated by commas'),
    secret: true,
    meaning:
      'Keys that sign page and stream cursors, base64url, at least 32 bytes each: the first signs, all verify. By default one is made in the data folder.',
    readBy: `${gateway}, ${subgraphs}`,
  },
  HUB_PRINCIPAL_PUBLIC_KEYS: {
    type: path(),
    meaning:
      'JWKS file, or folder of them, with the public keys of the gateways whose requests a subgraph takes. By default the keys in the data folder.',
    readBy: subgraphs,
  },
  HUB_DATABASE_PASSWORD_FILE: {
    type: path(),
    meaning: 'File with the database password of this subgraph’s own role. By default it is in the data folder.',
    readBy: subgraphs,
  },
  HUB_GATEWAY_URL: {
    type: url('http:', 'https:'),
    meaning:
      'Where routing asks the gateway for demand and capacity, for example http://127.0.0.1:4000. Set by `npm start`; without it every run fails and says so.',
    readBy: 'routing',
  },
  HUB_SERVICE_TOKEN_FILE: {
    type: path(),
    meaning:
      'File with the token by which routing asks the gateway. By default routing.token among the keys in the data folder, which `npm start` and `dist/cli/keys.js` make and renew.',
    readBy: 'routing',
  },
  HUB_SOLVE_SECONDS: {
    type: wholeNumber(1, 600),
    byDefault: '10',
    meaning: 'Longest time of solving one plan, in seconds; what was found by then is the plan, with its bound and gap.',
    readBy: 'routing',
  },
  HUB_SUBGRAPH_URLS: {
    type: pairs('name=url,name=url'),
    meaning: 'Where subgraphs are, instead of the URLs in the supergraph: name=url, separated by commas.',
    readBy: gateway,
  },

  HUB_ALLOWED_HOSTS: {
    type: list('host names separated by commas'),
    meaning: 'Names in the Host header that the gateway answers to, besides loopback names and HUB_HOST: host,host.',
    readBy: gateway,
  },
  HUB_ALLOWED_ORIGINS: {
    type: list('origins such as https://app.example.com, separated by commas'),
    meaning: 'Web origins whose pages may send requests: https://app.example.com, separated by commas.',
    readBy: gateway,
  },

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
  HUB_LIMIT_REQUEST_MS: limit(30_000, 100, 600_000, 'Longest time for one request, in milliseconds.'),
  HUB_LIMIT_SUBGRAPH_MS: limit(
    10_000,
    50,
    600_000,
    'Longest time for one request to a subgraph, in milliseconds; below HUB_LIMIT_REQUEST_MS, so that what the others answered is not lost.',
  ),
  HUB_LIMIT_STOP_MS: limit(10_000, 0, 600_000, 'Longest time that running requests get when the gateway stops, in milliseconds.'),
} as const satisfies Record<string, VariableEntry>;

export type VariableName = keyof typeof variables;
