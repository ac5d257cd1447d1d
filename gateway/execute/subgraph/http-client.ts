/**
 * The HTTP/1.1 client to subgraphs: POST of JSON over kept-alive connections, a pool for each origin. It follows no redirect, asks for
 * no packed answers, and uses a connection again only when nothing about it is in doubt. How many connections there are is bounded by
 * the requests in flight (limit-in-flight.ts). Why an own client: docs/decisions/subgraph-client.md. Exports `createHttpClient`.
 */
import type { LookupFunction } from 'node:net';
import { createError } from '../../../lib/errors/errors.ts';
import type { SubgraphResponse } from '../types.ts';
import type { Cancel } from './cancel.ts';
import type { Origin } from './connection.ts';
import { createConnectionPool } from './connection-pool.ts';
import { SubgraphFailure } from './failure.ts';
import { createGuardedLookup, isRefusedHost } from './refused-addresses.ts';

export type HttpClientOptions = {
  /** Largest body of an answer. */
  readonly maxResponseBytes: number;
  /** An unused connection is closed after this time: before servers do, most of which wait for 5 s or longer. */
  readonly idleMs?: number;
  /** Longest time to connect, TLS included. */
  readonly connectMs?: number;
  readonly lookup?: LookupFunction;
  readonly ca?: string;
  readonly now?: () => number;
};

export type HttpPost = {
  /** For messages. */
  readonly subgraph: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly cancel: Cancel;
};

export type HttpClient = {
  /** Rejects with SubgraphFailure or the reason of the cancel. */
  post(request: HttpPost): Promise<SubgraphResponse>;
  /** Connections that are open, busy or not. */
  readonly connections: number;
  close(): Promise<void>;
};

type Target = { readonly origin: Origin; readonly originText: string; readonly headStart: string };

const DEFAULTS = { idleMs: 4_000, connectMs: 5_000 };
/** Addresses of supergraphs that are gone are forgotten by and by. */
const maxTargets = 1_000;
const headerValue = /^[\t\x20-\x7e]*$/;
const headerName = /^[!#$%&'*+.^_`|~\dA-Za-z-]+$/;
const fixedHeaders = 'content-type: application/json\r\naccept: application/graphql-response+json, application/json\r\n';

export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { maxResponseBytes, idleMs = DEFAULTS.idleMs, connectMs = DEFAULTS.connectMs, now = () => performance.now() } = options;
  const pool = createConnectionPool({ idleMs, connectMs, now, lookup: createGuardedLookup(options.lookup), ca: options.ca });
  const targets = new Map<string, Target>();
  let isClosed = false;
  const toTarget = (subgraph: string, url: string): Target => {
    const known = targets.get(url);
    if (known !== undefined) return known;
    const target = parseTarget(subgraph, url);
    if (targets.size >= maxTargets) targets.clear();
    targets.set(url, target);
    return target;
  };
  return {
    get connections() {
      return pool.size;
    },
    post: ({ subgraph, url, headers, body, cancel }) =>
      new Promise((resolve, reject) => {
        const target = toTarget(subgraph, url);
        const bytes = Buffer.byteLength(body);
        const text = `${target.headStart}${printHeaders(subgraph, headers)}content-length: ${bytes}\r\n\r\n${body}`;
        cancel.throwIfCancelled();
        if (isClosed) throw stopping();
        const connection = pool.take(target.originText, target.origin);
        cancel.onCancel = (reason) => connection.abort(reason);
        const settle = <Value>(callback: (value: Value) => void) => {
          return (value: Value) => {
            cancel.onCancel = null;
            callback(value);
          };
        };
        // The head is ASCII; as many bytes as characters: so is the body
        const encoding = bytes === body.length ? 'latin1' : 'utf8';
        connection.start({ subgraph, text, encoding, maxResponseBytes, resolve: settle(resolve), reject: settle(reject) });
      }),
    async close() {
      isClosed = true;
      pool.close(stopping());
    },
  };
}

function stopping(): SubgraphFailure {
  return new SubgraphFailure('SUBGRAPH_UNREACHABLE', 'The gateway is stopping.');
}

/** All of the head that is the same for every request to one address. */
function parseTarget(subgraph: string, text: string): Target {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new SubgraphFailure('SUBGRAPH_UNREACHABLE', `The subgraph ${subgraph} has no http(s) address.`);
  if (isRefusedHost(url.hostname))
    throw new SubgraphFailure('SUBGRAPH_UNREACHABLE', `The address of the subgraph ${subgraph} is one where no subgraph may be.`);
  const secure = url.protocol === 'https:';
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  const headStart = `POST ${url.pathname}${url.search} HTTP/1.1\r\nhost: ${url.host}\r\n${fixedHeaders}`;
  return { origin: { secure, hostname, port }, originText: url.origin, headStart };
}

function printHeaders(subgraph: string, headers: Readonly<Record<string, string>>): string {
  let text = '';
  for (const name of Object.keys(headers)) {
    const value = headers[name] ?? '';
    // A line end in a value would be a header, or a request, of the sender's own making
    if (!headerName.test(name) || !headerValue.test(value))
      throw createError('INTERNAL', `A header for the subgraph ${subgraph} cannot be sent: it holds odd characters.`);
    text += `${name}: ${value}\r\n`;
  }
  return text;
}
