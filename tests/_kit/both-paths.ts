/**
 * Runs a plan as the gateway does, then once more joining as objects, with what the subgraphs answered the first time. Both must ask the
 * same and answer the same, byte for byte. Exports `executeBothWays`.
 */
import { executePlan } from '../../gateway/execute/index.ts';
import type { ExecuteRequest, ExecutionResult, JoinPath, SubgraphFetcher } from '../../gateway/execute/index.ts';

export type BothWays = { readonly result: ExecutionResult; readonly path: JoinPath };

export async function executeBothWays(request: ExecuteRequest): Promise<BothWays> {
  const answers = new Map<string, ReturnType<SubgraphFetcher>[]>();
  let path: JoinPath = 'object';
  const result = await executePlan({
    ...request,
    onJoin: (taken) => (path = taken),
    fetcher: async (asked) => {
      const answer = request.fetcher(asked);
      const key = `${asked.graph.name}\n${asked.body}`;
      answers.set(key, [...(answers.get(key) ?? []), answer]);
      return answer;
    },
  });
  const again = await executePlan({
    ...request,
    onFetch: undefined,
    joinAs: 'object',
    fetcher: async ({ graph, body }) => {
      const answer = answers.get(`${graph.name}\n${body}`)?.shift();
      if (answer === undefined) throw new Error(`Joining as objects asks ${graph.name} something else: ${body}`);
      return answer;
    },
  });
  const unasked = [...answers.values()].flat().length;
  if (unasked > 0) throw new Error(`Joining as objects leaves out ${unasked} requests`);
  if (result.data !== again.data) throw new Error(`Joined two ways:\n${result.data}\n${again.data}`);
  const errors = (one: ExecutionResult): string => JSON.stringify(one.errors ?? []);
  if (errors(result) !== errors(again)) throw new Error(`Errors two ways:\n${errors(result)}\n${errors(again)}`);
  return { result, path };
}
