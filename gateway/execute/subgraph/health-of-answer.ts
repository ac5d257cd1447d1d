/** What an HTTP status says of the subgraph's health, when no GraphQL response comes with it. Exports `isSubgraphDown`. */
import type { SubgraphResponse } from '../types.ts';

const passing: ReadonlySet<number> = new Set([502, 503, 504]);

/** Something before the subgraph, or it itself, says that it cannot work now. A GraphQL body means that it did, whatever the status. */
export function isPassingFailure({ status, text }: SubgraphResponse): boolean {
  return passing.has(status) && !isGraphql(text);
}

/** The same, and also an internal error without a GraphQL body. */
export function isSubgraphDown({ status, text }: SubgraphResponse): boolean {
  return status >= 500 && !isGraphql(text);
}

function isGraphql(text: string): boolean {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null && (Object.hasOwn(body, 'data') || Object.hasOwn(body, 'errors'));
  } catch {
    return false;
  }
}
