/** `@cost` and `@listSize` of a supergraph, found by their specification, by coordinate. Exports `readCosts`. */
import { Kind } from 'graphql';
import type { ConstDirectiveNode } from 'graphql';
import type { Definitions, HasDirectives } from './definitions.ts';
import { argumentOf, booleanArgument, directivesOf, listArgument, stringsOf } from './directives.ts';
import { EngineError } from './engine-error.ts';
import type { Costs, ListSize } from './types.ts';

export function readCosts({ features, types }: Definitions): Costs {
  const cost = features.directive('cost', 'cost');
  const listSize = features.directive('cost', 'listSize');
  const weights = new Map<string, number>();
  const listSizes = new Map<string, ListSize>();
  const read = (node: HasDirectives, coordinate: string): void => {
    for (const use of directivesOf(node, cost)) weights.set(coordinate, readNumber(use, 'weight', coordinate) ?? 1);
    for (const use of directivesOf(node, listSize)) listSizes.set(coordinate, readListSize(use, coordinate));
  };
  for (const [name, type] of types) {
    read(type, name);
    if (!('fields' in type)) continue;
    for (const field of type.fields ?? []) {
      const coordinate = `${name}.${field.name.value}`;
      read(field, coordinate);
      if (field.kind !== Kind.FIELD_DEFINITION) continue;
      for (const argument of field.arguments ?? []) read(argument, `${coordinate}(${argument.name.value}:)`);
    }
  }
  return { weights, listSizes };
}

function readListSize(use: ConstDirectiveNode, where: string): ListSize {
  const names = (argument: string) => listArgument(use, argument).flatMap((value) => stringsOf(use, argument, value));
  return {
    assumedSize: readNumber(use, 'assumedSize', where),
    slicingArguments: names('slicingArguments'),
    sizedFields: names('sizedFields'),
    requireOneSlicingArgument: booleanArgument(use, 'requireOneSlicingArgument', true),
  };
}

/** Cost specifications have numbers as numbers or as strings. Nothing costs less than nothing. */
function readNumber(use: ConstDirectiveNode, name: string, where: string): number | null {
  const value = argumentOf(use, name);
  if (value === null) return null;
  const number = value.kind === Kind.INT || value.kind === Kind.FLOAT || value.kind === Kind.STRING ? Number(value.value) : Number.NaN;
  if (Number.isFinite(number)) return Math.max(0, number);
  throw new EngineError('SUPERGRAPH_INVALID', `${where}: @${use.name.value}(${name}:) must be a number. Compose the supergraph again.`);
}
