/**
 * Stage `execute`: runs the compiled plan within the time a request may take. A query ends when its client goes away; a mutation runs
 * to its end, because half of it may be done.
 */
import { OperationTypeNode } from 'graphql';
import type { CompiledPlan } from '../../engine/compile/index.ts';
import { executePlan, type ExecutionResult, type SubgraphFetcher } from '../execute/index.ts';
import { createError, isHubError } from '../../lib/errors/errors.ts';
import { PRINCIPAL_HEADER, REQUEST_ID_HEADER, type Principal } from '../../lib/identity/index.ts';
import type { Variables } from './choose-operation.ts';
import type { HeadersFor, Hub } from './hub.ts';
import type { KnownOperation } from './known-document.ts';
import type { GatewayRequest } from './request.ts';
import type { Stage } from './stage.ts';
import type { LoadedGraph } from './supergraph/loaded-graph.ts';

type Needs = {
  request: GatewayRequest;
  principal: Principal;
  graph: LoadedGraph;
  operation: KnownOperation;
  variables: Variables;
  compiled: CompiledPlan;
};

/** One request to a subgraph, for the plan's timings. */
export type FetchTiming = { readonly subgraph: string; readonly startMs: number; readonly ms: number; readonly outcome: string };

/** After the deadline fetches are ended; what does not end then is left behind. */
const graceMs = 250;

export const executeStage: Stage<Needs, { result: ExecutionResult; timings: readonly FetchTiming[] }, Hub> = {
  name: 'execute',
  async run(needs, hub) {
    const { request, operation, compiled, variables } = needs;
    const timings: FetchTiming[] = [];
    const endsWithClient = operation.definition.operation === OperationTypeNode.QUERY;
    const result = await withinTime(
      (signal) => executePlan({ compiled, variables, fetcher: createTimedFetcher(needs, hub, timings), signal }),
      { limitMs: hub.limits.requestMs, clientSignal: endsWithClient ? request.signal : undefined },
    );
    return { result, timings };
  },
};

type Bounds = { readonly limitMs: number; readonly clientSignal: AbortSignal | undefined };

/** Gives the work a signal, and gives up on it when it does not end soon after that has fired. */
async function withinTime<T>(work: (signal: AbortSignal) => Promise<T>, { limitMs, clientSignal }: Bounds): Promise<T> {
  const controller = new AbortController();
  let giveUp: (error: Error) => void = () => undefined;
  const givenUp = new Promise<never>((_, reject) => (giveUp = reject));
  let graceTimer: NodeJS.Timeout | undefined;
  const end = (error: Error) => {
    controller.abort(error);
    graceTimer ??= setTimeout(giveUp, graceMs, error);
  };
  const onGone = () => end(createError('REQUEST_ABORTED', 'The client went away.'));
  const timer = setTimeout(() => end(createError('REQUEST_TIMEOUT', `The request took longer than ${limitMs} ms.`, { details: { limit: 'requestMs' } })), limitMs);
  clientSignal?.addEventListener('abort', onGone, { once: true });
  try {
    if (clientSignal?.aborted) onGone();
    return await Promise.race([work(controller.signal), givenUp]);
  } finally {
    clearTimeout(timer);
    clearTimeout(graceTimer);
    clientSignal?.removeEventListener('abort', onGone);
  }
}

function createTimedFetcher({ request, principal, graph }: Needs, hub: Hub, timings: FetchTiming[]): SubgraphFetcher {
  const fetcher = hub.createFetcher(createHeadersFor(principal, request.requestId, hub));
  const beganAt = performance.now();
  return async (fetchRequest) => {
    const { name } = fetchRequest.graph;
    const startedAt = performance.now();
    let outcome = 'ok';
    try {
      return await fetcher({ ...fetchRequest, graph: { ...fetchRequest.graph, url: graph.urls.get(name) ?? fetchRequest.graph.url } });
    } catch (error) {
      outcome = isHubError(error) ? error.code : 'INTERNAL';
      hub.log.warn({ requestId: request.requestId, subgraph: name, code: outcome, err: error }, 'subgraph did not answer as it should');
      throw error;
    } finally {
      const ms = performance.now() - startedAt;
      timings.push({ subgraph: name, startMs: startedAt - beganAt, ms, outcome });
      hub.metrics.countFetch({ subgraph: name, outcome, seconds: ms / 1_000 });
    }
  };
}

/** Nothing the client sent travels on: these are all the headers that a subgraph gets from the pipeline. */
function createHeadersFor(principal: Principal, requestId: string, { signer }: Hub): HeadersFor {
  return async (graphName) => {
    if (!signer) return { [REQUEST_ID_HEADER]: requestId };
    return { [REQUEST_ID_HEADER]: requestId, [PRINCIPAL_HEADER]: await signer.sign(principal, graphName, requestId) };
  };
}
