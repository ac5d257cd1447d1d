// Idempotency: the first answer to a key of a member and mutation is kept for 30 days and given again, and nothing is written twice.
import { createHash } from 'node:crypto';
import { Refusal } from './problems.ts';
import { execute, query, sql, type SqlRunner } from './sql.ts';

const KEPT_DAYS = 30;
const KEY_MOST = 64;

// Keys in order, dates as text: equal inputs give equal text.
function toCanonical(value: unknown): unknown {
  if (value instanceof Date || typeof value !== 'object' || value === null) return typeof value === 'bigint' ? String(value) : value;
  if (Array.isArray(value)) return value.map(toCanonical);
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, toCanonical(inner)]),
  );
}

/** Hash of an input without its key. */
export const hashInput = (input: Readonly<Record<string, unknown>>): string =>
  createHash('sha256')
    .update(JSON.stringify(toCanonical({ ...input, idempotencyKey: null })))
    .digest('hex');

export type Attempt = { readonly memberId: string; readonly mutation: string; readonly key: string; readonly inputHash: string };

/**
 * Claims the key within the transaction. Null: it is new, go on. Otherwise the answer that was kept; a concurrent attempt with the
 * same key waits here until the first one has ended. Throws a Refusal when the key was used with another input.
 */
export async function claimKey(tx: SqlRunner, attempt: Attempt, now: Date): Promise<{ answer: unknown } | null> {
  const claimed = await execute(
    tx,
    sql`INSERT INTO "Idempotency" ("memberId", "mutation", "key", "inputHash", "answer", "at")
        VALUES (${attempt.memberId}, ${attempt.mutation}, ${attempt.key}, ${attempt.inputHash}, 'null'::jsonb, ${now}::timestamptz)
        ON CONFLICT ("memberId", "mutation", "key") DO NOTHING`,
  );
  if (claimed === 1) return null;
  const [kept] = await query<{ inputHash: string; answer: unknown }>(
    tx,
    sql`SELECT "inputHash", "answer" FROM "Idempotency" WHERE "memberId" = ${attempt.memberId} AND "mutation" = ${attempt.mutation} AND "key" = ${attempt.key}`,
  );
  if (kept?.inputHash === attempt.inputHash) return { answer: kept.answer };
  throw new Refusal([
    {
      code: 'IDEMPOTENCY_MISMATCH',
      path: ['idempotencyKey'],
      message: `the key "${attempt.key}" was used before with another input; use a new key`,
    },
  ]);
}

/** Keeps the answer under the claimed key. */
export async function keepAnswer(tx: SqlRunner, attempt: Attempt, answer: unknown): Promise<void> {
  await execute(
    tx,
    sql`UPDATE "Idempotency" SET "answer" = ${JSON.stringify(answer)}::jsonb
        WHERE "memberId" = ${attempt.memberId} AND "mutation" = ${attempt.mutation} AND "key" = ${attempt.key}`,
  );
}

/** Forgets keys older than 30 days. */
export const forgetOldKeys = (db: SqlRunner, now: Date): Promise<number> =>
  execute(db, sql`DELETE FROM "Idempotency" WHERE "at" < ${new Date(now.getTime() - KEPT_DAYS * 86_400_000)}::timestamptz`);

/** Refuses a key that is empty or too long. */
export function checkKey(key: string): void {
  if (key.length >= 1 && key.length <= KEY_MOST) return;
  throw new Refusal([
    { code: 'IDEMPOTENCY_KEY_INVALID', path: ['idempotencyKey'], message: `expected 1 to ${KEY_MOST} characters, got ${key.length}` },
  ]);
}
