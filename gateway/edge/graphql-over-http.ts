/**
 * GraphQL over HTTP (https://graphql.github.io/graphql-over-http): POST and GET in, one answer out; in several payloads where the client
 * takes them (docs/decisions/defer.md), and of a subscription a stream. Exports `createGraphqlHandlers`.
 */
import type { IncomingMessage } from 'node:http';
import { createError } from '../../lib/errors/errors.ts';
import { answerBatch } from '../pipeline/answer-batch.ts';
import type { PayloadForm } from '../pipeline/payload-text.ts';
import type { Answer, GatewayRequest } from '../pipeline/request.ts';
import type { HttpAnswer } from './http-answer.ts';
import type { LiveDoor } from './live/live-door.ts';
import { assertNoToken } from './live/url-secrets.ts';
import {
  isJsonContentType,
  toAnswerType,
  toLiveType,
  toStreamType,
  type AnswerType,
  type LiveType,
  type StreamType,
} from './media-types.ts';
import { EVENTS_ALIVE, EVENTS_TYPE, MULTIPART_ALIVE, toEvents, toMultipart } from './payload-stream.ts';
import { readPeer } from './peer.ts';
import type { HttpRequest } from './http-request.ts';
import { createPostReader, type PostOptions } from './read-post.ts';
import type { Handler } from './router.ts';
import { parseStrictJson, type JsonBounds } from './strict-json.ts';
import { toWholeAnswer } from './whole-answer.ts';

export type GraphqlOptions = PostOptions & {
  readonly answer: (request: GatewayRequest) => Promise<Answer>;
  /** For clients that take a stream. Left out: subscriptions are refused. */
  readonly liveDoor?: LiveDoor | undefined;
  /** Most requests in one array; 0: none are taken. */
  readonly batchLimit: number;
  /** Nothing on an answer in several payloads for so long: the client is told that it is alive. */
  readonly silenceMs: number;
};

export function createGraphqlHandlers(options: GraphqlOptions): { GET: Handler; POST: Handler } {
  const { answer, sender, batchLimit, jsonBounds } = options;
  const readPost = createPostReader(options);
  const answerOne = createAnswerer(options);
  return {
    async POST(from) {
      const { message, requestId, signal } = from;
      const wanted = negotiate(message);
      assertNoToken(from);
      const params = await readPost(message);
      const isBatch = batchLimit > 0 && Array.isArray(params);
      const { token, fromLoopback, header, address } = readPeer(message);
      const payloads = isBatch ? undefined : toForm(wanted);
      const request = { params, readOnly: false, requestId, signal, token, fromLoopback, header, address, payloads };
      if (!isBatch) return answerOne(request, from, wanted);
      // An array has one answer, in one piece: what is deferred in it comes with the rest.
      if (wanted.json === null)
        throw createError('NOT_ACCEPTABLE', 'An array of requests is answered in one piece: accept application/json as well.');
      return toWholeAnswer(await answerBatch(params, { request, most: batchLimit, answer }), wanted.json);
    },
    async GET(from) {
      const { message, url, requestId, signal } = from;
      const wanted = negotiate(message);
      const contentType = message.headers['content-type'];
      if (contentType !== undefined && !isJsonContentType(contentType)) {
        throw createError('UNSUPPORTED_MEDIA_TYPE', 'A GET has no body: leave Content-Type out.');
      }
      sender.assertReadFromHere(message.headers);
      assertNoToken(from);
      const params = readQueryString(url, jsonBounds);
      return answerOne({ params, readOnly: true, requestId, signal, payloads: toForm(wanted), ...readPeer(message) }, from, wanted);
    },
  };
}

type Answerer = (request: GatewayRequest, from: HttpRequest, wanted: Wanted) => Promise<HttpAnswer>;

function createAnswerer({ answer, liveDoor, silenceMs }: GraphqlOptions): Answerer {
  return async (request, from, wanted) => {
    const { live } = wanted;
    if (live === null || liveDoor === undefined) return toHttpAnswer(await answer(request), wanted, silenceMs);
    const found = await liveDoor.open(request, from, live);
    return 'headers' in found ? found : toHttpAnswer(found, wanted, silenceMs);
  };
}

/** `json`: null when the client takes no whole answer. */
type Wanted = { readonly json: AnswerType | null; readonly stream: StreamType | null; readonly live: LiveType | null };

function negotiate({ headers, method }: IncomingMessage): Wanted {
  // Nothing is opened for the head of an answer alone
  const live = method === 'HEAD' ? null : toLiveType(headers.accept);
  const wanted = { json: toAnswerType(headers.accept), stream: toStreamType(headers.accept), live };
  if (wanted.json !== null || wanted.stream !== null) return wanted;
  throw createError('NOT_ACCEPTABLE', 'Accept application/graphql-response+json or application/json.');
}

function toForm({ stream }: Wanted): PayloadForm | undefined {
  if (stream === null) return undefined;
  return stream.kind === 'multipart' ? stream.form : 'ids';
}

/** The parameters of a GET, as strings of which two hold JSON. One that comes twice is refused: servers disagree on which one counts. */
function readQueryString({ searchParams }: HttpRequest['url'], jsonBounds: JsonBounds): Record<string, unknown> {
  const params: Record<string, unknown> = {};
  for (const name of ['query', 'documentId', 'operationName', 'variables', 'extensions']) {
    const values = searchParams.getAll(name);
    if (values.length > 1) throw createError('BAD_REQUEST', `The parameter ${name} comes twice.`);
    const [value] = values;
    if (value === undefined) continue;
    const holdsJson = name === 'variables' || name === 'extensions';
    params[name] = holdsJson && value !== '' ? parseStrictJson(value, jsonBounds) : value === '' ? null : value;
  }
  return params;
}

function toHttpAnswer(answer: Answer, { json, stream }: Wanted, everyMs: number): HttpAnswer {
  const { kind, more } = answer;
  // What is no GraphQL request gets the status that says so, whatever is accepted
  if (stream?.kind === 'events' && kind !== 'failed') return toEventsAnswer(answer, everyMs);
  if (stream?.kind === 'multipart' && kind === 'data' && (more !== null || json === null))
    return toMultipartAnswer(answer, stream.mark, everyMs);
  return toWholeAnswer(answer, json ?? 'application/graphql-response+json');
}

function toEventsAnswer({ text, more }: Answer, everyMs: number): HttpAnswer {
  const headers = { 'content-type': EVENTS_TYPE, 'cache-control': 'no-store', 'x-accel-buffering': 'no' };
  return { status: 200, headers, body: { chunks: toEvents(text, more), keepAlive: { text: EVENTS_ALIVE, everyMs } } };
}

function toMultipartAnswer({ text, more }: Answer, mark: string | null, everyMs: number): HttpAnswer {
  const type = `multipart/mixed; boundary="-"${mark === null ? '' : `; ${mark}`}`;
  return {
    status: 200,
    headers: { 'content-type': type, 'cache-control': 'no-store' },
    body: { chunks: toMultipart(text, more), keepAlive: { text: MULTIPART_ALIVE, everyMs } },
  };
}
