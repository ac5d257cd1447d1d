/** Bad input thought up by people, each at every door that takes it. Exports `createInputsByHand`. */
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { NAMES } from './documents.ts';
import { toInput, type Input } from './mutate.ts';
import { DOORS, toBytes, toDraft, toParams, type Door, type Header } from './request.ts';

const repeat = (count: number, of: (index: number) => string): string => Array.from({ length: count }, (_, index) => of(index)).join(' ');
const bomb = (count: number, on: string): string =>
  `${repeat(count, (index) => `fragment F${index} on ${on} { ...F${index + 1} ...F${index + 1} }`)} fragment F${count} on ${on}`;
const deepValue = (levels: number): string => `${'{"inner":['.repeat(levels)}${']}'.repeat(levels)}`;

/** Documents; sent at every door with what the door needs. */
const DOCUMENTS: readonly (readonly [name: string, query: string, variables?: Readonly<Record<string, unknown>>])[] = [
  ['10,000 aliases', `{ ${repeat(10_000, (index) => `a${index}: __typename`)} }`],
  ['10,000 directives', `{ __typename ${repeat(10_000, () => '@include(if: true)')} }`],
  ['50,000 tokens', `{ ${'a '.repeat(50_000)} }`],
  ['20,000 selections deep', '{a'.repeat(20_000)],
  ['20,000 lists deep', `{ echo(any: ${'['.repeat(20_000)}${']'.repeat(20_000)}) }`],
  ['20,000 objects deep', `{ echo(any: ${'{a:'.repeat(20_000)}1${'}'.repeat(20_000)}) }`],
  ['20,000 types deep', `query ($a: ${'['.repeat(20_000)}Int${']'.repeat(20_000)}) { __typename }`],
  ['fragments in a circle', '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }'],
  ['a fragment within itself', '{ mill(id: 1) { ...A } } fragment A on Mill { next { ...A } }'],
  ['a fragment bomb of 2^30', `{ ...F0 } ${bomb(30, 'Query')} { __typename }`],
  ['a fragment bomb below a field', `{ mill(id: 1) { ...F0 } } ${bomb(30, 'Mill')} { owner { name } tax }`],
  ['a fragment bomb as large as fields may be', `{ mill(id: 1) { ...F0 } } ${bomb(12, 'Mill')} { owner { name } tax }`],
  ['200 × 100 fragments that overlap', `{ mill(id: 1) { ${repeat(200, () => `... { ${repeat(100, () => 'id')} }`)} } }`],
  ['fragments of many types inside each other', `{ node(id: 1) { ${'... on Node { ... on Mill { '.repeat(90)} id ${'} }'.repeat(90)} } }`],
  ...NAMES.slice(0, 14).flatMap((name): (readonly [string, string, Record<string, unknown>?])[] => [
    [`an alias called ${name}`, `{ ${name}: mill(id: 1) { ${name}: name } }`],
    [`a fragment called ${name}`, `{ mill(id: 1) { ...${name} } } fragment ${name} on Mill { tax }`],
    [`an operation called ${name}`, `query ${name} { mill(id: 1) { name } }`],
    [`a variable called ${name}`, `query ($${name}: ID!) { mill(id: $${name}) { name } }`, Object.fromEntries([[name, '1']])],
    [`a field called ${name}`, `{ ${name} { ${name} } }`],
    [`a directive called ${name}`, `{ __typename @${name} }`],
    [`a type called ${name}`, `query ($a: ${name}) { __typename ... on ${name} { id } }`],
  ]),
  ['an anonymous subscription', 'subscription { mills { id } }'],
  ['an empty subscription', 'subscription {}'],
  ['two roots of a subscription by @include', 'subscription ($a: Boolean = true) { a: mill @include(if: $a) { id } b: mill { id } }'],
  ['introspection by an alias', '{ a: __schema { types { name } } }'],
  ['introspection in a fragment', '{ ...F } fragment F on Query { ... { __type(name: "Mill") { fields { name } } } }'],
  ['introspection in a circle', `{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }`],
  ['_entities', '{ _entities(representations: [{__typename: "Mill", id: "1"}]) { __typename } }'],
  ['_service', '{ _service { sdl } }'],
  ['a huge integer', '{ echo(number: 99999999999999999999) }'],
  ['a huge float', '{ echo(part: 1e9999) }'],
  ['an integer of 50,000 digits', `{ echo(number: ${'9'.repeat(50_000)}) }`],
  ['an id of 50,000 digits', `{ mill(id: ${'9'.repeat(50_000)}) { name } }`],
  ['a name of 60,000 letters', `{ ${'n'.repeat(60_000)} }`],
  ['an alias of 60,000 letters', `{ ${'n'.repeat(60_000)}: __typename }`],
  ['enum junk', '{ mills(kind: __proto__) { id } }'],
  ['enum junk as a variable', 'query ($k: Kind) { mills(kind: $k) { id } }', { k: 'constructor' }],
  ['a page that is too long', '{ mills(first: 2147483647) { id } }'],
  ['a page of less than nothing', '{ mills(first: -2147483648) { id } }'],
  ['list junk', 'query ($l: [Nested!]) { echo(list: $l) }', { l: [[[{ value: [] }]]] }],
  ['a type extension', 'extend type Query { a: Int } { __typename }'],
  ['a schema', 'schema { query: Query } type Query { a: Int }'],
  ['nothing but a comment', '# nothing'],
  ['a block string that does not end', '{ echo(text: """never'],
  ['an escape of a surrogate half', '{ echo(text: "\\uD800") }'],
  ['an escape beyond Unicode', '{ echo(text: "\\u{FFFFFFFF}") }'],
  ['1,000 labels', `{ mill(id: 1) { ${repeat(1_000, (index) => `... @defer(label: "l${index}") { tax }`)} } }`],
  ['@defer in a mutation', 'mutation { ... @defer { rename(id: 1, name: "a") { id } } }'],
  ['@defer with a label from a variable', 'query ($l: String) { ... @defer(label: $l) { __typename } }', { l: 'x' }],
  ['@stream', '{ mills @stream(initialCount: 1) { id } }'],
];

