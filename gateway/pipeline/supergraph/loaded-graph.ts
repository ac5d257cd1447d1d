/** A supergraph that is served, with what was worked out for it: it goes as a whole when a new one comes. Exports `loadGraph`. */
import type { CompiledPlan } from '../../../engine/compile/index.ts';
import type { Plan } from '../../../engine/plan/index.ts';
import { isEngineError, loadSupergraph, type Graph, type Supergraph } from '../../../engine/supergraph/index.ts';
import { createError } from '../../../lib/errors/errors.ts';
import { BoundedCache } from '../bounded-cache.ts';
import type { KnownDocument } from '../known-document.ts';
import { assertRoutingUrl } from './routing-url.ts';

export type KnownPlan = {
  readonly plan: Plan;
  readonly compiled: CompiledPlan;
  /** Equal for plans of one operation that differ in the values of conditions or in what may be read. */
  readonly operationKey: string;
};

export type LoadedGraph = {
  readonly supergraph: Supergraph;
  readonly sdl: string;
  /** Where each graph is, by name: the URL of the supergraph or the one configured instead. */
  readonly urls: ReadonlyMap<string, string>;
  /** The graphs at those URLs, by name. */
  readonly routes: ReadonlyMap<string, Pick<Graph, 'id' | 'name' | 'url'>>;
  /** By whole text as sent. */
  readonly documents: BoundedCache<KnownDocument>;
  /** By the whole key that the stage `plan` makes. */
  readonly plans: BoundedCache<KnownPlan>;
  /** Override labels that planning an operation looks at, by its key without labels. */
  readonly planLabels: BoundedCache<readonly string[]>;
};

const maxEntries = 2_000;
/** In the units of weights.ts: some 100 MB each. */
const maxWeight = 250_000;
/** Each condition doubles what one operation may be planned as: one client's flags must not drive out everybody's plans. */
const maxVariants = 64;

/** Throws SUPERGRAPH_INVALID. */
export function loadGraph(sdl: string, configuredUrls: ReadonlyMap<string, string>): LoadedGraph {
  const supergraph = parseGraph(sdl);
  const urls = new Map(supergraph.graphs.map(({ name, url }) => [name, configuredUrls.get(name) ?? url]));
  for (const [name, url] of urls) assertRoutingUrl(name, url);
  return Object.freeze({
    supergraph,
    sdl,
    urls,
    routes: new Map(supergraph.graphs.map(({ id, name, url }) => [name, Object.freeze({ id, name, url: urls.get(name) ?? url })])),
    documents: new BoundedCache<KnownDocument>({ maxEntries, maxWeight }),
    plans: new BoundedCache<KnownPlan>({
      maxEntries,
      maxWeight,
      families: { of: ({ operationKey }) => operationKey, maxEntries: maxVariants },
    }),
    planLabels: new BoundedCache<readonly string[]>({ maxEntries, maxWeight }),
  });
}

function parseGraph(sdl: string): Supergraph {
  try {
    return loadSupergraph(sdl);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw createError('SUPERGRAPH_INVALID', isEngineError(cause) ? `${cause.code}: ${reason}` : reason, { cause });
  }
}
