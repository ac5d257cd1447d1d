/**
 * Random settlements that live their whole life through the mutations: offers, deposits in several currencies, acceptance, refusals,
 * disputes, freight, refunds, receipts with damaged pieces, releases and the close. The same seed gives the same lives.
 */
import { insertRows } from '../../../../subgraph-kit/insert-rows.ts';
import { query, sql } from '../../../../subgraph-kit/sql.ts';
import type { AllocationRow } from '../../../../subgraphs/routing/data/tables.ts';
import { openSettlements, repost } from '../../../../subgraphs/routing/writes/settlements.ts';
import { hub } from '../../../_kit/subgraph.ts';
import { allocation, DAY_MS, gln, inChange, newKey, owner, type Routing } from './_kit.ts';

const AT_A_TIME = 100;
const SIDE_BY_SIDE = 6;

export type Call = {
  readonly name: string;
  readonly input: Record<string, unknown>;
  readonly fields: string;
  readonly as: typeof hub;
  readonly answer: { readonly problems: { readonly code: string }[] };
};
type Random = { readonly below: (most: number) => number; readonly chance: (percent: number) => boolean };
type Life = { readonly random: Random; readonly rows: AllocationRow[]; settlementId: string };

/** Numbers that follow from a seed (mulberry32). */
function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  return { below: (most) => Math.floor(next() * most), chance: (percent) => next() * 100 < percent };
}

async function sideBySide<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker));
}

async function inChunks<T>(items: readonly T[], work: (part: T[]) => Promise<void>): Promise<void> {
  for (let start = 0; start < items.length; start += AT_A_TIME) await work(items.slice(start, start + AT_A_TIME));
}

/** All lives from offer to close; every call that was made, with its answer. */
export async function liveThrough(r: Routing, options: { readonly seed: number; readonly count: number }): Promise<Call[]> {
  const calls: Call[] = [];
  const call = async (name: string, input: Record<string, unknown>, fields: string, as = hub): Promise<void> => {
    const keyed = { ...input, idempotencyKey: newKey() };
    calls.push({ name, input: keyed, fields, as, answer: await r.change(as, name, keyed, fields) });
  };
  const act = (name: string, { settlementId }: Life, extra: Record<string, unknown> = {}, as = hub): Promise<void> =>
    call(name, { settlementId, ...extra }, 'settlement { settlementId }', as);
  const pay = (life: Life, kind: string, most: number): Promise<void> =>
    call(
      'recordCashFlow',
      {
        settlementId: life.settlementId,
        kind,
        direction: kind === 'REFUND' ? 'OUT' : 'IN',
        amount: { amountMinor: 1 + life.random.below(most), currency: ['CNY', 'CNY', 'USD', 'JPY', 'CHF'][life.random.below(5)] },
        party: life.random.chance(50) ? { memberId: 'mbr_owner' } : { creatorId: 'crt_1' },
        due: '2026-12-01',
        ...(life.random.chance(85) ? { at: r.clock.now().toISOString() } : {}),
      },
      'cashFlow { cashFlowId }',
    );
  const lives = await openLives(r, options);
  await sideBySide(lives, async (life) => {
    await pay(life, 'DEPOSIT', 2_000_000);
    if (life.random.chance(40)) await pay(life, 'DEPOSIT', 10);
    if (life.random.chance(10)) await act('disputeSettlement', life, { note: 'Stop' }, owner);
  });
  await answerAll(r, lives);
  await sideBySide(lives, async (life) => {
    await act('releaseSettlement', life);
    if (life.random.chance(15)) await act('resolveDispute', life, { note: 'Go on' });
    if (life.random.chance(60)) await pay(life, 'BALANCE', 3_000_000);
    if (life.random.chance(25)) await pay(life, 'REFUND', 500_000);
  });
  await receiveAll(r, lives);
  await sideBySide(lives, async (life) => {
    await act('releaseSettlement', life);
    if (life.random.chance(30)) await pay(life, 'REFUND', 200_000);
  });
  r.clock.advance(8 * DAY_MS);
  await sideBySide(lives, async (life) => {
    await act('releaseSettlement', life);
    if (life.random.chance(5)) await pay(life, 'BALANCE', 1_000);
    await act('closeSettlement', life);
  });
  return calls;
}

/** Rates of the two currencies that payments come in; the third has none. */
export const recordRates = (r: Routing): Promise<any> =>
  r.change(
    hub,
    'recordFxRates',
    {
      idempotencyKey: newKey(),
      rates: [
        { date: '2026-11-20', from: 'USD', to: 'CNY', rate: '7.0851' },
        { date: '2026-11-22', from: 'JPY', to: 'CNY', rate: '0.046512345678' },
      ],
    },
    'rates { date from to rate }',
  );

