/** Cash-to-cash days, the pool of the hub and the fairness of the plan, as the control tower shows them. Today is 22 November 2026. */
import { addDays } from '../../../../lib/clock/clock.ts';
import { hub, member, visitor } from '../../../_kit/subgraph.ts';
import { noon, openRouting, type Routing } from './_kit.ts';
import { allocation, fill, line, numbers, receipt, sale, type World } from './_world.ts';

let r: Routing;

beforeAll(async () => {
  r = await openRouting();
}, 60_000);
afterAll(() => r.close());

type Row = Record<string, unknown>;
const settlement = (settlementId: string, memberId: string, extra: Row = {}): Row => ({
  settlementId,
  memberId,
  origin: 'REPORTED',
  campaignId: `cmp_${settlementId}`,
  demandLineId: null,
  status: 'DEPOSIT_HELD',
  feesVersion: '1',
  currency: 'CNY',
  openedAt: noon('2026-11-01'),
  changedAt: noon('2026-11-01'),
  ...extra,
});
// Done on the day, or only due on it.
const flow = (cashFlowId: string, of: Row, kind: string, amountMinor: number, day: string, extra: Row = {}): Row => ({
  cashFlowId,
  settlementId: of['settlementId'],
  memberId: of['memberId'],
  origin: of['origin'],
  campaignId: of['campaignId'],
  kind,
  direction: ['DEPOSIT', 'BALANCE'].includes(kind) ? 'IN' : 'OUT',
  amountMinor,
  currency: 'CNY',
  partyKind: 'MEMBER',
  partyId: 'mbr_party',
  partyMemberId: 'mbr_party',
  due: day,
  at: noon(day),
  part: ['DEPOSIT', 'BALANCE', 'REFUND'].includes(kind) ? null : kind,
  recordedAt: noon('2026-11-01'),
  ...extra,
});
const run = (runId: string, committedAt: string | null, hhi: number): Row => ({
  runId,
  trigger: 'MANUAL',
  status: 'OPTIMAL',
  attempt: 1,
  startedAt: noon('2026-11-01'),
  committedAt,
  horizonFrom: '2026-11-01',
  horizonTo: '2026-12-01',
  frozenUntil: '2026-11-02',
  currency: 'CNY',
  policyVersion: '1',
  seed: 'x',
  fairness: { hhi, hhiNormalised: 0.1, hhiLimit: 0.2, largestShareBps: 3_000, gini: 0.4, newMakerShareBps: 500 },
  problems: [],
  changedAt: noon('2026-11-01'),
});

const tables = ['Settlement', 'CashFlow', 'CashPool'];
const enter = async (world: World): Promise<void> => {
  for (const table of tables) await r.db.$executeRawUnsafe(`DELETE FROM "${table}"`);
  await fill(r, world);
};
const daysOf = async (viewer: typeof hub): Promise<number | null> => {
  const { data, errors } = await r.ask(viewer, '{ controlTower { cashToCashDays } }');
  expect(errors).toBeUndefined();
  return data.controlTower.cashToCashDays;
};

const mei = settlement('stl_1', 'mbr_mei');
const dress = line('dln_1', 'mbr_mei', 'sty_dress', 100, '2026-11-20');
const given = allocation('alc_1', dress, 'a', 100, '2026-11-12', { settlementId: 'stl_1', unitPriceMinor: 1_000, status: 'COMPLETED' });
const campaign = { campaignId: 'cmp_stl_1' };
const world: World = {
  DemandCopy: [dress],
  Allocation: [given],
  ReceiptFact: [receipt('1', given, 100, noon('2026-11-12'))],
  SaleFact: [
    { ...sale('sty_dress', 'mbr_mei', '2026-11-12', 50), ...campaign, gmvMinor: 150_000 },
    { ...sale('sty_dress', 'mbr_mei', '2026-11-17', 50), ...campaign, gmvMinor: 150_000 },
  ],
  Settlement: [mei],
  CashFlow: [flow('csh_1', mei, 'DEPOSIT', 300_000, '2026-11-02'), flow('csh_2', mei, 'MAKER_PAYMENT', 100_000, '2026-11-22')],
};

