// Pages of a list that is stored whole in one row.
import { createError } from '../../../lib/errors/errors.ts';
import { readFirst, type Page, type PageArgs } from '../../../subgraph-kit/page.ts';

const toCursor = (place: number): string => Buffer.from(`place ${place}`).toString('base64url');

function readPlace(after: string): number {
  const place = /^place (0|[1-9]\d{0,8})$/.exec(Buffer.from(after, 'base64url').toString('utf8'))?.[1];
  if (place !== undefined) return Number(place);
  throw createError('BAD_USER_INPUT', '`after` is not a cursor of this list; hand in `pageInfo.endCursor` of a page of it');
}

/** The part of the items that was asked for. */
export function toListPage<T>(items: readonly T[], args: PageArgs): Page<T> {
  const first = readFirst(args);
  const { after } = args;
  const start = after === null || after === undefined ? 0 : readPlace(after) + 1;
  const rows = items.slice(start, start + first);
  return {
    rows,
    cursors: rows.map((_, i) => toCursor(start + i)),
    hasNextPage: start + first < items.length,
    hasPreviousPage: start > 0,
    countTotal: () => Promise.resolve(items.length),
  };
}
