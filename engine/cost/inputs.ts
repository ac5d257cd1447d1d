/** What the arguments of a field cost: their weights, and those of the fields of input objects in them. Exports `createArgumentsCost`. */
import { Kind, type FieldNode, type ValueNode } from 'graphql';
import type { Field, Supergraph } from '../supergraph/index.ts';
import type { Variables } from './levels.ts';

export type ArgumentsCost = { readonly of: (variables: Variables) => number; readonly isConstant: boolean };

const free: ArgumentsCost = { of: () => 0, isConstant: true };

export function createArgumentsCost(supergraph: Supergraph): (field: Field, node: FieldNode) => ArgumentsCost {
  const { weights } = supergraph.costs;
  const ofVariable = (type: string, value: unknown): number => {
    if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + ofVariable(type, item), 0);
    const input = supergraph.types.get(type);
    if (input?.kind !== 'input' || typeof value !== 'object' || value === null) return 0;
    let sum = 0;
    for (const field of input.fields.values()) {
      if (!Object.hasOwn(value, field.name)) continue;
      const inner: unknown = Reflect.get(value, field.name);
      sum += (weights.get(`${type}.${field.name}`) ?? 0) + ofVariable(field.type.name, inner);
    }
    return sum;
  };
  const ofLiteral = (type: string, value: ValueNode, variables: Variables): number => {
    if (value.kind === Kind.VARIABLE) return ofVariable(type, variables[value.name.value]);
    if (value.kind === Kind.LIST) return value.values.reduce((sum, item) => sum + ofLiteral(type, item, variables), 0);
    const input = supergraph.types.get(type);
    if (input?.kind !== 'input' || value.kind !== Kind.OBJECT) return 0;
    return value.fields.reduce((sum, { name, value: inner }) => {
      const field = input.fields.get(name.value);
      return field === undefined ? sum : sum + (weights.get(`${type}.${field.name}`) ?? 0) + ofLiteral(field.type.name, inner, variables);
    }, 0);
  };
  return ({ coordinate, args }, { arguments: given = [] }) => {
    if (weights.size === 0 || given.length === 0) return free;
    const of = (variables: Variables) =>
      given.reduce((sum, { name, value }) => {
        const argument = args.get(name.value);
        if (argument === undefined) return sum;
        return sum + (weights.get(`${coordinate}(${name.value}:)`) ?? 0) + ofLiteral(argument.type.name, value, variables);
      }, 0);
    return { of, isConstant: false };
  };
}
