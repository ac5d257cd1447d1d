/** Pools, payments and rates: series against plain SQL, who finances what, conversions, and what is refused. */
import { query, sql } from '../../../../subgraph-kit/sql.ts';
import { hub } from '../../../_kit/subgraph.ts';
import {
  act,
  allocation,
  codes,
  DAY_MS,
  enterCampaign,
  faults,
  gln,
  move,
  newKey,
  open,
  openRouting,
  owner,
  pay,
  star,
  type Routing,
} from './_kit.ts';
import { recordRates } from './_random.ts';

let r: Routing;

beforeAll(async () => {
  r = await openRouting();
}, 60_000);
afterAll(() => r.close());

const cashFields = `positionId balance { amountMinor currency } minBalance { amountMinor } minBalanceOn financedBy { memberId } cashToCashDays ledgerCashToCashDays dio dso dpo
  series(from: "2026-11-20", to: "2026-12-20") { day cashIn { amountMinor } cashOut { amountMinor } balance { amountMinor } }`;
const subject = `query ($subjects: [_Any!]!) { _entities(representations: $subjects) { ... on Campaign { cash { ${cashFields} } } ... on Creator { cash { ${cashFields} } } ... on Mcn { cash { ${cashFields} } } } }`;
const cashOf = async (...subjects: Record<string, string>[]): Promise<any[]> => {
  const { data, errors } = await r.ask(hub, subject, { subjects });
  expect(errors).toBeUndefined();
  return data._entities.map((entity: { cash: unknown }) => entity.cash);
};

