/** The gateway's settings from the environment, and what is safe to start with. Exports `readGatewayConfig`. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig, type Environment } from '../lib/config/index.ts';
import { createClock, type ClockSetting } from '../lib/clock/clock.ts';
import { createError, toMessage } from '../lib/errors/errors.ts';
import { createPostgresFeed, type Feed } from '../lib/feed/index.ts';
import { loadOrCreateKeys, parseCursorKey, type HubKeys } from '../lib/identity/index.ts';
import { createLog, type Log } from '../lib/log/log.ts';
import { fromRoot } from '../lib/paths.ts';
import { toRoleUrl } from '../lib/postgres/index.ts';
import type { EventKeySettings } from './edge/events/event-keys.ts';
import type { GatewayOptions } from './gateway.ts';
import { assertForwardable } from './pipeline/forwarding.ts';
import type { TrustedSettings } from './pipeline/documents/trusted-documents.ts';
import type { IdentitySettings } from './pipeline/identity.ts';
import { loadLabelFunction } from './pipeline/override-labels.ts';
import type { Limits } from './pipeline/limits.ts';
import { loadPolicies } from './pipeline/policies.ts';
import { loadPlugins } from './plugins/load-plugins.ts';

const names = [
  'NODE_ENV',
  'PORT',
  'FEED_URL',
  'SUPERGRAPH_FILE',
  'HUB_HOST',
  'HUB_DATA',
  'HUB_LOG_LEVEL',
  'HUB_LOG_FORMAT',
  'HUB_AUTH',
  'HUB_ISSUERS',
  'HUB_CURSOR_KEYS',
  'HUB_EVENT_KEYS',
  'HUB_POLICIES',
  'HUB_FORWARD_HEADERS',
  'HUB_FORWARD_CLAIMS',
  'HUB_SUBGRAPH_URLS',
  'HUB_SUBGRAPH_IDENTITY',
  'HUB_SHARE_REQUESTS',
  'HUB_OVERRIDE_LABELS',
  'HUB_PLUGINS',
  'HUB_MASK_ERRORS_SHOWN',
  'HUB_ALLOW_OPERATIONS',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'HUB_ALLOWED_HOSTS',
  'HUB_ALLOWED_ORIGINS',
  'HUB_LIMIT_BODY_BYTES',
  'HUB_LIMIT_VARIABLES_BYTES',
  'HUB_LIMIT_VARIABLES_DEPTH',
  'HUB_LIMIT_TOKENS',
  'HUB_LIMIT_NESTING',
  'HUB_LIMIT_DEPTH',
  'HUB_LIMIT_ALIASES',
  'HUB_LIMIT_ROOT_FIELDS',
  'HUB_LIMIT_DIRECTIVES',
  'HUB_LIMIT_FIELDS',
  'HUB_LIMIT_OVERLAPS',
  'HUB_LIMIT_PAGE_SIZE',
  'HUB_LIMIT_PAGE_ARGUMENTS',
  'HUB_TRUSTED_DOCUMENTS',
  'HUB_TRUSTED_DOCUMENTS_ONLY',
  'HUB_APQ',
  'HUB_RATE_EXEMPT_KINDS',
  'HUB_LIMIT_BATCH',
  'HUB_LIMIT_RATE',
  'HUB_LIMIT_COST',
  'HUB_LIMIT_COST_LIST_SIZE',
  'HUB_COST_IN_ANSWERS',
  'HUB_LIMIT_REQUEST_MS',
  'HUB_LIMIT_SUBGRAPH_MS',
  'HUB_LIMIT_SUBGRAPH_BYTES',
  'HUB_LIMIT_SUBGRAPH_CONNECTIONS',
  'HUB_LIMIT_SUBGRAPH_QUEUE',
  'HUB_LIMIT_RETRIES',
  'HUB_LIMIT_BREAKER_FAILURES',
  'HUB_LIMIT_BREAKER_PAUSE_MS',
  'HUB_LIMIT_SILENCE_MS',
  'HUB_LIMIT_ERRORS',
  'HUB_LIMIT_SUBSCRIPTIONS',
  'HUB_LIMIT_MEMBER_SUBSCRIPTIONS',
  'HUB_LIMIT_SOCKET_BYTES',
  'HUB_LIMIT_MEMBER_BYTES',
  'HUB_LIMIT_LIVE_BYTES',
  'HUB_LIMIT_SOCKETS',
  'HUB_LIMIT_SOCKETS_OF_MEMBER',
  'HUB_LIMIT_SOCKET_SUBSCRIPTIONS',
  'HUB_LIMIT_SOCKET_RATE',
  'HUB_LIMIT_SOCKET_INIT_MS',
  'HUB_LIMIT_STOP_MS',
] as const;

type GatewayConfig = ReturnType<typeof readConfig<(typeof names)[number]>>;

const defaultPort = 4000;
/** May read the feed and append to it. */
const feedRole = 'ir_gateway';
const ownSupergraph = fromRoot('schema/supergraph.graphql');
const realTime: ClockSetting = { kind: 'real' };

