import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey } from 'jose';
import { createIdentity, type Identity } from '../../../gateway/pipeline/identity.ts';
import { createPrincipalSigner } from '../../../gateway/pipeline/principal-signer.ts';
import { createFixedClock } from '../../../lib/clock/clock.ts';
import {
  createPrincipal,
  createPublicKeys,
  createSigningKey,
  hubIssuer,
  signMemberToken,
  signPrincipal,
  toJwks,
  verifyPrincipal,
  visitor,
  type HubKeys,
} from '../../../lib/identity/index.ts';

const clock = createFixedClock('2026-01-02T03:04:05Z');
const nowSeconds = () => Math.floor(clock.now().getTime() / 1_000);
const issuer = 'https://issuer.example';
let keys: HubKeys;
let identity: Identity;
let jwks: Server;
let jwksBody = '';
let foreignKey: CryptoKey;

beforeAll(async () => {
  keys = { issuer: await createSigningKey(), principal: await createSigningKey(), cursorKey: new Uint8Array(32) };
  const pair = await generateKeyPair('ES256');
  foreignKey = pair.privateKey;
  jwksBody = JSON.stringify({ keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'ES256' }] });
  jwks = createServer((_, response) => response.end(jwksBody));
  await new Promise<void>((resolve) => jwks.listen(0, '127.0.0.1', resolve));
  const { port } = jwks.address() as AddressInfo; // listens on TCP
  const issuers = new Map([
    [issuer, `http://127.0.0.1:${port}/jwks`],
    ['https://down.example', 'http://127.0.0.1:1/jwks'],
  ]);
  identity = await createIdentity({ kind: 'hub', keys, issuers, visitors: true }, clock);
});
afterAll(() => new Promise((resolve) => jwks.close(resolve)));

