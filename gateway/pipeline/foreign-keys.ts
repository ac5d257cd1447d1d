/**
 * The keys of an issuer outside the hub, as it publishes them (JWKS): fetched within bounds, looked at again when a token names a key that
 * is not known, and kept for a while when the issuer cannot be reached. Exports `createForeignKeys`.
 */
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import type { Clock } from '../../lib/clock/clock.ts';

const defaultTimeoutMs = 5_000;
/** Between two requests for the keys, whether a token names a key that is not known or the last request failed. */
const cooldownMs = 30_000;
/** Keys of this age are asked for anew while they are still used. */
const refreshMs = 600_000;
/** Keys of this age are not used before they have been asked for anew, unless the issuer cannot be reached. */
const staleMs = 1_200_000;
/** While the issuer cannot be reached its last keys are good for so long. */
const lastGoodMs = 86_400_000;
const maxJwksBytes = 262_144;
const maxKeys = 100;

type Known = { readonly find: JWTVerifyGetKey; readonly atMs: number };

/** Rejects with an error of jose for a key that is not there, and with another when the keys cannot be had. `timeoutMs`: for all of an answer. */
export function createForeignKeys(url: URL, clock: Clock, timeoutMs = defaultTimeoutMs): JWTVerifyGetKey {
  let known: Known | undefined;
  let asking: Promise<void> | undefined;
  let askedAtMs = Number.NEGATIVE_INFINITY;
  let failure: Error | undefined;

  const nowMs = () => clock.now().getTime();
  const ask = () =>
    (asking ??= fetchKeys(url, timeoutMs)
      .then(
        (find) => {
          known = { find, atMs: nowMs() };
          failure = undefined;
        },
        (error: unknown) => {
          failure = error instanceof Error ? error : new Error('the keys cannot be had', { cause: error });
        },
      )
      .finally(() => {
        askedAtMs = nowMs();
        asking = undefined;
      }));
  const mayAsk = () => asking !== undefined || nowMs() - askedAtMs >= cooldownMs;

  const current = async (): Promise<Known> => {
    const age = known ? nowMs() - known.atMs : Number.POSITIVE_INFINITY;
    if (age >= refreshMs && mayAsk()) {
      const asked = ask();
      // Who did not answer last time may take its time again: the keys that are known are good meanwhile, and nobody waits
      if (age >= lastGoodMs || (age >= staleMs && !failure)) await asked;
    }
    if (known && nowMs() - known.atMs < lastGoodMs) return known;
    throw failure ?? new Error('the keys of the issuer are not known');
  };

  return async (header, token) => {
    const found = await current();
    try {
      return await found.find(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      if (mayAsk()) await ask();
      // The key may be a new one of an issuer that does not answer now: that says nothing against the token
      if (failure) throw failure;
      return (await current()).find(header, token);
    }
  };
}

async function fetchKeys(url: URL, timeoutMs: number): Promise<JWTVerifyGetKey> {
  const response = await fetch(url, {
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
    headers: { accept: 'application/jwk-set+json, application/json' },
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`the issuer answered with HTTP status ${response.status}`);
  }
  const value: unknown = JSON.parse(await readBounded(response));
  if (!isKeySet(value)) throw new Error('the issuer answered something that is not a set of keys');
  if (value.keys.length > maxKeys) throw new Error(`the issuer has more than ${maxKeys} keys`);
  return createLocalJWKSet(value);
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // The body of a fetch yields bytes; its type does not say so
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > maxJwksBytes) throw new Error(`the keys are larger than ${maxJwksBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function isKeySet(value: unknown): value is JSONWebKeySet {
  if (typeof value !== 'object' || value === null || !('keys' in value) || !Array.isArray(value.keys)) return false;
  return value.keys.every((key: unknown) => typeof key === 'object' && key !== null && !Array.isArray(key));
}
