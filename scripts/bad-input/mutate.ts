/** From a seed and a number to a request that is spoiled in one or several ways, always the same. Exports `createInput`. */
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { createRandom, hash, type Random } from '../../tests/differential/random.ts';
import { DOCUMENTS, NAMES, spoilDocument } from './documents.ts';
import { DOORS, toBytes, toDraft, toParams, type Door, type Draft, type Header } from './request.ts';

export type Input = {
  readonly door: Door;
  readonly name: string;
  readonly pieces: readonly Buffer[];
  /** A request to its end: it must be answered without our ending first. */
  readonly whole: boolean;
  readonly isHead: boolean;
};

const knocks: readonly Door[] = DOORS.flatMap(({ name, share }) => Array.from({ length: share }, () => name));

export function createInput(seed: number, number: number, token: string): Input {
  const random = createRandom(hash(seed, number));
  const door = random.pick(knocks);
  const operation = random.pick(DOCUMENTS);
  const spoiled = random.chance(0.7) ? { ...operation, query: spoilDocument(operation.query, random) } : operation;
  let params: unknown = toParams(spoiled, door);
  if (random.chance(0.35)) params = spoilValue(params, random, 0);
  const draft = toDraft(door, params, token);
  const name = `--seed ${seed} --input ${number}`;
  const made = random.next();
  if (made < 0.55) return toInput(door, name, draft, true);
  if (made < 0.75) return toInput(door, name, { ...draft, content: spoilBytes(draft.content, random, draft.method) }, true);
  if (made < 0.92) return toInput(door, name, spoilHeaders(draft, random), false);
  const bytes = toBytes(draft);
  return { door, name, pieces: cut(spoilRaw(bytes, random), random), whole: false, isHead: false };
}

export function toInput(door: Door, name: string, draft: Draft, whole: boolean): Input {
  return { door, name, pieces: [toBytes(draft)], whole, isHead: draft.method === 'HEAD' };
}

const junk: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  Number.MAX_SAFE_INTEGER,
  '',
  ' ',
  '\u0000',
  '__proto__',
  'x'.repeat(5_000),
  '\uD83D',
  [],
  {},
  [[]],
  [null],
  [{ query: '{ __typename }' }],
  { query: '{ __typename }' },
  { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } },
  { persistedQuery: { version: '1', sha256Hash: ['a'] } },
  { persistedQuery: null },
  { plan: true, cost: true },
  nest(40),
  nest(400),
];

function nest(levels: number): unknown {
  let value: unknown = 'end';
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value] : { inner: value };
  return value;
}

const PARAMETERS = ['query', 'variables', 'operationName', 'extensions', 'documentId', 'id', 'map', ...NAMES] as const;

/** Somewhere in the value something else stands. */
function spoilValue(value: unknown, random: Random, level: number): unknown {
  if (level > 4 || random.chance(0.15)) return random.pick(junk);
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    if (random.chance(0.2))
      return Array.from({ length: random.pick([1, 10, 11, 100, 2_000]) }, (_, index) => items[index % Math.max(1, items.length)]);
    const at = random.int(items.length + 1);
    return [...items.slice(0, at), spoilValue(items[at], random, level + 1), ...items.slice(at + 1)];
  }
  if (typeof value !== 'object' || value === null) return random.pick(junk);
  const entries: [string, unknown][] = Object.entries(value);
  const name = random.chance(0.5) ? random.pick(PARAMETERS) : (random.pick(entries.length > 0 ? entries : [['a', null]])[0] ?? 'a');
  const held = entries.find(([key]) => key === name)?.[1];
  // As JSON text: an object literal would take __proto__ for its prototype
  return Object.fromEntries([...entries.filter(([key]) => key !== name), [name, spoilValue(held, random, level + 1)]]);
}

const BYTES = [
  '\u0000',
  '\uFEFF',
  '\u202E',
  '"',
  '\\',
  '{',
  '}',
  '[',
  ',',
  ':',
  '%',
  '%zz',
  '%00',
  '%ff',
  '+',
  '&',
  '&query=',
  ';',
  '#',
  '1e999',
  '\\ud800',
  '\\u0000',
];
/** Of a request line, more than which is not HTTP at all. */
const inTarget = /^[\u0021-\u007E]*$/;

function spoilBytes(content: Buffer, random: Random, method: string): Buffer {
  const spoiled = spoilRaw(content, random);
  if (method !== 'GET') return spoiled;
  const text = spoiled.toString('latin1');
  return inTarget.test(text) ? spoiled : Buffer.from(text.replaceAll(/[^!-~]/g, '%20'));
}

function spoilRaw(bytes: Buffer, random: Random): Buffer {
  let spoiled = bytes;
  for (let times = 1 + random.int(3); times > 0; times -= 1) {
    const at = random.int(spoiled.length + 1);
    const [before, after] = [spoiled.subarray(0, at), spoiled.subarray(at)];
    const change = random.int(6);
    if (change === 0) spoiled = before;
    else if (change === 1) spoiled = Buffer.concat([before, Buffer.from(random.pick(BYTES)), after]);
    else if (change === 2) spoiled = Buffer.concat([before, after.subarray(1 + random.int(8))]);
    else if (change === 3) spoiled = Buffer.concat([before, Buffer.from([random.int(256)]), after.subarray(1)]);
    else if (change === 4) spoiled = Buffer.concat([before, after.subarray(0, random.int(40)), after]);
    else spoiled = Buffer.concat([before, Buffer.from(Array.from({ length: random.int(20) }, () => random.int(256))), after]);
  }
  return spoiled;
}

