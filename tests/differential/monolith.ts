/**
 * One schema with all the data: what every gateway answer is compared with. Here is its shape, made from a seed; its values are in
 * truth.ts. Every type has several keys, fields computed from others, links to all kinds of types.
 */
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
  /** Types that objects behind this field really have; all, if not said. */
  readonly only?: readonly string[];
  /** Values of the enum Grade that this field really has. */
  readonly grades?: string;
  /** Null for every object that the field's graph cannot be asked for: the key is null, or the graph does not know the object. */
  masked?: 'alt' | 'absent';
  /** Computed from a field of the nearest object above that carries the context: by its type, which. */
  readonly tells?: Map<string, string>;
};

export type TypeSpec = {
  readonly name: string;
  readonly kind: 'entity' | 'value' | 'interface' | 'union';
  readonly fields: FieldSpec[];
  readonly interfaces: string[];
  /** Concrete types of an interface or union. */
  readonly members: string[];
  /** `@inaccessible` as a whole: all fields that return it are hidden. */
  readonly hidden?: boolean;
};

export type Monolith = {
  readonly seed: number;
  readonly types: ReadonlyMap<string, TypeSpec>;
  readonly queries: readonly FieldSpec[];
  readonly mutations: readonly FieldSpec[];
  /** A value of Grade that clients do not know. */
  hiddenGrade: string | null;
};

export const INSTANCES = 4;
export const KEY_FIELDS: readonly string[] = ['id', 'code', 'no', 'year', 'ref', 'parts', 'mark'];
export const FABRICS: readonly string[] = ['Silk', 'Jute', 'Hemp'];
export const ENTITIES: readonly string[] = ['Mill', 'Loom', 'Crate', 'Buyer', ...FABRICS];
/** Types that lead to a tale; a tale is told by what its nearest one is like. */
export const TELLERS: readonly string[] = ['Mill', 'Loom', 'Crate', 'Buyer'];
/** Everything that has keys. */
export const KEYED: readonly string[] = [...ENTITIES, 'Tale'];
const FABRIC_FIELDS: readonly string[] = ['weight', 'rating', 'remark', 'seller', 'score'];

export const leaf = (name: string, type: string, args = ''): FieldSpec => ({ name, type, args, inputs: null });

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
  leaf('serial', 'Long'),
];
const INPUTS = new Set(['name', 'size', 'weight', 'grade', 'tags', 'firm', 'blob', 'note', 'vault', 'serial']);
const GRADES: readonly string[] = ['ABC', 'AB', 'BCD', 'ACD', 'D', 'ABD'];

export function createMonolith(seed: number): Monolith {
  const random = createRandom(hash('monolith', seed));
  const types = new Map<string, TypeSpec>();
  const add = (name: string, kind: TypeSpec['kind'], fields: FieldSpec[], members: string[] = []): void =>
    void types.set(name, { name, kind, fields, interfaces: [], members });
  add('Ref', 'value', [leaf('n', 'Int!')]);
  add('Spot', 'value', [leaf('x', 'Int!'), leaf('label', 'String'), leaf('owner', 'Buyer'), leaf('inner', 'Inner')]);
  add('Split', 'value', [leaf('p', 'Int!'), leaf('q', 'String'), leaf('r', 'Boolean!'), leaf('who', 'Buyer')]);
  add('Inner', 'value', [leaf('deep', 'String'), leaf('flag', 'Boolean!')]);
  add('Receipt', 'value', [leaf('done', 'Boolean!'), leaf('query', 'Query!'), leaf('thing', 'Mill')]);
  types.set('Vault', { name: 'Vault', kind: 'value', fields: [leaf('x', 'Int!')], interfaces: [], members: [], hidden: true });
  for (const name of ENTITIES) add(name, 'entity', keyFields());
  const named = random.sample(ENTITIES, 2 + random.int(3));
  const namedFields = [leaf('id', 'ID!'), leaf('name', 'String'), ...(random.chance(0.6) ? [leaf('kin', 'Named')] : [])];
  add('Named', 'interface', namedFields, named);
  const fabricKeys = random.chance(0.5) ? [leaf('id', 'ID!')] : [leaf('id', 'ID!'), leaf('code', 'String!')];
  const score = computed('score', [{ field: 'weight', args: {}, below: [] }]);
  const shared = [leaf('weight', 'Float'), leaf('rating', 'Int'), leaf('remark', 'String', '(lang: String)'), leaf('seller', 'Buyer')];
  add('Fabric', 'interface', [...fabricKeys, ...shared, score], [...FABRICS]);
  add('Goods', 'union', [], random.sample(ENTITIES, 2 + random.int(3)));
  for (const name of ENTITIES) fillEntity(random, types, name);
  if (random.chance(0.5)) addTale(random, types);
  for (const name of random.sample(ENTITIES.slice(0, 4), 2))
    types.get(name)?.fields.push(leaf('split', random.pick(['Split', 'Split!', '[Split!]!', '[Split]'])));
  const queries = [...types.values()].flatMap((type) => queriesOf(type, random));
  const mutations = random
    .sample(ENTITIES, 3)
    .map((name) => leaf(`bump${name}`, random.chance(0.3) ? `${name}!` : name, '(id: ID!, by: Int! = 1)'));
  mutations.push(leaf('file', random.pick(['Receipt', 'Receipt!', '[Receipt]']), '(id: ID!)'));
  return { seed, types, queries, mutations, hiddenGrade: random.chance(0.7) ? 'D' : null };
}

