// Of many copies of a row the newest, in the order of their keys: two writers lock rows in one order.

/** A later copy of the same time takes the place of an earlier one. */
export function keepNewest<Row extends { readonly changedAt: Date }>(rows: readonly Row[], keyOf: (row: Row) => string): Row[] {
  const newest = new Map<string, Row>();
  for (const row of rows) {
    const known = newest.get(keyOf(row));
    if (known === undefined || row.changedAt >= known.changedAt) newest.set(keyOf(row), row);
  }
  return [...newest].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}
