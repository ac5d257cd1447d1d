// The subgraphs of the hub as children of the supervisor: started side by side, each watched, and renewed while the old ones serve.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { withVariables } from '../../lib/config/index.ts';
import type { Part } from '../../lib/lifecycle/index.ts';
import { fromRoot } from '../../lib/paths.ts';
import { createChild, type Child } from './child.ts';
import { withoutCredentials, type Server } from './databases.ts';
import { subgraphNames, type SubgraphName } from './layout.ts';
import { findFreePort } from '../../lib/free-port.ts';
import type { SupervisorOptions } from './supervisor.ts';

export type Ports = Readonly<Record<SubgraphName, number>>;
export type SubgraphUrls = Readonly<Record<SubgraphName, string>>;
/** What is found out while the hub starts. */
export type Plan = { server: Server; ports: Ports; gatewayPort: number };
export type Known = <K extends keyof Plan>(key: K) => Plan[K];

export const LOOPBACK = '127.0.0.1';
// Small young generations keep four subgraphs on one machine modest.
const nodeFlags = ['--max-semi-space-size=4', '--optimize-for-size'];
const RENEW_LIMIT_MS = 20_000;
// Requests that the old ones are answering end within this time, as a rule.
const HAND_OVER_MS = 300;

export type Subgraphs = {
  readonly part: Part;
  /** Resolves to the ports that are used from now on. */
  readonly renew: (names: readonly SubgraphName[], ports: Ports) => Promise<Ports>;
};

/** What every child of the hub is told. */
export function commonVariables(options: SupervisorOptions): Record<string, string> {
  // Fewer memory pools of the C library: it gives back more of what a burst of work took.
  const modest = { MALLOC_ARENA_MAX: '2' };
  return { ...modest, ...options.childVariables, HUB_DATA: options.data.path, HUB_HOST: LOOPBACK, HUB_CLOCK: options.clock };
}

/** The gateway as programs of this machine reach it. */
export const localGatewayUrl = (host: string, port: number): string => `http://${host === '0.0.0.0' ? LOOPBACK : host}:${port}`;

export function toUrls(ports: Ports): SubgraphUrls {
  const entries = subgraphNames.map((name) => [name, `http://${LOOPBACK}:${ports[name]}/graphql`] as const);
  // one entry for each name
  return Object.fromEntries(entries) as SubgraphUrls;
}

export function createSubgraphs(options: SupervisorOptions, children: Map<string, Child>, known: Known): Subgraphs {
  const stopping = new AbortController();
  const startTimed = async (child: Child, signal: AbortSignal): Promise<void> => {
    const began = performance.now();
    children.set(child.name, child);
    await child.start(signal);
    if (child.hasBeenUp()) options.say(child.name, `ready in ${Math.round(performance.now() - began)} ms`);
  };
  const start = async (signal: AbortSignal): Promise<void> => {
    const ports = known('ports');
    if (options.together) {
      const args = subgraphNames.map((name) => `${name}=${ports[name]}`);
      // the last one to start answers for all
      await startTimed(
        makeChild(options, known, { name: 'subgraphs', file: join('cli', 'together.js'), port: ports.routing, args }),
        signal,
      );
      return;
    }
    await Promise.all(subgraphNames.map((name) => startTimed(makeOne(options, known, name, ports[name]), signal)));
  };
  const renew: Subgraphs['renew'] = async (names, ports) => {
    const fresh = await Promise.all(
      names.map(async (name) => {
        const port = await findFreePort(LOOPBACK);
        return { name, port, child: makeOne(options, known, name, port, RENEW_LIMIT_MS) };
      }),
    );
    try {
      await Promise.all(fresh.map(async ({ child }) => child.start(stopping.signal)));
      const renewed = { ...ports, ...Object.fromEntries(fresh.map(({ name, port }) => [name, port])) };
      await options.writeSupergraph?.(toUrls(renewed));
      const old = names.map((name) => children.get(name));
      for (const { name, child } of fresh) children.set(name, child);
      await sleep(HAND_OVER_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
      await Promise.all(old.map(async (child) => child?.stop()));
      return renewed;
    } catch (error) {
      await Promise.all(fresh.map(async ({ child }) => child.stop()));
      throw error;
    }
  };
  const stop = async (): Promise<void> => {
    stopping.abort();
    await Promise.all([...children].filter(([name]) => name !== 'gateway').map(async ([, child]) => child.stop()));
  };
  return { part: { name: 'subgraphs', startLimitMs: 60_000, stopLimitMs: 8_000, start, stop }, renew };
}

const makeOne = (options: SupervisorOptions, known: Known, name: SubgraphName, port: number, patienceMs?: number): Child =>
  makeChild(options, known, {
    name,
    file: join('subgraphs', name, 'main.js'),
    port,
    env: { PORT: String(port) },
    ...(patienceMs === undefined ? {} : { patienceMs }),
  });

type Kind = { name: string; file: string; port: number; args?: readonly string[]; env?: Record<string, string>; patienceMs?: number };

/** One with limited patience must come up; another is tried again until it does. */
function makeChild(options: SupervisorOptions, known: Known, { name, file, port, args = [], env = {}, patienceMs }: Kind): Child {
  return createChild({
    name,
    file: fromRoot('dist', file),
    args,
    nodeFlags,
    env: withVariables({
      ...commonVariables(options),
      DATABASE_URL: withoutCredentials(known('server').adminUrl),
      // routing asks the gateway for what it plans with
      ...(name === 'routing' || options.together ? { HUB_GATEWAY_URL: localGatewayUrl(options.host, known('gatewayPort')) } : {}),
      ...(options.feedUrl === undefined ? {} : { FEED_URL: options.feedUrl }),
      ...env,
    }),
    readyUrl: `http://${LOOPBACK}:${port}/ready`,
    onLine: (line) => options.onLine(name, line),
    say: (words) => options.say(name, words),
    required: patienceMs !== undefined,
    ...(patienceMs === undefined ? {} : { patienceMs }),
  });
}
