/**
 * engine/compile: plan → functions. A compiled plan is made once and run many times; it holds no state of a run.
 *
 *   answers.ts    a graph's answer, with its errors at the places they strike
 *   places.ts     the objects of a run: one pointer per answer, never merged
 *   represent.ts  representations as text       prepare.ts   bodies of requests
 *   emit.ts       the client's answer           leaf.ts, tails.ts
 */
import type { Plan } from '../plan/index.ts';
import type { Supergraph } from '../supergraph/types.ts';
import { compileEmit } from './emit.ts';
import type { EmitContext, Path } from './emit.ts';
import type { Place } from './places.ts';
import { compilePrepare } from './prepare.ts';
import type { Prepare } from './prepare.ts';

export { errorsWithoutNull, failedAnswer, toAnswer } from './answers.ts';
export type { Answer, GraphError } from './answers.ts';
export { BUBBLE, emptyRecord } from './emit.ts';
export type { AnswerError, EmitContext } from './emit.ts';
export { createJoin } from './places.ts';
export type { Join } from './places.ts';
export type { Prepare, Prepared } from './prepare.ts';

export type CompiledPlan = {
  readonly plan: Plan;
  /** By fetch. */
  readonly prepare: readonly Prepare[];
  /** By part: emits its root object; BUBBLE when nothing of it may stand. */
  readonly emit: readonly ((context: EmitContext, place: Place, path: Path | null) => unknown)[];
};

export function compilePlan(plan: Plan, supergraph: Supergraph): CompiledPlan {
  return Object.freeze({
    plan,
    prepare: plan.fetches.map((fetch) => compilePrepare(plan, fetch)),
    emit: compileEmit(plan, supergraph),
  });
}
