/**
 * What every client must have been told, from the ledgers alone: what the producers were acknowledged, what stood at each position of each epoch, who
 * might read what until when, and what the client wrote down. It knows nothing of cohorts, frames or budgets, and shares no code with them.
 */
import type { StoredEvent } from '../../lib/feed/index.ts';
import type { SimClient, Told } from './client.ts';
import { readCursorText } from './cursor-text.ts';
import type { Truth } from './log.ts';
import type { Payload, Shown } from './wire.ts';

export type Property =
  | 'reliable'
  | 'unique'
  | 'ordered'
  | 'atomic'
  | 'resumable'
  | 'bookmarkable'
  | 'no phantom'
  | 'authorised'
  | 'converged'
  | 'bounded'
  | 'exactly once';

/** `who`: the client, or null where it is about the whole. */
export type Fault = { readonly property: Property; readonly who: string | null; readonly at: number; readonly text: string };

/** An append that a producer was told to be durable. */
export type Acknowledged = { readonly ids: readonly string[]; readonly epoch: string; readonly at: number };

export type Ledger = {
  readonly truth: ReadonlyMap<string, Truth>;
  readonly acknowledged: readonly Acknowledged[];
  readonly applied: readonly string[];
  /** When the member lost the right to read what this owner has; Infinity: never, -Infinity: it never had it. */
  lostAt(member: string, owner: string): number;
  /** The least seq that could be read at a time. */
  firstAt(epoch: string, at: number): number | undefined;
  readonly head: Position;
  readonly endsAt: number;
  readonly budgetBytes: number;
};

type Position = { readonly epoch: string; readonly seq: number };
/** What says where the client stands. */
type Placed = Extract<Told, { readonly cursor: string }>;
type Say = (property: Property, at: number, text: string) => void;

/** How long after the loss of a right, or the end of a token, it may still be used. */
const GRACE_MS = 200;
/** A cohort that lags is reset by a trim, and with it those who are further than it is: so long after the trim at most. */
const LAG_MS = 1_000;

const toPayload = (event: StoredEvent): Payload => event.payload as Payload; // of this simulation
const toText = ({ epoch, seq }: Position): string => `${epoch}/${seq}`;

/** What stood there. */
function standing(truth: Ledger['truth'], epoch: string, seq: number): StoredEvent | undefined {
  const stream = truth.get(epoch);
  return stream?.events[seq - stream.first];
}

/** What the client had to be told between the two positions: matching, and never forbidden. */
function dueBetween({ truth, lostAt }: Ledger, { member, least }: SimClient, from: Position, to: number): StoredEvent[] {
  const stream = truth.get(from.epoch);
  if (stream === undefined) return [];
  const events = stream.events.slice(Math.max(0, from.seq + 1 - stream.first), Math.max(0, to + 1 - stream.first));
  return events.filter((event) => toPayload(event).size >= least && lostAt(member, toPayload(event).owner) === Infinity);
}

export function checkClient(client: SimClient, ledger: Ledger): Fault[] {
  const faults: Fault[] = [];
  const say: Say = (property, at, text) => void faults.push({ property, who: client.name, at, text });
  const newest = new Map<string, number>();
  let had: Position | null = null;
  for (const told of client.told) {
    if (told.kind === 'refused') say('resumable', told.at, 'its own cursor was refused');
    else if (told.kind === 'told after the end') say('unique', told.at, 'was told something after the end');
    else if (told.kind === 'written') checkBudget(told, { client, ledger, say });
    else if ('cursor' in told) {
      const at = readCursorText(told.cursor);
      checkCursor(told, had, at, { ledger, say });
      if (told.kind === 'frames') for (const shown of told.frames) if (shown !== null) newest.set(shown.key, shown.seq);
      if (told.kind === 'frames') checkFrames(told, had ?? at, at, { client, ledger, say });
      if (had !== null && told.kind !== 'reset' && had.epoch === at.epoch)
        checkGap(told, dueBetween(ledger, client, had, at.seq), newest, { client, say });
      had = at;
    }
  }
  checkEnd(client, had, ledger, say);
  return faults;
}

