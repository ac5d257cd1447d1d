/** How far the types of a schema are from one of them. Exports `distancesTo`. */
import { getNamedType, isAbstractType, isCompositeType } from 'graphql';
import type { GraphQLSchema } from 'graphql';

const distances = new WeakMap<GraphQLSchema, Map<string, ReadonlyMap<string, number>>>();

/** By type: how many fields lie between it and the target; a type from which nothing leads there is missing. */
export function distancesTo(schema: GraphQLSchema, target: string): ReadonlyMap<string, number> {
  const known = distances.get(schema) ?? new Map<string, ReadonlyMap<string, number>>();
  distances.set(schema, known);
  const found = known.get(target) ?? measureDistances(schema, target);
  known.set(target, found);
  return found;
}

function measureDistances(schema: GraphQLSchema, target: string): ReadonlyMap<string, number> {
  const types = Object.values(schema.getTypeMap()).filter(isCompositeType);
  const found = new Map([[target, 0]]);
  for (let far = 0, size = 0; found.size > size; far += 1) {
    size = found.size;
    for (const type of types) {
      if (found.has(type.name)) continue;
      const isAbove = isAbstractType(type) && schema.getPossibleTypes(type).some(({ name }) => found.get(name) === far);
      const leads = 'getFields' in type && Object.values(type.getFields()).some((one) => found.get(getNamedType(one.type).name) === far);
      if (isAbove || leads) found.set(type.name, far + 1);
    }
  }
  return found;
}
