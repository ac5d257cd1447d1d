/** Whether somebody meets a demand, once it is known which of its policies allow it. Exports `meets` and `policiesOf`. */
import type { Access } from '../supergraph/types.ts';

export type Reader = { readonly authenticated: boolean; readonly scopes: ReadonlySet<string> };

/** `allows`: what a policy says; asked only of the policies that `policiesOf` names. */
export function meets(access: Access, reader: Reader, allows: (policy: string) => boolean): boolean {
  return meetsWithoutPolicies(access, reader) && (access.policies.length === 0 || some(access.policies, allows));
}

/** The policies that decide; none when something else decides already. */
export function policiesOf(access: Access, reader: Reader): readonly string[] {
  return access.policies.length > 0 && meetsWithoutPolicies(access, reader) ? access.policies.flat() : [];
}

function meetsWithoutPolicies({ authenticated, scopes }: Access, reader: Reader): boolean {
  if (authenticated && !reader.authenticated) return false;
  return scopes.length === 0 || some(scopes, (scope) => reader.scopes.has(scope));
}

function some(groups: Access['scopes'], holds: (item: string) => boolean): boolean {
  return groups.some((group) => group.every(holds));
}
