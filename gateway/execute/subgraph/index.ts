/**
 * What stands between the executor and a subgraph, from the outermost step to the innermost. Each takes a request and hands it on, or
 * does not. Exports `createSubgraphClient`.
 *
 *   share            equal reads in flight are one request
 *   breaker          a subgraph that keeps failing is left alone for a while
 *   retry            what only reads is asked once more
 *   limit in flight  so many requests to one subgraph at a time, the others wait in a row
 *   deadline         one attempt ends after its time
 *   http client      POST over a kept-alive connection
 */
import type { LookupFunction } from 'node:net';
import type { SubgraphFetcher, SubgraphRequest } from '../types.ts';
import { createBreaker, type BreakerState } from './breaker.ts';
import { createDeadline } from './deadline.ts';
import { createHttpClient } from './http-client.ts';
import { createInFlightLimit } from './limit-in-flight.ts';
import { createRetry } from './retry.ts';
import { createShare } from './share.ts';
import { realTime, type Step, type Time } from './step.ts';

export type SubgraphClientOptions = {
  readonly timeoutMs?: number;
  readonly maxResponseBytes?: number;
  /** Requests in flight, and so connections, for one subgraph. */
  readonly connections?: number;
  /** Requests that wait for one of those. */
  readonly queue?: number;
  /** Further attempts of a request that only reads. */
  readonly retries?: number;
  /** Failures within ten seconds that open the breaker of a subgraph; 0: it has none. */
  readonly breakerFailures?: number;
  /** How long an open one leaves the subgraph alone. */
  readonly breakerPauseMs?: number;
  readonly onShared?: (subgraph: string) => void;
  readonly onRetry?: (subgraph: string) => void;
  readonly onBreaker?: (subgraph: string, state: BreakerState) => void;
  readonly lookup?: LookupFunction;
  /** PEM of the certificates to trust instead of those that Node knows. */
  readonly ca?: string;
  readonly time?: Time;
  readonly random?: () => number;
};

export type SubgraphClient = { readonly fetch: SubgraphFetcher; close(): Promise<void> };

const DEFAULTS = {
  timeoutMs: 10_000,
  maxResponseBytes: 16 * 1024 * 1024,
  connections: 64,
  queue: 1_000,
  retries: 1,
  breakerFailures: 10,
  breakerPauseMs: 2_000,
  time: realTime,
  random: Math.random,
};

const noHeaders = Object.freeze({});

export function createSubgraphClient(given: SubgraphClientOptions = {}): SubgraphClient {
  const options = { ...DEFAULTS, ...given };
  const { time, timeoutMs } = options;
  const { lookup, ca } = given;
  const http = createHttpClient({
    maxResponseBytes: options.maxResponseBytes,
    now: time.now,
    ...(lookup === undefined ? {} : { lookup }),
    ...(ca === undefined ? {} : { ca }),
  });
  const client: Step = ({ graph, headers = noHeaders, body }, cancel) =>
    http.post({ subgraph: graph.name, url: graph.url, headers, body, cancel });
  const deadline = createDeadline(client, timeoutMs, time);
  const limited = createInFlightLimit(deadline, { inFlight: options.connections, queue: options.queue, queueMs: timeoutMs }, time);
  const retry = createRetry(limited, {
    retries: options.retries,
    time,
    random: options.random,
    onRetry: ({ graph }: SubgraphRequest) => given.onRetry?.(graph.name),
  });
  const breaker = createBreaker(retry, {
    failures: options.breakerFailures,
    pauseMs: options.breakerPauseMs,
    time,
    onState: (subgraph, state) => given.onBreaker?.(subgraph, state),
  });
  const fetch = createShare(breaker, (subgraph) => given.onShared?.(subgraph));
  return { fetch, close: () => http.close() };
}
