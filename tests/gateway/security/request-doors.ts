/** Every way by which a request comes in, each asked in the same words: for tests of what must hold at all of them. */
import { toHash } from '../../../gateway/pipeline/documents/trusted-documents.ts';
import { readEvents, readParts } from '../../_kit/read-payloads.ts';
import type { GraphqlBody } from '../kit.ts';

export type Params = {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly extensions?: Readonly<Record<string, unknown>>;
};

export type Told = {
  readonly status: number;
  /** Of the answer as a whole, without its parameters. */
  readonly type: string;
  readonly headers: Headers;
  /** The first payload; of an array the last answer. */
  readonly body: GraphqlBody;
  readonly code: string | undefined;
  readonly limit: unknown;
};

export type RequestDoor = {
  readonly name: string;
  readonly method: 'GET' | 'POST';
  /** Of an answer with data. */
  readonly type: string;
  readonly ask: (url: string, params: Params, headers?: Readonly<Record<string, string>>) => Promise<Told>;
};

const whole = 'application/graphql-response+json';
const parts = 'multipart/mixed';
const events = 'text/event-stream';

/** `wrap`: how the body of a POST holds the parameters. */
function createPost(name: string, type: string, wrap: (params: Params) => unknown = (params) => params): RequestDoor {
  return {
    name,
    method: 'POST',
    type,
    async ask(url, params, headers = {}) {
      const sent = { 'content-type': 'application/json', accept: type, ...headers };
      return toTold(await fetch(url, { method: 'POST', headers: sent, body: JSON.stringify(wrap(params)) }));
    },
  };
}

function createGet(name: string, type: string): RequestDoor {
  return {
    name,
    method: 'GET',
    type,
    async ask(url, params, headers = {}) {
      const texts = Object.entries(params).map(([key, value]): [string, string] => [
        key,
        typeof value === 'string' ? value : JSON.stringify(value),
      ]);
      return toTold(await fetch(`${url}?${new URLSearchParams(texts).toString()}`, { headers: { accept: type, ...headers } }));
    },
  };
}

async function toTold(response: Response): Promise<Told> {
  const text = await response.text();
  const [type = ''] = (response.headers.get('content-type') ?? '').split(';');
  const body = readFirst(text, type);
  const extensions = body.errors?.[0]?.extensions;
  return { status: response.status, type, headers: response.headers, body, code: extensions?.code, limit: extensions?.['limit'] };
}

/** Every payload of the gateway is such an object, or an array of them. */
function readFirst(text: string, type: string): GraphqlBody {
  if (type === events) return readEvents(text)[0] as GraphqlBody;
  if (type === parts) return readParts(text)[0] as GraphqlBody;
  const value = JSON.parse(text) as GraphqlBody | GraphqlBody[];
  return Array.isArray(value) ? (value.at(-1) ?? {}) : value;
}

const withHash = (params: Params) => ({
  ...params,
  extensions: { ...params.extensions, persistedQuery: { version: 1, sha256Hash: toHash(params.query) } },
});

/** The gateway must take arrays and hashes for the last two. */
export const requestDoors: readonly RequestDoor[] = [
  createPost('POST', whole),
  createGet('GET', whole),
  createPost('POST, multipart', parts),
  createGet('GET, multipart', parts),
  createPost('POST, events', events),
  createGet('GET, events', events),
  createPost('POST with its hash', whole, withHash),
  createPost('an array', whole, (params) => [params]),
];
