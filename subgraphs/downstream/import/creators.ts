// The format `creators`: posts of the data set "Facebook Live Sellers in Thailand" (UCI 488) become signals, and add to the traffic of the
// day on which they were published. Its history is shifted by whole days onto the clock of the hub, so that the last day of the data is the
// day before the import began. docs/data.md says what is read and what is made up.
import { daysBetween, toBusinessDay } from '../../../lib/clock/clock.ts';
import { toDate } from '../../../subgraph-kit/days.ts';
import { toDerivedId } from '../../../subgraph-kit/import/derived-id.ts';
import type { ImportChange, ImportFormat, ImportRow } from '../../../subgraph-kit/import/format.ts';
import { execute, sql } from '../../../subgraph-kit/sql.ts';
import type { Tx } from '../data/client.ts';
import type { SourceRow } from '../data/rows.ts';
import { writeSignals, type NewSignal } from '../writes/signals.ts';
import { addReactions, type NewReading } from '../writes/traffic.ts';
import { columns, LAST_DAY, parseLivePost, type LivePost } from './live-post.ts';
import { enterPages } from './live-sellers.ts';

const DAY_MS = 86_400_000;
/** The file gives what a post brought in all; a day stands for it. */
const WINDOW_SECONDS = 86_400;

export const creatorsFormat: ImportFormat<Tx, LivePost> = {
  name: 'creators',
  columns,
  topics: ['creator.changed', 'traffic.recorded', 'signal.recorded'],
  parse: parseLivePost,
  write: async (change, rows) => {
    // two files may name the same new page, or add to the same day
    await execute(change.tx, sql`SELECT pg_advisory_xact_lock(hashtext('downstream.import.creators'))`);
    const { now, settings } = change;
    const days = daysBetween(LAST_DAY, toBusinessDay(now, settings.timeZone)) - 1;
    const pages = await enterPages(
      change,
      rows.map(({ row }) => row.page),
      now,
    );
    const posts = rows.flatMap((post) => {
      const source = pages.get(post.row.page);
      return source === undefined ? [] : [{ ...toPost(post, days), source }];
    });
    const stored = await writeSignals(
      change,
      posts.map((post) => toSignal(change, post)),
    );
    await addReactions(change, toReadings(change, posts), now);
    return stored.length;
  },
};

type Post = { readonly rowNumber: number; readonly at: Date; readonly reactions: bigint; readonly source: SourceRow };

const toPost = ({ rowNumber, row }: ImportRow<LivePost>, days: number): Omit<Post, 'source'> => ({
  rowNumber,
  at: new Date(row.publishedAt.getTime() + days * DAY_MS),
  reactions: BigInt(row.reactions),
});

const toSignal = ({ fileHash }: ImportChange<Tx>, { rowNumber, at, reactions, source }: Post): NewSignal => ({
  signalId: toDerivedId('sig', `${fileHash} ${rowNumber}`),
  memberId: source.memberId,
  origin: 'IMPORTED',
  styleId: null,
  sourceId: source.sourceId,
  campaignId: null,
  at,
  windowSeconds: WINDOW_SECONDS,
  views: null,
  reactions,
  addToCarts: null,
  deposits: null,
  orders: null,
});

// Posts of one page and day are one reading.
function toReadings({ now, settings }: ImportChange<Tx>, posts: readonly Post[]): NewReading[] {
  const readings = new Map<string, NewReading>();
  for (const { at, reactions, source } of posts) {
    const day = toBusinessDay(at, settings.timeZone);
    const key = `${source.sourceId} ${day}`;
    const known = readings.get(key)?.row;
    const row = known ?? {
      sourceId: source.sourceId,
      day: toDate(day),
      origin: 'IMPORTED' as const,
      views: null,
      reactions: 0n,
      clicks: null,
      orders: null,
      joinedPrivate: null,
      followers: null,
      recordedAt: now,
    };
    readings.set(key, { source, row: { ...row, reactions: row.reactions + reactions } });
  }
  return [...readings.values()];
}
