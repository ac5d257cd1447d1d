/**
 * The supergraph that is served now. A new one takes its place at once and as a whole; requests that began with the old one end with
 * it. One that cannot be used changes nothing but the problem that is reported. Exports `createGraphHolder`.
 */
import type { Clock } from '../../../lib/clock/clock.ts';
import { createError, toMessage } from '../../../lib/errors/errors.ts';
import type { Log } from '../../../lib/log/log.ts';
import { loadGraph, type LoadedGraph } from './loaded-graph.ts';

export type GraphProblem = { readonly message: string; readonly at: string };

export type GraphHolder = {
  /** Throws NOT_READY while there is none. */
  current(): LoadedGraph;
  /** Its hash, or null. */
  hash(): string | null;
  /** What is wrong with the newest text; null when it is served. */
  problem(): GraphProblem | null;
  /** Serves the text, if it can be. `from` says in the log where it comes from. */
  offer(sdl: string, from: string): boolean;
  /** Records that there is no text to be had. */
  report(message: string): void;
};

export type GraphHolderOptions = {
  readonly urls: ReadonlyMap<string, string>;
  readonly clock: Clock;
  readonly log: Log;
  /** Called with every supergraph that is taken. */
  readonly onTaken: (graph: LoadedGraph) => void;
};

export function createGraphHolder({ urls, clock, log, onTaken }: GraphHolderOptions): GraphHolder {
  let graph: LoadedGraph | undefined;
  let problem: GraphProblem | null = null;

  const report = (message: string) => {
    if (problem?.message !== message)
      log.error({ problem: message, keeps: graph?.supergraph.hash ?? null }, 'supergraph refused, the last good one is kept');
    problem = { message, at: clock.now().toISOString() };
  };

  return {
    current() {
      if (!graph) throw createError('NOT_READY', 'There is no supergraph yet.');
      return graph;
    },
    hash: () => graph?.supergraph.hash ?? null,
    problem: () => problem,
    report,
    offer(sdl, from) {
      if (graph?.sdl === sdl) {
        problem = null;
        return true;
      }
      try {
        graph = loadGraph(sdl, urls);
      } catch (error) {
        report(toMessage(error));
        return false;
      }
      problem = null;
      const { supergraph } = graph;
      log.info({ schemaHash: supergraph.hash, subgraphs: supergraph.graphs.map(({ name }) => name), from }, 'supergraph taken');
      onTaken(graph);
      return true;
    },
  };
}
