/** Answers in several payloads on the wire: multipart and server-sent events, read by hand and by Apollo Client. */
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { Defer20220824Handler, GraphQL17Alpha9Handler } from '@apollo/client/incremental';
import { mergeIncremental } from '../../_kit/merge-incremental.ts';
import { readEvents, readParts } from '../../_kit/read-payloads.ts';
import { startShopGateway } from '../kit.ts';
import { composeMills, createMills } from '../mills.ts';

const mills = createMills();

let gateway: Awaited<ReturnType<typeof startShopGateway>>;
/** Tells at once that it is alive. */
let restless: Awaited<ReturnType<typeof startShopGateway>>;
beforeAll(async () => {
  const source = { kind: 'sdl', sdl: composeMills() } as const;
  gateway = await startShopGateway({ source, fetcher: mills.fetcher, limits: { requestMs: 2_000 } });
  restless = await startShopGateway({ source, fetcher: mills.fetcher, limits: { silenceMs: 5 } });
});
afterAll(() => Promise.all([gateway.stop(), restless.stop()]));
beforeEach(() => mills.letOwner(Promise.resolve()));

const QUERY = '{ mill { name ... @defer(label: "slow") { owner tax } } }';
const OLD = 'multipart/mixed;deferSpec=20220824, application/json';
const NEW = 'multipart/mixed;incrementalSpec=v0.2, application/json';
const WHOLE = { mill: { name: 'Old mill', owner: 'Ann', tax: 7 } };

async function ask(query: string, accept: string, init: RequestInit = {}) {
  const response = await fetch(gateway.graphqlUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
    body: JSON.stringify({ query }),
    ...init,
  });
  return { status: response.status, type: response.headers.get('content-type') ?? '', text: await response.text() };
}

