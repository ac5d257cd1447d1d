/**
 * The header by which a subgraph learns who asks. A signature holds 30 seconds and is used again for at most 20, for the same
 * principal, subgraph and no other. Exports `createPrincipalSigner` and `toShownText`.
 */
import type { Clock } from '../../lib/clock/clock.ts';
import { signPrincipal, type HubKeys, type Principal } from '../../lib/identity/index.ts';
import { BoundedCache } from './bounded-cache.ts';

export type PrincipalSigner = {
  /** Value of the header `ir-principal` for one subgraph. */
  sign(principal: Principal, audience: string, requestId: string): Promise<string>;
};

const reuseMs = 20_000;
const maxEntries = 10_000;
/** Characters of keys; a token is about as long as its key. */
const maxWeight = 16_777_216;

/** `claimsFor`: the claims that a subgraph may see; the others stay here. */
export function createPrincipalSigner(
  keys: Pick<HubKeys, 'principal'>,
  clock: Clock,
  claimsFor: (audience: string) => readonly string[],
): PrincipalSigner {
  const signed = new BoundedCache<{ token: Promise<string>; atMs: number }>({ maxEntries, maxWeight });
  return {
    sign(principal, audience, requestId) {
      const claims = claimsFor(audience);
      const key = `${audience}\n${toShownText(principal, claims)}`;
      const nowMs = clock.now().getTime();
      const known = signed.get(key);
      if (known && nowMs - known.atMs < reuseMs && nowMs >= known.atMs) return known.token;
      const token = signPrincipal(keys, toShown(principal, claims), audience, requestId, { clock });
      signed.set(key, { token, atMs: nowMs }, key.length);
      return token;
    },
  };
}

function toShown(principal: Principal, claims: readonly string[]): Principal {
  const shown = claims.flatMap((name): [string, unknown][] =>
    Object.hasOwn(principal.claims, name) ? [[name, principal.claims[name]]] : [],
  );
  return { ...principal, claims: Object.fromEntries(shown) };
}

/** The same principal object lives as long as its request: its text is made once. */
const principalTexts = new WeakMap<Principal, string>();

/** All that a subgraph learns of a principal when it may see these claims; equal texts for equal ones, and for no others. */
export function toShownText(principal: Principal, claims: readonly string[]): string {
  const text = principalTexts.get(principal) ?? JSON.stringify({ ...principal, claims: {} });
  principalTexts.set(principal, text);
  return claims.length === 0 ? text : `${JSON.stringify(toShown(principal, claims).claims)}\n${text}`;
}
