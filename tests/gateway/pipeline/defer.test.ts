/** Deferred operations in the pipeline: with arrays, hashes, trusted documents, limits, sharing, mutations and planning elsewhere. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toHash } from '../../../gateway/pipeline/documents/trusted-documents.ts';
import type { Limits } from '../../../gateway/pipeline/limits.ts';
import type { GatewayOptions } from '../../../gateway/gateway.ts';
import { mergeIncremental } from '../../_kit/merge-incremental.ts';
import { readEvents, readParts } from '../../_kit/read-payloads.ts';
import { startShopGateway } from '../kit.ts';
import { composeMills, createMills } from '../mills.ts';

const sdl = composeMills();
const mills = createMills();
beforeEach(() => {
  mills.letMill(Promise.resolve());
  mills.takeAsked();
});

const MULTIPART = 'multipart/mixed;incrementalSpec=v0.2, application/json';
const QUERY = '{ mill { name ... @defer { owner tax } } }';
const WHOLE = { mill: { name: 'Old mill', owner: 'Ann', tax: 7 } };

type Given = Partial<Omit<GatewayOptions, 'limits'>> & { readonly limits?: Partial<Limits> };

async function withGateway(given: Given, use: (ask: ReturnType<typeof createAsk>) => Promise<void>): Promise<void> {
  const gateway = await startShopGateway({ source: { kind: 'sdl', sdl }, fetcher: mills.fetcher, ...given });
  try {
    await use(createAsk(gateway.graphqlUrl));
  } finally {
    await gateway.stop();
  }
}

function createAsk(url: string) {
  return async (params: unknown, accept: string) => {
    const headers = { 'content-type': 'application/json', accept };
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(params) });
    const type = response.headers.get('content-type') ?? '';
    const text = await response.text();
    const body = (): unknown => JSON.parse(text);
    const merged = () => mergeIncremental(type.startsWith('multipart/') ? readParts(text, type) : readEvents(text));
    return { status: response.status, type, body, merged };
  };
}

const refusal = (extensions: Readonly<Record<string, unknown>>) => ({
  errors: [expect.objectContaining({ extensions: expect.objectContaining(extensions) })],
});

describe('a deferred operation', () => {
  it('in an array comes with the rest, in one piece; clients that take none are told so', async () => {
    await withGateway({ limits: { batch: 3 } }, async (ask) => {
      for (const accept of [MULTIPART, 'application/json, text/event-stream']) {
        const { type, body } = await ask([{ query: QUERY }, { query: '{ mill { tax } }' }], accept);
        expect(type).toMatch(/^application\/json/);
        expect(body()).toEqual([{ data: WHOLE }, { data: { mill: { tax: 7 } } }]);
      }
      mills.takeAsked();
      for (const accept of ['multipart/mixed', 'text/event-stream']) {
        const { status, body } = await ask([{ query: QUERY }], accept);
        expect([status, body()]).toEqual([406, refusal({ code: 'NOT_ACCEPTABLE' })]);
      }
      expect(mills.takeAsked()).toEqual([]);
    });
  });

  it('may be named by its hash', async () => {
    await withGateway({ persistedQueries: true }, async (ask) => {
      const extensions = { persistedQuery: { version: 1, sha256Hash: toHash(QUERY) } };
      expect((await ask({ extensions }, MULTIPART)).body()).toEqual(refusal({ code: 'PERSISTED_QUERY_NOT_FOUND' }));
      expect((await ask({ query: QUERY, extensions }, MULTIPART)).merged().data).toEqual(WHOLE);
      expect((await ask({ extensions }, MULTIPART)).merged().data).toEqual(WHOLE);
      expect((await ask({ extensions }, 'text/event-stream')).merged().data).toEqual(WHOLE);
    });
  });

  it('is run from the trusted documents, and refused where it is none of them', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ir-trusted-'));
    const file = join(folder, 'documents.json');
    await writeFile(
      file,
      JSON.stringify({
        format: 'apollo-persisted-query-manifest',
        version: 1,
        operations: [{ id: 'mill', name: 'Mill', type: 'query', body: QUERY }],
      }),
    );
    await withGateway({ trustedDocuments: { file, only: true } }, async (ask) => {
      expect((await ask({ documentId: 'mill' }, MULTIPART)).merged().data).toEqual(WHOLE);
      mills.takeAsked();
      expect((await ask({ query: QUERY.replace('tax', 'tax broken') }, MULTIPART)).body()).toEqual(
        refusal({ code: 'DOCUMENT_NOT_TRUSTED' }),
      );
      expect(mills.takeAsked()).toEqual([]);
    });
    await rm(folder, { recursive: true });
  });

  it.each([
    ['depth', { depth: 1 }],
    ['fields', { fields: 3 }],
    ['aliases', { aliases: 0 }],
    ['directives', { directives: 0 }],
    ['cost', { cost: 1 }],
  ])('is bounded in its %s as if nothing were deferred', async (limit, limits) => {
    const query = '{ mill { name } ... @defer { a: mill { owner tax } } }';
    for (const accept of [MULTIPART, 'application/json'])
      await withGateway({ limits }, async (ask) => {
        expect((await ask({ query }, accept)).body()).toEqual(refusal({ code: 'LIMIT_EXCEEDED', limit }));
        expect(mills.takeAsked()).toEqual([]);
      });
  });

  it('below a mutation is told later, and the mutation is done once', async () => {
    await withGateway({}, async (ask) => {
      const query = 'mutation { start { name ... @defer { owner tax } } }';
      for (const accept of [MULTIPART, 'multipart/mixed;deferSpec=20220824', 'text/event-stream']) {
        mills.takeAsked();
        expect((await ask({ query }, accept)).merged()).toEqual({ data: { start: WHOLE.mill }, errors: [], failed: [] });
        expect(mills.takeAsked().filter((one) => one.query.startsWith('mutation'))).toHaveLength(1);
      }
    });
  });

  it('shares no answer with the same operation in one piece, nor in another form', async () => {
    await withGateway({ sharesRequests: true }, async (ask) => {
      let release: () => void = () => undefined;
      mills.letMill(new Promise((resolve) => (release = resolve)));
      const older = 'multipart/mixed;deferSpec=20220824';
      const all = [MULTIPART, older, 'application/json', 'text/event-stream', MULTIPART, 'application/json'].map((accept) =>
        ask({ query: QUERY }, accept),
      );
      // Only the two in one piece may be asked as one
      while (mills.waiting() < 5) await new Promise((resolve) => setTimeout(resolve, 20));
      release();
      const answers = await Promise.all(all);
      const isWhole = ({ type }: (typeof answers)[number]): boolean => type.startsWith('application/json');
      const whole = answers.filter(isWhole).map(({ body }) => body());
      const merged = answers.filter((answer) => !isWhole(answer)).map((answer) => answer.merged());
      expect(whole).toEqual([{ data: WHOLE }, { data: WHOLE }]);
      expect(merged).toEqual(Array.from({ length: 4 }, () => ({ data: WHOLE, errors: [], failed: [] })));
    });
  });

  it('that is large is planned elsewhere and answered as any other', async () => {
    await withGateway({ limits: { aliases: 10_000, directives: 10_000 } }, async (ask) => {
      const parts = Array.from({ length: 400 }, (_, index) => `a${index}: name ... @defer(label: "l${index}") { b${index}: tax }`);
      const { data } = (await ask({ query: `{ mill { ${parts.join(' ')} } }` }, MULTIPART)).merged();
      const wanted = parts.flatMap((_, index): [string, unknown][] => [
        [`a${index}`, 'Old mill'],
        [`b${index}`, 7],
      ]);
      expect(data).toEqual({ mill: Object.fromEntries(wanted) });
      expect(mills.takeAsked()).toHaveLength(2);
    });
  });
});
