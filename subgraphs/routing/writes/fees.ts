// Fees: the ones in force, the first ones, and how a version is written. A version is never changed; a settlement keeps its own.
import { toBusinessDay } from '../../../lib/clock/clock.ts';
import { createError } from '../../../lib/errors/errors.ts';
import { insertRows } from '../../../subgraph-kit/insert-rows.ts';
import { query, sql, type SqlRunner } from '../../../subgraph-kit/sql.ts';
import type { FeeRow } from '../data/money-tables.ts';
import type { Change } from './change.ts';

export type NewFees = Omit<FeeRow, 'publishedAt'>;

/** The fees in force; null before the first start. */
export async function findFees(db: SqlRunner): Promise<FeeRow | null> {
  const [row] = await query<FeeRow>(db, sql`SELECT t.* FROM "FeeSchedule" t ORDER BY t."publishedAt" DESC, t."version" DESC LIMIT 1`);
  return row ?? null;
}

/** The fees in force; there are some since the first start. */
export async function readFees(db: SqlRunner): Promise<FeeRow> {
  const fees = await findFees(db);
  if (fees === null) throw createError('INTERNAL', 'there are no fees: the subgraph has not been started yet');
  return fees;
}

/** Null when the version was used before. */
export async function writeFees({ tx, emit, now }: Change, fees: NewFees): Promise<FeeRow | null> {
  await query(tx, sql`SELECT pg_advisory_xact_lock(hashtext('routing.fees'))::text AS "lock"`);
  const [used] = await query(tx, sql`SELECT 1 FROM "FeeSchedule" WHERE "version" = ${fees.version}`);
  if (used !== undefined) return null;
  const before = await findFees(tx);
  // of two schedules one is the later
  const publishedAt = before !== null && before.publishedAt >= now ? new Date(before.publishedAt.getTime() + 1) : now;
  const row = { ...fees, publishedAt };
  await insertRows(tx, 'FeeSchedule', [row]);
  emit('fees.published', row);
  return row;
}

/** The first fees, made at the first start. */
export async function prepareFees(change: Change): Promise<void> {
  if ((await findFees(change.tx)) !== null) return;
  const [year = '', month = ''] = toBusinessDay(change.now, change.settings.timeZone).split('-');
  await writeFees(change, {
    version: `${year}.${month}.1`,
    taxBps: 0,
    paymentFeeBps: 60,
    returnReserveBps: 500,
    returnWindowDays: 7,
    makerDepositBps: 3_000,
    hubFeeBps: 100,
  });
}
