/**
 * Names of slots in the documents of fetches. The client's own key is kept where it is free and safe (its bytes can then be passed
 * on); everything else gets an internal name that no client key begins with. A name stands for one field with one type text in
 * its whole merge scope, so that documents are valid in the graph's own schema whatever its nullability.
 */
import { Kind } from 'graphql';
import type { DocumentNode, SelectionSetNode } from 'graphql';

const UNSAFE = new Set(['__proto__', 'constructor', 'prototype', 'then', 'toString', 'hasOwnProperty', '_entities', '_service']);

export type Prefixes = { readonly names: string; readonly variables: string; readonly contexts: string };

/** Prefixes that nothing of the client's begins with. */
export function prefixesFor(document: DocumentNode): Prefixes {
  const keys: string[] = [];
  const variables: string[] = [];
  const sets: SelectionSetNode[] = [];
  for (const definition of document.definitions) {
    // Every variable in use is declared.
    if (definition.kind === Kind.OPERATION_DEFINITION)
      variables.push(...(definition.variableDefinitions ?? []).map(({ variable }) => variable.name.value));
    if (definition.kind === Kind.OPERATION_DEFINITION || definition.kind === Kind.FRAGMENT_DEFINITION) sets.push(definition.selectionSet);
  }
  for (let set = sets.pop(); set !== undefined; set = sets.pop()) {
    for (const node of set.selections) {
      if (node.kind === Kind.FIELD) keys.push(node.alias?.value ?? node.name.value);
      if (node.kind !== Kind.FRAGMENT_SPREAD && node.selectionSet !== undefined) sets.push(node.selectionSet);
    }
  }
  return { names: freePrefix('_q', keys), variables: freePrefix('_r', variables), contexts: freePrefix('_c', variables) };
}

function freePrefix(start: string, taken: readonly string[]): string {
  let prefix = start;
  while (taken.some((name) => name.startsWith(prefix))) prefix = `_${prefix}`;
  return prefix;
}

export type NameScope = {
  /** `wanted` is the client's key, null for needs. Equal slot and type text: equal name. */
  allocate(slotKey: string, typeText: string, wanted: string | null): { readonly name: string; readonly below: NameScope };
};

type Named = { readonly name: string; readonly below: NameScope };

/** One per `_entities` call or root selection; each composite field has a scope of its own below it. */
export function createScope(prefix: string): NameScope {
  const byKey = new Map<string, Named>();
  const taken = new Set<string>();
  let count = 0;
  return {
    allocate(slotKey, typeText, wanted) {
      const key = `${slotKey} ${typeText}`;
      const found = byKey.get(key);
      if (found !== undefined) return found;
      const free = wanted !== null && isSafe(wanted) && !taken.has(wanted);
      const named = { name: free ? wanted : `${prefix}${count++}`, below: createScope(prefix) };
      taken.add(named.name);
      byKey.set(key, named);
      return named;
    },
  };
}

function isSafe(name: string): boolean {
  return !UNSAFE.has(name) && !name.startsWith('__');
}
