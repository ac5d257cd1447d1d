// A change: one transaction that does its work and writes its events, tried again when the database asks for it.
import type { Clock } from '../lib/clock/clock.ts';
import type { Database } from './context.ts';
import { collectEvents, writeOutbox, type Cause, type Emit } from './outbox.ts';
import type { SqlRunner } from './sql.ts';

const TRIES = 4;
const LIMIT_MS = 30_000;

// Serialization failure, deadlock, and a key that somebody else entered meanwhile, as PostgreSQL and Prisma name them. The next try sees
// what the other one wrote, so that its own checks say what is wrong.
function asksForAnotherTry(error: unknown): boolean {
  const text = error instanceof Error ? `${'code' in error ? String(error.code) : ''} ${error.message}` : '';
  return /\b(P2034|40001|40P01|P2002|23505)\b|deadlock detected|could not serialize/.test(text);
}

export type ChangeOptions<Tx extends SqlRunner> = {
  readonly db: Database<Tx>;
  readonly clock: Clock;
  readonly cause: Cause;
  /** Topics it may write. */
  readonly topics: readonly string[];
  /** Called when events were committed. */
  readonly wakeRelay?: () => void;
};

/** Runs the work in one transaction together with its events. */
export async function runChange<Tx extends SqlRunner, T>(
  options: ChangeOptions<Tx>,
  work: (change: { tx: Tx; emit: Emit; now: Date }) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const collection = collectEvents({ clock: options.clock, cause: options.cause, allowed: options.topics });
    try {
      const result = await options.db.$transaction(
        async (tx) => {
          const done = await work({ tx, emit: collection.emit, now: options.clock.now() });
          await writeOutbox(tx, collection.events);
          return done;
        },
        { timeout: LIMIT_MS, maxWait: LIMIT_MS },
      );
      if (collection.events.length > 0) options.wakeRelay?.();
      return result;
    } catch (error) {
      if (attempt >= TRIES || !asksForAnotherTry(error)) throw error;
    }
  }
}

/** The next `changedAt` of a row: now, but always later than the one before, so that STALE is never missed within a millisecond. */
export const nextChangedAt = (now: Date, before?: Date): Date =>
  before !== undefined && before.getTime() >= now.getTime() ? new Date(before.getTime() + 1) : now;
