/**
 * An operation as levels: what is selected on one type, the fields of one response name merged, types that select alike taken together.
 * Exports `createLevels`.
 */
import { Kind, type DocumentNode, type FieldNode, type FragmentDefinitionNode, type SelectionSetNode } from 'graphql';
import { idsOf, type Field, type Supergraph } from '../supergraph/index.ts';
import { conditionsOf, type Condition } from './conditions.ts';
import { createArgumentsCost } from './inputs.ts';
import { depthOf, readSlice, type Slice } from './sizes.ts';
import type { CostOptions } from './index.ts';

export type Variables = Readonly<Record<string, unknown>>;

export type CostField = {
  readonly key: string;
  /** Weight of one item. */
  readonly own: number;
  /** Levels of lists that its type has: deeper ones are inside one value. */
  readonly depth: number;
  readonly isIncluded: (variables: Variables) => boolean;
  readonly argumentsCost: (variables: Variables) => number;
  readonly size: (variables: Variables) => number;
  readonly below: Level | null;
};

export type Level = {
  readonly id: number;
  readonly groups: readonly { readonly fields: readonly CostField[] }[];
  readonly isConstant: boolean;
};

type Merged = { readonly key: string; readonly nodes: FieldNode[]; readonly conditions: (readonly Condition[])[] };
type Given = { readonly supergraph: Supergraph; readonly document: DocumentNode; readonly options: CostOptions };
export type Levels = { readonly all: Level[]; levelOf(type: string, sets: readonly SelectionSetNode[], slice?: Slice | null): Level };

export function createLevels({ supergraph, document, options }: Given): Levels {
  const all: Level[] = [];
  const known = new Map<string, Level>();
  const ids = new Map<object, number>();
  const idOf = (node: object): number => {
    const id = ids.get(node) ?? ids.size;
    ids.set(node, id);
    return id;
  };
  const collect = createCollect(supergraph, document);
  const argumentsCostOf = createArgumentsCost(supergraph);

  const toField = (
    type: string,
    { key, nodes, conditions }: Merged,
    outer: Slice | null,
  ): { field: CostField; isConstant: boolean } | null => {
    const [node] = nodes;
    const definition = node === undefined ? undefined : fieldOf(supergraph, type, node.name.value);
    if (node === undefined || definition === undefined) return null;
    const slice = readSlice(node, { definition, supergraph, options, outer });
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    const below = sets.length === 0 ? null : levelOf(definition.type.name, sets, slice.below);
    const cost = argumentsCostOf(definition, node);
    const always = conditions.some((list) => list.length === 0);
    const isIncluded = (variables: Variables) => always || conditions.some((list) => list.every((holds) => holds(variables)));
    const [own, depth] = [weightOf(supergraph, definition), depthOf(definition.type)];
    const field: CostField = { key, own, depth, isIncluded, argumentsCost: cost.of, size: slice.size, below };
    return { field, isConstant: always && cost.isConstant && slice.isConstant && (below?.isConstant ?? true) };
  };

  const levelOf = (type: string, sets: readonly SelectionSetNode[], slice: Slice | null = null): Level => {
    const memoKey = `${type} ${sets.map(idOf).join(' ')} ${slice === null ? '' : idOf(slice)}`;
    const found = known.get(memoKey);
    if (found !== undefined) return found;
    const groups = new Map<string, { fields: CostField[] }>();
    let isConstant = true;
    for (const concrete of concretesOf(supergraph, type)) {
      const made = collect(concrete, sets).flatMap((merged) => toField(concrete, merged, slice) ?? []);
      isConstant &&= made.every((one) => one.isConstant);
      const signature = made.map(({ field }) => `${field.key}:${field.own}:${field.below?.id ?? ''}`).join(' ');
      // Sizes and arguments are read from the same nodes; where types differ in them they stay apart
      const group = `${signature} ${supergraph.costs.listSizes.size + supergraph.costs.weights.size === 0 ? '' : concrete}`;
      if (!groups.has(group)) groups.set(group, { fields: made.map(({ field }) => field) });
    }
    const level: Level = { id: all.length, groups: [...groups.values()], isConstant };
    all.push(level);
    known.set(memoKey, level);
    return level;
  };
  return { all, levelOf };
}

type Collect = (type: string, sets: readonly SelectionSetNode[]) => Merged[];

/** What is selected on one concrete type, by response name. */
function createCollect(supergraph: Supergraph, document: DocumentNode): Collect {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  return (type, sets) => {
    const merged = new Map<string, Merged>();
    const visit = (set: SelectionSetNode, outer: readonly Condition[]): void => {
      for (const node of set.selections) {
        const conditions = [...outer, ...conditionsOf(node)];
        if (node.kind === Kind.FIELD) {
          const key = node.alias?.value ?? node.name.value;
          const one = merged.get(key) ?? { key, nodes: [], conditions: [] };
          merged.set(key, one);
          one.nodes.push(node);
          one.conditions.push(conditions);
          continue;
        }
        const fragment = node.kind === Kind.FRAGMENT_SPREAD ? fragments.get(node.name.value) : node;
        if (fragment === undefined) continue;
        const on = fragment.typeCondition?.name.value;
        if (on === undefined || isOn(supergraph, type, on)) visit(fragment.selectionSet, conditions);
      }
    };
    for (const set of sets) visit(set, []);
    return [...merged.values()];
  };
}

function concretesOf({ types, objects }: Supergraph, name: string): readonly string[] {
  const type = types.get(name);
  if (type === undefined || !('possible' in type)) return [];
  const names = [...idsOf(type.possible)].flatMap((id) => objects[id]?.name ?? []);
  return names.length === 0 ? [name] : names;
}

function isOn({ types }: Supergraph, concrete: string, on: string): boolean {
  if (concrete === on) return true;
  const [own, other] = [types.get(concrete), types.get(on)];
  if (own === undefined || other === undefined || !('possible' in own) || !('possible' in other)) return false;
  if (own.kind !== 'object') return true;
  return [...idsOf(other.possible)].includes(own.objectId);
}

/** Of the type, or of an interface of it that gives the field. */
function fieldOf({ types }: Supergraph, type: string, name: string): Field | undefined {
  const found = types.get(type);
  if (found === undefined || !('possible' in found)) return undefined;
  const own = found.fields.get(name);
  if (own !== undefined) return own;
  for (const one of found.interfaces) {
    const parent = types.get(one);
    const field = parent?.kind === 'interface' ? parent.fields.get(name) : undefined;
    if (field !== undefined) return field;
  }
  return undefined;
}

function weightOf(supergraph: Supergraph, { coordinate, type }: Field): number {
  const { weights } = supergraph.costs;
  const own = weights.get(coordinate) ?? weights.get(type.name);
  if (own !== undefined) return own;
  const named = supergraph.types.get(type.name);
  if (named === undefined || !('possible' in named)) return 0;
  if (named.kind === 'object') return 1;
  return Math.max(1, ...concretesOf(supergraph, type.name).map((name) => weights.get(name) ?? 1));
}
