/**
 * Who asks: a token of the hub's own issuer or of a configured one becomes a Principal; without a token there is a read-only visitor,
 * outside production and on this machine only. Exports `createIdentity`.
 */
import { decodeJwt } from 'jose';
import type { Clock } from '../../lib/clock/clock.ts';
import { createError, isHubError } from '../../lib/errors/errors.ts';
import {
  createPrincipal,
  createPublicKeys,
  hubIssuer,
  toJwks,
  verifyMemberToken,
  visitor,
  type HubKeys,
  type Principal,
} from '../../lib/identity/index.ts';
import { createForeignIssuer, type ForeignIssuer } from './foreign-issuer.ts';

export type Identity = {
  /** Rejects with UNAUTHENTICATED, TOKEN_INVALID or TOKEN_EXPIRED; throws nothing. At once where no token is looked at. */
  identify(request: { readonly token: string | null; readonly fromLoopback: boolean }): Principal | Promise<Principal>;
  readonly checksTokens: boolean;
  /** Visitors may only read. Without identity, subgraphs judge for themselves. */
  readonly visitorsOnlyRead: boolean;
};

/** hub: tokens are checked. visitor: tokens are not looked at, everybody only reads. none: nobody is asked and nothing is forbidden. */
export type IdentitySettings =
  | { readonly kind: 'hub'; readonly keys: HubKeys; readonly issuers: ReadonlyMap<string, string>; readonly visitors: boolean }
  | { readonly kind: 'visitor' }
  | { readonly kind: 'none' };

const anonymous: Principal = createPrincipal({});

export async function createIdentity(settings: IdentitySettings, clock: Clock): Promise<Identity> {
  switch (settings.kind) {
    case 'none':
      return { checksTokens: false, visitorsOnlyRead: false, identify: () => anonymous };
    case 'visitor':
      return { checksTokens: false, visitorsOnlyRead: true, identify: () => visitor };
    case 'hub':
      return createHubIdentity(settings, clock);
  }
}

async function createHubIdentity({ keys, issuers, visitors }: IdentitySettings & { kind: 'hub' }, clock: Clock): Promise<Identity> {
  const ownKeys = await createPublicKeys(toJwks(keys.issuer));
  const foreign = new Map<string, ForeignIssuer>([...issuers].map(([issuer, url]) => [issuer, createForeignIssuer(issuer, url, clock)]));
  const verify = async (token: string): Promise<Principal> => {
    const issuer = readIssuer(token);
    return issuer === hubIssuer ? verifyMemberToken(token, ownKeys, { clock }) : verifyForeign(token, foreign.get(issuer));
  };
  return {
    checksTokens: true,
    visitorsOnlyRead: true,
    identify({ token, fromLoopback }) {
      if (token !== null) return verify(token);
      if (visitors && fromLoopback) return visitor;
      return Promise.reject(createError('UNAUTHENTICATED', 'No token. Send Authorization: Bearer <token>.'));
    },
  };
}

/** What the token says of itself, not yet believed: it only chooses who checks it. */
function readIssuer(token: string): string {
  try {
    return decodeJwt(token).iss ?? '';
  } catch {
    throw createError('TOKEN_INVALID', 'The token is not a JWT.');
  }
}

async function verifyForeign(token: string, issuer: ForeignIssuer | undefined): Promise<Principal> {
  if (!issuer) throw createError('TOKEN_INVALID', 'The token is of an issuer that is not trusted here.');
  try {
    return await issuer.verify(token);
  } catch (error) {
    if (isHubError(error)) throw error;
    throw createError('UNAUTHENTICATED', 'The token cannot be checked now: its issuer does not answer.', { cause: error });
  }
}