/** Throws CONFIG_… with one line that says what to do. */
export async function readGatewayConfig(env?: Environment): Promise<GatewayOptions> {
  const config = readConfig(names, env);
  const log = createLog({ service: 'gateway', level: config.HUB_LOG_LEVEL, format: config.HUB_LOG_FORMAT });
  const inProduction = config.NODE_ENV === 'production';
  const { identity, keys, note } = await readIdentity(config);
  const cursorKeys = config.HUB_CURSOR_KEYS?.map(parseCursorKey) ?? (keys === null ? undefined : [keys.cursorKey]);
  if (note !== null) log.warn(note);
  const policies = config.HUB_POLICIES === undefined ? new Map<never, never>() : await loadPolicies(config.HUB_POLICIES);
  assertForwardable(config.HUB_FORWARD_HEADERS ?? {});
  return {
    host: config.HUB_HOST,
    port: config.PORT ?? defaultPort,
    mayMovePort: config.PORT === undefined && !inProduction,
    development: !inProduction,
    version: readVersion(),
    source: { kind: 'file', file: config.SUPERGRAPH_FILE },
    subgraphUrls: new Map(Object.entries(config.HUB_SUBGRAPH_URLS ?? {})),
    subgraphsNotTold: new Set(config.HUB_SUBGRAPH_IDENTITY?.keys()),
    sharesRequests: config.HUB_SHARE_REQUESTS === 'on',
    lastGoodFile: existsSync(config.HUB_DATA) ? toLastGoodFile(config) : null,
    identity,
    principalKeys: keys,
    ...(cursorKeys === undefined ? {} : { cursorKeys }),
    policies,
    forwardHeaders: config.HUB_FORWARD_HEADERS ?? {},
    forwardClaims: config.HUB_FORWARD_CLAIMS ?? {},
    labelFunction: config.HUB_OVERRIDE_LABELS === undefined ? undefined : await loadLabelFunction(config.HUB_OVERRIDE_LABELS),
    plugins: await loadPlugins(config.HUB_PLUGINS ?? [], {
      version: readVersion(),
      log,
      shownErrors: config.HUB_MASK_ERRORS_SHOWN,
      allowOperationsFile: config.HUB_ALLOW_OPERATIONS,
      tracesEndpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT,
    }),
    feed: openFeed(config, log),
    eventKeys: toEventKeys(config),
    tellsCost: config.HUB_COST_IN_ANSWERS === 'on',
    limits: toLimits(config),
    rateExemptKinds: config.HUB_RATE_EXEMPT_KINDS,
    trustedDocuments: toTrusted(config),
    persistedQueries: config.HUB_APQ === undefined ? !inProduction : config.HUB_APQ === 'on',
    allowedHosts: config.HUB_ALLOWED_HOSTS ?? [],
    allowedOrigins: config.HUB_ALLOWED_ORIGINS ?? [],
    // Tokens and last-good files speak of real time, also beside a demo industry that runs faster
    clock: createClock(realTime),
    log,
    metricsOfProcess: true,
  };
}

