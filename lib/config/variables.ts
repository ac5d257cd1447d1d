/** The one table of every variable the hub reads. docs/config.md is generated from it; whatever is not here is not read. */
import type { VariableEntry } from './entry.ts';
import { limitVariables } from './limit-variables.ts';
import { clockSetting, list, lists, namesTo, oneOf, pairs, path, text, timeZone, url, wholeNumber } from './types.ts';

const all = 'all';
const gateway = 'gateway';
const subgraphs = 'subgraphs';

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
    meaning:
      'PostgreSQL that holds the feed. By default the hub’s database; a gateway that is started alone has no feed without it. Without a user in it, subgraphs sign in as ir_feed and gateways as ir_gateway, with the passwords in the data folder.',
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
  HUB_POLICIES: {
    type: path(),
    meaning:
      'Module (.mjs) with the policies that `@policy` names: export const policies = { name: { claims: […], decide: (subject) => boolean } }. A policy that is not there says no.',
    readBy: gateway,
  },
  HUB_FORWARD_HEADERS: {
    type: lists('{"subgraph": ["accept-language"]}'),
    meaning:
      'Request headers that travel on, by subgraph, as JSON: {"subgraph": ["accept-language"]}. By default none. Headers of the connection, of the hub’s own requests and those that begin with ir- never do.',
    readBy: gateway,
  },
  HUB_FORWARD_CLAIMS: {
    type: lists('{"subgraph": ["region"]}'),
    meaning:
      'Claims of foreign issuers’ tokens that a subgraph may see in the internal token, as JSON: {"subgraph": ["region"]}. By default none.',
    readBy: gateway,
  },
  HUB_CURSOR_KEYS: {
    type: list('base64url keys separated by commas'),
    secret: true,
    meaning:
      'Keys that sign page and stream cursors and encrypt tickets, base64url, at least 32 bytes each: the first is used, all are known. By default one is made in the data folder.',
    readBy: `${gateway}, ${subgraphs}`,
  },
  HUB_PRINCIPAL_PUBLIC_KEYS: {
    type: path(),
    meaning:
      'JWKS file, or folder of them, with the public keys of the gateways whose requests a subgraph takes. By default the keys in the data folder.',
    readBy: subgraphs,
  },
  HUB_EVENT_KEYS: {
    type: path(),
    meaning:
      'File of the keys with which producers sign the events that they post to /events/<topic>; docs/webhook.md shows its form. Read at the start and when it changes. Without it there is nothing at that path.',
    readBy: gateway,
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
  HUB_OVERRIDE_LABELS: {
    type: path(),
    meaning:
      'A module (.mjs, .js) whose default export decides about the labels of progressive @override other than percent(x): (label, {member, kinds, scopes, claims, operationName}) => boolean. Without it they are inactive.',
    readBy: gateway,
  },

  HUB_PLUGINS: {
    type: list('names and files separated by commas'),
    meaning:
      'Plugins, in their order, separated by commas: mask-errors, allow-operations, tracing, or files (.mjs, .js) of your own; docs/plugins.md tells how they are written. By default none.',
    readBy: gateway,
  },
  HUB_MASK_ERRORS_SHOWN: {
    type: list('error codes separated by commas'),
    meaning: 'Plugin mask-errors: codes of subgraphs’ errors whose messages reach the client, separated by commas. By default none.',
    readBy: gateway,
  },
  HUB_ALLOW_OPERATIONS: {
    type: path(),
    meaning:
      'Plugin allow-operations: JSON file of who may run what: {"member:m-1": ["Name", "sha256:…"], "kind:KIND": […], "*": […]}; "*" in a list means everything.',
    readBy: gateway,
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    type: url('http:', 'https:'),
    meaning: 'Plugin tracing: collector that takes spans by OTLP over HTTP, for example http://127.0.0.1:4318; /v1/traces is added.',
    readBy: gateway,
  },

  HUB_SUBGRAPH_IDENTITY: {
    type: namesTo('none'),
    meaning:
      'Subgraphs that are not told who asks, as JSON: {"products": "none"}. Equal requests of different members to them may be one. By default all are told.',
    readBy: gateway,
  },
  HUB_SHARE_REQUESTS: {
    type: oneOf('off', 'on'),
    byDefault: 'off',
    meaning:
      'on: equal queries that run at the same time run once. Of different members only when no subgraph that they ask is told who asks.',
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

  HUB_TRUSTED_DOCUMENTS: {
    type: path(),
    meaning:
      'Manifest of trusted documents: {"<id or SHA-256>": "<text>"}, or Apollo’s persisted query manifest. Read at the start and when it changes.',
    readBy: gateway,
  },
  HUB_TRUSTED_DOCUMENTS_ONLY: {
    type: oneOf('on', 'off'),
    meaning: 'on: no other document runs. By default on in production when HUB_TRUSTED_DOCUMENTS is set, else off.',
    readBy: gateway,
  },
  HUB_APQ: {
    type: oneOf('on', 'off'),
    meaning: 'Automatic persisted queries: a client sends a text once and then its hash. By default on, but off in production.',
    readBy: gateway,
  },
  HUB_RATE_EXEMPT_KINDS: {
    type: list('kinds of members separated by commas'),
    byDefault: 'HUB',
    meaning: 'Kinds of members whose requests no rate bounds: the hub’s own services ask for everybody.',
    readBy: gateway,
  },
  HUB_COST_IN_ANSWERS: {
    type: oneOf('off', 'on'),
    byDefault: 'off',
    meaning: 'on: a request with extensions {"cost": true} is told what it costs, estimated and counted, in production too.',
    readBy: gateway,
  },

  ...limitVariables,
} as const satisfies Record<string, VariableEntry>;

export type VariableName = keyof typeof variables;
