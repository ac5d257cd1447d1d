/**
 * The data of a monolith as pure functions of its seed. Nothing is stored but the counters that mutations change: every value follows
 * from (seed, type, number, field, arguments).
 */
import { buildSchema, execute } from 'graphql';
import type { DocumentNode, ExecutionResult, GraphQLFieldResolver, GraphQLSchema } from 'graphql';
import { INSTANCES, KEYED, fieldOf, monolithSdl, typesBehind } from './monolith.ts';
import type { FieldSpec, Input, Monolith } from './monolith.ts';
import { hash } from './random.ts';

/** An object: its runtime type and number. Subgraphs add what the request told them. */
export type Thing = {
  readonly t: string;
  readonly n: number;
  /** In the monolith: the object that led to it. */
  readonly above?: Thing;
};

/** What mutations change; one per executed operation. */
export type Store = {
  readonly counters: Map<string, number>;
  readonly calls: string[];
  /** Where given: some fields that may not be null fail, others for each number. */
  readonly breaks: number | null;
};

export const createStore = (breaks: number | null = null): Store => ({ counters: new Map(), calls: [], breaks });

export function buildMonolith(monolith: Monolith): GraphQLSchema {
  return buildSchema(monolithSdl(monolith));
}

type Args = Readonly<Record<string, unknown>>;

/** The true value of a field. Throws where the data says that it fails. */
export function truth(monolith: Monolith, store: Store, thing: Thing, field: string, args: Args): unknown {
  const spec = fieldOf(monolith, thing.t, field);
  if (spec === undefined) throw new Error(`No field ${thing.t}.${field}`);
  if (KEYED.includes(thing.t)) {
    const key = keyValue(monolith, thing, field);
    if (key !== undefined) return key;
  }
  if (field === 'n') return thing.n;
  const failed = store.breaks === null ? null : failsOf(monolith, store.breaks, thing, spec);
  if (failed === 'field') throw new Error(`risky ${thing.t}-${thing.n}.${field}`);
  const value = trueValue(monolith, store, { thing, spec, args });
  if (failed === null || !Array.isArray(value)) return value;
  return value.map((item, index) => (index === failed.item ? new Error(`risky item of ${thing.t}-${thing.n}.${field}`) : item));
}

/** Never what others are computed from: then these would fail elsewhere than here. */
function failsOf(monolith: Monolith, breaks: number, { t, n }: Thing, { name, type }: FieldSpec): 'field' | { item: number } | null {
  const roll = hash(monolith.seed, breaks, t, n, name);
  if (t === 'Mutation' || !type.includes('!') || roll % 3 !== 0) return null;
  const own = monolith.types.get(t);
  if (own?.hidden === true || own?.fields.some(({ inputs }) => isUsed(name, inputs ?? [])) === true) return null;
  return type.endsWith('!') && roll % 4 !== 0 ? 'field' : type.includes('!]') ? { item: hash(roll) % 3 } : null;
}

function isUsed(name: string, inputs: readonly Input[]): boolean {
  return inputs.some(({ field }) => field === name);
}

type Asked = { readonly thing: Thing; readonly spec: FieldSpec; readonly args: Args };

function trueValue(monolith: Monolith, store: Store, { thing, spec, args }: Asked): unknown {
  const field = spec.name;
  if (field === 'count') return store.counters.get(`${thing.t}-${thing.n}`) ?? 0;
  if (field === 'risky' && hash(monolith.seed, thing.t, thing.n, 'fails') % 4 === 0) throw new Error(`risky ${thing.t}-${thing.n}`);
  if (spec.masked !== undefined && isMasked(monolith, thing, spec.masked)) return null;
  if (field === 'kin') return { t: thing.t, n: hash(monolith.seed, thing.t, thing.n, 'kin') % INSTANCES };
  if (thing.t === 'Query' && (field === 'node' || field.startsWith('one'))) return instance(typesBehind(monolith, spec), args['id']);
  if (thing.t === 'Mutation') return mutate(monolith, store, spec, args);
  if (spec.tells !== undefined) return tell(thing, tipOf(monolith, store, thing, spec.tells), args);
  if (spec.inputs !== null) return compute(spec.inputs, readInputs(monolith, store, thing, spec.inputs));
  const value = valueOf(monolith, spec, spec.type, `${thing.t}|${thing.n}|${field}|${JSON.stringify(sorted(args))}`);
  return Array.isArray(value) && typeof args['first'] === 'number' ? value.slice(0, args['first']) : value;
}

