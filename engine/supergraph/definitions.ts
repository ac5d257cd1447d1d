/**
 * First step of loading: the text, parsed and sorted into graphs, root names and type definitions, with the join and link
 * machinery set aside.
 */
import { GraphQLError, Kind, parse, specifiedDirectives } from 'graphql';
import type {
  DirectiveDefinitionNode,
  DocumentNode,
  EnumTypeDefinitionNode,
  ObjectTypeDefinitionNode,
  SchemaDefinitionNode,
  TypeDefinitionNode,
} from 'graphql';
import { compareNames } from './canonical.ts';
import { directivesOf, enumArgument, hasDirective, stringArgument } from './directives.ts';
import { EngineError } from './engine-error.ts';
import { readFeatures } from './features.ts';
import type { Features } from './features.ts';
import type { Graph, GraphId, Supergraph } from './types.ts';

export type HasDirectives = Parameters<typeof hasDirective>[0];

export type Definitions = {
  readonly features: Features;
  readonly graphs: readonly Graph[];
  /** The value of a `graph:` argument to its id; refuses an unknown one. */
  graphId(enumValue: string | null, where: string): GraphId;
  readonly roots: Supergraph['roots'];
  readonly schemaNode: SchemaDefinitionNode | null;
  /** Without machinery and introspection types; in the order of the text. */
  readonly types: ReadonlyMap<string, TypeDefinitionNode>;
  /** Directives that clients may use in operations. */
  readonly executableDirectives: readonly DirectiveDefinitionNode[];
  isInaccessible(node: HasDirectives): boolean;
};

export function readDefinitions(sdl: string): Definitions {
  const document = parseText(sdl);
  const features = readFeatures(document);
  const types = collectTypes(document);
  const graphs = readGraphs(features, types);
  const byEnumValue = new Map(graphs.map((graph) => [graph.enumValue, graph.id]));
  for (const name of types.keys()) if (features.isFeatureType(name) || name.startsWith('__')) types.delete(name);
  const hidden = features.directive('inaccessible', 'inaccessible');
  const schemaNode = document.definitions.find((node) => node.kind === Kind.SCHEMA_DEFINITION) ?? null;
  return {
    features,
    graphs,
    graphId(enumValue, where) {
      const id = byEnumValue.get(enumValue ?? '');
      if (id === undefined) throw new EngineError('SUPERGRAPH_INVALID', `${where}: no graph has the id ${enumValue ?? 'null'}.`);
      return id;
    },
    roots: readRoots(document, types),
    schemaNode,
    types,
    executableDirectives: document.definitions
      .filter((node) => node.kind === Kind.DIRECTIVE_DEFINITION)
      .filter((node) => isExecutable(node, features)),
    isInaccessible: (node) => hasDirective(node, hidden),
  };
}

function parseText(sdl: string): DocumentNode {
  try {
    return parse(sdl, { noLocation: true });
  } catch (cause) {
    if (!(cause instanceof GraphQLError)) throw cause;
    const at = cause.locations?.[0];
    const where = at === undefined ? '' : ` (line ${at.line}, column ${at.column})`;
    throw new EngineError('SUPERGRAPH_SYNTAX', `The supergraph is not valid SDL${where}: ${cause.message}`, { cause });
  }
}

function collectTypes(document: DocumentNode): Map<string, TypeDefinitionNode> {
  const types = new Map<string, TypeDefinitionNode>();
  for (const node of document.definitions) {
    switch (node.kind) {
      case Kind.OBJECT_TYPE_DEFINITION:
      case Kind.INTERFACE_TYPE_DEFINITION:
      case Kind.UNION_TYPE_DEFINITION:
      case Kind.ENUM_TYPE_DEFINITION:
      case Kind.SCALAR_TYPE_DEFINITION:
      case Kind.INPUT_OBJECT_TYPE_DEFINITION:
        if (types.has(node.name.value)) throw new EngineError('SUPERGRAPH_INVALID', `Type ${node.name.value} is defined twice.`);
        types.set(node.name.value, node);
        break;
      case Kind.SCHEMA_DEFINITION:
      case Kind.SCHEMA_EXTENSION:
      case Kind.DIRECTIVE_DEFINITION:
        break;
      default:
        throw new EngineError('SUPERGRAPH_INVALID', `A supergraph holds no ${node.kind}. Compose it again.`);
    }
  }
  return types;
}

function readGraphs(features: Features, types: ReadonlyMap<string, TypeDefinitionNode>): Graph[] {
  const enumName = features.type('join', 'Graph') ?? '';
  const node = types.get(enumName);
  if (node?.kind !== Kind.ENUM_TYPE_DEFINITION) {
    throw new EngineError('SUPERGRAPH_INVALID', `The supergraph has no enum ${enumName}: it lists the subgraphs.`);
  }
  const directive = features.directive('join', 'graph');
  const graphs = valuesOf(node).map((value) => {
    const [use] = directivesOf(value, directive);
    const name = use === undefined ? null : stringArgument(use, 'name');
    if (use === undefined || name === null) {
      throw new EngineError('SUPERGRAPH_INVALID', `${enumName}.${value.name.value} has no @${directive ?? ''}(name:, url:).`);
    }
    return { name, url: stringArgument(use, 'url') ?? '', enumValue: value.name.value };
  });
  return graphs.toSorted((a, b) => compareNames(a.name, b.name)).map((graph, id) => ({ id, ...graph }));
}

function valuesOf(node: EnumTypeDefinitionNode): NonNullable<EnumTypeDefinitionNode['values']> {
  return node.values ?? [];
}

function readRoots(document: DocumentNode, types: ReadonlyMap<string, TypeDefinitionNode>): Supergraph['roots'] {
  const named = new Map<string, string>();
  for (const node of document.definitions) {
    if (node.kind !== Kind.SCHEMA_DEFINITION && node.kind !== Kind.SCHEMA_EXTENSION) continue;
    for (const operation of node.operationTypes ?? []) named.set(operation.operation, operation.type.name.value);
  }
  const defaults = named.size === 0;
  const root = (operation: string, usual: string): string | null => {
    const name = named.get(operation) ?? (defaults ? usual : null);
    if (name === null || isObject(types.get(name))) return name;
    if (named.has(operation)) throw new EngineError('SUPERGRAPH_INVALID', `The ${operation} root ${name} is no object type.`);
    return null;
  };
  const query = root('query', 'Query');
  if (query === null) throw new EngineError('SUPERGRAPH_INVALID', 'The supergraph has no query root type.');
  return { query, mutation: root('mutation', 'Mutation'), subscription: root('subscription', 'Subscription') };
}

function isObject(node: TypeDefinitionNode | undefined): node is ObjectTypeDefinitionNode {
  return node?.kind === Kind.OBJECT_TYPE_DEFINITION;
}

const EXECUTABLE = new Set([
  'QUERY',
  'MUTATION',
  'SUBSCRIPTION',
  'FIELD',
  'FRAGMENT_DEFINITION',
  'FRAGMENT_SPREAD',
  'INLINE_FRAGMENT',
  'VARIABLE_DEFINITION',
]);
const SPECIFIED = new Set(specifiedDirectives.map((directive) => directive.name));

function isExecutable(node: DirectiveDefinitionNode, features: Features): boolean {
  const name = node.name.value;
  if (SPECIFIED.has(name) || features.isFeatureDirective(name)) return false;
  return node.locations.some((location) => EXECUTABLE.has(location.value));
}

export function joinGraphOf(definitions: Definitions, directive: Parameters<typeof enumArgument>[0], where: string): GraphId {
  return definitions.graphId(enumArgument(directive, 'graph'), where);
}
