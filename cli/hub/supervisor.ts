// The supervisor: database, then subgraphs side by side, then the gateway, each a part that starts, is watched and stops.
import { realClock } from '../../lib/clock/clock.ts';
import { withVariables } from '../../lib/config/index.ts';
import { fromRoot } from '../../lib/paths.ts';
import { createService, type Part, type Service } from '../../lib/lifecycle/index.ts';
import type { Log } from '../../lib/log/log.ts';
import { createChild, type Child } from './child.ts';
import { openServer, prepareDatabases, withoutCredentials } from './databases.ts';
import { openDataFolder, removeState, writeState } from './data-folder.ts';
import { subgraphNames, usualGatewayPort, usualPorts, type DataFolder, type SubgraphName } from './layout.ts';
import {
  commonVariables,
  createSubgraphs,
  localGatewayUrl,
  LOOPBACK,
  toUrls,
  type Known,
  type Plan,
  type Ports,
  type SubgraphUrls,
} from './subgraphs.ts';
import { findFreePort } from '../../lib/free-port.ts';
import { findGatewayPort, findPort } from './ports.ts';
import { loadOrCreateKeys, renewRoutingToken } from '../../lib/identity/index.ts';

export type SupervisorOptions = {
  readonly data: DataFolder;
  readonly host: string;
  /** As asked for; undefined: 4000 or the next free one. */
  readonly port: number | undefined;
  readonly databaseUrl: string | undefined;
  readonly databasePasswordFile: string | undefined;
  readonly feedUrl: string | undefined;
  readonly supergraphFile: string;
  /** Writes that file for these addresses, before the gateway starts and whenever they change. Without it the file stays as it is. */
  readonly writeSupergraph?: (urls: SubgraphUrls) => Promise<void>;
  /** As in HUB_AUTH. */
  readonly auth: 'hub' | 'none';
  /** The clock all processes share, as in HUB_CLOCK. */
  readonly clock: string;
  /** One process for all subgraphs: less memory, one heap. */
  readonly together: boolean;
  /** Further variables of every child, such as how much it logs. */
  readonly childVariables: Readonly<Record<string, string>>;
  readonly log: Log;
  readonly onLine: (part: string, line: string) => void;
  /** One line per part that came up, and whatever happens to parts later. */
  readonly say: (part: string, words: string) => void;
};

export type Supervisor = Service & {
  readonly gatewayUrl: () => string;
  readonly children: ReadonlyMap<string, Child>;
  /**
   * Starts these subgraphs anew from what was built: the old ones serve until the new ones are up and the gateway asks those. Rejects
   * when one does not come up; then the old ones stay. Needs `writeSupergraph`.
   */
  readonly renew: (names: readonly SubgraphName[]) => Promise<void>;
};

// 64 MB would spare the gateway a quarter of its work, and take some 60 MB more of a machine that the whole hub shares.
const gatewayFlags = ['--max-semi-space-size=16'];

const TOKEN_LOOK_MS = 12 * 3_600_000;

/** Makes the supervisor; nothing runs before `start()`. */
export function createSupervisor(options: SupervisorOptions): Supervisor {
  const plan: Partial<Plan> = {};
  const children = new Map<string, Child>();
  const known = <K extends keyof Plan>(key: K): Plan[K] => {
    const value = plan[key];
    if (value === undefined) throw new Error(`${key} is not known before the part that finds it has started`);
    return value;
  };
  const database: Part = {
    name: 'PostgreSQL',
    startLimitMs: 60_000,
    stopLimitMs: 8_000,
    start: async () => {
      await openDataFolder(options.data);
      await loadOrCreateKeys(options.data.keys);
      plan.gatewayPort = await findGatewayPort(options.port, usualGatewayPort, options.host);
      plan.server = await openServer({
        data: options.data,
        databaseUrl: options.databaseUrl,
        passwordFile: options.databasePasswordFile,
        log: options.log,
      });
    },
    stop: () => plan.server?.stop(),
  };
  const schemas: Part = {
    name: 'schemas',
    startLimitMs: 60_000,
    start: async () => {
      const applied = await prepareDatabases({ data: options.data, adminUrl: known('server').adminUrl });
      if (applied.length > 0) options.say('schemas', `applied ${applied.join(', ')}`);
      plan.ports = await findPorts(known('gatewayPort') === usualGatewayPort);
    },
    stop: () => undefined,
  };
  const subgraphs = createSubgraphs(options, children, known);
  const gateway = createLatePart('gateway', async () => {
    await options.writeSupergraph?.(toUrls(known('ports')));
    return createGateway(options, known, children);
  });
  const service = createService(
    [
      timed(database, options.say),
      keepRoutingToken(options.data.keys),
      timed(schemas, options.say),
      subgraphs.part,
      timed(gateway, options.say),
      keepState(options, known),
    ],
    { log: options.log },
  );
  return {
    ...service,
    gatewayUrl: () => gatewayUrl(options.host, known('gatewayPort')),
    children,
    renew: async (names) => {
      plan.ports = await subgraphs.renew(names, known('ports'));
    },
  };
}

