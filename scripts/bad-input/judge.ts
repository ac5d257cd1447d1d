/** Says what is wrong with an answer: every input is due a 4xx or a GraphQL answer with nothing of the inside. Exports `judge`. */
import { SECRET } from './mills.ts';
import { readResponses, type Response, type Sent } from './send.ts';

export type Verdict = {
  /** Null: the answer is as it must be. */
  readonly wrong: string | null;
  readonly statuses: readonly number[];
};

/** Stacks, files, addresses, and what the subgraphs would give away. */
const insides = [
  /\bat (?:async )?[\w$.<>[\] ]*\(?(?:file:\/\/)?\/[^)\s]*:\d+:\d+/,
  /node_modules|node:internal|\.(?:ts|js|mjs):\d+/,
  /(?:127\.0\.0\.1|localhost|\[::1\]):\d+/,
  /\/(?:home|root|srv|tmp|usr|var|work)\//,
  /ECONN|EPIPE|ENOENT|select \* from/,
  new RegExp(SECRET),
];

export function judge({ bytes, end }: Sent, isHead: boolean): Verdict {
  const responses = readResponses(bytes, isHead);
  const statuses = (responses ?? []).map(({ status }) => status);
  return { wrong: findWrong(responses, end, bytes), statuses };
}

function findWrong(responses: readonly Response[] | null, end: Sent['end'], bytes: Buffer): string | null {
  if (responses === null) return `what came back is no HTTP: ${shorten(bytes.toString('latin1'))}`;
  if (responses.length === 0) return `no answer, the connection was ${end}`;
  if (end === 'late') return 'the connection was not closed in time';
  const text = bytes.toString('utf8');
  const inside = insides.find((pattern) => pattern.test(text));
  if (inside) return `the answer shows ${String(inside)}: ${shorten(text)}`;
  for (const response of responses) {
    const wrong = findWrongInOne(response);
    if (wrong !== null) return `${wrong}: ${response.status} ${shorten(response.body.toString('utf8'))}`;
  }
  return null;
}

function findWrongInOne({ status, headers, body, whole }: Response): string | null {
  if (!whole) return 'the answer breaks off';
  if (status >= 500) return 'the gateway says that it failed';
  if (body.length === 0) return status >= 400 || status === 204 || headers.get('content-length') !== '0' ? null : 'an empty answer';
  if (headers.get('x-content-type-options') !== 'nosniff') return 'an answer without nosniff';
  const type = headers.get('content-type') ?? '';
  // Metrics, and the console in development
  if (/^text\/(?:plain|html);/.test(type)) return status === 200 ? null : 'text with this status';
  const parts = toParts(type, body.toString('utf8'));
  if (parts === null) return 'parts that do not end';
  return parts.map((part, index) => findWrongInJson(part, { status, first: index === 0 })).find((wrong) => wrong !== null) ?? null;
}

/** Each part is one JSON text. Null when the end is missing. */
function toParts(type: string, text: string): string[] | null {
  if (type.startsWith('text/event-stream')) {
    if (!text.endsWith('event: complete\ndata:\n\n')) return null;
    return [...text.matchAll(/^event: next\ndata: (.*)\n\n/gm)].map(([, data = '']) => data);
  }
  if (!type.startsWith('multipart/mixed')) return [text];
  if (!text.startsWith('---\r\n') || !text.endsWith('\r\n-----\r\n')) return null;
  return text
    .slice(3, -8)
    .split('\r\n---')
    .map((part) => part.slice(part.indexOf('\r\n\r\n') + 4));
}

function findWrongInJson(text: string, { status, first }: { status: number; first: boolean }): string | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'an answer that is no JSON';
  }
  const answers: unknown[] = Array.isArray(value) ? value : [value];
  for (const answer of answers) {
    if (typeof answer !== 'object' || answer === null) return 'an answer that is no object';
    // Health and readiness are said in objects of their own
    const isGraphql = 'data' in answer || 'errors' in answer || 'hasNext' in answer || 'parts' in answer || 'ready' in answer;
    if (!isGraphql) return 'an answer without data and errors';
    if (first && status >= 400 && !('errors' in answer)) return 'a refusal without errors';
    if ('errors' in answer && !everyErrorHasCode(answer.errors)) return 'an error without a code';
  }
  return null;
}

function everyErrorHasCode(errors: unknown): boolean {
  if (!Array.isArray(errors) || errors.length === 0) return false;
  return errors.every((error: unknown) => {
    if (typeof error !== 'object' || error === null || !('extensions' in error) || !('message' in error)) return false;
    const { extensions } = error;
    return typeof extensions === 'object' && extensions !== null && 'code' in extensions && extensions.code !== 'INTERNAL';
  });
}

function shorten(text: string): string {
  return text.length > 600 ? `${text.slice(0, 600)} … (${text.length} characters)` : text;
}
