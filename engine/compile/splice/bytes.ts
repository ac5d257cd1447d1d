/**
 * Bytes: UTF-8 of texts, keys as words, hashes. Whole words are read, past the end where need be: every buffer has room for that.
 * Exports `encode`, `constant`, `toKeyWords`, `hashOf`, `hashWords`, `isEqual`.
 */

/** Room behind the last byte, so that words may be read and written past it. */
export const PADDING = 8;

const encoder = new TextEncoder();

export function encode(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Padded. */
function encodePadded(text: string): Uint8Array {
  const ascii = new Uint8Array(text.length + PADDING);
  const { read } = encoder.encodeInto(text, ascii.subarray(0, text.length));
  if (read === text.length) return ascii;
  // UTF-8 has at most three bytes for a UTF-16 unit.
  const wide = new Uint8Array(text.length * 3 + PADDING);
  const { written } = encoder.encodeInto(text, wide);
  return wide.slice(0, written + PADDING);
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** `"name":` with what stands before it, in little-endian words; names have at least one letter, so there is at least one word. */
export function toKeyWords(before: string, name: string): { readonly words: Int32Array; readonly length: number } {
  const bytes = encode(`${before}${JSON.stringify(name)}:`);
  const view = viewOf(bytes);
  const words: number[] = [];
  for (let at = 0; at + 4 <= bytes.length; at += 4) words.push(view.getInt32(at, true));
  if (bytes.length % 4 !== 0) words.push(view.getInt32(bytes.length - 4, true));
  return { words: Int32Array.from(words), length: bytes.length };
}

export function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0;
  for (let at = from; at < to; at += 1) hash = (Math.imul(hash, 31) + (bytes[at] ?? 0)) | 0;
  return hash;
}

const FACTOR = 0x9e3779b1;

/** Goes on from `hash`, by words. Reads past the end. */
export function hashWords(view: DataView, from: number, to: number, hash: number): number {
  let mixed = hash ^ (to - from);
  let at = from;
  for (; at + 4 <= to; at += 4) mixed = mix(mixed ^ view.getInt32(at, true));
  return at < to ? mix(mixed ^ (view.getInt32(at, true) & maskOf(to - at))) : mixed;
}

function mix(value: number): number {
  const product = Math.imul(value, FACTOR);
  return product ^ (product >>> 15);
}

/** The first bytes of a word. */
function maskOf(length: number): number {
  return (1 << (length * 8)) - 1;
}

/** Reads past the end. */
export function isEqual(view: DataView, from: number, other: number, length: number): boolean {
  let at = 0;
  for (; at + 4 <= length; at += 4) if (view.getInt32(from + at, true) !== view.getInt32(other + at, true)) return false;
  return at === length || ((view.getInt32(from + at, true) ^ view.getInt32(other + at, true)) & maskOf(length - at)) === 0;
}

/** Text prepared to be written: padded. */
export type Constant = { readonly view: DataView; readonly length: number };

export function constant(text: string): Constant {
  const bytes = encodePadded(text);
  return { view: viewOf(bytes), length: bytes.length - PADDING };
}
