/**
 * The token by which routing asks the gateway: of no member, so that it can change nothing, and with the one scope that reads across the
 * fences of members. It lies in a file of mode 0600 among the keys; whoever holds the issuer's key makes it and makes it anew in time.
 */
import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { realClock, type Clock } from '../clock/clock.ts';
import type { HubKeys } from './keys.ts';
import { signMemberToken } from './tokens.ts';

const DAY_SECONDS = 86_400;
const LIFE_SECONDS = 90 * DAY_SECONDS;

/** Where the token of a service lies in the folder of the keys. */
export const serviceTokenFile = (folder: string, service: string): string => join(folder, `${service}.token`);

/** The token with which routing reads; a test hub signs its own. */
export const signRoutingToken = (keys: Pick<HubKeys, 'issuer'>, clock: Clock = realClock): Promise<string> =>
  signMemberToken(keys, { memberId: null, kinds: [], scopes: ['routing.read'], ttl: LIFE_SECONDS, clock });

/** Writes routing's token, unless the one that lies there is of this issuer and has more than half its life before it. */
export async function renewRoutingToken(folder: string, keys: Pick<HubKeys, 'issuer'>, clock: Clock = realClock): Promise<void> {
  const file = serviceTokenFile(folder, 'routing');
  const found = await readFile(file, 'utf8').catch(() => '');
  if (secondsLeft(found.trim(), keys.issuer.kid, clock) > LIFE_SECONDS / 2) return;
  const own = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    await writeFile(own, `${await signRoutingToken(keys, clock)}\n`, { mode: 0o600, flag: 'wx' });
    await rename(own, file);
  } finally {
    await rm(own, { force: true });
  }
}

// Zero for what is no token of this issuer.
function secondsLeft(token: string, kid: string, clock: Clock): number {
  try {
    if (decodeProtectedHeader(token).kid !== kid) return 0;
    return (decodeJwt(token).exp ?? 0) - clock.now().getTime() / 1_000;
  } catch {
    return 0;
  }
}