describe('a pool', () => {
  it('opens with the first payment, expected or done, and shows what falls due when makers agree', async () => {
    await enterCampaign(r, 'cmp_1', 1_000);
    const row = allocation(r, { campaignId: 'cmp_1' });
    const [settlementId = ''] = await open(r, [row]);
    const campaign = { __typename: 'Campaign', campaignId: 'cmp_1' };
    expect(await cashOf(campaign)).toEqual([null]);
    await move(r, [row.allocationId], { status: 'ACCEPTED' });
    const [before] = await cashOf(campaign);
    // nobody paid yet: 150,000 on acceptance and 350,000 on receipt
    expect(before).toMatchObject({
      balance: { amountMinor: 0, currency: 'CNY' },
      minBalance: { amountMinor: -500_000 },
      minBalanceOn: '2026-12-01',
      financedBy: [{ memberId: 'mbr_owner' }],
      ledgerCashToCashDays: null,
    });
    await pay(r, settlementId, 200_000);
    await pay(r, settlementId, 700_000, { kind: 'BALANCE', due: '2026-11-30', at: undefined });
    const [after] = await cashOf(campaign);
    expect(after).toMatchObject({
      balance: { amountMinor: 200_000 },
      minBalance: { amountMinor: 50_000 },
      minBalanceOn: '2026-11-22',
      financedBy: [],
    });
  });

  it('of campaign, creator and agency has the series that plain SQL gives, read for all in as many statements as for one', async () => {
    await enterCampaign(r, 'cmp_2', 500, 'crt_2');
    const rows = [allocation(r, { campaignId: 'cmp_2', n: 2 }), allocation(r, { campaignId: 'cmp_2', n: 3, unitPriceMinor: 777n })];
    const [settlementId = ''] = await open(r, rows);
    await pay(r, settlementId, 432_100);
    await move(
      r,
      rows.map(({ allocationId }) => allocationId),
      { status: 'ACCEPTED' },
    );
    await act(r, 'releaseSettlement', settlementId);
    r.clock.advance(3 * DAY_MS);
    await pay(r, settlementId, 12_345, { kind: 'REFUND', direction: 'OUT' });
    const subjects = [
      { __typename: 'Campaign', campaignId: 'cmp_1' },
      { __typename: 'Campaign', campaignId: 'cmp_2' },
      { __typename: 'Creator', creatorId: 'crt_1' },
      { __typename: 'Creator', creatorId: 'crt_2' },
      { __typename: 'Mcn', mcnId: 'mcn_1' },
    ];
    const seen = await cashOf(...subjects);
    const wheres = [
      `"campaignId" = 'cmp_1'`,
      `"campaignId" = 'cmp_2'`,
      `"creatorId" = 'crt_1'`,
      `"creatorId" = 'crt_2'`,
      `"mcnId" = 'mcn_1'`,
    ];
    for (const [i, where] of wheres.entries()) {
      const days = await r.db.$queryRawUnsafe<{ day: string; cashIn: number; cashOut: number; balance: number }[]>(
        `WITH f AS (SELECT coalesce(("at" AT TIME ZONE 'Asia/Shanghai')::date, "due") AS d, "direction" AS w, "amountMinor" AS a FROM "CashFlow" WHERE ${where})
         SELECT to_char(g, 'YYYY-MM-DD') AS "day", coalesce((SELECT sum(a) FROM f WHERE d = g AND w = 'IN'), 0)::int AS "cashIn",
           coalesce((SELECT sum(a) FROM f WHERE d = g AND w = 'OUT'), 0)::int AS "cashOut",
           coalesce((SELECT sum(CASE WHEN w = 'IN' THEN a ELSE -a END) FROM f WHERE d <= g), 0)::int AS "balance"
         FROM generate_series('2026-11-20'::date, '2026-12-20'::date, '1 day') g ORDER BY g`,
      );
      const money = (amountMinor: number) => ({ amountMinor });
      expect(seen[i].series).toEqual(
        days.map(({ day, cashIn, cashOut, balance }) => ({ day, cashIn: money(cashIn), cashOut: money(cashOut), balance: money(balance) })),
      );
      expect(seen[i].minBalance.amountMinor).toBe(Math.min(...days.filter((d) => d.cashIn + d.cashOut > 0).map(({ balance }) => balance)));
      const [done] = await r.db.$queryRawUnsafe<{ n: number }[]>(
        `SELECT sum(CASE WHEN "direction" = 'IN' THEN "amountMinor" ELSE -"amountMinor" END)::int AS n FROM "CashFlow" WHERE "at" IS NOT NULL AND ${where}`,
      );
      expect(seen[i].balance.amountMinor).toBe(done?.n);
    }
    const alone: number[] = [];
    for (const one of subjects) alone.push(await r.countStatements(() => cashOf(one)));
    // a pool that was never below zero has nobody to ask for
    expect(await r.countStatements(() => cashOf(...subjects))).toBe(Math.max(...alone));
  });

  it('is carried by makers who wait for a payment that is overdue', async () => {
    await enterCampaign(r, 'cmp_3', 0);
    const row = allocation(r, { campaignId: 'cmp_3' });
    const [settlementId = ''] = await open(r, [row]);
    await move(r, [row.allocationId], { status: 'ACCEPTED' });
    await pay(r, settlementId, 10_000);
    const financers = async (): Promise<string[]> => {
      const [cash] = await cashOf({ __typename: 'Campaign', campaignId: 'cmp_3' });
      return cash.financedBy.map(({ memberId }: { memberId: string }) => memberId);
    };
    expect(await financers()).toEqual(['mbr_owner']);
    r.clock.advance(2 * DAY_MS);
    expect(await financers()).toEqual(['mbr_maker_1', 'mbr_owner']);
    r.clock.advance(30 * DAY_MS);
    // the hub waits for the payment fee, the owner for its reserve
    expect(await financers()).toEqual(['mbr_hub', 'mbr_maker_1', 'mbr_owner']);
  });

  it('of the hub holds all payments, also those without a campaign', async () => {
    const [settlementId = ''] = await open(r, [allocation(r)]);
    await pay(r, settlementId, 5_000);
    const { data } = await r.ask(hub, '{ controlTower { cash { balance { amountMinor } owner { memberId } } } }');
    const [all] = await query<{ n: number }>(
      r.db,
      sql`SELECT sum(CASE WHEN "direction" = 'IN' THEN "amountMinor" ELSE -"amountMinor" END)::int AS n FROM "CashFlow" WHERE "at" IS NOT NULL`,
    );
    expect(data.controlTower.cash).toEqual({ balance: { amountMinor: all?.n }, owner: { memberId: 'mbr_hub' } });
    expect((await r.ask(owner, '{ controlTower { cash { positionId } } }')).data.controlTower.cash).toBeNull();
  });

  it('tells each payment with its balance and its lowest point', async () => {
    await r.forgetEvents();
    const [settlementId = ''] = await open(r, [allocation(r, { campaignId: 'cmp_1' })]);
    const { cashFlow } = await pay(r, settlementId, 1_000);
    const [cash] = await cashOf({ __typename: 'Campaign', campaignId: 'cmp_1' });
    const moved = (await r.events()).filter(({ topic }) => topic === 'cash.moved');
    expect(moved.map(({ payload }) => payload)).toEqual([
      expect.objectContaining({
        positionId: cash.positionId,
        cashFlowId: cashFlow.cashFlowId,
        direction: 'IN',
        amount: { amountMinor: 1_000, currency: 'CNY' },
        balance: cash.balance,
        minBalance: { ...cash.minBalance, currency: 'CNY' },
      }),
    ]);
  });

  it('refuses a series that is reversed or longer than a leap year', async () => {
    const [pool] = await query<{ positionId: string }>(r.db, sql`SELECT "positionId" FROM "CashPool" LIMIT 1`);
    const series = (from: string, to: string) =>
      r.ask(hub, `{ cashPosition(positionId: "${pool?.positionId}") { series(from: "${from}", to: "${to}") { day } } }`);
    expect((await series('2026-01-02', '2026-01-01')).errors?.[0]?.message).toMatch(/lies before/);
    expect((await series('2024-01-01', '2025-01-01')).errors?.[0]?.message).toMatch(/at most 366 days/);
    expect((await series('2024-01-01', '2024-12-31')).data.cashPosition.series).toHaveLength(366);
  });

  it('has cash-to-cash days of the goods that were received, sold and paid', async () => {
    await enterCampaign(r, 'cmp_4', 0);
    const row = allocation(r, { campaignId: 'cmp_4', quantity: 10, unitPriceMinor: 1_000n });
    const [settlementId = ''] = await open(r, [row]);
    const start = r.clock.now();
    const day = (n: number): string => new Date(start.getTime() + n * DAY_MS).toISOString().slice(0, 10);
    await pay(r, settlementId, 30_000);
    await r.db.$executeRawUnsafe(
      `INSERT INTO "ReceiptFact" VALUES ('gsin_c2c', $1, '${gln(9)}', 'm', 'm', 10, 0, true, true, $2)`,
      row.allocationId,
      start,
    );
    await move(r, [row.allocationId], { status: 'COMPLETED', receivedGood: 10 });
    await r.db.$executeRawUnsafe(`INSERT INTO "SaleFact" VALUES ('sty_1', 'cmp_4', 'mbr_owner', $1::date, 'CNY', 10, 0, 30000)`, day(2));
    r.clock.advance(4 * DAY_MS);
    await act(r, 'releaseSettlement', settlementId);
    const [cash] = await cashOf({ __typename: 'Campaign', campaignId: 'cmp_4' });
    // five days: inventory 10,000 for two of them; receivables -30,000 for two; payables 10,000 for four
    expect(cash).toMatchObject({ dio: 2, dso: -2, dpo: 4, cashToCashDays: -4, ledgerCashToCashDays: -4 });
  });
});

