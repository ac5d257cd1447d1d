/**
 * Operations of one fetch, which most are: no order to keep. Where the body is the same for everybody, requests that share what the
 * subgraph said share the answer made of it, for it depends on nothing else. Exports `executeSingle`, `toSingle`.
 */
import type { CompiledPlan, Outcome } from '../../engine/compile/index.ts';
import type { PlanFetch } from '../../engine/plan/index.ts';
import { callSubgraph } from './call-subgraph.ts';
import type { AnswerJoiner } from './join-answers.ts';
import { throwIfStopped, toStopReason } from './stop.ts';
import type { ExecuteRequest, ExecutionResult } from './types.ts';

/** `body`: null when it depends on variables. */
export type Single = { readonly fetch: PlanFetch; readonly body: string | null };

type Ways = { readonly join: () => AnswerJoiner; readonly toResult: (joiner: AnswerJoiner) => ExecutionResult };

const singles = new WeakMap<CompiledPlan, Single | null>();

/** null: the operation goes the way of all others. So does one whose fetches somebody wants to be told of. */
export function toSingle({ compiled, joinAs, onFetch }: ExecuteRequest, join: () => AnswerJoiner): Single | null {
  if (joinAs === 'object' || onFetch !== undefined) return null;
  const known = singles.get(compiled);
  if (known !== undefined) return known;
  const [fetch, second] = compiled.plan.fetches;
  const isSingle = fetch !== undefined && second === undefined && compiled.splice() !== null;
  const found = isSingle ? { fetch, body: fetch.variables.length > 0 ? null : (join().prepare(fetch.id)?.body ?? null) } : null;
  singles.set(compiled, found);
  return found;
}

/** By the answer of the subgraph, then by plan: joined by splicing, so without errors. */
const results = new WeakMap<Outcome, Map<CompiledPlan, ExecutionResult>>();

export function executeSingle(request: ExecuteRequest, { fetch, body }: Single, { join, toResult }: Ways): Promise<ExecutionResult> {
  const { compiled, supergraph, fetcher, signal, onJoin } = request;
  const begin = (): AnswerJoiner & { readonly body: string } => {
    const joiner = join();
    return { ...joiner, body: joiner.prepare(fetch.id)?.body ?? '' };
  };
  const begun = body === null ? begin() : null;
  const finish = (outcome: Outcome): ExecutionResult => {
    throwIfStopped(signal);
    const known = results.get(outcome)?.get(compiled);
    if (known !== undefined) {
      onJoin?.('splice');
      return known;
    }
    const joiner = begun ?? begin();
    joiner.take(fetch.id, outcome);
    joiner.emit(0);
    const result = toResult(joiner);
    if (body !== null && joiner.path() === 'splice') keep(outcome, compiled, result);
    return result;
  };
  return new Promise((resolve, reject) => {
    const graph = supergraph.graphs[fetch.graph];
    if (graph === undefined) throw new Error('The plan is of another supergraph.');
    callSubgraph(fetcher, { graph, kind: fetch.operation, body: begun?.body ?? body ?? '', signal }, (outcome) => {
      try {
        resolve(finish(outcome));
      } catch (error) {
        reject(toStopReason(error));
      }
    });
  });
}

function keep(outcome: Outcome, compiled: CompiledPlan, result: ExecutionResult): void {
  const known = results.get(outcome);
  if (known === undefined) results.set(outcome, new Map([[compiled, result]]));
  else known.set(compiled, result);
}
