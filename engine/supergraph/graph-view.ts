/**
 * The schema of one graph as far as the supergraph tells it: types, fields with that graph's types, members, values, the
 * entity entry. Every document sent to the graph must validate against it.
 */
import { Kind, OperationTypeNode, buildASTSchema, parseType } from 'graphql';
import type {
  DefinitionNode,
  FieldDefinitionNode,
  GraphQLSchema,
  InputValueDefinitionNode,
  NamedTypeNode,
  OperationTypeDefinitionNode,
  TypeNode,
} from 'graphql';
import { bit, hasBit, idsOf } from './bits.ts';
import type { Definitions } from './definitions.ts';
import type {
  Argument,
  ContextArgument,
  EnumType,
  Field,
  FieldInGraph,
  GraphId,
  IndexType,
  InputType,
  InterfaceType,
  ObjectType,
  Supergraph,
  UnionType,
} from './types.ts';

type Index = Pick<Supergraph, 'types' | 'objects' | 'roots'>;

const OPERATIONS = [OperationTypeNode.QUERY, OperationTypeNode.MUTATION, OperationTypeNode.SUBSCRIPTION];

export function buildGraphView(index: Index, graph: GraphId, directives: Definitions['executableDirectives']): GraphQLSchema {
  const entities = entityNames(index, graph);
  const roots = OPERATIONS.flatMap((operation): OperationTypeDefinitionNode[] => {
    const root = index.roots[operation];
    const known = root !== null && (operation === OperationTypeNode.QUERY || rowOf(index.types.get(root), graph) !== undefined);
    return known ? [{ kind: Kind.OPERATION_TYPE_DEFINITION, operation, type: named(root) }] : [];
  });
  const types = [...index.types.values()].flatMap((type) => definitionOf(index, type, graph));
  const query = queryDefinition(index, graph, entities.length > 0);
  const others = types.filter((node) => !('name' in node) || node.name?.value !== index.roots.query);
  const definitions: DefinitionNode[] = [
    { kind: Kind.SCHEMA_DEFINITION, operationTypes: roots },
    ...directives,
    query,
    ...others,
    ...machinery(entities),
  ];
  // A graph may declare less than SDL rules ask of a whole schema (an interface without implementers, a type without fields).
  return buildASTSchema({ kind: Kind.DOCUMENT, definitions }, { assumeValid: true });
}

function rowOf(type: IndexType | undefined, graph: GraphId): ObjectType['in'][number] {
  return type?.kind === 'object' || type?.kind === 'interface' || type?.kind === 'union' ? type.in[graph] : undefined;
}

/** Types that `_entities` may return: objects with a key, the implementers of interfaces with one are objects with one too. */
function entityNames({ types }: Index, graph: GraphId): string[] {
  return [...types.values()].flatMap((type) => {
    const row = rowOf(type, graph);
    const isObjectThere = type.kind === 'object' || row?.interfaceObject === true;
    return isObjectThere && row !== undefined && row.keys.some((key) => key.resolvable) ? [type.name] : [];
  });
}

function definitionOf(index: Index, type: IndexType, graph: GraphId): DefinitionNode[] {
  switch (type.kind) {
    case 'object':
    case 'interface':
      return type.in[graph] === undefined ? [] : [objectDefinition(type, graph)];
    case 'union':
      return type.in[graph] === undefined ? [] : [unionDefinition(index, type, graph)];
    case 'enum':
      return hasBit(type.in, graph) ? [enumDefinition(type, graph)] : [];
    case 'input':
      return hasBit(type.in, graph) ? [inputDefinition(type, graph)] : [];
    case 'scalar':
      return !type.builtIn && hasBit(type.in, graph) ? [{ kind: Kind.SCALAR_TYPE_DEFINITION, name: name(type.name) }] : [];
  }
}

function objectDefinition(type: ObjectType | InterfaceType, graph: GraphId): DefinitionNode {
  const row = type.in[graph];
  return {
    kind: type.kind === 'object' || row?.interfaceObject === true ? Kind.OBJECT_TYPE_DEFINITION : Kind.INTERFACE_TYPE_DEFINITION,
    name: name(type.name),
    interfaces: (row?.interfaces ?? []).map(named),
    fields: fieldDefinitions(type, graph),
  };
}

