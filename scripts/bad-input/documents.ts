/** Documents that the graph of the mills can answer, and ways to spoil them. Exports `DOCUMENTS` and `spoilDocument`. */
import type { Random } from '../../tests/differential/random.ts';

export type Operation = { readonly query: string; readonly variables?: Readonly<Record<string, unknown>>; readonly operationName?: string };

export const DOCUMENTS: readonly Operation[] = [
  { query: '{ mill(id: "1") { id name kind tax owner { email name } } }' },
  { query: 'query ($id: ID!) { mill(id: $id) { cloths(first: 2) { title mill { tax } } } }', variables: { id: '22' } },
  { query: '{ mills(first: 3) { ...M } } fragment M on Mill { id ...N owner { name } } fragment N on Mill { name(upper: true) }' },
  {
    query: 'query ($first: Int = 2, $kind: Kind) { mills(first: $first, kind: $kind) { __typename id tax } }',
    variables: { kind: 'WIND' },
  },
  { query: '{ node(id: "1") { __typename id ... on Mill { name tax } ... on Cloth { title mill { owner { name } } } } }' },
  { query: '{ things { __typename ... on Mill { a: name b: tax } ... on Cloth { a: title } } }' },
  {
    query: 'query ($list: [Nested!]) { echo(list: $list) }',
    variables: { list: [{ value: 'a', inner: [{ value: 'b', kind: 'WATER' }] }] },
  },
  { query: 'query ($any: Any) { echo(any: $any, text: "x") }', variables: { any: { a: [1, 'b', null, { c: true }] } } },
  {
    query: 'query ($s: Boolean!, $i: Boolean! = true) { mill(id: 1) { name @skip(if: $s) tax @include(if: $i) } }',
    variables: { s: false },
  },
  { query: 'query A { mill(id: 1) { name } } query B { owner(email: "o") { name mills { name } } }', operationName: 'B' },
  { query: '{ mill(id: 1) { name ... @defer(label: "late") { owner { name } tax } } }' },
  { query: 'query ($d: Boolean = true) { mills { id ...L @defer(if: $d) } } fragment L on Mill { tax owner { name } }' },
  { query: '{ owner(email: "o-1") { mills { next { next { name } } } } }' },
  { query: '{ echo(number: 1, part: 1.5, id: "a", kinds: [WATER, WIND], text: """block""") broken }' },
  { query: 'mutation { rename(id: 1, name: "new") { id name owner { name } } }' },
  { query: 'mutation ($n: String!) { a: rename(id: 1, name: $n) { id } b: rename(id: 2, name: $n) { tax } }', variables: { n: 'x' } },
  { query: '{ __typename t: __typename mill(id: "9") { __typename } }' },
  { query: '{ __schema { types { name fields { name } } } }' },
];

/** Names that some code trusts, and some that mean something to GraphQL. */
export const NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'then',
  'hasOwnProperty',
  '__defineGetter__',
  '__schema',
  '__type',
  '__typename',
  '_entities',
  '_service',
  'length',
  '_q0',
  'on',
  'null',
  'true',
  'x',
] as const;

const TOKENS = [
  ...'{}()[]:!$@&|='.split(''),
  '...',
  '"',
  '"""',
  '#',
  '\\u0000',
  '\u0000',
  '\uFEFF',
  '\u202E',
  '😀',
  '"\\uD800"',
  '"\\u{110000}"',
  '-0',
  '1e999',
  '-1',
  '99999999999999999999',
  '0x1F',
  '01',
  '1.',
  'NaN',
  'query',
  'mutation',
  'subscription',
  'fragment',
  'extend',
  'type Query { a: Int }',
  'schema { query: Mill }',
  '@skip(if: true)',
  '@include(if: $nothing)',
  '@defer',
  '@defer(label: "late")',
  '@stream(initialCount: 0)',
  '@deprecated',
  '@key(fields: "id")',
  '@unknown(a: 1)',
  '...M',
  '...on Mill',
  '... { __typename }',
  '$id',
  '(first: 100000)',
  '(first: -1)',
  '(id: {a: {a: {a: 1}}})',
  '{ id }',
];

