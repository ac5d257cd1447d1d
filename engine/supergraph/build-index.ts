/** Last step of the index: types, from the facts read before. */
import { Kind, specifiedScalarTypes } from 'graphql';
import type { EnumTypeDefinitionNode, InputObjectTypeDefinitionNode, TypeDefinitionNode } from 'graphql';
import { readAccess } from './access.ts';
import { NO_BITS, bit } from './bits.ts';
import { compareNames } from './canonical.ts';
import type { Definitions } from './definitions.ts';
import { joinGraphOf } from './definitions.ts';
import { argumentOf, directivesOf, hasDirective, stringArgument } from './directives.ts';
import { parseFieldSet } from './field-set.ts';
import { readFields } from './fields.ts';
import type { FieldsReader } from './fields.ts';
import { readMembership } from './membership.ts';
import type { CompositeNode, MemberRow, Membership } from './membership.ts';
import { parseTypeRef, toTypeRef } from './type-ref.ts';
import type { CompositeType, EnumType, GraphId, IndexType, InputField, InputType, Key, ObjectType, TypeRef } from './types.ts';

export type TypeIndex = {
  readonly types: ReadonlyMap<string, IndexType>;
  readonly objects: readonly ObjectType[];
  readonly labels: readonly string[];
  readonly contexts: readonly string[];
};

export function buildTypes(definitions: Definitions): TypeIndex {
  const membership = readMembership(definitions);
  const carriers = readCarriers(definitions);
  const fields = readFields(definitions, membership, carriers);
  const types = new Map<string, IndexType>();
  for (const node of definitions.types.values())
    types.set(node.name.value, toIndexType({ definitions, membership, carriers, fields }, node));
  const everywhere = definitions.graphs.reduce((bits, graph) => bits | bit(graph.id), NO_BITS);
  for (const { name } of specifiedScalarTypes)
    types.set(name, { kind: 'scalar', name, public: true, builtIn: true, in: everywhere, access: null });
  const objects = membership.objectNames.flatMap((name) => {
    const type = types.get(name);
    return type?.kind === 'object' ? [type] : [];
  });
  return { types, objects, labels: labelsOf(types), contexts: [...carriers.keys()].toSorted(compareNames) };
}

type Read = {
  readonly definitions: Definitions;
  readonly membership: Membership;
  readonly carriers: ReadonlyMap<string, readonly string[]>;
  readonly fields: FieldsReader;
};

function toIndexType(read: Read, node: TypeDefinitionNode): IndexType {
  const name = node.name.value;
  const base = { name, public: !read.definitions.isInaccessible(node) };
  switch (node.kind) {
    case Kind.OBJECT_TYPE_DEFINITION:
      return { kind: 'object', objectId: read.membership.objectIds.get(name) ?? -1, ...compositeFacts(read, node) };
    case Kind.INTERFACE_TYPE_DEFINITION:
      return { kind: 'interface', ...compositeFacts(read, node) };
    case Kind.UNION_TYPE_DEFINITION:
      return { kind: 'union', ...compositeFacts(read, node) };
    case Kind.ENUM_TYPE_DEFINITION:
      return {
        kind: 'enum',
        ...base,
        values: valuesOf(read, node),
        in: read.membership.graphsOf(name),
        access: readAccess(read.definitions, node),
      };
    case Kind.SCALAR_TYPE_DEFINITION:
      return { kind: 'scalar', ...base, builtIn: false, in: read.membership.graphsOf(name), access: readAccess(read.definitions, node) };
    case Kind.INPUT_OBJECT_TYPE_DEFINITION:
      return toInputType(read, node);
  }
}

function compositeFacts(
  { definitions, membership, carriers, fields }: Read,
  node: CompositeNode,
): Omit<CompositeType, 'kind' | 'objectId'> {
  const name = node.name.value;
  return {
    name,
    public: !definitions.isInaccessible(node),
    possible: membership.possible(name),
    possibleIn: membership.possibleIn(name),
    in: membership
      .rows(name)
      .map((row, graph) =>
        row === undefined
          ? undefined
          : { keys: toKeys(fields, name, graph, row), interfaceObject: row.interfaceObject, interfaces: row.interfaces },
      ),
    fields: fields.fieldsOf(name),
    contexts: [...carriers].flatMap(([context, types]) => (types.includes(name) ? [context] : [])).toSorted(compareNames),
    interfaces: membership.interfacesOf(name),
    interfaceObjects: membership.interfaceObjectsOf(name),
    access: readAccess(definitions, node),
  };
}

function toKeys(fields: FieldsReader, parent: string, graph: GraphId, row: MemberRow): Key[] {
  const typeOf = fields.lookupIn(graph);
  return row.keys.map(({ text, resolvable }) => ({
    text,
    resolvable,
    fields: parseFieldSet(text, { parent, typeOf, where: `Key of ${parent}` }),
  }));
}

function valuesOf({ definitions, membership }: Read, node: EnumTypeDefinitionNode): EnumType['values'] {
  const directive = definitions.features.directive('join', 'enumValue');
  const everywhere = membership.graphsOf(node.name.value);
  return new Map(
    (node.values ?? []).map((value) => {
      const name = value.name.value;
      const uses = directivesOf(value, directive);
      const graphs = uses.reduce((bits, use) => bits | bit(joinGraphOf(definitions, use, `${node.name.value}.${name}`)), NO_BITS);
      return [name, { name, public: !definitions.isInaccessible(value), in: uses.length === 0 ? everywhere : graphs }];
    }),
  );
}

function toInputType({ definitions, membership }: Read, node: InputObjectTypeDefinitionNode): InputType {
  const name = node.name.value;
  const rows = membership.rows(name);
  const fields = (node.fields ?? []).map((field): [string, InputField] => {
    const type = toTypeRef(field.type);
    const uses = directivesOf(field, definitions.features.directive('join', 'field')).filter((use) => argumentOf(use, 'graph') !== null);
    const graphs: (TypeRef | undefined)[] = rows.map((row) => (row === undefined || uses.length > 0 ? undefined : type));
    const where = `${name}.${field.name.value}`;
    for (const use of uses) {
      const own = stringArgument(use, 'type');
      graphs[joinGraphOf(definitions, use, where)] = own === null ? type : parseTypeRef(own, where);
    }
    const hidden = definitions.isInaccessible(field);
    return [field.name.value, { name: field.name.value, type, defaultValue: field.defaultValue ?? null, public: !hidden, in: graphs }];
  });
  return {
    kind: 'input',
    name,
    public: !definitions.isInaccessible(node),
    oneOf: hasDirective(node, 'oneOf'),
    in: membership.graphsOf(name),
    fields: new Map(fields),
  };
}

/** Context name → the types that set it. */
function readCarriers(definitions: Definitions): Map<string, string[]> {
  const directive = definitions.features.directive('context', 'context');
  const carriers = new Map<string, string[]>();
  for (const node of definitions.types.values()) {
    for (const use of directivesOf(node, directive)) {
      const name = stringArgument(use, 'name') ?? '';
      carriers.set(name, [...(carriers.get(name) ?? []), node.name.value]);
    }
  }
  return carriers;
}

function labelsOf(types: ReadonlyMap<string, IndexType>): string[] {
  const labels = new Set<string>();
  for (const type of types.values()) {
    if (type.kind !== 'object' && type.kind !== 'interface') continue;
    for (const field of type.fields.values()) {
      for (const row of field.in) if (row !== undefined && typeof row.usable === 'object') labels.add(row.usable.label);
    }
  }
  return [...labels].toSorted(compareNames);
}