const packers: readonly (readonly [string, (bytes: Buffer) => Buffer])[] = [
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
  ['br', brotliCompressSync],
];

type HeaderSpoil = (draft: Draft, random: Random) => Draft;
const oneOf =
  (name: string, values: readonly string[]): HeaderSpoil =>
  (draft, random) => ({ ...draft, headers: [...without(draft.headers, name), [name, random.pick(values)]] });
const without = (headers: readonly Header[], name: string): Header[] => headers.filter(([one]) => one.toLowerCase() !== name.toLowerCase());

const headerSpoils: readonly HeaderSpoil[] = [
  oneOf('Content-Type', [
    '',
    'text/plain',
    'application/json; charset=utf-16',
    'application/json; charset=utf-7',
    'application/json;;;=',
    'multipart/form-data; boundary=x',
    'application/graphql',
    '*/*',
    'a'.repeat(2_000),
    'application/json, text/plain',
  ]),
  oneOf('Accept', [
    '',
    '*/*',
    'image/png',
    'text/html',
    'multipart/mixed',
    'multipart/mixed;boundary=x;deferSpec=1',
    'text/event-stream;q=0',
    'application/json;q=NaN',
    `${'a/b,'.repeat(900)}*/*`,
    'text/event-stream, multipart/mixed',
    'application/json; charset=latin1',
  ]),
  oneOf('Origin', ['null', 'https://evil.example', 'http://localhost', 'https://app.example.evil', 'x'.repeat(3_000)]),
  oneOf('Sec-Fetch-Site', ['cross-site', 'same-site', 'same-origin', 'none', 'x']),
  oneOf('Host', ['evil.example', '', 'localhost:99999', '[::1', '169.254.169.254', 'localhost@evil.example', 'LOCALHOST.']),
  oneOf('Authorization', [
    '',
    'Bearer',
    'Bearer ',
    'Bearer a.b.c',
    'Basic eDp5',
    `Bearer ${'a'.repeat(9_000)}`,
    'bearer eyJhbGciOiJub25lIn0.e30.',
    'Bearer \u00ff\u00fe',
  ]),
  oneOf('X-Request-Id', ['', 'a b', '<script>', 'x'.repeat(300), '__proto__', '%0d%0a']),
  oneOf('Ir-Principal', ['forged', 'eyJhbGciOiJub25lIn0.e30.']),
  oneOf('Last-Event-ID', ['0', '-1', '999999999999999999999', 'forged', 'x'.repeat(10_000)]),
  oneOf('Traceparent', ['00-0-0-0', '00-ffffffffffffffffffffffffffffffff-ffffffffffffffff-01', 'x'.repeat(600)]),
  oneOf('Expect', ['100-continue', 'nonsense']),
  oneOf('Content-Encoding', ['gzip', 'br', 'deflate', 'zstd', 'gzip, gzip', 'identity', '', 'x'.repeat(500)]),
  oneOf('Content-Length', ['0', '1', '-1', '99', '5000000000', '1e3', '0x10', '1, 1', '18446744073709551616']),
  oneOf('Transfer-Encoding', ['chunked', 'gzip, chunked', 'identity', 'xchunked', 'chunked, chunked']),
  oneOf('Upgrade', ['websocket', 'h2c']),
  (draft, random) => ({
    ...draft,
    method: random.pick(['HEAD', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PATCH', 'get', 'QUERY', 'POST', 'GET']),
  }),
  (draft, random) => ({
    ...draft,
    path: random.pick([
      '/',
      '//',
      '/graphql/',
      '/graphql/plan',
      '/graphql/assets/../../package.json',
      '/%67raphql',
      '/graphql%00',
      '/GRAPHQL',
      '/__proto__',
      '/health',
      '/ready',
      '*',
      'http://evil.example/graphql',
      `/${'a/'.repeat(3_000)}`,
      '/graphql#x',
      '/graphql;x',
    ]),
  }),
  (draft, random) => ({
    ...draft,
    headers: [...draft.headers, ...Array.from({ length: random.pick([50, 99, 150, 1_000]) }, (_, index): Header => [`X-${index}`, 'a'])],
  }),
  (draft, random) => ({
    ...draft,
    headers: [...draft.headers, [random.pick(['__proto__', 'constructor', 'toString', 'X y', '', 'X:']), 'a']],
  }),
  (draft, random) => ({ ...draft, headers: [...draft.headers, ...random.sample(draft.headers, 1)] }),
  (draft, random) => {
    const [encoding, pack] = random.pick(packers);
    const packed = pack(draft.content);
    return {
      ...draft,
      content: random.chance(0.5) ? packed : spoilRaw(packed, random),
      headers: [...draft.headers, ['Content-Encoding', encoding]],
    };
  },
];

function spoilHeaders(draft: Draft, random: Random): Draft {
  let spoiled = draft;
  for (let times = 1 + random.int(2); times > 0; times -= 1) spoiled = random.pick(headerSpoils)(spoiled, random);
  return spoiled;
}

/** In pieces, as a network may bring them. */
function cut(bytes: Buffer, random: Random): Buffer[] {
  const at = random.int(bytes.length + 1);
  return [bytes.subarray(0, at), bytes.subarray(at)].filter(({ length }) => length > 0);
}
