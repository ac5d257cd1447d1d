/** How many items a field has, at most, by its slicing arguments, `@listSize` and defaults. Exports `readSlice` and `depthOf`. */
import { Kind, type FieldNode, type ValueNode } from 'graphql';
import { EngineError, type Field, type ListSize, type Supergraph, type TypeRef } from '../supergraph/index.ts';
import type { CostOptions } from './index.ts';
import type { Variables } from './levels.ts';

/** The size that a field gives to lists below it. */
export type Slice = { readonly fields: readonly string[]; readonly size: (variables: Variables) => number; readonly isConstant: boolean };

type Surroundings = {
  readonly definition: Field;
  readonly supergraph: Supergraph;
  readonly options: CostOptions;
  readonly outer: Slice | null;
};
type Sized = { readonly size: (variables: Variables) => number; readonly isConstant: boolean; readonly below: Slice | null };

/** Lists of a connection, where the schema has no `@listSize`. */
const connectionLists: readonly string[] = ['nodes', 'edges'];
const one = () => 1;

export function readSlice(node: FieldNode, { definition, supergraph, options, outer }: Surroundings): Sized {
  const depth = depthOf(definition.type);
  const stated = supergraph.costs.listSizes.get(definition.coordinate);
  const sliced = stated ? bySlicing(node, definition, { ...stated, options }) : byPage(node, definition, options);
  if (depth === 0) {
    const fields = stated ? stated.sizedFields : connectionLists;
    return { size: one, isConstant: true, below: sliced === null || fields.length === 0 ? null : { fields, ...sliced } };
  }
  const below = stated && stated.sizedFields.length > 0 && sliced !== null ? { fields: stated.sizedFields, ...sliced } : null;
  const ofOuter = outer?.fields.includes(definition.name) === true ? outer : null;
  const found = ofOuter ?? (below === null ? sliced : null) ?? { size: () => options.listSize, isConstant: true };
  // Lists in lists: only the outermost is sliced
  const inner = options.listSize ** (depth - 1);
  return { size: (variables) => found.size(variables) * inner, isConstant: found.isConstant, below };
}

/** Levels of lists around the named type. */
export function depthOf(type: TypeRef): number {
  return type.of === null ? 0 : 1 + depthOf(type.of);
}

type Found = Omit<Slice, 'fields'>;

function bySlicing(node: FieldNode, definition: Field, listSize: ListSize & { options: CostOptions }): Found {
  const { slicingArguments, requireOneSlicingArgument, assumedSize, options } = listSize;
  const values = slicingArguments.map((name) => readArgument(node, definition, name));
  const isConstant = values.every((value) => value.isConstant);
  const mustBeOne = requireOneSlicingArgument && slicingArguments.length > 0;
  const size = (variables: Variables) => {
    const given = values.flatMap(({ of }) => of(variables) ?? []);
    if (mustBeOne && given.length !== 1) {
      throw new EngineError(
        'COST_UNKNOWN',
        `${definition.coordinate} needs exactly one of the arguments ${slicingArguments.join(', ')}: they say how much is asked for.`,
      );
    }
    return given.length === 0 ? (assumedSize ?? options.listSize) : Math.max(...given);
  };
  return { size, isConstant };
}

function byPage(node: FieldNode, definition: Field, { pageArguments, listSize }: CostOptions): Found | null {
  const values = pageArguments.filter((name) => definition.args.has(name)).map((name) => readArgument(node, definition, name));
  if (values.length === 0) return null;
  const size = (variables: Variables) => {
    const given = values.flatMap(({ of }) => of(variables) ?? []);
    return given.length === 0 ? listSize : Math.max(...given);
  };
  return { size, isConstant: values.every((value) => value.isConstant) };
}

type Read = { readonly of: (variables: Variables) => number | null; readonly isConstant: boolean };

function readArgument(node: FieldNode, definition: Field, name: string): Read {
  const byDefault = toSize(definition.args.get(name)?.defaultValue ?? undefined);
  const value = node.arguments?.find((argument) => argument.name.value === name)?.value;
  if (value === undefined) return { of: () => byDefault, isConstant: true };
  if (value.kind !== Kind.VARIABLE) return { of: () => toSize(value), isConstant: true };
  const variable = value.name.value;
  return {
    isConstant: false,
    of(variables) {
      // A variable that is not given leaves the default of the argument
      if (!Object.hasOwn(variables, variable)) return byDefault;
      const given = variables[variable];
      return typeof given === 'number' ? Math.max(0, given) : null;
    },
  };
}

function toSize(value: ValueNode | undefined): number | null {
  return value?.kind === Kind.INT ? Math.max(0, Number(value.value)) : null;
}
