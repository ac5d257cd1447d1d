/** A routing subgraph with its hub and first fees, and allocations as a plan would leave them, for tests of money. */
import { runChange } from '../../../../subgraph-kit/change.ts';
import { toDate } from '../../../../subgraph-kit/days.ts';
import { withCheckDigit } from '../../../../subgraph-kit/gs1.ts';
import { insertRows } from '../../../../subgraph-kit/insert-rows.ts';
import { query, sql } from '../../../../subgraph-kit/sql.ts';
import { openClient, type Tx } from '../../../../subgraphs/routing/data/client.ts';
import type { AllocationRow } from '../../../../subgraphs/routing/data/tables.ts';
import { routing } from '../../../../subgraphs/routing/routing.ts';
import type { Change } from '../../../../subgraphs/routing/writes/change.ts';
import { openSettlements, repost } from '../../../../subgraphs/routing/writes/settlements.ts';
import { prepareFees } from '../../../../subgraphs/routing/writes/fees.ts';
import { hub, member, openTestSubgraph, type TestSubgraph } from '../../../_kit/subgraph.ts';

export type Routing = TestSubgraph<Tx, ReturnType<typeof openClient>>;

export const gln = (n: number): string => withCheckDigit(`9521${String(n).padStart(8, '0')}`);
export const owner = member('mbr_owner', 'CREATOR');
export const star = member('mbr_star', 'CREATOR');
export const agency = member('mbr_agency', 'MCN');
export const carrier = member('mbr_carrier', 'DISTRIBUTOR');
export const stranger = member('mbr_stranger', 'MAKER');
export const maker = (n: number) => member(`mbr_maker_${n}`, 'MAKER');

let keys = 0;
export const newKey = (): string => `key-${(keys += 1)}`;

const TOPICS = ['settlement.posted', 'fees.published'];

/** Runs writes of money as a mutation or an event would. */
export function inChange<T>(r: Pick<Routing, 'db' | 'clock' | 'settings'>, work: (change: Change) => Promise<T>): Promise<T> {
  const cause = { actorId: null, causeId: null, requestId: null };
  return runChange({ db: r.db, clock: r.clock, cause, topics: TOPICS }, (change) => work({ ...change, settings: r.settings }));
}

export const reposted = (r: Routing, ids: readonly string[]): Promise<void> => inChange(r, (change) => repost(change, ids));

/** Members, parties and campaigns that are known here. */
export async function enterParties(r: Pick<Routing, 'db' | 'clock' | 'settings'>): Promise<void> {
  const now = r.clock.now();
  const name = (memberId: string, kind: string) => ({ memberId, name: `Member ${memberId}`, kinds: [kind], changedAt: now });
  const makers = [1, 2, 3].map((n) => name(`mbr_maker_${n}`, 'MAKER'));
  const others = [name('mbr_owner', 'CREATOR'), name('mbr_star', 'CREATOR'), name('mbr_agency', 'MCN'), name('mbr_carrier', 'DISTRIBUTOR')];
  await insertRows(r.db, 'Member', [name('mbr_hub', 'HUB'), name('mbr_stranger', 'MAKER'), ...makers, ...others]);
  await insertRows(
    r.db,
    'MakerCopy',
    [1, 2, 3].map((n) => ({
      gln: gln(n),
      memberId: `mbr_maker_${n}`,
      name: `Maker ${n}`,
      status: 'ACTIVE',
      country: 'CN',
      origin: 'REPORTED',
      enteredAt: now,
      changedAt: now,
    })),
  );
  await insertRows(r.db, 'McnCopy', [{ mcnId: 'mcn_1', memberId: 'mbr_agency', takeRateBps: 2_000, changedAt: now }]);
  await insertRows(r.db, 'CreatorCopy', [
    { creatorId: 'crt_1', memberId: 'mbr_star', mcnId: 'mcn_1', changedAt: now },
    { creatorId: 'crt_2', memberId: 'mbr_star', mcnId: null, changedAt: now },
  ]);
  await inChange(r, prepareFees);
}

