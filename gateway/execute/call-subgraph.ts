/** One request to one subgraph, and what came of it whatever happened. Exports `callSubgraph`. */
import type { Outcome } from '../../engine/compile/index.ts';
import { isHubError } from '../../lib/errors/errors.ts';
import { PluginRefusal } from '../plugins/plugin.ts';
import type { SubgraphFetcher, SubgraphRequest } from './types.ts';

/** Never rejects. */
export async function callSubgraph(fetcher: SubgraphFetcher, request: SubgraphRequest): Promise<Outcome> {
  try {
    return await fetcher(request);
  } catch (error) {
    if (isHubError(error) || error instanceof PluginRefusal) return { kind: 'failure', code: error.code, message: error.message };
    return { kind: 'failure', code: 'SUBGRAPH_UNREACHABLE', message: `The subgraph ${request.graph.name} cannot be reached.` };
  }
}