/** Where it is said to stand, against where it stood. */
function checkCursor({ kind, at: ms }: Placed, had: Position | null, at: Position, { ledger, say }: { ledger: Ledger; say: Say }): void {
  if (kind === 'started') {
    if (had !== null) say('resumable', ms, `was started anew, though it stood at ${toText(had)}`);
    return;
  }
  if (had === null) return say('resumable', ms, `was told ${kind} before it was started`);
  if (kind === 'resumed') {
    if (toText(had) !== toText(at)) say('resumable', ms, `stood at ${toText(had)} and was resumed at ${toText(at)}`);
    return;
  }
  if (kind !== 'reset' && at.epoch !== had.epoch) say('reliable', ms, `came from ${toText(had)} to ${toText(at)} without a reset`);
  if (at.epoch !== had.epoch) return;
  if (at.seq < had.seq) say('ordered', ms, `went back from ${toText(had)} to ${toText(at)}`);
  const first = ledger.firstAt(at.epoch, ms);
  const before = ledger.firstAt(at.epoch, ms - LAG_MS) ?? ledger.truth.get(at.epoch)?.first;
  if (kind === 'reset' && first !== undefined && first - 1 <= had.seq && first === before)
    say('reliable', ms, `was reset at ${toText(had)}, and nothing was trimmed`);
}

function checkFrames(
  told: Extract<Told, { kind: 'frames' }>,
  had: Position,
  at: Position,
  { client, ledger, say }: { client: SimClient; ledger: Ledger; say: Say },
): void {
  let before = had.epoch === at.epoch ? had.seq : -1;
  for (const shown of told.frames) {
    if (shown === null) {
      say('no phantom', told.at, 'was told something that it cannot read');
      continue;
    }
    const { epoch, seq, id, owner } = shown;
    const stood = standing(ledger.truth, epoch, seq);
    if (epoch !== at.epoch || stood?.id !== id)
      say('no phantom', told.at, `was told ${id} at ${toText(shown)}, where ${stood?.id ?? 'nothing'} stood`);
    else if (!isSame(shown, toPayload(stood), client.least))
      say('no phantom', told.at, `was told ${id} with other values than it has, or though it is not meant`);
    if (seq === before) say('unique', told.at, `was told ${toText(shown)} twice`);
    if (seq < before) say('ordered', told.at, `was told ${toText(shown)} after ${before}`);
    if (seq > at.seq) say('bookmarkable', told.at, `was told ${toText(shown)}, beyond its cursor ${at.seq}`);
    before = seq;
    const until = ledger.lostAt(client.member, owner) + GRACE_MS;
    if (shown.resolvedAt > until || told.sentAt > until)
      say('authorised', told.at, `was told ${id} of ${owner}, which ${client.member} might no longer read`);
  }
  if (told.sentAt > told.tokenUntil + GRACE_MS) say('authorised', told.at, 'was told something after its token had ended');
}

function isSame(shown: Shown, payload: Payload, least: number): boolean {
  return shown.key === payload.key && shown.owner === payload.owner && payload.size >= least;
}

/** Between two things it was told nothing may be left out; where only the newest counts, a later one of the key tells all. */
function checkGap(
  told: Placed,
  due: readonly StoredEvent[],
  newest: ReadonlyMap<string, number>,
  { client, say }: { client: SimClient; say: Say },
): void {
  const got = told.kind === 'frames' ? new Set(told.frames.map((shown) => shown?.seq)) : new Set();
  for (const { id, seq, payload } of due) {
    const { key } = payload as Payload; // of this simulation
    if (got.has(seq) || (client.delivery === 'LATEST' && (newest.get(key) ?? 0) > seq)) continue;
    const what = client.delivery === 'ALL' ? 'was never told' : 'was told neither, nor a later one of its key:';
    say(
      told.kind === 'frames' ? 'reliable' : 'bookmarkable',
      told.at,
      `${what} ${id} at ${seq}, and its cursor is beyond it (${told.kind})`,
    );
  }
}

