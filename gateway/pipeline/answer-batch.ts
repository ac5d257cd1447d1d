/** Several requests in one array, each through the one pipeline, answered in their order. Exports `answerBatch`. */
import { createError } from '../../lib/errors/errors.ts';
import type { Answer, GatewayRequest } from './request.ts';

/** A text without this word writes nothing. A request that names its document is taken to write. */
const mayWrite = (params: unknown): boolean =>
  typeof params !== 'object' ||
  params === null ||
  !('query' in params) ||
  typeof params.query !== 'string' ||
  params.query.includes('mutation');

/**
 * When one of them may write they run one after the other, in their order. The status is that of the answers when all agree on one, else
 * 200. Throws BAD_REQUEST for an empty array, LIMIT_EXCEEDED for one that is too long.
 */
export async function answerBatch(
  all: readonly unknown[],
  { request, most, answer }: { request: GatewayRequest; most: number; answer: (request: GatewayRequest) => Promise<Answer> },
): Promise<Answer> {
  if (all.length === 0) throw createError('BAD_REQUEST', 'The array holds no request.');
  if (all.length > most)
    throw createError('LIMIT_EXCEEDED', `The array holds more than ${most} requests.`, { details: { limit: 'batch' } });
  const answers: Answer[] = [];
  if (all.some(mayWrite)) for (const params of all) answers.push(await answer({ ...request, params }));
  else answers.push(...(await Promise.all(all.map((params) => answer({ ...request, params })))));
  const [first] = answers;
  const agree = first !== undefined && answers.every(({ status }) => status === first.status);
  const seconds = Math.max(0, ...answers.map(({ retryAfterSeconds = 0 }) => retryAfterSeconds));
  return {
    kind: agree ? first.kind : 'data',
    status: agree ? first.status : 200,
    text: `[${answers.map(({ text }) => text).join(',')}]`,
    errorCodes: answers.flatMap(({ errorCodes }) => errorCodes),
    more: null,
    ...(seconds > 0 ? { retryAfterSeconds: seconds } : {}),
  };
}
