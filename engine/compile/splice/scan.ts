/**
 * Reads an answer once, by its shape, and notes where the values stand. It takes nothing but what it expects: `{"data":{…}}` without
 * white space, keys as the document asks for them, values as they would be written again. Exports `scan`, `Tape`.
 */
import { PADDING, encode, viewOf } from './bytes.ts';
import { CLOSE_LIST, COMMA, LETTER_N, NONE, OPEN_LIST, QUOTE } from './scan-values.ts';
import { beginReading, findKnown, isKey, readLeaf, readString, readWord, reading } from './scan-values.ts';
import { BELOW, INNER_LIST, NO_ROWS, PRESENT, STRING, TYPE, TYPE_NAME } from './shape.ts';
import type { FetchShapes, Shape, ShapeField } from './shape.ts';

/** An answer that was read. Never changed. */
export type Tape = {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Rows of all shapes, those of one shape together. */
  readonly rows: Int32Array;
  /** By shape: where its rows begin, and how many there are. */
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  /** What was made of it together with other answers; lives as long as they do. */
  readonly made: Map<object, unknown>;
};

const OPEN = 123;
const CLOSE = 125;
const HEAD = encode('{"data":');
const FIRST_ROWS = 512;
/** What is kept between two answers, in numbers and in shapes. */
const LARGEST_KEPT_ROWS = 262_144;
const MOST_KEPT_SHAPES = 256;

/** Constants of this module, not imports: so machine code knows them. */
const { bytes } = reading;

/** Of the list that was read last. */
let lastFirst = 0;
let lastItems = 0;
/** Rows are collected in these, by index of shape, and copied when all are known. */
const pool: Int32Array[] = [];

export function scan({ root, shapes }: FetchShapes, text: string): Tape | null {
  const length = beginReading(text);
  if (length === NONE) return null;
  for (let index = 0; index < shapes.length; index += 1) lend(shapes[index], index);
  const tape = isWhole(root, length) ? toTape(shapes, bytes.slice(0, length + PADDING)) : null;
  for (let index = 0; index < shapes.length; index += 1) takeBack(shapes[index], index);
  return tape;
}

function lend(shape: Shape | undefined, index: number): void {
  if (shape === undefined || shape.stride === 0) return;
  shape.count = 0;
  shape.rows = pool[index] ?? new Int32Array(FIRST_ROWS);
}

function takeBack(shape: Shape | undefined, index: number): void {
  if (shape === undefined || shape.stride === 0) return;
  if (index < MOST_KEPT_SHAPES && shape.rows.length <= LARGEST_KEPT_ROWS) pool[index] = shape.rows;
  shape.rows = NO_ROWS;
}

function isWhole(root: Shape, length: number): boolean {
  for (let at = 0; at < HEAD.length; at += 1) if (bytes[at] !== HEAD[at]) return false;
  const end = readObject(root, HEAD.length);
  return end !== NONE && bytes[end] === CLOSE && end + 1 === length;
}

function toTape(shapes: readonly Shape[], answer: Uint8Array): Tape {
  const starts = new Int32Array(shapes.length);
  const counts = new Int32Array(shapes.length);
  let size = 0;
  for (const { index, stride, count } of shapes) {
    starts[index] = size;
    counts[index] = stride === 0 ? 0 : count;
    size += (counts[index] ?? 0) * stride;
  }
  const rows = new Int32Array(size);
  for (const { index, stride, count, rows: own } of shapes)
    if (stride > 0 && count > 0) rows.set(own.subarray(0, count * stride), starts[index]);
  return { bytes: answer, view: viewOf(answer), rows, starts, counts, made: new Map() };
}

/** Start of a new row in the rows of its shape. */
function addRow(shape: Shape): number {
  const { stride, count } = shape;
  const base = count * stride;
  shape.count = count + 1;
  if (base + stride > shape.rows.length) {
    const larger = new Int32Array(Math.max(shape.rows.length * 2, base + stride));
    larger.set(shape.rows);
    shape.rows = larger;
  }
  return base;
}

function readObject(shape: Shape, from: number): number {
  const { strict, stride } = shape;
  let base = NONE;
  if (stride > 0) {
    base = addRow(shape);
    const { rows } = shape;
    rows[base + PRESENT] = 0;
    rows[base + TYPE] = NONE;
    if (!strict) rows.fill(NONE, base + TYPE, base + stride);
  }
  return strict ? readInOrder(shape, base, from) : readInAnyOrder(shape, base, from);
}

