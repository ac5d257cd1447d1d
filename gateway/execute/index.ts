/** gateway/execute: runs compiled plans; subgraph/ is the only code that calls subgraphs. */
export { executePlan } from './execute-plan.ts';
export { Stop } from './stop.ts';
export type { StopSignal } from './stop.ts';
export { createFlights } from './flights.ts';
export type { FlightKey, Flights } from './flights.ts';
export type { BreakerState } from './subgraph/breaker.ts';
export { createSubgraphClient } from './subgraph/index.ts';
export type { SubgraphClient, SubgraphClientOptions } from './subgraph/index.ts';
export { isRefusedHost } from './subgraph/refused-addresses.ts';
export type { JoinPath } from './join-answers.ts';
export type {
  ExecuteRequest,
  ExecutionResult,
  FetchTrace,
  LaterPayload,
  ResponseError,
  SubgraphFetcher,
  SubgraphRequest,
  SubgraphResponse,
} from './types.ts';
