/**
 * Runs a compiled plan: fetches as run-fetches.ts says, answers are joined while the client's answer is written. Mutation parts run
 * strictly one after the other.
 */
import { executeSync } from 'graphql';
import type { AnswerError, CompiledPlan, JoinInputs, Joined } from '../../engine/compile/index.ts';
import type { Supergraph } from '../../engine/supergraph/index.ts';
import { createError } from '../../lib/errors/errors.ts';
import { executeSingle, toSingle } from './execute-single.ts';
import { joinAnswers, type AnswerJoiner } from './join-answers.ts';
import { createLaterPayloads } from './later-payloads.ts';
import { createRunner, type Run } from './run-fetches.ts';
import { Stop, throwIfStopped, type StopSignal } from './stop.ts';
import type { ExecuteRequest, ExecutionResult, ResponseError } from './types.ts';

/** Rejects only with the reason of an aborted signal; what subgraphs do wrong is in the answer. */
export async function executePlan(request: ExecuteRequest): Promise<ExecutionResult> {
  const { compiled, signal, supergraph, variables } = request;
  throwIfStopped(signal);
  const join = (): AnswerJoiner =>
    joinAnswers({ compiled, variables, local: introspect(request), graphNames: namesOf(supergraph) }, request.joinAs);
  const single = toSingle(request, join);
  if (single !== null) return executeSingle(request, single, { join, toResult: (joiner) => toResult(request, joiner) });
  const joiner = join();
  if (compiled.plan.kind !== 'query' || compiled.plan.deferred !== null) return executeInParts(request, joiner);
  await createRunner(request, joiner)(firstFetches(compiled));
  throwIfStopped(signal);
  for (let part = 0; part < compiled.plan.parts.length; part += 1) if (!joiner.emit(part)) break;
  return toResult(request, joiner);
}

/** What is deferred ends when nobody reads on, long before the request would. */
async function executeInParts(request: ExecuteRequest, joiner: AnswerJoiner): Promise<ExecutionResult> {
  const ending = new Stop();
  const endWithRequest = (): void => ending.abort(request.signal.reason);
  request.signal.addEventListener('abort', endWithRequest);
  const end = (reason: unknown): void => {
    request.signal.removeEventListener('abort', endWithRequest);
    ending.abort(reason);
  };
  const run = createRunner({ ...request, signal: ending }, joiner);
  try {
    await runParts(request, joiner, run);
  } catch (error) {
    end(error);
    throw error;
  }
  return toLaterResult(toResult(request, joiner), { request, joiner, run, signal: ending, end });
}

async function runParts({ compiled, signal }: ExecuteRequest, joiner: AnswerJoiner, run: Run): Promise<void> {
  const { plan } = compiled;
  const deferred = plan.fetches.filter(({ group }) => group > 0);
  /** They begin as soon as they can, and nothing of the first payload waits for them. */
  const startDeferred = (ids: readonly number[]): void => void run(ids).catch(() => undefined);
  if (plan.kind === 'query') {
    startDeferred(deferred.map(({ id }) => id));
    await run(firstFetches(compiled));
  }
  for (const [index, part] of plan.parts.entries()) {
    if (plan.kind === 'mutation') await run(part.fetches);
    throwIfStopped(signal);
    // A root field that may not be null fails the whole operation; later mutation fields are not run.
    if (!joiner.emit(index)) break;
    if (plan.kind === 'mutation') startDeferred(deferred.flatMap(({ id, part: own }) => (own === index ? id : [])));
  }
}

/** Fetches of the first payload, in the order of their parts. */
const fetchesOf = new WeakMap<CompiledPlan, readonly number[]>();

function firstFetches(compiled: CompiledPlan): readonly number[] {
  const known = fetchesOf.get(compiled);
  if (known !== undefined) return known;
  const found = compiled.plan.parts.flatMap(({ fetches }) => fetches);
  fetchesOf.set(compiled, found);
  return found;
}

const graphNames = new WeakMap<Supergraph, readonly string[]>();

function namesOf(supergraph: Supergraph): readonly string[] {
  const known = graphNames.get(supergraph);
  if (known !== undefined) return known;
  const names = supergraph.graphs.map(({ name }) => name);
  graphNames.set(supergraph, names);
  return names;
}

function toResult(request: ExecuteRequest, joiner: AnswerJoiner): ExecutionResult {
  const joined = joiner.finish();
  request.onJoin?.(joiner.path());
  if (joined.body !== undefined) return new ByteResult(joined, joined.body);
  const { data, errors } = joined;
  return errors.length === 0 ? { data } : { data, errors: toResponseErrors(errors, request.maxErrors ?? Infinity) };
}

type InParts = {
  readonly request: ExecuteRequest;
  readonly joiner: AnswerJoiner;
  readonly run: Run;
  readonly signal: StopSignal;
  readonly end: (reason: unknown) => void;
};

function toLaterResult(result: ExecutionResult, { request, joiner, run, signal, end }: InParts): ExecutionResult {
  const { later } = joiner;
  const { deferred } = request.compiled.plan;
  const endReading = (): void => end(createError('REQUEST_ABORTED', 'Nobody reads on.'));
  const first = later?.news() ?? null;
  if (later === null || deferred === null || first === null) {
    endReading();
    return result;
  }
  const toErrors = (list: readonly AnswerError[]): readonly ResponseError[] => toResponseErrors(list, request.maxErrors ?? Infinity);
  const payloads = createLaterPayloads({ later, groups: deferred.groups, run, signal, end: endReading, toErrors });
  return { ...result, later: { pending: first.pending, payloads } };
}

/** The text is only made for who reads it. */
class ByteResult implements ExecutionResult {
  readonly body: Uint8Array;
  readonly #joined: Joined;

  constructor(joined: Joined, body: Uint8Array) {
    this.#joined = joined;
    this.body = body;
  }

  get data(): string {
    return this.#joined.data;
  }
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
