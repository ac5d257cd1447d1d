import { createSign, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, type JWTHeaderParameters } from 'jose';
import { createForeignIssuer } from '../../../gateway/pipeline/foreign-issuer.ts';
import { createForeignKeys } from '../../../gateway/pipeline/foreign-keys.ts';
import { createIdentity } from '../../../gateway/pipeline/identity.ts';
import { createFixedClock } from '../../../lib/clock/clock.ts';
import { isHubError } from '../../../lib/errors/errors.ts';
import { createSigningKey, hubIssuer } from '../../../lib/identity/index.ts';

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
    url: `http://127.0.0.1:${port}/jwks`,
    issuer: createForeignIssuer(issuer, `http://127.0.0.1:${port}/jwks`, clock),
    async serve(...keys: readonly (readonly [kid: string, pair: Pair])[]) {
      const published = keys.map(async ([kid, { publicKey }]) => ({ ...(await exportJWK(publicKey)), kid }));
      state.body = JSON.stringify({ keys: await Promise.all(published) });
    },
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}

/** More than is read, once it is unpacked. */
const bomb = gzipSync(`{"keys":[],"a":"${' '.repeat(1_000_000)}"}`);

function drip(response: ServerResponse): void {
  response.writeHead(200);
  const timer = setInterval(() => response.write(' '), 20);
  response.on('close', () => clearInterval(timer));
}

type Own = Awaited<ReturnType<typeof startIssuer>>;
let own: Own;
let one: Pair;
let two: Pair;
let rsa: Pair;
let extractable: Pair;
beforeAll(async () => {
  one = await generateKeyPair('ES256');
  two = await generateKeyPair('ES256');
  rsa = await generateKeyPair('RS256', { extractable: true });
  extractable = await generateKeyPair('ES256', { extractable: true });
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
    ['iat as a text', { iat: 'now' }, 'TOKEN_INVALID'],
    ['no aud among several that is ours', { aud: ['a', 'b'] }, 'TOKEN_INVALID'],
    ['aud as an object', { aud: { 0: hubIssuer } }, 'TOKEN_INVALID'],
    ['iss as a list', { iss: [issuer] }, 'TOKEN_INVALID'],
    ['no sub', { sub: undefined }, 'TOKEN_INVALID'],
    ['an empty sub', { sub: '' }, 'TOKEN_INVALID'],
    ['sub as a list', { sub: ['mem_1'] }, 'TOKEN_INVALID'],
    ['sub as an object', { sub: { toString: 'mem_1' } }, 'TOKEN_INVALID'],
    ['sub as a number', { sub: 1 }, 'TOKEN_INVALID'],
    ['a sub that looks like a visitor', { sub: 'visitor 127.0.0.1' }, 'TOKEN_INVALID'],
    ['a sub that looks like a role', { sub: 'role importer' }, 'TOKEN_INVALID'],
    ['a sub with a line end', { sub: 'mem_1\nir-principal: x' }, 'TOKEN_INVALID'],
    ['a sub of 256 characters', { sub: 's'.repeat(256) }, 'TOKEN_INVALID'],
    ['claims that are too long to be looked at', { note: 'n'.repeat(4_096) }, 'TOKEN_INVALID'],
  ])('G1 is refused for its claims: %s', async (_, claims, code) => {
    expect(await codeOf(sign({ claims }))).toBe(code);
  });

  it('G1 is taken with its audience among several, within five seconds of skew, and with a sub of 255 characters', async () => {
    const second = Math.floor(own.clock.now().getTime() / 1_000);
    for (const claims of [{ aud: ['other', hubIssuer] }, { nbf: second + 5 }, { exp: second - 4 }, { sub: 's'.repeat(255) }])
      expect([claims, await codeOf(sign({ claims }))]).toEqual([claims, 'passed']);
    expect(await codeOf(sign({ claims: { nbf: second + 6 } }))).toBe('TOKEN_INVALID');
    expect(await codeOf(sign({ claims: { exp: second - 5 } }))).toBe('TOKEN_EXPIRED');
  });

  it('G1 is refused when it is longer than a token may be, without a look at its keys', async () => {
    expect(await codeOf(sign({ claims: { note: 'n'.repeat(16_384) } }))).toBe('TOKEN_INVALID');
    expect(own.state.requests).toBe(0);
  });

  it('G1 is refused when a byte of it is changed, or a part is missing, doubled or another token’s', async () => {
    const token = await sign();
    const [head = '', payload = '', signature = ''] = token.split('.');
    const [, other = ''] = (await sign({ claims: { sub: 'mem_2' } })).split('.');
    const flipped = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
    const parts = [
      [head, payload, flipped],
      [head, other, signature],
      [head, payload, ''],
      [head, payload],
      [head, payload, signature, ''],
      [head, '', payload, signature, ''],
      ['', payload, signature],
      [head, payload, signature.slice(0, -2)],
    ];
    for (const part of parts) expect([part.length, await codeOf(part.join('.'))]).toEqual([part.length, 'TOKEN_INVALID']);
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
    const [, payload = '', signature = ''] = (await sign()).split('.');
    for (const header of [{ crit: ['b64'], b64: false }, { crit: [] }, { crit: 'exp' }, { crit: ['alg'] }, { crit: ['exp'], exp: 1 }])
      expect(await codeOf(`${encode({ alg: 'ES256', kid: 'one', ...header })}.${payload}.${signature}`)).toBe('TOKEN_INVALID');
  });
});

