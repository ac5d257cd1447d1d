// Policies: the one in force, the first one, and how a version is written. A version is never changed.
import { createHash } from 'node:crypto';
import { toBusinessDay } from '../../../lib/clock/clock.ts';
import { createError } from '../../../lib/errors/errors.ts';
import { insertRows } from '../../../subgraph-kit/insert-rows.ts';
import { query, sql, type SqlRunner } from '../../../subgraph-kit/sql.ts';
import type { PolicyRow, PolicyWeight } from '../data/tables.ts';
import type { CostKind } from '../model/types.ts';
import type { Change } from './change.ts';

/** Terms of cost in the order in which they are shown. */
export const COST_KINDS: readonly CostKind[] = ['EX_WORKS', 'FREIGHT', 'DUTY', 'SETUP', 'QUALITY_RISK', 'LATENESS'];

export type NewPolicy = Pick<PolicyRow, 'version' | 'hhiLimit' | 'maxShareBps' | 'frozenDays' | 'candidateLimit'> & {
  readonly weights: readonly PolicyWeight[];
  /** Decimal text. */
  readonly unservedPenalty: string;
  readonly latenessPenalty: string;
};

/** The policy in force; there is one since the first start. */
export async function readPolicy(db: SqlRunner): Promise<PolicyRow> {
  const policy = await findPolicy(db);
  if (policy === null) throw createError('INTERNAL', 'there is no policy of routing: the subgraph has not been started yet');
  return policy;
}

/** The same; null before the first start has made one. */
export async function findPolicy(db: SqlRunner): Promise<PolicyRow | null> {
  const [row] = await query<PolicyRow>(db, sql`SELECT t.* FROM "Policy" t ORDER BY t."publishedAt" DESC, t."version" DESC LIMIT 1`);
  return row ?? null;
}

// "5.50" and "5.5" are one number.
const plain = (decimal: string): string => (decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal);

/** SHA-256 of the policy as JSON with its fields in this order and the weights in the order of the terms. */
export function hashPolicy(policy: NewPolicy): string {
  const weights = COST_KINDS.map((kind) => [kind, policy.weights.find((weight) => weight.kind === kind)?.value ?? 1]);
  const { version, hhiLimit, maxShareBps, frozenDays, candidateLimit } = policy;
  const penalties = [plain(policy.unservedPenalty), plain(policy.latenessPenalty)];
  return createHash('sha256')
    .update(JSON.stringify([version, weights, hhiLimit, maxShareBps, frozenDays, ...penalties, candidateLimit]))
    .digest('hex');
}

/** Null when the version was used before. */
export async function writePolicy({ tx, emit, now }: Change, policy: NewPolicy): Promise<PolicyRow | null> {
  await query(tx, sql`SELECT pg_advisory_xact_lock(hashtext('routing.policy'))::text AS "lock"`);
  const [used] = await query(tx, sql`SELECT 1 FROM "Policy" WHERE "version" = ${policy.version}`);
  if (used !== undefined) return null;
  const before = await findPolicy(tx);
  // of two policies one is the later
  const publishedAt = before !== null && before.publishedAt >= now ? new Date(before.publishedAt.getTime() + 1) : now;
  const row = { ...policy, publishedAt, publishedHash: hashPolicy(policy) };
  await insertRows(tx, 'Policy', [row]);
  emit('policy.published', row);
  return row;
}

/** The first policy, made at the first start: neutral weights, and limits that keep work spread. */
export async function preparePolicy(change: Change): Promise<void> {
  if ((await findPolicy(change.tx)) !== null) return;
  const [year = '', month = ''] = toBusinessDay(change.now, change.settings.timeZone).split('-');
  await writePolicy(change, {
    version: `${year}.${month}.1`,
    weights: COST_KINDS.map((kind) => ({ kind, value: 1 })),
    hhiLimit: 0.15,
    maxShareBps: 2_000,
    frozenDays: 1,
    unservedPenalty: '1000',
    latenessPenalty: '5',
    candidateLimit: 12,
  });
}
