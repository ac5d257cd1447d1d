// Who asks, as resolvers and fences read it. The gateway signs it, the server door verifies it; nothing else is trusted.
import { isVisitor, type Principal } from '../lib/identity/principal.ts';

export { isVisitor, type Principal };

/** A principal that is a member: only these may change anything. */
export type Actor = Principal & { readonly memberId: string };

/** Where a row came from. */
export type DataOrigin = 'REPORTED' | 'IMPORTED' | 'GENERATED';

export const isMember = (principal: Principal): principal is Actor => principal.memberId !== null;
export const isHub = (principal: Principal): boolean => principal.kinds.includes('HUB') || principal.scopes.includes('routing.read');

/** The origin of rows that this principal writes: generators and importers say so in their roles. */
export function originOf(principal: Principal): DataOrigin {
  if (principal.roles.includes('generator')) return 'GENERATED';
  return principal.roles.includes('importer') ? 'IMPORTED' : 'REPORTED';
}
