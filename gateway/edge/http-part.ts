/** The part of the gateway that answers clients: routes, server, port. Exports `createHttpPart`. */
import { randomBytes } from 'node:crypto';
import { createError, toMessage } from '../../lib/errors/errors.ts';
import type { Part, PartStatus } from '../../lib/lifecycle/index.ts';
import type { Live } from '../live/client.ts';
import { answerRequest, beginRequest, checkSubscription, explainRequest } from '../pipeline/answer-request.ts';
import type { Hub } from '../pipeline/hub.ts';
import { toExpiryMs } from '../pipeline/identify.ts';
import type { Limits } from '../pipeline/limits.ts';
import type { GatewayRequest } from '../pipeline/request.ts';
import { createSenderCheck } from './check-sender.ts';
import { createEventHandler, type EventDoor } from './events/event-door.ts';
import { createHealthHandlers } from './health.ts';
import { createHttpServer, type HttpServer } from './http-server.ts';
import { createLiveDoor } from './live/live-door.ts';
import { createTicketHandler } from './live/ticket-handler.ts';
import { createTickets } from './live/tickets.ts';
import type { PostOptions } from './read-post.ts';
import { createRouter } from './router.ts';
import { createRoutes } from './routes.ts';
import { bytesOfKey, type JsonBounds } from './strict-json.ts';
import { createWebSocketDoor } from './websocket/websocket-door.ts';

export type Listening = { readonly url: string; readonly port: number };

export type HttpPartOptions = {
  readonly hub: Hub;
  /** Left out or null: subscriptions are refused with LIVE_UNAVAILABLE. */
  readonly live?: Live | null;
  /** Of the hub. Left out: own ones, so that tickets are good here only. */
  readonly cursorKeys?: readonly Uint8Array[];
  /** Null: no events are taken. */
  readonly posted: Pick<EventDoor, 'keys' | 'contract'> | null;
  readonly host: string;
  readonly port: number;
  readonly mayMovePort: boolean;
  readonly version: string;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly parts: () => readonly PartStatus[];
  readonly onListening: (place: Listening) => void;
};

/** How many ports after the wanted one are tried. */
const maxMoves = 50;

export function createHttpPart(options: HttpPartOptions): Part {
  const { hub, posted, host, port, mayMovePort } = options;
  const { limits, log, metrics } = hub;
  const sender = createSenderCheck({ allowedHosts: [host, ...options.allowedHosts], allowedOrigins: options.allowedOrigins });
  const jsonBounds = toJsonBounds(limits);
  const server = createHttpServer({
    sender,
    log,
    stopMs: limits.stopMs,
    onRunning: metrics.setRunning,
    upgrades: createWebSocketDoor({ hub, live: options.live ?? null, sender, jsonBounds }),
    handler: (request) => route(request),
  });
  const health = createHealthHandlers({ version: options.version, hub, parts: options.parts, isStopping: server.isStopping });
  const post = { sender, bodyLimitBytes: limits.bodyBytes, jsonBounds };
  const route = createRouter(
    createRoutes({
      ...post,
      ...createLiveRoutes(options, post),
      development: hub.development,
      answer: (request) => answerRequest(request, hub),
      explain: (request) => explainRequest(request, hub),
      batchLimit: limits.batch,
      silenceMs: limits.silenceMs,
      health,
      takeEvent: hub.feed && posted ? createEventHandler({ hub, feed: hub.feed, ...posted }) : null,
    }),
  );
  return {
    name: 'http',
    async start() {
      const taken = await listenFrom(server, { host, port, moves: mayMovePort && port !== 0 ? maxMoves : 0 });
      if (port !== 0 && taken !== port) log.warn({ wanted: port, port: taken }, `port ${port} is taken, listening on ${taken}`);
      options.onListening({ url: `http://${toUrlHost(host)}:${taken}`, port: taken });
    },
    stop: () => server.stop(),
    stopLimitMs: limits.stopMs + stopGraceMs,
  };
}

function createLiveRoutes({ hub, live = null, cursorKeys = [randomBytes(32)] }: HttpPartOptions, post: PostOptions) {
  const tickets = createTickets(cursorKeys, hub.clock);
  const check = (request: GatewayRequest) => checkSubscription(request, hub);
  return {
    liveDoor: createLiveDoor({ live, begin: (request) => beginRequest(request, hub), check, tickets, silenceMs: hub.limits.silenceMs }),
    ticket: createTicketHandler({ ...post, check, expiryOf: (request) => toExpiryMs(request, hub), tickets }),
  };
}

/** Deeper JSON, or such with more keys, is not even read; variables at their limit, and one over it, are. */
function toJsonBounds({ variablesDepth, variablesBytes, batch }: Limits): JsonBounds {
  const keys = keysAround + Math.ceil(variablesBytes / bytesOfKey);
  return { nesting: variablesDepth + nestingAround, keys: Math.max(keys, Math.min(keys * batch, keysOfArray)) };
}

const nestingAround = 16;
const keysAround = 1_000;
/** Some 50 ms of reading: nobody else is answered meanwhile. */
const keysOfArray = 30_000;
const stopGraceMs = 2_000;

async function listenFrom(server: HttpServer, { host, port, moves }: { host: string; port: number; moves: number }): Promise<number> {
  for (let move = 0; ; move++) {
    try {
      return (await server.listen(port + move, host)).port;
    } catch (error) {
      const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : '';
      if (code === 'EADDRINUSE' && move < moves) continue;
      if (code === 'EADDRINUSE') {
        throw createError('PORT_TAKEN', `Port ${port} is taken by another process. Stop that process, or set PORT to a free one.`, {
          cause: error,
        });
      }
      throw createError(
        'START_FAILED',
        `Cannot listen on ${host}:${port}: ${toMessage(error)}. Set HUB_HOST and PORT to what this machine has.`,
        { cause: error },
      );
    }
  }
}

/** Where to point a client on this machine. */
function toUrlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::' || host === '127.0.0.1') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
