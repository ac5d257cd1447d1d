/** What money follows: freight that is booked, goods that are received, and copies and rates that come late. */
import { query, sql } from '../../../../subgraph-kit/sql.ts';
import { postsLateFacts } from '../../../../subgraphs/routing/writes/late-facts.ts';
import { hub } from '../../../_kit/subgraph.ts';
import { allocation, enterCampaign, faults, gln, inChange, move, newKey, open, openRouting, pay, splits, type Routing } from './_kit.ts';

let r: Routing;

beforeAll(async () => {
  r = await openRouting();
}, 60_000);
afterAll(() => r.close());
beforeEach(() => r.forgetEvents());

const at = (): string => r.clock.now().toISOString();
const booked = (gsin: string, allocationId: string, freight: object | null) => ({
  topic: 'shipment.booked',
  payload: {
    gsin,
    allocationId,
    distributorGln: gln(9),
    memberId: 'mbr_carrier',
    carrier: 'Carrier',
    status: 'BOOKED',
    plannedArrival: at(),
    eta: at(),
    changedAt: at(),
    distributorMemberId: 'mbr_carrier',
    demandMemberId: 'mbr_owner',
    freight,
  },
});
const received = (gsin: string, allocationId: string, good: number, damaged: number) => ({
  topic: 'receipt.recorded',
  payload: {
    gsin,
    allocationId,
    siteGln: gln(8),
    memberId: 'mbr_owner',
    good,
    damaged,
    otif: true,
    changedAt: at(),
    distributorGln: gln(9),
    demandMemberId: 'mbr_owner',
    at: at(),
    documentsMatch: true,
    onTime: true,
    lines: [],
  },
});
const amounts = async (settlementId: string, ...bases: string[]): Promise<number[]> =>
  (await splits(r, settlementId)).filter(({ basis }) => bases.includes(basis)).map(({ amount }) => amount);
const posted = async (): Promise<number> => (await r.events()).filter(({ topic }) => topic === 'settlement.posted').length;
const runLate = () => inChange(r, (change) => postsLateFacts.run(change));

describe('freight', () => {
  it('of a booked shipment is a part of its settlement, once, in the currency of the hub', async () => {
    const row = allocation(r, { status: 'ACCEPTED' });
    const [settlementId = ''] = await open(r, [row]);
    await pay(r, settlementId, 1_000_000);
    await r.change(
      hub,
      'recordFxRates',
      { idempotencyKey: newKey(), rates: [{ date: '2026-11-22', from: 'USD', to: 'CNY', rate: '7.1' }] },
      'rates { rate }',
    );
    await r.follow([
      booked('gsin_1', row.allocationId, { amountMinor: 5_000, currency: 'CNY' }),
      booked('gsin_2', row.allocationId, { amountMinor: 1_000, currency: 'USD' }),
      booked('gsin_3', row.allocationId, null),
    ]);
    expect(await amounts(settlementId, 'FREIGHT')).toEqual([5_000, 7_100]);
    await r.forgetEvents();
    await r.follow([booked('gsin_1', row.allocationId, { amountMinor: 5_000, currency: 'CNY' })]);
    expect(await amounts(settlementId, 'FREIGHT')).toEqual([5_000, 7_100]);
    expect(await posted()).toBe(0);
    const { data } = await r.ask(
      hub,
      `{ settlement(settlementId: "${settlementId}") { splits { basis conversion { original { amountMinor currency } rate rateDate } } } }`,
    );
    expect(data.settlement.splits.filter(({ basis }: { basis: string }) => basis === 'FREIGHT')).toEqual([
      { basis: 'FREIGHT', conversion: null },
      { basis: 'FREIGHT', conversion: { original: { amountMinor: 1_000, currency: 'USD' }, rate: '7.1', rateDate: '2026-11-22' } },
    ]);
  });
});

