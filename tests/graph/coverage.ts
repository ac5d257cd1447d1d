/**
 * What of the graph was really seen: fields that came back with a value, enum values that were returned or taken, and codes of problems.
 * Fed with every request and its answer; read against the schema that clients see.
 */
import {
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  Kind,
  parse,
  TypeInfo,
  typeFromAST,
  visit,
  visitWithTypeInfo,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

export type Coverage = {
  note: (source: string, variables: Record<string, unknown>, data: unknown) => void;
  readonly fields: ReadonlySet<string>;
  readonly enumValues: ReadonlySet<string>;
  readonly problemCodes: ReadonlySet<string>;
};

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

const toName = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

export function createCoverage(schema: GraphQLSchema): Coverage {
  const fields = new Set<string>();
  const enumValues = new Set<string>();
  const problemCodes = new Set<string>();

  const noteInput = (type: GraphQLInputType, value: unknown): void => {
    if (value === null || value === undefined) return;
    if (isNonNullType(type)) return noteInput(getNullableType(type), value);
    if (isListType(type)) return (Array.isArray(value) ? value : [value]).forEach((item) => noteInput(type.ofType, item));
    if (isEnumType(type)) return void enumValues.add(`${type.name}.${toName(value)}`);
    if (isInputObjectType(type) && isRecord(value))
      for (const field of Object.values(type.getFields())) noteInput(field.type, value[field.name]);
  };

  const noteValue = (
    type: GraphQLOutputType,
    selections: SelectionSetNode | undefined,
    value: unknown,
    fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  ): void => {
    if (value === null || value === undefined) return;
    if (Array.isArray(value)) return value.forEach((item) => noteValue(type, selections, item, fragments));
    const named = getNamedType(type);
    if (isEnumType(named)) enumValues.add(`${named.name}.${toName(value)}`);
    if (isObjectType(named) && selections !== undefined && isRecord(value)) noteObject(named, selections, value, fragments);
  };

  const noteObject = (
    type: GraphQLObjectType,
    selections: SelectionSetNode,
    value: Record<string, unknown>,
    fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  ): void => {
    for (const selection of selections.selections) {
      if (selection.kind === Kind.FIELD) {
        const inner = value[selection.alias?.value ?? selection.name.value];
        const field = type.getFields()[selection.name.value];
        if (field === undefined || inner === null || inner === undefined) continue;
        fields.add(`${type.name}.${field.name}`);
        if (type.name === 'Problem' && field.name === 'code') problemCodes.add(toName(inner));
        noteValue(field.type, selection.selectionSet, inner, fragments);
      } else {
        const inside = selection.kind === Kind.INLINE_FRAGMENT ? selection.selectionSet : fragments.get(selection.name.value)?.selectionSet;
        if (inside !== undefined) noteObject(type, inside, value, fragments);
      }
    }
  };

  const noteLiterals = (document: DocumentNode): void => {
    const info = new TypeInfo(schema);
    visit(
      document,
      visitWithTypeInfo(info, {
        EnumValue(node) {
          const type = info.getInputType();
          if (type) enumValues.add(`${getNamedType(type).name}.${node.value}`);
        },
      }),
    );
  };

  return {
    fields,
    enumValues,
    problemCodes,
    note: (source, variables, data) => {
      const document = parse(source);
      noteLiterals(document);
      const operation = document.definitions.find((node): node is OperationDefinitionNode => node.kind === Kind.OPERATION_DEFINITION);
      const root = operation && schema.getRootType(operation.operation);
      if (!operation || !root || !isRecord(data)) return;
      for (const definition of operation.variableDefinitions ?? []) {
        const type = typeFromAST(schema, definition.type as never) as GraphQLInputType | undefined;
        if (type) noteInput(type, variables[definition.variable.name.value]);
      }
      const fragments = new Map(
        document.definitions.flatMap((node) => (node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [])),
      );
      noteObject(root, operation.selectionSet, data, fragments);
    },
  };
}

const isOwn = (name: string): boolean => !name.startsWith('__');

/** Every field of every object type: what a client can ask for. What it can follow stands in tests/schema/subscriptions.test.ts. */
export const allFields = (schema: GraphQLSchema): string[] =>
  Object.values(schema.getTypeMap()).flatMap((type) =>
    isObjectType(type) && isOwn(type.name) && type !== schema.getSubscriptionType()
      ? Object.keys(type.getFields()).map((field) => `${type.name}.${field}`)
      : [],
  );

export const allEnumValues = (schema: GraphQLSchema): string[] =>
  Object.values(schema.getTypeMap()).flatMap((type) =>
    isEnumType(type) && isOwn(type.name) ? type.getValues().map((value) => `${type.name}.${value.name}`) : [],
  );

/** A selection of everything below a type, `depth` objects deep; `argumentsOf` gives literals for arguments that a field needs. */
export function selectAll(type: GraphQLOutputType, depth: number, argumentsOf: (field: string, argument: string) => string | null): string {
  const named = getNamedType(type);
  if (!isObjectType(named)) return '';
  const parts = Object.values(named.getFields()).flatMap((field) => {
    const inner = getNamedType(field.type);
    // a union is told by the name of its type; the fields of its types are asked for where they stand
    if (isUnionType(inner)) return [`${field.name} { __typename }`];
    const isPage = named.name.endsWith('Connection') || named.name.endsWith('Edge');
    const left = isPage ? depth : depth - 1;
    if (isObjectType(inner) && left < 0) return [];
    const given = field.args.flatMap((argument) => {
      const literal = argumentsOf(`${named.name}.${field.name}`, argument.name);
      return literal === null ? [] : [`${argument.name}: ${literal}`];
    });
    if (
      field.args.some(
        (argument) =>
          isNonNullType(argument.type) &&
          argument.defaultValue === undefined &&
          !given.some((text) => text.startsWith(`${argument.name}:`)),
      )
    )
      return [];
    const below = isObjectType(inner) ? selectAll(field.type, left, argumentsOf) : '';
    if (isObjectType(inner) && below === '') return [];
    return [`${field.name}${given.length > 0 ? `(${given.join(', ')})` : ''}${below}`];
  });
  return parts.length === 0 ? '' : ` { ${parts.join(' ')} }`;
}