type IdentityConfig = { identity: IdentitySettings; keys: Pick<HubKeys, 'principal' | 'cursorKey'> | null; note: string | null };

async function readIdentity(config: GatewayConfig): Promise<IdentityConfig> {
  const inProduction = config.NODE_ENV === 'production';
  const keysFolder = join(config.HUB_DATA, 'keys');
  if (config.HUB_AUTH === undefined && !inProduction && config.SUPERGRAPH_FILE !== ownSupergraph) {
    const note = 'A supergraph of its own in SUPERGRAPH_FILE: no identity, subgraphs judge for themselves. HUB_AUTH=hub turns tokens on.';
    return { identity: { kind: 'none' }, keys: null, note };
  }
  if (config.HUB_AUTH === 'none') {
    const keys = existsSync(keysFolder) ? await loadOrCreateKeys(keysFolder) : null;
    return {
      identity: { kind: 'visitor' },
      keys,
      note: 'HUB_AUTH=none: tokens are not looked at, everybody is the read-only visitor.',
    };
  }
  if (inProduction) assertProductionKeys(config, keysFolder);
  const keys = await loadOrCreateKeys(keysFolder);
  const issuers = new Map(Object.entries(config.HUB_ISSUERS ?? {}));
  return { identity: { kind: 'hub', keys, issuers, visitors: !inProduction }, keys, note: null };
}

/** In production no key is made on the fly: every gateway of the hub needs the same ones. */
function assertProductionKeys(config: GatewayConfig, keysFolder: string): void {
  const has = (file: string) => existsSync(join(keysFolder, file));
  const missing = [
    ...(config.HUB_ISSUERS === undefined && !has('issuer.jwk.json') ? ['an issuer (HUB_ISSUERS)'] : []),
    ...(config.HUB_CURSOR_KEYS === undefined && !has('cursor.key') ? ['a cursor key (HUB_CURSOR_KEYS)'] : []),
    ...(has('principal.jwk.json') ? [] : [`a principal key (${join(keysFolder, 'principal.jwk.json')})`]),
  ];
  if (missing.length === 0) return;
  throw createError(
    'CONFIG_UNSAFE',
    `In production the gateway needs ${missing.join(', ')}. Set them, or HUB_AUTH=none to go without identity.`,
  );
}

/** A URL without a user is completed with the gateway's own role and the password that the hub made for it. */
function openFeed({ FEED_URL: url, HUB_DATA }: GatewayConfig, log: Log): Feed | null {
  if (url === undefined) return null;
  return createPostgresFeed({ url: new URL(url).username === '' ? toRoleUrl(url, feedRole, readPassword(HUB_DATA)) : url, log });
}

function toEventKeys({ FEED_URL, HUB_EVENT_KEYS: file }: GatewayConfig): EventKeySettings | null {
  if (file === undefined) return null;
  if (FEED_URL !== undefined) return { file };
  throw createError('CONFIG_MISSING_VALUE', 'HUB_EVENT_KEYS needs FEED_URL: the feed that events are appended to.');
}

function readPassword(dataFolder: string): string {
  const file = join(dataFolder, 'keys', `${feedRole}.password`);
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    const advice = 'Name user and password in FEED_URL, or make the file by `npm run migrate`.';
    throw createError('CONFIG_MISSING_VALUE', `FEED_URL names no user, and ${file} cannot be read: ${toMessage(cause)}. ${advice}`, {
      cause,
    });
  }
}

/** One for each supergraph file, so that another gateway's last good one is never taken. */
function toLastGoodFile({ HUB_DATA, SUPERGRAPH_FILE }: GatewayConfig): string {
  const name = createHash('sha256').update(SUPERGRAPH_FILE).digest('hex').slice(0, 12);
  return join(HUB_DATA, 'gateway', `last-good-${name}.graphql`);
}

