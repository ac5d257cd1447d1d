// Solves a run again from what it read. The stored text is the whole input: the same hash gives the same objective.
import type { SqlRunner } from '../../../subgraph-kit/sql.ts';
import type { RoutingPlan, SolveOptions } from '../model/types.ts';
import { readStoredText } from './input-hash.ts';
import type { Solve } from './solver.ts';

/** Null when the input is not kept. */
export async function solveStored(db: SqlRunner, solve: Solve, run: SolveOptions & { inputHash: string }): Promise<RoutingPlan | null> {
  const text = await readStoredText(db, run.inputHash);
  if (text === null) return null;
  return solve({ text, seed: run.seed, limitMs: run.limitMs }, new AbortController().signal);
}
