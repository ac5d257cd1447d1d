import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readGatewayConfig } from '../../gateway/config.ts';
import { defaultLimits } from '../../gateway/pipeline/limits.ts';
import { loadOrCreateKeys } from '../../lib/identity/index.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'config-'));
});
afterEach(() => rm(folder, { recursive: true }));

const read = (env: Record<string, string> = {}) => readGatewayConfig({ HUB_DATA: folder, HUB_LOG_LEVEL: 'silent', ...env });

describe('the settings of the gateway', () => {
  it('are safe without any: this machine only, tokens checked, limits as documented', async () => {
    const options = await read();
    expect(options).toMatchObject({
      host: '127.0.0.1',
      port: 4000,
      mayMovePort: true,
      development: true,
      identity: { kind: 'hub', visitors: true },
    });
    expect(options.limits).toEqual(defaultLimits);
  });

  it('take the keys of cursors and tickets from the variable, in its order, or from the data folder', async () => {
    const [first, second] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    const named = await read({ HUB_CURSOR_KEYS: `${first.toString('base64url')}, ${second.toString('base64url')}` });
    expect(named.cursorKeys).toEqual([first, second]);
    const { cursorKey } = await loadOrCreateKeys(join(folder, 'keys'));
    expect((await read()).cursorKeys).toEqual([cursorKey]);
    await expect(read({ HUB_CURSOR_KEYS: 'c2hvcnQ' })).rejects.toMatchObject({ code: 'KEYS_UNUSABLE' });
  });

  it('leave identity out for a supergraph of somebody else’s, unless it is asked for', async () => {
    const file = join(folder, 'theirs.graphql');
    expect(await read({ SUPERGRAPH_FILE: file })).toMatchObject({ identity: { kind: 'none' }, principalKeys: null });
    await expect(read({ SUPERGRAPH_FILE: file, NODE_ENV: 'production' })).rejects.toMatchObject({ code: 'CONFIG_UNSAFE' });
    expect(await read({ SUPERGRAPH_FILE: file, HUB_AUTH: 'hub' })).toMatchObject({ identity: { kind: 'hub' } });
  });

  it('refuse production without keys, and say which are missing', async () => {
    await expect(read({ NODE_ENV: 'production' })).rejects.toMatchObject({
      code: 'CONFIG_UNSAFE',
      message: expect.stringMatching(
        /^In production the gateway needs an issuer \(HUB_ISSUERS\), a cursor key \(HUB_CURSOR_KEYS\), a principal key/,
      ),
    });
    await expect(
      read({ NODE_ENV: 'production', HUB_ISSUERS: 'https://a.example=https://a.example/jwks', HUB_CURSOR_KEYS: 'A'.repeat(43) }),
    ).rejects.toMatchObject({ code: 'CONFIG_UNSAFE' });
    await loadOrCreateKeys(join(folder, 'keys'));
    expect(await read({ NODE_ENV: 'production' })).toMatchObject({
      development: false,
      mayMovePort: false,
      identity: { kind: 'hub', visitors: false },
    });
  });

  it('take HUB_AUTH=none in production: everybody is the read-only visitor', async () => {
    expect(await read({ NODE_ENV: 'production', HUB_AUTH: 'none' })).toMatchObject({ identity: { kind: 'visitor' }, principalKeys: null });
  });

  it('let only trusted documents run in production when there is a manifest, and take hashes of other texts outside it only', async () => {
    const production = { NODE_ENV: 'production', HUB_AUTH: 'none' };
    const manifest = { HUB_TRUSTED_DOCUMENTS: '/manifest.json' };
    expect(await read()).toMatchObject({ trustedDocuments: null, persistedQueries: true });
    expect(await read(manifest)).toMatchObject({ trustedDocuments: { file: '/manifest.json', only: false } });
    expect(await read({ ...production, ...manifest })).toMatchObject({ trustedDocuments: { only: true }, persistedQueries: false });
    expect(await read({ ...production, ...manifest, HUB_TRUSTED_DOCUMENTS_ONLY: 'off', HUB_APQ: 'on' })).toMatchObject({
      trustedDocuments: { only: false },
      persistedQueries: true,
    });
    await expect(read({ HUB_TRUSTED_DOCUMENTS_ONLY: 'on' })).rejects.toMatchObject({ code: 'CONFIG_MISSING_VALUE' });
  });

  it('keep a port that was asked for', async () => {
    expect(await read({ PORT: '4000' })).toMatchObject({ port: 4000, mayMovePort: false });
  });

  it('open a feed only where FEED_URL names one, with the password that the hub made for gateways', async () => {
    expect(await read()).toMatchObject({ feed: null });
    expect(await read({ DATABASE_URL: 'postgres://someone:else@127.0.0.1:1/theirs' })).toMatchObject({ feed: null });
    const withoutUser = { FEED_URL: 'postgres://127.0.0.1:1/hub' };
    await expect(read(withoutUser)).rejects.toMatchObject({ code: 'CONFIG_MISSING_VALUE', message: expect.stringContaining('ir_gateway') });
    await loadOrCreateKeys(join(folder, 'keys'));
    await writeFile(join(folder, 'keys', 'ir_gateway.password'), 'secret\n');
    const opened = [await read(withoutUser), await read({ FEED_URL: 'postgres://user:password@127.0.0.1:1/hub' })];
    for (const { feed } of opened) {
      expect(feed).toMatchObject({ append: expect.any(Function) });
      await feed?.close();
    }
  });

  it('name one last good file for each supergraph file', async () => {
    const [one, two] = await Promise.all([read({ SUPERGRAPH_FILE: '/a.graphql' }), read({ SUPERGRAPH_FILE: '/b.graphql' })]);
    expect(one.lastGoodFile).not.toBe(two.lastGoodFile);
    expect(one.lastGoodFile?.startsWith(folder)).toBe(true);
    expect((await read({ HUB_DATA: join(folder, 'nowhere'), SUPERGRAPH_FILE: '/a.graphql' })).lastGoodFile).toBeNull();
  });

  it('read subgraph URLs, issuers, hosts and origins', async () => {
    const options = await read({
      HUB_SUBGRAPH_URLS: 'a=http://a/graphql,b=http://b/graphql',
      HUB_ALLOWED_HOSTS: 'x.example, y.example',
      HUB_ALLOWED_ORIGINS: 'https://z.example',
      HUB_ISSUERS: 'https://i.example=https://i.example/jwks',
    });
    expect([...options.subgraphUrls]).toEqual([
      ['a', 'http://a/graphql'],
      ['b', 'http://b/graphql'],
    ]);
    expect([options.allowedHosts, options.allowedOrigins]).toEqual([['x.example', 'y.example'], ['https://z.example']]);
    expect(options.identity.kind === 'hub' && [...options.identity.issuers]).toEqual([['https://i.example', 'https://i.example/jwks']]);
  });
});