/** Bodies of a POST. */
const BODIES: readonly (readonly [string, string | Buffer])[] = [
  ['nothing', ''],
  ['a body cut off', '{"query":"{ __typename }"'],
  ['UTF-16', Buffer.from('{"query":"{ __typename }"}', 'utf16le')],
  ['UTF-16 with its mark', Buffer.from('\uFEFF{"query":"{ __typename }"}', 'utf16le')],
  ['a byte order mark', '\uFEFF{"query":"{ __typename }"}'],
  ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])],
  ['overlong UTF-8', Buffer.from([0xc0, 0xaf])],
  ['a key twice', '{"query":"{ __typename }","query":"{ mills { id } }"}'],
  ['a key twice, once escaped', '{"query":"{ __typename }","\\u0071uery":"{ mills { id } }"}'],
  ['NaN', '{"query":"{ __typename }","variables":{"a":NaN}}'],
  ['1e999', '{"query":"{ __typename }","variables":{"a":1e999}}'],
  ['a lone surrogate', '{"query":"{ __typename }","variables":{"a":"\\ud800"}}'],
  ['__proto__ as a key', '{"query":"{ __typename }","__proto__":{"x":1}}'],
  ['__proto__ escaped', '{"query":"{ __typename }","variables":{"\\u005f_proto__":{"x":1}}}'],
  ['constructor.prototype', '{"query":"{ __typename }","variables":{"constructor":{"prototype":{"x":1}}}}'],
  ...['1', '[]', '[{}]', '{"a":1}', 'null', 'true', '""', '["{ __typename }"]'].flatMap((value): (readonly [string, string])[] => [
    [`the body ${value}`, value],
    [`query: ${value}`, `{"query":${value}}`],
    [`variables: ${value}`, `{"query":"{ __typename }","variables":${value}}`],
    [`operationName: ${value}`, `{"query":"{ __typename }","operationName":${value}}`],
    [`extensions: ${value}`, `{"query":"{ __typename }","extensions":${value}}`],
    [`documentId: ${value}`, `{"documentId":${value}}`],
    [`a hash: ${value}`, `{"extensions":{"persistedQuery":{"version":1,"sha256Hash":${value}}}}`],
  ]),
  ['an unknown operationName', '{"query":"query A { __typename }","operationName":"__proto__"}'],
  ['a hash of another text', `{"query":"{ __typename }","extensions":{"persistedQuery":{"version":1,"sha256Hash":"${'a'.repeat(64)}"}}}`],
  ['variables 20,000 deep', `{"query":"{ __typename }","variables":{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}}`],
  ['input objects 3,000 deep', `{"query":"query ($l: [Nested!]) { echo(list: $l) }","variables":{"l":[${deepValue(3_000)}]}}`],
  ['input objects 30 deep', `{"query":"query ($l: [Nested!]) { echo(list: $l) }","variables":{"l":[${deepValue(15)}]}}`],
  ['100,000 keys', `{"query":"{ __typename }","variables":{${Array.from({ length: 60_000 }, (_, index) => `"a${index}":1`).join(',')}}}`],
  ['a million tokens', `{"query":"{ ${'a '.repeat(1_000_000)} }"}`],
  ['just within the size of a body, of brackets', `{"query":"${'{'.repeat(1_040_000)}"}`],
  ['just within the size of a body, of commas', `{"query":"{ a${','.repeat(1_040_000)} }"}`],
  ['just within the size of a body, of one name', `{"query":"{ ${'a'.repeat(1_040_000)} }"}`],
  ['just within the size of a body, of escapes', `{"query":"{ echo(text: \\"${'\\\\u0041'.repeat(148_000)}\\") }"}`],
  ['just within the size of a body, of nulls', `{"query":"{ __typename }","variables":{"a":[${'null,'.repeat(207_000)}null]}}`],
  ['an array of one', '[{"query":"{ __typename }"}]'],
  ['an array of ten', `[${'{"query":"{ mills { id } }"},'.repeat(9)}{"query":"{ __typename }"}]`],
  ['an array of eleven', `[${'{"query":"{ mills { id } }"},'.repeat(10)}{"query":"{ __typename }"}]`],
  ['an array of 10,000', `[${'{"query":"{ __typename }"},'.repeat(9_999)}{"query":"{ __typename }"}]`],
  ['arrays in an array', '[[[{"query":"{ __typename }"}]]]'],
  [
    'an array of everything',
    '[{"query":"mutation { rename(id: 1, name: \\"a\\") { id } }"},{"query":"subscription { a }"},null,1,[],{"query":"{ mills { id } }"}]',
  ],
];

