/**
 * Plugin `mask-errors`: the messages of subgraphs stay inside, their codes do not. A message may hold a name of a table or of a person; a
 * code was chosen for others to read. Exports `maskErrors`.
 */
import type { Plugin } from './plugin.ts';

/** `shown`: codes whose messages were written for clients. What the hub itself says is for clients anyway. */
export function maskErrors(shown: readonly string[]): Plugin {
  const codes = new Set(shown);
  return {
    name: 'mask-errors',
    onError: (request, { subgraph, code }) =>
      subgraph === null || codes.has(code) ? undefined : { message: `A part of the answer is missing, request ${request.id}.` },
  };
}
