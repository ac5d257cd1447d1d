/** Many cuts, many operations each: what differs, made small. */
import { printPlan } from '../../engine/plan/index.ts';
import type { Seen } from './at-once.ts';
import { compareOperation, planFor } from './compare.ts';
import type { Difference, Observed } from './compare.ts';
import { composeCut } from './compose-cut.ts';
import type { ReadyCut } from './compose-cut.ts';
import type { Mark } from './coverage.ts';
import { LABELS } from './cut-directives.ts';
import { focusOf } from './focus.ts';
import { LOOKS } from './looks.ts';
import type { Look, LookName } from './looks.ts';
import { createOperation } from './operations.ts';
import type { Operation } from './operations.ts';
import { hash } from './random.ts';
import { shrinkOperation } from './shrink.ts';

export type Finding = {
  readonly cut: number;
  readonly operation: number;
  readonly difference: Difference;
  readonly text: string;
  readonly variables: string;
};

export type Tally = {
  cuts: number;
  /** By code of the first error. */
  refused: Map<string, number>;
  operations: number;
  /** Tries of the grammar that were not valid GraphQL. */
  invalid: number;
  readonly findings: Finding[];
  /** Operations that met a construct. */
  readonly met: Map<Mark, number>;
  /** Operations by the number of fetches of their plan. */
  readonly fetches: number[];
  /** Operations by the tenths of a millisecond that planning them took. */
  readonly planTenths: number[];
  /** Answers by how they were joined. */
  readonly joins: Map<string, number>;
  /** Answers whose data is not null. */
  withData: number;
  /** Operations at which was looked in other ways too. */
  readonly looks: Map<LookName, number>;
  /** Requests to subgraphs that equal ones on their way saved, when several asked at once. */
  saved: number;
};

export const createTally = (): Tally => ({
  cuts: 0,
  refused: new Map(),
  operations: 0,
  invalid: 0,
  findings: [],
  met: new Map(),
  fetches: [],
  planTenths: [],
  joins: new Map(),
  withData: 0,
  looks: new Map(),
  saved: 0,
});

/** The value below which half of all lie, of counts by value. */
export function medianOf(counts: readonly number[]): number {
  const all = counts.reduce((sum, count) => sum + count, 0);
  let seen = 0;
  return counts.findIndex((count) => (seen += count) * 2 >= all);
}

/** Adds what another process counted. */
export function addTally(sum: Tally, other: Tally): void {
  sum.cuts += other.cuts;
  sum.operations += other.operations;
  sum.invalid += other.invalid;
  sum.withData += other.withData;
  sum.saved += other.saved;
  sum.findings.push(...other.findings);
  for (const [code, count] of other.refused) sum.refused.set(code, (sum.refused.get(code) ?? 0) + count);
  for (const [mark, count] of other.met) sum.met.set(mark, (sum.met.get(mark) ?? 0) + count);
  for (const [name, count] of other.looks) sum.looks.set(name, (sum.looks.get(name) ?? 0) + count);
  for (const [join, count] of other.joins) sum.joins.set(join, (sum.joins.get(join) ?? 0) + count);
  for (const [fetches, count] of other.fetches.entries()) addAt(sum.fetches, fetches, count);
  for (const [tenths, count] of other.planTenths.entries()) addAt(sum.planTenths, tenths, count);
}

function addAt(counts: number[], index: number, count: number): void {
  while (counts.length <= index) counts.push(0);
  counts[index] = (counts[index] ?? 0) + count;
}

export type RunOptions = {
  readonly from: number;
  /** Every how many seeds: several processes share them out. */
  readonly step?: number;
  readonly operationsPerCut: number;
  /** Asked before each cut; false ends the run. */
  readonly goOn: (tally: Tally) => boolean;
  /** The run ends with this many findings. */
  readonly mostFindings?: number;
  /** Given the event loop before and after each operation. */
  readonly breathe?: () => Promise<void>;
  /** Told when cuts are made and composed, which no request has to wait for. */
  readonly onPause?: (paused: boolean) => void;
};

export async function runCuts(options: RunOptions): Promise<Tally> {
  const { from, step = 1, operationsPerCut, goOn, mostFindings = Infinity, breathe, onPause } = options;
  const tally = createTally();
  for (let seed = from; goOn(tally) && tally.findings.length < mostFindings; seed += step) {
    onPause?.(true);
    const ready = readyCut(seed, tally);
    await breathe?.();
    onPause?.(false);
    if (ready === null) continue;
    for (let number = 1; number <= operationsPerCut && tally.findings.length < mostFindings; number += 1) {
      await tryOperation(ready, number, { tally, breathe });
      await breathe?.();
    }
  }
  return tally;
}