/** `from`: of the brace, which is part of the first key. */
function readInOrder(shape: Shape, base: number, from: number): number {
  const { fields } = shape;
  let at = from;
  for (let index = 0; index < fields.length; index += 1) {
    const field = fields[index];
    if (field === undefined || !isKey(field.opening, field.openingLength, at)) return NONE;
    at = readField(shape, field, base, at + field.openingLength);
    if (at === NONE) return NONE;
  }
  return bytes[at] === CLOSE ? at + 1 : NONE;
}

/** Type conditions: which keys there are depends on the type. None may come twice. */
function readInAnyOrder(shape: Shape, base: number, from: number): number {
  if (bytes[from] !== OPEN) return NONE;
  const { fields } = shape;
  const seen = new Uint8Array(fields.length);
  let at = from + 1;
  let next = 0;
  let needed = 0;
  for (const field of fields) if (!field.optional) needed += 1;
  if (bytes[at] === CLOSE) return needed === 0 ? at + 1 : NONE;
  for (;;) {
    const found = findKey(fields, at, next);
    const field = fields[found];
    if (field === undefined || seen[found] === 1) return NONE;
    seen[found] = 1;
    next = found + 1;
    if (!field.optional) needed -= 1;
    at = readField(shape, field, base, at + field.keyLength);
    if (at === NONE) return NONE;
    const byte = bytes[at];
    at += 1;
    if (byte === CLOSE) return needed === 0 ? at : NONE;
    if (byte !== COMMA) return NONE;
  }
}

function findKey(fields: readonly ShapeField[], at: number, next: number): number {
  for (let step = 0; step < fields.length; step += 1) {
    const index = (next + step) % fields.length;
    const field = fields[index];
    if (field !== undefined && isKey(field.words, field.keyLength, at)) return index;
  }
  return NONE;
}

/** `base`: of the row of the object that has the field. */
function readField(shape: Shape, field: ShapeField, base: number, from: number): number {
  const { reader, rangeAt } = field;
  let end: number;
  if (reader === STRING && bytes[from] === QUOTE) end = readString(from);
  else if (reader === BELOW && field.child !== null) end = readBelow(shape, field, field.child, base, from);
  else if (reader === TYPE_NAME) end = readType(shape, base, from);
  else end = readLeaf(field.check, from);
  if (rangeAt !== NONE) {
    const { rows } = shape;
    rows[base + rangeAt] = from;
    rows[base + rangeAt + 1] = end;
  }
  return end;
}

function readBelow(shape: Shape, field: ShapeField, child: Shape, base: number, from: number): number {
  const { childAt } = field;
  let first = NONE;
  let items = NONE;
  let end: number;
  if (bytes[from] === LETTER_N) {
    if (!field.nullable) return NONE;
    end = readWord(from);
  } else if (field.kind === 'object') {
    first = child.count;
    items = 1;
    end = readObject(child, from);
  } else {
    end = readList(child, from);
    first = lastFirst;
    items = lastItems;
  }
  if (childAt !== NONE) {
    const { rows } = shape;
    rows[base + childAt] = first;
    rows[base + childAt + 1] = items;
  }
  return end;
}

/** Leaves where its rows are in `lastFirst` and `lastItems`. */
function readList(of: Shape, from: number): number {
  if (bytes[from] !== OPEN_LIST) return NONE;
  const first = of.count;
  let items = 0;
  let at = from + 1;
  if (bytes[at] === CLOSE_LIST) at += 1;
  else {
    for (;;) {
      at = bytes[at] === OPEN && of.item === null ? readObject(of, at) : readItem(of, at);
      if (at === NONE) return NONE;
      items += 1;
      const byte = bytes[at];
      at += 1;
      if (byte === CLOSE_LIST) break;
      if (byte !== COMMA) return NONE;
    }
  }
  lastFirst = first;
  lastItems = items;
  return at;
}

/** Null, or a list within the list. */
function readItem(of: Shape, from: number): number {
  const isNull = bytes[from] === LETTER_N;
  if (isNull ? !of.nullable : of.item === null) return NONE;
  const base = of.stride === 0 ? NONE : addRow(of);
  const end = isNull ? readWord(from) : of.item === null ? NONE : readList(of.item, from);
  if (base !== NONE) {
    const { rows } = of;
    rows[base + PRESENT] = isNull ? NONE : 0;
    if (!isNull) {
      rows[base + INNER_LIST] = lastFirst;
      rows[base + INNER_LIST + 1] = lastItems;
    }
  }
  return end;
}

function readType(shape: Shape, base: number, from: number): number {
  if (bytes[from] !== QUOTE) return NONE;
  if (base !== NONE) shape.rows[base + TYPE] = findKnown(shape.typeTexts, from);
  return readString(from);
}
