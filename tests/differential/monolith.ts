/**
 * One schema with all the data, as pure functions of a seed: what every gateway answer is compared with. Nothing is stored but the
 * counters that mutations change: every value follows from (seed, type, number, field, arguments).
 */
import { buildSchema, execute } from 'graphql';
import type { DocumentNode, ExecutionResult, GraphQLFieldResolver, GraphQLSchema } from 'graphql';
import { createRandom, hash } from './random.ts';
import type { Random } from './random.ts';

/** A field of a requirement: its literal arguments and what is needed below it. */
export type Input = {
  /** Only for objects of this type: written as a fragment. */
  readonly on?: string;
  readonly field: string;
  readonly args: Readonly<Record<string, string>>;
  readonly below: readonly Input[];
};

export type FieldSpec = {
  readonly name: string;
  type: string;
  readonly args: string;
  /** Computed from other fields of the object; where it is owned by a graph without them: `@requires`. */
  readonly inputs: readonly Input[] | null;
  /** Nullable in the schema, never null in the data: a graph may declare it non-null. */
  neverNull?: boolean;
  /** `@inaccessible`: not in the monolith's schema, still required and computed from. */
  hidden?: boolean;
};

export type TypeSpec = {
  readonly name: string;
  readonly kind: 'entity' | 'value' | 'interface' | 'union';
  readonly fields: FieldSpec[];
  readonly interfaces: string[];
  /** Concrete types of an interface or union. */
  readonly members: string[];
};

export type Monolith = {
  readonly seed: number;
  readonly types: ReadonlyMap<string, TypeSpec>;
  readonly queries: readonly FieldSpec[];
  readonly mutations: readonly FieldSpec[];
};

/** An object: its runtime type and number. Subgraphs add what the request told them. */
export type Thing = { readonly t: string; readonly n: number };

/** What mutations change; one per executed operation. */
export type Store = { readonly counters: Map<string, number> };

export const INSTANCES = 4;
export const KEY_FIELDS = ['id', 'code', 'no', 'year', 'ref'];
export const FABRICS = ['Silk', 'Jute', 'Hemp'];
const ENTITIES = ['Mill', 'Loom', 'Crate', 'Buyer', ...FABRICS];

const leaf = (name: string, type: string, args = ''): FieldSpec => ({ name, type, args, inputs: null });

const LEAVES: readonly FieldSpec[] = [
  leaf('name', 'String'),
  leaf('size', 'Int', '(unit: Unit = CM)'),
  leaf('note', 'String', '(lang: String, deep: Deep)'),
  leaf('weight', 'Float'),
  leaf('grade', 'Grade'),
  leaf('blob', 'Blob'),
  leaf('risky', 'Int'),
  leaf('tags', '[String]'),
  leaf('grid', '[[Int!]]'),
  leaf('firm', 'Boolean!'),
];
const INPUTS = new Set(['name', 'size', 'weight', 'grade', 'tags', 'firm', 'blob', 'note']);

export function createMonolith(seed: number): Monolith {
  const random = createRandom(hash('monolith', seed));
  const types = new Map<string, TypeSpec>();
  const add = (name: string, kind: TypeSpec['kind'], fields: FieldSpec[], members: string[] = []): void =>
    void types.set(name, { name, kind, fields, interfaces: [], members });
  add('Ref', 'value', [leaf('n', 'Int!')]);
  add('Spot', 'value', [leaf('x', 'Int!'), leaf('label', 'String'), leaf('owner', 'Buyer'), leaf('inner', 'Inner')]);
  add('Split', 'value', [leaf('p', 'Int!'), leaf('q', 'String'), leaf('r', 'Boolean!'), leaf('who', 'Buyer')]);
  const splitOwner = random.pick(ENTITIES.slice(0, 4));
  add('Inner', 'value', [leaf('deep', 'String'), leaf('flag', 'Boolean!')]);
  for (const name of ENTITIES)
    add(name, 'entity', [leaf('id', 'ID!'), leaf('code', 'String!'), leaf('no', 'Int!'), leaf('year', 'Int!'), leaf('ref', 'Ref!')]);
  const named = random.sample(ENTITIES, 2 + random.int(3));
  add('Named', 'interface', [leaf('id', 'ID!'), leaf('name', 'String')], named);
  add(
    'Fabric',
    'interface',
    [
      leaf('id', 'ID!'),
      leaf('weight', 'Float'),
      leaf('rating', 'Int'),
      leaf('remark', 'String', '(lang: String)'),
      leaf('seller', 'Buyer'),
    ],
    FABRICS,
  );
  add('Goods', 'union', [], random.sample(ENTITIES, 2 + random.int(3)));
  for (const name of ENTITIES) fillEntity(random, types, name);
  types.get(splitOwner)?.fields.push(leaf('split', random.pick(['Split', 'Split!', '[Split!]!', '[Split]'])));
  const fabric = types.get('Fabric');
  const score = computed('score', [{ field: 'weight', args: {}, below: [] }]);
  for (const type of [fabric, ...FABRICS.map((name) => types.get(name))]) type?.fields.push(score);
  const queries = [...types.values()].flatMap((type) => queriesOf(type, random));
  const mutations = random
    .sample(ENTITIES, 3)
    .map((name) => leaf(`bump${name}`, random.chance(0.3) ? `${name}!` : name, '(id: ID!, by: Int! = 1)'));
  return { seed, types, queries, mutations };
}

