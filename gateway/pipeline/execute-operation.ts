/**
 * Stage `execute`: runs the compiled plan within the time a request may take. A query ends when its client goes away; a mutation runs
 * to its end, because half of it may be done.
 */
import { OperationTypeNode } from 'graphql';
import type { CompiledPlan } from '../../engine/compile/index.ts';
import { executePlan, Stop, type ExecutionResult, type FetchTrace, type FlightKey, type StopSignal } from '../execute/index.ts';
import { createError, type HubError } from '../../lib/errors/errors.ts';
import type { Principal } from '../../lib/identity/index.ts';
import { createFetcher } from './ask-subgraph.ts';
import type { Denied } from './access.ts';
import type { Deadline, Deadlines } from './deadlines.ts';
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
  run(needs, hub) {
    const { request, operation } = needs;
    const endsWithClient = operation.definition.operation === OperationTypeNode.QUERY;
    const key = toFlightKey(needs, hub);
    const bounds = new Bounds(hub.deadlines, endsWithClient ? request.signal : null);
    return bounds.hold((signal) => (key === null ? execute(needs, hub, signal) : executeShared(key, needs, { hub, signal })));
  },
};

const noTraces: readonly FetchTrace[] = Object.freeze([]);

async function execute(needs: Needs, hub: Hub, signal: StopSignal): Promise<Execution> {
  const { request, compiled, variables, graph, principal, denied, pluginRequest } = needs;
  const traces: FetchTrace[] | null = hub.development ? [] : null;
  const result = await executePlan({
    compiled,
    supergraph: graph.supergraph,
    visible: compiled.plan.introspection === null ? undefined : hub.access.view(graph.supergraph, denied),
    variables,
    fetcher: createFetcher({ request, principal, graph, pluginRequest }, hub),
    signal,
    maxErrors: hub.limits.errors,
    onJoin: hub.metrics.countAnswer,
    onFetch: traces === null ? undefined : (trace) => void traces.push(trace),
  });
  return { result, traces: traces ?? noTraces };
}

/** Null: it runs for itself. So does what comes in several payloads: each client reads at its own pace. */
function toFlightKey(needs: Needs, hub: Hub): FlightKey | null {
  if (hub.executions === null || needs.compiled.plan.deferred !== null) return null;
  const { request, principal, compiled, planKey, variables, graph } = needs;
  const graphNames = graph.supergraph.graphs.map(({ name }) => name);
  return toExecutionKey({ request, principal, compiled, planKey, variables, graphNames }, hub);
}

/** Runs for all who ask for the same now; it ends when all of them have gone. */
function executeShared(key: FlightKey, needs: Needs, { hub, signal }: { hub: Hub; signal: StopSignal }): Promise<Execution> {
  const run = (cancel: { onCancel: ((reason: unknown) => void) | null }) => {
    const stop = new Stop();
    cancel.onCancel = (reason) => stop.abort(reason);
    return execute(needs, hub, stop);
  };
  return hub.executions === null ? execute(needs, hub, signal) : hub.executions.join(key, signal, run);
}

/** The time and the client that one execution has. Work that does not end soon after it was told to is left behind. */
class Bounds {
  readonly #stop = new Stop();
  readonly #client: ClientSignal | null;
  readonly #deadline: Deadline;
  #graceTimer: NodeJS.Timeout | undefined;
  #giveUp: (error: Error) => void = () => undefined;
  readonly #onGone = (): void => this.#end(createError('REQUEST_ABORTED', 'The client went away.'));

  /** `client`: null when it may go. */
  constructor(deadlines: Deadlines, client: ClientSignal | null) {
    this.#client = client;
    this.#deadline = deadlines.begin(() => this.#end(toTimeout(deadlines.limitMs)));
    client?.addEventListener('abort', this.#onGone);
    if (client?.aborted === true) this.#onGone();
  }

  /** The limit holds for all payloads together. */
  hold(begin: (signal: StopSignal) => Promise<Execution>): Promise<Execution> {
    return new Promise((resolve, reject) => {
      this.#giveUp = (error) => {
        this.#release();
        reject(error);
      };
      begin(this.#stop).then((execution) => resolve(this.#toHeld(execution)), this.#giveUp);
    });
  }

  #toHeld(execution: Execution): Execution {
    const { later } = execution.result;
    if (later === undefined) {
      this.#release();
      return execution;
    }
    const payloads = onEnd(later.payloads, () => this.#release());
    return { ...execution, result: { ...execution.result, later: { ...later, payloads } } };
  }

  #end(error: Error): void {
    this.#stop.abort(error);
    this.#graceTimer ??= setTimeout(() => this.#giveUp(error), graceMs);
  }

  #release(): void {
    this.#deadline.end();
    if (this.#graceTimer !== undefined) clearTimeout(this.#graceTimer);
    this.#client?.removeEventListener('abort', this.#onGone);
  }
}

function toTimeout(limitMs: number): HubError {
  return createError('REQUEST_TIMEOUT', `The request took longer than ${limitMs} ms.`, { details: { limit: 'requestMs' } });
}
