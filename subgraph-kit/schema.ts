// Makes the executable schema of a subgraph: its SDL, its resolvers, the shared scalars, and the resolvers of every page.
import { readFileSync } from 'node:fs';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { Kind, parse, type DocumentNode, type GraphQLSchema, type ObjectTypeDefinitionNode } from 'graphql';
import { fromRoot } from '../lib/paths.ts';
import { checkTextOfArguments } from './input-text.ts';
import type { MutationField } from './mutation.ts';
import type { Page } from './page.ts';
import { scalarResolvers } from './scalars.ts';

// A resolver's parent, arguments and context are what the SDL and the kit say; the library itself knows no better type.
// eslint-disable-next-line typescript/no-explicit-any
export type Resolver = (parent: any, args: any, context: any) => unknown;
export type Resolvers = Readonly<Record<string, Readonly<Record<string, Resolver>>>>;

const pageResolvers: Record<string, Resolver> = {
  nodes: (page: Page<unknown>) => page.rows,
  edges: (page: Page<unknown>) => page.rows.map((node, i) => ({ node, cursor: page.cursors[i] })),
  totalCount: (page: Page<unknown>) => page.countTotal(),
  pageInfo: (page: Page<unknown>) => ({
    hasNextPage: page.hasNextPage,
    hasPreviousPage: page.hasPreviousPage,
    startCursor: page.cursors[0] ?? null,
    endCursor: page.cursors.at(-1) ?? null,
  }),
};

const objectTypes = (document: DocumentNode): ObjectTypeDefinitionNode[] =>
  document.definitions.filter((node): node is ObjectTypeDefinitionNode => node.kind === Kind.OBJECT_TYPE_DEFINITION);

/** Every mutation of the SDL needs its field, and the other way round. */
function mutationResolvers(document: DocumentNode, fields: readonly { name: string; resolve: Resolver }[]): Record<string, Resolver> {
  const declared =
    objectTypes(document)
      .find((type) => type.name.value === 'Mutation')
      ?.fields?.map((field) => field.name.value) ?? [];
  const missing = declared.filter((name) => !fields.some((field) => field.name === name));
  const extra = fields.filter((field) => !declared.includes(field.name)).map((field) => field.name);
  if (missing.length + extra.length > 0)
    throw new Error(`mutations without code: ${missing.join(', ') || 'none'}; code without mutation: ${extra.join(', ') || 'none'}`);
  return Object.fromEntries(fields.map((field) => [field.name, field.resolve]));
}

/** The SDL file of a subgraph. */
export const readSdl = (subgraph: string): string => readFileSync(fromRoot('schema', `${subgraph}.graphql`), 'utf8');

export function createSubgraphSchema(options: {
  sdl: string;
  resolvers: Resolvers;
  mutations: readonly Pick<MutationField<never>, 'name' | 'resolve'>[];
}): GraphQLSchema {
  const typeDefs = parse(options.sdl);
  const scalars = typeDefs.definitions.flatMap((node) => (node.kind === Kind.SCALAR_TYPE_DEFINITION ? [node.name.value] : []));
  const pages = objectTypes(typeDefs).filter((type) => type.name.value.endsWith('Connection'));
  const mutations = mutationResolvers(typeDefs, options.mutations);
  const resolvers = {
    ...scalarResolvers(scalars),
    ...Object.fromEntries(pages.map((type) => [type.name.value, pageResolvers])),
    ...(Object.keys(mutations).length === 0 ? {} : { Mutation: mutations }),
    ...options.resolvers,
  };
  return checkTextOfArguments(buildSubgraphSchema([{ typeDefs, resolvers }]));
}