describe('a receipt', () => {
  it('pays good pieces only, and starts the return window when all goods are there', async () => {
    const row = allocation(r, { status: 'FROZEN', quantity: 100, unitPriceMinor: 1_000n });
    const [settlementId = ''] = await open(r, [row]);
    await r.db.$executeRawUnsafe(
      `INSERT INTO "Run" ("runId", "trigger", "status", "attempt", "startedAt", "horizonFrom", "horizonTo", "frozenUntil", "currency", "policyVersion", "seed", "problems", "changedAt")
       VALUES ('run_1', 'MANUAL', 'OPTIMAL', 1, now(), '2026-11-22', '2026-12-22', '2026-11-23', 'CNY', '1', 's', '[]', now())`,
    );
    await pay(r, settlementId, 500_000);
    await r.follow([booked('gsin_10', row.allocationId, { amountMinor: 700, currency: 'CNY' })]);
    await r.follow([booked('gsin_11', row.allocationId, { amountMinor: 900, currency: 'CNY' })]);
    expect(await amounts(settlementId, 'MAKER_PRICE', 'FREIGHT')).toEqual([30_000, 70_000, 1_600]);
    await r.follow([received('gsin_10', row.allocationId, 88, 12)]);
    // the second shipment never came
    expect(await amounts(settlementId, 'MAKER_PRICE', 'FREIGHT')).toEqual([26_400, 61_600, 700]);
    const [stored] = await query<{ receivedAt: Date | null }>(
      r.db,
      sql`SELECT "receivedAt" FROM "Settlement" WHERE "settlementId" = ${settlementId}`,
    );
    expect(stored?.receivedAt).toEqual(r.clock.now());
  });
});

describe('what comes late', () => {
  it('adds the commission when the campaign is known, and names its pools', async () => {
    const [settlementId = ''] = await open(r, [allocation(r, { campaignId: 'cmp_late' })]);
    await pay(r, settlementId, 1_000_000);
    expect(await amounts(settlementId, 'CREATOR_COMMISSION')).toEqual([]);
    await runLate();
    expect(await amounts(settlementId, 'CREATOR_COMMISSION')).toEqual([]);
    await enterCampaign(r, 'cmp_late', 1_000);
    await r.forgetEvents();
    await runLate();
    expect(await amounts(settlementId, 'CREATOR_COMMISSION', 'MCN_SHARE')).toEqual([80_000, 20_000]);
    expect(await posted()).toBe(1);
    const pools = await query<{ kind: string }>(
      r.db,
      sql`SELECT DISTINCT p."kind" FROM "CashPool" p JOIN "CashFlow" f ON f."settlementId" = ${settlementId}
          AND p."subjectId" IN (f."campaignId", f."creatorId", f."mcnId") ORDER BY 1`,
    );
    expect(pools.map(({ kind }) => kind)).toEqual(['CAMPAIGN', 'CREATOR', 'MCN']);
    await runLate();
    expect(await posted()).toBe(1);
  });

  it('adds a price in another currency when its rate is known, and keeps that rate', async () => {
    const row = allocation(r, { currency: 'EUR', status: 'ACCEPTED' });
    const [settlementId = ''] = await open(r, [row]);
    await pay(r, settlementId, 10_000_000);
    expect(await amounts(settlementId, 'MAKER_PRICE')).toEqual([]);
    const record = (rate: string) =>
      r.change(
        hub,
        'recordFxRates',
        { idempotencyKey: newKey(), rates: [{ date: '2026-11-22', from: 'EUR', to: 'CNY', rate }] },
        'rates { rate }',
      );
    await record('8');
    await runLate();
    expect(await amounts(settlementId, 'MAKER_PRICE')).toEqual([1_200_000, 2_800_000]);
    await record('9');
    await move(r, [row.allocationId], { quantity: 200 });
    expect(await amounts(settlementId, 'MAKER_PRICE')).toEqual([2_400_000, 5_600_000]);
  });

  it('adds freight in another currency when its rate is known, before the owner gets what is left', async () => {
    const row = allocation(r, { status: 'ACCEPTED' });
    const [settlementId = ''] = await open(r, [row]);
    await pay(r, settlementId, 1_000_000);
    await r.follow([booked('gsin_20', row.allocationId, { amountMinor: 1_000, currency: 'GBP' })]);
    expect(await amounts(settlementId, 'FREIGHT')).toEqual([]);
    await runLate();
    expect(await amounts(settlementId, 'FREIGHT')).toEqual([]);
    const rates = [{ date: '2026-11-22', from: 'GBP', to: 'CNY', rate: '9.5' }];
    await r.change(hub, 'recordFxRates', { idempotencyKey: newKey(), rates }, 'rates { rate }');
    await runLate();
    expect(await amounts(settlementId, 'FREIGHT')).toEqual([9_500]);
    await r.forgetEvents();
    await runLate();
    expect(await posted()).toBe(0);
  });
});

it('nothing is out of balance, whatever happened above', async () => {
  expect(await faults(r)).toEqual([]);
});
