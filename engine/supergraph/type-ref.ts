/** Types of fields and arguments as `TypeRef`: from AST nodes and from the type texts of `@join__field(type:)`. */
import { GraphQLError, Kind, parseType } from 'graphql';
import type { TypeNode } from 'graphql';
import { EngineError } from './engine-error.ts';
import { deepFreeze } from './freeze.ts';
import type { TypeRef } from './types.ts';

export function toTypeRef(node: TypeNode): TypeRef {
  return deepFreeze(build(node, false));
}

/** `where` names the place in the error. */
export function parseTypeRef(text: string, where: string): TypeRef {
  try {
    return toTypeRef(parseType(text, { noLocation: true }));
  } catch (cause) {
    if (!(cause instanceof GraphQLError)) throw cause;
    throw new EngineError('SUPERGRAPH_INVALID', `${where}: "${text}" is no type. ${cause.message}`, { cause });
  }
}

function build(node: TypeNode, nonNull: boolean): TypeRef {
  if (node.kind === Kind.NON_NULL_TYPE) return build(node.type, true);
  const bang = nonNull ? '!' : '';
  if (node.kind === Kind.LIST_TYPE) {
    const of = build(node.type, false);
    return { text: `[${of.text}]${bang}`, name: of.name, nonNull, of };
  }
  return { text: node.name.value + bang, name: node.name.value, nonNull, of: null };
}
