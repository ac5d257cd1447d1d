/** One verdict, whichever way an operation comes in: every door leads through the same pipeline. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultLimits } from '../../../gateway/pipeline/limits.ts';
import { toHash } from '../../../gateway/pipeline/documents/trusted-documents.ts';
import { mergeIncremental, type WirePayload } from '../../_kit/merge-incremental.ts';
import { readEvents, readParts } from '../../_kit/read-payloads.ts';
import { startGuardedHub } from './guarded-hub.ts';

type Hub = Awaited<ReturnType<typeof startGuardedHub>>;
type Row = Record<string, unknown>;
type Verdict = { readonly data: unknown; readonly errors: Readonly<Record<string, string>> };

let stops = 0;
const mill = { id: 'm1', name: 'North', secret: 42, vault: { gold: 7 } };
const graphs = {
  mills: {
    sdl: `
      type Query { mill: Mill things: [Thing] open: String }
      type Mutation { stop: String @requiresScopes(scopes: [["stop"]]) go: String }
      type Mill @key(fields: "id") { id: ID! name: String secret: Int vault: Vault }
      type Vault @authenticated { gold: Int }
      type Wool { width: Int }
      union Thing = Vault | Wool`,
    resolvers: {
      Query: {
        mill: () => mill,
        things: () => [
          { __typename: 'Vault', gold: 7 },
          { __typename: 'Wool', width: 150 },
        ],
        open: () => 'open',
      },
      Mutation: {
        stop: () => {
          stops += 1;
          return 'stopped';
        },
        go: () => 'gone',
      },
      Mill: { __resolveReference: () => mill },
    },
  },
  ratings: {
    sdl: 'type Mill @key(fields: "id") { id: ID! secret: Int @external score: Int @requires(fields: "secret") stars: Int }',
    resolvers: { Mill: { __resolveReference: (row: Row) => row, score: () => 5, stars: () => 4 } },
  },
};

const reads = [
  '{ open mill { name secret } }',
  '{ mill { name ... @defer { secret stars } } }',
  '{ mill { id ... @defer { score stars } } }',
  'fragment F on Mill { a: secret vault { gold } } { mill { name ... @defer { ...F } } open }',
  '{ things { ... on Vault { gold } ... on Wool { width } } }',
  '{ __type(name: "Mill") { fields { name } } open }',
];
const writes = ['mutation { a: go stop b: go }'];

type Headers = Record<string, string>;
type Door = {
  readonly name: string;
  readonly writes: boolean;
  readonly ask: (hub: Hub, query: string, headers: Headers) => Promise<WirePayload[]>;
};

const json = { 'content-type': 'application/json', accept: 'application/graphql-response+json' };
// Every answer of the gateway is such a payload, or several
const parseOne = (text: string): WirePayload[] => [JSON.parse(text) as WirePayload];
const byPost = async (hub: Hub, body: unknown, headers: Headers) =>
  (await fetch(hub.graphqlUrl, { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(body) })).text();
const byGet = async (hub: Hub, params: Record<string, string>, headers: Headers) =>
  (await fetch(`${hub.graphqlUrl}?${new URLSearchParams(params).toString()}`, { headers: { accept: json.accept, ...headers } })).text();
const byHash = (query: string) => ({ persistedQuery: { version: 1, sha256Hash: toHash(query) } });
/** Only what defers comes in parts. */
const readMixed = (text: string) => (text.startsWith('{') ? parseOne(text) : readParts(text));