/** A write never goes beyond what the socket may hold, but for one frame, or the newest of each key, to an empty one. */
function checkBudget(
  { waiting, bytes, frames, at }: Extract<Told, { kind: 'written' }>,
  { client, ledger, say }: { client: SimClient; ledger: Ledger; say: Say },
): void {
  if (waiting + bytes <= ledger.budgetBytes || (waiting === 0 && (frames === 1 || client.delivery === 'LATEST'))) return;
  say('bounded', at, `had ${waiting} bytes waiting, and ${bytes} more were written: over ${ledger.budgetBytes}`);
}

/** When all was calm for long enough, nothing is missing up to the end. */
function checkEnd(client: SimClient, had: Position | null, ledger: Ledger, say: Say): void {
  if (had === null) return say('converged', ledger.endsAt, 'was never started');
  if (had.epoch !== ledger.head.epoch)
    return say('converged', ledger.endsAt, `ended at ${toText(had)}, the stream at ${toText(ledger.head)}`);
  for (const { id, seq } of dueBetween(ledger, client, had, ledger.head.seq))
    say('converged', ledger.endsAt, `still lacks ${id} at ${seq}`);
}

/** What is acknowledged stands in the stream as it was then, an append whole or not at all; and each event was applied once. */
export function checkLog({ truth, acknowledged, applied, head, firstAt, endsAt }: Ledger): Fault[] {
  const faults: Fault[] = [];
  const say: Say = (property, at, text) => void faults.push({ property, who: null, at, text });
  const standingIds = new Map([...truth].map(([epoch, { events }]) => [epoch, new Set(events.map(({ id }) => id))]));
  for (const { ids, epoch, at } of acknowledged)
    for (const id of ids)
      if (standingIds.get(epoch)?.has(id) !== true) say('reliable', at, `${id} was acknowledged in ${epoch}, where it never stood`);
  const before: Truth[] = [];
  for (const [epoch, stream] of truth) {
    checkWhole(epoch, stream, { before, say: (text) => say('atomic', endsAt, text) });
    before.push(stream);
  }
  const times = new Map<string, number>();
  for (const id of applied) times.set(id, (times.get(id) ?? 0) + 1);
  for (const [id, count] of times) if (count > 1) say('exactly once', endsAt, `${id} was applied ${count} times`);
  const kept = truth.get(head.epoch)?.events.filter(({ seq }) => seq >= (firstAt(head.epoch, endsAt) ?? 0)) ?? [];
  for (const { id } of kept) if (!times.has(id)) say('exactly once', endsAt, `${id} was never applied`);
  return faults;
}

type Whole = { readonly before: readonly Truth[]; readonly say: (text: string) => void };

function checkWhole(epoch: string, { events, first }: Truth, { before, say }: Whole): void {
  const found = new Map<string, Set<string>>();
  for (const { id, payload } of events) {
    const { append } = payload as Payload; // of this simulation
    found.set(append, (found.get(append) ?? new Set()).add(id));
  }
  // Part of an append may have been trimmed away before the epoch began; and a repeat appends again what was trimmed of it, and only that
  for (const { events: earlier } of before)
    for (const { id, seq, payload } of earlier) if (seq < first) found.get((payload as Payload).append)?.add(id);
  for (const { append, of } of new Map(events.map((event) => [toPayload(event).append, toPayload(event)])).values()) {
    const count = found.get(append)?.size;
    if (count !== of) say(`${count} events of append ${append} stand in ${epoch} or were trimmed before it, and ${of} went in together`);
  }
}

/** When everyone has left, nothing is held. */
export function checkHeld(held: Readonly<Record<string, number>>, at: number): Fault[] {
  return Object.entries(held)
    .filter(([, count]) => count !== 0)
    .map(([what, count]) => ({ property: 'bounded', who: null, at, text: `${count} ${what} are held after everyone left` }));
}