/** What the nearest carrier above says. */
function tipOf(monolith: Monolith, store: Store, thing: Thing, tells: ReadonlyMap<string, string>): unknown {
  for (let above = thing.above; above !== undefined; above = above.above) {
    const field = tells.get(above.t);
    if (field !== undefined) return truth(monolith, store, above, field, {});
  }
  throw new Error('Nothing above carries the context');
}

export function tell(thing: Thing, tip: unknown, args: Args): string {
  return `told ${hash(thing.t, thing.n, JSON.stringify(tip), JSON.stringify(args['lang'] ?? null))}`;
}

/** Keys tell the objects of a type apart, most of them not those of two types; `alt` is a key that some do not have. */
function keyValue(monolith: Monolith, { t, n }: Thing, field: string): unknown {
  switch (field) {
    case 'id':
      return `${t}-${n}`;
    case 'code':
      return `${t.charAt(0)}c${n}`;
    case 'no':
      return Math.floor(n / 2);
    case 'year':
      return 2000 + (n % 2);
    case 'ref':
      return { t: 'Ref', n };
    case 'parts':
      // Lists of other lengths, with nulls at other places.
      return [null, { t: 'Ref', n }, ...(n % 2 === 0 ? [null] : []), { t: 'Ref', n: 7 }].slice(n % 3 === 0 ? 1 : 0);
    case 'mark':
      return { id: n, __typename: 'Loom', list: [n, null, { t: 'ü' }] };
    case 'alt':
      return isMasked(monolith, { t, n }, 'alt') ? null : `alt ${n}`;
    default:
      return undefined;
  }
}

export function isMasked(monolith: Monolith, { t, n }: Thing, by: 'alt' | 'absent'): boolean {
  return hash(monolith.seed, t, n, by) % 3 === 0;
}

function instance(types: readonly string[], id: unknown): Thing | null {
  for (const t of types) for (let n = 0; n < INSTANCES; n += 1) if (id === `${t}-${n}`) return { t, n };
  return null;
}

function mutate(monolith: Monolith, store: Store, spec: FieldSpec, args: Args): unknown {
  store.calls.push(spec.name);
  const id = String(args['id']);
  store.counters.set(id, (store.counters.get(id) ?? 0) + Number(args['by'] ?? 1));
  if (spec.name !== 'file') return instance(typesBehind(monolith, spec), id);
  return valueOf(monolith, spec, spec.type, `file|${id}`);
}

/** What a requirement holds of an object, as a representation would. */
function readInputs(monolith: Monolith, store: Store, thing: Thing, inputs: readonly Input[]): Record<string, unknown> {
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
  return `calc ${hash(toJson(sorted(pick(inputs, values))))}`;
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

export function isAbstract(inputs: readonly Input[]): boolean {
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
  if (bare.startsWith('[')) {
    const inner = bare.slice(1, -1);
    const items = Array.from({ length: hash(roll, 'length') % 4 }, (_, index) => valueOf(monolith, spec, inner, `${at}|${index}`));
    return inner.startsWith('[') ? items : withTwin(monolith, spec, items);
  }
  if (bare === 'Grade') return spec.grades?.charAt(hash(roll, 'value') % spec.grades.length) ?? null;
  return scalarOf(bare, hash(roll, 'value')) ?? thingOf(monolith, spec, bare, hash(roll, 'thing'));
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
    case 'Long':
      // As many digits as JSON may have, of which a number of JavaScript keeps some sixteen.
      return roll % 3 === 0 ? (roll % 200) - 100 : (roll % 2 === 0 ? 1n : -1n) * (9_007_199_254_740_993n + 2n * BigInt(roll));
    case 'Blob':
      return [{ id: 'x', __typename: 'Loom', name: { deep: [1, null] } }, [1, 'two', null], 'text', 12.5, true, {}, -0.5, [1e21, [-0.25]]][
        roll % 8
      ];
    default:
      return undefined;
  }
}