const doors: readonly Door[] = [
  { name: 'POST', writes: true, ask: async (hub, query, headers) => parseOne(await byPost(hub, { query }, headers)) },
  { name: 'GET', writes: false, ask: async (hub, query, headers) => parseOne(await byGet(hub, { query }, headers)) },
  ...['multipart/mixed;deferSpec=20220824, application/json', 'multipart/mixed;incrementalSpec=v0.2, application/json'].map((accept) => ({
    name: accept,
    writes: true,
    ask: async (hub: Hub, query: string, headers: Headers) => readMixed(await byPost(hub, { query }, { ...headers, accept })),
  })),
  {
    name: 'events by POST',
    writes: true,
    ask: async (hub, query, headers) => readEvents(await byPost(hub, { query }, { ...headers, accept: 'text/event-stream' })),
  },
  {
    name: 'events by GET',
    writes: false,
    ask: async (hub, query, headers) => readEvents(await byGet(hub, { query }, { ...headers, accept: 'text/event-stream' })),
  },
  {
    name: 'an array',
    writes: true,
    ask: async (hub, query, headers) => {
      const answers = JSON.parse(await byPost(hub, [{ query: '{ open }' }, { query }], headers)) as WirePayload[]; // one for each
      return answers.slice(1);
    },
  },
  {
    name: 'a hash, registered',
    writes: true,
    ask: async (hub, query, headers) => parseOne(await byPost(hub, { query, extensions: byHash(query) }, headers)),
  },
  {
    name: 'a hash, looked up by POST',
    writes: true,
    ask: async (hub, query, headers) => {
      await byPost(hub, { query, extensions: byHash(query) }, headers);
      hub.sent.length = 0;
      return parseOne(await byPost(hub, { extensions: byHash(query) }, headers));
    },
  },
  {
    name: 'a hash, looked up by GET',
    writes: false,
    ask: async (hub, query, headers) => {
      await byPost(hub, { query, extensions: byHash(query) }, headers);
      hub.sent.length = 0;
      return parseOne(await byGet(hub, { extensions: JSON.stringify(byHash(query)) }, headers));
    },
  },
  {
    name: 'a trusted document by POST',
    writes: true,
    ask: async (hub, query, headers) => parseOne(await byPost(hub, { documentId: idOf(query) }, headers)),
  },
  {
    name: 'a trusted document by GET',
    writes: false,
    ask: async (hub, query, headers) => parseOne(await byGet(hub, { documentId: idOf(query) }, headers)),
  },
];

function idOf(query: string): string {
  return `trusted-${[...reads, ...writes].indexOf(query)}`;
}

/** What was learnt: data, and codes by path. The two forms of incremental delivery tell errors in different places. */
function toVerdict(payloads: readonly WirePayload[]): Verdict {
  const { data, errors } = mergeIncremental(payloads);
  return { data, errors: Object.fromEntries(errors.map(({ path = [], extensions }) => [path.join('.'), extensions?.code ?? ''])) };
}

let folder: string;
let hub: Hub;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doors-'));
  const file = join(folder, 'manifest.json');
  await writeFile(file, JSON.stringify(Object.fromEntries([...reads, ...writes].map((query) => [idOf(query), query]))));
  hub = await startGuardedHub(graphs, {
    guards: { 'Mill.secret': [['secret']] },
    limits: { ...defaultLimits, batch: 2 },
    trustedDocuments: { file, only: false },
    persistedQueries: true,
  });
});
afterAll(async () => {
  await hub.stop();
  await rm(folder, { recursive: true });
});

const principals: readonly (readonly [string, readonly string[] | null])[] = [
  ['a visitor', null],
  ['a member without scopes', []],
  ['a member with one scope', ['secret']],
  ['a member with all scopes', ['secret', 'stop']],
];

describe.each(doors)('by $name', ({ ask, writes: takesWrites }) => {
  it.each(principals)('A7 %s is given and denied what POST gives and denies', async (_, scopes) => {
    const headers = await hub.authorization(scopes);
    for (const query of [...reads, ...(takesWrites && scopes !== null ? writes : [])]) {
      hub.sent.length = 0;
      const expected = await whole(query, headers);
      const asked = sentText();
      hub.sent.length = 0;
      const ran = stops;
      expect([query, toVerdict(await ask(hub, query, headers))]).toEqual([query, expected]);
      expect([query, stops > ran]).toEqual([query, scopes?.includes('stop') === true && query.includes('stop')]);
      // Nothing is asked for behind one door that is not asked for behind another
      for (const name of ['secret', 'score', 'gold', 'stop'].filter((one) => !asked.includes(one))) expect(sentText()).not.toContain(name);
    }
  });

  it('A7 the verdicts differ from one another', async () => {
    const [deferred = ''] = reads.slice(1);
    const verdict = async (scopes: readonly string[] | null) => toVerdict(await ask(hub, deferred, await hub.authorization(scopes)));
    expect(await verdict(null)).toEqual({
      data: { mill: { name: 'North', secret: null, stars: 4 } },
      errors: { 'mill.secret': 'FORBIDDEN' },
    });
    expect(sentText()).not.toContain('secret');
    expect(await verdict(['secret'])).toEqual({ data: { mill: { name: 'North', secret: 42, stars: 4 } }, errors: {} });
  });
});

const whole = async (query: string, headers: Headers) => toVerdict(parseOne(await byPost(hub, { query }, headers)));
const sentText = () => hub.sent.map(({ query, variables }) => query + variables).join('\n');
