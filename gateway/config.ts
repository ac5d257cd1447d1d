/** The gateway's settings from the environment, and what is safe to start with. Exports `readGatewayConfig`. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig, type Environment } from '../lib/config/index.ts';
import { createClock, type ClockSetting } from '../lib/clock/clock.ts';
import { createError } from '../lib/errors/errors.ts';
import { loadOrCreateKeys, type HubKeys } from '../lib/identity/index.ts';
import { createLog } from '../lib/log/log.ts';
import { fromRoot } from '../lib/paths.ts';
import type { GatewayOptions } from './gateway.ts';
import type { IdentitySettings } from './pipeline/identity.ts';
import type { Limits } from './pipeline/limits.ts';

const names = [
  'NODE_ENV',
  'PORT',
  'SUPERGRAPH_FILE',
  'HUB_HOST',
  'HUB_DATA',
  'HUB_LOG_LEVEL',
  'HUB_LOG_FORMAT',
  'HUB_AUTH',
  'HUB_ISSUERS',
  'HUB_CURSOR_KEYS',
  'HUB_SUBGRAPH_URLS',
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
  'HUB_LIMIT_REQUEST_MS',
  'HUB_LIMIT_SUBGRAPH_MS',
  'HUB_LIMIT_STOP_MS',
] as const;

type GatewayConfig = ReturnType<typeof readConfig<(typeof names)[number]>>;

const defaultPort = 4000;
const ownSupergraph = fromRoot('schema/supergraph.graphql');
const realTime: ClockSetting = { kind: 'real' };

/** Throws CONFIG_… with one line that says what to do. */
export async function readGatewayConfig(env?: Environment): Promise<GatewayOptions> {
  const config = readConfig(names, env);
  const log = createLog({ service: 'gateway', level: config.HUB_LOG_LEVEL, format: config.HUB_LOG_FORMAT });
  const inProduction = config.NODE_ENV === 'production';
  const { identity, principalKeys, note } = await readIdentity(config);
  if (note !== null) log.warn(note);
  return {
    host: config.HUB_HOST,
    port: config.PORT ?? defaultPort,
    mayMovePort: config.PORT === undefined && !inProduction,
    development: !inProduction,
    version: readVersion(),
    source: { kind: 'file', file: config.SUPERGRAPH_FILE },
    subgraphUrls: new Map(Object.entries(config.HUB_SUBGRAPH_URLS ?? {})),
    lastGoodFile: existsSync(config.HUB_DATA) ? toLastGoodFile(config) : null,
    identity,
    principalKeys,
    limits: toLimits(config),
    allowedHosts: config.HUB_ALLOWED_HOSTS ?? [],
    allowedOrigins: config.HUB_ALLOWED_ORIGINS ?? [],
    // Tokens and last-good files speak of real time, also beside a demo industry that runs faster
    clock: createClock(realTime),
    log,
    metricsOfProcess: true,
  };
}

type IdentityConfig = { identity: IdentitySettings; principalKeys: Pick<HubKeys, 'principal'> | null; note: string | null };

async function readIdentity(config: GatewayConfig): Promise<IdentityConfig> {
  const inProduction = config.NODE_ENV === 'production';
  const keysFolder = join(config.HUB_DATA, 'keys');
  if (config.HUB_AUTH === undefined && !inProduction && config.SUPERGRAPH_FILE !== ownSupergraph) {
    const note = 'A supergraph of its own in SUPERGRAPH_FILE: no identity, subgraphs judge for themselves. HUB_AUTH=hub turns tokens on.';
    return { identity: { kind: 'none' }, principalKeys: null, note };
  }
  if (config.HUB_AUTH === 'none') {
    const principalKeys = existsSync(keysFolder) ? await loadOrCreateKeys(keysFolder) : null;
    return {
      identity: { kind: 'visitor' },
      principalKeys,
      note: 'HUB_AUTH=none: tokens are not looked at, everybody is the read-only visitor.',
    };
  }
  if (inProduction) assertProductionKeys(config, keysFolder);
  const keys = await loadOrCreateKeys(keysFolder);
  const issuers = new Map(Object.entries(config.HUB_ISSUERS ?? {}));
  return { identity: { kind: 'hub', keys, issuers, visitors: !inProduction }, principalKeys: keys, note: null };
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

/** One for each supergraph file, so that another gateway's last good one is never taken. */
function toLastGoodFile({ HUB_DATA, SUPERGRAPH_FILE }: GatewayConfig): string {
  const name = createHash('sha256').update(SUPERGRAPH_FILE).digest('hex').slice(0, 12);
  return join(HUB_DATA, 'gateway', `last-good-${name}.graphql`);
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
    requestMs: config.HUB_LIMIT_REQUEST_MS,
    subgraphMs: config.HUB_LIMIT_SUBGRAPH_MS,
    stopMs: config.HUB_LIMIT_STOP_MS,
  };
}

function readVersion(): string {
  const content: unknown = JSON.parse(readFileSync(fromRoot('package.json'), 'utf8'));
  return typeof content === 'object' && content !== null && 'version' in content ? String(content.version) : '0';
}
