/** The supergraph in which the events of one feed field are a graph of their own, made when first asked for. Exports `eventGraphOf`. */
import type { GraphQLSchema } from 'graphql';
import { loadSupergraph, toEventSource, toEventView, type FeedField, type ProvenSource, type Supergraph } from '../../engine/supergraph/index.ts';
import type { LoadedGraph } from '../pipeline/supergraph/loaded-graph.ts';

export type EventGraph = {
  /** Its query root is the subscription root, with this one field as a list. */
  readonly view: Supergraph;
  readonly source: ProvenSource;
  /** Of the graph that answers the field. */
  readonly schema: GraphQLSchema;
};

const known = new WeakMap<LoadedGraph, Map<string, EventGraph>>();

/** Throws EngineError SUPERGRAPH_INVALID. */
export function eventGraphOf(graph: LoadedGraph, feed: FeedField): EventGraph {
  const ofGraph = known.get(graph) ?? new Map<string, EventGraph>();
  known.set(graph, ofGraph);
  const found = ofGraph.get(feed.name) ?? makeEventGraph(graph, feed);
  ofGraph.set(feed.name, found);
  return found;
}

function makeEventGraph(graph: LoadedGraph, feed: FeedField): EventGraph {
  const source = toEventSource(graph.supergraph, feed);
  const view = loadSupergraph(toEventView(graph.sdl, source));
  const events = view.graphs.find(({ name }) => name === source.graph);
  if (events === undefined) throw new Error(`The view of ${feed.coordinate} has no graph of its events.`);
  return { view, source, schema: view.graphView(events.id) };
}
