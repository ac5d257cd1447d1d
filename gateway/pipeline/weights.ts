/**
 * How much memory a remembered thing takes, in units of some 400 bytes: what caches are bounded by. Exports `weighDocument`, `weighPlan`.
 */
import type { Plan } from '../../engine/plan/index.ts';

/** Two bytes a character, held as sent and as printed anew. */
const charactersPerUnit = 100;
const leastWeight = 5;

/** Texts of an operation that are kept beside its document: as sent, and in the keys of its plans. */
const textsOfDocument = 5;

/** A parsed token with its place takes about a unit; a text may be long without many tokens (strings, comments). */
export function weighDocument(text: string, tokenCount: number): number {
  return leastWeight + tokenCount + textsOfDocument * weighText(text);
}

/** A short text may plan to much: its fragments are expanded, and each type behind an interface has entries of its own. */
export function weighPlan(plan: Plan, key: string): number {
  const entries = sum(plan.positions, ({ classes }) => sum(classes, ({ lanes }) => sum(lanes, ({ length }) => length)));
  const names = sum(plan.nodes, ({ fields }) => fields.length);
  const documents = sum(plan.fetches, ({ document }) => weighText(document));
  return leastWeight + 2 * entries + names + documents + weighText(key);
}

function weighText({ length }: string): number {
  return Math.ceil(length / charactersPerUnit);
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
