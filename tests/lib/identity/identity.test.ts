import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { createFixedClock } from '../../../lib/clock/clock.ts';
import {
  createPrincipal,
  createPublicKeys,
  createSigningKey,
  loadOrCreateKeys,
  loadPublicKeys,
  parseCursorKey,
  principalPublicFile,
  signMemberToken,
  signPrincipal,
  toJwks,
  verifyMemberToken,
  verifyPrincipal,
  visitor,
} from '../../../lib/identity/index.ts';
import { fromRoot } from '../../../lib/paths.ts';

let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'hub-keys-')), 'keys');
});
afterEach(() => rm(join(folder, '..'), { recursive: true }));

const someone = createPrincipal({
  memberId: 'mbr_1',
  kinds: ['A', 'B'],
  roles: ['admin'],
  scopes: ['x.read', 'y.write'],
  claims: { tier: 'gold' },
});

describe('the keys of a hub', () => {
  it('are made once, in files that only their owner can read', async () => {
    const first = await loadOrCreateKeys(folder);
    const second = await loadOrCreateKeys(folder);
    expect([second.issuer.kid, second.principal.kid, second.cursorKey]).toEqual([first.issuer.kid, first.principal.kid, first.cursorKey]);
    expect(first.issuer.kid).not.toBe(first.principal.kid);
    for (const name of ['issuer.jwk.json', 'principal.jwk.json', 'cursor.key'])
      expect([name, (await stat(join(folder, name))).mode & 0o777]).toEqual([name, 0o600]);
  });

  it('are the same for processes that start at once, and leave no other file', async () => {
    const program = `const { loadOrCreateKeys } = await import(${JSON.stringify(fromRoot('lib/identity/index.ts'))});
      const sets = await Promise.all(Array.from({ length: 5 }, () => loadOrCreateKeys(${JSON.stringify(folder)})));
      process.stdout.write(JSON.stringify(sets.map((keys) => [keys.issuer.kid, keys.principal.kid, Buffer.from(keys.cursorKey).toString('hex')].join())));`;
    const run = async () =>
      spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], { cwd: fromRoot(), encoding: 'utf8' }).stdout;
    const here = Promise.all(Array.from({ length: 20 }, () => loadOrCreateKeys(folder)));
    const there: string[] = JSON.parse(await run());
    const all = [
      ...(await here).map((keys) => [keys.issuer.kid, keys.principal.kid, Buffer.from(keys.cursorKey).toString('hex')].join()),
      ...there,
    ];
    expect(new Set(all).size).toBe(1);
    expect((await readdir(folder)).toSorted()).toEqual(['cursor.key', 'issuer.jwk.json', 'principal.jwk.json', 'public']);
  }, 20_000);

  it('never show a private half in the public file', async () => {
    await loadOrCreateKeys(folder);
    const text = await readFile(principalPublicFile(folder), 'utf8');
    expect(Object.keys(JSON.parse(text).keys[0])).not.toContain('d');
  });

  it.each([
    ['issuer.jwk.json', '{}'],
    ['principal.jwk.json', 'not json'],
    ['cursor.key', 'short'],
  ])('say that %s cannot be used', async (name, content) => {
    await loadOrCreateKeys(folder);
    await writeFile(join(folder, name), content);
    await expect(loadOrCreateKeys(folder)).rejects.toMatchObject({ code: 'KEYS_UNUSABLE' });
  });

  it('sign cursors with at least 32 bytes', () => {
    expect(parseCursorKey(Buffer.alloc(32, 7).toString('base64url'))).toHaveLength(32);
    expect(() => parseCursorKey(Buffer.alloc(31, 7).toString('base64url'))).toThrow(/fewer than 32 bytes/);
  });
});

