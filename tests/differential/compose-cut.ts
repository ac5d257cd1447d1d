/** A cut, composed and ready to run: supergraph, subgraph schemas and the monolith that tells the right answers. */
import type { GraphQLSchema } from 'graphql';
import { composeSupergraph } from '../../engine/compose/index.ts';
import type { CompositionError } from '../../engine/compose/index.ts';
import { loadSupergraph } from '../../engine/supergraph/index.ts';
import type { Supergraph } from '../../engine/supergraph/index.ts';
import { createCut, graphSdl } from './cut.ts';
import type { Cut } from './cut.ts';
import { buildMonolith } from './monolith.ts';
import { buildGraph } from './run-graph.ts';

export type ReadyCut = {
  readonly cut: Cut;
  readonly supergraph: Supergraph;
  readonly supergraphSdl: string;
  readonly monolith: GraphQLSchema;
  readonly schemas: ReadonlyMap<string, GraphQLSchema>;
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
    schemas: new Map(cut.graphs.map((graph) => [graph.name, buildGraph(cut, graph)])),
  };
}
