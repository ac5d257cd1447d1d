/** Random valid operations over a schema: nasty aliases, fragments everywhere, conditions, variables with and without values. */
import { getNamedType, isAbstractType, isCompositeType, isNonNullType, parse, validate } from 'graphql';
import type { DocumentNode, GraphQLAbstractType, GraphQLArgument, GraphQLCompositeType, GraphQLField, GraphQLSchema } from 'graphql';
import { distancesTo } from './distances.ts';
import type { Focus } from './focus.ts';
import { ENTITIES, INSTANCES } from './monolith.ts';
import { createRandom, hash } from './random.ts';
import type { Random } from './random.ts';

export type Operation = {
  readonly text: string;
  readonly document: DocumentNode;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Override labels that are active for it. */
  readonly labels?: ReadonlySet<string>;
};

const ALIASES = [
  'id',
  '__proto__',
  'then',
  'constructor',
  'toString',
  '_entities',
  'k0',
  '_q0',
  '_e0',
  'name',
  'code',
  'ref',
  'a',
  'prototype',
  'hasOwnProperty',
  'size',
  '__typename',
];
const DEPTH = 5;
const MOST_SELECTIONS = 120;

/** What is given to an argument: as a variable's value, or as GraphQL text. */
export type ArgumentValues = {
  value(arg: GraphQLArgument, field: GraphQLField<unknown, unknown>, random: Random): unknown;
  literal(arg: GraphQLArgument, field: GraphQLField<unknown, unknown>, random: Random): string;
  /** How many times as often as others this field is asked. */
  weight?(field: string): number;
  /** A selection that belongs beside this field, '' for none. */
  beside?(field: string, type: GraphQLCompositeType, random: Random): string;
};

type OperationOptions = {
  readonly values?: ArgumentValues;
  /** The operation goes there, whatever else it asks. */
  readonly focus?: Focus | null;
};

/** Null when the grammar's try was not valid: fields that cannot be merged. */
export function createOperation(schema: GraphQLSchema, seed: number, options: OperationOptions = {}): Operation | null {
  const { values = monolithValues, focus = null } = options;
  const writer = new Writer(schema, createRandom(hash('operation', seed)), { values, focus });
  const { text, variables } = writer.operation();
  const document = parse(text);
  return validate(schema, document).length === 0 ? { text, document, variables } : null;
}

/** Response key → what it stands for at one place of the answer, and the places below it. */
type Scope = { readonly keys: Map<string, string>; readonly below: Map<string, Scope> };

const newScope = (): Scope => ({ keys: new Map(), below: new Map() });

class Writer {
  readonly #schema: GraphQLSchema;
  readonly #random: Random;
  readonly #values: ArgumentValues;
  readonly #focus: Focus | null;
  readonly #declared: string[] = [];
  readonly #variables: Record<string, unknown> = {};
  readonly #fragments: string[] = [];
  #left = MOST_SELECTIONS;
  #besides = 0;
  #steps = 0;

  constructor(schema: GraphQLSchema, random: Random, { values, focus }: Required<OperationOptions>) {
    this.#schema = schema;
    this.#random = random;
    this.#values = values;
    this.#focus = focus;
  }