function thingOf(monolith: Monolith, spec: FieldSpec, type: string, roll: number): Thing {
  if (type === 'Query') return { t: 'Query', n: 0 };
  const members = typesBehind(monolith, spec);
  const t = members[roll % members.length] ?? type;
  return { t, n: KEYED.includes(t) ? hash(roll, 'n') % INSTANCES : roll % 1000 };
}

/** The last object once more, as one of another type with the same number: most of their keys are equal. */
function withTwin(monolith: Monolith, spec: FieldSpec, items: readonly unknown[]): readonly unknown[] {
  const last = items.findLast((item): item is Thing => typeof item === 'object' && item !== null && 't' in item && 'n' in item);
  const other = typesBehind(monolith, spec).find((name) => name !== last?.t && KEYED.includes(name));
  if (last === undefined || other === undefined || !KEYED.includes(last.t)) return items;
  return [...items, { t: other, n: last.n }];
}

/** The true value, whose objects know what led to them where a tale may ask. */
export function resolveTruth(monolith: Monolith, store: Store, thing: Thing, { field, args }: { field: string; args: Args }): unknown {
  const value = truth(monolith, store, thing, field, args);
  return monolith.types.has('Tale') ? withAbove(value, thing) : value;
}

function withAbove(value: unknown, above: Thing): unknown {
  if (Array.isArray(value)) return value.map((item) => withAbove(item, above));
  return typeof value === 'object' && value !== null && 't' in value && 'n' in value ? { ...value, above } : value;
}

/** JSON text; whole numbers of any size keep all their digits. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) => (typeof one === 'bigint' ? `${BIG}${one}` : one)).replaceAll(
    new RegExp(`"${BIG}(-?\\d+)"`, 'g'),
    '$1',
  );
}

/** Of no string in the data. */
const BIG = '#whole ';

/** The reverse: whole numbers that a number of JavaScript cannot hold become bigints. */
export function fromJson(text: string): unknown {
  if (!/\d{16}/.test(text)) return JSON.parse(text);
  const marked = text.replaceAll(/"(?:[^"\\]|\\.)*"|(?<![\d.])-?\d{16,}(?![\d.eE])/g, (part) =>
    part.startsWith('"') ? part : `"${BIG}${part}"`,
  );
  return JSON.parse(marked, (_key, one: unknown) => (typeof one === 'string' && one.startsWith(BIG) ? BigInt(one.slice(BIG.length)) : one));
}

const ROOTS: Readonly<Record<string, Thing>> = { Query: { t: 'Query', n: 0 }, Mutation: { t: 'Mutation', n: 0 } };

export const rootThing = (type: string): Thing => ROOTS[type] ?? { t: type, n: 0 };

export function runMonolith(
  monolith: Monolith,
  schema: GraphQLSchema,
  document: DocumentNode,
  variables: Args,
): { readonly result: ExecutionResult; readonly calls: readonly string[] } {
  const store = createStore();
  const fieldResolver: GraphQLFieldResolver<Thing | undefined, Store> = (source, args, context, info) =>
    resolveTruth(monolith, context, source ?? rootThing(info.parentType.name), { field: info.fieldName, args });
  const result = execute({
    schema,
    document,
    variableValues: variables,
    contextValue: store,
    fieldResolver,
    typeResolver: (thing: Thing) => thing.t,
  });
  if (result instanceof Promise) throw new Error('The monolith answers at once');
  return { result, calls: store.calls };
}
