/**
 * Runs a compiled plan: every fetch starts as soon as all it depends on has settled (answered, failed or skipped); answers are
 * joined while the client's answer is written. Mutation parts run strictly one after the other.
 */
import { executeSync } from 'graphql';
import type { AnswerError, JoinInputs, Joined, Joiner, Outcome } from '../../engine/compile/index.ts';
import { createError } from '../../lib/errors/errors.ts';
import { callSubgraph } from './call-subgraph.ts';
import { joinAnswers } from './join-answers.ts';
import { createLaterPayloads } from './later-payloads.ts';
import type { ExecuteRequest, ExecutionResult, FetchTrace, ResponseError } from './types.ts';

/** Rejects only with the reason of an aborted signal; what subgraphs do wrong is in the answer. */
export async function executePlan(request: ExecuteRequest): Promise<ExecutionResult> {
  const { compiled, signal, supergraph, variables } = request;
  const { plan } = compiled;
  signal.throwIfAborted();
  const graphNames = supergraph.graphs.map(({ name }) => name);
  const joiner = joinAnswers({ compiled, variables, local: introspect(request), graphNames }, request.joinAs);
  // What is deferred ends when nobody reads on, long before the request would.
  const ending = new AbortController();
  const bounds = plan.deferred === null ? signal : AbortSignal.any([signal, ending.signal]);
  const run = createRunner({ ...request, signal: bounds }, joiner);
  const deferred = plan.fetches.filter(({ group }) => group > 0);
  /** They begin as soon as they can, and nothing of the first payload waits for them. */
  const startDeferred = (ids: readonly number[]): void => void run(ids).catch(() => undefined);
  try {
    if (plan.kind === 'query') {
      startDeferred(deferred.map(({ id }) => id));
      await run(plan.parts.flatMap(({ fetches }) => fetches));
    }
    for (const [index, part] of plan.parts.entries()) {
      if (plan.kind === 'mutation') await run(part.fetches);
      signal.throwIfAborted();
      // A root field that may not be null fails the whole operation; later mutation fields are not run.
      if (!joiner.emit(index)) break;
      if (plan.kind === 'mutation') startDeferred(deferred.flatMap(({ id, part: own }) => (own === index ? id : [])));
    }
  } catch (error) {
    ending.abort(error);
    throw error;
  }
  const joined = joiner.finish();
  request.onJoin?.(joiner.path());
  if (joined.body !== undefined) return toByteResult(joined, joined.body);
  const { data, errors } = joined;
  const toErrors = (list: readonly AnswerError[]): readonly ResponseError[] => toResponseErrors(list, request.maxErrors ?? Infinity);
  const result = errors.length === 0 ? { data } : { data, errors: toErrors(errors) };
  const { later } = joiner;
  if (later === null || plan.deferred === null) return result;
  const end = (): void => ending.abort(createError('REQUEST_ABORTED', 'Nobody reads on.'));
  const first = later.news();
  if (first === null) {
    end();
    return result;
  }
  const payloads = createLaterPayloads({ later, groups: plan.deferred.groups, run, signal, end, toErrors });
  return { ...result, later: { pending: first.pending, payloads } };
}

/** The text is only made for who reads it. */
function toByteResult(joined: Joined, body: Uint8Array): ExecutionResult {
  return {
    body,
    get data() {
      return joined.data;
    },
  };
}

type Run = (fetches: readonly number[]) => Promise<void>;

function createRunner(request: ExecuteRequest, joiner: Joiner): Run {
  const { compiled, supergraph, signal } = request;
  const { fetches } = compiled.plan;
  const now = request.now ?? (() => performance.now());
  const startedAt = now();
  const settled = new Map<number, Promise<void>>();

  const runFetch = async (id: number): Promise<void> => {
    const fetch = fetches[id];
    if (fetch === undefined) return;
    await Promise.all(fetch.dependsOn.map(start));
    signal.throwIfAborted();
    const graph = supergraph.graphs[fetch.graph];
    const prepared = joiner.prepare(id);
    const from = now();
    const trace = (outcome: FetchTrace['outcome'], status: number | null): void =>
      request.onFetch?.({
        fetch: id + 1,
        graph: graph?.name ?? '',
        startMs: from - startedAt,
        durationMs: now() - from,
        representations: prepared?.representations ?? 0,
        outcome,
        status,
      });
    if (graph === undefined || prepared === null) {
      trace('skipped', null);
      return;
    }
    const ask = async (body: string): Promise<Outcome> => {
      const outcome = await callSubgraph(request.fetcher, { graph, kind: fetch.operation, body, signal });
      signal.throwIfAborted();
      return outcome;
    };
    const outcome = await ask(prepared.body);
    const further: Outcome[] = [];
    // One after the other: a list of any length is no burst of requests.
    for (const body of prepared.further ?? []) further.push(await ask(body));
    joiner.take(id, outcome, further);
    const failed = [outcome, ...further].find((one) => one.kind === 'failure' || one.status >= 400);
    const told = failed ?? outcome;
    trace(failed === undefined ? 'answered' : 'failed', told.kind === 'response' ? told.status : null);
  };

  const start = (id: number): Promise<void> => {
    let running = settled.get(id);
    if (running === undefined) settled.set(id, (running = runFetch(id)));
    return running;
  };
  return async (ids) => void (await Promise.all(ids.map(start)));
}

/** Introspection needs no graph: it is run on the schema that this client may see. */
function introspect(request: ExecuteRequest): JoinInputs['local'] {
  const { introspection } = request.compiled.plan;
  if (introspection === null) return null;
  const result = executeSync({
    schema: request.visible ?? request.supergraph.publicSchema,
    document: introspection,
    variableValues: request.variables,
  });
  if (result.data === undefined || result.data === null) {
    throw createError('INTERNAL', `Introspection failed: ${result.errors?.[0]?.message ?? 'no data'}`);
  }
  return result.data;
}

/** A subgraph may report as many errors as it likes: a client gets so many, and is told how many there are. */
function toResponseErrors(errors: readonly AnswerError[], max: number): readonly ResponseError[] {
  const told = errors.slice(0, max).map(toResponseError);
  const left = errors.length - told.length;
  if (left > 0) told.push({ message: `${left} further errors are not shown.`, extensions: { code: 'ERRORS_NOT_SHOWN' } });
  return told;
}

function toResponseError({ message, path, code, graph }: AnswerError): ResponseError {
  const extensions = graph === null ? { code } : { code, service: graph };
  return path === null || path.length === 0 ? { message, extensions } : { message, path, extensions };
}