describe('cash-to-cash days', () => {
  it('are days of inventory and receivables less those of payables', async () => {
    await enter(world);
    // inventory 50,000 from the 12th to the 16th over a cost of 100,000: 2.5
    // receivables -300,000 for ten days and -150,000 for five over 300,000 of sales: -12.5
    // payables 100,000 from the 12th to the 21st over a cost of 100,000: 10
    expect(await daysOf(hub)).toBeCloseTo(-20, 9);
    expect(await daysOf(member('mbr_mei', 'CREATOR'))).toBeCloseTo(-20, 9);
  });

  it('of the hub are those of its pool', async () => {
    const pool = { positionId: 'pos_hub', kind: 'HUB', subjectId: 'mbr_hub', memberId: 'mbr_hub', origin: 'REPORTED' };
    await enter({ ...world, CashPool: [pool] });
    const { data, errors } = await r.ask(hub, '{ controlTower { cashToCashDays cash { cashToCashDays balance { amountMinor } } } }');
    expect(errors).toBeUndefined();
    const { cash, cashToCashDays } = data.controlTower;
    expect(cash).toEqual({ cashToCashDays, balance: { amountMinor: 200_000 } });
  });

  it('are null without sales, and for who owns no settlement', async () => {
    await enter({ ...world, SaleFact: [] });
    expect(await daysOf(hub)).toBeNull();
    await enter(world);
    expect(await daysOf(member('mbr_a', 'MAKER'))).toBeNull();
    expect(await daysOf(visitor)).toBeNull();
  });

  it.each(['one', 'two', 'three', 'four'])('are what plain SQL says for rows of the seed "%s"', async (seed) => {
    const { upTo, of } = numbers(seed);
    const settlements = Array.from({ length: 6 }, (_, i) =>
      settlement(`stl_${i}`, of(['mbr_mei', 'mbr_lin']), { origin: of(['REPORTED', 'GENERATED']) }),
    );
    const day = (): string => addDays('2026-10-01', upTo(70));
    const allocations = Array.from({ length: 30 }, (_, i) =>
      allocation(`alc_${i}`, dress, 'a', 1 + upTo(99), day(), {
        settlementId: of(settlements)['settlementId'],
        styleId: `sty_${upTo(3)}`,
        unitPriceMinor: 100 + upTo(900),
        status: of(['ACCEPTED', 'COMPLETED', 'SUPERSEDED']),
        currency: of(['CNY', 'CNY', 'USD']),
      }),
    );
    await enter({
      Allocation: allocations,
      ReceiptFact: allocations.slice(0, 20).map((of, i) => receipt(`${i}`, of, upTo(90), noon(day()))),
      Settlement: settlements,
      CashFlow: Array.from({ length: 80 }, (_, i) =>
        flow(
          `csh_${i}`,
          of(settlements.slice(1)),
          of(['DEPOSIT', 'BALANCE', 'REFUND', 'MAKER_PAYMENT', 'TAX']),
          1 + upTo(9_000),
          day(),
          upTo(4) === 0 ? { at: null } : {},
        ),
      ),
      SaleFact: settlements.flatMap(({ campaignId }) =>
        [0, 1, 2].map((i) => ({
          ...sale(`sty_${i}`, 'mbr_mei', day(), 1 + upTo(50)),
          piecesReturned: upTo(5),
          campaignId,
          gmvMinor: 1 + upTo(90_000),
        })),
      ),
    });
    for (const [viewer, own] of [
      [hub, 'true'],
      [visitor, `"origin" = 'GENERATED'`],
      [member('mbr_mei'), `"memberId" = 'mbr_mei'`],
    ] as const) {
      const [days, plain] = [await daysOf(viewer), await plainDays(own)];
      expect(days?.toPrecision(9)).toBe(plain?.toPrecision(9));
    }
  });
});