const identify = async (token: string | null, fromLoopback = true) => identity.identify({ token, fromLoopback });
const codeOf = async (work: Promise<unknown>) =>
  work.then(
    () => 'passed',
    (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
  );
const foreign = (
  claims: Record<string, unknown>,
  { alg = 'ES256', kid = 'one', key = foreignKey }: { alg?: string; kid?: string; key?: CryptoKey | Uint8Array } = {},
) =>
  new SignJWT({ iss: issuer, aud: hubIssuer, sub: 'mem_1', exp: nowSeconds() + 60, ...claims }).setProtectedHeader({ alg, kid }).sign(key);

describe('who asks', () => {
  it('is the member that the hub’s own token names', async () => {
    const token = await signMemberToken(keys, { memberId: 'mem_1', kinds: ['MAKER'], roles: ['planner'], scopes: ['a', 'b'], clock });
    expect(await identify(token, false)).toEqual(
      createPrincipal({ memberId: 'mem_1', kinds: ['MAKER'], roles: ['planner'], scopes: ['a', 'b'] }),
    );
  });

  it('is the visitor without a token, on this machine only', async () => {
    expect(await identify(null)).toBe(visitor);
    expect(await codeOf(identify(null, false))).toBe('UNAUTHENTICATED');
  });

  it('is nobody without a token where there are no visitors', async () => {
    const strict = await createIdentity({ kind: 'hub', keys, issuers: new Map(), visitors: false }, clock);
    expect(await codeOf((async () => strict.identify({ token: null, fromLoopback: true }))())).toBe('UNAUTHENTICATED');
  });

  it('is never the visitor when a token was sent and is bad', async () => {
    expect(await codeOf(identify('not-a-token'))).toBe('TOKEN_INVALID');
    expect(await codeOf(identify('a.b.c'))).toBe('TOKEN_INVALID');
  });

  it('is the member that a token of a trusted issuer names, without the right to speak for the hub', async () => {
    const token = await foreign({ kinds: ['MAKER', 'HUB'], scope: 'x y', region: 'east' });
    expect(await identify(token)).toEqual(
      createPrincipal({ memberId: 'mem_1', kinds: ['MAKER'], scopes: ['x', 'y'], claims: { region: 'east' } }),
    );
  });

  it('never speaks for the hub by a token of another issuer, whatever that claims: no kind, role or scope that only the hub gives', async () => {
    const token = await foreign({
      kinds: ['HUB', 'MAKER'],
      roles: ['visitor', 'generator', 'importer', 'planner'],
      scope: 'routing.read x',
    });
    expect(await identify(token, false)).toEqual(
      createPrincipal({ memberId: 'mem_1', kinds: ['MAKER'], roles: ['planner'], scopes: ['x'] }),
    );
  });
  it('is refused for every token that is not what it should be', async () => {
    const other = await createSigningKey();
    const { privateKey: strange } = await generateKeyPair('ES256');
    const cases: [string, Promise<string> | string, string][] = [
      [
        'alg none',
        new UnsecuredJWT({ sub: 'mem_1' })
          .setIssuer(hubIssuer)
          .setAudience(hubIssuer)
          .setExpirationTime(nowSeconds() + 60)
          .encode(),
        'TOKEN_INVALID',
      ],
      ['HMAC with the public key as secret', foreign({}, { alg: 'HS256', key: new TextEncoder().encode(jwksBody) }), 'TOKEN_INVALID'],
      ['another key under a known id', foreign({}, { key: strange }), 'TOKEN_INVALID'],
      ['an unknown key id', foreign({}, { kid: 'two' }), 'TOKEN_INVALID'],
      ['another audience', foreign({ aud: 'https://elsewhere.example' }), 'TOKEN_INVALID'],
      ['an issuer not trusted', foreign({ iss: 'https://evil.example' }), 'TOKEN_INVALID'],
      ['no subject', foreign({ sub: undefined }), 'TOKEN_INVALID'],
      ['no expiry', foreign({ exp: undefined }), 'TOKEN_INVALID'],
      ['not yet valid', foreign({ nbf: nowSeconds() + 600 }), 'TOKEN_INVALID'],
      ['expired', foreign({ exp: nowSeconds() - 60 }), 'TOKEN_EXPIRED'],
      ['too long', foreign({ padding: 'x'.repeat(20_000) }), 'TOKEN_INVALID'],
      ['signed by another hub', signMemberToken({ issuer: other }, { memberId: 'mem_1', kinds: [], clock }), 'TOKEN_INVALID'],
      ['the hub’s token, expired', signMemberToken(keys, { memberId: 'mem_1', kinds: [], ttl: -10, clock }), 'TOKEN_EXPIRED'],
      ['a token made for a subgraph', signPrincipal(keys, visitor, hubIssuer, 'req-1', { clock }), 'TOKEN_INVALID'],
      ['an issuer that does not answer', foreign({ iss: 'https://down.example' }), 'UNAUTHENTICATED'],
    ];
    for (const [name, token, code] of cases) expect([name, await codeOf(identify(await token))]).toEqual([name, code]);
  });

  it('is not found out from keys without end', async () => {
    const huge = createServer((_, response) => response.end(`{"keys":[${'{"kty":"EC"},'.repeat(100_000)}{}]}`));
    await new Promise<void>((resolve) => huge.listen(0, '127.0.0.1', resolve));
    const { port } = huge.address() as AddressInfo; // listens on TCP
    const own = await createIdentity(
      { kind: 'hub', keys, issuers: new Map([[issuer, `http://127.0.0.1:${port}/`]]), visitors: false },
      clock,
    );
    expect(await codeOf(foreign({}).then((token) => own.identify({ token, fromLoopback: true })))).toBe('UNAUTHENTICATED');
    await new Promise((resolve) => huge.close(resolve));
  });

  it('does not matter without identity, and is always the visitor with HUB_AUTH=none', async () => {
    const none = await createIdentity({ kind: 'none' }, clock);
    expect(await none.identify({ token: 'whatever', fromLoopback: false })).toEqual(createPrincipal({}));
    const open = await createIdentity({ kind: 'visitor' }, clock);
    expect(await open.identify({ token: 'whatever', fromLoopback: false })).toBe(visitor);
  });
});

describe('the header that tells subgraphs who asks', () => {
  it('holds for one subgraph, and is used again for 20 seconds by the same principal only', async () => {
    const own = createFixedClock('2026-01-02T03:04:05Z');
    const signer = createPrincipalSigner(keys, own, (subgraph) => (subgraph === 'upstream' ? ['a'] : []));
    const publicKeys = await createPublicKeys(toJwks(keys.principal));
    const member = createPrincipal({ memberId: 'mem_1', kinds: ['MAKER'], roles: [], scopes: ['a'] });
    const first = await signer.sign(member, 'upstream', 'req-1');
    expect(await verifyPrincipal(first, publicKeys, 'upstream', { clock: own })).toEqual(member);
    expect(await codeOf(verifyPrincipal(first, publicKeys, 'midstream', { clock: own }))).toBe('PRINCIPAL_INVALID');

    own.advance(19_000);
    expect(await signer.sign(createPrincipal({ ...member }), 'upstream', 'req-2')).toBe(first);
    expect(await signer.sign(member, 'midstream', 'req-2')).not.toBe(first);
    expect(await signer.sign(createPrincipal({ ...member, scopes: [] }), 'upstream', 'req-2')).not.toBe(first);
    expect(await signer.sign(createPrincipal({ ...member, claims: { a: 1 } }), 'upstream', 'req-2')).not.toBe(first);
    own.advance(1_000);
    expect(await signer.sign(member, 'upstream', 'req-3')).not.toBe(first);
  });

  it('is remembered up to a length: a principal that says much takes the place of others', async () => {
    const signer = createPrincipalSigner({ principal: await createSigningKey() }, createFixedClock('2026-01-02T03:04:05Z'), () => ['a']);
    const saying = (length: number) => createPrincipal({ memberId: 'mem_1', claims: { a: 'x'.repeat(length) } });
    const first = signer.sign(saying(1), 'upstream', 'req-1');
    expect(signer.sign(saying(1), 'upstream', 'req-1')).toBe(first);
    signer.sign(saying(8_388_500), 'upstream', 'req-1').catch(() => undefined);
    expect(signer.sign(saying(1), 'upstream', 'req-1')).toBe(first);
    await Promise.all([signer.sign(saying(8_388_501), 'upstream', 'req-1'), signer.sign(saying(8_388_502), 'upstream', 'req-1')]);
    expect(signer.sign(saying(1), 'upstream', 'req-1')).not.toBe(first);
  });
});
