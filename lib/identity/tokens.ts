/**
 * Two kinds of token, both EdDSA. A member's token says to the gateway who asks. A principal token says it from the gateway to one
 * subgraph (`aud`), for 30 seconds. They have different keys, issuers and `typ`, so neither passes for the other.
 */
import { decodeProtectedHeader, errors, jwtVerify, SignJWT, type JWTPayload } from 'jose';
import { realClock, type Clock } from '../clock/clock.ts';
import { createError, toMessage, type ErrorCode } from '../errors/errors.ts';
import { signatureAlgorithm, type HubKeys } from './keys.ts';
import { createPrincipal, type Principal } from './principal.ts';
import type { PublicKeys } from './public-keys.ts';

/** Issuer and audience of the hub's own members' tokens. */
export const hubIssuer = 'urn:industry-router:hub';
const gatewayIssuer = 'urn:industry-router:gateway';
const memberType = 'JWT';
const principalType = 'ir-principal+jwt';
const principalLifeSeconds = 30;
const maxTokenLength = 8_192;

export type MemberTokenOptions = {
  memberId: string | null;
  kinds: readonly string[];
  roles?: readonly string[];
  scopes?: readonly string[];
  /** Seconds until it expires; by default 12 hours. */
  ttl?: number;
  clock?: Clock;
};

export async function signMemberToken(keys: Pick<HubKeys, 'issuer'>, options: MemberTokenOptions): Promise<string> {
  const { memberId, kinds, roles = [], scopes = [], ttl = 12 * 3_600, clock = realClock } = options;
  const nowSeconds = toSeconds(clock);
  return new SignJWT({ ...toSubject(memberId), kinds, roles, scope: scopes.join(' ') })
    .setProtectedHeader({ alg: signatureAlgorithm, kid: keys.issuer.kid, typ: memberType })
    .setIssuer(hubIssuer)
    .setAudience(hubIssuer)
    .setIssuedAt(nowSeconds)
    .setExpirationTime(nowSeconds + ttl)
    .sign(keys.issuer.privateKey);
}

/** Throws TOKEN_INVALID or TOKEN_EXPIRED. */
export async function verifyMemberToken(
  token: string,
  publicKeys: PublicKeys,
  { clock = realClock }: { clock?: Clock } = {},
): Promise<Principal> {
  const payload = await verify(token, publicKeys, {
    issuer: hubIssuer,
    audience: hubIssuer,
    typ: memberType,
    clock,
    invalidCode: 'TOKEN_INVALID',
    expiredCode: 'TOKEN_EXPIRED',
  });
  return createPrincipal({
    memberId: payload.sub ?? null,
    kinds: toTexts(payload['kinds']),
    roles: toTexts(payload['roles']),
    scopes: toScopes(payload['scope']),
  });
}

/** The value of the header `ir-principal` for one subgraph. */
export async function signPrincipal(
  keys: Pick<HubKeys, 'principal'>,
  principal: Principal,
  audience: string,
  requestId: string,
  { clock = realClock }: { clock?: Clock } = {},
): Promise<string> {
  const { memberId, kinds, roles, scopes, claims } = principal;
  const nowSeconds = toSeconds(clock);
  return new SignJWT({ ...toSubject(memberId), kinds, roles, scope: scopes.join(' '), claims, rid: requestId })
    .setProtectedHeader({ alg: signatureAlgorithm, kid: keys.principal.kid, typ: principalType })
    .setIssuer(gatewayIssuer)
    .setAudience(audience)
    .setIssuedAt(nowSeconds)
    .setExpirationTime(nowSeconds + principalLifeSeconds)
    .sign(keys.principal.privateKey);
}

/** Throws PRINCIPAL_INVALID: forged, expired, for another subgraph, or not one of the gateway's. */
export async function verifyPrincipal(
  token: string,
  publicKeys: PublicKeys,
  audience: string,
  { clock = realClock }: { clock?: Clock } = {},
): Promise<Principal> {
  const payload = await verify(token, publicKeys, {
    issuer: gatewayIssuer,
    audience,
    typ: principalType,
    clock,
    invalidCode: 'PRINCIPAL_INVALID',
    expiredCode: 'PRINCIPAL_INVALID',
  });
  return createPrincipal({
    memberId: payload.sub ?? null,
    kinds: toTexts(payload['kinds']),
    roles: toTexts(payload['roles']),
    scopes: toScopes(payload['scope']),
    claims: toClaims(payload['claims']),
  });
}

type Expected = { issuer: string; audience: string; typ: string; clock: Clock; invalidCode: ErrorCode; expiredCode: ErrorCode };

async function verify(token: string, publicKeys: PublicKeys, expected: Expected): Promise<JWTPayload> {
  const { issuer, audience, typ, clock } = expected;
  try {
    if (token.length > maxTokenLength) throw new Error(`it is longer than ${maxTokenLength} characters`);
    const { kid } = decodeProtectedHeader(token);
    const key = kid === undefined ? undefined : await publicKeys.find(kid);
    if (!key) throw new Error('its key is not known here');
    const { payload } = await jwtVerify(token, key, {
      algorithms: [signatureAlgorithm],
      issuer,
      audience,
      typ,
      currentDate: clock.now(),
      requiredClaims: ['exp', 'iat'],
    });
    return payload;
  } catch (cause) {
    const expired = cause instanceof errors.JWTExpired;
    throw createError(expired ? expected.expiredCode : expected.invalidCode, `The token cannot be accepted: ${toMessage(cause)}.`, {
      cause,
    });
  }
}

function toSubject(memberId: string | null): { sub?: string } {
  return memberId === null ? {} : { sub: memberId };
}

function toSeconds(clock: Clock): number {
  return Math.floor(clock.now().getTime() / 1_000);
}

function toTexts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

function toScopes(value: unknown): string[] {
  return typeof value === 'string' ? value.split(' ').filter((scope) => scope !== '') : [];
}

function toClaims(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