// Every balance on every day, one after another; the balance of each day stands under it.
async function plainDays(own: string): Promise<number | null> {
  const [row] = await r.db.$queryRawUnsafe<{ days: number | null }[]>(`
    WITH st AS (SELECT * FROM "Settlement" WHERE ${own} AND "settlementId" IN (SELECT "settlementId" FROM "CashFlow")),
      al AS (SELECT * FROM "Allocation" WHERE "settlementId" IN (SELECT "settlementId" FROM st) AND "currency" = 'CNY'),
      cost AS (SELECT "styleId", sum("quantity" * "unitPriceMinor") * 1.0 / sum("quantity") AS price FROM al WHERE "status" <> 'SUPERSEDED' GROUP BY 1),
      stock AS (SELECT date("receivedAt" + interval '8 hours') AS day, r."good" * al."unitPriceMinor" AS amount FROM "ReceiptFact" r JOIN al USING ("allocationId")),
      sold AS (
        SELECT "day", ("piecesSold" - "piecesReturned") * coalesce((SELECT price FROM cost WHERE cost."styleId" = f."styleId"), 0) AS cost, "gmvMinor" AS amount
        FROM "SaleFact" f WHERE "campaignId" IN (SELECT "campaignId" FROM st)),
      paid AS (SELECT date("at" + interval '8 hours') AS day, "kind", "amountMinor" AS amount FROM "CashFlow" WHERE "at" IS NOT NULL AND "settlementId" IN (SELECT "settlementId" FROM st)),
      each AS (
        SELECT (SELECT coalesce(sum(amount), 0) FROM stock WHERE day <= d) AS received, (SELECT coalesce(sum(cost), 0) FROM sold WHERE day <= d) AS cost,
          (SELECT coalesce(sum(amount), 0) FROM sold WHERE day <= d) AS revenue,
          (SELECT coalesce(sum(CASE "kind" WHEN 'REFUND' THEN -amount ELSE amount END), 0) FROM paid WHERE day <= d AND "kind" IN ('DEPOSIT', 'BALANCE', 'REFUND')) AS buyers,
          (SELECT coalesce(sum(amount), 0) FROM paid WHERE day <= d AND "kind" = 'MAKER_PAYMENT') AS makers, d
        FROM generate_series('2026-10-01'::date, '2026-11-22'::date, interval '1 day') d),
      today AS (SELECT * FROM each WHERE d = '2026-11-22')
    SELECT (sum(greatest(received - cost, 0)) / (SELECT cost FROM today) + sum(revenue - buyers) / (SELECT revenue FROM today)
      - sum(received - makers) / (SELECT cost FROM today WHERE received > 0))::float8 AS days FROM each`);
  return row?.days ?? null;
}

describe('the pool of the hub', () => {
  const asked = '{ controlTower { cash { positionId } } }';

  it('is shown to the hub, and not before the first payment', async () => {
    await enter({});
    expect((await r.ask(hub, asked)).data.controlTower.cash).toBeNull();
    const pool = { positionId: 'pos_hub', kind: 'HUB', subjectId: 'mbr_hub', memberId: 'mbr_hub', origin: 'REPORTED' };
    await enter({ CashPool: [{ ...pool, positionId: 'pos_a', kind: 'CAMPAIGN', subjectId: 'cmp_1' }, pool] });
    expect((await r.ask(hub, asked)).data.controlTower.cash).toEqual({ positionId: 'pos_hub' });
    expect((await r.ask(visitor, asked)).data.controlTower.cash).toBeNull();
    expect((await r.ask(member('mbr_mei', 'CREATOR'), asked)).data.controlTower.cash).toBeNull();
  });
});

describe('fairness', () => {
  it('is that of the run that was committed last, for everybody', async () => {
    await enter({
      Run: [
        run('run_1', noon('2026-11-03'), 0.3),
        run('run_2', noon('2026-11-05'), 0.2),
        run('run_3', null, 0.1),
        run('run_4', noon('2026-11-04'), 0.4),
      ],
    });
    for (const viewer of [hub, visitor, member('mbr_a', 'MAKER')]) {
      const { data } = await r.ask(
        viewer,
        '{ controlTower { fairness { hhi hhiNormalised hhiLimit largestShareBps gini newMakerShareBps } } }',
      );
      expect(data.controlTower.fairness).toEqual({
        hhi: 0.2,
        hhiNormalised: 0.1,
        hhiLimit: 0.2,
        largestShareBps: 3_000,
        gini: 0.4,
        newMakerShareBps: 500,
      });
    }
  });
});