  operation(): { text: string; variables: Record<string, unknown> } {
    const mutation = this.#schema.getMutationType();
    const isMutation = mutation !== null && mutation !== undefined && this.#random.chance(0.15);
    const root = isMutation ? mutation : this.#schema.getQueryType();
    if (root === null || root === undefined) throw new Error('No root type');
    const random = this.#selections(root, isMutation ? DEPTH - 1 : DEPTH, newScope());
    const way = this.#focus === null || isMutation ? '' : this.#wayTo(root, this.#focus.chain);
    const body = way === '' ? random : `{ ${way} ${random.slice(1)}`;
    const declared = this.#declared.length === 0 ? '' : `(${this.#declared.join(', ')})`;
    return { text: `${isMutation ? 'mutation' : 'query'} Q${declared} ${body}\n${this.#fragments.join('\n')}`, variables: this.#variables };
  }

  #selections(type: GraphQLCompositeType, depth: number, scope: Scope): string {
    const parts: string[] = [];
    const count = 1 + this.#random.int(depth >= DEPTH - 1 ? 3 : 4);
    for (let index = 0; index < count; index += 1) {
      const roll = this.#random.next();
      const part = roll < 0.2 && depth > 0 ? this.#fragment(type, depth, scope) : this.#field(type, depth, scope);
      if (part !== '') parts.push(part);
    }
    if (isAbstractType(type) && this.#random.chance(0.3)) parts.push(...this.#alike(type, scope));
    if (parts.length === 0) parts.push(this.#random.chance(0.5) && !scope.keys.has('__typename') ? '__typename' : this.#typename(scope));
    return `{ ${parts.join(' ')} }`;
  }

  /** The same leaves of several types: what their objects are asked for differs by their names only. */
  #alike(type: GraphQLAbstractType, scope: Scope): string[] {
    const members = this.#random.sample(this.#schema.getPossibleTypes(type), 3);
    const isCommon = ({ name, args, type: own }: GraphQLField<unknown, unknown>): boolean =>
      args.length === 0 &&
      (scope.keys.get(name) ?? name) === name &&
      !isCompositeType(getNamedType(own)) &&
      members.every((member) => String(member.getFields()[name]?.type) === String(own));
    const common = Object.values(members[0]?.getFields() ?? {}).filter(isCommon);
    const names = this.#random.sample(common, 2).map(({ name }) => name);
    if (names.length === 0) return [];
    for (const name of names) scope.keys.set(name, name);
    return members.map((member) => `... on ${member.name} { ${names.join(' ')} }`);
  }

  #typename(scope: Scope): string {
    const key = ['t', 't1', 't2', 't3'].find((one) => (scope.keys.get(one) ?? '__typename') === '__typename') ?? 't4';
    scope.keys.set(key, '__typename');
    return `${key}: __typename`;
  }

  #field(type: GraphQLCompositeType, depth: number, scope: Scope): string {
    this.#left -= 1;
    if (!('getFields' in type) || this.#random.chance(0.1)) return this.#typename(scope);
    const fields = Object.values(type.getFields()).filter((one) => depth > 1 || !isCompositeType(getNamedType(one.type)));
    if (fields.length === 0 || this.#left < 0) return this.#typename(scope);
    const field = this.#pick(fields, (one) => this.#values.weight?.(one.name) ?? 1);
    const named = getNamedType(field.type);
    const args = this.#arguments(field);
    const key = this.#key(field, args, scope);
    const alias = key === field.name ? '' : `${key}: `;
    const beside = this.#values.beside?.(field.name, type, this.#random) ?? '';
    if (beside !== '') this.#besides += 1;
    const more = beside === '' ? '' : ` b${this.#besides}: ${beside}`;
    if (!isCompositeType(named)) return `${alias}${field.name}${args}${this.#condition()}${more}`;
    const below = scope.below.get(key) ?? newScope();
    scope.below.set(key, below);
    return `${alias}${field.name}${args}${this.#condition()} ${this.#selections(named, depth - 1, below)}`;
  }

  #pick<T>(list: readonly T[], weightOf: (item: T) => number): T {
    const weights = list.map(weightOf);
    let left = this.#random.int(weights.reduce((sum, weight) => sum + weight, 0));
    const at = weights.findIndex((weight) => (left -= weight) < 0);
    const item = list[at];
    if (item === undefined) throw new Error('Nothing to pick from');
    return item;
  }