export async function openRouting(): Promise<Routing> {
  const r = await openTestSubgraph(routing, openClient);
  await enterParties(r);
  return r;
}

export const enterCampaign = (
  r: Pick<Routing, 'db' | 'clock'>,
  campaignId: string,
  cpsRateBps: number,
  creatorId = 'crt_1',
  memberId = 'mbr_owner',
): Promise<void> =>
  insertRows(r.db, 'CampaignCopy', [
    { campaignId, memberId, creatorId, status: 'PRESALE', cpsRateBps, startsAt: r.clock.now(), endsAt: null, changedAt: r.clock.now() },
  ]);

let allocationCount = 0;

/** An allocation as it stands when a run is committed. */
export function allocation(r: Pick<Routing, 'clock'>, extra: Partial<AllocationRow> & { n?: number } = {}): AllocationRow {
  const { n = 1, ...rest } = extra;
  const id = (allocationCount += 1);
  const now = r.clock.now();
  return {
    allocationId: `alc_${String(id).padStart(6, '0')}`,
    runId: 'run_1',
    decisionId: 'dec_1',
    demandLineId: `dln_${id}`,
    demandMemberId: 'mbr_owner',
    memberId: `mbr_maker_${n}`,
    origin: 'REPORTED',
    gln: gln(n),
    styleId: 'sty_1',
    campaignId: null,
    distributorGln: null,
    distributorMemberId: null,
    quantity: 100,
    unitPriceMinor: 5_000n,
    currency: 'CNY',
    originUnlocode: 'CNHGH',
    destinationUnlocode: 'CNSHA',
    promisedDate: toDate('2026-12-01'),
    status: 'OFFERED',
    answerBy: now,
    counterQuantity: null,
    counterPriceMinor: null,
    counterCurrency: null,
    counterDate: null,
    counterAt: null,
    declineReason: null,
    note: null,
    counterOf: null,
    settlementId: null,
    receivedGood: 0,
    receivedDamaged: 0,
    proposedAt: now,
    changedAt: now,
    ...rest,
  };
}

/** Stores allocations and opens their settlements; the ids of these, in the order of the allocations. */
export async function open(r: Pick<Routing, 'db' | 'clock' | 'settings'>, rows: readonly AllocationRow[]): Promise<string[]> {
  await insertRows(r.db, 'Allocation', rows);
  await inChange(r, (change) => openSettlements(change, rows));
  const stored = await query<{ allocationId: string; settlementId: string }>(
    r.db,
    sql`SELECT "allocationId", "settlementId" FROM "Allocation" WHERE "allocationId" = ANY(${rows.map(({ allocationId }) => allocationId)}::text[])`,
  );
  const byId = new Map(stored.map((row) => [row.allocationId, row.settlementId]));
  return rows.map(({ allocationId }) => byId.get(allocationId) ?? '');
}

/** Sets columns of allocations and posts their settlements, as the plan does when a maker answers or goods come. */
export async function move(r: Routing, ids: readonly string[], columns: Partial<AllocationRow>): Promise<void> {
  for (const [column, value] of Object.entries(columns)) {
    await r.db.$executeRawUnsafe(`UPDATE "Allocation" SET "${column}" = $1 WHERE "allocationId" = ANY($2::text[])`, value, ids);
  }
  const rows = await query<{ settlementId: string }>(
    r.db,
    sql`SELECT DISTINCT "settlementId" FROM "Allocation" WHERE "allocationId" = ANY(${ids}::text[])`,
  );
  await reposted(
    r,
    rows.map(({ settlementId }) => settlementId),
  );
}

export const settlementFields =
  'settlement { settlementId status balanced gross { amountMinor } returnsReserve { amountMinor } disputeNote changedAt }';

