/** What the executor is given and what it gives back. */
import type { GraphQLSchema } from 'graphql';
import type { CompiledPlan, Completed, Pending, Piece } from '../../engine/compile/index.ts';
import type { JoinPath } from './join-answers.ts';
import type { Graph, Supergraph } from '../../engine/supergraph/index.ts';
import type { StopSignal } from './stop.ts';

export type SubgraphRequest = {
  readonly graph: Pick<Graph, 'id' | 'name' | 'url'>;
  readonly kind: 'query' | 'mutation';
  /** JSON: `{"query": …, "variables": …}` */
  readonly body: string;
  /** Whom the hub asks for, and the request id. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * All that the answer may depend on besides address and body, as text: who asks (invariant 8). Equal key and body: one request may
   * answer both. null: never shared.
   */
  readonly shareKey?: string | null;
  readonly signal: StopSignal;
};

/** Body as text: valid UTF-8, whole. One object may be shared by several requests: frozen in spirit, compared by identity. */
export type SubgraphResponse = { readonly kind: 'response'; readonly status: number; readonly text: string };

/** Throws HubError SUBGRAPH_… when there is no answer to read. */
export type SubgraphFetcher = (request: SubgraphRequest) => Promise<SubgraphResponse>;

export type ExecuteRequest = {
  readonly compiled: CompiledPlan;
  readonly supergraph: Supergraph;
  /** What introspection shows; by default the public schema. */
  readonly visible?: GraphQLSchema | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly fetcher: SubgraphFetcher;
  readonly signal: StopSignal;
  /** Errors told in one answer; the rest is counted. */
  readonly maxErrors?: number;
  /** Told of every fetch once it has settled. */
  readonly onFetch?: ((trace: FetchTrace) => void) | undefined;
  /** Told how the answers were joined. */
  readonly onJoin?: ((path: JoinPath) => void) | undefined;
  /** 'object': never by splicing. Both ways give the same bytes; tests hold them against each other. */
  readonly joinAs?: 'object' | undefined;
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

/**
 * `data`: JSON text, keys in the client's order. `body`: UTF-8 of `{"data":…}`, when the answer was made as bytes and has no errors; it is
 * shared by requests whose answers are equal, so nobody may write into it. `later`: what is still to come; its payloads must be read or
 * returned.
 */
export type ExecutionResult = {
  readonly data: string;
  readonly body?: Uint8Array;
  readonly errors?: readonly ResponseError[];
  readonly later?: { readonly pending: readonly Pending[]; readonly payloads: AsyncIterableIterator<LaterPayload> };
};

export type LaterPayload = {
  readonly pending: readonly Pending[];
  readonly pieces: readonly (Omit<Piece, 'errors'> & { readonly errors: readonly ResponseError[] })[];
  readonly completed: readonly (Omit<Completed, 'errors'> & { readonly errors: readonly ResponseError[] | null })[];
  readonly hasNext: boolean;
};