describe('recordCashFlow', () => {
  it('converts by the rate of the day, half to even, and keeps the original', async () => {
    const [settlementId = ''] = await open(r, [allocation(r)]);
    await r.change(
      hub,
      'recordFxRates',
      { idempotencyKey: newKey(), rates: [{ date: r.clock.now().toISOString().slice(0, 10), from: 'USD', to: 'CNY', rate: '7.085' }] },
      'rates { rate }',
    );
    const { cashFlow } = await pay(r, settlementId, 0, { amount: { amountMinor: 100, currency: 'USD' } });
    // 708.5 minor units: 708 is even
    expect(cashFlow).toMatchObject({
      amount: { amountMinor: 708, currency: 'CNY' },
      conversion: { original: { amountMinor: 100, currency: 'USD' }, rate: '7.085' },
    });
    expect(codes(await pay(r, settlementId, 0, { amount: { amountMinor: 100, currency: 'CHF' } }))).toEqual(['NO_EXCHANGE_RATE']);
    r.clock.advance(8 * DAY_MS);
    expect(codes(await pay(r, settlementId, 0, { amount: { amountMinor: 100, currency: 'USD' } }))).toEqual(['NO_EXCHANGE_RATE']);
  });

  it('turns an expected payment into the same one done', async () => {
    const [settlementId = ''] = await open(r, [allocation(r)]);
    const expected = await pay(r, settlementId, 9_000, { kind: 'BALANCE', due: '2027-05-01', at: undefined });
    const done = await pay(r, settlementId, 8_000, { kind: 'BALANCE', due: '2027-05-01' });
    expect(done.cashFlow.cashFlowId).toBe(expected.cashFlow.cashFlowId);
    const rows = await query<{ amountMinor: bigint }>(
      r.db,
      sql`SELECT "amountMinor" FROM "CashFlow" WHERE "settlementId" = ${settlementId} AND "part" IS NULL`,
    );
    expect(rows).toEqual([{ amountMinor: 8_000n }]);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['a payment to a maker', { kind: 'MAKER_PAYMENT', direction: 'OUT' }, 'BAD_CODE'],
    ['a deposit that goes out', { direction: 'OUT' }, 'BAD_CODE'],
    ['a refund that comes in', { kind: 'REFUND' }, 'BAD_CODE'],
    ['an amount of nothing', { amount: { amountMinor: 0, currency: 'CNY' } }, 'OUT_OF_RANGE'],
    ['an amount beyond the limit', { amount: { amountMinor: 1_000_000_000_001, currency: 'CNY' } }, 'OUT_OF_RANGE'],
    ['a time that has not come', { at: '2030-01-01T00:00:00Z' }, 'DAY_IN_FUTURE'],
    ['a party that is not known', { party: { creatorId: 'crt_none' } }, 'NOT_FOUND'],
    ['a settlement that is not there', { settlementId: 'stl_none' }, 'NOT_FOUND'],
    ['a refund of money that never came', { kind: 'REFUND', direction: 'OUT' }, 'OUT_OF_RANGE'],
  ])('refuses %s', async (_, extra, code) => {
    const [settlementId = ''] = await open(r, [allocation(r)]);
    expect(codes(await pay(r, settlementId, 100, extra))).toEqual([code]);
  });

  it('knows makers, distributors, creators, agencies and members', async () => {
    const [settlementId = ''] = await open(r, [allocation(r, { distributorGln: gln(9), distributorMemberId: 'mbr_carrier' })]);
    const parties = [
      { makerGln: gln(1) },
      { distributorGln: gln(9) },
      { creatorId: 'crt_1' },
      { mcnId: 'mcn_1' },
      { memberId: 'mbr_star' },
    ];
    const seen: string[] = [];
    for (const party of parties) seen.push((await pay(r, settlementId, 10, { party })).cashFlow.party.__typename);
    expect(seen).toEqual(['Maker', 'Distributor', 'Creator', 'Mcn', 'Member']);
  });
});