async function openLives(r: Routing, { seed, count }: { seed: number; count: number }): Promise<Life[]> {
  await recordRates(r);
  const lives = Array.from({ length: count }, (_, i): Life => {
    const random = createRandom(seed + i * 7_919);
    const campaignId = random.chance(95) ? `cmp_${seed}_${i}` : null;
    const rows = Array.from({ length: 1 + random.below(3) }, () =>
      allocation(r, {
        n: 1 + random.below(3),
        campaignId,
        demandLineId: `dln_${seed}_${i}`,
        quantity: 1 + random.below(300),
        unitPriceMinor: BigInt(random.below(9e3)),
        currency: random.chance(5) ? 'USD' : 'CNY',
      }),
    );
    return { random, rows, settlementId: '' };
  });
  const now = r.clock.now();
  await inChunks(lives, async (part) => {
    const campaigns = part.flatMap(({ rows, random }) => {
      const campaignId = rows[0]?.campaignId ?? null;
      // the copy of one campaign in ten has not come yet
      if (campaignId === null || random.chance(10)) return [];
      const common = { memberId: 'mbr_owner', status: 'PRESALE', startsAt: now, endsAt: null, changedAt: now };
      return [{ campaignId, creatorId: random.chance(50) ? 'crt_1' : 'crt_2', cpsRateBps: random.below(3_000), ...common }];
    });
    await insertRows(r.db, 'CampaignCopy', campaigns);
    const rows = part.flatMap((life) => life.rows);
    await insertRows(r.db, 'Allocation', rows);
    await inChange(r, (change) => openSettlements(change, rows));
    const stored = await query<{ allocationId: string; settlementId: string }>(
      r.db,
      sql`SELECT "allocationId", "settlementId" FROM "Allocation" WHERE "allocationId" = ANY(${rows.map(({ allocationId }) => allocationId)}::text[])`,
    );
    const ids = new Map(stored.map(({ allocationId, settlementId }) => [allocationId, settlementId]));
    for (const life of part) life.settlementId = ids.get(life.rows[0]?.allocationId ?? '') ?? '';
  });
  return lives;
}

type Moved = { allocationId: string; status: string; receivedGood: number };

// As the plan does it: the rows are moved, then their settlements are posted.
async function moveAll(r: Routing, lives: readonly Life[], move: (row: AllocationRow, random: Random) => Moved): Promise<void> {
  await inChunks(lives, async (part) => {
    const moved = part.flatMap(({ rows, random }) => rows.map((row) => move(row, random)));
    await inChange(r, async (change) => {
      await change.tx.$executeRawUnsafe(
        `UPDATE "Allocation" t SET "status" = w."status", "receivedGood" = w."receivedGood"
         FROM jsonb_populate_recordset(NULL::"Allocation", $1::jsonb) w WHERE t."allocationId" = w."allocationId"`,
        JSON.stringify(moved),
      );
      await repost(
        change,
        part.map(({ settlementId }) => settlementId),
      );
    });
  });
}

const answerAll = (r: Routing, lives: readonly Life[]): Promise<void> =>
  moveAll(r, lives, ({ allocationId }, random) => ({ allocationId, status: random.chance(10) ? 'DECLINED' : 'ACCEPTED', receivedGood: 0 }));

async function receiveAll(r: Routing, lives: readonly Life[]): Promise<void> {
  const now = r.clock.now();
  await inChunks(lives, async (part) => {
    const freight = part.flatMap(({ rows, random }) =>
      rows.slice(0, 1).map(({ allocationId }) => ({
        gsin: `gsin_${allocationId}`,
        allocationId,
        distributorGln: gln(9),
        memberId: 'mbr_carrier',
        amountMinor: random.below(3e4),
        currency: 'CNY',
      })),
    );
    await insertRows(r.db, 'Freight', freight);
    await insertRows(
      r.db,
      'ReceiptFact',
      freight.map(({ gsin, allocationId }) => ({
        gsin,
        allocationId,
        distributorGln: gln(9),
        memberId: 'mbr_owner',
        demandMemberId: 'mbr_owner',
        good: 1,
        damaged: 0,
        onTime: true,
        documentsMatch: true,
        receivedAt: now,
      })),
    );
  });
  await moveAll(r, lives, ({ allocationId, quantity }, random) => {
    const fate = random.below(20);
    const status = fate === 0 ? 'SUPERSEDED' : fate === 1 ? 'FROZEN' : 'COMPLETED';
    return { allocationId, status, receivedGood: random.below(quantity + 1) };
  });
}

/** A call that changed something: its key is kept. */
export const isMade = ({ answer }: Call): boolean => answer.problems.length === 0;

/** Repeats every call with its key; the calls that were answered otherwise. */
export async function repeatAll(r: Routing, calls: readonly Call[]): Promise<Call[]> {
  const different: Call[] = [];
  await sideBySide(calls, async (one) => {
    const again: unknown = await r.change(one.as, one.name, one.input, one.fields);
    if (JSON.stringify(again) !== JSON.stringify(one.answer)) different.push(one);
  });
  return different;
}

/** A checksum of all rows of every table that holds state. */
export async function checksumsOf(r: Routing): Promise<Record<string, string>> {
  const tables = await query<{ name: string }>(
    r.db,
    sql`SELECT table_name AS "name" FROM information_schema.tables WHERE table_schema = current_schema() AND table_name <> '_prisma_migrations' ORDER BY 1`,
  );
  const sums: Record<string, string> = {};
  for (const { name } of tables) {
    const [row] = await r.db.$queryRawUnsafe<{ sum: string }[]>(
      `SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, chr(10) ORDER BY t::text COLLATE "C")), '') AS "sum" FROM "${name}" t`,
    );
    sums[name] = row?.sum ?? '';
  }
  return sums;
}
