import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readExamples } from '../../../gateway/edge/graphiql/examples.ts';
import { fromRoot } from '../../../lib/paths.ts';
import { startShopGateway } from '../kit.ts';

let gateway: Awaited<ReturnType<typeof startShopGateway>>;
let output: string;
beforeAll(async () => {
  // A script without types: these two are what it exports
  const script = (await import(fromRoot('scripts', 'build-graphiql.mjs'))) as { build: () => Promise<void>; output: string };
  ({ output } = script);
  if ((await readdir(output).catch(() => [])).length === 0) await script.build();
  gateway = await startShopGateway();
}, 60_000);
afterAll(() => gateway.stop());

const browser = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'sec-fetch-site': 'none' };

describe('the page for browsers', () => {
  it('comes with a policy that lets nothing in but our own files', async () => {
    const response = await fetch(gateway.graphqlUrl, { headers: browser });
    const policy = Object.fromEntries(
      (response.headers.get('content-security-policy') ?? '')
        .split('; ')
        .map((rule) => [rule.slice(0, rule.indexOf(' ')), rule.slice(rule.indexOf(' ') + 1)]),
    );
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(policy).toMatchObject({
      'default-src': "'none'",
      'script-src': "'self'",
      'connect-src': "'self'",
      'frame-ancestors': "'none'",
      'base-uri': "'none'",
    });
    expect(policy['style-src']).toMatch(/^'self' 'nonce-[\w+/=]{22,}'$/);
    expect(JSON.stringify(policy)).not.toMatch(/unsafe|https?:|\*/);
    const again = await fetch(gateway.graphqlUrl, { headers: browser });
    expect(again.headers.get('content-security-policy')).not.toBe(response.headers.get('content-security-policy'));
  });

  it('names only files of ours, all of which are there', async () => {
    const html = await (await fetch(gateway.graphqlUrl, { headers: browser })).text();
    const references = [...html.matchAll(/(?:src|href)="([^"]*)"/g)]
      .map(([, reference = '']) => reference)
      .filter((reference) => reference !== 'data:,');
    expect(references.toSorted()).toEqual(['/graphql/assets/page.css', '/graphql/assets/page.js']);
    expect(html).not.toMatch(/<script(?![^>]*src=)|\son\w+=|style=/);
    for (const name of (await readdir(output)).filter((file) => /\.(js|css)$/.test(file))) {
      const response = await fetch(`${gateway.url}/graphql/assets/${name}`);
      expect([name, response.status]).toEqual([name, 200]);
      expect(await response.text()).toBe(await readFile(join(output, name), 'utf8'));
    }
  });

  it.each(['..%2f..%2fpackage.json', '../../package.json', 'nothing.js', '.inputs-hash', 'page.js%00.txt', 'sub/page.map', ''])(
    'gives no other file: %s',
    async (name) => {
      expect((await fetch(`${gateway.url}/graphql/assets/${name}`)).status).toBe(404);
    },
  );

  it('is not given to programs, and runs nothing by itself', async () => {
    expect((await fetch(gateway.graphqlUrl, { headers: { accept: '*/*' } })).status).toBe(400);
    const asked = gateway.shop.bodies.length;
    const page = await fetch(`${gateway.graphqlUrl}?query={echo}`, { headers: { ...browser, 'sec-fetch-site': 'cross-site' } });
    expect([page.status, gateway.shop.bodies.length]).toEqual([200, asked]);
  });

  it('is where the bare address leads', async () => {
    const response = await fetch(gateway.url, { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([302, '/graphql']);
  });
});

describe('example queries', () => {
  it('are the files of a folder in the order of their names, with their variables', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'examples-'));
    await writeFile(join(folder, '2-second.graphql'), '{ b }');
    await writeFile(join(folder, '1-first.graphql'), 'query ($a: Int) { a(a: $a) }');
    await writeFile(join(folder, '1-first.json'), '{"a": 1}');
    await writeFile(join(folder, 'notes.md'), 'not a query');
    expect(await readExamples(folder)).toEqual([
      { query: 'query ($a: Int) { a(a: $a) }', variables: '{"a": 1}' },
      { query: '{ b }', variables: null },
    ]);
    expect(await readExamples(join(folder, 'nowhere'))).toEqual([]);
    await rm(folder, { recursive: true });
  });
});