/** The hub records a payment of buyers. */
export const pay = (r: Routing, settlementId: string, amountMinor: number, extra: Record<string, unknown> = {}): Promise<any> =>
  r.change(
    hub,
    'recordCashFlow',
    {
      settlementId,
      kind: 'DEPOSIT',
      direction: 'IN',
      amount: { amountMinor, currency: 'CNY' },
      party: { memberId: 'mbr_owner' },
      due: '2026-11-22',
      at: r.clock.now().toISOString(),
      idempotencyKey: newKey(),
      ...extra,
    },
    'cashFlow { cashFlowId kind direction amount { amountMinor currency } conversion { original { amountMinor currency } rate rateDate } due at party { __typename } }',
  );

/** Runs a mutation on a settlement as the hub. */
export const act = (r: Routing, name: string, settlementId: string, extra: Record<string, unknown> = {}, as = hub): Promise<any> =>
  r.change(as, name, { settlementId, idempotencyKey: newKey(), ...extra }, settlementFields);

export type SplitSeen = { basis: string; payee: string; amount: number; rule: string; paid: boolean };

/** The splits as stored. */
export async function splits(r: Pick<Routing, 'db'>, settlementId: string): Promise<SplitSeen[]> {
  const rows = await query<{ basis: string; payeeId: string; amountMinor: bigint; releaseRule: string; releasedAt: Date | null }>(
    r.db,
    sql`SELECT * FROM "Split" WHERE "settlementId" = ${settlementId} ORDER BY "position"`,
  );
  return rows.map((row) => ({
    basis: row.basis,
    payee: row.payeeId,
    amount: Number(row.amountMinor),
    rule: row.releaseRule,
    paid: row.releasedAt !== null,
  }));
}

/** What of a ledger, of splits and of payments does not fit together, over the whole database; empty when all does. */
export async function faults(r: Pick<Routing, 'db'>): Promise<unknown[]> {
  return query(
    r.db,
    sql`WITH flow AS (SELECT "settlementId", sum(CASE WHEN "part" IS NOT NULL THEN 0 WHEN "direction" = 'IN' THEN "amountMinor" ELSE -"amountMinor" END) AS gross,
            sum(CASE WHEN "part" IS NOT NULL THEN "amountMinor" ELSE 0 END) AS paid FROM "CashFlow" WHERE "at" IS NOT NULL GROUP BY 1),
          split AS (SELECT "settlementId", sum("amountMinor") AS splits, sum("releasedMinor") AS released,
            bool_or("amountMinor" < "releasedMinor" OR "amountMinor" < 0) AS wrong FROM "Split" GROUP BY 1),
          entry AS (SELECT "settlementId", sum("amountMinor") AS trial, sum("amountMinor") FILTER (WHERE "account" = 'POOL') AS pool,
            sum("amountMinor") FILTER (WHERE "account" LIKE 'PAYABLE:%') AS payable FROM "LedgerEntry" GROUP BY 1)
        SELECT s."settlementId", f.*, p.*, e.* FROM "Settlement" s LEFT JOIN flow f USING ("settlementId") LEFT JOIN split p USING ("settlementId")
          LEFT JOIN entry e USING ("settlementId")
        WHERE coalesce(p.splits, 0) <> coalesce(f.gross, 0) OR coalesce(p.released, 0) <> coalesce(f.paid, 0) OR p.wrong OR coalesce(e.trial, 0) <> 0
          OR coalesce(e.pool, 0) <> coalesce(p.splits, 0) - coalesce(p.released, 0) OR coalesce(e.payable, 0) <> -coalesce(e.pool, 0)
        UNION ALL SELECT "postingId", NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, sum("amountMinor"), NULL, NULL FROM "LedgerEntry" GROUP BY 1 HAVING sum("amountMinor") <> 0`,
  );
}

/** The codes of a payload's problems. */
export const codes = (payload: { readonly problems: readonly { readonly code: string }[] }): string[] =>
  payload.problems.map((p) => p.code);
export const DAY_MS = 86_400_000;