/** Content types that another site's page may send, or that are no JSON. */
const TYPES = [
  '',
  'text/plain',
  'application/x-www-form-urlencoded',
  'application/json; charset=utf-16',
  'application/json; charset=ibm037',
  'message/rfc822',
  'multipart/form-data; boundary=x',
];

const packers: readonly (readonly [string, (text: string) => Buffer])[] = [
  ['gzip', (text) => gzipSync(text)],
  ['deflate', (text) => deflateSync(text)],
  ['br', (text) => brotliCompressSync(text)],
];

const posts = DOORS.filter(({ method, name }) => method === 'POST' && name !== 'POST array');

function withHeaders(door: Door, token: string, headers: readonly Header[], content: string | Buffer = '{"query":"{ __typename }"}') {
  const draft = toDraft(door, {}, token);
  const names = new Set(headers.map(([name]) => name));
  return { ...draft, content: Buffer.from(content), headers: [...draft.headers.filter(([name]) => !names.has(name)), ...headers] };
}

function* createPosts(token: string): Generator<Input> {
  for (const { name: door } of posts) {
    for (const [name, body] of BODIES) yield toInput(door, name, withHeaders(door, token, [], body), true);
    for (const type of TYPES) yield toInput(door, `of type "${type}"`, withHeaders(door, token, [['Content-Type', type]]), true);
    for (const [encoding, pack] of packers) {
      const packed = pack(`{"query":"${' '.repeat(40_000_000)}"}`);
      const headers: Header[] = [['Content-Encoding', encoding]];
      yield toInput(door, `a bomb of ${encoding}`, withHeaders(door, token, headers, packed), true);
      yield toInput(
        door,
        `${encoding} cut off`,
        withHeaders(door, token, headers, pack('{"query":"{ __typename }"}').subarray(0, 12)),
        true,
      );
    }
    yield toInput(door, 'zstd', withHeaders(door, token, [['Content-Encoding', 'zstd']]), true);
    for (const length of ['2000000000', '99999999999999999999', '-1', '0x10'])
      yield toInput(door, `a length of ${length}`, withHeaders(door, token, [['Content-Length', length]]), false);
    for (const [name, chunks] of [
      ['a chunk that is no number', 'ZZ\r\nabc\r\n0\r\n\r\n'],
      ['a chunk shorter than it says', 'ff\r\n{"query":"{ a }"}\r\n0\r\n\r\n'],
      ['a chunk longer than it says', '2\r\n{"query":"{ a }"}\r\n0\r\n\r\n'],
      ['a chunk of 2^70', '400000000000000000\r\n{}\r\n0\r\n\r\n'],
      ['chunks that do not end', '2\r\n{}\r\n'],
      ['a chunk with an extension of 20,000 letters', `2;${'a'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`],
    ] as const)
      yield toInput(door, name, withHeaders(door, token, [['Transfer-Encoding', 'chunked']], chunks), false);
  }
}

