/** gateway/execute: runs compiled plans; with subgraph-fetcher.ts the only code that calls subgraphs. */
export { executePlan } from './execute-plan.ts';
export { createSubgraphFetcher } from './subgraph-fetcher.ts';
export type { SubgraphClient, SubgraphFetcherOptions } from './subgraph-fetcher.ts';
export type { ExecuteRequest, ExecutionResult, FetchTrace, ResponseError, SubgraphFetcher, SubgraphRequest } from './types.ts';
