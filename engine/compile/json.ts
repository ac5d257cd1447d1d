/**
 * JSON whose numbers keep their digits: a number that a double cannot hold stays the text it was; everything else is as JSON.parse and
 * JSON.stringify have it. Reading does not recurse. Exports `ExactNumber`, `parseExact`, `writeExact`, `integerText`,
 * `isNested`.
 */

/** A number with more digits, or a greater exponent, than a double has. Not an object of an answer, though JavaScript calls it one. */
export class ExactNumber {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  get text(): string {
    return this.#text;
  }

  /** Only tells `writeExact` that there is one: JSON.stringify cannot write it. */
  toJSON(): null {
    isMet = true;
    return null;
  }
}

/** An object or a list of an answer. */
export function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !(value instanceof ExactNumber);
}

/** Writing never waits, so there is one. */
let isMet = false;

/** Outside of strings a number follows one of these; 16 digits, or an exponent, and it may lose some. Text in a string may look so too. */
const MAY_LOSE = /(?:^|[:,[\s])-?(?:[\d.]{16}|\d[\d.]*[eE])/;

/** As JSON.parse, which also says what is no JSON. */
export function parseExact(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return MAY_LOSE.test(text) ? build(text) : value;
}

/** Nothing that JSON.stringify would escape: no quote, backslash, control character or half of a character. */
const PLAIN = /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/;

/** As JSON.stringify, of what `parseExact` gives. */
export function writeExact(value: unknown): string {
  if (typeof value === 'string' && PLAIN.test(value)) return `"${value}"`;
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  isMet = false;
  const text = JSON.stringify(value);
  return isMet ? write(value) : text;
}

type Open =
  | { readonly kind: 'list'; readonly items: unknown[] }
  | { readonly kind: 'object'; readonly members: [string, unknown][]; key: string | null };

/** `text` is known to be JSON. */
function build(text: string): unknown {
  const around: Open[] = [];
  let open: Open = { kind: 'list', items: [] };
  const root = open.items;
  const put = (value: unknown): void => {
    if (open.kind === 'list') open.items.push(value);
    else if (open.key === null) open.key = String(value);
    else {
      open.members.push([open.key, value]);
      open.key = null;
    }
  };
  for (let at = 0; at < text.length;) {
    const from = at;
    at += 1;
    switch (text[from]) {
      case '{':
        around.push(open);
        open = { kind: 'object', members: [], key: null };
        break;
      case '[':
        around.push(open);
        open = { kind: 'list', items: [] };
        break;
      case '}':
      case ']': {
        // Made of members at once: no key is written to anything, `__proto__` neither.
        const done: unknown = open.kind === 'list' ? open.items : Object.fromEntries(open.members);
        open = around.pop() ?? open;
        put(done);
        break;
      }
      case '"':
        put(toText(text.slice(from, (at = endOfString(text, from)))));
        break;
      case 't':
      case 'n':
        at = from + 4;
        put(text[from] === 't' ? true : null);
        break;
      case 'f':
        at = from + 5;
        put(false);
        break;
      case ',':
      case ':':
      case ' ':
      case '\t':
      case '\n':
      case '\r':
        break;
      default:
        put(toNumber(text.slice(from, (at = endOfNumber(text, from)))));
    }
  }
  return root[0];
}

function endOfString(text: string, from: number): number {
  for (let quote = text.indexOf('"', from + 1); ; quote = text.indexOf('"', quote + 1)) {
    let before = quote;
    while (text[before - 1] === '\\') before -= 1;
    if ((quote - before) % 2 === 0) return quote + 1;
  }
}

function toText(quoted: string): unknown {
  return quoted.includes('\\') ? JSON.parse(quoted) : quoted.slice(1, -1);
}

const NUMBER = /[-+.\deE]+/y;

function endOfNumber(text: string, from: number): number {
  NUMBER.lastIndex = from;
  NUMBER.test(text);
  return NUMBER.lastIndex;
}

function toNumber(text: string): number | ExactNumber {
  const value = Number(text);
  return Number.isFinite(value) && isSame(toDecimal(text), toDecimal(String(value))) ? value : new ExactNumber(text);
}

/** `digits` × 10^`exponent`; the first and the last digit are not 0, zero has none. */
type Decimal = { readonly digits: string; readonly exponent: number };

function isSame(one: Decimal, other: Decimal): boolean {
  return one.digits === other.digits && (one.digits === '' || one.exponent === other.exponent);
}

function toDecimal(text: string): Decimal {
  const [number = '', power = '0'] = (text.startsWith('-') ? text.slice(1) : text).toLowerCase().split('e');
  const [whole = '', fraction = ''] = number.split('.');
  const all = whole + fraction;
  let from = 0;
  let to = all.length;
  while (all[from] === '0') from += 1;
  while (to > from && all[to - 1] === '0') to -= 1;
  return { digits: all.slice(from, to), exponent: Number(power) - fraction.length + (all.length - to) };
}

/** All digits of a number without fraction; null for what is none, or has an exponent that a double has not. */
export function integerText(value: unknown): string | null {
  if (value instanceof ExactNumber) return /^-?\d+$/.test(value.text) ? value.text : null;
  if (typeof value !== 'number' || !Number.isInteger(value)) return null;
  // Greater ones are printed with an exponent.
  if (Math.abs(value) < 1e21) return String(value);
  const { digits, exponent } = toDecimal(String(value));
  return `${value < 0 ? '-' : ''}${digits}${'0'.repeat(exponent)}`;
}

/** Recurses no deeper than JSON.stringify just did. */
function write(value: unknown): string {
  if (value instanceof ExactNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, one]) => `${JSON.stringify(key)}:${write(one)}`)
    .join(',')}}`;
}