function fillEntity(random: Random, types: ReadonlyMap<string, TypeSpec>, name: string): void {
  const type = types.get(name);
  if (type === undefined) return;
  const has = (field: string): boolean => type.fields.some((one) => one.name === field);
  const add = (field: FieldSpec): void => void (has(field.name) || type.fields.push({ ...field }));
  for (const above of types.values()) {
    if (above.kind !== 'interface' || !above.members.includes(name)) continue;
    type.interfaces.push(above.name);
    above.fields.forEach(add);
  }
  random.sample(LEAVES, 3 + random.int(5)).forEach(add);
  if (random.chance(0.5)) add(leaf('count', 'Int!'));
  const targets = random.sample(['Mill', 'Loom', 'Crate', 'Buyer', 'Silk', 'Spot', 'Goods', 'Named', 'Fabric', 'Jute'], 2 + random.int(3));
  for (const target of targets)
    add(
      leaf(
        `${random.chance(0.5) ? 'to' : 'the'}${target}`,
        random.pick([target, target, `${target}!`, `[${target}!]!`, `[${target}]`, `[[${target}]!]`]),
      ),
    );
  for (const field of type.fields)
    if (
      LEAVES.some((one) => one.name === field.name && !/[A-Z]/.test(one.args)) &&
      !isInherited(types, type, field.name) &&
      field.name !== 'firm' &&
      random.chance(0.12)
    )
      field.hidden = true;
  const usable = type.fields.filter((field) => INPUTS.has(field.name));
  for (let index = 0; index < 2 && usable.length > 0; index += 1) {
    const inputs = random.sample(usable, 1 + random.int(2)).map((field): Input => ({
      field: field.name,
      args: field.name === 'size' && random.chance(0.6) ? { unit: random.pick(['IN', 'CM']) } : {},
      below: [],
    }));
    const link = type.fields.find((field) => /^(to|the)(Mill|Loom|Crate|Buyer)$/.test(field.name) && !/\[/.test(field.type));
    if (link !== undefined && random.chance(0.5)) {
      const below = random.sample(['id', 'code'], 1).map((field): Input => ({ field, args: {}, below: [] }));
      inputs.push({ field: link.name, args: {}, below });
    }
    const open = type.fields.find((field) => /^(to|the)(Goods|Named|Fabric)$/.test(field.name) && !/\[/.test(field.type));
    if (open !== undefined && random.chance(0.6)) {
      const members = types.get(namedType(open.type))?.members ?? [];
      const below = random
        .sample(members, 1 + random.int(2))
        .map((on): Input => ({ on, field: random.pick(['id', 'code', 'year']), args: {}, below: [] }));
      inputs.push({ field: open.name, args: {}, below });
    }
    if (index === 1 && random.chance(0.5)) inputs.push({ field: 'calc0', args: {}, below: [] });
    add(computed(`calc${index}`, inputs));
  }
}

function isInherited(types: ReadonlyMap<string, TypeSpec>, type: TypeSpec, name: string): boolean {
  return type.interfaces.some((above) => types.get(above)?.fields.some((field) => field.name === name));
}

function computed(name: string, inputs: readonly Input[]): FieldSpec {
  return { name, type: 'String', args: '', inputs };
}

function queriesOf({ name, kind }: TypeSpec, random: Random): FieldSpec[] {
  if (kind === 'value') return name === 'Spot' ? [leaf('spot', 'Spot')] : [];
  const all = leaf(`all${name}`, random.pick([`[${name}!]!`, `[${name}]`, `[${name}!]`]));
  return kind === 'entity' ? [all, leaf(`one${name}`, name, '(id: ID!)')] : [all, leaf(`some${name}`, name)];
}

export function namedType(type: string): string {
  return type.replace(/[[\]!]/g, '');
}

export function concreteTypes(monolith: Monolith, name: string): readonly string[] {
  const type = monolith.types.get(name);
  if (type === undefined) return [];
  return type.kind === 'interface' || type.kind === 'union' ? type.members : [name];
}

export function fieldOf(monolith: Monolith, type: string, name: string): FieldSpec | undefined {
  if (type === 'Query') return monolith.queries.find((field) => field.name === name);
  if (type === 'Mutation') return monolith.mutations.find((field) => field.name === name);
  return monolith.types.get(type)?.fields.find((field) => field.name === name);
}

export const SHARED_SDL = 'enum Unit { CM IN }\nenum Grade { A B C }\nscalar Blob\ninput Deep { a: Int = 3, b: [Deep!] }\n';

export function monolithSdl(monolith: Monolith): string {
  const body = (fields: readonly FieldSpec[]): string =>
    fields
      .filter((field) => field.hidden !== true)
      .map((field) => `  ${field.name}${field.args}: ${field.type}`)
      .join('\n');
  const types = [...monolith.types.values()].map((type) => {
    if (type.kind === 'union') return `union ${type.name} = ${type.members.join(' | ')}`;
    const above = type.interfaces.length === 0 ? '' : ` implements ${type.interfaces.join(' & ')}`;
    return `${type.kind === 'interface' ? 'interface' : 'type'} ${type.name}${above} {\n${body(type.fields)}\n}`;
  });
  return `${SHARED_SDL}type Query {\n${body(monolith.queries)}\n}\ntype Mutation {\n${body(monolith.mutations)}\n}\n${types.join('\n')}`;
}

export function buildMonolith(monolith: Monolith): GraphQLSchema {
  return buildSchema(monolithSdl(monolith));
}

/** The true value of a field. Throws where the data says that it fails. */
export function truth(monolith: Monolith, store: Store, thing: Thing, field: string, args: Readonly<Record<string, unknown>>): unknown {
  const spec = fieldOf(monolith, thing.t, field);
  if (spec === undefined) throw new Error(`No field ${thing.t}.${field}`);
  switch (field) {
    case 'id':
      return `${thing.t}-${thing.n}`;
    case 'code':
      return `${thing.t.charAt(0)}c${thing.n}`;
    case 'no':
      return Math.floor(thing.n / 2);
    case 'year':
      return 2000 + (thing.n % 2);
    case 'ref':
      return { t: 'Ref', n: thing.n };
    case 'n':
      return thing.n;
    case 'count':
      return store.counters.get(`${thing.t}-${thing.n}`) ?? 0;
    case 'risky':
      if (hash(monolith.seed, thing.t, thing.n, 'fails') % 4 === 0) throw new Error(`risky ${thing.t}-${thing.n}`);
  }
  if (thing.t === 'Query' && field.startsWith('one')) return instance(monolith, field.slice(3), args['id']);
  if (thing.t === 'Mutation') return bump(monolith, store, field.slice(4), args);
  if (spec.inputs !== null) return compute(spec.inputs, readInputs(monolith, store, thing, spec.inputs));
  return valueOf(monolith, spec, spec.type, `${thing.t}|${thing.n}|${field}|${JSON.stringify(sorted(args))}`);
}

function instance(monolith: Monolith, type: string, id: unknown): Thing | null {
  for (let n = 0; n < INSTANCES; n += 1) if (id === `${type}-${n}`) return { t: type, n };
  return monolith.types.has(type) ? null : null;
}

function bump(monolith: Monolith, store: Store, type: string, args: Readonly<Record<string, unknown>>): Thing | null {
  const found = instance(monolith, type, args['id']);
  const id = String(args['id']);
  store.counters.set(id, (store.counters.get(id) ?? 0) + Number(args['by']));
  return found;
}

/** What a requirement holds of an object, as a representation would. */
export function readInputs(monolith: Monolith, store: Store, thing: Thing, inputs: readonly Input[]): Record<string, unknown> {
  const defaults = (field: string): Record<string, string> => (field === 'size' ? { unit: 'CM' } : {});
  const read = inputs
    .filter(({ on }) => on === undefined || on === thing.t)
    .map(({ field, args, below }) => {
      const value = truth(monolith, store, thing, field, { ...defaults(field), ...args });
      // Only single objects occur in requirements.
      return [field, below.length === 0 || value === null ? value : readInputs(monolith, store, value as Thing, below)];
    });
  return Object.fromEntries(isAbstract(inputs) ? [['__typename', thing.t], ...read] : read);
}

export function compute(inputs: readonly Input[], values: Readonly<Record<string, unknown>>): string {
  return `calc ${hash(JSON.stringify(sorted(pick(inputs, values))))}`;
}

function pick(inputs: readonly Input[], values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const type = values['__typename'];
  if (isAbstract(inputs) && typeof type !== 'string') throw new Error('POISON: no __typename in an abstract requirement');
  const read = inputs
    .filter(({ on }) => on === undefined || on === type)
    .map(({ field, below }) => {
      const value = values[field];
      if (value === undefined) throw new Error(`POISON: the requirement ${field} was not sent`);
      return [field, below.length === 0 || value === null ? value : pick(below, value as Record<string, unknown>)]; // an object, by the schema
    });
  return Object.fromEntries(isAbstract(inputs) ? [['__typename', type], ...read] : read);
}

function isAbstract(inputs: readonly Input[]): boolean {
  return inputs.some(({ on }) => on !== undefined);
}

export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}

function valueOf(monolith: Monolith, spec: FieldSpec, type: string, at: string): unknown {
  const roll = hash(monolith.seed, at);
  if (!type.endsWith('!') && spec.neverNull !== true && roll % 6 === 0) return null;
  const bare = type.replace(/!$/, '');
  if (bare.startsWith('['))
    return Array.from({ length: hash(roll, 'length') % 4 }, (_, index) => valueOf(monolith, spec, bare.slice(1, -1), `${at}|${index}`));
  return scalarOf(bare, hash(roll, 'value')) ?? thingOf(monolith, bare, hash(roll, 'thing'));
}

function scalarOf(type: string, roll: number): unknown {
  switch (type) {
    case 'Int':
      return (roll % 200) - 100;
    case 'Float':
      return (roll % 1000) / 8;
    case 'String':
      return ['', 'plain', 'two words', 'Ünïcödé 丝', '"quoted"\\', '__typename', `s${roll % 97}`][roll % 7];
    case 'Boolean':
      return roll % 2 === 0;
    case 'Grade':
      return 'ABC'.charAt(roll % 3);
    case 'Blob':
      return [{ id: 'x', __typename: 'Loom', name: { deep: [1, null] } }, [1, 'two', null], 'text', 12.5, true, {}][roll % 6];
    default:
      return undefined;
  }
}

function thingOf(monolith: Monolith, type: string, roll: number): Thing {
  const members = concreteTypes(monolith, type);
  const t = members[roll % members.length] ?? type;
  return { t, n: monolith.types.get(t)?.kind === 'entity' ? hash(roll, 'n') % INSTANCES : roll % 1000 };
}

const ROOTS: Readonly<Record<string, Thing>> = { Query: { t: 'Query', n: 0 }, Mutation: { t: 'Mutation', n: 0 } };

export function runMonolith(
  monolith: Monolith,
  schema: GraphQLSchema,
  document: DocumentNode,
  variables: Readonly<Record<string, unknown>>,
): ExecutionResult {
  const store: Store = { counters: new Map() };
  const fieldResolver: GraphQLFieldResolver<Thing | undefined, Store> = (source, args, context, info) =>
    truth(monolith, context, source ?? ROOTS[info.parentType.name] ?? { t: info.parentType.name, n: 0 }, info.fieldName, args);
  const result = execute({
    schema,
    document,
    variableValues: variables,
    contextValue: store,
    fieldResolver,
    typeResolver: (thing: Thing) => thing.t,
  });
  if (result instanceof Promise) throw new Error('The monolith answers at once');
  return result;
}
