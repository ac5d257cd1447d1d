/**
 * Content types in and out, as GraphQL over HTTP asks: what a request declares, and which type its answer gets.
 * Exports `isJsonContentType`, `toAnswerType`, `toStreamType`, `toLiveType`, `acceptsHtml`.
 */
import type { PayloadForm } from '../pipeline/payload-text.ts';
import { remember } from './remember.ts';

export type AnswerType = 'application/graphql-response+json' | 'application/json';

/** How an answer in several payloads may be sent. `form`: how they are written; `mark`: the parameter by which the client chose it. */
export type StreamType =
  | { readonly kind: 'multipart'; readonly form: PayloadForm; readonly mark: string | null }
  | { readonly kind: 'events' };

type MediaRange = {
  readonly type: string;
  readonly charset: string | undefined;
  readonly quality: number;
  readonly find: (name: string) => string | undefined;
};

/** application/json, in UTF-8 if a charset is named. */
export const isJsonContentType = remember(readContentType);

/** The type for the answer; null when the client takes none that we can give. No header and any wildcard mean application/json. */
export const toAnswerType = remember(readAccept);

function readContentType(header: string): boolean {
  const range = parseRange(header);
  return range.type === 'application/json' && isUtf8(range);
}

function readAccept(accept: string): AnswerType | null {
  if (accept.trim() === '') return 'application/json';
  let best: { type: AnswerType; quality: number } | null = null;
  for (const range of parseRanges(accept)) {
    const type = toType(range);
    if (type === null || range.quality <= 0) continue;
    if (!best || range.quality > best.quality) best = { type, quality: range.quality };
  }
  return best?.type ?? null;
}

/**
 * Null when the client takes one whole answer only. Events are for clients that like nothing better: they get every answer so; multipart
 * is used where there is more than one payload.
 */
export const toStreamType = remember(readStreamType);

function readStreamType(accept: string): StreamType | null {
  const ranges = parseRanges(accept).filter(({ quality }) => quality > 0);
  const json = ranges.filter((range) => toType(range) !== null);
  const best = Math.max(0, ...json.map(({ quality }) => quality));
  const events = ranges.find(({ type }) => type === 'text/event-stream');
  const firstJson = json.find(({ quality }) => quality === best);
  if (events !== undefined && isUtf8(events)) {
    const isFirst = firstJson === undefined || ranges.indexOf(events) < ranges.indexOf(firstJson);
    if (events.quality > best || (events.quality === best && isFirst)) return { kind: 'events' };
  }
  for (const range of ranges.toSorted((a, b) => b.quality - a.quality)) {
    const multipart = range.type === 'multipart/mixed' ? toMultipart(range) : null;
    if (multipart !== null) return multipart;
  }
  return null;
}

/** How a subscription is sent; null when the client takes none. */
export type LiveType = 'events' | 'multipart';

/** A subscription has no other answer: what the client likes better counts only between the two. */
export const toLiveType = remember(readLiveType);

function readLiveType(accept: string): LiveType | null {
  const ranges = parseRanges(accept).filter((range) => range.quality > 0 && isUtf8(range));
  for (const { type, find } of ranges.toSorted((a, b) => b.quality - a.quality)) {
    if (type === 'text/event-stream') return 'events';
    if (type === 'multipart/mixed' && find('subscriptionspec') === '1.0') return 'multipart';
  }
  return null;
}

/** Null for a specification that is neither of the two. Without any it is the newer one. */
function toMultipart({ find }: MediaRange): StreamType | null {
  const [older, newer] = [find('deferspec'), find('incrementalspec')];
  if (older !== undefined) return older === '20220824' ? { kind: 'multipart', form: 'paths', mark: 'deferSpec=20220824' } : null;
  if (newer !== undefined && newer !== 'v0.2') return null;
  return { kind: 'multipart', form: 'ids', mark: newer === undefined ? null : 'incrementalSpec=v0.2' };
}

/** Does a browser ask for a page? Only when HTML is named, and named before or above JSON. */
export function acceptsHtml(accept: string | undefined): boolean {
  const ranges = parseRanges(accept ?? '').filter(({ quality }) => quality > 0);
  const html = ranges.find(({ type }) => type === 'text/html');
  if (!html) return false;
  return !ranges.some((range) => toType(range) !== null && !range.type.includes('*') && range.quality > html.quality);
}

function toType(range: MediaRange): AnswerType | null {
  if (!isUtf8(range)) return null;
  switch (range.type) {
    case 'application/graphql-response+json':
      return 'application/graphql-response+json';
    case 'application/json':
    case 'application/*':
    case '*/*':
      return 'application/json';
    default:
      return null;
  }
}

function isUtf8({ charset }: MediaRange): boolean {
  return charset === undefined || charset === 'utf-8' || charset === 'utf8';
}

function parseRanges(header: string): MediaRange[] {
  return header.split(',').map(parseRange);
}

function parseRange(text: string): MediaRange {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const find = (name: string) =>
    parameters
      .find((parameter) => parameter.startsWith(`${name}=`))
      ?.slice(name.length + 1)
      .replaceAll('"', '');
  const quality = Number(find('q') ?? 1);
  return { type, charset: find('charset'), quality: Number.isNaN(quality) ? 0 : quality, find };
}
