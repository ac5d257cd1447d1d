/**
 * How long a page may be asked for. Subgraphs bound their pages themselves; the gateway refuses what is larger before it goes out.
 * Literals are bounded with the document, variables with each request. Exports `readPageSizes`, `assertPageVariables`.
 */
import { Kind, type FieldNode, type ValueNode } from 'graphql';
import { createError, type HubError } from '../../lib/errors/errors.ts';
import type { Limits } from './limits.ts';

/** Names of the variables that say how long pages are. Throws LIMIT_EXCEEDED for a literal that is too large. */
export function readPageSizes(field: FieldNode, limits: Limits): string[] {
  return (field.arguments ?? []).flatMap(({ name, value }) => (limits.pageArguments.includes(name.value) ? readValue(value, limits) : []));
}

export function assertPageVariables(names: readonly string[], variables: Readonly<Record<string, unknown>>, { pageSize }: Limits): void {
  for (const name of names) {
    const value = variables[name];
    if (typeof value === 'number' && value > pageSize) throw toRefusal(pageSize);
  }
}

function readValue(value: ValueNode, { pageSize }: Limits): string[] {
  if (value.kind === Kind.VARIABLE) return [value.name.value];
  if (value.kind === Kind.INT && Number(value.value) > pageSize) throw toRefusal(pageSize);
  return [];
}

function toRefusal(pageSize: number): HubError {
  return createError('LIMIT_EXCEEDED', `A page of more than ${pageSize} items is asked for.`, { details: { limit: 'pageSize' } });
}
