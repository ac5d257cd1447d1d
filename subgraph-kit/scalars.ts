// The scalars that all SDLs of the hub share. Dates stay text, instants become Date, whole numbers stay exact.
import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';

const refuse = (name: string, words: string, value: unknown): never => {
  throw new GraphQLError(`${name} expects ${words}, got ${JSON.stringify(value)?.slice(0, 60) ?? 'nothing'}`, {
    extensions: { code: 'BAD_USER_INPUT' },
  });
};

type Text = { name: string; words: string; isRight: (value: string) => boolean };

function textScalar({ name, words, isRight }: Text): GraphQLScalarType {
  const parse = (value: unknown): string => (typeof value === 'string' && isRight(value) ? value : refuse(name, words, value));
  return new GraphQLScalarType({
    name,
    serialize: (value) => parse(String(value)),
    parseValue: parse,
    parseLiteral: (node) => parse(node.kind === Kind.STRING ? node.value : null),
  });
}

/** A day of the years 1000 to 9999: what JavaScript and the database write alike. */
export const isDay = (value: string): boolean => {
  if (!/^[1-9]\d{3}-\d{2}-\d{2}$/.test(value)) return false;
  const at = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(value);
};

const dateWords = 'a day like 2026-11-22';
const DateScalar = new GraphQLScalarType({
  name: 'Date',
  serialize: (value) => {
    const text = value instanceof Date ? value.toISOString().slice(0, 10) : String(value);
    return isDay(text) ? text : refuse('Date', dateWords, value);
  },
  parseValue: (value) => (typeof value === 'string' && isDay(value) ? value : refuse('Date', dateWords, value)),
  parseLiteral: (node) =>
    node.kind === Kind.STRING && isDay(node.value) ? node.value : refuse('Date', dateWords, 'value' in node ? node.value : node.kind),
});

const instantWords = 'an RFC 3339 instant with an offset like 2026-11-22T09:30:00.000+08:00';
// Its offset must not take it out of the calendar.
const isWithinCalendar = (at: Date): boolean => !Number.isNaN(at.getTime()) && isDay(at.toISOString().slice(0, 10));

function toInstant(value: unknown): Date {
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value;
  if (
    typeof value === 'string' &&
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/.test(value) &&
    isDay(value.slice(0, 10))
  ) {
    const at = new Date(value);
    if (isWithinCalendar(at)) return at;
  }
  return refuse('DateTime', instantWords, value);
}
const DateTimeScalar = new GraphQLScalarType({
  name: 'DateTime',
  serialize: (value) => toInstant(value).toISOString(),
  parseValue: toInstant,
  parseLiteral: (node) => toInstant(node.kind === Kind.STRING ? node.value : null),
});

const longWords = 'a whole number within plus or minus 2^53 - 1';
function toLong(value: unknown): number {
  const number = typeof value === 'bigint' ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number)
    ? number
    : refuse('Long', longWords, typeof value === 'bigint' ? String(value) : value);
}
const LongScalar = new GraphQLScalarType({
  name: 'Long',
  serialize: toLong,
  parseValue: toLong,
  parseLiteral: (node) => toLong(node.kind === Kind.INT ? Number(node.value) : null),
});

const decimalForm = /^-?(0|[1-9]\d*)(\.\d+)?$/;
const text: Text[] = [
  {
    name: 'Decimal',
    words: 'a decimal number in a string like "-0.855512671"',
    isRight: (value) => decimalForm.test(value) && value.length <= 40,
  },
  { name: 'CurrencyCode', words: 'an ISO 4217 code like CNY', isRight: (value) => /^[A-Z]{3}$/.test(value) },
  { name: 'CountryCode', words: 'an ISO 3166-1 alpha-2 code like CN', isRight: (value) => /^[A-Z]{2}$/.test(value) },
  { name: 'UnLocode', words: 'a UN/LOCODE of five characters like CNHGH', isRight: (value) => /^[A-Z]{2}[A-Z2-9]{3}$/.test(value) },
  { name: 'UnitCode', words: 'a code of UN/ECE Recommendation 20 like H87', isRight: (value) => /^[A-Z0-9]{2,3}$/.test(value) },
];

const all = new Map<string, GraphQLScalarType>(
  [DateScalar, DateTimeScalar, LongScalar, ...text.map(textScalar)].map((scalar) => [scalar.name, scalar]),
);

/** Resolvers for those of the shared scalars that a schema declares. */
export const scalarResolvers = (declared: Iterable<string>): Record<string, GraphQLScalarType> =>
  Object.fromEntries(
    [...declared].flatMap((name) => {
      const scalar = all.get(name);
      return scalar === undefined ? [] : [[name, scalar]];
    }),
  );
