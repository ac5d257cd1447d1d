/**
 * Three supergraphs of other people's trades for tests of the gateway standing alone, each with its subgraphs as servers:
 * library (join v0.3, by hand), harbour (join v0.5, by hand), festival (composed here).
 */
import { readFileSync } from 'node:fs';
import type { GraphQLSchema } from 'graphql';
import { fromRoot } from '../../../lib/paths.ts';
import { startSubgraphServer } from '../subgraph-server.ts';
import type { SubgraphServer } from '../subgraph-server.ts';
import { createFestival } from './festival.ts';
import { createHarbour } from './harbour.ts';
import { createLibrary } from './library.ts';

export type ForeignCase = {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  /** The answer of a right gateway on fresh data, key order included. Cases that write stand after those that do not. */
  readonly data: unknown;
};

export type ForeignSupergraph = {
  readonly name: ForeignName;
  /** By name of the graph. */
  readonly schemas: Readonly<Record<string, GraphQLSchema>>;
  readonly cases: readonly ForeignCase[];
  /** Absent: the text is in `<name>.graphql`. Addresses are `http://<graph>.test/graphql`. */
  readonly supergraphSdl?: string;
};

export type ForeignName = 'library' | 'harbour' | 'festival';

export const foreignNames: readonly ForeignName[] = ['library', 'harbour', 'festival'];

/** Schemas and cases with fresh data. */
export function createForeign(name: ForeignName): ForeignSupergraph & { readonly supergraphSdl: string } {
  const foreign = { library: createLibrary, harbour: createHarbour, festival: createFestival }[name]();
  return {
    ...foreign,
    supergraphSdl: foreign.supergraphSdl ?? readFileSync(fromRoot('tests', '_kit', 'supergraphs', `${name}.graphql`), 'utf8'),
  };
}

export type RunningForeign = {
  /** With the addresses of the running servers. */
  readonly supergraphSdl: string;
  readonly cases: readonly ForeignCase[];
  readonly servers: Readonly<Record<string, SubgraphServer>>;
  stop(): Promise<void>;
};

export async function startForeign(name: ForeignName): Promise<RunningForeign> {
  const { schemas, cases, supergraphSdl } = createForeign(name);
  const servers: Record<string, SubgraphServer> = {};
  for (const [graph, schema] of Object.entries(schemas)) servers[graph] = await startSubgraphServer(schema);
  const addressed = Object.entries(servers).reduce(
    (sdl, [graph, server]) => sdl.replaceAll(`http://${graph}.test/graphql`, server.url),
    supergraphSdl,
  );
  return {
    supergraphSdl: addressed,
    cases,
    servers,
    stop: async () => void (await Promise.all(Object.values(servers).map((server) => server.stop()))),
  };
}
