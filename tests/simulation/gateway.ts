/** A gateway as the simulation sees it: the product's cohorts, outlets and cursors, over a log that takes its time. */
import { Cohort } from '../../gateway/live/cohort.ts';
import { createCursors } from '../../gateway/live/cursor.ts';
import type { Cursors } from '../../gateway/live/cursor.ts';
import { createOutlet } from '../../gateway/live/outlet.ts';
import type { Delivery, Outlet } from '../../gateway/live/outlet.ts';
import type { Frame } from '../../gateway/live/frame-log.ts';
import type { FeedPosition, StoredEvent } from '../../lib/feed/index.ts';
import { hash } from '../differential/random.ts';
import type { Random } from '../differential/random.ts';
import type { VirtualClock } from './clock.ts';
import type { SimLog } from './log.ts';

/** What the simulated industry says. */
export type Payload = { readonly key: string; readonly owner: string; readonly size: number };

export type Rights = {
  mayRead(member: string, owner: string): boolean;
  /** Changes whenever the rights of the member do. */
  versionOf(member: string): number;
};

export type Asked = { readonly member: string; readonly least: number; readonly delivery: Delivery; readonly cursor: string | null };

/** What travels to a client in one piece. */
export type Message =
  | { readonly kind: 'started' | 'reset'; readonly cursor: string }
  | { readonly kind: 'frames'; readonly frames: readonly Shown[]; readonly skipped: number; readonly cursor: string }
  | { readonly kind: 'ended'; readonly reason: string; readonly cursor: string }
  | { readonly kind: 'refused' };

export type Shown = {
  readonly epoch: string;
  readonly seq: number;
  readonly id: string;
  readonly key: string;
  readonly owner: string;
  readonly resolvedAt: number;
};

/** The end of a connection at the gateway. */
export type Line = { send(message: Message, bytes: number): void; waiting(): number; whenRoom(run: () => void): void };

export type SimGateway = {
  /** Null while the gateway is down. */
  connect(asked: Asked, line: Line): Connection | null;
  crash(): void;
  start(): void;
  readonly isUp: boolean;
  /** Events that were resolved, over all cohorts. */
  readonly resolved: number;
};

export type Connection = { close(): void };

type World = { readonly clock: VirtualClock; readonly log: SimLog; readonly rights: Rights; readonly random: Random };

const KEY = new Uint8Array(32).fill(7);
const LIMITS = { batchEvents: 8, logFrames: 12, logBytes: 100_000, chunkEvents: 8, chunks: 4, sliceBytes: 300 };
const BUDGET_BYTES = 1_500;

export function createSimGateway({ clock, log, rights, random }: World): SimGateway {
  const cursors: Cursors = createCursors([KEY]);
  let cohorts = new Map<string, Cohort>();
  let wakes = 0;
  let waiting: (() => void)[] = [];
  let [isUp, resolved, lives] = [true, 0, 0];
  log.onAppend(() => {
    wakes += 1;
    const all = waiting;
    waiting = [];
    // A wake-up may get lost: then the next look comes by itself
    for (const wake of all) clock.at(clock.now() + (random.chance(0.9) ? random.int(5) : 60), wake);
  });

  const resolve = async (member: string, least: number, epoch: () => string, events: readonly StoredEvent[]): Promise<Frame[]> => {
    const before = epoch();
    await clock.delay(random.int(20));
    resolved += events.length;
    return events.flatMap(({ id, seq, payload }) => {
      const { key, owner, size } = payload as Payload; // of this simulation
      if (size < least || !rights.mayRead(member, owner)) return [];
      const shown: Shown = { epoch: before, seq, id, key, owner, resolvedAt: clock.now() };
      return [{ seq, key, body: new TextEncoder().encode(JSON.stringify(shown).padEnd(90 + (seq % 40))) }];
    });
  };
  const open = (member: string, least: number): Cohort => {
    const key = `${member}|${rights.versionOf(member)}|${least}`;
    const known = cohorts.get(key);
    if (known !== undefined) return known;
    const cohort: Cohort = new Cohort({
      from: log.head(),
      limits: LIMITS,
      ports: {
        read: async (after, limit) => {
          await clock.delay(random.int(8));
          return log.read(after, limit);
        },
        seen: () => wakes,
        wait: (seen, signal) => new Promise((done) => (wakes !== seen || signal.aborted ? done() : void waiting.push(done))),
        head: async () => {
          await clock.delay(random.int(4));
          return log.head();
        },
        resolve: (events) => resolve(member, least, () => cohort.position.epoch, events),
      },
    });
    cohorts.set(key, cohort);
    return cohort;
  };

  return {
    connect({ member, least, delivery, cursor }, line) {
      if (!isUp) return null;
      const life = lives;
      const family = familyOf(member, least);
      const cohort = open(member, least);
      const from = readCursor(cursors, family, cursor);
      if (from === 'refused') {
        line.send({ kind: 'refused' }, 20);
        return { close: () => undefined };
      }
      let connected = true;
      const say = (message: Message, bytes: number): void => {
        if (connected && isUp && life === lives) line.send(message, bytes);
      };
      const write = (seq: number): string => cursors.write(family, [{ epoch: cohort.position.epoch, seq }]);
      const at = from ?? log.head();
      const outlet: Outlet = createOutlet(
        {
          waiting: () => line.waiting(),
          write: (frames, skipped) =>
            say(
              { kind: 'frames', frames: frames.map(toShown), skipped, cursor: write(outlet.position) },
              frames.reduce((sum, { body }) => sum + body.length, 0),
            ),
          reset: (position) => say({ kind: 'reset', cursor: write(position) }, 20),
          end: (reason, position) => say({ kind: 'ended', reason, cursor: write(position) }, 20),
        },
        { delivery, budgetBytes: BUDGET_BYTES, after: at.seq },
      );
      if (from === null) say({ kind: 'started', cursor: cursors.write(family, [at]) }, 20);
      const room = async (): Promise<void> => {
        while (line.waiting() > BUDGET_BYTES / 2 && connected && life === lives) await clock.delay(5);
      };
      line.whenRoom(() => outlet.drain());
      void cohort.join(outlet, at, room).catch(() => outlet.end('CLOSED'));
      return {
        close() {
          connected = false;
          cohort.leave(outlet);
        },
      };
    },
    crash() {
      isUp = false;
      lives += 1;
      for (const cohort of cohorts.values()) cohort.end();
      cohorts = new Map();
    },
    start() {
      isUp = true;
    },
    get isUp() {
      return isUp;
    },
    get resolved() {
      return resolved;
    },
  };
}

function toShown({ body }: Frame): Shown {
  return JSON.parse(new TextDecoder().decode(body)) as Shown; // as resolve wrote it
}

function familyOf(member: string, least: number): Uint8Array {
  const family = Buffer.alloc(12);
  family.writeUInt32BE(hash('family', member, least), 0);
  return family;
}

function readCursor(cursors: Cursors, family: Uint8Array, cursor: string | null): FeedPosition | 'refused' | null {
  if (cursor === null) return null;
  try {
    return cursors.read(family, cursor)[0] ?? 'refused';
  } catch {
    return 'refused';
  }
}