function readyCut(seed: number, tally: Tally): ReadyCut | null {
  tally.cuts += 1;
  const composed = composeCut(seed);
  if ('cut' in composed) return composed;
  const code = composed[0]?.code ?? 'NONE';
  tally.refused.set(code, (tally.refused.get(code) ?? 0) + 1);
  return null;
}

/** One operation again, in all the ways that are looked at; null when all is equal. */
export async function tryAgain(ready: ReadyCut, number: number): Promise<Finding | null> {
  const tally = createTally();
  await tryOperation(ready, number, { tally, breathe: undefined });
  return tally.findings[0] ?? null;
}

type Trial = { readonly tally: Tally; readonly breathe: (() => Promise<void>) | undefined };

async function tryOperation(ready: ReadyCut, number: number, { tally, breathe }: Trial): Promise<void> {
  const operation = operationOf(ready, number);
  if (operation === null) {
    tally.invalid += 1;
    return;
  }
  tally.operations += 1;
  const { difference, observed } = await compareOperation(ready, operation, breathe);
  if (observed !== null) note(tally, observed);
  if (difference === null) {
    for (const look of LOOKS) if (number % look.every === look.at) await tryLook(look, ready, { number, operation, tally });
    return;
  }
  const small = await shrinkOperation(
    ready.supergraph.publicSchema,
    operation,
    async (smaller) => (await compareOperation(ready, smaller)).difference?.kind === difference.kind,
  );
  tally.findings.push({
    cut: ready.cut.seed,
    operation: number,
    difference: (await compareOperation(ready, small)).difference ?? difference,
    text: small.text,
    variables: JSON.stringify(small.variables),
  });
}

type Looking = { readonly number: number; readonly operation: Operation; readonly tally: Tally };

async function tryLook(look: Look, ready: ReadyCut, { number, operation, tally }: Looking): Promise<void> {
  const seen: Seen = { saved: 0, marks: new Set() };
  const find = look.begin(ready, number, seen);
  if (find === null) return;
  tally.looks.set(look.name, (tally.looks.get(look.name) ?? 0) + 1);
  const difference = await findSafely(find, operation);
  tally.saved += seen.saved;
  for (const mark of seen.marks) tally.met.set(mark, (tally.met.get(mark) ?? 0) + 1);
  if (difference === null) return;
  const small = await shrinkOperation(
    ready.supergraph.publicSchema,
    operation,
    async (smaller) => (await findSafely(find, smaller))?.kind === difference.kind,
  );
  const last = (await findSafely(find, small)) ?? difference;
  tally.findings.push({
    cut: ready.cut.seed,
    operation: number,
    difference: last,
    text: small.text,
    variables: JSON.stringify(small.variables),
  });
}

async function findSafely(find: (operation: Operation) => Promise<Difference | null>, operation: Operation): Promise<Difference | null> {
  try {
    return await find(operation);
  } catch (error) {
    const { name, stack = '' } = error instanceof Error ? error : new Error(String(error));
    return { kind: name, detail: stack };
  }
}

function note(tally: Tally, { marks, fetches, hasData, join, planMs }: Observed): void {
  tally.joins.set(join, (tally.joins.get(join) ?? 0) + 1);
  for (const mark of marks) tally.met.set(mark, (tally.met.get(mark) ?? 0) + 1);
  addAt(tally.fetches, fetches, 1);
  addAt(tally.planTenths, Math.min(10_000, Math.floor(planMs * 10)), 1);
  if (hasData) tally.withData += 1;
}

export function operationOf(ready: ReadyCut, number: number): Operation | null {
  const seed = hash(ready.cut.seed, number);
  const operation = createOperation(ready.supergraph.publicSchema, seed, { focus: focusOf(ready, number) });
  if (operation === null) return null;
  return { ...operation, labels: new Set(LABELS.filter((label) => hash(seed, label) % 2 === 0)) };
}

export function replayCommand({ cut, operation }: Pick<Finding, 'cut' | 'operation'>): string {
  return `npm run fuzz -- --cut ${cut} --operation ${operation}`;
}

export function describeFinding(finding: Finding): string {
  return `${replayCommand(finding)}\n${finding.text.trim()}\nvariables ${finding.variables}\n${finding.difference.kind}: ${finding.difference.detail}`;
}

/** The plan of an operation as text, or why there is none. */
export function planText(ready: ReadyCut, operation: Operation): string {
  try {
    return printPlan(planFor(ready, operation).plan, ready.supergraph);
  } catch (error) {
    return String(error);
  }
}
