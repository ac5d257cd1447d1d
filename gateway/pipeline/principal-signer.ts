/**
 * The header by which a subgraph learns who asks. A signature holds 30 seconds and is used again for at most 20, for the same
 * principal, subgraph and no other. Exports `createPrincipalSigner`.
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

export function createPrincipalSigner(keys: Pick<HubKeys, 'principal'>, clock: Clock): PrincipalSigner {
  const signed = new BoundedCache<{ token: Promise<string>; atMs: number }>({ maxEntries, maxWeight: maxEntries });
  // The same principal object lives as long as its request: its text is made once
  const keyTexts = new WeakMap<Principal, string>();
  const toKeyText = (principal: Principal) => {
    const text = keyTexts.get(principal) ?? JSON.stringify(principal);
    keyTexts.set(principal, text);
    return text;
  };
  return {
    sign(principal, audience, requestId) {
      const key = `${audience}\n${toKeyText(principal)}`;
      const nowMs = clock.now().getTime();
      const known = signed.get(key);
      if (known && nowMs - known.atMs < reuseMs && nowMs >= known.atMs) return known.token;
      const token = signPrincipal(keys, principal, audience, requestId, { clock });
      signed.set(key, { token, atMs: nowMs }, 1);
      return token;
    },
  };
}
