/** Who asks: principals, the hub's keys, and its tokens. */
export {
  createPrincipal,
  isAuthenticated,
  isVisitor,
  PRINCIPAL_HEADER,
  REQUEST_ID_HEADER,
  reservedWords,
  visitor,
  type Principal,
} from './principal.ts';
export {
  createSigningKey,
  loadOrCreateKeys,
  parseCursorKey,
  principalPublicFile,
  toJwks,
  type HubKeys,
  type Jwks,
  type SigningKey,
} from './keys.ts';
export { createPublicKeys, loadPublicKeys, type PublicKeys } from './public-keys.ts';
export { renewRoutingToken, serviceTokenFile, signRoutingToken } from './service-token.ts';
export { hubIssuer, signMemberToken, signPrincipal, verifyMemberToken, verifyPrincipal, type MemberTokenOptions } from './tokens.ts';
