/** What an answer did cost: its objects and fields, counted by the same weights as the estimate. Exports `countData`. */
import type { Level, Variables } from './levels.ts';

export function countData(level: Level, data: unknown, variables: Variables): number {
  if (typeof data !== 'object' || data === null) return 0;
  const row = data as Readonly<Record<string, unknown>>; // JSON: only read, by own keys
  // The data does not say its type: the first group whose keys are there
  const group = level.groups.find(({ fields }) => fields.every((field) => !field.isIncluded(variables) || Object.hasOwn(row, field.key)));
  if (group === undefined) return 0;
  let sum = 0;
  for (const field of group.fields) {
    if (!field.isIncluded(variables)) continue;
    sum += field.argumentsCost(variables);
    for (const item of itemsOf(row[field.key], field.depth))
      sum += field.own + (field.below === null ? 0 : countData(field.below, item, variables));
  }
  return sum;
}

function itemsOf(value: unknown, depth: number): unknown[] {
  if (depth > 0 && Array.isArray(value)) return value.flatMap((item) => itemsOf(item, depth - 1));
  return value === null || value === undefined ? [] : [value];
}
