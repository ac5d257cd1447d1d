/** One fetch of a plan on its way to a subgraph: address and headers are added, it is counted, and the log learns what went wrong. */
import type { SubgraphFetcher, SubgraphRequest, SubgraphResponse } from '../execute/index.ts';
import { isHubError, toMessage } from '../../lib/errors/errors.ts';
import { PRINCIPAL_HEADER, REQUEST_ID_HEADER } from '../../lib/identity/index.ts';
import type { PluginRequest } from '../plugins/plugin.ts';
import type { Hub } from './hub.ts';
import { watchFetches } from './plugin-stages.ts';
import type { GatewayRequest } from './request.ts';
import { isTold, toShareKey, type Asker } from './share-key.ts';
import type { LoadedGraph } from './supergraph/loaded-graph.ts';

type Asking = Asker & { readonly request: GatewayRequest; readonly graph: LoadedGraph; readonly pluginRequest: PluginRequest | null };

export function createFetcher(asking: Asking, hub: Hub): SubgraphFetcher {
  const fetcher = watchFetches(hub.fetcher, asking.pluginRequest, hub.plugins);
  return (request) => {
    const startedAt = performance.now();
    return ask(request, asking, { hub, fetcher }).then(
      (answer) => {
        const outcome = answer.status >= 400 ? String(answer.status) : 'ok';
        hub.metrics.countFetch({ subgraph: request.graph.name, outcome, seconds: (performance.now() - startedAt) / 1_000 });
        return answer;
      },
      (error: unknown) => {
        const outcome = logFailure(error, request, asking, hub);
        hub.metrics.countFetch({ subgraph: request.graph.name, outcome, seconds: (performance.now() - startedAt) / 1_000 });
        throw error;
      },
    );
  };
}

function logFailure(error: unknown, { graph }: SubgraphRequest, { request: { requestId } }: Asking, { log }: Hub): string {
  const code = isHubError(error) ? error.code : 'INTERNAL';
  if (code !== 'REQUEST_ABORTED') log.warn({ requestId, subgraph: graph.name, code, reason: toMessage(error) }, 'subgraph did not answer');
  return code;
}

type Way = { readonly hub: Hub; readonly fetcher: SubgraphFetcher };

function ask(asked: SubgraphRequest, asking: Asking, { hub, fetcher }: Way): Promise<SubgraphResponse> {
  const { kind, body, signal } = asked;
  const { name } = asked.graph;
  const graph = asking.graph.routes.get(name) ?? asked.graph;
  const shareKey = kind === 'mutation' ? null : toShareKey(name, asking, hub);
  const headers = toHeaders(name, asking, hub);
  if (!(headers instanceof Promise)) return fetcher({ graph, kind, body, headers, shareKey, signal });
  return headers.then((signed) => fetcher({ graph, kind, body, headers: signed, shareKey, signal }));
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
