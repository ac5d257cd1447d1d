/** Many cuts, many operations each: what differs, made small. */
import { printPlan } from '../../engine/plan/index.ts';
import { compareOperation, planFor } from './compare.ts';
import type { Difference } from './compare.ts';
import { composeCut } from './compose-cut.ts';
import type { ReadyCut } from './compose-cut.ts';
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
};

export type RunOptions = {
  readonly from: number;
  readonly operationsPerCut: number;
  /** Asked before each cut; false ends the run. */
  readonly goOn: (tally: Tally) => boolean;
};

export async function runCuts({ from, operationsPerCut, goOn }: RunOptions): Promise<Tally> {
  const tally: Tally = { cuts: 0, refused: new Map(), operations: 0, invalid: 0, findings: [] };
  for (let seed = from; goOn(tally); seed += 1) {
    const ready = readyCut(seed, tally);
    if (ready === null) continue;
    for (let number = 1; number <= operationsPerCut; number += 1) await tryOperation(ready, number, tally);
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

async function tryOperation(ready: ReadyCut, number: number, tally: Tally): Promise<void> {
  const operation = operationOf(ready, number);
  if (operation === null) {
    tally.invalid += 1;
    return;
  }
  tally.operations += 1;
  const difference = await compareOperation(ready, operation);
  if (difference === null) return;
  const small = await shrinkOperation(
    ready.supergraph.publicSchema,
    operation,
    async (smaller) => (await compareOperation(ready, smaller))?.kind === difference.kind,
  );
  tally.findings.push({
    cut: ready.cut.seed,
    operation: number,
    difference: (await compareOperation(ready, small)) ?? difference,
    text: small.text,
    variables: JSON.stringify(small.variables),
  });
}

export function operationOf(ready: ReadyCut, number: number): Operation | null {
  return createOperation(ready.supergraph.publicSchema, hash(ready.cut.seed, number));
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
