/** Everything the gateway answers to: the one list of paths. Exports `createRoutes`. */
import { createError } from '../../lib/errors/errors.ts';
import type { Answer, GatewayRequest } from '../pipeline/request.ts';
import type { SenderCheck } from './check-sender.ts';
import { eventsPath } from './events/event-door.ts';
import { createPageHandlers } from './graphiql/page.ts';
import { createGraphqlHandlers } from './graphql-over-http.ts';
import type { HealthHandlers } from './health.ts';
import type { LiveDoor } from './live/live-door.ts';
import { acceptsHtml } from './media-types.ts';
import type { Handler, Route } from './router.ts';
import type { JsonBounds } from './strict-json.ts';

export type RouteOptions = {
  /** The page, and plans without running. */
  readonly development: boolean;
  readonly answer: (request: GatewayRequest) => Promise<Answer>;
  readonly liveDoor: LiveDoor;
  /** Tickets for URLs. */
  readonly ticket: Handler;
  readonly explain: (request: GatewayRequest) => Promise<Answer>;
  readonly sender: SenderCheck;
  readonly bodyLimitBytes: number;
  readonly batchLimit: number;
  readonly jsonBounds: JsonBounds;
  readonly silenceMs: number;
  readonly health: HealthHandlers;
  /** Null: there is nothing at the path of events. */
  readonly takeEvent: Handler | null;
};

export function createRoutes(options: RouteOptions): Route[] {
  const { development, explain, sender, health, takeEvent } = options;
  const graphql = createGraphqlHandlers(options);
  const OPTIONS = createPreflightHandler(sender);
  const always: Route[] = [
    { path: '/health', methods: { GET: health.health } },
    { path: '/ready', methods: { GET: health.ready } },
    { path: '/metrics', methods: { GET: health.metrics } },
    { path: '/graphql/ticket', methods: { POST: options.ticket, OPTIONS } },
    ...(takeEvent === null ? [] : [{ path: eventsPath, methods: { POST: takeEvent } }]),
  ];
  if (!development) return [{ path: '/graphql', methods: { GET: graphql.GET, POST: graphql.POST, OPTIONS } }, ...always];
  const page = createPageHandlers();
  const GET: Handler = (request) => (acceptsHtml(request.message.headers.accept) ? page.page() : graphql.GET(request));
  return [
    { path: '/graphql', methods: { GET, POST: graphql.POST, OPTIONS } },
    { path: '/graphql/plan', methods: { POST: createGraphqlHandlers({ ...options, answer: explain, liveDoor: undefined }).POST } },
    { path: '/graphql/assets/', methods: { GET: page.asset } },
    { path: '/', methods: { GET: toGraphql } },
    ...always,
  ];
}

/** Somebody typed the bare address into a browser. */
const toGraphql: Handler = () => ({ status: 302, headers: { location: '/graphql' }, body: '' });

/** A browser asks whether a page of another origin may send its request. */
function createPreflightHandler(sender: SenderCheck): Handler {
  return ({ message }) => {
    if (sender.allowedOrigin(message.headers) === null)
      throw createError('CSRF_PREVENTED', 'Pages of this origin may not send requests here.');
    const headers = {
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'authorization, content-type, last-event-id, x-request-id',
      'access-control-max-age': '600',
    };
    return { status: 204, headers, body: '' };
  };
}
