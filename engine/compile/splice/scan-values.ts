/**
 * Values in the text of an answer: each reader is given where one begins and says where it ends, or NONE if it would not be written so
 * again. Exports the readers, and the answer that is being read (`reading`, `beginReading`).
 */
import { PADDING, encode, hashOf, viewOf } from './bytes.ts';
import type { LeafCheck, Texts } from './leaf-checks.ts';

/** In the place of a row, a position or a number of items: there is none. */
export const NONE = -1;
/** Custom scalars that are lists of lists. */
const DEEPEST_LIST = 32;
/** Digits that a double keeps. */
const EXACT_DIGITS = 15;
const LARGEST_INT = 2_147_483_648;
/** 0.000001 is the smallest power that JSON.stringify writes without an exponent. */
const SMALLEST_ZEROS = 6;

export const QUOTE = 34;
export const COMMA = 44;
export const OPEN_LIST = 91;
export const CLOSE_LIST = 93;
export const LETTER_N = 110;
const SPACE = 32;
const MINUS = 45;
const DOT = 46;
const ZERO = 48;
const NINE = 57;
const UPPER_E = 69;
const BACKSLASH = 92;
const LETTER_E = 101;
const LETTER_F = 102;
const LETTER_T = 116;
/** U+FFFD is EF BF BD. */
const REPLACEMENT = 0xef;

const [NULL_WORD, TRUE_WORD, FALSE_WORD] = ['null', 'true', 'fals'].map((word) => viewOf(encode(word)).getInt32(0, true));

const escapes = new Uint8Array(256);
for (const byte of encode('"\\bfnrt')) escapes[byte] = 1;

/**
 * The answer that is being read, and zeros behind it: reading never waits, so there is one. Always the same memory: machine code that
 * knows its address is twice as fast.
 */
const bytes = new Uint8Array(4_194_304);
const view = viewOf(bytes);
export const reading = { bytes, view };

const encoder = new TextEncoder();

/** Its length in bytes, NONE when there is no room for it. */
export function beginReading(text: string): number {
  const { read, written } = encoder.encodeInto(text, bytes);
  if (read < text.length || written + PADDING > bytes.length) return NONE;
  bytes.fill(0, written, written + PADDING);
  return written;
}

/** `words`: the key and its colon, see `toKeyWords`. */
export function isKey(words: Int32Array, length: number, at: number): boolean {
  const last = words.length - 1;
  for (let index = 0; index < last; index += 1) if (view.getInt32(at + index * 4, true) !== words[index]) return false;
  return view.getInt32(at + length - 4, true) === words[last];
}

/** `null`, `true` or `false`. */
export function readWord(at: number): number {
  switch (view.getInt32(at, true)) {
    case NULL_WORD:
    case TRUE_WORD:
      return at + 4;
    case FALSE_WORD:
      return bytes[at + 4] === LETTER_E ? at + 5 : NONE;
    default:
      return NONE;
  }
}

export function readLeaf(check: LeafCheck, at: number): number {
  const byte = bytes[at] ?? 0;
  if (byte === LETTER_N) return check.nullable ? readWord(at) : NONE;
  if (check.item !== null) return byte === OPEN_LIST ? readLeaves(check.item, at, 0) : NONE;
  switch (check.kind) {
    case 'string':
      return byte === QUOTE ? readString(at) : NONE;
    case 'int':
      return readNumber(at, true);
    case 'float':
      return readNumber(at, false);
    case 'boolean':
      return byte === LETTER_T || byte === LETTER_F ? readWord(at) : NONE;
    case 'enum':
      return check.values !== null && findKnown(check.values, at) !== NONE ? readString(at) : NONE;
    case 'any':
      return readAny(check, at, 0);
  }
}

function readLeaves(check: LeafCheck, from: number, depth: number): number {
  if (depth > DEEPEST_LIST) return NONE;
  let at = from + 1;
  if (bytes[at] === CLOSE_LIST) return at + 1;
  for (;;) {
    at = check.kind === 'any' && check.item === null ? readAny(check, at, depth + 1) : readLeaf(check, at);
    if (at === NONE) return NONE;
    const byte = bytes[at];
    at += 1;
    if (byte === CLOSE_LIST) return at;
    if (byte !== COMMA) return NONE;
  }
}

