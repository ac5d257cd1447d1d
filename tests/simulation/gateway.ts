/** A gateway as the simulation sees it: the product's cohorts, outlets and cursors, over a log that takes its time. */
import { Cohort } from '../../gateway/live/cohort.ts';
import { createCursors } from '../../gateway/live/cursor.ts';
import type { Frame } from '../../gateway/live/frame-log.ts';
import { createOutlet } from '../../gateway/live/outlet.ts';
import type { Outlet } from '../../gateway/live/outlet.ts';
import { createError } from '../../lib/errors/errors.ts';
import type { FeedPosition, StoredEvent } from '../../lib/feed/index.ts';
import { hash } from '../differential/random.ts';
import type { Random } from '../differential/random.ts';
import type { VirtualClock } from './clock.ts';
import type { SimLog } from './log.ts';
import type { Rights } from './rights.ts';
import type { Story } from './story.ts';
import type { Asked, Connection, Line, Payload, Shown } from './wire.ts';

export type SimGateway = {
  /** Null while the gateway is down. */
  connect(asked: Asked, line: Line): Connection | null;
  /** Every line breaks, and nobody is told anything. */
  crash(): void;
  /** Everyone is told where it stands, then the gateway is down. */
  drain(): void;
  start(): void;
  /** From now on every operation is planned by this supergraph; subscriptions go on as they are. */
  swap(supergraph: number): void;
  /** The rights of the member have changed. */
  reauthorise(member: string): void;
  /** What is held by all cohorts that ever were. */
  held(): Readonly<Record<'cohorts' | 'outlets' | 'logBytes' | 'chunks' | 'waits', number>>;
};

type World = {
  readonly name: string;
  readonly clock: VirtualClock;
  readonly log: SimLog;
  readonly rights: Rights;
  readonly random: Random;
  readonly story: Story;
};
type Known = ReturnType<Rights['of']>;
/** A subscription, as the gateway has it. */
type Seat = {
  readonly asked: Asked;
  readonly line: Line;
  outlet: Outlet;
  cohort: Cohort;
  /** Of the positions that the outlet tells. */
  epoch: string;
  told: number;
  tokenUntil: number;
};

export const cursorKey = new Uint8Array(32).fill(7);
export const budgetBytes = 1_500;
const LIMITS = { batchEvents: 8, logFrames: 12, logBytes: 2_000, chunkEvents: 8, chunks: 4, sliceBytes: 300 };
const BOOKMARK_MS = 300;
const LINGER_MS = 200;
const encoder = new TextEncoder();

