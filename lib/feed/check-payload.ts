/**
 * Whether a payload is one of its topic: what was written elsewhere is held against the contract before it is appended, for whoever
 * follows the topic relies on it. Exports `findMisfit`.
 */
import type { EventContract, EventField, EventType } from './event-contract.ts';

/** The first thing that is wrong, and where: names of fields and places in lists. */
export type Misfit = { readonly path: readonly (string | number)[]; readonly message: string };

/** Of a field that is none of ours. */
const maxNameLength = 100;

type Types = EventContract['types'];
type Scalar = { readonly words: string; readonly isRight: (value: unknown) => boolean };

/** Null when all fields of the topic are there as they are declared, and no others. `topic`: one of the contract. */
export function findMisfit({ topics, types }: EventContract, topic: string, payload: unknown): Misfit | null {
  const fields = topics[topic]?.payload;
  if (fields === undefined) throw new TypeError(`Expected a topic of the contract, got "${topic}".`);
  return checkObject(fields, payload, types);
}

function checkObject(fields: readonly EventField[], value: unknown, types: Types): Misfit | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return misfit('an object', value);
  const unknown = Object.keys(value).find((name) => fields.every((field) => field.name !== name));
  if (unknown !== undefined) return { path: [unknown.slice(0, maxNameLength)], message: 'there is no such field' };
  const given = new Map<string, unknown>(Object.entries(value));
  for (const { name, type } of fields) {
    const found = checkValue(type, given.get(name) ?? null, types);
    if (found !== null) return below(name, found);
  }
  return null;
}

function checkValue(type: string, value: unknown, types: Types): Misfit | null {
  if (type.endsWith('!')) return value === null ? misfit('a value', value) : checkValue(type.slice(0, -1), value, types);
  if (value === null) return null;
  if (type.startsWith('[')) return checkList(type.slice(1, -1), value, types);
  const scalar = scalars.get(type);
  if (scalar !== undefined) return scalar.isRight(value) ? null : misfit(scalar.words, value);
  const declared = types[type];
  if (declared === undefined) throw new Error(`schema/events.json does not say what ${type} is`);
  return checkDeclared(declared, value, types);
}

function checkList(itemType: string, value: unknown, types: Types): Misfit | null {
  if (!Array.isArray(value)) return misfit('a list', value);
  for (const [place, item] of value.entries()) {
    const found = checkValue(itemType, item ?? null, types);
    if (found !== null) return below(place, found);
  }
  return null;
}

function checkDeclared(type: EventType, value: unknown, types: Types): Misfit | null {
  if ('fields' in type) return checkObject(type.fields, value, types);
  if ('values' in type)
    return typeof value === 'string' && type.values.includes(value) ? null : misfit(`one of ${type.values.join(', ')}`, value);
  const isRight = typeof value === 'string' && new RegExp(`^(?:${type.pattern})$`).test(value);
  return isRight ? null : misfit(`a text of the form ${type.pattern}`, value);
}

const below = (step: string | number, { path, message }: Misfit): Misfit => ({ path: [step, ...path], message });

function misfit(words: string, value: unknown): Misfit {
  const kind = value === null ? 'nothing' : Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
  // What came is not repeated: it may be secret, and as long as a body may be
  return {
    path: [],
    message: `expected ${words}, got ${kind}${typeof value === 'string' || typeof value === 'number' ? ' of another form' : ''}`,
  };
}

/** PostgreSQL keeps no text with a NUL or half a surrogate pair: whoever copies it into a table would fail on it for ever. */
const isText = (value: unknown): value is string => typeof value === 'string' && !/[\0\p{Surrogate}]/u.test(value);
const isInteger = (value: unknown, max: number): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value >= -max - 1 && value <= max;
const maxInt = 2 ** 31 - 1;

const isDay = (value: unknown): boolean => {
  if (typeof value !== 'string' || !/^[1-9]\d{3}-\d{2}-\d{2}$/.test(value)) return false;
  const at = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(value);
};
const isInstant = (value: unknown): boolean => {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/.test(value)) return false;
  const at = new Date(value);
  // Its offset must not take it out of the calendar
  return isDay(value.slice(0, 10)) && !Number.isNaN(at.getTime()) && isDay(at.toISOString().slice(0, 10));
};

const scalars: ReadonlyMap<string, Scalar> = new Map<string, Scalar>([
  ['ID', { words: 'a text that is not empty', isRight: (value) => isText(value) && value !== '' }],
  ['String', { words: 'a text without NUL', isRight: isText }],
  ['Boolean', { words: 'true or false', isRight: (value) => typeof value === 'boolean' }],
  ['Int', { words: 'a whole number of 32 bits', isRight: (value) => isInteger(value, maxInt) }],
  ['Long', { words: 'a whole number within plus or minus 2^53 - 1', isRight: (value) => Number.isSafeInteger(value) }],
  ['Float', { words: 'a number', isRight: (value) => typeof value === 'number' && Number.isFinite(value) }],
  [
    'Decimal',
    {
      words: 'a decimal number in a text like "-0.855512671"',
      isRight: (value) => typeof value === 'string' && value.length <= 40 && /^-?(0|[1-9]\d*)(\.\d+)?$/.test(value),
    },
  ],
  ['Date', { words: 'a day like "2026-11-22"', isRight: isDay }],
  ['DateTime', { words: 'an instant with an offset like "2026-11-22T09:30:00.000+08:00"', isRight: isInstant }],
]);
