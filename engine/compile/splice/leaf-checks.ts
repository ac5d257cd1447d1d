/**
 * What a leaf must look like in the text of an answer to be shown as it stands. Exports `LeafCheck`, `compileLeafCheck`, and sets of
 * texts that are found by their bytes (`Texts`).
 */
import type { Supergraph, TypeRef } from '../../supergraph/types.ts';
import { encode, hashOf } from './bytes.ts';
import { NotSpliced } from './not-spliced.ts';

export type LeafKind = 'string' | 'boolean' | 'int' | 'float' | 'enum' | 'any';

/** `item`: of a list; `kind` then says nothing. */
export type LeafCheck = {
  readonly kind: LeafKind;
  readonly nullable: boolean;
  readonly item: LeafCheck | null;
  readonly values: Texts | null;
};

/** Nobody is shown it: any value that is written as it would be written again. */
export const UNREAD: LeafCheck = { kind: 'any', nullable: true, item: null, values: null };

/** Texts by the hash of their bytes. */
export type Texts = ReadonlyMap<number, { readonly index: number; readonly bytes: Uint8Array }>;

export function toTexts(texts: readonly string[]): Texts {
  const found = new Map<number, { index: number; bytes: Uint8Array }>();
  for (const [index, text] of texts.entries()) {
    const bytes = encode(text);
    const hash = hashOf(bytes, 0, bytes.length);
    if (found.has(hash)) throw new NotSpliced('two names of one hash');
    found.set(hash, { index, bytes });
  }
  return found;
}

/** All the types under which one value is shown must allow it. */
export function compileLeafCheck(supergraph: Supergraph, types: readonly TypeRef[]): LeafCheck {
  const [first] = types;
  if (first === undefined) return UNREAD;
  if (types.some((type) => type.name !== first.name || (type.of === null) !== (first.of === null)))
    throw new NotSpliced('one leaf, two types');
  const nullable = types.every((type) => !type.nonNull);
  const items = types.flatMap((type) => type.of ?? []);
  if (items.length > 0) return { kind: 'any', nullable, item: compileLeafCheck(supergraph, items), values: null };
  const named = supergraph.types.get(first.name);
  if (named?.kind === 'enum') {
    const values = [...named.values.values()].filter((value) => value.public).map(({ name }) => name);
    return { kind: 'enum', nullable, item: null, values: toTexts(values) };
  }
  return { kind: kindOf(first.name), nullable, item: null, values: null };
}

function kindOf(name: string): LeafKind {
  switch (name) {
    case 'String':
    // A number as an ID is shown as a string: that is written anew.
    case 'ID':
      return 'string';
    case 'Boolean':
      return 'boolean';
    case 'Int':
      return 'int';
    case 'Float':
      return 'float';
    default:
      return 'any';
  }
}