/** Objects are left to the other path: their keys may come twice, or in an order that is not kept. */
function readAny(check: LeafCheck, at: number, depth: number): number {
  switch (bytes[at]) {
    case QUOTE:
      return readString(at);
    case LETTER_N:
      return check.nullable ? readWord(at) : NONE;
    case LETTER_T:
    case LETTER_F:
      return readWord(at);
    case OPEN_LIST:
      return readLeaves(check, at, depth);
    default:
      return readNumber(at, false);
  }
}

const QUOTES = 0x22222222;
const BACKSLASHES = 0x5c5c5c5c;
const SPACES = 0x20202020;
const ONES = 0x01010101;
const HIGH_BITS = 0x80808080 | 0;

/**
 * Control characters, and escapes that would be written otherwise, are refused. Four bytes at a time: of each byte the high bit is set
 * that is a quote, a backslash, a control character or not ASCII; the lowest of them is right, those above it may be too many.
 */
export function readString(from: number): number {
  let at = from + 1;
  for (;;) {
    const word = view.getInt32(at, true);
    const marks = (((word ^ QUOTES) - ONES) | ((word ^ BACKSLASHES) - ONES) | (word - SPACES) | word) & HIGH_BITS;
    if (marks === 0) {
      at += 4;
      continue;
    }
    at += (31 - Math.clz32(marks & -marks)) >> 3;
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) {
      if (escapes[bytes[at + 1] ?? 0] === 0) return NONE;
      at += 2;
    } else if (byte < SPACE || (byte === REPLACEMENT && bytes[at + 1] === 0xbf && bytes[at + 2] === 0xbd)) {
      // U+FFFD may stand for half a character, which is written as an escape.
      return NONE;
    } else at += 1;
  }
}

/** As JSON.stringify writes it: no exponent, no zero at the end, no more digits than are exact. */
function readNumber(from: number, isInt: boolean): number {
  const negative = bytes[from] === MINUS;
  const start = negative ? from + 1 : from;
  let at = start;
  let value = 0;
  let byte = bytes[at] ?? 0;
  while (byte >= ZERO && byte <= NINE) {
    value = value * 10 + (byte - ZERO);
    at += 1;
    byte = bytes[at] ?? 0;
  }
  const digits = at - start;
  if (digits === 0 || digits > EXACT_DIGITS || (bytes[start] === ZERO && digits > 1)) return NONE;
  if (byte === LETTER_E || byte === UPPER_E) return NONE;
  if (byte === DOT) return isInt ? NONE : readFraction(start, at);
  if (negative && value === 0) return NONE;
  if (isInt && (value > LARGEST_INT || (value === LARGEST_INT && !negative))) return NONE;
  return at;
}

function readFraction(start: number, dot: number): number {
  let at = dot + 1;
  let byte = bytes[at] ?? 0;
  while (byte >= ZERO && byte <= NINE) {
    at += 1;
    byte = bytes[at] ?? 0;
  }
  if (at === dot + 1 || byte === LETTER_E || byte === UPPER_E) return NONE;
  if (bytes[at - 1] === ZERO || at - start - 1 > EXACT_DIGITS) return NONE;
  // What is smaller is written with an exponent.
  if (bytes[start] !== ZERO) return at;
  let zeros = dot + 1;
  while (bytes[zeros] === ZERO) zeros += 1;
  return zeros - dot - 1 < SMALLEST_ZEROS ? at : NONE;
}

/** Index of the text in quotes at a place. */
export function findKnown(texts: Texts, from: number): number {
  if (bytes[from] !== QUOTE) return NONE;
  let end = from + 1;
  for (let byte = bytes[end] ?? 0; byte !== QUOTE; byte = bytes[end] ?? 0) {
    // No name has an escape.
    if (byte < SPACE || byte === BACKSLASH) return NONE;
    end += 1;
  }
  const found = texts.get(hashOf(bytes, from + 1, end));
  if (found === undefined || found.bytes.length !== end - from - 1) return NONE;
  for (let at = 0; at < found.bytes.length; at += 1) if (found.bytes[at] !== bytes[from + 1 + at]) return NONE;
  return found.index;
}
