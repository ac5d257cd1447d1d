/**
 * What every client must have been told, from the ledgers alone: what stood at each position of each epoch, who might read what until when, and what
 * the client wrote down. It knows nothing of cohorts, frames or budgets. Exports `checkClient`.
 */
import type { FeedPosition, StoredEvent } from '../../lib/feed/index.ts';
import type { SimClient } from './client.ts';
import type { Payload } from './gateway.ts';

export type Ledger = {
  readonly truth: ReadonlyMap<string, readonly StoredEvent[]>;
  /** When the member lost the right to read what this owner has; Infinity: never. */
  lostAt(member: string, owner: string): number;
  /** What a cursor says, for the checker alone. */
  positionOf(cursor: string, client: SimClient): FeedPosition;
  readonly head: FeedPosition;
};

/** What is wrong, in words. */
export function checkClient(client: SimClient, ledger: Ledger): string[] {
  const faults: string[] = [];
  const say = (text: string): void => void faults.push(text);
  let had: FeedPosition | null = null;
  const newest = new Map<string, number>();
  const accounted = { frames: 0, skipped: 0 };

  /** Everything between the two positions that the client was meant to have. */
  const meant = (from: FeedPosition, to: FeedPosition): StoredEvent[] =>
    (ledger.truth.get(from.epoch) ?? []).filter(
      ({ seq, payload }) => seq > from.seq && seq <= to.seq && (payload as Payload).size >= client.least,
    );
  const isSure = ({ payload }: StoredEvent): boolean => ledger.lostAt(client.member, (payload as Payload).owner) === Infinity;

  for (const told of client.told) {
    if (told.kind === 'lost') continue;
    if (told.kind === 'refused') {
      say('its own cursor was refused');
      continue;
    }
    const at = ledger.positionOf(told.cursor, client);
    if (told.kind !== 'frames') {
      if (told.kind === 'reset' && had !== null && had.epoch === at.epoch && at.seq < had.seq)
        say(`reset back from ${had.seq} to ${at.seq}`);
      if (told.kind === 'started' && had !== null) say('was started twice');
      had = at;
      newest.clear();
      continue;
    }
    if (had === null) {
      say('was given frames before it was started');
      had = at;
      continue;
    }
    if (at.epoch !== had.epoch) say(`came from ${had.epoch} to ${at.epoch} without a reset`);
    if (at.seq < had.seq) say(`its cursor went back from ${had.seq} to ${at.seq}`);
    const got = told.frames.map(({ seq }) => seq);
    for (const [index, frame] of told.frames.entries()) {
      const true_ = (ledger.truth.get(frame.epoch) ?? []).find(({ seq }) => seq === frame.seq);
      if (frame.epoch !== at.epoch || true_?.id !== frame.id)
        say(`was told ${frame.id} at ${frame.epoch}/${frame.seq}, where ${true_?.id ?? 'nothing'} stood`);
      if (frame.seq <= (got[index - 1] ?? had.seq)) say(`was told ${frame.seq} after ${got[index - 1] ?? had.seq}`);
      if (frame.seq > at.seq) say(`was told ${frame.seq} beyond its cursor ${at.seq}`);
      if (told.sentAt > ledger.lostAt(client.member, frame.owner) + 5_000 || frame.resolvedAt > ledger.lostAt(client.member, frame.owner))
        say(`was told ${frame.id} of ${frame.owner}, which it might no longer read`);
      newest.set(frame.key, frame.seq);
    }
    accounted.frames += got.length;
    accounted.skipped += told.skipped;
    const due = meant(had, at);
    const missing = due.filter((event) => isSure(event) && !got.includes(event.seq));
    if (client.delivery === 'ALL') for (const { id, seq } of missing) say(`was never told ${id} at ${had.epoch}/${seq}`);
    else
      for (const { id, seq, payload } of missing)
        if ((newest.get((payload as Payload).key) ?? 0) < seq)
          say(`was never told ${id} at ${had.epoch}/${seq}, nor a later one of its key`);
    had = at;
  }
  return [...faults, ...checkEnd(client, ledger, had, meant)];
}

/** When all was calm for long enough, nothing is missing up to the end. */
function checkEnd(
  client: SimClient,
  { head, lostAt }: Ledger,
  had: FeedPosition | null,
  meant: (from: FeedPosition, to: FeedPosition) => StoredEvent[],
): string[] {
  if (had === null) return ['was never started'];
  if (had.epoch !== head.epoch) return [`ended in ${had.epoch}, the stream in ${head.epoch}`];
  return meant(had, head)
    .filter(({ payload }) => lostAt(client.member, (payload as Payload).owner) === Infinity)
    .map(({ id, seq }) => `still lacks ${id} at ${seq} at the end`);
}
