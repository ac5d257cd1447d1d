/** Who asks. The gateway makes a Principal from a token; subgraphs get it in a header and read nothing else. */

export type Principal = {
  /** null: the visitor, or the hub itself. */
  readonly memberId: string | null;
  readonly kinds: readonly string[];
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  /** Claims of a foreign issuer that a plan may read. */
  readonly claims: Readonly<Record<string, unknown>>;
};

/** Carries the internal token from the gateway to a subgraph. */
export const PRINCIPAL_HEADER = 'ir-principal';
/** The same id stands in the response and in the logs of every service that took part. */
export const REQUEST_ID_HEADER = 'x-request-id';

/** What only the hub's own tokens may say of somebody: that it is the hub, reads as the hub, or writes rows that nobody reported. */
export const reservedWords: Readonly<Record<'kinds' | 'roles' | 'scopes', ReadonlySet<string>>> = {
  kinds: new Set(['HUB']),
  roles: new Set(['visitor', 'generator', 'importer']),
  scopes: new Set(['routing.read']),
};

const none = Object.freeze([]);
const noClaims = Object.freeze({});

/** Nobody in particular: may read what is public, and nothing else. */
export const visitor: Principal = Object.freeze({
  memberId: null,
  kinds: none,
  roles: Object.freeze(['visitor']),
  scopes: none,
  claims: noClaims,
});

/** A Principal whose missing parts are empty. Frozen. */
export function createPrincipal(parts: Partial<Principal>): Principal {
  return Object.freeze({
    memberId: parts.memberId ?? null,
    kinds: Object.freeze([...(parts.kinds ?? none)]),
    roles: Object.freeze([...(parts.roles ?? none)]),
    scopes: Object.freeze([...(parts.scopes ?? none)]),
    claims: Object.freeze({ ...parts.claims }),
  });
}

/** Somebody whom a token names, or to whom it gives something: neither the visitor nor nobody at all. */
export function isAuthenticated(principal: Principal): boolean {
  const { memberId, kinds, roles, scopes } = principal;
  return !isVisitor(principal) && (memberId !== null || kinds.length + roles.length + scopes.length > 0);
}

export function isVisitor(principal: Principal): boolean {
  return principal.roles.includes('visitor');
}
