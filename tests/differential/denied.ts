/**
 * Fields that a principal may not read are not fetched, by whatever way: neither for the client nor as somebody's requirement. What the
 * answer looks like is another matter (the authorisation fuzz compares it); here each subgraph refuses to be asked.
 */
import { Fault, planFor, runHub } from './compare.ts';
import type { Difference } from './compare.ts';
import type { ReadyCut } from './compose-cut.ts';
import { KEY_FIELDS } from './monolith.ts';
import type { Operation } from './operations.ts';
import { createRandom, hash } from './random.ts';
import { createHubRun } from './run-graph.ts';

/** Some fields that others are computed from. */
export function deniedFields({ cut }: ReadyCut, number: number): ReadonlySet<string> {
  const required = cut.graphs.flatMap((graph) =>
    [...graph.types].flatMap(([type, { fields }]) =>
      type === 'Fabric' ? [] : [...fields.values()].flatMap(({ requires }) => (requires ?? []).map(({ field }) => ({ type, field }))),
    ),
  );
  const able = required.filter(({ field }) => !KEY_FIELDS.includes(field)).map(({ type, field }) => `${type}.${field}`);
  return new Set(createRandom(hash('denied', cut.seed, number)).sample([...new Set(able)], 3));
}

export async function findDeniedFetch(ready: ReadyCut, operation: Operation, denied: ReadonlySet<string>): Promise<Difference | null> {
  try {
    const { plan, values } = planFor(ready, operation, denied);
    await runHub(ready, plan, values, createHubRun(operation.labels, denied));
    return null;
  } catch (error) {
    if (error instanceof Fault) return { kind: 'denied', detail: `${[...denied].join()}: ${error.message}` };
    throw error;
  }
}
