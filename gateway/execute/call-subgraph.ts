/** One request to one subgraph, and its answer whatever happened: failures become answers that say what is lost. */
import { failedAnswer, toAnswer } from '../../engine/compile/index.ts';
import type { Answer } from '../../engine/compile/index.ts';
import { isHubError } from '../../lib/errors/errors.ts';
import type { SubgraphFetcher, SubgraphRequest } from './types.ts';

export type Called = { readonly answer: Answer; readonly status: number | null; readonly failed: boolean };

const DEFAULT_CODE = 'SUBGRAPH_ERROR';

export async function callSubgraph(fetcher: SubgraphFetcher, request: SubgraphRequest): Promise<Called> {
  const { name } = request.graph;
  let response: Awaited<ReturnType<SubgraphFetcher>>;
  try {
    response = await fetcher(request);
  } catch (error) {
    const code = isHubError(error) ? error.code : 'SUBGRAPH_UNREACHABLE';
    return failure(name, code, isHubError(error) ? error.message : `The subgraph ${name} cannot be reached.`, null);
  }
  const { status, text } = response;
  const body = parseJson(text);
  const isResponse =
    typeof body === 'object' && body !== null && !Array.isArray(body) && (Object.hasOwn(body, 'data') || Object.hasOwn(body, 'errors'));
  // Some servers answer valid GraphQL with 4xx or 5xx: a body with data is taken at its word.
  if (isResponse && (status < 400 || Object.hasOwn(body, 'data') || status < 500))
    return { answer: toAnswer(name, body, DEFAULT_CODE), status, failed: false };
  if (status >= 400) return failure(name, 'SUBGRAPH_REFUSED', `The subgraph ${name} answered with HTTP status ${status}.`, status);
  return failure(name, 'SUBGRAPH_INVALID_RESPONSE', `The subgraph ${name} answered something that is not a GraphQL response.`, status);
}

function failure(graph: string, code: string, message: string, status: number | null): Called {
  return { answer: failedAnswer(graph, code, message), status, failed: true };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