/** Says on disk where the hub is, as long as it runs. */
const keepState = (options: SupervisorOptions, known: Known): Part => ({
  name: 'state file',
  start: () =>
    writeState(options.data, {
      pid: process.pid,
      gatewayUrl: gatewayUrl(options.host, known('gatewayPort')),
      databaseUrl: withoutCredentials(known('server').adminUrl),
      startedAt: realClock.now().toISOString(),
    }),
  stop: () => removeState(options.data),
});

/** Makes the token with which routing asks the gateway, and makes it anew long before it expires. */
function keepRoutingToken(folder: string): Part {
  let timer: NodeJS.Timeout | undefined;
  const renew = async (): Promise<void> => renewRoutingToken(folder, await loadOrCreateKeys(folder));
  return {
    name: 'token of routing',
    start: async () => {
      await renew();
      timer = setInterval(() => void renew().catch(() => undefined), TOKEN_LOOK_MS);
    },
    stop: () => clearInterval(timer),
  };
}

/** Says how long the part took to start. */
const timed = (part: Part, say: SupervisorOptions['say']): Part => ({
  ...part,
  start: async (signal) => {
    const began = performance.now();
    await part.start(signal);
    say(part.name, `ready in ${Math.round(performance.now() - began)} ms`);
  },
});

const gatewayUrl = (host: string, port: number): string => `http://${host === LOOPBACK || host === '0.0.0.0' ? 'localhost' : host}:${port}`;

/** The usual ones beside the usual gateway; a second hub on the machine takes any, so that two that start at once do not meet. */
async function findPorts(usual: boolean): Promise<Ports> {
  const ports: Partial<Record<SubgraphName, number>> = {};
  for (const name of subgraphNames) ports[name] = usual ? await findPort(usualPorts[name], LOOPBACK) : await findFreePort(LOOPBACK);
  // every name was given a port just above
  return ports as Ports;
}

// A part whose work can only be described once earlier parts have started.
function createLatePart(name: string, make: () => Promise<Part>): Part {
  let made: Part | undefined;
  return {
    name,
    startLimitMs: 60_000,
    stopLimitMs: 9_000,
    start: async (signal) => {
      made = await make();
      await made.start(signal);
    },
    stop: () => made?.stop(),
  };
}

function createGateway(options: SupervisorOptions, known: Known, children: Map<string, Child>): Child {
  const port = known('gatewayPort');
  const urls = Object.entries(toUrls(known('ports')))
    .map(([name, url]) => `${name}=${url}`)
    .join(',');
  const child = createChild({
    name: 'gateway',
    file: fromRoot('dist', 'gateway', 'main.js'),
    nodeFlags: gatewayFlags,
    env: {
      ...withVariables({
        ...commonVariables(options),
        HUB_HOST: options.host,
        PORT: String(port),
        FEED_URL: options.feedUrl ?? withoutCredentials(known('server').adminUrl),
        SUPERGRAPH_FILE: options.supergraphFile,
        ...(options.writeSupergraph === undefined ? { HUB_SUBGRAPH_URLS: urls } : {}),
        HUB_AUTH: options.auth,
      }),
    },
    readyUrl: `${localGatewayUrl(options.host, port)}/ready`,
    onLine: (line) => options.onLine('gateway', line),
    say: (words) => options.say('gateway', words),
    required: true,
  });
  children.set('gateway', child);
  return child;
}
