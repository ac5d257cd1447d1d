/**
 * Objects that are written alike: all that is shown of them comes from, or was part of, what one other graph was sent for them. They are
 * written once and copied where they stand again. Exports `findDecider`, `decides`.
 */
import type { PlanNeed } from '../../plan/index.ts';
import { fieldOf } from './rows.ts';
import type { Access, Accesses } from './rows.ts';
import { useRange } from './shape.ts';
import type { ShapeField } from './shape.ts';

/** One value that a representation is made of. */
export type Leaf = { readonly access: Access; readonly field: ShapeField; readonly column: number };

/** Null when they are not leaves only. */
export function compileLeaves(accesses: Accesses, needs: readonly PlanNeed[]): Leaf[] | null {
  const leaves: Leaf[] = [];
  for (const need of needs) {
    if (need.kind !== 'leaf') return null;
    const access = accesses.node(need.node);
    const field = fieldOf(access.shape, need.name);
    leaves.push({ access, field, column: useRange(access.shape, field) });
  }
  return leaves;
}

/** What is sent for an object of a class of a position; null when it cannot be told. */
function sentFor(accesses: Accesses, access: Access, { position, classIndex }: Where): Leaf[] | null {
  if (access.mode !== 'sent') return null;
  const path = accesses.pathOf(access);
  if (path === undefined || path.position !== position) return null;
  const entry = path.needsType ? path.entries.find((one) => one.classIndex === classIndex) : path.entries[0];
  if (entry === undefined) return null;
  return compileLeaves(accesses, [...entry.key, ...entry.requires.flatMap(({ needs }) => needs)]);
}

export type Where = { readonly position: number; readonly classIndex: number };

/** A value, or all objects, that a field of an access holds. */
export type Decidable = { readonly access: Access; readonly field: ShapeField };

/** Is it the same for all objects for which `decider` has the same row? */
export function decides(accesses: Accesses, decider: Access, where: Where, { access, field }: Decidable): boolean {
  if (access === decider) return true;
  if (sentFor(accesses, decider, where)?.some((leaf) => leaf.access === access && leaf.field === field) === true) return true;
  // What is sent for an object comes from fetches before: this ends.
  return sentFor(accesses, access, where)?.every((leaf) => decides(accesses, decider, where, leaf)) === true;
}
