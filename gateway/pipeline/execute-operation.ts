/**
 * Stage `execute`: runs the compiled plan within the time a request may take. A query ends when its client goes away; a mutation runs
 * to its end, because half of it may be done.
 */
import { OperationTypeNode } from 'graphql';
import type { CompiledPlan } from '../../engine/compile/index.ts';
import { executePlan, type ExecutionResult, type FetchTrace, type SubgraphFetcher } from '../execute/index.ts';
import { createError, isHubError, toMessage } from '../../lib/errors/errors.ts';
import { PRINCIPAL_HEADER, REQUEST_ID_HEADER, type Principal } from '../../lib/identity/index.ts';
import type { Variables } from './choose-operation.ts';
import type { Hub } from './hub.ts';
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

/** After the time limit requests to subgraphs are ended; what does not end then is left behind. */
const graceMs = 250;

export const executeStage: Stage<Needs, { result: ExecutionResult; traces: readonly FetchTrace[] }, Hub> = {
  name: 'execute',
  async run(needs, hub) {
    const { request, operation, compiled, variables, graph } = needs;
    const traces: FetchTrace[] = [];
    const endsWithClient = operation.definition.operation === OperationTypeNode.QUERY;
    const result = await withinTime(
      (signal) =>
        executePlan({
          compiled,
          supergraph: graph.supergraph,
          variables,
          fetcher: createFetcher(needs, hub),
          signal,
          ...(hub.development ? { onFetch: (trace) => traces.push(trace) } : {}),
        }),
      { limitMs: hub.limits.requestMs, clientSignal: endsWithClient ? request.signal : undefined },
    );
    return { result, traces };
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
  const timer = setTimeout(
    () => end(createError('REQUEST_TIMEOUT', `The request took longer than ${limitMs} ms.`, { details: { limit: 'requestMs' } })),
    limitMs,
  );
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

/** Adds address and headers, counts, and says in the log what went wrong. */
function createFetcher({ request, principal, graph }: Needs, hub: Hub): SubgraphFetcher {
  const { requestId } = request;
  return async (fetchRequest) => {
    const { name } = fetchRequest.graph;
    const startedAt = performance.now();
    let outcome = 'ok';
    try {
      const url = graph.urls.get(name) ?? fetchRequest.graph.url;
      const headers = await toHeaders({ principal, requestId, subgraph: name }, hub);
      const answer = await hub.fetcher({ ...fetchRequest, graph: { ...fetchRequest.graph, url }, headers });
      if (answer.status >= 400) outcome = String(answer.status);
      return answer;
    } catch (error) {
      outcome = isHubError(error) ? error.code : 'INTERNAL';
      if (outcome !== 'REQUEST_ABORTED')
        hub.log.warn({ requestId, subgraph: name, code: outcome, reason: toMessage(error) }, 'subgraph did not answer');
      throw error;
    } finally {
      hub.metrics.countFetch({ subgraph: name, outcome, seconds: (performance.now() - startedAt) / 1_000 });
    }
  };
}

type Asking = { readonly principal: Principal; readonly requestId: string; readonly subgraph: string };

/** Nothing the client sent travels on: these are all the headers that a subgraph gets from the pipeline. */
async function toHeaders({ principal, requestId, subgraph }: Asking, { signer }: Hub): Promise<Readonly<Record<string, string>>> {
  if (!signer) return { [REQUEST_ID_HEADER]: requestId };
  return { [REQUEST_ID_HEADER]: requestId, [PRINCIPAL_HEADER]: await signer.sign(principal, subgraph, requestId) };
}
