/** A request before it becomes bytes, so that it can be spoiled part by part. Exports `DOORS`, `toRequest`, `toBytes`. */
import { createHash } from 'node:crypto';
import type { Operation } from './documents.ts';

export type Door = (typeof DOORS)[number]['name'];
export type Header = readonly [name: string, value: string];

export type Draft = {
  readonly method: string;
  readonly path: string;
  /** Of a GET: text of the query string. Of a POST: the body. */
  readonly content: Buffer;
  readonly headers: readonly Header[];
};

const json = 'application/graphql-response+json, application/json;q=0.9';
const multipart = 'multipart/mixed;incrementalSpec=v0.2, application/graphql-response+json';
const older = 'multipart/mixed;deferSpec=20220824, application/json';
const events = 'text/event-stream';

/** `share`: how often each is knocked at. Those of `trusted` belong to a gateway where only trusted documents run. */
export const DOORS = [
  { name: 'POST json', method: 'POST', accept: json, share: 6 },
  { name: 'GET json', method: 'GET', accept: json, share: 3 },
  { name: 'POST multipart', method: 'POST', accept: multipart, share: 3 },
  { name: 'POST multipart, older', method: 'POST', accept: older, share: 1 },
  { name: 'GET multipart', method: 'GET', accept: multipart, share: 2 },
  { name: 'POST events', method: 'POST', accept: events, share: 2 },
  { name: 'GET events', method: 'GET', accept: events, share: 2 },
  { name: 'POST array', method: 'POST', accept: json, share: 2 },
  { name: 'POST persisted', method: 'POST', accept: json, share: 2 },
  { name: 'GET persisted', method: 'GET', accept: json, share: 1 },
  { name: 'POST trusted', method: 'POST', accept: json, share: 1 },
  { name: 'GET trusted', method: 'GET', accept: events, share: 1 },
] as const;

export type Params = Record<string, unknown>;

export function toParams(operation: Operation, door: Door): Params | Params[] {
  if (door.endsWith('persisted')) {
    const sha256Hash = createHash('sha256').update(operation.query).digest('hex');
    return { ...operation, extensions: { persistedQuery: { version: 1, sha256Hash } } };
  }
  if (door === 'POST array') return [{ ...operation }, { query: '{ __typename }' }, { ...operation }];
  return { ...operation };
}

export function toDraft(name: Door, params: unknown, token: string): Draft {
  const { method, accept } = DOORS.find((door) => door.name === name) ?? DOORS[0];
  const headers: Header[] = [
    ['Accept', accept],
    ['Authorization', `Bearer ${token}`],
  ];
  if (method === 'GET') return { method, path: '/graphql', content: Buffer.from(toQueryString(params)), headers };
  return {
    method,
    path: '/graphql',
    content: Buffer.from(JSON.stringify(params)),
    headers: [...headers, ['Content-Type', 'application/json']],
  };
}

function toQueryString(params: unknown): string {
  if (typeof params !== 'object' || params === null) return `query=${escape(JSON.stringify(params))}`;
  return Object.entries(params)
    .map(([name, value]) => `${escape(name)}=${escape(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))}`)
    .join('&');
}

/** Half a surrogate pair as the bytes that UTF-8 would have for it, if it had any. */
function escape(text: string): string {
  return encodeURIComponent(text.replaceAll(/\p{Surrogate}/gu, '\uFFFF')).replaceAll('%EF%BF%BF', '%ED%A0%BD');
}

/** As HTTP wants it, unless the draft is what it must not be. */
export function toBytes({ method, path, content, headers }: Draft): Buffer {
  const isGet = method === 'GET' || method === 'HEAD';
  const target = isGet && content.length > 0 ? `${path}?${content.toString('latin1')}` : path;
  const names = new Set(headers.map(([name]) => name.toLowerCase()));
  const lines = [
    `${method} ${target} HTTP/1.1`,
    ...(names.has('host') ? [] : ['Host: localhost']),
    'Connection: close',
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(isGet || names.has('content-length') || names.has('transfer-encoding') ? [] : [`Content-Length: ${content.length}`]),
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), isGet ? Buffer.alloc(0) : content]);
}
