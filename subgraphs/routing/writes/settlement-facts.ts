// What the splits of settlements are computed from, read for many settlements in a constant number of statements.
import { toBusinessDay, addDays } from '../../../lib/clock/clock.ts';
import { toDate, toDay } from '../../../subgraph-kit/days.ts';
import { query, sql, type SqlRunner } from '../../../subgraph-kit/sql.ts';
import type { CashFlowRow, FeeRow, RateRow, SettlementRow, SplitRow } from '../data/money-tables.ts';
import { toDecimal } from '../data/tables.ts';
import { RATE_DAYS, type DatedRate } from '../money/convert.ts';
import type { PaidFreight, PaidWork } from '../money/claims.ts';
import type { Commission, Payee } from '../money/waterfall.ts';
import { LIVE } from '../state-machines.ts';
import type { Change } from './change.ts';

export type SettlementFacts = {
  readonly row: SettlementRow;
  readonly fees: FeeRow;
  readonly gross: bigint;
  readonly hub: Payee;
  readonly owner: Payee;
  readonly creatorId: string | null;
  readonly mcnId: string | null;
  readonly commission: Commission | null;
  readonly work: readonly PaidWork[];
  readonly promised: string | null;
  readonly receivedAt: Date | null;
  readonly freight: readonly PaidFreight[];
  readonly splits: readonly SplitRow[];
  /** Payments out of the pool that are still to come. */
  readonly expected: readonly CashFlowRow[];
};

type Head = SettlementRow &
  FeeRow & {
    gross: bigint;
    hubMemberId: string | null;
    creatorId: string | null;
    cpsRateBps: number | null;
    creatorMemberId: string | null;
    mcnId: string | null;
    mcnMemberId: string | null;
    takeRateBps: number | null;
  };

type WorkRow = {
  settlementId: string;
  gln: string;
  memberId: string;
  status: string;
  quantity: number;
  receivedGood: number;
  unitPriceMinor: bigint;
  currency: string;
  promisedDate: Date;
};

type FreightRow = { settlementId: string; distributorGln: string; memberId: string; amountMinor: bigint; currency: string };

/** Reads, and locks in the order of their ids, the settlements that are not closed. */
export async function readFacts({ tx, now }: Change, settlementIds: readonly string[]): Promise<SettlementFacts[]> {
  // the lock comes first: what is read after it is what the last change left
  const locked = await query<{ settlementId: string }>(
    tx,
    sql`SELECT t."settlementId" FROM "Settlement" t WHERE t."settlementId" = ANY(${settlementIds}::text[]) AND t."status" <> 'CLOSED'
        ORDER BY t."settlementId" FOR UPDATE`,
  );
  const ids = locked.map(({ settlementId }) => settlementId);
  if (ids.length === 0) return [];
  const heads = await readHeads(tx, ids);
  const work = group(await readWork(tx, ids));
  const freight = group(await readFreight(tx, ids));
  const splits = group(
    await query<SplitRow>(tx, sql`SELECT t.* FROM "Split" t WHERE t."settlementId" = ANY(${ids}::text[]) ORDER BY t."position"`),
  );
  const expected = group(
    await query<CashFlowRow>(
      tx,
      sql`SELECT t.* FROM "CashFlow" t WHERE t."settlementId" = ANY(${ids}::text[]) AND t."at" IS NULL AND t."part" IS NOT NULL ORDER BY t."cashFlowId"`,
    ),
  );
  const isReceived = ({ settlementId }: Head): boolean => work.get(settlementId)?.every(({ status }) => status === 'COMPLETED') === true;
  const fresh = heads.filter((head) => head.receivedAt === null && isReceived(head)).map(({ settlementId }) => settlementId);
  const received = new Map((await readReceipts(tx, fresh)).map((row) => [row.settlementId, row.receivedAt]));
  return heads.map((head) => {
    const works = work.get(head.settlementId) ?? [];
    return {
      ...partiesOf(head),
      row: head,
      fees: head,
      gross: head.gross,
      work: works.map((one) => ({ ...one, maker: { kind: 'MAKER', id: one.gln, memberId: one.memberId } })),
      promised:
        works
          .map(({ promisedDate }) => toDay(promisedDate))
          .toSorted()
          .at(-1) ?? null,
      receivedAt: isReceived(head) ? (head.receivedAt ?? received.get(head.settlementId) ?? now) : null,
      freight: (freight.get(head.settlementId) ?? []).map((one) => ({
        ...one,
        carrier: { kind: 'DISTRIBUTOR', id: one.distributorGln, memberId: one.memberId },
      })),
      splits: splits.get(head.settlementId) ?? [],
      expected: expected.get(head.settlementId) ?? [],
    };
  });
}

function group<Row extends { settlementId: string }>(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) groups.set(row.settlementId, [...(groups.get(row.settlementId) ?? []), row]);
  return groups;
}