/** In production a manifest means: this and nothing else. */
function toTrusted({ NODE_ENV, HUB_TRUSTED_DOCUMENTS: file, HUB_TRUSTED_DOCUMENTS_ONLY: only }: GatewayConfig): TrustedSettings | null {
  if (file !== undefined) return { file, only: only === undefined ? NODE_ENV === 'production' : only === 'on' };
  if (only !== 'on') return null;
  throw createError('CONFIG_MISSING_VALUE', 'HUB_TRUSTED_DOCUMENTS_ONLY=on needs HUB_TRUSTED_DOCUMENTS: the file that lists them.');
}

function toLimits(config: GatewayConfig): Limits {
  return {
    bodyBytes: config.HUB_LIMIT_BODY_BYTES,
    variablesBytes: config.HUB_LIMIT_VARIABLES_BYTES,
    variablesDepth: config.HUB_LIMIT_VARIABLES_DEPTH,
    tokens: config.HUB_LIMIT_TOKENS,
    nesting: config.HUB_LIMIT_NESTING,
    depth: config.HUB_LIMIT_DEPTH,
    aliases: config.HUB_LIMIT_ALIASES,
    rootFields: config.HUB_LIMIT_ROOT_FIELDS,
    directives: config.HUB_LIMIT_DIRECTIVES,
    fields: config.HUB_LIMIT_FIELDS,
    overlaps: config.HUB_LIMIT_OVERLAPS,
    pageSize: config.HUB_LIMIT_PAGE_SIZE,
    pageArguments: config.HUB_LIMIT_PAGE_ARGUMENTS,
    batch: config.HUB_LIMIT_BATCH,
    rate: config.HUB_LIMIT_RATE,
    cost: config.HUB_LIMIT_COST,
    costListSize: config.HUB_LIMIT_COST_LIST_SIZE,
    requestMs: config.HUB_LIMIT_REQUEST_MS,
    subgraphMs: config.HUB_LIMIT_SUBGRAPH_MS,
    subgraphBytes: config.HUB_LIMIT_SUBGRAPH_BYTES,
    subgraphConnections: config.HUB_LIMIT_SUBGRAPH_CONNECTIONS,
    subgraphQueue: config.HUB_LIMIT_SUBGRAPH_QUEUE,
    retries: config.HUB_LIMIT_RETRIES,
    breakerFailures: config.HUB_LIMIT_BREAKER_FAILURES,
    breakerPauseMs: config.HUB_LIMIT_BREAKER_PAUSE_MS,
    silenceMs: config.HUB_LIMIT_SILENCE_MS,
    errors: config.HUB_LIMIT_ERRORS,
    subscriptions: config.HUB_LIMIT_SUBSCRIPTIONS,
    memberSubscriptions: config.HUB_LIMIT_MEMBER_SUBSCRIPTIONS,
    socketBytes: config.HUB_LIMIT_SOCKET_BYTES,
    memberBytes: config.HUB_LIMIT_MEMBER_BYTES,
    liveBytes: config.HUB_LIMIT_LIVE_BYTES,
    sockets: config.HUB_LIMIT_SOCKETS,
    socketsOfMember: config.HUB_LIMIT_SOCKETS_OF_MEMBER,
    socketSubscriptions: config.HUB_LIMIT_SOCKET_SUBSCRIPTIONS,
    socketRate: config.HUB_LIMIT_SOCKET_RATE,
    socketInitMs: config.HUB_LIMIT_SOCKET_INIT_MS,
    stopMs: config.HUB_LIMIT_STOP_MS,
  };
}

function readVersion(): string {
  const content: unknown = JSON.parse(readFileSync(fromRoot('package.json'), 'utf8'));
  return typeof content === 'object' && content !== null && 'version' in content ? String(content.version) : '0';
}
