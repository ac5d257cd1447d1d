/** The supergraphs of a construct: composed by the project, and as written by hand. Exports `supergraphsOf` and `schemasOf`. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';
import type { GraphQLSchema } from 'graphql';
import { composeSupergraph } from '../../engine/compose/index.ts';
import { loadSupergraph } from '../../engine/supergraph/index.ts';
import type { Supergraph } from '../../engine/supergraph/index.ts';
import type { Construct, SubgraphSource } from './_construct.ts';

const directives = [
  '@key @external @requires @provides @shareable @override @interfaceObject @inaccessible @extends @tag @composeDirective',
  '@authenticated @requiresScopes @policy @context @fromContext @cost @listSize',
];
const imports = directives.flatMap((text) => text.split(' ')).map((name) => `"${name}"`);
const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [${imports.join(', ')}])\n`;

function sdlOf({ sdl, federation }: SubgraphSource): string {
  return federation === 'v1' || /extend\s+schema/.test(sdl) ? sdl : link + sdl;
}

export function schemasOf({ subgraphs }: Construct): ReadonlyMap<string, GraphQLSchema> {
  const entries = Object.entries(subgraphs).map(([name, source]): [string, GraphQLSchema] => [
    name,
    buildSubgraphSchema([{ typeDefs: parse(sdlOf(source)), resolvers: source.resolvers }]),
  ]);
  return new Map(entries);
}

export type SupergraphSource = 'composed' | 'v03' | 'v04' | 'v05';

/** The ways in which this construct comes; each missing text has its reason. */
export function sourcesOf(construct: Construct): SupergraphSource[] {
  const sources: SupergraphSource[] = [];
  if (construct.notComposed === undefined) sources.push('composed');
  if (construct.notInV03 === undefined) sources.push('v03');
  else if (construct.notInV03.since === 'v04') sources.push('v04');
  return [...sources, 'v05'];
}

export function supergraphOf(construct: Construct, source: SupergraphSource, folder: string): Supergraph {
  if (source === 'composed') return loadSupergraph(compose(construct));
  const file = join(folder, `${source}.graphql`);
  if (!existsSync(file)) throw new Error(`${file} is missing: write the supergraph by hand in the join specification ${source}.`);
  return loadSupergraph(readFileSync(file, 'utf8'));
}

function compose({ subgraphs }: Construct): string {
  const result = composeSupergraph(
    Object.entries(subgraphs).map(([name, source]) => ({ name, url: `http://${name}.test/graphql`, sdl: sdlOf(source) })),
  );
  if (result.kind === 'failed') throw new Error(result.errors.map(({ message }) => message).join('\n'));
  return result.supergraphSdl;
}
