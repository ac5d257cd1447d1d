/**
 * The HTTP client to subgraphs: undici with kept-alive connections, POST and JSON only. No redirects are followed, only http and
 * https are spoken, and an answer has a largest size and a latest time.
 */
import { Agent, request as send } from 'undici';
import type { Dispatcher } from 'undici';
import { createError } from '../../lib/errors/errors.ts';
import type { SubgraphFetcher, SubgraphRequest } from './types.ts';

export type SubgraphFetcherOptions = {
  readonly timeoutMs?: number;
  readonly maxResponseBytes?: number;
  /** Connections kept per subgraph. */
  readonly connections?: number;
  /** Other addresses by subgraph name; the supergraph's are the default. */
  readonly urls?: ReadonlyMap<string, string>;
  /** Headers of one request, for instance whom the hub asks for. */
  readonly headersFor?: (request: SubgraphRequest) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
};

export type SubgraphClient = { readonly fetch: SubgraphFetcher; close(): Promise<void> };

/** Takes no byte for another, and no byte order mark for text. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

const DEFAULTS = { timeoutMs: 30_000, maxResponseBytes: 16 * 1024 * 1024, connections: 64 };

export function createSubgraphFetcher(options: SubgraphFetcherOptions = {}): SubgraphClient {
  const { timeoutMs = DEFAULTS.timeoutMs, maxResponseBytes = DEFAULTS.maxResponseBytes, connections = DEFAULTS.connections } = options;
  const agent = new Agent({
    connections,
    pipelining: 1,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connect: { timeout: timeoutMs },
  });
  return {
    async fetch(request) {
      const url = targetOf(request, options.urls);
      const headers = await options.headersFor?.(request);
      const timeout = AbortSignal.timeout(timeoutMs);
      const signal = AbortSignal.any([request.signal, timeout]);
      const ask = async () => {
        const response = await send(url, {
          method: 'POST',
          dispatcher: agent,
          body: request.body,
          signal,
          headers: {
            ...headers,
            ...request.headers,
            'content-type': 'application/json',
            accept: 'application/graphql-response+json, application/json',
          },
        });
        return { status: response.statusCode, text: await readText(response, request, maxResponseBytes) };
      };
      try {
        // A kept connection may end just as it is used again: what only reads is asked once more, a mutation never.
        return await ask().catch((cause: unknown) => {
          if (request.kind === 'query' && brokenOff.has(codeOf(cause))) return ask();
          throw cause;
        });
      } catch (cause) {
        throw toFailure(cause, request, timeout.aborted);
      }
    },
    close: () => agent.destroy(),
  };
}

const brokenOff: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

function codeOf(cause: unknown): string {
  return typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
}

function targetOf(request: SubgraphRequest, urls: ReadonlyMap<string, string> | undefined): URL {
  const text = urls?.get(request.graph.name) ?? request.graph.url;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return url;
  throw createError('SUBGRAPH_UNREACHABLE', `The subgraph ${request.graph.name} has no http(s) address.`);
}

async function readText(response: Dispatcher.ResponseData, request: SubgraphRequest, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    // undici's body yields Buffers; its type does not say so.
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > maxBytes) {
      response.body.destroy();
      throw createError('SUBGRAPH_RESPONSE_TOO_LARGE', `The subgraph ${request.graph.name} answered more than ${maxBytes} bytes.`);
    }
    chunks.push(bytes);
  }
  try {
    return utf8.decode(Buffer.concat(chunks));
  } catch (cause) {
    throw createError('SUBGRAPH_INVALID_RESPONSE', `The subgraph ${request.graph.name} answered bytes that are not UTF-8 text.`, { cause });
  }
}

function toFailure(cause: unknown, request: SubgraphRequest, timedOut: boolean): unknown {
  const { name } = request.graph;
  if (cause instanceof Error && cause.name === 'HubError') return cause;
  if (request.signal.aborted) return request.signal.reason;
  const code = codeOf(cause);
  const late = timedOut || code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT' || code === 'UND_ERR_CONNECT_TIMEOUT';
  if (late) return createError('SUBGRAPH_TIMEOUT', `The subgraph ${name} did not answer in time.`, { cause });
  return createError('SUBGRAPH_UNREACHABLE', `The subgraph ${name} cannot be reached.`, { cause });
}
