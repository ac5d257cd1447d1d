import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, type JWTHeaderParameters } from 'jose';
import { createForeignIssuer } from '../../../gateway/pipeline/foreign-issuer.ts';
import { createFixedClock } from '../../../lib/clock/clock.ts';
import { hubIssuer } from '../../../lib/identity/index.ts';

const issuer = 'https://issuer.example';
const start = '2026-01-02T03:04:05Z';
type Pair = Awaited<ReturnType<typeof generateKeyPair>>;

/** An issuer whose keys, and whether it answers, the test says. */
async function startIssuer() {
  const state = { body: '{"keys":[]}', status: 200, requests: 0 };
  const server: Server = createServer((_, response) => {
    state.requests += 1;
    response.statusCode = state.status;
    response.end(state.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // listens on TCP
  const clock = createFixedClock(start);
  return {
    state,
    clock,
    issuer: createForeignIssuer(issuer, `http://127.0.0.1:${port}/jwks`, clock),
    async serve(...keys: readonly (readonly [kid: string, pair: Pair])[]) {
      const published = keys.map(async ([kid, { publicKey }]) => ({ ...(await exportJWK(publicKey)), kid }));
      state.body = JSON.stringify({ keys: await Promise.all(published) });
    },
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}

type Own = Awaited<ReturnType<typeof startIssuer>>;
let own: Own;
let one: Pair;
let two: Pair;
let rsa: Pair;
beforeAll(async () => {
  one = await generateKeyPair('ES256');
  two = await generateKeyPair('ES256');
  rsa = await generateKeyPair('RS256', { extractable: true });
});
beforeEach(async () => {
  own = await startIssuer();
  await own.serve(['one', one]);
});
afterEach(() => own.stop());

type Signing = { claims?: Record<string, unknown>; header?: Partial<JWTHeaderParameters>; key?: Pair['privateKey'] | Uint8Array };
const sign = ({ claims = {}, header = {}, key = one.privateKey }: Signing = {}) =>
  new SignJWT({ iss: issuer, aud: hubIssuer, sub: 'mem_1', exp: Math.floor(own.clock.now().getTime() / 1_000) + 600, ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'one', ...header })
    .sign(key, { crit: { odd: true } });
const codeOf = async (token: Promise<string> | string) =>
  own.issuer.verify(await token).then(
    () => 'passed',
    (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : 'outage'),
  );
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a token of another issuer', () => {
  it('G1 alg none is refused, in any spelling, with and without a signature', async () => {
    const [, payload = '', signature = ''] = (await sign()).split('.');
    for (const alg of ['none', 'None', 'NONE', 'nOnE', ''])
      for (const end of ['', signature]) expect(await codeOf(`${encode({ alg, kid: 'one' })}.${payload}.${end}`)).toBe('TOKEN_INVALID');
    expect(await codeOf(sign())).toBe('passed');
  });

  it('G1 a public key is no shared secret: HS256 over it is refused', async () => {
    await own.serve(['one', one], ['rsa', rsa]);
    const pem = new TextEncoder().encode(await exportSPKI(rsa.publicKey));
    const jwk = new TextEncoder().encode(JSON.stringify(await exportJWK(rsa.publicKey)));
    for (const key of [pem, jwk, new Uint8Array(32)])
      expect(await codeOf(sign({ header: { alg: 'HS256', kid: 'rsa' }, key }))).toBe('TOKEN_INVALID');
    expect(await codeOf(sign({ header: { alg: 'RS256', kid: 'rsa' }, key: rsa.privateKey }))).toBe('passed');
  });

  it('G1 a symmetric key among the keys of the issuer counts for nothing', async () => {
    own.state.body = JSON.stringify({ keys: [{ kty: 'oct', kid: 'one', k: Buffer.alloc(32).toString('base64url') }] });
    expect(await codeOf(sign({ header: { alg: 'HS256' }, key: new Uint8Array(32) }))).toBe('TOKEN_INVALID');
  });

  it.each([
    ['aud', { aud: 'https://elsewhere.example' }, 'TOKEN_INVALID'],
    ['no aud', { aud: undefined }, 'TOKEN_INVALID'],
    ['iss', { iss: 'https://evil.example' }, 'TOKEN_INVALID'],
    ['no exp', { exp: undefined }, 'TOKEN_INVALID'],
    ['nbf to come', { nbf: 4_000_000_000 }, 'TOKEN_INVALID'],
    ['nbf as a text', { nbf: 'now' }, 'TOKEN_INVALID'],
    ['exp as a text', { exp: '9999999999' }, 'TOKEN_INVALID'],
    ['expired', { exp: 1_000_000_000 }, 'TOKEN_EXPIRED'],
  ])('G1 is refused for its claims: %s', async (_, claims, code) => {
    expect(await codeOf(sign({ claims }))).toBe(code);
  });

  it('G1 a kid is a name and nothing else: paths, addresses and inherited names find no key', async () => {
    for (const kid of [
      '../one',
      '/dev/null',
      'one\u0000',
      "one' OR '1'='1",
      'http://127.0.0.1:1/jwks',
      '__proto__',
      'constructor',
      'ONE',
      '',
    ])
      expect([kid, await codeOf(sign({ header: { kid } }))]).toEqual([kid, 'TOKEN_INVALID']);
  });

  it('G1 keys and addresses in the token itself are not looked at', async () => {
    const jwk = await exportJWK(two.publicKey);
    const evil = await startIssuer();
    await evil.serve(['two', two]);
    const url = 'http://127.0.0.1:1/jwks';
    for (const header of [{ jwk }, { jku: url }, { x5u: url }, { kid: 'two', jwk, jku: url }])
      expect(await codeOf(sign({ header, key: two.privateKey }))).toBe('TOKEN_INVALID');
    expect(evil.state.requests).toBe(0);
    await evil.stop();
  });

  it('G1 an extension that must be understood and is not refuses the token', async () => {
    expect(await codeOf(sign({ header: { crit: ['odd'], odd: true } }))).toBe('TOKEN_INVALID');
  });
});

describe('the keys of another issuer', () => {
  it('G1 a new key is taken when a token names it, at most one look in 30 seconds; an old one that is still published stays good', async () => {
    expect(await codeOf(sign())).toBe('passed');
    await own.serve(['one', one], ['two', two]);
    const rotated = () => sign({ header: { kid: 'two' }, key: two.privateKey });
    expect([await codeOf(rotated()), own.state.requests]).toEqual(['TOKEN_INVALID', 1]);
    own.clock.advance(30_000);
    expect([await codeOf(rotated()), await codeOf(sign()), own.state.requests]).toEqual(['passed', 'passed', 2]);
    for (let n = 0; n < 20; n += 1) expect(await codeOf(sign({ header: { kid: `unknown ${n}` } }))).toBe('TOKEN_INVALID');
    expect(own.state.requests).toBe(2);
  });

  it('G1 a key that is published no more is good no more, once the keys were asked for again', async () => {
    expect(await codeOf(sign())).toBe('passed');
    await own.serve(['two', two]);
    own.clock.advance(1_200_000);
    expect(await codeOf(sign())).toBe('TOKEN_INVALID');
  });

  it('G1 an outage fails no token of a known key, and lets in nothing else', async () => {
    expect(await codeOf(sign())).toBe('passed');
    own.state.status = 503;
    for (const hours of [0.2, 1, 10]) {
      own.clock.advance(hours * 3_600_000);
      expect(await codeOf(sign())).toBe('passed');
    }
    expect(await codeOf(sign({ key: two.privateKey }))).toBe('TOKEN_INVALID');
    expect(await codeOf(sign({ header: { kid: 'two' }, key: two.privateKey }))).toBe('outage');
    expect(await codeOf(sign({ claims: { exp: 1_000_000_000 } }))).toBe('TOKEN_EXPIRED');
    own.state.status = 200;
    await own.serve(['two', two]);
    own.clock.advance(30_000);
    expect(await codeOf(sign({ header: { kid: 'two' }, key: two.privateKey }))).toBe('passed');
  });

  it('G1 the last good keys are good for a day without their issuer, and not longer', async () => {
    expect(await codeOf(sign())).toBe('passed');
    own.state.status = 503;
    own.clock.advance(86_400_000 - 60_000);
    expect(await codeOf(sign())).toBe('passed');
    own.clock.advance(60_000);
    expect(await codeOf(sign())).toBe('outage');
  });

  it('G1 an issuer that has never answered is asked once in 30 seconds, whatever comes', async () => {
    own.state.status = 500;
    expect(await Promise.all([codeOf(sign()), codeOf(sign()), codeOf(sign())])).toEqual(['outage', 'outage', 'outage']);
    expect([await codeOf(sign()), own.state.requests]).toEqual(['outage', 1]);
  });

  it.each([
    ['more bytes than are read', `{"keys":[${'{"kty":"EC"},'.repeat(30_000)}{}]}`],
    ['more keys than are taken', JSON.stringify({ keys: Array.from({ length: 101 }, (_, n) => ({ kty: 'EC', kid: String(n) })) })],
    ['no JSON', '<html>'],
    ['no keys', '{"keys":"one"}'],
    ['keys that are none', '{"keys":[1,null]}'],
  ])('G1 are not taken when they are %s', async (_, body) => {
    own.state.body = body;
    expect(await codeOf(sign())).toBe('outage');
  });
});