function keyFields(): FieldSpec[] {
  return [
    leaf('id', 'ID!'),
    leaf('code', 'String!'),
    leaf('no', 'Int!'),
    leaf('year', 'Int!'),
    leaf('ref', 'Ref!'),
    leaf('parts', '[Ref]!'),
    leaf('mark', 'Blob!'),
  ];
}

/** Only the tellers lead to a tale, so that there is always one above it, at times with other tales between. */
function addTale(random: Random, types: Map<string, TypeSpec>): void {
  const fields = [...keyFields(), leaf('again', 'Tale'), { ...leaf('told', 'String', '(lang: String)'), tells: new Map<string, string>() }];
  types.set('Tale', { name: 'Tale', kind: 'entity', fields, interfaces: [], members: [] });
  fillEntity(random, types, 'Tale');
  for (const name of random.sample(TELLERS, 2 + random.int(2)))
    types.get(name)?.fields.push(leaf(random.pick(['tale', 'tales']), random.pick(['Tale', 'Tale', '[Tale!]', '[Tale]!'])));
}

function fillEntity(random: Random, types: ReadonlyMap<string, TypeSpec>, name: string): void {
  const type = types.get(name);
  if (type === undefined) return;
  const add = (field: FieldSpec): void => void (type.fields.some((one) => one.name === field.name) || type.fields.push({ ...field }));
  for (const above of types.values()) {
    if (above.kind !== 'interface' || !above.members.includes(name)) continue;
    type.interfaces.push(above.name);
    // The object's own field is narrower than the interface's.
    for (const field of above.fields) add(field.name === 'kin' ? leaf('kin', name) : field);
  }
  for (const field of random.sample(LEAVES, 3 + random.int(5)))
    add(field.name === 'grade' ? { ...field, grades: random.pick(GRADES) } : field);
  add(leaf('alt', 'String'));
  for (const field of [leaf('extra', 'String'), leaf('extras', '[Int!]')]) add(field);
  if (random.chance(0.5)) add(leaf('count', 'Int!'));
  if (random.chance(0.3)) add({ ...leaf('vault', 'Vault'), hidden: true });
  const targets = random.sample(['Mill', 'Loom', 'Crate', 'Buyer', 'Silk', 'Spot', 'Goods', 'Named', 'Fabric', 'Jute'], 3 + random.int(3));
  for (const target of targets) add(linkTo(random, types, target));
  for (const field of type.fields) {
    const isLeaf = LEAVES.some((one) => one.name === field.name && !/[A-Z]/.test(one.args));
    if (isLeaf && !isInherited(types, type, field.name) && field.name !== 'firm' && random.chance(0.12)) field.hidden = true;
  }
  for (let index = 0; index < 3; index += 1) addComputed(random, types, type, index);
}

function linkTo(random: Random, types: ReadonlyMap<string, TypeSpec>, target: string): FieldSpec {
  const type = random.pick([target, target, target, `${target}!`, `[${target}!]!`, `[${target}]`, `[[${target}]!]`]);
  const field = leaf(`${random.chance(0.5) ? 'to' : 'the'}${target}`, type);
  const members = types.get(target)?.members ?? [];
  if (members.length === 0 || target === 'Fabric' || random.chance(0.3)) return field;
  return { ...field, only: random.sample(members, 1 + random.int(members.length)) };
}

