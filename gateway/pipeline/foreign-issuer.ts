/**
 * Tokens of an issuer outside the hub, checked with the keys it publishes (JWKS). What is fetched is bounded in time and size, and only
 * signatures with public keys count. Exports `createForeignIssuer`.
 */
import { createRemoteJWKSet, customFetch, errors, jwtVerify, type JWTPayload } from 'jose';
import type { Clock } from '../../lib/clock/clock.ts';
import { createError } from '../../lib/errors/errors.ts';
import { createPrincipal, hubIssuer, reservedWords, type Principal } from '../../lib/identity/index.ts';

export type ForeignIssuer = { verify(token: string): Promise<Principal> };

const algorithms = ['EdDSA', 'Ed25519', 'ES256', 'ES384', 'RS256', 'PS256'];
const timeoutMs = 5_000;
/** Between two looks for a key that is not known. */
const cooldownMs = 30_000;
const maxJwksBytes = 262_144;
const maxTokenLength = 16_384;
const clockSkewSeconds = 5;
const registeredClaims = new Set(['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'kinds', 'roles', 'scope']);
const maxClaimsLength = 2_048;

export function createForeignIssuer(issuer: string, jwksUrl: string, clock: Clock): ForeignIssuer {
  const keys = createRemoteJWKSet(new URL(jwksUrl), {
    timeoutDuration: timeoutMs,
    cooldownDuration: cooldownMs,
    [customFetch]: fetchBounded,
  });
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
  if (!(error instanceof errors.JOSEError)) return true;
  return error instanceof errors.JWKSTimeout || error.code === 'ERR_JOSE_GENERIC' || error instanceof errors.JWKSInvalid;
}

function toPrincipal(payload: JWTPayload): Principal {
  const claims = Object.fromEntries(Object.entries(payload).filter(([name]) => !registeredClaims.has(name)));
  const scope = payload['scope'];
  return createPrincipal({
    memberId: payload.sub ?? null,
    // only the hub's own issuer speaks for the hub
    kinds: toTexts(payload['kinds']).filter((kind) => !reservedWords.kinds.has(kind)),
    roles: toTexts(payload['roles']).filter((role) => !reservedWords.roles.has(role)),
    scopes: typeof scope === 'string' ? scope.split(' ').filter((item) => item !== '' && !reservedWords.scopes.has(item)) : [],
    claims: JSON.stringify(claims).length <= maxClaimsLength ? claims : {},
  });
}

function toTexts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

async function fetchBounded(url: string, options: RequestInit): Promise<Response> {
  const response = await fetch(url, { ...options, redirect: 'error' });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // The body of a fetch yields bytes; its type does not say so
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > maxJwksBytes) throw new Error(`the keys are larger than ${maxJwksBytes} bytes`);
    chunks.push(chunk);
  }
  return new Response(Buffer.concat(chunks), { status: response.status, headers: response.headers });
}
