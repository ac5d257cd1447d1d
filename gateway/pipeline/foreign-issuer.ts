/**
 * Tokens of an issuer outside the hub, checked with the keys it publishes (foreign-keys.ts). Only signatures with public keys count, and
 * no key or address that the token itself names. Exports `createForeignIssuer`.
 */
import { errors, jwtVerify, type JWTPayload } from 'jose';
import type { Clock } from '../../lib/clock/clock.ts';
import { createError } from '../../lib/errors/errors.ts';
import { createPrincipal, hubIssuer, reservedWords, type Principal } from '../../lib/identity/index.ts';
import { createForeignKeys } from './foreign-keys.ts';

export type ForeignIssuer = { verify(token: string): Promise<Principal> };

const algorithms = ['EdDSA', 'Ed25519', 'ES256', 'ES384', 'RS256', 'PS256'];
const maxTokenLength = 16_384;
const clockSkewSeconds = 5;
const registeredClaims = new Set(['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'kinds', 'roles', 'scope']);
const maxClaimsLength = 4_096;
/** As OpenID Connect bounds it. A blank would make a member look like a visitor or a role in stores and quotas. */
const subject = /^[!-~]{1,255}$/;

export function createForeignIssuer(issuer: string, jwksUrl: string, clock: Clock): ForeignIssuer {
  const keys = createForeignKeys(new URL(jwksUrl), clock);
  return {
    async verify(token) {
      if (token.length > maxTokenLength) throw createError('TOKEN_INVALID', `The token is longer than ${maxTokenLength} characters.`);
      try {
        const { payload } = await jwtVerify(token, keys, {
          algorithms,
          issuer,
          audience: hubIssuer,
          currentDate: clock.now(),
          clockTolerance: clockSkewSeconds,
          requiredClaims: ['exp', 'sub'],
        });
        return toPrincipal(payload);
      } catch (error) {
        if (error instanceof errors.JWTExpired) throw createError('TOKEN_EXPIRED', 'The token is expired.', { cause: error });
        if (isOutage(error)) throw error;
        throw createError('TOKEN_INVALID', 'The token cannot be accepted.', { cause: error });
      }
    },
  };
}

/** The issuer's keys could not be had: says nothing about the token. */
function isOutage(error: unknown): boolean {
  return !(error instanceof errors.JOSEError) || error instanceof errors.JWKSInvalid;
}

function toPrincipal(payload: JWTPayload): Principal {
  const claims = Object.fromEntries(Object.entries(payload).filter(([name]) => !registeredClaims.has(name)));
  const scope = payload['scope'];
  // A type says that it is a text, nothing has looked yet
  if (typeof payload.sub !== 'string' || !subject.test(payload.sub)) throw new errors.JWTInvalid('sub is no name of a member');
  // Left out, they would be missed by whoever denies because of a claim
  if (JSON.stringify(claims).length > maxClaimsLength) throw new errors.JWTInvalid(`claims are longer than ${maxClaimsLength}`);
  return createPrincipal({
    memberId: payload.sub,
    // only the hub's own issuer speaks for the hub
    kinds: toTexts(payload['kinds']).filter((kind) => !reservedWords.kinds.has(kind)),
    roles: toTexts(payload['roles']).filter((role) => !reservedWords.roles.has(role)),
    scopes: typeof scope === 'string' ? scope.split(' ').filter((item) => item !== '' && !reservedWords.scopes.has(item)) : [],
    claims,
  });
}

function toTexts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}