function addComputed(random: Random, types: ReadonlyMap<string, TypeSpec>, type: TypeSpec, index: number): void {
  const usable = type.fields.filter((field) => INPUTS.has(field.name));
  const sized = usable.filter(({ name }) => name === 'size' && random.chance(0.5));
  const inputs = [...new Set([...sized, ...random.sample(usable, 1 + random.int(2))])].map((field): Input => ({
    field: field.name,
    args: field.name === 'size' && random.chance(0.6) ? { unit: random.pick(['IN', 'CM']) } : {},
    below: field.name === 'vault' ? [{ field: 'x', args: {}, below: [] }] : [],
  }));
  const link = type.fields.find((field) => /^(to|the)(Mill|Loom|Crate|Buyer)$/.test(field.name) && !/\[/.test(field.type));
  if (link !== undefined && random.chance(0.5)) {
    const below = random.sample(['id', 'code'], 1).map((field): Input => ({ field, args: {}, below: [] }));
    inputs.push({ field: link.name, args: {}, below });
  }
  const [open] = random.sample(
    type.fields.filter((field) => /^(to|the)(Goods|Named|Fabric)$/.test(field.name) && !/\[/.test(field.type)),
    1,
  );
  if (open !== undefined && random.chance(0.6)) {
    const members = open.only ?? types.get(namedType(open.type))?.members ?? [];
    const below = random
      .sample(members, 1 + random.int(2))
      .map((on): Input => ({ on, field: random.pick(['id', 'code', 'year']), args: {}, below: [] }));
    inputs.push({ field: open.name, args: {}, below });
  }
  if (index > 0 && random.chance(0.6)) inputs.push({ field: `calc${index - 1}`, args: {}, below: [] });
  if (inputs.length > 0) type.fields.push(computed(`calc${index}`, inputs));
}

function isInherited(types: ReadonlyMap<string, TypeSpec>, type: TypeSpec, name: string): boolean {
  return type.interfaces.some((above) => types.get(above)?.fields.some((field) => field.name === name));
}

function computed(name: string, inputs: readonly Input[]): FieldSpec {
  return { name, type: 'String', args: '', inputs };
}

function queriesOf({ name, kind, members }: TypeSpec, random: Random): FieldSpec[] {
  if (name === 'Tale') return [];
  if (kind === 'value') return name === 'Spot' ? [leaf('spot', 'Spot')] : name === 'Receipt' ? [leaf('receipt', 'Receipt')] : [];
  const all = leaf(
    `all${name}`,
    random.pick([`[${name}!]!`, `[${name}]`, `[${name}!]`]),
    random.pick(['(first: Int)', '(first: Int = 3)']),
  );
  if (kind === 'entity') return [all, leaf(`one${name}`, name, '(id: ID!)')];
  const some = leaf(`some${name}`, name);
  const only = (): { only?: string[] } =>
    name === 'Fabric' || random.chance(0.4) ? {} : { only: random.sample(members, 1 + random.int(members.length)) };
  const roots = [
    { ...all, ...only() },
    { ...some, ...only() },
  ];
  return name === 'Named' ? [...roots, { ...leaf('node', 'Named', '(id: ID!)'), ...only() }] : roots;
}

export function namedType(type: string): string {
  return type.replace(/[[\]!]/g, '');
}

export function concreteTypes(monolith: Monolith, name: string): readonly string[] {
  const type = monolith.types.get(name);
  if (type === undefined) return [];
  return type.kind === 'interface' || type.kind === 'union' ? type.members : [name];
}

/** The types that objects behind a field may have. */
export function typesBehind(monolith: Monolith, field: FieldSpec): readonly string[] {
  return field.only ?? concreteTypes(monolith, namedType(field.type));
}

export function fieldOf(monolith: Monolith, type: string, name: string): FieldSpec | undefined {
  if (type === 'Query') return monolith.queries.find((field) => field.name === name);
  if (type === 'Mutation') return monolith.mutations.find((field) => field.name === name);
  return monolith.types.get(type)?.fields.find((field) => field.name === name);
}

export function isFabricField(type: TypeSpec, field: FieldSpec): boolean {
  return type.interfaces.includes('Fabric') && FABRIC_FIELDS.includes(field.name);
}

/** A leaf that can be copied: no key field, nothing that fails or changes, nothing computed. */
export function isPlainLeaf(monolith: Monolith, field: FieldSpec): boolean {
  return (
    !monolith.types.has(namedType(field.type)) &&
    field.inputs === null &&
    field.masked === undefined &&
    !['risky', 'count', 'alt', 'extra', 'extras', 'told', ...KEY_FIELDS].includes(field.name)
  );
}

export function monolithSdl(monolith: Monolith): string {
  const body = (fields: readonly FieldSpec[]): string =>
    fields
      .filter((field) => field.hidden !== true)
      .map((field) => `  ${field.name}${field.args}: ${field.type}`)
      .join('\n');
  const types = [...monolith.types.values()].map((type) => {
    if (type.hidden === true) return '';
    if (type.kind === 'union') return `union ${type.name} = ${type.members.join(' | ')}`;
    const above = type.interfaces.length === 0 ? '' : ` implements ${type.interfaces.join(' & ')}`;
    return `${type.kind === 'interface' ? 'interface' : 'type'} ${type.name}${above} {\n${body(type.fields)}\n}`;
  });
  const grades = ['A', 'B', 'C', 'D'].filter((grade) => grade !== monolith.hiddenGrade).join(' ');
  const shared = `enum Unit { CM IN }\nenum Grade { ${grades} }\nscalar Blob\nscalar Long\ninput Deep { a: Int = 3, b: [Deep!] }\n`;
  return `${shared}type Query {\n${body(monolith.queries)}\n}\ntype Mutation {\n${body(monolith.mutations)}\n}\n${types.join('\n')}`;
}
