/**
 * Stage `execute`: runs the compiled plan within the time a request may take. A query ends when its client goes away; a mutation runs
 * to its end, because half of it may be done.
 */
import { OperationTypeNode } from 'graphql';
import type { CompiledPlan } from '../../engine/compile/index.ts';
import { executePlan, type ExecutionResult, type FetchTrace, type FlightKey } from '../execute/index.ts';
import { createError } from '../../lib/errors/errors.ts';
import type { Principal } from '../../lib/identity/index.ts';
import { createFetcher } from './ask-subgraph.ts';
import type { Denied } from './access.ts';
import type { Variables } from './choose-operation.ts';
import type { PluginRequest } from '../plugins/plugin.ts';
import type { Hub } from './hub.ts';
import type { KnownOperation } from './known-document.ts';
import { onEnd } from './on-end.ts';
import type { ClientSignal, GatewayRequest } from './request.ts';
import { toExecutionKey } from './share-key.ts';
import type { Stage } from './stage.ts';
import type { LoadedGraph } from './supergraph/loaded-graph.ts';

type Needs = {
  request: GatewayRequest;
  principal: Principal;
  graph: LoadedGraph;
  operation: KnownOperation;
  variables: Variables;
  denied: Denied;
  planKey: string;
  compiled: CompiledPlan;
  pluginRequest: PluginRequest | null;
};

/** After the time limit requests to subgraphs are ended; what does not end then is left behind. */
const graceMs = 250;

/** Frozen in spirit: equal queries may share one. */
export type Execution = { readonly result: ExecutionResult; readonly traces: readonly FetchTrace[] };

export const executeStage: Stage<Needs, Execution, Hub> = {
  name: 'execute',
  async run(needs, hub) {
    const { request, operation } = needs;
    const endsWithClient = operation.definition.operation === OperationTypeNode.QUERY;
    const key = toFlightKey(needs, hub);
    const bounds = createBounds({ limitMs: hub.limits.requestMs, clientSignal: endsWithClient ? request.signal : undefined });
    const { signal } = bounds;
    try {
      const execution = await bounds.race(key === null ? execute(needs, hub, signal) : executeShared(key, needs, { hub, signal }));
      const { later } = execution.result;
      if (later === undefined) {
        bounds.end();
        return execution;
      }
      // The limit holds for all payloads together.
      return { ...execution, result: { ...execution.result, later: { ...later, payloads: onEnd(later.payloads, bounds.end) } } };
    } catch (error) {
      bounds.end();
      throw error;
    }
  },
};

async function execute(needs: Needs, hub: Hub, signal: AbortSignal): Promise<Execution> {
  const { request, compiled, variables, graph, principal, denied, pluginRequest } = needs;
  const traces: FetchTrace[] = [];
  const result = await executePlan({
    compiled,
    supergraph: graph.supergraph,
    visible: compiled.plan.introspection === null ? undefined : hub.access.view(graph.supergraph, denied),
    variables,
    fetcher: createFetcher({ request, principal, graph, pluginRequest }, hub),
    signal,
    maxErrors: hub.limits.errors,
    onJoin: (path) => hub.metrics.countAnswer(path),
    ...(hub.development ? { onFetch: (trace: FetchTrace) => traces.push(trace) } : {}),
  });
  return { result, traces };
}

/** Null: it runs for itself. So does what comes in several payloads: each client reads at its own pace. */
function toFlightKey(needs: Needs, hub: Hub): FlightKey | null {
  if (hub.executions === null || needs.compiled.plan.deferred !== null) return null;
  const { request, principal, compiled, planKey, variables, graph } = needs;
  const graphNames = graph.supergraph.graphs.map(({ name }) => name);
  return toExecutionKey({ request, principal, compiled, planKey, variables, graphNames }, hub);
}

/** Runs for all who ask for the same now; it ends when all of them have gone. */
function executeShared(key: FlightKey, needs: Needs, { hub, signal }: { hub: Hub; signal: AbortSignal }): Promise<Execution> {
  const run = (cancel: { onCancel: ((reason: unknown) => void) | null }) => {
    const controller = new AbortController();
    cancel.onCancel = (reason) => controller.abort(reason);
    return execute(needs, hub, controller.signal);
  };
  return hub.executions === null ? execute(needs, hub, signal) : hub.executions.join(key, signal, run);
}

type Limits = { readonly limitMs: number; readonly clientSignal: ClientSignal | undefined };
type Bounds = { readonly signal: AbortSignal; race<T>(work: Promise<T>): Promise<T>; end(): void };

/** A signal for the work; work that does not end soon after that has fired is left behind. */
function createBounds({ limitMs, clientSignal }: Limits): Bounds {
  const controller = new AbortController();
  let giveUp: (error: Error) => void = () => undefined;
  const givenUp = new Promise<never>((_, reject) => (giveUp = reject));
  // Nobody may be waiting any more.
  givenUp.catch(() => undefined);
  let graceTimer: NodeJS.Timeout | undefined;
  const stop = (error: Error) => {
    controller.abort(error);
    graceTimer ??= setTimeout(giveUp, graceMs, error);
  };
  const onGone = () => stop(createError('REQUEST_ABORTED', 'The client went away.'));
  const timer = setTimeout(
    () => stop(createError('REQUEST_TIMEOUT', `The request took longer than ${limitMs} ms.`, { details: { limit: 'requestMs' } })),
    limitMs,
  );
  clientSignal?.addEventListener('abort', onGone);
  if (clientSignal?.aborted) onGone();
  return {
    signal: controller.signal,
    race: (work) => Promise.race([work, givenUp]),
    end() {
      clearTimeout(timer);
      clearTimeout(graceTimer);
      clientSignal?.removeEventListener('abort', onGone);
    },
  };
}
