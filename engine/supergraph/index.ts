/**
 * engine/supergraph: supergraph text → frozen index. The steps, in order:
 *
 *   definitions.ts    parse, find the specifications by URL (features.ts), graphs, roots, type definitions
 *   membership.ts     which graph knows which type, with which keys; possible types, all and per graph
 *   fields.ts         what each graph can do with each field; field-set.ts parses keys, requires, provides
 *   build-index.ts    the types of the index (types.ts)
 *   feeds.ts          subscription fields that a feed answers; event-source.ts says what their events carry, event-view.ts makes a
 *                     supergraph in which it is answered, event-query.ts the query
 *   client-schemas.ts the public and the full schema
 *   graph-view.ts     the schema of one graph, made when first asked for
 */
import type { GraphQLSchema } from 'graphql';
import { buildTypes } from './build-index.ts';
import { buildFullSchema, buildPublicSchema } from './client-schemas.ts';
import { readCosts } from './costs.ts';
import { readDefinitions } from './definitions.ts';
import { EngineError } from './engine-error.ts';
import { readFeeds } from './feeds.ts';
import { deepFreeze } from './freeze.ts';
import { buildGraphView } from './graph-view.ts';
import { hashText } from './hash.ts';
import type { GraphId, Supergraph } from './types.ts';

export { bitsOf, countBits, firstBit, hasBit, idsOf, isSubset } from './bits.ts';
export type { Bits } from './bits.ts';
export { canonicalArguments } from './canonical.ts';
export { EngineError, isEngineError } from './engine-error.ts';
export { toEventQuery } from './event-query.ts';
export { toEventSource } from './event-source.ts';
export type { ProvenSource } from './event-source.ts';
export { toEventView } from './event-view.ts';
export type { EventSource, EventType } from './event-view.ts';
export { deepFreeze } from './freeze.ts';
export { hashText } from './hash.ts';
export type * from './types.ts';

/** Throws EngineError: SUPERGRAPH_SYNTAX, SUPERGRAPH_UNSUPPORTED (a specification not known here), SUPERGRAPH_INVALID. */
export function loadSupergraph(sdl: string): Supergraph {
  const definitions = readDefinitions(sdl);
  const { types, objects, labels, contexts } = deepFreeze(buildTypes(definitions));
  const { graphs, roots } = deepFreeze({ graphs: definitions.graphs, roots: definitions.roots });
  const costs = deepFreeze(readCosts(definitions));
  const feeds = deepFreeze(readFeeds(definitions));
  const publicSchema = buildPublicSchema(definitions);
  const fullSchema = buildFullSchema(definitions);
  const views: (GraphQLSchema | undefined)[] = graphs.map(() => undefined);
  const graphView = (graph: GraphId): GraphQLSchema => {
    if (graphs[graph] === undefined) throw new EngineError('SUPERGRAPH_INVALID', `No graph has the id ${graph}.`);
    return (views[graph] ??= buildGraphView({ types, objects, roots }, graph, definitions.executableDirectives));
  };
  // The schemas stay outside the deep freeze: graphql-js fills caches of its own inside them.
  return Object.freeze({
    hash: hashText(sdl),
    graphs,
    types,
    objects,
    roots,
    costs,
    labels,
    contexts,
    feeds,
    publicSchema,
    fullSchema,
    graphView,
  });
}