function* createGets(token: string): Generator<Input> {
  for (const { name: door } of DOORS.filter(({ method }) => method === 'GET')) {
    for (const type of TYPES.slice(1))
      yield toInput(door, `of type "${type}"`, withHeaders(door, token, [['Content-Type', type]], 'query={__typename}'), true);
    for (const [name, query] of [
      ['a mutation', 'query=mutation{rename(id:1,name:%22a%22){id}}'],
      ['a parameter twice', 'query={__typename}&query={mills{id}}'],
      ['a parameter twice, once escaped', 'query={__typename}&%71uery={mills{id}}'],
      ['broken escapes', 'query=%&variables=%zz&extensions=%c3%28'],
      ['a null byte', 'query={__typename}%00'],
      ['variables that are no JSON', 'query={__typename}&variables={'],
      ['variables with __proto__', 'query={__typename}&variables={%22__proto__%22:{%22x%22:1}}'],
      ['parameters called __proto__', 'query={__typename}&__proto__=1&__proto__[x]=1&constructor[prototype][x]=1'],
      ['10,000 parameters', `query={__typename}&${'a=1&'.repeat(3_500)}`],
      ['a URL of 100,000 letters', `query=${'a'.repeat(100_000)}`],
      ['no query', 'variables={}'],
      ['an array', '[{}]'],
    ] as const)
      yield toInput(door, name, withHeaders(door, token, [], query), name !== 'a URL of 100,000 letters');
    for (const id of [
      '',
      '0',
      '-1',
      'forged.cursor',
      'a'.repeat(16_000),
      'a'.repeat(1_000_000),
      'ffffffff-ffff-ffff-ffff-ffffffffffff',
      '\u0001',
    ])
      yield toInput(
        door,
        `Last-Event-ID of ${id.length} letters`,
        withHeaders(door, token, [['Last-Event-ID', id]], 'query={__typename}'),
        id.length < 1_000,
      );
  }
}

function* createOfDocuments(token: string): Generator<Input> {
  for (const { name: door } of DOORS) {
    for (const [name, query, variables] of DOCUMENTS) {
      const draft = toDraft(door, toParams({ query, ...(variables ? { variables } : {}) }, door), token);
      // What is too long for a URL may be answered before it is sent to its end
      yield toInput(door, name, draft, draft.method === 'POST' || toBytes(draft).length < 16_000);
    }
  }
}

export function* createInputsByHand(token: string): Generator<Input> {
  yield* createOfDocuments(token);
  yield* createPosts(token);
  yield* createGets(token);
}
