/** Routing's own token: reads as the hub, changes nothing, lies in a file for its owner only, and is made anew in good time. */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFixedClock } from '../../../lib/clock/clock.ts';
import {
  createPublicKeys,
  createSigningKey,
  renewRoutingToken,
  serviceTokenFile,
  signMemberToken,
  signRoutingToken,
  toJwks,
  verifyMemberToken,
  type SigningKey,
} from '../../../lib/identity/index.ts';

const DAY_MS = 86_400_000;
let folder: string;
let issuer: SigningKey;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ir-token-'));
  issuer = await createSigningKey();
});
afterEach(() => rm(folder, { recursive: true }));

const read = () => readFile(serviceTokenFile(folder, 'routing'), 'utf8');

it('is of no member, has one scope, and is good for 90 days', async () => {
  const clock = createFixedClock('2026-11-22T00:00:00Z');
  const token = await signRoutingToken({ issuer }, clock);
  const keys = await createPublicKeys(toJwks(issuer));
  clock.advance(89 * DAY_MS);
  expect(await verifyMemberToken(token, keys, { clock })).toMatchObject({ memberId: null, kinds: [], roles: [], scopes: ['routing.read'] });
  clock.advance(2 * DAY_MS);
  await expect(verifyMemberToken(token, keys, { clock })).rejects.toMatchObject({ code: 'TOKEN_EXPIRED' });
});

it('lies alone in a file that its owner can read', async () => {
  await renewRoutingToken(folder, { issuer });
  expect((await stat(serviceTokenFile(folder, 'routing'))).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(['routing.token']);
});

it('stays while more than half of its life is left, and is made anew then', async () => {
  const clock = createFixedClock('2026-11-22T00:00:00Z');
  await renewRoutingToken(folder, { issuer }, clock);
  const first = await read();
  clock.advance(44 * DAY_MS);
  await renewRoutingToken(folder, { issuer }, clock);
  expect(await read()).toBe(first);
  clock.advance(2 * DAY_MS);
  await renewRoutingToken(folder, { issuer }, clock);
  expect(await read()).not.toBe(first);
});

it.each([
  ['is of another issuer', async () => signRoutingToken({ issuer: await createSigningKey() })],
  ['is no token', async () => 'hello'],
  ['is empty', async () => ''],
  ['ends soon', () => signMemberToken({ issuer }, { memberId: null, kinds: [], scopes: ['routing.read'], ttl: 3_600 })],
])('is made anew when what lies there %s', async (_what, make) => {
  await writeFile(serviceTokenFile(folder, 'routing'), await make());
  await renewRoutingToken(folder, { issuer });
  const principal = await verifyMemberToken((await read()).trim(), await createPublicKeys(toJwks(issuer)));
  expect(principal.scopes).toEqual(['routing.read']);
  expect((await stat(serviceTokenFile(folder, 'routing'))).mode & 0o777).toBe(0o600);
});
