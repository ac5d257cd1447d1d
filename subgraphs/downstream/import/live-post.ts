// One post of the file "Facebook Live Sellers in Thailand" (UCI 488): the checks of its values, and what they mean.
import type { ParsedRow } from '../../../subgraph-kit/import/format.ts';

const kindsOfReaction = ['num_likes', 'num_loves', 'num_wows', 'num_hahas', 'num_sads', 'num_angrys'] as const;
const counts = ['num_reactions', 'num_comments', 'num_shares', ...kindsOfReaction] as const;
export const columns = ['status_id', 'status_type', 'status_published', ...counts] as const;

/** Days the published data covers. */
export const FIRST_DAY = '2012-07-15';
export const LAST_DAY = '2018-06-13';

export type LivePost = {
  /** Number of the page that posted it. */
  readonly page: string;
  /** By the clock of the file, not shifted. */
  readonly publishedAt: Date;
  /** Reactions, comments and shares together. */
  readonly reactions: number;
};

type Column = (typeof columns)[number];
type Bad = Extract<ParsedRow<LivePost>, { kind: 'bad' }>;

const ID = /^(\d{1,20})_\d{1,20}$/;
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/;
const COUNT = /^\d{1,10}$/;
const types = ['photo', 'video', 'status', 'link'];

export function parseLivePost(record: Readonly<Record<string, string>>): ParsedRow<LivePost> {
  // the runner hands in every column of the header
  const values = record as Readonly<Record<Column, string>>;
  const bad = (column: Column, reason: string): Bad => ({ kind: 'bad', column, value: values[column], reason });
  const page = ID.exec(values.status_id)?.[1];
  if (page === undefined)
    return bad('status_id', 'expected the numbers of a page and of a post, for example 246675545449582_246677465449390');
  if (!types.includes(values.status_type)) return bad('status_type', `expected one of ${types.join(', ')}`);
  const publishedAt = readTime(values.status_published);
  if (publishedAt === null) return bad('status_published', `expected a time like 2018-06-13T01:12 from ${FIRST_DAY} to ${LAST_DAY}`);
  const wrong = counts.find((column) => !COUNT.test(values[column]));
  if (wrong !== undefined) return bad(wrong, 'expected a whole number, at least 0');
  const sum = (list: readonly Column[]): number => list.reduce((total, column) => total + Number(values[column]), 0);
  // the platform has had kinds of reaction that the file has no column for, so the kinds may add up to less
  const kinds = sum(kindsOfReaction);
  if (kinds > Number(values.num_reactions)) return bad('num_reactions', `the kinds of reaction add up to ${kinds}, which is more`);
  return { kind: 'row', row: { page, publishedAt, reactions: sum(['num_reactions', 'num_comments', 'num_shares']) } };
}

// The file names no zone; the platform's interface, from which it was read, gives UTC.
function readTime(text: string): Date | null {
  const at = new Date(TIME.test(text) ? `${text}:00.000Z` : Number.NaN);
  if (Number.isNaN(at.getTime()) || !at.toISOString().startsWith(text)) return null;
  const day = text.slice(0, 10);
  return day >= FIRST_DAY && day <= LAST_DAY ? at : null;
}
