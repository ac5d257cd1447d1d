/**
 * The public schema as somebody sees it who may not read all of it: for introspection. Fields that are denied are gone, then types
 * without a field and fields of such types, then what cannot be reached any more. Exports `visibleSchema`.
 */
import {
  GraphQLInterfaceType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLUnionType,
  getNamedType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql';
import type { GraphQLFieldConfig, GraphQLFieldConfigMap, GraphQLNamedType, GraphQLOutputType } from 'graphql';
import { reachableTypes } from './reachable-types.ts';

export function visibleSchema(schema: GraphQLSchema, denied: ReadonlySet<string>): GraphQLSchema {
  if (denied.size === 0) return schema;
  return rebuild(schema, findVisible(schema, denied));
}

type Fielded = GraphQLObjectType | GraphQLInterfaceType;
type Visible = { readonly fields: ReadonlyMap<string, ReadonlySet<string>>; has(name: string): boolean };

function findVisible(schema: GraphQLSchema, denied: ReadonlySet<string>): Visible {
  const all = Object.values(schema.getTypeMap()).filter((type) => !type.name.startsWith('__'));
  const fields = new Map<string, Set<string>>();
  for (const type of all) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    const names = Object.keys(type.getFields()).filter((name) => !denied.has(`${type.name}.${name}`));
    fields.set(type.name, new Set(names));
  }
  const roots = new Set([schema.getQueryType()?.name]);
  const gone = new Set<string>();
  const isGone = (type: GraphQLNamedType): boolean => {
    if (roots.has(type.name)) return false;
    if (isUnionType(type)) return type.getTypes().every(({ name }) => gone.has(name));
    return (fields.get(type.name)?.size ?? 1) === 0;
  };
  const progress = (): string => `${gone.size} ${[...fields.values()].reduce((sum, names) => sum + names.size, 0)}`;
  for (let before = ''; before !== progress();) {
    before = progress();
    for (const type of all) {
      if (isObjectType(type) || isInterfaceType(type)) hideFields(schema, type, { fields, gone });
      if (isGone(type)) gone.add(type.name);
    }
  }
  return { fields, has: (name) => !gone.has(name) };
}

type Found = { readonly fields: ReadonlyMap<string, Set<string>>; readonly gone: ReadonlySet<string> };

/** Fields of types that are gone; and of interfaces what an implementer that is still there does not show: the schema stays valid. */
function hideFields(schema: GraphQLSchema, type: Fielded, { fields, gone }: Found): void {
  const own = fields.get(type.name) ?? new Set();
  const below = isInterfaceType(type) ? schema.getImplementations(type) : { objects: [], interfaces: [] };
  const others = [...below.objects, ...below.interfaces].filter(({ name }) => !gone.has(name));
  for (const [name, field] of Object.entries(type.getFields())) {
    if (gone.has(getNamedType(field.type).name) || others.some((other) => fields.get(other.name)?.has(name) !== true)) own.delete(name);
  }
}

function rebuild(schema: GraphQLSchema, visible: Visible): GraphQLSchema {
  const made = new Map<string, GraphQLNamedType>();
  const take = <T extends GraphQLNamedType>(types: readonly T[]): T[] =>
    // A type is made anew as the same kind of type
    types.flatMap((type) => (visible.has(type.name) ? [(made.get(type.name) ?? type) as T] : []));
  const toOutput = (type: GraphQLOutputType): GraphQLOutputType => {
    if (isNonNullType(type)) return new GraphQLNonNull(toOutput(type.ofType));
    if (isListType(type)) return new GraphQLList(toOutput(type.ofType));
    return take([type])[0] ?? type;
  };
  const fieldsOf = (type: Fielded, config: GraphQLFieldConfigMap<unknown, unknown>): GraphQLFieldConfigMap<unknown, unknown> =>
    Object.fromEntries(
      Object.entries(config).flatMap(([name, field]): [string, GraphQLFieldConfig<unknown, unknown>][] =>
        visible.fields.get(type.name)?.has(name) === true ? [[name, { ...field, type: toOutput(field.type) }]] : [],
      ),
    );
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__') || !visible.has(type.name)) continue;
    made.set(type.name, remake(type, { take, fieldsOf }));
  }
  const config = schema.toConfig();
  const root = (type: GraphQLObjectType | null | undefined): GraphQLObjectType | null =>
    type === null || type === undefined ? null : (take([type])[0] ?? null);
  const roots = { query: root(config.query), mutation: root(config.mutation), subscription: root(config.subscription) };
  // Without a field that this one may read, the query root stays all the same, and no schema without fields is valid
  const whole = new GraphQLSchema({ ...config, ...roots, types: [...made.values()], assumeValid: true });
  return new GraphQLSchema({ ...config, ...roots, types: reachableTypes(whole), assumeValid: true });
}

type Remaking = {
  readonly take: <T extends GraphQLNamedType>(types: readonly T[]) => T[];
  readonly fieldsOf: (type: Fielded, config: GraphQLFieldConfigMap<unknown, unknown>) => GraphQLFieldConfigMap<unknown, unknown>;
};

function remake(type: GraphQLNamedType, { take, fieldsOf }: Remaking): GraphQLNamedType {
  if (isObjectType(type)) {
    const config = type.toConfig();
    return new GraphQLObjectType({ ...config, interfaces: () => take(config.interfaces), fields: () => fieldsOf(type, config.fields) });
  }
  if (isInterfaceType(type)) {
    const config = type.toConfig();
    return new GraphQLInterfaceType({ ...config, interfaces: () => take(config.interfaces), fields: () => fieldsOf(type, config.fields) });
  }
  if (isUnionType(type)) {
    const config = type.toConfig();
    return new GraphQLUnionType({ ...config, types: () => take(config.types) });
  }
  return type;
}
