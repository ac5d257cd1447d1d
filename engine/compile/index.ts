/**
 * engine/compile: plan → functions. A compiled plan is made once and run many times; it holds no state of a run.
 *
 *   answers.ts    a graph's answer, with its errors at the places they strike
 *   json.ts       JSON whose numbers keep their digits
 *   places.ts     the objects of a run: one pointer per answer, never merged      by-id.ts   what they hold
 *   represent.ts  representations as text       prepare.ts   bodies of requests
 *   contextual.ts bodies with arguments that ancestors fill, their text by code.ts
 *   emit.ts       the client's answer           leaf.ts, tails.ts, record.ts
 *   delivery.ts   what is sent after the first payload, and when
 *   joiner.ts     all of it for one run: what is asked next, what the client gets
 *   feed-filter.ts conditions on events
 *   splice/       the same for queries whose answers are as expected, from bytes to bytes
 */
import type { Plan } from '../plan/index.ts';
import type { Supergraph } from '../supergraph/types.ts';
import { compileEmit } from './emit.ts';
import type { EmitContext, Path } from './emit.ts';
import type { Place } from './places.ts';
import { compilePrepare } from './prepare.ts';
import type { Prepare } from './prepare.ts';
import { compileSplice } from './splice/index.ts';
import type { CompiledSplice } from './splice/index.ts';

export { toAnswer } from './answers.ts';
export { writeEntityDocument } from './code.ts';
export { compileFilter } from './feed-filter.ts';
export type { Filter } from './feed-filter.ts';
export { CONTEXT_CALLS } from './contextual.ts';
export type { AnswerError, EmitContext } from './emit.ts';
export { createObjectJoiner } from './joiner.ts';
export type { Completed, News, Pending, Piece } from './delivery.ts';
export type { JoinInputs, Joined, Joiner, LaterJoin, Outcome } from './joiner.ts';
export type { Prepare, Prepared } from './prepare.ts';
export { NotSpliced, createSpliceJoiner } from './splice/index.ts';
export type { SpliceJoiner } from './splice/index.ts';

export type CompiledPlan = {
  readonly plan: Plan;
  /** By fetch. */
  readonly prepare: readonly Prepare[];
  /** By part: emits its root object; BUBBLE when nothing of it may stand. */
  readonly emit: readonly ((context: EmitContext, place: Place, path: Path | null) => unknown)[];
  /** How to join by splicing, made when first asked for; null when the plan is not for it. */
  readonly splice: () => CompiledSplice | null;
};

export function compilePlan(plan: Plan, supergraph: Supergraph): CompiledPlan {
  return Object.freeze({
    plan,
    prepare: plan.fetches.map((fetch) => compilePrepare(plan, fetch)),
    emit: compileEmit(plan, supergraph),
    splice: once(() => compileSplice(plan, supergraph)),
  });
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => (made ??= { value: make() }).value;
}
