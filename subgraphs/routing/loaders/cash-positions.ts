// Pools of money: their flows by day, their balance and lowest point, for many pools in one statement.
import { toBusinessDay } from '../../../lib/clock/clock.ts';
import type { SubgraphContext } from '../../../subgraph-kit/context.ts';
import { toDate, toDay } from '../../../subgraph-kit/days.ts';
import type { Batch } from '../../../subgraph-kit/loaders.ts';
import { query, sql, type Sql, type SqlRunner } from '../../../subgraph-kit/sql.ts';
import type { CashFlowRow, CashPoolRow } from '../data/money-tables.ts';
import { financersOf, lowest, type Gap, type PoolDay } from '../money/pool.ts';
import type { Change } from '../writes/change.ts';

export type PoolState = {
  readonly days: readonly PoolDay[];
  /** In less out up to now. */
  readonly balance: bigint;
  readonly minBalance: bigint;
  readonly minBalanceOn: string | null;
};

/** The flows `x` of a pool `p`, each found by the index of its kind. */
export const flowsOfPool = sql`LATERAL (
  SELECT f.* FROM "CashFlow" f WHERE p."kind" = 'CAMPAIGN' AND f."campaignId" = p."subjectId"
  UNION ALL SELECT f.* FROM "CashFlow" f WHERE p."kind" = 'CREATOR' AND f."creatorId" = p."subjectId"
  UNION ALL SELECT f.* FROM "CashFlow" f WHERE p."kind" = 'MCN' AND f."mcnId" = p."subjectId"
  UNION ALL SELECT f.* FROM "CashFlow" f WHERE p."kind" = 'HUB') x`;

/** The day on which a flow counts. */
export const dayOfFlow = (timeZone: string): Sql => sql`coalesce((x."at" AT TIME ZONE ${timeZone}::text)::date, x."due")`;

type Reading = { readonly db: SqlRunner; readonly now: Date; readonly timeZone: string };
type DayRow = { positionId: string; day: Date; cashIn: bigint; cashOut: bigint; done: bigint };

async function readStates({ db, now, timeZone }: Reading, positionIds: readonly string[]): Promise<Map<string, PoolState>> {
  const rows = await query<DayRow>(
    db,
    sql`SELECT p."positionId", ${dayOfFlow(timeZone)} AS "day",
          coalesce(sum(x."amountMinor") FILTER (WHERE x."direction" = 'IN'), 0)::bigint AS "cashIn",
          coalesce(sum(x."amountMinor") FILTER (WHERE x."direction" = 'OUT'), 0)::bigint AS "cashOut",
          coalesce(sum(CASE WHEN x."direction" = 'IN' THEN x."amountMinor" ELSE -x."amountMinor" END) FILTER (WHERE x."at" <= ${now}::timestamptz), 0)::bigint AS "done"
        FROM "CashPool" p CROSS JOIN ${flowsOfPool} WHERE p."positionId" = ANY(${positionIds}::text[]) GROUP BY 1, 2 ORDER BY 1, 2`,
  );
  const groups = new Map<string, DayRow[]>(positionIds.map((positionId) => [positionId, []]));
  for (const row of rows) groups.get(row.positionId)?.push(row);
  return new Map([...groups].map(([positionId, days]) => [positionId, toState(days)]));
}

function toState(rows: readonly DayRow[]): PoolState {
  const days = rows.map(({ day, cashIn, cashOut }): PoolDay => ({ day: toDay(day), cashIn, cashOut }));
  const low = lowest(days);
  return { days, balance: rows.reduce((sum, { done }) => sum + done, 0n), minBalance: low.balance, minBalanceOn: low.day };
}

const readingOf = ({ db, clock, settings }: SubgraphContext): Reading => ({ db, now: clock.now(), timeZone: settings.timeZone });

/** The state of a pool by its id. */
export const poolState: Batch<string, PoolState, SubgraphContext> = {
  name: 'state of a pool',
  load: async (positionIds, context) => {
    const states = await readStates(readingOf(context), positionIds);
    return positionIds.map((positionId) => states.get(positionId) ?? toState([]));
  },
};

type GapRow = Gap & { readonly positionId: string };

/** Members who finance a pool, by its id. */
export const financers: Batch<{ readonly positionId: string; readonly day: string }, readonly string[], SubgraphContext> = {
  name: 'financers of a pool',
  toText: ({ positionId }) => positionId,
  load: async (pools, context) => {
    const { db, now, timeZone } = readingOf(context);
    const isOverdue = sql`x."at" IS NULL AND x."direction" = 'OUT' AND x."due" < ${toDate(toBusinessDay(now, timeZone))}::date`;
    const rows = await query<GapRow>(
      db,
      sql`SELECT p."positionId", s."memberId", sum(CASE WHEN x."direction" = 'IN' THEN x."amountMinor" ELSE -x."amountMinor" END)::bigint AS "balance",
            coalesce(sum(x."amountMinor") FILTER (WHERE ${isOverdue}), 0)::bigint AS "overdue",
            coalesce(array_agg(DISTINCT x."partyMemberId") FILTER (WHERE ${isOverdue}), '{}') AS "waiting"
          FROM unnest(${pools.map(({ positionId }) => positionId)}::text[], ${pools.map(({ day }) => day)}::text[]) AS w(id, day)
            JOIN "CashPool" p ON p."positionId" = w.id CROSS JOIN ${flowsOfPool} JOIN "Settlement" s ON s."settlementId" = x."settlementId"
          WHERE ${dayOfFlow(timeZone)} <= w.day::date
          GROUP BY p."positionId", s."settlementId", s."memberId"
          HAVING sum(CASE WHEN x."direction" = 'IN' THEN x."amountMinor" ELSE -x."amountMinor" END) < 0`,
    );
    return pools.map(({ positionId }) => financersOf(rows.filter((row) => row.positionId === positionId)));
  },
};

/** Pools as they stand within a change: the one next to each payment, by its campaign; that of the hub under no name. */
export async function readPools(
  { tx, now, settings }: Change,
  flows: readonly Pick<CashFlowRow, 'campaignId'>[],
): Promise<Map<string, CashPoolRow & PoolState>> {
  const campaigns = [...new Set(flows.flatMap(({ campaignId }) => campaignId ?? []))];
  const withHub = flows.some(({ campaignId }) => campaignId === null);
  const pools = await query<CashPoolRow>(
    tx,
    sql`SELECT t.* FROM "CashPool" t WHERE (t."kind" = 'CAMPAIGN' AND t."subjectId" = ANY(${campaigns}::text[]))
        OR (t."kind" = 'HUB' AND ${withHub}::boolean) ORDER BY t."positionId"`,
  );
  const states = await readStates(
    { db: tx, now, timeZone: settings.timeZone },
    pools.map(({ positionId }) => positionId),
  );
  return new Map(
    pools.map((pool) => [pool.kind === 'HUB' ? '' : pool.subjectId, { ...pool, ...(states.get(pool.positionId) ?? toState([])) }]),
  );
}