describe('multipart', () => {
  it('is written to the byte as incremental delivery over HTTP says', async () => {
    const { status, type, text } = await ask(QUERY, NEW);
    expect([status, type]).toEqual([200, 'multipart/mixed; boundary="-"; incrementalSpec=v0.2']);
    const part = '\r\nContent-Type: application/json; charset=utf-8\r\n\r\n';
    expect(text).toBe(
      `---${part}{"data":{"mill":{"name":"Old mill"}},"pending":[{"id":"0","path":["mill"],"label":"slow"}],"hasNext":true}\r\n---` +
        `${part}{"incremental":[{"id":"0","data":{"owner":"Ann","tax":7}}],"completed":[{"id":"0"}],"hasNext":false}\r\n---` +
        '--\r\n',
    );
  });

  it('has the older form for clients that ask for it', async () => {
    const { type, text } = await ask(QUERY, OLD);
    expect(type).toBe('multipart/mixed; boundary="-"; deferSpec=20220824');
    expect(readParts(text)).toEqual([
      { data: { mill: { name: 'Old mill' } }, hasNext: true },
      { incremental: [{ label: 'slow', path: ['mill'], data: { owner: 'Ann', tax: 7 } }], hasNext: false },
    ]);
  });

  it('comes together as the whole answer in each form', async () => {
    for (const accept of [OLD, NEW, 'multipart/mixed']) {
      const { text } = await ask(QUERY, accept);
      expect(mergeIncremental(readParts(text))).toEqual({ data: WHOLE, errors: [], failed: [] });
    }
  });

  it('is not used where there is one payload only, nor for clients that do not take it', async () => {
    for (const [query, accept] of [
      ['{ mill { name owner tax } }', NEW],
      [QUERY.replace('label: "slow"', 'if: false'), NEW],
      [QUERY, 'application/json'],
      [QUERY, 'multipart/mixed;deferSpec=1999, application/json'],
    ] as const) {
      const { type, text } = await ask(query, accept);
      expect(type).toBe('application/json; charset=utf-8');
      expect(JSON.parse(text)).toEqual({ data: WHOLE });
    }
    const { text } = await ask('{ mill { name } }', 'multipart/mixed');
    expect(readParts(text)).toEqual([{ data: { mill: { name: 'Old mill' } } }]);
  });

  it('sends the first part while a subgraph still works', async () => {
    let release: () => void = () => undefined;
    mills.letOwner(new Promise((resolve) => (release = resolve)));
    const response = await fetch(gateway.graphqlUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: NEW },
      body: JSON.stringify({ query: QUERY }),
    });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const first = (await reader?.read())?.value ?? '';
    expect(first).toContain('"Old mill"');
    expect(first.endsWith('\r\n---')).toBe(true);
    release();
    let rest = '';
    for (let step = await reader?.read(); step?.done === false; step = await reader?.read()) rest += step.value;
    expect(mergeIncremental(readParts(first + rest)).data).toEqual(WHOLE);
  });

  it('ends the requests to subgraphs when the client leaves in the middle', async () => {
    mills.letOwner(new Promise(() => undefined));
    const before = mills.ended();
    const leaving = new AbortController();
    const response = await fetch(gateway.graphqlUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: NEW },
      body: JSON.stringify({ query: QUERY }),
      signal: leaving.signal,
    });
    await response.body?.getReader().read();
    leaving.abort();
    while (mills.ended() === before) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(mills.ended()).toBeGreaterThan(before);
  });

  it('says what is missing when the time of the request is over', async () => {
    mills.letOwner(new Promise(() => undefined));
    const { text } = await ask(QUERY, NEW);
    const [, last] = readParts(text);
    expect(last).toMatchObject({
      completed: [{ id: '0', errors: [{ path: ['mill'], extensions: { code: 'REQUEST_TIMEOUT' } }] }],
      hasNext: false,
    });
  });

  it('is told to be alive while nothing comes, in the head of the part that follows, or in a comment', async () => {
    const ALIVE = { [OLD]: '\r\nIr-Alive: yes', [NEW]: '\r\nIr-Alive: yes', 'text/event-stream': ':\n\n' };
    for (const [accept, alive] of Object.entries(ALIVE)) {
      let release: () => void = () => undefined;
      mills.letOwner(new Promise((resolve) => (release = resolve)));
      const headers = { 'content-type': 'application/json', accept };
      const response = await fetch(restless.graphqlUrl, { method: 'POST', headers, body: JSON.stringify({ query: QUERY }) });
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      let text = '';
      for (let step = await reader?.read(); step?.done === false; step = await reader?.read()) {
        text += step.value;
        if (text.split(alive).length > 3) release();
      }
      expect(text.split(alive).length).toBeGreaterThan(3);
      const payloads = accept === 'text/event-stream' ? readEvents(text) : readParts(text, response.headers.get('content-type') ?? '');
      expect(mergeIncremental(payloads).data).toEqual(WHOLE);
    }
  });

  it('keeps a null that may not stand inside its fragment', async () => {
    const query = '{ mill { name ... @defer { strict } ... @defer { broken } } }';
    for (const accept of [OLD, NEW]) {
      const { data, errors, failed } = mergeIncremental(readParts((await ask(query, accept)).text));
      expect(data).toEqual({ mill: { name: 'Old mill', broken: null } });
      expect(failed).toEqual([['mill']]);
      expect(errors.map(({ path }) => path?.join('.'))).toEqual(['mill.strict']);
    }
  });

  it('answers what cannot be run as any POST does', async () => {
    const { status, type, text } = await ask('{ nothing }', NEW);
    expect([status, type]).toEqual([200, 'application/json; charset=utf-8']);
    expect(text).toContain('GRAPHQL_VALIDATION_FAILED');
  });

  it('is counted once, at its end, with its errors', async () => {
    const count = async (outcome: string) => {
      const text = await (await fetch(`${gateway.url}/metrics`)).text();
      return Number(new RegExp(`ir_operations_total\\{[^}]*operation="Counted"[^}]*outcome="${outcome}"\\} (\\d+)`).exec(text)?.[1] ?? 0);
    };
    await ask('query Counted { mill { name ... @defer { broken } } }', NEW);
    expect([await count('partial'), await count('ok')]).toEqual([1, 0]);
  });
});