function fieldDefinitions(type: ObjectType | InterfaceType, graph: GraphId): FieldDefinitionNode[] {
  return [...type.fields.values()].flatMap((field) => {
    const row = field.in[graph];
    return row === undefined ? [] : [fieldDefinition(field, row)];
  });
}

function fieldDefinition(field: Field, row: FieldInGraph): FieldDefinitionNode {
  const args = [...field.args.values(), ...row.contextArguments].map(inputValue);
  return { kind: Kind.FIELD_DEFINITION, name: name(field.name), arguments: args, type: typeNode(row.type.text) };
}

function inputValue(argument: Argument | ContextArgument): InputValueDefinitionNode {
  const defaultValue = 'defaultValue' in argument ? argument.defaultValue : null;
  return {
    kind: Kind.INPUT_VALUE_DEFINITION,
    name: name(argument.name),
    type: typeNode(argument.type.text),
    ...(defaultValue === null ? {} : { defaultValue }),
  };
}

function unionDefinition({ objects }: Index, type: UnionType, graph: GraphId): DefinitionNode {
  const members = idsOf(type.possibleIn[graph] ?? 0n).flatMap((id) => objects[id]?.name ?? []);
  return { kind: Kind.UNION_TYPE_DEFINITION, name: name(type.name), types: members.map(named) };
}

function enumDefinition(type: EnumType, graph: GraphId): DefinitionNode {
  const values = [...type.values.values()].filter((value) => (value.in & bit(graph)) !== 0n);
  return {
    kind: Kind.ENUM_TYPE_DEFINITION,
    name: name(type.name),
    values: values.map((value) => ({ kind: Kind.ENUM_VALUE_DEFINITION, name: name(value.name) })),
  };
}

function inputDefinition(type: InputType, graph: GraphId): DefinitionNode {
  const fields = [...type.fields.values()].flatMap((field) => {
    const own = field.in[graph];
    return own === undefined ? [] : [inputValue({ ...field, type: own })];
  });
  return {
    kind: Kind.INPUT_OBJECT_TYPE_DEFINITION,
    name: name(type.name),
    fields,
    ...(type.oneOf ? { directives: [{ kind: Kind.DIRECTIVE, name: name('oneOf') }] } : {}),
  };
}

function queryDefinition({ types, roots }: Index, graph: GraphId, hasEntities: boolean): DefinitionNode {
  const type = types.get(roots.query);
  const own = type?.kind === 'object' ? fieldDefinitions(type, graph) : [];
  const field = (fieldName: string, args: InputValueDefinitionNode[], text: string): FieldDefinitionNode => ({
    kind: Kind.FIELD_DEFINITION,
    name: name(fieldName),
    arguments: args,
    type: typeNode(text),
  });
  const representations: InputValueDefinitionNode = {
    kind: Kind.INPUT_VALUE_DEFINITION,
    name: name('representations'),
    type: typeNode('[_Any!]!'),
  };
  return {
    kind: Kind.OBJECT_TYPE_DEFINITION,
    name: name(roots.query),
    fields: [...own, ...(hasEntities ? [field('_entities', [representations], '[_Entity]!')] : []), field('_service', [], '_Service!')],
  };
}

function machinery(entities: readonly string[]): DefinitionNode[] {
  const sdl: FieldDefinitionNode = { kind: Kind.FIELD_DEFINITION, name: name('sdl'), type: typeNode('String') };
  const service: DefinitionNode = { kind: Kind.OBJECT_TYPE_DEFINITION, name: name('_Service'), fields: [sdl] };
  if (entities.length === 0) return [service];
  return [
    service,
    { kind: Kind.SCALAR_TYPE_DEFINITION, name: name('_Any') },
    { kind: Kind.UNION_TYPE_DEFINITION, name: name('_Entity'), types: entities.map(named) },
  ];
}

function name(value: string): { readonly kind: Kind.NAME; readonly value: string } {
  return { kind: Kind.NAME, value };
}

function named(value: string): NamedTypeNode {
  return { kind: Kind.NAMED_TYPE, name: name(value) };
}

function typeNode(text: string): TypeNode {
  return parseType(text, { noLocation: true });
}