  /** From the type to the first field of the chain by a shortest way, then along the chain; '' where there is none. */
  #wayTo(type: GraphQLCompositeType, chain: readonly string[]): string {
    const [next, ...rest] = chain;
    if (next === undefined) return '';
    const [target = '', name = ''] = next.split('.');
    const [found = type] = this.#possible(type).includes(target) ? [this.#schema.getType(target)] : [];
    if (!('getFields' in found) || !isCompositeType(found)) return '';
    const field = found.name === target ? found.getFields()[name] : undefined;
    if (field !== undefined)
      return this.#within(
        type,
        found,
        this.#step(field, (named) => this.#wayTo(named, rest)),
      );
    const links = this.#linksTo(type, target);
    if (links.length === 0) return this.#throughMember(type, target, chain);
    return this.#step(this.#random.pick(links), (named) => this.#wayTo(named, chain));
  }

  /** A field under a key of its own, what the way goes on with below it, and something else at times. */
  #step(field: GraphQLField<unknown, unknown>, goOn: (named: GraphQLCompositeType) => string): string {
    const start = `w${(this.#steps += 1)}: ${field.name}${this.#arguments(field)}`;
    const named = getNamedType(field.type);
    if (!isCompositeType(named)) return start;
    const way = goOn(named);
    const more = way === '' || this.#random.chance(0.4) ? this.#selections(named, way === '' ? 2 : 1, newScope()) : '';
    return more === '' ? `${start} { ${way} }` : `${start} { ${way} ${more.slice(1)}`;
  }

  #within(type: GraphQLCompositeType, on: GraphQLCompositeType, selection: string): string {
    return on === type || selection === '' ? selection : `... on ${on.name} { ${selection} }`;
  }

  /** Fields of the type that come nearer to the target. */
  #linksTo(type: GraphQLCompositeType, target: string): GraphQLField<unknown, unknown>[] {
    const distances = distancesTo(this.#schema, target);
    const here = distances.get(type.name) ?? Infinity;
    if (!('getFields' in type)) return [];
    return Object.values(type.getFields()).filter((field) => (distances.get(getNamedType(field.type).name) ?? Infinity) < here);
  }

  /** Where the type itself has no field that comes nearer. */
  #throughMember(type: GraphQLCompositeType, target: string, chain: readonly string[]): string {
    if (!isAbstractType(type)) return '';
    const far = distancesTo(this.#schema, target);
    const isNearer = ({ name }: GraphQLCompositeType): boolean => (far.get(name) ?? Infinity) < (far.get(type.name) ?? 0);
    const members = this.#schema.getPossibleTypes(type).filter(isNearer);
    if (members.length === 0) return '';
    const member = this.#random.pick(members);
    return this.#within(type, member, this.#wayTo(member, chain));
  }

  #possible(type: GraphQLCompositeType): readonly string[] {
    return isAbstractType(type) ? [type.name, ...this.#schema.getPossibleTypes(type).map(({ name }) => name)] : [type.name];
  }

  /** A response key that means nothing else here; one in ten tries is left to chance. */
  #key(field: GraphQLField<unknown, unknown>, args: string, scope: Scope): string {
    const meaning = field.name + args;
    for (let tries = 0; tries < 8; tries += 1) {
      const key = this.#random.chance(0.55) ? field.name : this.#random.pick(ALIASES);
      const taken = scope.keys.get(key);
      if (taken !== undefined && taken !== meaning && this.#random.chance(0.97)) continue;
      scope.keys.set(key, meaning);
      return key;
    }
    const key = `f${scope.keys.size}`;
    scope.keys.set(key, meaning);
    return key;
  }

  #fragment(type: GraphQLCompositeType, depth: number, scope: Scope): string {
    const on = this.#random.pick(this.#overlapping(type));
    if (this.#random.chance(0.25)) {
      const name = `F${this.#fragments.length}`;
      const place = this.#fragments.push('') - 1;
      this.#fragments[place] = `fragment ${name} on ${on.name} ${this.#selections(on, depth, scope)}`;
      return `...${name}${this.#condition()}`;
    }
    const condition = on === type && this.#random.chance(0.5) ? '' : ` on ${on.name}`;
    return `...${condition}${this.#condition()} ${this.#selections(on, depth, scope)}`;
  }

  #overlapping(type: GraphQLCompositeType): GraphQLCompositeType[] {
    const possible = (one: GraphQLCompositeType): readonly string[] =>
      isAbstractType(one) ? this.#schema.getPossibleTypes(one).map(({ name }) => name) : [one.name];
    const own = possible(type);
    return Object.values(this.#schema.getTypeMap()).filter(
      (one) => isCompositeType(one) && !one.name.startsWith('__') && possible(one).some((name) => own.includes(name)),
    ) as GraphQLCompositeType[]; // just filtered
  }

  #condition(): string {
    if (!this.#random.chance(0.08)) return '';
    const directive = this.#random.pick(['skip', 'include']);
    return ` @${directive}(if: ${this.#random.chance(0.3) ? this.#random.pick(['true', 'false']) : this.#booleanVariable()})`;
  }

  #booleanVariable(): string {
    const name = `c${this.#random.int(3)}`;
    if (!this.#declared.some((text) => text.startsWith(`$${name}:`))) {
      const hasDefault = this.#random.chance(0.4);
      this.#declared.push(
        `$${name}: Boolean${hasDefault ? ` = ${String(this.#random.chance(0.5))}` : ''}!`.replace(/Boolean = (\w+)!/, 'Boolean! = $1'),
      );
      if (!hasDefault || this.#random.chance(0.5)) this.#variables[name] = this.#random.chance(0.6);
    }
    return `$${name}`;
  }

  #arguments(field: GraphQLField<unknown, unknown>): string {
    const given = field.args.flatMap((arg) => {
      if (!isNonNullType(arg.type) && this.#random.chance(0.5)) return [];
      if (isNonNullType(arg.type) && arg.defaultValue !== undefined && this.#random.chance(0.5)) return [];
      return [`${arg.name}: ${this.#random.chance(0.35) ? this.#variable(arg, field) : this.#literal(arg, field)}`];
    });
    return given.length === 0 ? '' : `(${given.join(', ')})`;
  }

  #variable(arg: GraphQLArgument, field: GraphQLField<unknown, unknown>): string {
    const name = `v${this.#declared.length}`;
    const isRequired = isNonNullType(arg.type);
    this.#declared.push(
      `$${name}: ${arg.type.toString()}${!isRequired && this.#random.chance(0.3) ? ` = ${this.#literal(arg, field)}` : ''}`,
    );
    if (isRequired || this.#random.chance(0.7))
      this.#variables[name] = !isRequired && this.#random.chance(0.2) ? null : this.#values.value(arg, field, this.#random);
    return `$${name}`;
  }

  #literal(arg: GraphQLArgument, field: GraphQLField<unknown, unknown>): string {
    if (!isNonNullType(arg.type) && this.#random.chance(0.1)) return 'null';
    return this.#values.literal(arg, field, this.#random);
  }
}

/** Fields behind which rare constructs stand. */
const OFTEN: readonly (readonly [RegExp, number])[] = [
  [/^calc|^score$/, 5],
  [/^extras?$|^split$|^kin$|^node$|^grade$/, 3],
  [/^(to|the|all|some)(Goods|Named|Fabric)$/, 3],
  [/^(to|the|all|one)[A-Z]|^seller$|^rating$|^remark$|^size$/, 2],
];

const monolithValues: ArgumentValues = {
  weight: (field) => OFTEN.find(([pattern]) => pattern.test(field))?.[1] ?? 1,
  // A requirement's argument stands against the client's own.
  beside: (field, type, random) =>
    field.startsWith('calc') && 'getFields' in type && type.getFields()['size'] !== undefined && random.chance(0.4)
      ? `size(unit: ${random.pick(['IN', 'CM'])})`
      : '',
  value(arg, field, random) {
    switch (arg.name) {
      case 'id':
        return `${/^(node|file)$/.test(field.name) ? random.pick(ENTITIES) : field.name.replace(/^(one|bump)/, '')}-${random.int(INSTANCES + 1)}`;
      case 'unit':
        return random.pick(['CM', 'IN']);
      case 'lang':
        return random.pick(['en', 'zh-CN', '', '$x', '"']);
      case 'deep':
        return random.pick([{}, { a: 1 }, { a: null }, { a: 2, b: [{ a: 3 }, { b: [] }] }]);
      default:
        return 1 + random.int(3);
    }
  },
  literal(arg, field, random) {
    const value = this.value(arg, field, random);
    return arg.name === 'unit' ? String(value) : JSON.stringify(value).replace(/"(\w+)":/g, '$1: ');
  },
};
