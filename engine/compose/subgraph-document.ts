/** One subgraph's SDL, parsed, with the names that its `schema` and `@link` definitions gave to root types and directives. */
import { GraphQLError, Kind, Source, parse } from 'graphql';
import type {
  ConstDirectiveNode,
  ConstValueNode,
  DocumentNode,
  FieldDefinitionNode,
  InputValueDefinitionNode,
  TypeDefinitionNode,
  TypeExtensionNode,
} from 'graphql';
import type { CompositionError, SubgraphInput } from './types.ts';

export type TypeNodeInSdl = TypeDefinitionNode | TypeExtensionNode;

export type SubgraphDocument = {
  readonly name: string;
  readonly url: string;
  readonly file: string;
  readonly document: DocumentNode;
  /** Definitions and extensions of each type, under the name it has in the supergraph (root types: Query, Mutation …). */
  readonly types: ReadonlyMap<string, readonly TypeNodeInSdl[]>;
  /** It links Federation 2; else it is written for Federation 1. */
  readonly isLinked: boolean;
  /** Name in this SDL of a federation directive: `external`, or `federation__external`, or as imported. */
  directive(name: string): string;
  /** A type name of this SDL as the supergraph calls it. */
  toSupergraphName(name: string): string;
};

/** The documents, or what stops them from being read. */
export function parseSubgraphs(inputs: readonly SubgraphInput[]): { documents: SubgraphDocument[]; errors: CompositionError[] } {
  const documents: SubgraphDocument[] = [];
  const errors: CompositionError[] = [];
  for (const input of inputs) {
    const parsed = parseOne(input);
    if ('code' in parsed) errors.push(parsed);
    else documents.push(parsed);
  }
  return { documents, errors };
}

function parseOne(input: SubgraphInput): SubgraphDocument | CompositionError {
  const file = input.file ?? input.name;
  try {
    return toSubgraphDocument(input, file, defineSchema(parse(new Source(input.sdl, file))));
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const at = error.locations?.[0] ?? { line: 1, column: 1 };
    return {
      code: 'SDL_SYNTAX',
      message: `The SDL of subgraph "${input.name}" cannot be read: ${error.message}`,
      subgraphs: [input.name],
      locations: [{ subgraph: input.name, file, line: at.line, column: at.column }],
      wayOut: 'Correct the text at this place: something is missing or does not belong there.',
    };
  }
}

/** The composer overlooks root types named in `extend schema { query: … }`: with no definition, the extensions become one. */
function defineSchema(document: DocumentNode): DocumentNode {
  const extensions = document.definitions.filter((node) => node.kind === Kind.SCHEMA_EXTENSION);
  const operationTypes = extensions.flatMap((node) => node.operationTypes ?? []);
  if (operationTypes.length === 0 || document.definitions.some((node) => node.kind === Kind.SCHEMA_DEFINITION)) return document;
  const directives = extensions.flatMap((node) => node.directives ?? []);
  const others = document.definitions.filter((node) => node.kind !== Kind.SCHEMA_EXTENSION);
  return { ...document, definitions: [{ kind: Kind.SCHEMA_DEFINITION, directives, operationTypes }, ...others] };
}

function toSubgraphDocument(input: SubgraphInput, file: string, document: DocumentNode): SubgraphDocument {
  const rootNames = readRootNames(document);
  const toSupergraphName = (name: string): string => rootNames.get(name) ?? name;
  const link = linksOf(document).find(({ url }) => FEDERATION_URL.test(url));
  const names = readDirectiveNames(link);
  return {
    name: input.name,
    url: input.url,
    file,
    document,
    types: collectTypes(document, toSupergraphName),
    isLinked: link !== undefined,
    directive: (name) => names(name),
    toSupergraphName,
  };
}

function collectTypes(document: DocumentNode, toSupergraphName: (name: string) => string): SubgraphDocument['types'] {
  const types = new Map<string, TypeNodeInSdl[]>();
  for (const node of document.definitions) {
    if (!isTypeNode(node)) continue;
    const name = toSupergraphName(node.name.value);
    types.set(name, [...(types.get(name) ?? []), node]);
  }
  return types;
}

