/** An answer of the pipeline in one piece over HTTP. Exports `toWholeAnswer`. */
import type { Answer } from '../pipeline/request.ts';
import type { HttpAnswer } from './http-answer.ts';
import type { AnswerType } from './media-types.ts';

/** Frozen: the server prepares their lines once. */
const usualHeaders: Readonly<Record<AnswerType, HttpAnswer['headers']>> = {
  'application/json': Object.freeze({ 'content-type': 'application/json; charset=utf-8' }),
  'application/graphql-response+json': Object.freeze({ 'content-type': 'application/graphql-response+json; charset=utf-8' }),
};

export function toWholeAnswer(answer: Answer, type: AnswerType): HttpAnswer {
  const { kind, status, retryAfterSeconds } = answer;
  // A client that takes only application/json learns of refused operations by the body: it may not tell our 400 from a proxy's
  const spoken = kind === 'refused' && type === 'application/json' ? 200 : status;
  // The text of bytes is made when it is read: here it must not be
  const body = answer.bytes ?? answer.text;
  const usual = usualHeaders[type];
  if (spoken === 401) return { status: spoken, headers: { ...usual, 'www-authenticate': 'Bearer' }, body };
  if (retryAfterSeconds !== undefined) return { status: spoken, headers: { ...usual, 'retry-after': String(retryAfterSeconds) }, body };
  return { status: spoken, headers: usual, body };
}