describe('a principal token', () => {
  const clock = createFixedClock(new Date());

  async function setUp() {
    const key = await createSigningKey();
    const trusted = await createPublicKeys(toJwks(key));
    const token = await signPrincipal({ principal: key }, someone, 'alpha', 'req-1', { clock });
    return { key, trusted, token };
  }

  it('gives the subgraph the same principal', async () => {
    const { trusted, token, key } = await setUp();
    expect(await verifyPrincipal(token, trusted, 'alpha', { clock })).toEqual(someone);
    const forVisitor = await signPrincipal({ principal: key }, visitor, 'alpha', 'req-2', { clock });
    expect(await verifyPrincipal(forVisitor, trusted, 'alpha', { clock })).toEqual(visitor);
  });

  it('is good for 30 seconds', async () => {
    const { trusted, token } = await setUp();
    const later = createFixedClock(clock.now());
    later.advance(28_000);
    await expect(verifyPrincipal(token, trusted, 'alpha', { clock: later })).resolves.toEqual(someone);
    later.advance(3_000);
    await expect(verifyPrincipal(token, trusted, 'alpha', { clock: later })).rejects.toMatchObject({ code: 'PRINCIPAL_INVALID' });
  });

  it('is refused by another subgraph', async () => {
    const { trusted, token } = await setUp();
    await expect(verifyPrincipal(token, trusted, 'beta', { clock })).rejects.toMatchObject({ code: 'PRINCIPAL_INVALID' });
  });

  it('is refused when it is changed in any part', async () => {
    const { trusted, token } = await setUp();
    const [header = '', payload = '', signature = ''] = token.split('.');
    const other = Buffer.from(payload, 'base64url').toString().replace('mbr_1', 'mbr_2');
    const changed = [
      `${header}.${Buffer.from(other).toString('base64url')}.${signature}`,
      `${header}.${payload}.`,
      `${header}.${payload}`,
      `${payload}.${signature}`,
      '',
      'x',
      'a.b.c',
      'x'.repeat(100_000),
    ];
    for (const text of changed)
      await expect(verifyPrincipal(text, trusted, 'alpha', { clock })).rejects.toMatchObject({ code: 'PRINCIPAL_INVALID' });
  });

  it('is refused without a signature, with a shared secret, or of a key that nobody knows', async () => {
    const { trusted, key } = await setUp();
    const claims = { sub: 'mbr_1', iss: 'urn:industry-router:gateway', aud: 'alpha', exp: Math.floor(clock.now().getTime() / 1000) + 30 };
    const none = new UnsecuredJWT(claims).encode();
    const shared = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', kid: key.kid, typ: 'ir-principal+jwt' })
      .setIssuedAt()
      .sign(Buffer.from(String(key.publicJwk.x), 'base64url'));
    const noneWithKid = `${Buffer.from(JSON.stringify({ alg: 'none', kid: key.kid, typ: 'ir-principal+jwt' })).toString('base64url')}.${none.split('.')[1]}.`;
    const stranger = await signPrincipal({ principal: await createSigningKey() }, someone, 'alpha', 'r', { clock });
    for (const token of [none, shared, noneWithKid, stranger])
      await expect(verifyPrincipal(token, trusted, 'alpha', { clock })).rejects.toMatchObject({ code: 'PRINCIPAL_INVALID' });
  });

  it('does not pass for a member token, nor the other way round, even with one key for both', async () => {
    const { trusted, token, key } = await setUp();
    const member = await signMemberToken({ issuer: key }, { memberId: 'mbr_1', kinds: ['A'], clock });
    await expect(verifyMemberToken(token, trusted, { clock })).rejects.toMatchObject({ code: 'TOKEN_INVALID' });
    await expect(verifyPrincipal(member, trusted, 'alpha', { clock })).rejects.toMatchObject({ code: 'PRINCIPAL_INVALID' });
  });
});

describe('a member token', () => {
  const clock = createFixedClock(new Date());

  it('says who the member is, until it expires', async () => {
    const key = await createSigningKey();
    const trusted = await createPublicKeys(toJwks(key));
    const token = await signMemberToken(
      { issuer: key },
      { memberId: 'mbr_1', kinds: ['A'], roles: ['r'], scopes: ['a.read', 'b.read'], ttl: 60, clock },
    );
    expect(await verifyMemberToken(token, trusted, { clock })).toEqual(
      createPrincipal({ memberId: 'mbr_1', kinds: ['A'], roles: ['r'], scopes: ['a.read', 'b.read'] }),
    );
    const later = createFixedClock(clock.now());
    later.advance(61_000);
    await expect(verifyMemberToken(token, trusted, { clock: later })).rejects.toMatchObject({ code: 'TOKEN_EXPIRED' });
  });

  it('never reads kinds, roles or scopes of another form', async () => {
    const key = await createSigningKey();
    const trusted = await createPublicKeys(toJwks(key));
    const token = await new SignJWT({ kinds: 'HUB', roles: { 0: 'admin' }, scope: ['x'] })
      .setProtectedHeader({ alg: 'EdDSA', kid: key.kid, typ: 'JWT' })
      .setIssuer('urn:industry-router:hub')
      .setAudience('urn:industry-router:hub')
      .setIssuedAt()
      .setExpirationTime('1m')
      .sign(key.privateKey);
    expect(await verifyMemberToken(token, trusted)).toEqual(createPrincipal({}));
  });
});

describe('public keys', () => {
  it('are read from a folder of JWKS files, and a new one is taken without a restart', async () => {
    const clock = createFixedClock(new Date());
    const [first, second] = [await createSigningKey(), await createSigningKey()];
    await loadOrCreateKeys(folder);
    await writeFile(join(folder, 'public', 'first.json'), JSON.stringify(toJwks(first)));
    const keys = await loadPublicKeys(join(folder, 'public'), clock);
    expect(await keys.find(first.kid)).toBeDefined();
    await writeFile(join(folder, 'public', 'second.json'), JSON.stringify(toJwks(second)));
    expect(await keys.find(second.kid)).toBeUndefined();
    clock.advance(2_000);
    expect(await keys.find(second.kid)).toBeDefined();
  });

  it('stay good while their file is being replaced', async () => {
    const clock = createFixedClock(new Date());
    const key = await createSigningKey();
    await loadOrCreateKeys(folder);
    const file = join(folder, 'public', 'one.json');
    await writeFile(file, JSON.stringify(toJwks(key)));
    const keys = await loadPublicKeys(file, clock);
    await writeFile(file, '{"keys": [');
    clock.advance(10_000);
    expect(await keys.find('unknown')).toBeUndefined();
    expect(await keys.find(key.kid)).toBeDefined();
  });

  it('must be Ed25519 keys', async () => {
    await loadOrCreateKeys(folder);
    const { publicKey } = await generateKeyPair('ES256');
    const file = join(folder, 'public', 'ec.json');
    await writeFile(file, JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'ec' }] }));
    await expect(loadPublicKeys(file)).rejects.toMatchObject({ code: 'KEYS_UNUSABLE' });
    await expect(loadPublicKeys(join(folder, 'nothing.json'))).rejects.toMatchObject({ code: 'KEYS_UNUSABLE' });
  });
});