export function createSimGateway({ name, clock, log, rights, random, story }: World): SimGateway {
  const cursors = createCursors([cursorKey]);
  const seats = new Set<Seat>();
  const cohorts = new Map<string, Cohort>();
  const every: Cohort[] = [];
  const known = new Map<string, Known>();
  const waits = new Set<() => void>();
  let [wakes, isUp, supergraph] = [0, true, 0];
  log.onAppend(() => {
    wakes += 1;
    // A wake-up may get lost: then the next look comes by itself
    for (const wake of waits) clock.after(random.chance(0.9) ? random.int(5) : 60, wake);
  });

  const rightsOf = (member: string): Known => {
    const found = known.get(member) ?? rights.of(member);
    known.set(member, found);
    return found;
  };
  /** All by whom the answers may differ. */
  const toKey = ({ member, least }: Asked, { version }: Known): string => `${supergraph}|${member}|${version}|${least}`;

  const createPorts = (asked: Asked, { owners }: Known, by: number) => ({
    read: async (after: FeedPosition, limit: number) => {
      await clock.delay(random.int(8));
      const batch = log.read(after, limit);
      await clock.delay(random.int(4));
      return batch;
    },
    seen: () => wakes,
    wait: (seen: number, signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        const done = (): void => {
          waits.delete(done);
          signal.removeEventListener('abort', done);
          resolve();
        };
        if (wakes !== seen || signal.aborted) return resolve();
        waits.add(done);
        signal.addEventListener('abort', done);
      }),
    head: async () => {
      const head = log.head();
      await clock.delay(random.int(4));
      return random.chance(0.5) ? head : log.head();
    },
    resolve: async (events: readonly StoredEvent[], epoch: string) => {
      await clock.delay(random.int(random.chance(0.02) ? 400 : 20));
      if (random.chance(0.004)) throw createError('INTERNAL', 'A subgraph failed.');
      return events.flatMap(({ id, seq, payload }): Frame[] => {
        const { key, owner, size } = payload as Payload; // of this simulation
        if (size < asked.least || !owners.has(owner)) return [];
        const shown: Shown = { epoch, seq, id, key, owner, supergraph: by, resolvedAt: clock.now() };
        return [{ seq, key, body: encoder.encode(JSON.stringify(shown).padEnd(110 + (seq % 40))) }];
      });
    },
  });
  const open = (asked: Asked, allowed: Known): Cohort => {
    const key = toKey(asked, allowed);
    const found = cohorts.get(key);
    if (found !== undefined) return found;
    const { resolve, ...ports } = createPorts(asked, allowed, supergraph);
    const cohort: Cohort = new Cohort({
      from: log.head(),
      limits: LIMITS,
      ports: { ...ports, resolve: (events) => resolve(events, cohort.position.epoch) },
    });
    cohorts.set(key, cohort);
    every.push(cohort);
    const forget = (): void => void (cohorts.get(key) === cohort && cohorts.delete(key));
    cohort.done.then(forget, (error: unknown) => {
      story.note(name, () => `cohort ${key} ended: ${String(error)}`);
      forget();
    });
    return cohort;
  };
  /** A cohort that nobody is in ends after a while. */
  const look = (cohort: Cohort): void => clock.after(LINGER_MS, () => void (cohort.size === 0 && cohort.end()));

  const write = (seat: Seat, seq: number): string => cursors.write(familyOf(seat.asked), [{ epoch: seat.epoch, seq }]);
  const createOutletOf = (seat: Seat, after: number): Outlet =>
    createOutlet(
      {
        waiting: () => seat.line.waiting(),
        write(frames, skipped) {
          seat.told = seat.outlet.position;
          const bytes = frames.reduce((sum, { body }) => sum + body.length, 0);
          const cursor = write(seat, seat.outlet.position);
          seat.line.send({ kind: 'frames', bodies: frames.map(({ body }) => body), skipped, cursor }, bytes);
        },
        reset(position) {
          seat.epoch = seat.cohort.position.epoch;
          seat.told = position;
          seat.line.send({ kind: 'reset', cursor: write(seat, position) }, 20);
        },
        end(reason, position) {
          seat.line.send({ kind: 'ended', reason, cursor: write(seat, position) }, 20);
          seats.delete(seat);
          look(seat.cohort);
        },
      },
      { delivery: seat.asked.delivery, budgetBytes, after },
    );
  const enter = (seat: Seat, from: FeedPosition): void => {
    const { outlet, cohort } = seat;
    const room = async (): Promise<void> => {
      while (seat.line.waiting() > budgetBytes / 2 && outlet.isOpen) await clock.delay(5);
    };
    cohort
      .join(outlet, from, room)
      .catch(() => seat.cohort === cohort && outlet.end('CLOSED'))
      .finally(() => look(cohort));
  };
  const leave = (seat: Seat): void => {
    seats.delete(seat);
    seat.cohort.leave(seat.outlet);
    look(seat.cohort);
  };
  /** What was put off for it is of the old rights: so it gets another outlet, and that again from the log. */
  const reseat = (seat: Seat): void => {
    const { cohort, outlet } = seat;
    const from = cohort.release(outlet);
    if (from === null) return;
    outlet.close();
    seat.outlet = createOutletOf(seat, from.seq);
    seat.cohort = open(seat.asked, rightsOf(seat.asked.member));
    enter(seat, from);
    look(cohort);
  };
  const bookmark = (seat: Seat): void => {
    if (!seats.has(seat)) return;
    if (seat.outlet.isOpen && seat.outlet.position > seat.told) {
      seat.told = seat.outlet.position;
      seat.line.send({ kind: 'bookmark', cursor: write(seat, seat.outlet.position) }, 20);
    }
    clock.after(BOOKMARK_MS, () => bookmark(seat));
  };
  /** A token that nobody renewed ends what is shown by it. */
  const expire = (seat: Seat): void => {
    if (!seats.has(seat)) return;
    if (clock.now() < seat.tokenUntil) return clock.at(seat.tokenUntil, () => expire(seat));
    const cursor = write(seat, seat.outlet.position);
    leave(seat);
    seat.line.send({ kind: 'ended', reason: 'TOKEN_EXPIRED', cursor }, 20);
  };
  const cut = (): void => {
    isUp = false;
    known.clear();
    for (const seat of seats) {
      leave(seat);
      seat.line.cut();
    }
    for (const cohort of cohorts.values()) cohort.end();
    cohorts.clear();
  };

  return {
    connect(asked, line) {
      if (!isUp) return null;
      const allowed = rightsOf(asked.member);
      const from = readCursor(cursors, asked);
      if (from === 'refused') {
        line.send({ kind: 'refused' }, 20);
        return { close: () => undefined, renew: () => undefined };
      }
      const cohort = open(asked, allowed);
      const { epoch, seq } = from ?? log.head();
      const blank = { asked, line, cohort, epoch, told: seq, tokenUntil: asked.tokenUntil };
      const seat: Seat = Object.assign(blank, { outlet: createOutletOf(blank as Seat, seq) }); // nothing of it is used before it is whole
      seats.add(seat);
      line.send({ kind: from === null ? 'started' : 'resumed', cursor: write(seat, seat.outlet.position) }, 20);
      line.whenRoom(() => seat.outlet.drain());
      enter(seat, { epoch, seq });
      clock.after(BOOKMARK_MS, () => bookmark(seat));
      expire(seat);
      return { close: () => void (seats.has(seat) && leave(seat)), renew: (until) => void (seat.tokenUntil = until) };
    },
    crash: cut,
    drain() {
      isUp = false;
      for (const cohort of cohorts.values()) cohort.end();
      clock.after(20, cut);
    },
    start: () => void (isUp = true),
    swap(next) {
      supergraph = next;
      for (const seat of seats) {
        const { cohort } = seat;
        const from = cohort.release(seat.outlet);
        if (from === null) continue;
        seat.cohort = open(seat.asked, rightsOf(seat.asked.member));
        enter(seat, from);
        look(cohort);
      }
    },
    reauthorise(member) {
      known.set(member, rights.of(member));
      for (const seat of seats) if (seat.asked.member === member) reseat(seat);
    },
    held() {
      const sums = { cohorts: cohorts.size, outlets: 0, logBytes: 0, chunks: 0, waits: waits.size };
      for (const { held } of every) {
        sums.outlets += held.outlets;
        sums.logBytes += held.logBytes;
        sums.chunks += held.chunks;
      }
      return sums;
    },
  };
}

function familyOf({ member, least }: Asked): Uint8Array {
  const family = Buffer.alloc(12);
  family.writeUInt32BE(hash('family', member, least), 0);
  return family;
}

function readCursor(cursors: ReturnType<typeof createCursors>, asked: Asked): FeedPosition | 'refused' | null {
  if (asked.cursor === null) return null;
  try {
    return cursors.read(familyOf(asked), asked.cursor)[0] ?? 'refused';
  } catch {
    return 'refused';
  }
}
