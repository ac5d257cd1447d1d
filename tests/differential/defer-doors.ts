/**
 * Every way in which a client gets an answer in several payloads from a gateway that listens: multipart in both forms and events, read by
 * hand, and Apollo Client with its own link and each of its handlers. Exports `openDoors`.
 */
import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client';
import { Defer20220824Handler, GraphQL17Alpha9Handler } from '@apollo/client/incremental';
import { Kind, parse, print, visit } from 'graphql';
import type { DocumentNode } from 'graphql';
import { mergeIncremental } from '../_kit/merge-incremental.ts';
import type { WireError, WirePayload } from '../_kit/merge-incremental.ts';
import { readEvents, readParts } from '../_kit/read-payloads.ts';
import { startShopGateway } from '../gateway/kit.ts';
import { createFetcher } from './compare.ts';
import type { ReadyCut } from './compose-cut.ts';
import type { Operation } from './operations.ts';
import { createHubRun } from './run-graph.ts';

export const DOORS = [
  'multipart by id',
  'multipart by path',
  'events by POST',
  'events by GET',
  'Apollo Client by id',
  'Apollo Client by path',
  'one piece',
] as const;
export type Door = (typeof DOORS)[number];

export type Read = {
  readonly data: unknown;
  readonly errors: readonly WireError[];
  /** Paths of the fragments that could not be sent; null where the client does not tell. */
  readonly failed: readonly (readonly (string | number)[])[] | null;
  /** None where the client does not tell. */
  readonly payloads: readonly WirePayload[];
};

export type Doors = {
  /** Null where this door does not take the operation: a GET that writes, or is too long. */
  read(door: Door, operation: Operation, breaks: number | null): Promise<Read | null>;
  close(): Promise<void>;
};

/** What a fuzz asks is more than a client may. */
const limits = {
  aliases: 100_000,
  directives: 100_000,
  depth: 200,
  rootFields: 10_000,
  rate: 0,
  pageSize: 10_000,
  errors: 100_000,
  cost: 1_000_000_000_000,
};
const longestUrl = 12_000;

/** One gateway over the graphs of the cut, on this machine. Operations are read one after the other. */
export async function openDoors(ready: ReadyCut): Promise<Doors> {
  let asked: ReturnType<typeof createFetcher> | null = null;
  let labels: Operation['labels'];
  const gateway = await startShopGateway({
    source: { kind: 'sdl', sdl: ready.supergraphSdl },
    fetcher: (request) => {
      if (asked === null) throw new Error('Nobody asks');
      return asked.fetcher(request);
    },
    labelFunction: (label) => labels?.has(label) === true,
    limits,
  });
  const url = gateway.graphqlUrl;
  const clients = {
    'Apollo Client by id': createClient(url, new GraphQL17Alpha9Handler()),
    'Apollo Client by path': createClient(url, new Defer20220824Handler()),
  };
  const readBy = (door: Door, operation: Operation): Promise<Read | null> => {
    switch (door) {
      case 'multipart by id':
        return post(url, operation, 'multipart/mixed;incrementalSpec=v0.2, application/json');
      case 'multipart by path':
        return post(url, operation, 'multipart/mixed;deferSpec=20220824, application/json');
      case 'events by POST':
        return post(url, operation, 'text/event-stream');
      case 'events by GET':
        return get(url, operation);
      case 'one piece':
        return post(url, operation, 'application/json');
      default:
        return readByApollo(clients[door], operation);
    }
  };
  return {
    async read(door, operation, breaks) {
      asked = createFetcher(ready, createHubRun(operation.labels, new Set(), breaks));
      labels = operation.labels;
      const read = await readBy(door, operation);
      asked.assertFaultless();
      return read;
    },
    async close() {
      for (const client of Object.values(clients)) client.stop();
      await gateway.stop();
    },
  };
}

async function post(url: string, { text, variables }: Operation, accept: string): Promise<Read> {
  const headers = { 'content-type': 'application/json', accept };
  return readResponse(await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query: text, variables }) }));
}

async function get(url: string, { text, variables, document }: Operation): Promise<Read | null> {
  const [operation] = document.definitions;
  const search = new URLSearchParams({ query: text, variables: JSON.stringify(variables) }).toString();
  if (search.length > longestUrl || operation?.kind !== Kind.OPERATION_DEFINITION || operation.operation !== 'query') return null;
  return readResponse(await fetch(`${url}?${search}`, { headers: { accept: 'text/event-stream' } }));
}