/** The same subgraph with its types written otherwise; links and root types stay. */
export function withDocument(subgraph: SubgraphDocument, document: DocumentNode): SubgraphDocument {
  return { ...subgraph, document, types: collectTypes(document, (name) => subgraph.toSupergraphName(name)) };
}

function isTypeNode(node: DocumentNode['definitions'][number]): node is TypeNodeInSdl {
  switch (node.kind) {
    case Kind.OPERATION_DEFINITION:
    case Kind.FRAGMENT_DEFINITION:
    case Kind.SCHEMA_DEFINITION:
    case Kind.SCHEMA_EXTENSION:
    case Kind.DIRECTIVE_DEFINITION:
      return false;
    default:
      return true;
  }
}

const ROOT_NAMES = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' } as const;

/** Composition calls every subgraph's root types by their usual names. */
function readRootNames(document: DocumentNode): Map<string, string> {
  const names = new Map<string, string>();
  for (const node of document.definitions) {
    if (node.kind !== Kind.SCHEMA_DEFINITION && node.kind !== Kind.SCHEMA_EXTENSION) continue;
    for (const operation of node.operationTypes ?? []) names.set(operation.type.name.value, ROOT_NAMES[operation.operation]);
  }
  return names;
}

const FEDERATION_URL = /^https:\/\/specs\.apollo\.dev\/federation\/v\d/;

/** One `@link`: the names that this SDL gives to what another specification defines. */
export type Link = {
  readonly url: string;
  /** From `as:`; '' where the specification's own name is taken. */
  readonly as: string;
  /** Original name with `@` to the name here without. */
  readonly imports: ReadonlyMap<string, string>;
};

export function linksOf(document: DocumentNode): Link[] {
  // By the URL, not by name: @link itself may be renamed.
  return schemaDirectives(document).flatMap((link) => {
    const url = textOf(valueOf(link, 'url'));
    if (url === '') return [];
    const imports = valueOf(link, 'import');
    return [
      {
        url,
        as: textOf(valueOf(link, 'as')),
        imports: new Map((imports?.kind === Kind.LIST ? imports.values : []).map(readImport)),
      },
    ];
  });
}

/** Of the schema definition and its extensions. */
export function schemaDirectives(document: DocumentNode): ConstDirectiveNode[] {
  return document.definitions.flatMap((node) =>
    node.kind === Kind.SCHEMA_DEFINITION || node.kind === Kind.SCHEMA_EXTENSION ? [...(node.directives ?? [])] : [],
  );
}

function readDirectiveNames(link: Link | undefined): (name: string) => string {
  // Federation 1: no link, plain names.
  if (link === undefined) return (name) => name;
  return (name) => link.imports.get(`@${name}`) ?? `${link.as || 'federation'}__${name}`;
}

function readImport(value: ConstValueNode): [string, string] {
  if (value.kind !== Kind.OBJECT) return [textOf(value), textOf(value).slice(1)];
  const part = (name: string): string => textOf(value.fields.find((field) => field.name.value === name)?.value);
  return [part('name'), (part('as') || part('name')).slice(1)];
}

export function valueOf(directive: ConstDirectiveNode, name: string): ConstValueNode | undefined {
  return directive.arguments?.find((argument) => argument.name.value === name)?.value;
}

export function textOf(value: ConstValueNode | undefined): string {
  return value?.kind === Kind.STRING ? value.value : '';
}

/** Fields of objects, interfaces and inputs, of one definition or extension. */
export function fieldsOf(node: TypeNodeInSdl): readonly (FieldDefinitionNode | InputValueDefinitionNode)[] {
  return 'fields' in node ? (node.fields ?? []) : [];
}

export function hasDirective(node: { readonly directives?: readonly ConstDirectiveNode[] | undefined }, name: string): boolean {
  return node.directives?.some((directive) => directive.name.value === name) ?? false;
}
