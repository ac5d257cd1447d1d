/**
 * An answer in several payloads on the wire: `multipart/mixed` (incremental delivery over HTTP) or server-sent events (the distinct
 * connections of graphql-sse), and what keeps each alive. Exports `toMultipart`, `toEvents`, their keep-alives and `EVENTS_TYPE`.
 */

export const EVENTS_TYPE = 'text/event-stream; charset=utf-8';

/** The boundary is `-`. After each part comes the delimiter of the next, or the end: a reader knows at once that the part is whole. */
export function toMultipart(first: string, more: AsyncIterableIterator<string> | null): AsyncIterableIterator<string> {
  return writeParts(first, more, {
    begin: '---',
    part: (text) => `\r\nContent-Type: application/json; charset=utf-8\r\n\r\n${text}\r\n---`,
    end: '--\r\n',
  });
}

/** `event: next` with each payload, `event: complete` at the end. */
export function toEvents(first: string, more: AsyncIterableIterator<string> | null): AsyncIterableIterator<string> {
  return writeParts(first, more, {
    begin: '',
    part: (text) => `event: next\ndata: ${text.replaceAll(/\r\n|\r|\n/g, '\ndata: ')}\n\n`,
    end: 'event: complete\ndata:\n\n',
  });
}

/** Keeps proxies from closing a stream on which nothing comes for a while: a comment. */
export const EVENTS_ALIVE = ':\n\n';

/**
 * The same for multipart: a field in the head of the next part, which has begun with its delimiter. By RFC 2046 only fields named
 * `Content-…` mean anything there. A payload always follows: while one is waited for, the last one has not been sent.
 */
export const MULTIPART_ALIVE = '\r\nIr-Alive: yes';

type Frame = { readonly begin: string; readonly part: (text: string) => string; readonly end: string };

/** Each text it gives is written at once; the end comes together with the last part where that says itself that it is the last. */
function writeParts(first: string, more: AsyncIterableIterator<string> | null, { begin, part, end }: Frame): AsyncIterableIterator<string> {
  let state: 'first' | 'more' | 'over' = 'first';
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      if (state === 'over') return { value: undefined, done: true };
      if (state === 'first') {
        state = more === null ? 'over' : 'more';
        return { value: `${begin}${part(first)}${more === null ? end : ''}`, done: false };
      }
      const step = (await more?.next()) ?? { value: undefined, done: true };
      if (step.done !== true) return { value: part(step.value), done: false };
      state = 'over';
      return { value: end, done: false };
    },
    async return() {
      state = 'over';
      await more?.return?.();
      return { value: undefined, done: true };
    },
  };
}
