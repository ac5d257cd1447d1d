/** Coercion of leaves: what a graph answers is checked against the public type before a client sees it. */
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
      // A number too large to be exact would be another object's id.
      return (value) => (typeof value === 'string' ? value : Number.isSafeInteger(value) ? String(value) : INVALID);
    case 'Int':
      return (value) =>
        typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= 2_147_483_648 && value !== 2_147_483_648
          ? value
          : INVALID;
    case 'Float':
      return (value) => (Number.isFinite(value) ? value : INVALID);
    default:
      // Custom scalars pass unread: objects, arrays, any number that JSON can write again.
      return (value) => (value === Infinity || value === -Infinity ? INVALID : value);
  }
}