describe('server-sent events', () => {
  it('carry every answer: deferred or whole, refused operations too', async () => {
    const deferred = await ask(QUERY, 'text/event-stream');
    expect([deferred.status, deferred.type]).toEqual([200, 'text/event-stream; charset=utf-8']);
    expect(mergeIncremental(readEvents(deferred.text)).data).toEqual(WHOLE);
    expect(readEvents((await ask('{ mill { name } }', 'text/event-stream')).text)).toEqual([{ data: { mill: { name: 'Old mill' } } }]);
    expect(readEvents((await ask('{ nothing }', 'text/event-stream')).text)[0]).toMatchObject({
      errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
    });
  });

  it('may be asked for by GET, which still only reads', async () => {
    const get = (query: string) =>
      fetch(`${gateway.graphqlUrl}?${new URLSearchParams({ query }).toString()}`, { headers: { accept: 'text/event-stream' } });
    expect(mergeIncremental(readEvents(await (await get(QUERY)).text())).data).toEqual(WHOLE);
    const refused = await get('mutation { start { name } }');
    expect(refused.status).toBe(405);
  });

  it('are not opened for a request that is none, nor for a page of another site', async () => {
    expect((await ask('', 'text/event-stream', { body: 'nonsense' })).status).toBe(400);
    const foreign = await fetch(`${gateway.graphqlUrl}?query=${encodeURIComponent(QUERY)}`, {
      headers: { accept: 'text/event-stream', origin: 'https://elsewhere.example' },
    });
    expect(await foreign.json()).toMatchObject({ errors: [{ extensions: { code: 'CSRF_PREVENTED' } }] });
  });
});

describe('Apollo Client', () => {
  const forms = [
    ['path', new Defer20220824Handler()],
    ['id', new GraphQL17Alpha9Handler()],
  ] as const;
  type Fetch = typeof fetch;
  const reader = (uri: string, incrementalHandler: (typeof forms)[number][1], fetchBy: Fetch = fetch) => {
    return async (query: string): Promise<unknown> => {
      const client = new ApolloClient({
        cache: new InMemoryCache(),
        link: ApolloLink.from([new HttpLink({ uri, fetch: fetchBy })]),
        // The client's own types do not take each other under our strictest settings.
        incrementalHandler: incrementalHandler as NonNullable<ApolloClient.Options['incrementalHandler']>,
      });
      const result = await client.query({ query: gql(query), fetchPolicy: 'no-cache' });
      client.stop();
      return result.data;
    };
  };

  it.each(forms)('puts together the same document as without @defer, by %s', async (_form, handler) => {
    const read = reader(gateway.graphqlUrl, handler);
    expect(await read(QUERY)).toEqual(await read('{ mill { name owner tax } }'));
    const below = await read('{ mill { name ... @defer { owner ... @defer { tax } } } }');
    expect(below).toMatchObject(WHOLE);
  });

  it.each(forms)('reads over what keeps the answer alive, by %s', async (_form, handler) => {
    let release: () => void = () => undefined;
    mills.letOwner(new Promise((resolve) => (release = resolve)));
    let text = '';
    const watched: Fetch = async (input, init) => {
      const response = await fetch(input, init);
      const [own, other] = response.body?.tee() ?? [null, null];
      const look = async (): Promise<void> => {
        for await (const part of other?.pipeThrough(new TextDecoderStream()) ?? []) if ((text += part).includes('Ir-Alive')) release();
      };
      void look();
      return new Response(own, response);
    };
    expect(await reader(restless.graphqlUrl, handler, watched)(QUERY)).toMatchObject(WHOLE);
    expect(text).toContain('Ir-Alive');
  });
});
