/**
 * Runs a compiled plan: every fetch starts as soon as all it depends on has settled (answered, failed or skipped); answers are
 * joined while the client's answer is written. Mutation parts run strictly one after the other.
 */
import { executeSync } from 'graphql';
import { BUBBLE, createJoin, emptyRecord, errorsWithoutNull } from '../../engine/compile/index.ts';
import type { AnswerError, EmitContext, Join } from '../../engine/compile/index.ts';
import { createError } from '../../lib/errors/errors.ts';
import { callSubgraph } from './call-subgraph.ts';
import type { ExecuteRequest, ExecutionResult, FetchTrace, ResponseError } from './types.ts';

/** Rejects only with the reason of an aborted signal; what subgraphs do wrong is in the answer. */
export async function executePlan(request: ExecuteRequest): Promise<ExecutionResult> {
  const { compiled, signal } = request;
  const { plan } = compiled;
  signal.throwIfAborted();
  const join = createJoin(plan);
  const context: EmitContext = { join, errors: [], told: new Set(), toldEntities: new Set(), local: introspect(request) };
  const run = createRunner(request, join);
  const data = emptyRecord();
  if (plan.kind === 'query') await run(plan.fetches.map(({ id }) => id));
  for (const [index, part] of plan.parts.entries()) {
    if (plan.kind === 'mutation') await run(part.fetches);
    signal.throwIfAborted();
    const root = join.roots.get(part.position);
    const value = root === undefined ? null : (compiled.emit[index]?.(context, root, null) ?? null);
    // A root field that may not be null fails the whole operation; later mutation fields are not run.
    if (value === BUBBLE || value === null) return toResult(null, context);
    for (const [key, one] of Object.entries(value)) data[key] = one;
  }
  return toResult(data, context);
}

type Run = (fetches: readonly number[]) => Promise<void>;

function createRunner(request: ExecuteRequest, join: Join): Run {
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
    const prepared = compiled.prepare[id]?.(join, request.variables) ?? null;
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
    const { answer, status, failed } = await callSubgraph(request.fetcher, { graph, kind: fetch.operation, body: prepared.body, signal });
    signal.throwIfAborted();
    join.answers[id] = answer;
    trace(failed ? 'failed' : 'answered', status);
  };

  const start = (id: number): Promise<void> => {
    let running = settled.get(id);
    if (running === undefined) settled.set(id, (running = runFetch(id)));
    return running;
  };
  return async (ids) => void (await Promise.all(ids.map(start)));
}

/** Introspection needs no graph: it is run on the public schema. */
function introspect(request: ExecuteRequest): EmitContext['local'] {
  const { introspection } = request.compiled.plan;
  if (introspection === null) return null;
  const result = executeSync({ schema: request.supergraph.publicSchema, document: introspection, variableValues: request.variables });
  if (result.data === undefined || result.data === null) {
    throw createError('INTERNAL', `Introspection failed: ${result.errors?.[0]?.message ?? 'no data'}`);
  }
  return result.data;
}

function toResult(data: Record<string, unknown> | null, context: EmitContext): ExecutionResult {
  const errors = context.errors.map(toResponseError);
  // What was reported, and found no null to explain, is still said.
  for (const answer of context.join.answers) {
    if (answer === undefined) continue;
    for (const error of errorsWithoutNull(answer)) if (!context.told.has(error)) errors.push(toResponseError({ ...error, path: null }));
  }
  return errors.length === 0 ? { data } : { data, errors };
}

function toResponseError({ message, path, code, graph }: AnswerError): ResponseError {
  const extensions = graph === null ? { code } : { code, service: graph };
  return path === null || path.length === 0 ? { message, extensions } : { message, path, extensions };
}
