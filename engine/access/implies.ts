/** Whether demands, taken together, leave nothing open that another one demands. Exports `implies`. */
import type { Access } from '../supergraph/types.ts';

/** OR of ANDs; an empty outer list demands nothing. */
type Groups = readonly (readonly string[])[];

/** Combinations looked at; beyond them the answer is no, which is the strict one. */
const MAX_GROUPS = 256;

export function implies(demands: readonly (Access | null)[], wanted: Access): boolean {
  const given = demands.filter((access) => access !== null);
  if (wanted.authenticated && !given.some((access) => access.authenticated)) return false;
  return (
    impliesGroups(
      given.map(({ scopes }) => scopes),
      wanted.scopes,
    ) &&
    impliesGroups(
      given.map(({ policies }) => policies),
      wanted.policies,
    )
  );
}

function impliesGroups(given: readonly Groups[], wanted: Groups): boolean {
  if (wanted.length === 0) return true;
  let product: Groups = [[]];
  for (const groups of new Map(given.map((one) => [JSON.stringify(one), one])).values()) {
    if (groups.length === 0) continue;
    product = simplify(product.flatMap((all) => groups.map((group) => [...new Set([...all, ...group])])));
    if (product.length > MAX_GROUPS) return false;
  }
  return product.every((all) => wanted.some((group) => group.every((item) => all.includes(item))));
}

/** Without groups that hold another one: who meets them meets the smaller one. */
function simplify(groups: Groups): Groups {
  return groups.filter(
    (group, index) =>
      !groups.some(
        (other, at) => at !== index && other.every((item) => group.includes(item)) && (other.length < group.length || at < index),
      ),
  );
}
