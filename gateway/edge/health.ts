/** What the gateway says of itself: /health, /ready, /metrics. Exports `createHealthHandlers`. */
import type { IncomingMessage } from 'node:http';
import { createError } from '../../lib/errors/errors.ts';
import type { PartStatus } from '../../lib/lifecycle/index.ts';
import type { Hub } from '../pipeline/hub.ts';
import { toJsonAnswer } from './http-answer.ts';
import { readPeer } from './peer.ts';
import type { Handler } from './router.ts';

export type HealthOptions = {
  readonly version: string;
  readonly hub: Pick<Hub, 'graphs' | 'breakers' | 'metrics' | 'identity' | 'development'>;
  readonly parts: () => readonly PartStatus[];
  readonly isStopping: () => boolean;
};

export type HealthHandlers = { readonly health: Handler; readonly ready: Handler; readonly metrics: Handler };

const noStore = { 'cache-control': 'no-store' };
/** Kind of the member that runs the hub itself. */
const hubKind = 'HUB';

export function createHealthHandlers({ version, hub, parts, isStopping }: HealthOptions): HealthHandlers {
  const { graphs, metrics } = hub;
  const startedAt = performance.now();
  const secondsUp = () => Math.round((performance.now() - startedAt) / 1_000);
  return {
    health: () => toJsonAnswer(200, { version, schemaHash: graphs.hash(), uptime: secondsUp(), parts: parts() }, noStore),
    ready() {
      const states = parts();
      const ready = !isStopping() && graphs.hash() !== null && states.every(({ state }) => state === 'ready');
      return toJsonAnswer(
        ready ? 200 : 503,
        {
          ready,
          schemaHash: graphs.hash(),
          parts: states,
          supergraphProblem: graphs.problem(),
          subgraphsLeftAlone: namesOfOpen(hub.breakers),
        },
        noStore,
      );
    },
    async metrics({ message }) {
      await assertMayRead(message, hub);
      const { text, contentType } = await metrics.print();
      return { status: 200, headers: { 'content-type': contentType, ...noStore }, body: text };
    },
  };
}

/** One subgraph that fails is no reason to take the whole gateway out. */
function namesOfOpen(breakers: HealthOptions['hub']['breakers']): readonly string[] {
  return [...breakers].filter(([, state]) => state !== 'closed').map(([name]) => name);
}

/** Metrics name members: outside this machine, and in production anywhere, only the hub itself reads them. */
async function assertMayRead(message: IncomingMessage, { development, identity }: HealthOptions['hub']): Promise<void> {
  const peer = readPeer(message);
  if (peer.fromLoopback && (development || !identity.checksTokens)) return;
  const principal = identity.checksTokens ? await identity.identify(peer) : null;
  if (!principal?.kinds.includes(hubKind)) throw createError('FORBIDDEN', 'Metrics name members: they need a token of the hub.');
}
