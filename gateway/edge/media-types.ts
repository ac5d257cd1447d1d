/**
 * Content types in and out, as GraphQL over HTTP asks: what a request declares, and which type its answer gets.
 * Exports `isJsonContentType`, `toAnswerType`, `acceptsHtml`.
 */

export type AnswerType = 'application/graphql-response+json' | 'application/json';

type MediaRange = { readonly type: string; readonly charset: string | undefined; readonly quality: number };

/** application/json, in UTF-8 if a charset is named. */
export function isJsonContentType(header: string | undefined): boolean {
  const range = parseRange(header ?? '');
  return range.type === 'application/json' && isUtf8(range);
}

/** The type for the answer; null when the client takes none that we can give. No header and any wildcard mean application/json. */
export function toAnswerType(accept: string | undefined): AnswerType | null {
  if (accept === undefined || accept.trim() === '') return 'application/json';
  let best: { type: AnswerType; quality: number } | null = null;
  for (const range of parseRanges(accept)) {
    const type = toType(range);
    if (type === null || range.quality <= 0) continue;
    if (!best || range.quality > best.quality) best = { type, quality: range.quality };
  }
  return best?.type ?? null;
}

/** Does a browser ask for a page? Only when HTML is named, and named before or above JSON. */
export function acceptsHtml(accept: string | undefined): boolean {
  const ranges = parseRanges(accept ?? '').filter(({ quality }) => quality > 0);
  const html = ranges.find(({ type }) => type === 'text/html');
  if (!html) return false;
  return !ranges.some((range) => toType(range) !== null && !range.type.includes('*') && range.quality > html.quality);
}

function toType({ type, charset, quality }: MediaRange): AnswerType | null {
  if (!isUtf8({ type, charset, quality })) return null;
  switch (type) {
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
  return { type, charset: find('charset'), quality: Number.isNaN(quality) ? 0 : quality };
}