/** More than a body may have; beyond that nothing new is learned. */
const MOST_CHARACTERS = 1_500_000;

type Spoil = (text: string, random: Random) => string;

const token = /"""[\s\S]*?"""|"(?:[^"\\\n]|\\.)*"|\.\.\.|[\w-]+|[^\s\w]/g;
const split = (text: string): string[] => text.match(token) ?? [];

function atToken(change: (tokens: string[], at: number, random: Random) => void): Spoil {
  return (text, random) => {
    const tokens = split(text);
    if (tokens.length > 0) change(tokens, random.int(tokens.length), random);
    return tokens.join(' ');
  };
}

const repeat = (count: number, of: (index: number) => string): string => Array.from({ length: count }, (_, index) => of(index)).join(' ');
/** Sizes around usual limits, and far above. */
const SIZES = [2, 25, 26, 99, 100, 101, 199, 201, 1_000, 3_000] as const;

const spoils: readonly Spoil[] = [
  atToken((tokens, at) => void tokens.splice(at, 1)),
  atToken((tokens, at) => void tokens.splice(at, 0, tokens[at] ?? '')),
  atToken((tokens, at, random) => void tokens.splice(at, 1, random.pick(TOKENS))),
  atToken((tokens, at, random) => void tokens.splice(at, 0, random.pick(TOKENS))),
  atToken((tokens, at, random) => void tokens.splice(at, 1, random.pick(NAMES))),
  atToken((tokens, at, random) => void tokens.splice(at, 0, `${random.pick(NAMES)}:`)),
  atToken((tokens, at, random) => void tokens.splice(at, random.int(5), ...tokens.slice(random.int(tokens.length)))),
  atToken((tokens, at) => void tokens.splice(at)),
  (text, random) => text.replaceAll(/\b(?:mill|name|id|M|first|list|late)\b/g, () => random.pick([...NAMES, 'id', 'name'])),
  (text, random) => text.replace('{', `{ ${repeat(random.pick(SIZES), (index) => `a${index}: __typename`)} `),
  (text, random) => text.replace('{', `{ ${repeat(random.pick(SIZES), () => '__typename')} `),
  (text, random) => text.replace(/\{[^{]*$/, (end) => `${repeat(random.pick(SIZES), () => '@include(if: true)')} ${end}`),
  (text, random) => {
    const levels = random.pick(SIZES);
    return text.replace('{', `{ mill(id: 1) ${'{ next '.repeat(levels)} { id } ${'}'.repeat(levels)} `);
  },
  (text, random) => `${text} ${repeat(random.pick(SIZES), (index) => `fragment F${index} on Query { ...F${index + 1} ...F${index + 1} }`)}`,
  (text, random) => {
    const count = random.int(40);
    const bomb = repeat(count, (index) => `fragment F${index} on Mill { ...F${index + 1} next { ...F${index + 1} } }`);
    return `${text.replace('{', '{ mill(id: 1) { ...F0 } ')} ${bomb} fragment F${count} on Mill { id }`;
  },
  (text, random) => text.replace('{', `{ echo(text: ${'['.repeat(random.pick(SIZES))}`),
  (text, random) => text.replace('{', `{ echo(text: "${'x'.repeat(random.int(60_000))}") `),
  (text, random) => `${'#'.repeat(random.int(60_000))}\n${text}`,
  (text, random) =>
    text.replace('{', `{ mills { ${repeat(random.pick(SIZES), (index) => `... @defer(label: "l${index}") { n${index}: tax }`)} } `),
];

export function spoilDocument(text: string, random: Random): string {
  let spoiled = text;
  for (let times = 1 + random.int(3); times > 0; times -= 1)
    spoiled = random.pick(spoils)(spoiled, random).slice(0, MOST_CHARACTERS).slice(0, MOST_CHARACTERS);
  return spoiled;
}
