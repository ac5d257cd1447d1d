import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPersistedQueries } from '../../../../gateway/pipeline/documents/persisted-queries.ts';
import { parseManifest, toHash } from '../../../../gateway/pipeline/documents/trusted-documents.ts';
import { createLog } from '../../../../lib/log/log.ts';
import { startShopGateway } from '../../kit.ts';

const query = '{ echo(text: "a") }';
const hash = toHash(query);
const byHash = (sha256Hash: unknown, version: unknown = 1) => ({ extensions: { persistedQuery: { version, sha256Hash } } });
type Gateway = Awaited<ReturnType<typeof startShopGateway>>;
const get = async ({ graphqlUrl }: Gateway, params: Record<string, string>) => {
  const response = await fetch(`${graphqlUrl}?${new URLSearchParams(params).toString()}`, {
    headers: { accept: 'application/graphql-response+json' },
  });
  const body = (await response.json()) as { data?: unknown; errors?: { message: string; extensions: { code: string } }[] };
  return { status: response.status, body, code: body.errors?.[0]?.extensions.code };
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'documents-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('a manifest of trusted documents', () => {
  it('is a table of ids and texts, or that of Apollo’s tools', () => {
    const plain = parseManifest(JSON.stringify({ one: query }));
    expect([plain.byId.get('one'), plain.byId.get(hash), plain.texts.has(query)]).toEqual([query, query, true]);
    const operations = [{ id: hash, body: query, name: 'A', type: 'query' }];
    const apollo = parseManifest(JSON.stringify({ format: 'apollo-persisted-query-manifest', version: 1, operations }));
    expect([...apollo.byId]).toEqual([[hash, query]]);
  });

  it('holds names that every object has as ids like any other', () => {
    const { byId } = parseManifest('{"__proto__": "{ echo }", "constructor": "{ echo }"}');
    expect([byId.get('__proto__'), byId.get('constructor'), byId.get('toString')]).toEqual(['{ echo }', '{ echo }', undefined]);
  });

  it.each([
    ['text that is not JSON', '{'],
    ['a list', '[]'],
    ['a document without text', '{"a": ""}'],
    ['a document that is a number', '{"a": 1}'],
    ['a hash that is not that of its text', JSON.stringify({ ['0'.repeat(64)]: query })],
    ['another format', '{"format": "relay", "version": 1, "operations": []}'],
    ['another version', '{"format": "apollo-persisted-query-manifest", "version": 2, "operations": []}'],
    ['operations that are no list', '{"format": "apollo-persisted-query-manifest", "version": 1, "operations": {}}'],
    ['an operation without an id', '{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"body": "{ echo }"}]}'],
    [
      'one id for two documents',
      '{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"id": "a", "body": "{ a }"}, {"id": "a", "body": "{ b }"}]}',
    ],
  ])('is refused with %s', (_, json) => {
    expect(() => parseManifest(json)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID_VALUE' }));
  });
});

describe('where only trusted documents run', () => {
  let gateway: Gateway;
  let file: string;
  const lines: string[] = [];
  beforeAll(async () => {
    file = join(folder, 'manifest.json');
    await writeFile(file, JSON.stringify({ one: query }));
    const log = createLog({ service: 'gateway', stream: { write: (line) => lines.push(line) } });
    gateway = await startShopGateway({ log, trustedDocuments: { file, only: true, pollMs: 5 }, persistedQueries: true });
  });
  afterAll(() => gateway.stop());

  it('they are found by hash, by id and by their exact text, by POST and by GET', async () => {
    for (const params of [byHash(hash), { documentId: 'one' }, { documentId: `sha256:${hash}` }, { query }, { query, ...byHash(hash) }]) {
      expect((await gateway.post(params)).body).toEqual({ data: { echo: 'a' } });
    }
    const persisted = JSON.stringify(byHash(hash).extensions);
    for (const params of [{ documentId: 'one' }, { extensions: persisted }, { query }])
      expect((await get(gateway, params as Record<string, string>)).body).toEqual({ data: { echo: 'a' } });
  });

  it('every other text is refused on every door, also one that differs by a blank, and also by its hash', async () => {
    const asked = gateway.shop.bodies.length;
    const other = `${query} `;
    for (const params of [
      { query: other },
      { query: '{ __typename }' },
      byHash(toHash(other)),
      { documentId: 'two' },
      { query: other, ...byHash(toHash(other)) },
    ])
      expect(await gateway.post(params)).toMatchObject({ status: 400, code: 'DOCUMENT_NOT_TRUSTED' });
    expect(await get(gateway, { query: other })).toMatchObject({ status: 400, code: 'DOCUMENT_NOT_TRUSTED' });
    const plan = await fetch(`${gateway.graphqlUrl}/plan`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
      body: JSON.stringify({ query: other }),
    });
    expect([plan.status, await plan.text()]).toEqual([400, expect.stringContaining('DOCUMENT_NOT_TRUSTED')]);
    expect(gateway.shop.bodies).toHaveLength(asked);
  });

  it('a manifest that changes is taken, and one that is broken changes nothing', async () => {
    const replace = async (text: string) => {
      await writeFile(`${file}.new`, text);
      await rename(`${file}.new`, file);
    };
    const until = async (params: object, code: string | undefined) => {
      while ((await gateway.post(params)).code !== code) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    await replace(JSON.stringify({ one: query, two: '{ echo(text: "b") }' }));
    await until({ documentId: 'two' }, undefined);
    await replace('{ broken');
    while (!lines.join('').includes('trusted documents refused, the last good ones are kept'))
      await new Promise((resolve) => setTimeout(resolve, 5));
    expect((await gateway.post({ documentId: 'two' })).body).toEqual({ data: { echo: 'b' } });
    await replace(JSON.stringify({ one: query, three: '{ echo(text: "c") }' }));
    await until({ documentId: 'three' }, undefined);
    expect((await gateway.post({ documentId: 'two' })).code).toBe('DOCUMENT_NOT_TRUSTED');
    expect((await gateway.post({ query })).body).toEqual({ data: { echo: 'a' } });
  });
});