const readHeads = (tx: SqlRunner, ids: readonly string[]): Promise<Head[]> =>
  query<Head>(
    tx,
    sql`SELECT f.*, s.*, k."creatorId", k."cpsRateBps", c."memberId" AS "creatorMemberId", c."mcnId", m."memberId" AS "mcnMemberId", m."takeRateBps",
          (SELECT h."memberId" FROM "Member" h WHERE 'HUB' = ANY(h."kinds") ORDER BY h."memberId" LIMIT 1) AS "hubMemberId",
          coalesce((SELECT sum(CASE WHEN x."direction" = 'IN' THEN x."amountMinor" ELSE -x."amountMinor" END) FROM "CashFlow" x
            WHERE x."settlementId" = s."settlementId" AND x."at" IS NOT NULL AND x."part" IS NULL), 0)::bigint AS "gross"
        FROM "Settlement" s JOIN "FeeSchedule" f ON f."version" = s."feesVersion"
          LEFT JOIN "CampaignCopy" k ON k."campaignId" = s."campaignId" LEFT JOIN "CreatorCopy" c ON c."creatorId" = k."creatorId"
          LEFT JOIN "McnCopy" m ON m."mcnId" = c."mcnId"
        WHERE s."settlementId" = ANY(${ids}::text[]) ORDER BY s."settlementId"`,
  );

const readWork = (tx: SqlRunner, ids: readonly string[]): Promise<WorkRow[]> =>
  query<WorkRow>(
    tx,
    sql`SELECT a."settlementId", a."gln", a."memberId", a."status", a."quantity", a."receivedGood", a."unitPriceMinor", a."currency", a."promisedDate"
        FROM "Allocation" a WHERE a."settlementId" = ANY(${ids}::text[]) AND a."status" = ANY(${LIVE}::text[])
        ORDER BY a."proposedAt", a."allocationId"`,
  );

/** The freight `f` of the allocation `a` that is owed: once all pieces were received, only shipments that came are paid. */
export const FREIGHT_COUNTS = sql`f."allocationId" = a."allocationId" AND f."amountMinor" IS NOT NULL
  AND (a."status" <> 'COMPLETED' OR EXISTS (SELECT 1 FROM "ReceiptFact" r WHERE r."gsin" = f."gsin"))`;

const readFreight = (tx: SqlRunner, ids: readonly string[]): Promise<FreightRow[]> =>
  query<FreightRow>(
    tx,
    sql`SELECT a."settlementId", f."distributorGln", f."memberId", f."amountMinor", f."currency"
        FROM "Freight" f JOIN "Allocation" a ON ${FREIGHT_COUNTS}
        WHERE a."settlementId" = ANY(${ids}::text[]) AND a."status" = ANY(${LIVE}::text[]) ORDER BY f."gsin"`,
  );

async function readReceipts(tx: SqlRunner, ids: readonly string[]): Promise<{ settlementId: string; receivedAt: Date }[]> {
  if (ids.length === 0) return [];
  return query(
    tx,
    sql`SELECT a."settlementId", max(r."receivedAt") AS "receivedAt" FROM "Allocation" a JOIN "ReceiptFact" r ON r."allocationId" = a."allocationId"
        WHERE a."settlementId" = ANY(${ids}::text[]) AND a."status" = 'COMPLETED' GROUP BY 1`,
  );
}

// A commission is known when the campaign, its creator and the creator's agency are.
function partiesOf(head: Head): Pick<SettlementFacts, 'hub' | 'owner' | 'creatorId' | 'mcnId' | 'commission'> {
  const { hubMemberId, creatorId, creatorMemberId, cpsRateBps, mcnId, mcnMemberId, takeRateBps } = head;
  if (hubMemberId === null) throw new Error('no member is the hub: the subgraph has not been started yet');
  const asMember = (memberId: string): Payee => ({ kind: 'MEMBER', id: memberId, memberId });
  const agency =
    mcnId === null || mcnMemberId === null
      ? null
      : { payee: { kind: 'MCN', id: mcnId, memberId: mcnMemberId } satisfies Payee, takeRateBps: takeRateBps ?? 0 };
  const isKnown = creatorId !== null && creatorMemberId !== null && (mcnId === null) === (agency === null);
  return {
    hub: asMember(hubMemberId),
    owner: asMember(head.memberId),
    creatorId,
    mcnId,
    commission: isKnown
      ? { rateBps: cpsRateBps ?? 0, creator: { kind: 'CREATOR', id: creatorId, memberId: creatorMemberId }, agency }
      : null,
  };
}

/** The rates of these currencies into that of the hub which hold on the day. */
export async function readRates(
  tx: SqlRunner,
  currencies: readonly string[],
  options: { currency: string; day: string },
): Promise<DatedRate[]> {
  const foreign = [...new Set(currencies)].filter((currency) => currency !== options.currency);
  if (foreign.length === 0) return [];
  const rows = await query<RateRow>(
    tx,
    sql`SELECT t.* FROM "FxRate" t WHERE t."from" = ANY(${foreign}::text[]) AND t."to" = ${options.currency}
        AND t."date" BETWEEN ${toDate(addDays(options.day, -RATE_DAYS))}::date AND ${toDate(options.day)}::date`,
  );
  return rows.map(({ date, from, to, rate }) => ({ date: toDay(date), from, to, rate: toDecimal(rate) }));
}

/** The business day of a change. */
export const dayOf = ({ now, settings }: Pick<Change, 'now' | 'settings'>): string => toBusinessDay(now, settings.timeZone);
