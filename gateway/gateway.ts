/**
 * The gateway as a service of two parts, in the order they start: the supergraph (read, then watched) and HTTP.
 * Exports `createGateway` and `startGateway`.
 */
import type { Clock } from '../lib/clock/clock.ts';
import type { HubKeys } from '../lib/identity/index.ts';
import { createService, type Service } from '../lib/lifecycle/index.ts';
import type { Log } from '../lib/log/log.ts';
import { createHttpPart, type Listening } from './edge/http-part.ts';
import { createSubgraphFetcher, type SubgraphFetcher } from './execute/index.ts';
import type { Hub } from './pipeline/hub.ts';
import { createIdentity, type IdentitySettings } from './pipeline/identity.ts';
import type { Limits } from './pipeline/limits.ts';
import { createMetrics } from './pipeline/metrics.ts';
import { createPrincipalSigner } from './pipeline/principal-signer.ts';
import { createGraphHolder } from './pipeline/supergraph/graph-holder.ts';
import { createLastGood } from './pipeline/supergraph/last-good.ts';
import { createSupergraphPart, type SupergraphSource } from './pipeline/supergraph/supergraph-part.ts';

export type GatewayOptions = {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** Taken: take the next free one instead of failing. */
  readonly mayMovePort: boolean;
  /** Introspection, GraphiQL, suggestions, plans on request. */
  readonly development: boolean;
  readonly version: string;
  readonly source: SupergraphSource;
  /** By name, instead of those in the supergraph. */
  readonly subgraphUrls: ReadonlyMap<string, string>;
  /** File for the last good supergraph. */
  readonly lastGoodFile: string | null;
  readonly identity: IdentitySettings;
  /** Signs who asks, for subgraphs; without them subgraphs are not told. */
  readonly principalKeys: Pick<HubKeys, 'principal'> | null;
  readonly limits: Limits;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  /** Memory and event loop in the metrics: sensible once a process. */
  readonly metricsOfProcess: boolean;
  /** Instead of requests over HTTP. */
  readonly fetcher?: SubgraphFetcher;
};

export type Gateway = Service & {
  /** Where it listens; throws before it does. */
  url(): string;
  port(): number;
};

export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { clock, log, limits, principalKeys, fetcher } = options;
  const metrics = createMetrics({ ofProcess: options.metricsOfProcess });
  const lastGood = options.lastGoodFile === null ? null : createLastGood(options.lastGoodFile, log);
  const graphs = createGraphHolder({
    urls: options.subgraphUrls,
    clock,
    log,
    onTaken({ sdl }) {
      metrics.countSupergraph();
      lastGood?.keep(sdl);
    },
  });
  const client = createSubgraphFetcher({ timeoutMs: limits.subgraphMs });
  const hub: Hub = {
    development: options.development,
    limits,
    identity: await createIdentity(options.identity, clock),
    graphs,
    fetcher: fetcher ?? client.fetch,
    signer: principalKeys === null ? undefined : createPrincipalSigner(principalKeys, clock),
    metrics,
    log,
    clock,
  };
  const listening: { now: Listening | null } = { now: null };
  const service: Service = createService(
    [
      { name: 'subgraph connections', start: () => undefined, stop: () => client.close() },
      createSupergraphPart({ source: options.source, graphs, lastGood, log }),
      createHttpPart({ ...options, hub, parts: () => service.status(), onListening: (place) => (listening.now = place) }),
    ],
    { log },
  );
  const place = (): Listening => {
    if (!listening.now) throw new Error('The gateway does not listen yet.');
    return listening.now;
  };
  return { ...service, url: () => place().url, port: () => place().port };
}

/** Starts it and gives it back when it answers. */
export async function startGateway(options: GatewayOptions): Promise<{ url: string; port: number; stop: () => Promise<void> }> {
  const gateway = await createGateway(options);
  await gateway.start();
  return { url: gateway.url(), port: gateway.port(), stop: () => gateway.stop() };
}
