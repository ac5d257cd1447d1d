/**
 * Two days of an issuer that changes its keys every six hours and is away a third of the time, in every way: no token that it signed fails,
 * and none is taken that it did not sign or has withdrawn.
 */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { createIdentity } from '../../../gateway/pipeline/identity.ts';
import { createFixedClock } from '../../../lib/clock/clock.ts';
import { createSigningKey, hubIssuer } from '../../../lib/identity/index.ts';
import { isHubError } from '../../../lib/errors/errors.ts';

const issuer = 'https://issuer.example';
const STEP_MS = 300_000;
const STEPS = (2 * 86_400_000) / STEP_MS;
/** In steps: a key is published for some time before it signs, and for some time after. */
const ROTATION = 72;
const AHEAD = 6;
const BEHIND = 12;
/** Keys are looked at at least as often, so a withdrawn one is good for so long. */
const SEEN = 5;

type Pair = Awaited<ReturnType<typeof generateKeyPair>>;

/** Ways to be away: what stands in them is never taken for keys. */
const failures: readonly ((response: ServerResponse) => void)[] = [
  (response) => response.writeHead(503).end(),
  (response) => response.socket?.destroy(),
  (response) => response.end('{"keys":['),
  (response) => response.end('<html>Sign in</html>'),
  (response) => response.end(`{"keys":[],"pad":"${'x'.repeat(300_000)}"}`),
  (response) => response.writeHead(302, { location: '/elsewhere' }).end(),
  (response) => response.end('{"error":"away"}'),
];

it('G1 two days of rotations and outages: no failed request, and nothing accepted that should not be', async () => {
  const clock = createFixedClock('2026-01-02T00:00:00Z');
  const pairs = await Promise.all(Array.from({ length: STEPS / ROTATION + 2 }, () => generateKeyPair('ES256', { extractable: true })));
  const stranger = await generateKeyPair('ES256');
  const published = new Map<string, object>();
  let away: ((response: ServerResponse) => void) | null = null;
  let requests = 0;
  const server = createServer((_, response) => {
    requests += 1;
    if (away === null) response.end(JSON.stringify({ keys: [...published.values()] }));
    else away(response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // listens on TCP
  const keys = { issuer: await createSigningKey(), principal: await createSigningKey(), cursorKey: new Uint8Array(32) };
  const issuers = new Map([[issuer, `http://127.0.0.1:${port}/`]]);
  const identity = await createIdentity({ kind: 'hub', keys, issuers, visitors: false }, clock);

  const publish = async (number: number) => {
    const pair = pairs[number];
    if (pair !== undefined) published.set(`key-${number}`, { ...(await exportJWK(pair.publicKey)), kid: `key-${number}` });
  };
  const ask = async (kid: string, pair: Pair | undefined, lifeSeconds = 600): Promise<string> => {
    if (pair === undefined) throw new Error(`No key ${kid}`);
    const nowSeconds = Math.floor(clock.now().getTime() / 1_000);
    const claims = { iss: issuer, aud: hubIssuer, sub: 'mem_1', exp: nowSeconds + lifeSeconds };
    const token = await new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid }).sign(pair.privateKey);
    try {
      const { memberId } = await identity.identify({ token, fromLoopback: false });
      return `${memberId} passed`;
    } catch (error) {
      return isHubError(error) ? error.code : String(error);
    }
  };

  await publish(0);
  const good: string[] = [];
  const bad: string[] = [];
  let stepsAway = 0;
  for (let step = 0; step < STEPS; step += 1) {
    const phase = step % ROTATION;
    const current = Math.floor(step / ROTATION);
    if (phase === ROTATION - AHEAD) await publish(current + 1);
    if (phase === BEHIND) published.delete(`key-${current - 1}`);
    // Away for hours between rotations; an issuer that is away publishes nothing
    away = phase >= 2 * BEHIND && phase < 4 * BEHIND ? (failures[(step + current) % failures.length] ?? null) : null;
    stepsAway += away === null ? 0 : 1;
    good.push(await ask(`key-${current}`, pairs[current]));
    if (phase < BEHIND && current > 0) good.push(await ask(`key-${current - 1}`, pairs[current - 1]));
    bad.push(await ask(`key-${current}`, stranger), await ask(`key-${current}`, pairs[current], -60));
    // Not while the issuer answers: it would have the keys asked for anew
    if (away !== null) bad.push(await ask('key-of-nobody', stranger));
    if (phase >= BEHIND + SEEN && current > 0) bad.push(await ask(`key-${current - 1}`, pairs[current - 1]));
    clock.advance(STEP_MS);
  }
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;

  expect([good.length, good.filter((outcome) => outcome !== 'mem_1 passed')]).toEqual([660, []]);
  expect([bad.length, bad.filter((outcome) => outcome.endsWith('passed'))]).toEqual([1_729, []]);
  expect(stepsAway).toBe(192);
  // Once in ten minutes, and where a key is new or not known
  expect(requests).toBeLessThan(STEPS);
}, 60_000);
