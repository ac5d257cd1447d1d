/** Deferred operations over cut monoliths: what comes in pieces is in the end what comes in one. */
import { checkPlan } from '../_kit/plan-checker.ts';
import { planFor, runHub } from './compare.ts';
import type { Answer } from './compare.ts';
import { composeCut } from './compose-cut.ts';
import type { ReadyCut } from './compose-cut.ts';
import { addDefer, planDeferred, runDeferred } from './defer.ts';
import { hash } from './random.ts';
import { createHubRun } from './run-graph.ts';
import { operationOf, replayCommand } from './run.ts';
import type { Operation } from './operations.ts';

const FORMS = ['ids', 'paths'] as const;
const CUTS = 18;
const OPERATIONS_PER_CUT = 40;

type Counts = { operations: number; deferred: number; payloads: number; groups: number; failed: number; errors: number };

describe('a deferred operation over a cut monolith', () => {
  const counts: Counts = { operations: 0, deferred: 0, payloads: 0, groups: 0, failed: 0, errors: 0 };
  const findings: string[] = [];

  beforeAll(async () => {
    for (let seed = 1; seed <= CUTS && findings.length < 5; seed += 1) {
      const ready = composeCut(seed);
      if (!('cut' in ready)) continue;
      for (let number = 1; number <= OPERATIONS_PER_CUT && findings.length < 5; number += 1) {
        const plain = operationOf(ready, number);
        const operation = plain === null ? null : addDefer(ready.supergraph.publicSchema, plain, hash(seed, number));
        if (operation === null) continue;
        const wrong = await compareDeferred(ready, operation, counts);
        if (wrong !== null) findings.push(`${replayCommand({ cut: seed, operation: number })}\n${operation.text}\n${wrong}`);
      }
    }
  }, 300_000);

  it('comes together as the same document and errors as in one piece, in both forms', () => {
    console.log(JSON.stringify(counts));
    expect(findings).toEqual([]);
  });

  it('was deferred often enough for that to mean something', () => {
    expect(counts.operations).toBeGreaterThan(500);
    expect(counts.deferred).toBeGreaterThan(counts.operations / 3);
    expect(counts.payloads).toBeGreaterThan(counts.deferred);
    expect(counts.groups).toBeGreaterThan(counts.deferred);
    expect(counts.errors).toBeGreaterThan(10);
    expect(counts.failed).toBeLessThan(counts.operations / 10);
  });
});

async function compareDeferred(ready: ReadyCut, operation: Operation, counts: Counts): Promise<string | null> {
  const whole = planFor(ready, operation);
  const expected = await runHub(ready, whole.plan, whole.values, createHubRun(operation.labels));
  const plan = planDeferred(ready, operation, whole.values);
  const broken = checkPlan(plan, ready.supergraph, operation.document);
  if (broken.length > 0) return broken.join('\n');
  counts.operations += 1;
  for (const form of FORMS) {
    try {
      const merged = await runDeferred(ready, plan, { values: whole.values, form, labels: operation.labels });
      if (form === 'ids') {
        if (merged.payloads.length > 1) counts.deferred += 1;
        counts.payloads += merged.payloads.length;
        counts.groups += (plan.deferred?.groups.length ?? 1) - 1;
        counts.failed += merged.failed.length > 0 ? 1 : 0;
        counts.errors += merged.errors.length > 0 ? 1 : 0;
      }
      const wrong = diff(expected, merged);
      if (wrong !== null) return `${form}: ${wrong}\n${JSON.stringify(merged.payloads)}`;
    } catch (error) {
      return `${form}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
    }
  }
  return null;
}

function diff(expected: Answer, { data, errors, failed }: Awaited<ReturnType<typeof runDeferred>>): string | null {
  const wanted: unknown = JSON.parse(expected.data);
  // A null that may not stand ends at the edge of its fragment, and with it what it would have taken along.
  if (failed.length > 0) return isWithin(wanted, data) ? null : `expected, or more: ${expected.data}\nreceived ${JSON.stringify(data)}`;
  if (sorted(wanted) !== sorted(data)) return `expected ${sorted(wanted)}\nreceived ${sorted(data)}`;
  const places = (paths: readonly string[]): string => [...new Set(paths)].toSorted().join(' ');
  // Below a null nothing is sent later: whether errors there are told is left open.
  const isThere = (path: string): boolean => !isGone(wanted, path);
  const one = places(expected.errors.map(({ path }) => path).filter(isThere));
  const other = places(errors.map(({ path = [] }) => path.join('.')).filter(isThere));
  return one === other ? null : `errors expected ${one}\nreceived ${other}`;
}

/** A null stands above the place. */
function isGone(data: unknown, path: string): boolean {
  let value = data;
  for (const step of path.split('.')) {
    if (value === null || typeof value !== 'object') return true;
    value = (value as Record<string, unknown>)[step]; // an array counts
  }
  return false;
}

/** Wherever both hold something it is the same; a null of the one may be more in the other. */
function isWithin(less: unknown, more: unknown): boolean {
  if (less === null) return true;
  if (typeof less !== 'object' || typeof more !== 'object' || more === null) return less === more;
  const entries = Object.entries(more);
  return entries.every(([key, value]) => Object.hasOwn(less, key) && isWithin((less as Record<string, unknown>)[key], value)); // its own
}

/** The order of keys is that of arrival. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one) ? Object.entries(one).toSorted(([a], [b]) => (a < b ? -1 : 1)) : one,
  );
}
