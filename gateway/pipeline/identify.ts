/** Stage `identify`: the token becomes a Principal. Exports `identify` and `toExpiryMs`. */
import { decodeJwt } from 'jose';
import type { Principal } from '../../lib/identity/index.ts';
import type { Hub } from './hub.ts';
import type { GatewayRequest } from './request.ts';
import type { Stage } from './stage.ts';

export const identify: Stage<{ request: GatewayRequest }, { principal: Principal }, Hub> = {
  name: 'identify',
  run({ request }, { identity }) {
    if (request.identified) return { principal: request.identified.principal };
    const found = identity.identify(request);
    return found instanceof Promise ? found.then((principal) => ({ principal })) : { principal: found };
  },
};

/** When the token of a request ends that has been identified, in milliseconds since 1970; null: it has none, or none that is looked at. */
export function toExpiryMs(
  { token, identified }: Pick<GatewayRequest, 'token' | 'identified'>,
  { identity }: Pick<Hub, 'identity'>,
): number | null {
  if (identified) return identified.expiresAtMs;
  if (token === null || !identity.checksTokens) return null;
  const { exp } = decodeJwt(token);
  return exp === undefined ? null : exp * 1_000;
}
