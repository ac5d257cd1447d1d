/**
 * The gateway as a service of parts, in the order they start: what it works with, the supergraph (read, then watched) and HTTP.
 * Exports `createGateway` and `startGateway`.
 */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../lib/clock/clock.ts';
import { readEventContract, type Feed } from '../lib/feed/index.ts';
import type { HubKeys } from '../lib/identity/index.ts';
import { createService, type Part, type Service } from '../lib/lifecycle/index.ts';
import type { Log } from '../lib/log/log.ts';
import { createEventKeys, type EventKeySettings } from './edge/events/event-keys.ts';
import { createHttpPart, type Listening } from './edge/http-part.ts';
import type { Live } from './live/client.ts';
import { createFlights, createSubgraphClient, type BreakerState, type SubgraphFetcher } from './execute/index.ts';
import { createLive, type LiveCore } from './live/live.ts';
import { createAccess } from './pipeline/access.ts';
import { Deadlines } from './pipeline/deadlines.ts';
import { createForwarding, type AllowLists } from './pipeline/forwarding.ts';
import { createPersistedQueries } from './pipeline/documents/persisted-queries.ts';
import { createTrustedDocuments, type TrustedSettings } from './pipeline/documents/trusted-documents.ts';
import type { Hub } from './pipeline/hub.ts';
import { createIdentity, type IdentitySettings } from './pipeline/identity.ts';
import type { Limits } from './pipeline/limits.ts';
import type { LabelFunction } from './pipeline/override-labels.ts';
import { createMetrics } from './pipeline/metrics.ts';
import { createPlanElsewhere } from './pipeline/plan-elsewhere.ts';
import { createPolicyBook, type Policy } from './pipeline/policies.ts';
import { createPrincipalSigner } from './pipeline/principal-signer.ts';
import { createRates } from './pipeline/rates.ts';
import { createGraphHolder } from './pipeline/supergraph/graph-holder.ts';
import { createLastGood } from './pipeline/supergraph/last-good.ts';
import type { Plugin } from './plugins/plugin.ts';
import { createPlugins, pluginsStopLimitMs } from './plugins/run-plugins.ts';
import type { LoadedGraph } from './pipeline/supergraph/loaded-graph.ts';
import { createSupergraphPart, type SupergraphSource } from './pipeline/supergraph/supergraph-part.ts';

/** Longer than a feed gives the appends that are under way. */
const feedStopLimitMs = 6_000;

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
  /** Subgraphs that do not learn who asks. */
  readonly subgraphsNotTold?: ReadonlySet<string>;
  /** Equal queries that run at the same time run once. */
  readonly sharesRequests?: boolean;
  /** File for the last good supergraph. */
  readonly lastGoodFile: string | null;
  readonly identity: IdentitySettings;
  /** Signs who asks, for subgraphs; without them subgraphs are not told. */
  readonly principalKeys: Pick<HubKeys, 'principal'> | null;
  /** `@policy` by name. */
  readonly policies?: ReadonlyMap<string, Policy>;
  /** Headers and claims that travel on, by subgraph. */
  readonly forwardHeaders?: AllowLists;
  readonly forwardClaims?: AllowLists;
  /** Decides about override labels other than `percent(x)`; without it they are inactive. */
  readonly labelFunction?: LabelFunction | undefined;
  /** In their order. */
  readonly plugins?: readonly Plugin[];
  /** Who asks is told what an operation costs, in production too. */
  readonly tellsCost?: boolean;
  /** What the subgraphs append their events to. Closed when the gateway has stopped. */
  readonly feed?: Feed | null;
  /** Of producers that post events; only together with a feed. */
  readonly eventKeys?: EventKeySettings | null;
  readonly limits: Limits;
  /** Kinds of members whose requests no rate bounds. */
  readonly rateExemptKinds?: readonly string[];
  readonly trustedDocuments?: TrustedSettings | null;
  /** Clients may name by its hash what they sent before. */
  readonly persistedQueries?: boolean;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  /** Memory and event loop in the metrics: sensible once a process. */
  readonly metricsOfProcess: boolean;
  /** Instead of requests over HTTP. */
  readonly fetcher?: SubgraphFetcher;
  /** Keys of cursors and tickets: the first is used, all are known. Left out: own ones, that no other gateway knows. */
  readonly cursorKeys?: readonly Uint8Array[];
  /** Instead of subscriptions to the feed. */
  readonly live?: Live;
};

export type Gateway = Service & {
  /** Where it listens; throws before it does. */
  url(): string;
  port(): number;
};

export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { log, limits } = options;
  let live: LiveCore | null = null;
  const { hub, parts } = await createHub(options, (graph) => void live?.take(graph));
  const { cursorKeys = [randomBytes(32)] } = options;
  if (hub.feed) live = createLive({ hub, feed: hub.feed, cursorKeys });
  const posted = options.eventKeys ? createPosted(options.eventKeys, log) : null;
  const listening: { now: Listening | null } = { now: null };
  const service: Service = createService(
    [
      ...parts,
      ...(posted ? [posted.part] : []),
      createHttpPart({
        live,
        ...options,
        cursorKeys,
        hub,
        posted,
        parts: () => service.status(),
        onListening: (place) => (listening.now = place),
      }),
      ...(live ? [createLivePart(live, limits)] : []),
    ],
    { log },
  );
  const place = (): Listening => {
    if (!listening.now) throw new Error('The gateway does not listen yet.');
    return listening.now;
  };
  return { ...service, url: () => place().url, port: () => place().port };
}

