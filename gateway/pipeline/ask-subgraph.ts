/** One fetch of a plan on its way to a subgraph: address and headers are added, it is counted, and the log learns what went wrong. */
import type { SubgraphFetcher } from '../execute/index.ts';
import { isHubError, toMessage } from '../../lib/errors/errors.ts';
import { PRINCIPAL_HEADER, REQUEST_ID_HEADER } from '../../lib/identity/index.ts';
import type { PluginRequest } from '../plugins/plugin.ts';
import type { Hub } from './hub.ts';
import { watchFetches } from './plugin-stages.ts';
import type { GatewayRequest } from './request.ts';
import { isTold, toShareKey, type Asker } from './share-key.ts';
import type { LoadedGraph } from './supergraph/loaded-graph.ts';

type Asking = Asker & { readonly request: GatewayRequest; readonly graph: LoadedGraph; readonly pluginRequest: PluginRequest | null };

export function createFetcher({ request, principal, graph, pluginRequest }: Asking, hub: Hub): SubgraphFetcher {
  const { requestId } = request;
  const fetcher = watchFetches(hub.fetcher, pluginRequest, hub.plugins);
  return async (fetchRequest) => {
    const { name } = fetchRequest.graph;
    const startedAt = performance.now();
    let outcome = 'ok';
    try {
      const url = graph.urls.get(name) ?? fetchRequest.graph.url;
      const found = toHeaders(name, { request, principal }, hub);
      const headers = found instanceof Promise ? await found : found;
      const shareKey = fetchRequest.kind === 'mutation' ? null : toShareKey(name, { request, principal }, hub);
      const answer = await fetcher({ ...fetchRequest, graph: { ...fetchRequest.graph, url }, headers, shareKey });
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

type Headers = Readonly<Record<string, string>>;
type Telling = Asker & { readonly request: GatewayRequest };

/**
 * Of what the client sent only what is listed travels on: these are all the headers that a subgraph gets from the pipeline. What may
 * change an answer belongs in `toShareKey` too; the request id stands in logs only.
 */
function toHeaders(subgraph: string, { request, principal }: Telling, hub: Hub): Headers | Promise<Headers> {
  const { signer, forwarding } = hub;
  const forwarded = forwarding.headersFor(subgraph, request.header);
  const headers = { ...forwarded, [REQUEST_ID_HEADER]: request.requestId };
  if (signer === undefined || !isTold(subgraph, hub)) return headers;
  return signer.sign(principal, subgraph, request.requestId).then((token) => ({ ...headers, [PRINCIPAL_HEADER]: token }));
}
