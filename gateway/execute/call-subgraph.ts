/** One request to one subgraph, and what came of it whatever happened. Exports `callSubgraph`. */
import type { Outcome } from '../../engine/compile/index.ts';
import { isHubError } from '../../lib/errors/errors.ts';
import { PluginRefusal } from '../plugins/plugin.ts';
import type { SubgraphFetcher, SubgraphRequest } from './types.ts';

/** Never throws; `take` is called once, and must not throw. */
export function callSubgraph(fetcher: SubgraphFetcher, request: SubgraphRequest, take: (outcome: Outcome) => void): void {
  const fail = (error: unknown): void => take(toFailure(error, request.graph.name));
  try {
    fetcher(request).then(take, fail);
  } catch (error) {
    fail(error);
  }
}

function toFailure(error: unknown, subgraph: string): Outcome {
  if (isHubError(error) || error instanceof PluginRefusal) return { kind: 'failure', code: error.code, message: error.message };
  return { kind: 'failure', code: 'SUBGRAPH_UNREACHABLE', message: `The subgraph ${subgraph} cannot be reached.` };
}