describe('several issuers', () => {
  it('G1 each speaks with its own keys only, also where both have a key of one name', async () => {
    const other = await startIssuer();
    await other.serve(['one', two], ['shared', one]);
    await own.serve(['one', one], ['shared', two]);
    const otherName = 'https://other.example';
    const keys = { issuer: await createSigningKey(), principal: await createSigningKey(), cursorKey: new Uint8Array(32) };
    const issuers = new Map([
      [issuer, own.url],
      [otherName, other.url],
    ]);
    const identity = await createIdentity({ kind: 'hub', keys, issuers, visitors: true }, own.clock);
    const outcome = async (iss: string, kid: string, { privateKey: key }: Pair): Promise<string> => {
      const token = await sign({ claims: { iss }, header: { kid }, key });
      try {
        return (await identity.identify({ token, fromLoopback: true })).memberId ?? 'visitor';
      } catch (error) {
        return isHubError(error) ? error.code : String(error);
      }
    };
    expect([await outcome(issuer, 'one', one), await outcome(otherName, 'one', two)]).toEqual(['mem_1', 'mem_1']);
    for (const [iss, kid, pair] of [
      [issuer, 'one', two],
      [otherName, 'one', one],
      [issuer, 'shared', one],
      [otherName, 'shared', two],
      ['https://third.example', 'one', one],
      [hubIssuer, 'one', one],
      [`${issuer}/`, 'one', one],
    ] as const)
      expect([iss, kid, await outcome(iss, kid, pair)]).toEqual([iss, kid, 'TOKEN_INVALID']);
    await other.stop();
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

  it('G1 that lie about what they are sign for nobody, and do no harm to honest ones beside them', async () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 1_024 });
    const shown = await exportJWK(one.publicKey);
    const [ec, okp, small] = [
      await exportJWK(two.publicKey),
      await exportJWK((await generateKeyPair('EdDSA')).publicKey),
      await exportJWK(weak.publicKey),
    ];
    const lies = [
      { ...ec, kid: 'for-encryption', use: 'enc' },
      { ...ec, kid: 'signs-only', key_ops: ['sign'] },
      { ...ec, kid: 'other-alg', alg: 'RS256' },
      { ...ec, kid: 'off-curve', y: ec.x },
      { ...ec, kid: 'not-base64', x: '!!' },
      { ...ec, kid: 'other-curve', crv: 'P-384' },
      { ...ec, kid: 'no-curve', crv: undefined },
      { ...(await exportJWK(extractable.privateKey)), kid: 'private' },
      { ...okp, kid: 'other-type' },
      { ...small, kid: 'weak' },
      { kty: 'EC', kid: 'empty' },
      { kid: 'typeless' },
      { kty: 'oct', kid: 'shared', k: Buffer.alloc(32).toString('base64url') },
    ];
    own.state.body = JSON.stringify({ keys: [...lies, { ...shown, kid: 'one' }] });
    for (const { kid } of lies) {
      const key = kid === 'private' ? extractable.privateKey : two.privateKey;
      expect([kid, await codeOf(sign({ header: { kid }, key }))]).toEqual([
        kid,
        expect.stringMatching(/^(TOKEN_INVALID|ERR_JWKS_INVALID|outage)$/),
      ]);
    }
    const forged = createSign('sha256');
    const [head, payload] = [encode({ alg: 'RS256', kid: 'weak' }), (await sign()).split('.')[1] ?? ''];
    const signature = forged.update(`${head}.${payload}`).sign(weak.privateKey).toString('base64url');
    expect(await codeOf(`${head}.${payload}.${signature}`)).not.toBe('passed');
    expect(await codeOf(sign())).toBe('passed');
  });

  it('G1 two keys of one name are no key: which one is meant cannot be known', async () => {
    await own.serve(['one', one], ['one', two]);
    expect([await codeOf(sign()), await codeOf(sign({ key: two.privateKey }))]).toEqual(['TOKEN_INVALID', 'TOKEN_INVALID']);
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['never answers', () => undefined],
    ['sends a byte now and then', drip],
    ['sends to another address', (response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()],
    ['ends in the middle', (response) => response.writeHead(200, { 'content-length': '100' }).write('{"keys":[', () => response.destroy())],
    ['unpacks to more than is read', (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)],
  ])('G1 an issuer that %s is one that does not answer; nobody waits longer than its time, and known keys stay good', async (_, answer) => {
    await own.serve(['one', one]);
    let isGood = true;
    const server = createServer((__, response) => void (isGood ? response.end(own.state.body) : answer(response))).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo; // listens on TCP
    const create = () => createForeignKeys(new URL(`http://127.0.0.1:${port}/jwks`), own.clock, 200);
    const find = (keys: ReturnType<typeof create>, kid: string) => keys({ alg: 'ES256', kid }, { payload: '', signature: '' });
    const known = create();
    await find(known, 'one');
    isGood = false;
    await expect(find(create(), 'one')).rejects.toThrow();
    own.clock.advance(1_200_000);
    await find(known, 'one');
    await expect(find(known, 'two')).rejects.toThrow();
    isGood = true;
    own.clock.advance(30_000);
    await find(known, 'one');
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
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
