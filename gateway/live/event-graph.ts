/** The supergraph in which the events of each feed field are a graph of their own, made when first asked for. Exports `eventGraphOf`. */
import type { GraphQLSchema } from 'graphql';
import {
  isEngineError,
  loadSupergraph,
  toEventSource,
  toEventView,
  type EngineError,
  type FeedField,
  type ProvenSource,
  type Supergraph,
} from '../../engine/supergraph/index.ts';
import type { LoadedGraph } from '../pipeline/supergraph/loaded-graph.ts';

export type EventGraph = {
  /** Its query root is the subscription root, with a list of events for each field. */
  readonly view: Supergraph;
  readonly source: ProvenSource;
  /** Of the graph that answers the field. */
  readonly schema: GraphQLSchema;
};

type Events = {
  readonly view: Supergraph;
  /** By name of the field; what is wrong with those that cannot be subscribed to. */
  readonly sources: ReadonlyMap<string, ProvenSource | EngineError>;
};

const known = new WeakMap<LoadedGraph, Events>();

/** Throws EngineError SUPERGRAPH_INVALID. */
export function eventGraphOf(graph: LoadedGraph, feed: FeedField): EventGraph {
  const { view, sources } = known.get(graph) ?? makeEvents(graph);
  const source = sources.get(feed.name);
  if (source === undefined || isEngineError(source)) throw source ?? new Error(`The view has no events of ${feed.coordinate}.`);
  const events = view.graphs.find(({ name }) => name === source.graph);
  if (events === undefined) throw new Error(`The view of ${feed.coordinate} has no graph of its events.`);
  return { view, source, schema: view.graphView(events.id) };
}

function makeEvents(graph: LoadedGraph): Events {
  const sources = new Map([...graph.supergraph.feeds.values()].map((feed) => [feed.name, sourceOf(graph.supergraph, feed)] as const));
  const good = [...sources.values()].filter((source): source is ProvenSource => !isEngineError(source));
  const events = { view: loadSupergraph(toEventView(graph.sdl, good)), sources };
  known.set(graph, events);
  return events;
}

function sourceOf(supergraph: Supergraph, feed: FeedField): ProvenSource | EngineError {
  try {
    return toEventSource(supergraph, feed);
  } catch (error) {
    if (isEngineError(error)) return error;
    throw error;
  }
}
