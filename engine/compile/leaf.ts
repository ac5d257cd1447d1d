/** Coercion of leaves: what a graph answers is checked against the public type before a client sees it. */
import { isTooDeep } from './depth.ts';
import { ExactNumber, integerText } from './json.ts';
import type { Supergraph, TypeRef } from '../supergraph/types.ts';

/** The value to show, or INVALID. Lists are not its business. */
export type Coerce = (value: unknown) => unknown;

export const INVALID: unique symbol = Symbol('invalid');

export function compileCoerce(supergraph: Supergraph, type: TypeRef): Coerce {
  const named = supergraph.types.get(type.name);
  if (named?.kind === 'enum') {
    const known = new Set([...named.values.values()].filter((value) => value.public).map(({ name }) => name));
    return (value) => (typeof value === 'string' && known.has(value) ? value : INVALID);
  }
  switch (type.name) {
    case 'String':
      return (value) => (typeof value === 'string' ? value : INVALID);
    case 'Boolean':
      return (value) => (typeof value === 'boolean' ? value : INVALID);
    case 'ID':
      // With all its digits: a rounded number would be another object's id.
      return (value) => (typeof value === 'string' ? value : (integerText(value) ?? INVALID));
    case 'Int':
      return (value) =>
        typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= 2_147_483_648 && value !== 2_147_483_648
          ? value
          : INVALID;
    case 'Float':
      return toDouble;
    default:
      // Custom scalars pass unread: objects, arrays, numbers with all their digits.
      return (value) => (isTooDeep(value) ? INVALID : value);
  }
}

/** A Float is a double by its specification: the nearest one. */
function toDouble(value: unknown): unknown {
  const double = value instanceof ExactNumber ? Number(value.text) : value;
  return Number.isFinite(double) ? double : INVALID;
}
