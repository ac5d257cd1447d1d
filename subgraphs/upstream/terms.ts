// Which of a maker's terms holds for a kind of product, and what follows from it.

type Term = { readonly category: string | null; readonly moq: number; readonly leadTimeDays: number };

/** The term of the category, else the general one; null when the maker published neither. */
export function pickTerm<T extends { readonly category: string | null }>(terms: readonly T[], category: string): T | null {
  return terms.find((term) => term.category === category) ?? terms.find((term) => term.category === null) ?? null;
}

const lowest = (values: readonly number[]): number | null => (values.length === 0 ? null : Math.min(...values));

/** Smallest lot for a category; without one: the lowest of all. Null when nothing is published. */
export const moqOf = (terms: readonly Term[], category?: string | null): number | null =>
  category ? (pickTerm(terms, category)?.moq ?? null) : lowest(terms.map((term) => term.moq));

/** Days from order to despatch for a category; without one: the shortest of all. Null when nothing is published. */
export const leadTimeOf = (terms: readonly Term[], category?: string | null): number | null =>
  category ? (pickTerm(terms, category)?.leadTimeDays ?? null) : lowest(terms.map((term) => term.leadTimeDays));
