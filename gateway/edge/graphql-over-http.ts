/** GraphQL over HTTP (https://graphql.github.io/graphql-over-http): POST and GET in, one answer out. Exports `createGraphqlHandlers`. */
import type { IncomingMessage } from 'node:http';
import { createError } from '../../lib/errors/errors.ts';
import type { Answer, GatewayRequest } from '../pipeline/request.ts';
import type { SenderCheck } from './check-sender.ts';
import type { HttpAnswer } from './http-answer.ts';
import { isJsonContentType, toAnswerType, type AnswerType } from './media-types.ts';
import { readPeer } from './peer.ts';
import { readBody } from './read-body.ts';
import type { Handler, HttpRequest } from './router.ts';
import { parseStrictJson } from './strict-json.ts';

export type GraphqlOptions = {
  readonly answer: (request: GatewayRequest) => Promise<Answer>;
  readonly sender: SenderCheck;
  readonly bodyLimitBytes: number;
  /** Levels of JSON. */
  readonly nestingLimit: number;
};

export function createGraphqlHandlers({ answer, sender, bodyLimitBytes, nestingLimit }: GraphqlOptions): { GET: Handler; POST: Handler } {
  return {
    async POST({ message, requestId, signal }) {
      const type = negotiate(message);
      sender.assertOrigin(message.headers);
      if (!isJsonContentType(message.headers['content-type'])) {
        throw createError('UNSUPPORTED_MEDIA_TYPE', 'Send Content-Type: application/json, in UTF-8.');
      }
      const text = await readBody(message, bodyLimitBytes);
      const params = parseStrictJson(text, nestingLimit);
      return toHttpAnswer(await answer({ params, readOnly: false, requestId, signal, ...readPeer(message) }), type);
    },
    async GET({ message, url, requestId, signal }) {
      const type = negotiate(message);
      const contentType = message.headers['content-type'];
      if (contentType !== undefined && !isJsonContentType(contentType)) {
        throw createError('UNSUPPORTED_MEDIA_TYPE', 'A GET has no body: leave Content-Type out.');
      }
      sender.assertReadFromHere(message.headers);
      const params = readQueryString(url, nestingLimit);
      const found = await answer({ params, readOnly: true, requestId, signal, ...readPeer(message) });
      return toHttpAnswer(found, type);
    },
  };
}

function negotiate({ headers }: IncomingMessage): AnswerType {
  const type = toAnswerType(headers.accept);
  if (type === null) throw createError('NOT_ACCEPTABLE', 'Accept application/graphql-response+json or application/json.');
  return type;
}

/** The parameters of a GET, as strings of which two hold JSON. One that comes twice is refused: servers disagree on which one counts. */
function readQueryString({ searchParams }: HttpRequest['url'], nestingLimit: number): Record<string, unknown> {
  const params: Record<string, unknown> = {};
  for (const name of ['query', 'operationName', 'variables', 'extensions']) {
    const values = searchParams.getAll(name);
    if (values.length > 1) throw createError('BAD_REQUEST', `The parameter ${name} comes twice.`);
    const [value] = values;
    if (value === undefined) continue;
    const holdsJson = name === 'variables' || name === 'extensions';
    params[name] = holdsJson && value !== '' ? parseStrictJson(value, nestingLimit) : value === '' ? null : value;
  }
  return params;
}

function toHttpAnswer({ kind, status, body }: Answer, type: AnswerType): HttpAnswer {
  // A client that takes only application/json learns of refused operations by the body: it may not tell our 400 from a proxy's
  const spoken = kind === 'refused' && type === 'application/json' ? 200 : status;
  const asking: Record<string, string> = spoken === 401 ? { 'www-authenticate': 'Bearer' } : {};
  return { status: spoken, headers: { 'content-type': `${type}; charset=utf-8`, ...asking }, body: JSON.stringify(body) };
}