/** All that answers a request, and the parts that must have started before; `onTaken` is told of each supergraph. */
export async function createHub(options: GatewayOptions, onTaken: (graph: LoadedGraph) => void): Promise<{ hub: Hub; parts: Part[] }> {
  const { clock, log, limits, principalKeys, fetcher } = options;
  const metrics = createMetrics({ ofProcess: options.metricsOfProcess });
  const lastGood = options.lastGoodFile === null ? null : createLastGood(options.lastGoodFile, log);
  const graphs = createGraphHolder({
    urls: options.subgraphUrls,
    clock,
    log,
    onTaken(graph) {
      metrics.countSupergraph();
      lastGood?.keep(graph.sdl);
      onTaken(graph);
    },
  });
  const forwarding = createForwarding(options.forwardHeaders ?? {}, options.forwardClaims ?? {});
  const breakers = new Map<string, BreakerState>();
  const client = createClient({ limits, metrics, log }, breakers);
  const trusted = options.trustedDocuments ? createTrustedDocuments(options.trustedDocuments, log) : null;
  const plugins = createPlugins(options.plugins ?? [], { log });
  const elsewhere = createPlanElsewhere({ requestMs: limits.requestMs });
  const hub: Hub = {
    development: options.development,
    limits,
    identity: await createIdentity(options.identity, clock),
    access: createAccess(createPolicyBook(options.policies ?? new Map(), { clock, log })),
    forwarding,
    graphs,
    elsewhere,
    deadlines: new Deadlines(limits.requestMs),
    fetcher: fetcher ?? client.fetch,
    breakers,
    subgraphsNotTold: options.subgraphsNotTold ?? new Set(),
    executions: options.sharesRequests === true ? createFlights() : null,
    signer: principalKeys === null ? undefined : createPrincipalSigner(principalKeys, clock, forwarding.claimsFor),
    labelFunction: options.labelFunction,
    trusted: trusted?.documents ?? null,
    persisted: options.persistedQueries === true ? createPersistedQueries() : null,
    rates: createRates({ perSecond: limits.rate, exemptKinds: options.rateExemptKinds ?? [], clock }),
    feed: options.feed ?? null,
    plugins,
    tellsCost: options.development || options.tellsCost === true,
    metrics,
    log,
    clock,
  };
  const parts: Part[] = [
    // First, so that they stop last
    { name: 'plugins', start: () => undefined, stop: () => plugins?.stop(), stopLimitMs: pluginsStopLimitMs },
    { name: 'subgraph connections', start: () => undefined, stop: () => client.close() },
    ...(hub.feed ? [createFeedPart(hub.feed)] : []),
    ...(trusted ? [trusted.part] : []),
    { name: 'thread that plans', start: () => undefined, stop: () => elsewhere.stop() },
    createSupergraphPart({ source: options.source, graphs, lastGood, log }),
  ];
  return { hub, parts };
}

/** Starts it and gives it back when it answers. */
export async function startGateway(options: GatewayOptions): Promise<{ url: string; port: number; stop: () => Promise<void> }> {
  const gateway = await createGateway(options);
  await gateway.start();
  return { url: gateway.url(), port: gateway.port(), stop: () => gateway.stop() };
}

/** What the door for posted events needs besides the hub. */
function createPosted(settings: EventKeySettings, log: Log) {
  const contract = readEventContract();
  return { contract, ...createEventKeys({ ...settings, contract, log }) };
}

/** It connects when it is first used: a gateway serves what it can without it. */
function createFeedPart(feed: Feed): Part {
  return { name: 'feed', start: () => undefined, stop: () => feed.close(), stopLimitMs: feedStopLimitMs };
}

/** Stops first: what it tells its clients needs their connections. */
function createLivePart(live: LiveCore, { stopMs }: Limits): Part {
  return { name: 'live', start: () => undefined, stop: () => live.drain(stopMs / 2), stopLimitMs: stopMs };
}

/** The way to the subgraphs; what it does for them is counted, and breakers are told. */
function createClient({ limits, metrics, log }: Pick<Hub, 'limits' | 'metrics' | 'log'>, breakers: Map<string, BreakerState>) {
  return createSubgraphClient({
    ...toClientLimits(limits),
    onShared: metrics.countShared,
    onRetry: metrics.countRetry,
    onBreaker(subgraph, state) {
      breakers.set(subgraph, state);
      metrics.setBreaker(subgraph, state);
      log.warn({ subgraph, state }, 'breaker of a subgraph');
    },
  });
}

function toClientLimits(limits: Limits) {
  return {
    timeoutMs: limits.subgraphMs,
    maxResponseBytes: limits.subgraphBytes,
    connections: limits.subgraphConnections,
    queue: limits.subgraphQueue,
    retries: limits.retries,
    breakerFailures: limits.breakerFailures,
    breakerPauseMs: limits.breakerPauseMs,
  };
}
