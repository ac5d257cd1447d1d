/** What the executor is given and what it gives back. */
import type { CompiledPlan } from '../../engine/compile/index.ts';
import type { Graph, Supergraph } from '../../engine/supergraph/index.ts';

export type SubgraphRequest = {
  readonly graph: Pick<Graph, 'id' | 'name' | 'url'>;
  readonly kind: 'query' | 'mutation';
  /** JSON: `{"query": …, "variables": …}` */
  readonly body: string;
  /** Whom the hub asks for, and the request id. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
};

/** Throws HubError SUBGRAPH_… when there is no answer to read. */
export type SubgraphFetcher = (request: SubgraphRequest) => Promise<{ readonly status: number; readonly text: string }>;

export type ExecuteRequest = {
  readonly compiled: CompiledPlan;
  readonly supergraph: Supergraph;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly fetcher: SubgraphFetcher;
  readonly signal: AbortSignal;
  /** Told of every fetch once it has settled. */
  readonly onFetch?: ((trace: FetchTrace) => void) | undefined;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: (() => number) | undefined;
};

export type FetchTrace = {
  /** As in the plan's text: 1 for F1. */
  readonly fetch: number;
  readonly graph: string;
  /** Since the operation began. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly representations: number;
  readonly outcome: 'answered' | 'failed' | 'skipped';
  readonly status: number | null;
};

export type ResponseError = {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: { readonly code: string; readonly service?: string };
};

/** `data` holds objects without prototype, in the client's order; JSON.stringify writes it as it stands. */
export type ExecutionResult = { readonly data: Readonly<Record<string, unknown>> | null; readonly errors?: readonly ResponseError[] };