it('a gateway does not start on a manifest that is broken or missing', async () => {
  const broken = join(folder, 'broken.json');
  await writeFile(broken, '{');
  for (const file of [broken, join(folder, 'nowhere.json')])
    await expect(startShopGateway({ trustedDocuments: { file, only: true } })).rejects.toMatchObject({ code: 'CONFIG_INVALID_VALUE' });
});

describe('persisted queries', () => {
  it('are asked for by hash, sent once with it, and then found, by POST and by GET', async () => {
    const gateway = await startShopGateway({ persistedQueries: true });
    // Apollo Client looks for this message and this code
    const missing = await gateway.post(byHash(hash));
    expect([missing.status, missing.body.errors?.[0]?.message, missing.code]).toEqual([
      200,
      'PersistedQueryNotFound',
      'PERSISTED_QUERY_NOT_FOUND',
    ]);
    expect((await gateway.post({ query, ...byHash(hash) })).body).toEqual({ data: { echo: 'a' } });
    expect((await gateway.post(byHash(hash))).body).toEqual({ data: { echo: 'a' } });
    expect((await get(gateway, { extensions: JSON.stringify(byHash(hash).extensions) })).body).toEqual({ data: { echo: 'a' } });
    await gateway.stop();
  });

  it('are refused with a hash of another text, or one that is no hash, or another version', async () => {
    const gateway = await startShopGateway({ persistedQueries: true });
    expect(await gateway.post({ query, ...byHash('0'.repeat(64)) })).toMatchObject({ status: 400, code: 'PERSISTED_QUERY_MISMATCH' });
    for (const params of [
      byHash(hash.toUpperCase()),
      byHash(1),
      byHash(hash, 2),
      byHash(undefined),
      { extensions: { persistedQuery: null } },
    ])
      expect(await gateway.post(params)).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
    expect(await gateway.post({ query, documentId: 'one' })).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
    await gateway.stop();
  });

  it('are kept only when the document passed every check', async () => {
    const gateway = await startShopGateway({ persistedQueries: true, limits: { depth: 2 } });
    for (const text of ['{ nothing }', '{ echo', '{ crate(id: 1) { inside { id } } }', '{ crates(first: 9999) { id } }']) {
      expect((await gateway.post({ query: text, ...byHash(toHash(text)) })).code).toBeDefined();
      expect((await gateway.post(byHash(toHash(text)))).code).toBe('PERSISTED_QUERY_NOT_FOUND');
    }
    await gateway.stop();
  });

  it('that are off say so, and a text with its hash runs all the same', async () => {
    const gateway = await startShopGateway();
    expect(await gateway.post(byHash(hash))).toMatchObject({ status: 200, code: 'PERSISTED_QUERY_NOT_SUPPORTED' });
    expect((await gateway.post({ query, ...byHash(hash) })).body).toEqual({ data: { echo: 'a' } });
    await gateway.stop();
  });
});

describe('the store of persisted queries', () => {
  const bounds = { entriesOfOwner: 3, charactersOfOwner: 100, entries: 5, characters: 150 };

  it('is found by the member who sent it and by nobody else', () => {
    const store = createPersistedQueries(bounds);
    store.keep('a', 'h', 'text');
    expect([store.find('a', 'h'), store.find('b', 'h')]).toEqual(['text', undefined]);
  });

  it('holds as many of one member as it may, and forgets what that member did not use for longest', () => {
    const store = createPersistedQueries(bounds);
    store.keep('b', 'h', 'of b');
    for (const name of ['1', '2', '3']) store.keep('a', name, name);
    expect(store.find('a', '1')).toBe('1');
    store.keep('a', '4', '4');
    expect(['1', '2', '3', '4'].map((name) => store.find('a', name))).toEqual(['1', undefined, '3', '4']);
    expect(store.find('b', 'h')).toBe('of b');
  });

  it('is bounded by characters, of one member and in all, at the bound and one over it', () => {
    const store = createPersistedQueries(bounds);
    store.keep('a', 'too long', 'x'.repeat(101));
    expect(store.size()).toEqual({ entries: 0, characters: 0 });
    store.keep('a', '1', 'x'.repeat(60));
    store.keep('a', '2', 'x'.repeat(40));
    expect(store.size()).toEqual({ entries: 2, characters: 100 });
    store.keep('b', '1', 'x'.repeat(50));
    expect(store.size()).toEqual({ entries: 3, characters: 150 });
    store.keep('c', '1', 'x');
    expect([store.find('a', '1'), store.find('a', '2')?.length, store.size()]).toEqual([undefined, 40, { entries: 3, characters: 91 }]);
  });

  it('loses first, when it is full, what belongs to the member who asked for nothing for longest', () => {
    const store = createPersistedQueries(bounds);
    for (const owner of ['a', 'b', 'c', 'd', 'e']) store.keep(owner, 'h', owner);
    store.find('a', 'h');
    store.keep('f', 'h', 'f');
    expect(['a', 'b', 'f'].map((owner) => store.find(owner, 'h'))).toEqual(['a', undefined, 'f']);
  });
});