describe('rates', () => {
  it('are recorded item by item, and read by day', async () => {
    const rates = [
      { date: '2026-11-01', from: 'EUR', to: 'CNY', rate: '8.2' },
      { date: '2026-11-02', from: 'EUR', to: 'EUR', rate: '1' },
      { date: '2026-11-03', from: 'EUR', to: 'CNY', rate: '0.000' },
      { date: '2026-11-04', from: 'EUR', to: 'CNY', rate: '-8' },
      { date: '2099-11-05', from: 'EUR', to: 'CNY', rate: '8' },
      { date: '2026-11-01', from: 'EUR', to: 'CNY', rate: '8.3' },
    ];
    const key = newKey();
    const record = () => r.change(hub, 'recordFxRates', { idempotencyKey: key, rates }, 'rates { date from to rate }');
    const first = await record();
    expect(first.rates).toEqual([rates[0], null, null, null, null, null]);
    expect(first.problems.map(({ code, path }: { code: string; path: string[] }) => `${code} ${path.join('.')}`).toSorted()).toEqual([
      'BAD_CODE rates.1.to',
      'BAD_CODE rates.3.rate',
      'DAY_IN_FUTURE rates.4.date',
      'DUPLICATE rates.5',
      'OUT_OF_RANGE rates.2.rate',
    ]);
    expect(await record()).toEqual(first);
    await recordRates(r);
    const { data } = await r.ask(hub, '{ fxRates(from: "EUR", to: "CNY", fromDate: "2026-01-01", toDate: "2026-12-31") { date rate } }');
    expect(data.fxRates).toEqual([{ date: '2026-11-01', rate: '8.2' }]);
    const long = await r.ask(hub, '{ fxRates(from: "EUR", to: "CNY", fromDate: "2025-01-01", toDate: "2026-12-31") { date } }');
    expect(long.errors?.[0]?.message).toMatch(/at most 366 days/);
    expect(codes(await r.change(star, 'recordFxRates', { idempotencyKey: newKey(), rates }, 'rates { date }'))).toEqual(['WRONG_KIND']);
  });
});

it('nothing is out of balance, whatever happened above', async () => {
  expect(await faults(r)).toEqual([]);
});
