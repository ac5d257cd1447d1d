/** A cut, composed and ready to run: supergraph, running subgraphs and the monolith that tells the right answers. */
import type { GraphQLSchema } from 'graphql';
import { composeSupergraph } from '../../engine/compose/index.ts';
import type { CompositionError } from '../../engine/compose/index.ts';
import { loadSupergraph } from '../../engine/supergraph/index.ts';
import type { Supergraph } from '../../engine/supergraph/index.ts';
import { createCut } from './cut.ts';
import type { Cut } from './cut.ts';
import { graphSdl } from './graph-sdl.ts';
import { buildGraph } from './run-graph.ts';
import type { RunningGraph } from './run-graph.ts';
import { buildMonolith } from './truth.ts';

export type ReadyCut = {
  readonly cut: Cut;
  readonly supergraph: Supergraph;
  readonly supergraphSdl: string;
  readonly monolith: GraphQLSchema;
  readonly graphs: ReadonlyMap<string, RunningGraph>;
};

/** The errors when the composer refuses the cut: then the cutter made something that is not allowed. */
export function composeCut(seed: number): ReadyCut | readonly CompositionError[] {
  const cut = createCut(seed);
  const result = composeSupergraph(
    cut.graphs.map((graph) => ({ name: graph.name, url: `http://${graph.name}.test/graphql`, sdl: graphSdl(cut, graph) })),
  );
  if (result.kind === 'failed') return result.errors;
  return {
    cut,
    supergraph: loadSupergraph(result.supergraphSdl),
    supergraphSdl: result.supergraphSdl,
    monolith: buildMonolith(cut.monolith),
    graphs: new Map(cut.graphs.map((graph) => [graph.name, buildGraph(cut, graph)])),
  };
}