async function readResponse(response: Response): Promise<Read> {
  const type = response.headers.get('content-type') ?? '';
  const text = await response.text();
  if (response.status !== 200) throw new Error(`Status ${response.status}: ${text}`);
  const payloads = type.startsWith('multipart/')
    ? readParts(text, type)
    : type.startsWith('text/event-stream')
      ? readEvents(text)
      : [JSON.parse(text) as WirePayload]; // one whole answer
  if (payloads[0]?.data === undefined) throw new Error(`No data: ${text}`);
  return { ...mergeIncremental(payloads), payloads };
}

/** The client adds no fields: the answer must be that of the operation as it stands. */
class PlainCache extends InMemoryCache {
  override transformDocument(document: DocumentNode): DocumentNode {
    return document;
  }
}

function createClient(uri: string, incrementalHandler: GraphQL17Alpha9Handler | Defer20220824Handler): ApolloClient {
  return new ApolloClient({
    cache: new PlainCache(),
    link: new HttpLink({ uri }),
    // The client's own types do not take each other under our strictest settings.
    incrementalHandler: incrementalHandler as NonNullable<ApolloClient.Options['incrementalHandler']>,
  });
}

async function readByApollo(client: ApolloClient, operation: Operation): Promise<Read> {
  const document = withPlainAliases(operation.document);
  const [definition] = document.definitions;
  const isQuery = definition?.kind === Kind.OPERATION_DEFINITION && definition.operation === 'query';
  const { variables } = operation;
  if (!isQuery) {
    const { data, error } = await client.mutate({ mutation: document, variables, fetchPolicy: 'no-cache', errorPolicy: 'all' });
    return { data: data ?? null, errors: toErrors(error), failed: null, payloads: [] };
  }
  const { data, error } = await client.query({ query: document, variables, fetchPolicy: 'no-cache', errorPolicy: 'all' });
  return { data: data ?? null, errors: toErrors(error), failed: null, payloads: [] };
}

/** The errors of the answer; anything else is a fault of reading. */
function toErrors(error: Error | undefined): readonly WireError[] {
  if (error === undefined) return [];
  if (!('errors' in error) || !Array.isArray(error.errors)) throw error;
  return error.errors as readonly WireError[]; // as they came
}

/**
 * Apollo Client 4.3.8 looks for the place of each pending fragment in the data of every other, wherever that lies: where it finds a list
 * there it takes the fragment for one of @stream, and throws. Says whether these payloads make it.
 */
export function misleadsApollo(payloads: readonly WirePayload[]): boolean {
  const pending = new Map(payloads.flatMap((payload) => (payload.pending ?? []).map(({ id, path }) => [id, path] as const)));
  const items = payloads.flatMap(({ incremental = [] }) => incremental);
  return items.some(({ id = '', data }) => {
    const own = pending.get(id) ?? [];
    return [...pending.values()].some((path) => isList(data, path.slice(own.length)));
  });
}

function isList(data: unknown, path: readonly (string | number)[]): boolean {
  let value = data;
  for (const key of path) value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined; // as the client reads
  return Array.isArray(value);
}

/** Names that the client cannot hold, or keeps for itself: for it they are others. */
const PLAIN: ReadonlyMap<string, string> = new Map([
  ['__proto__', 'plain_proto'],
  ['__typename', 'plain_typename'],
]);

function withPlainAliases(document: DocumentNode): DocumentNode {
  const renamed = visit(document, {
    Field(node) {
      const plain = PLAIN.get(node.alias?.value ?? node.name.value);
      return plain === undefined ? undefined : { ...node, alias: { kind: Kind.NAME, value: plain } };
    },
  });
  return parse(print(renamed));
}

/** What the client reads when it is asked by `withPlainAliases`; keys that stand for themselves, in scalars, are others alike. */
export function withPlainKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withPlainKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [PLAIN.get(key) ?? key, withPlainKeys(inner)]));
}

/** A path as the client tells it. */
export function toPlainPath(path: string): string {
  return path
    .split('.')
    .map((key) => PLAIN.get(key) ?? key)
    .join('.');
}
