/** A settlement from the offer to its close: what each payee gets and when, as written by hand, and every move that is refused. */
import { hub } from '../../../_kit/subgraph.ts';
import {
  act,
  allocation,
  codes,
  DAY_MS,
  enterCampaign,
  faults,
  gln,
  maker,
  move,
  newKey,
  open,
  openRouting,
  owner,
  pay,
  splits,
  stranger,
  type Routing,
} from './_kit.ts';

let r: Routing;

beforeAll(async () => {
  r = await openRouting();
}, 60_000);
afterAll(() => r.close());
beforeEach(() => r.forgetEvents());

const statusOf = async (settlementId: string): Promise<string> => {
  const { data } = await r.ask(hub, `{ settlement(settlementId: "${settlementId}") { status } }`);
  return data.settlement.status;
};

describe('a settlement', () => {
  it('pays makers, carrier, creator, agency, hub and owner in turn, and closes', async () => {
    await enterCampaign(r, 'cmp_1', 1_000);
    const rows = [allocation(r, { campaignId: 'cmp_1' }), allocation(r, { campaignId: 'cmp_1', n: 2, unitPriceMinor: 3_333n })];
    const ids = rows.map(({ allocationId }) => allocationId);
    const [settlementId = '', other = ''] = await open(r, rows);
    expect(other).toBe(settlementId);
    const opened = await r.events();
    expect(opened.map(({ topic }) => topic)).toEqual(['settlement.posted']);
    expect(opened[0]?.payload).toMatchObject({
      settlementId,
      status: 'DRAFT',
      previousStatus: null,
      gross: { amountMinor: 0 },
      balanced: true,
    });
    expect((await splits(r, settlementId)).map(({ basis, amount }) => [basis, amount])).toEqual(
      ['TAX', 'PAYMENT_FEE', 'RETURN_RESERVE', 'MAKER_PRICE', 'MAKER_PRICE', 'MAKER_PRICE', 'MAKER_PRICE']
        .concat(['CREATOR_COMMISSION', 'MCN_SHARE', 'HUB_FEE', 'OWNER_MARGIN'])
        .map((basis) => [basis, 0]),
    );

    const paid = await pay(r, settlementId, 1_234_567);
    expect(codes(paid)).toEqual([]);
    expect(await statusOf(settlementId)).toBe('DEPOSIT_HELD');
    expect(codes(await act(r, 'releaseSettlement', settlementId))).toEqual(['NOTHING_DUE']);
    await move(r, ids, { status: 'ACCEPTED' });
    const first = await act(r, 'releaseSettlement', settlementId);
    expect(first.settlement).toMatchObject({ status: 'PARTIALLY_RELEASED', balanced: true });
    const afterDeposit = await splits(r, settlementId);
    expect(afterDeposit.filter(({ paid: isPaid }) => isPaid)).toEqual([
      { basis: 'MAKER_PRICE', payee: gln(1), amount: 150_000, rule: 'ON_ACCEPTANCE', paid: true },
      { basis: 'MAKER_PRICE', payee: gln(2), amount: 99_990, rule: 'ON_ACCEPTANCE', paid: true },
    ]);

    await r.follow([
      {
        topic: 'shipment.booked',
        payload: {
          gsin: '95200000000000011',
          allocationId: ids[0],
          distributorGln: gln(9),
          memberId: 'mbr_carrier',
          carrier: 'Carrier',
          status: 'BOOKED',
          plannedArrival: r.clock.now().toISOString(),
          eta: r.clock.now().toISOString(),
          changedAt: r.clock.now().toISOString(),
          distributorMemberId: 'mbr_carrier',
          demandMemberId: 'mbr_owner',
          freight: {
            amountMinor: 2e4,
            currency: 'CNY',
          },
        },
      },
    ]);
    await r.db.$executeRawUnsafe(
      `INSERT INTO "ReceiptFact" VALUES ('95200000000000011', $1, '${gln(9)}', 'mbr_owner', 'mbr_owner', 100, 0, true, true, $2)`,
      ids[0],
      r.clock.now(),
    );
    await move(r, ids.slice(1), { status: 'COMPLETED', receivedGood: 90 });
    expect(codes(await act(r, 'releaseSettlement', settlementId))).toEqual(['NOTHING_DUE']);
    await move(r, ids.slice(0, 1), { status: 'COMPLETED', receivedGood: 100 });
    expect((await act(r, 'releaseSettlement', settlementId)).settlement.status).toBe('PARTIALLY_RELEASED');
    expect(codes(await act(r, 'closeSettlement', settlementId))).toEqual(['WRONG_STATE']);
    r.clock.advance(7 * DAY_MS);
    expect((await act(r, 'releaseSettlement', settlementId)).settlement.status).toBe('RELEASED');
    const closed = await act(r, 'closeSettlement', settlementId);
    expect(closed.settlement).toMatchObject({ status: 'CLOSED', balanced: true, gross: { amountMinor: 1_234_567 } });
    expect((await splits(r, settlementId)).map(({ basis, payee, amount, paid: isPaid }) => [basis, payee, amount, isPaid])).toEqual([
      ['TAX', 'mbr_hub', 0, false],
      ['PAYMENT_FEE', 'mbr_hub', 7_407, true],
      ['RETURN_RESERVE', 'mbr_owner', 61_728, true],
      ['MAKER_PRICE', gln(1), 150_000, true],
      // 90 good pieces are 299,970; what was paid on acceptance stays paid and counts towards it
      ['MAKER_PRICE', gln(2), 99_990, true],
      ['MAKER_PRICE', gln(1), 350_000, true],
      ['MAKER_PRICE', gln(2), 199_980, true],
      ['FREIGHT', gln(9), 20_000, true],
      ['CREATOR_COMMISSION', 'crt_1', 98_766, true],
      ['MCN_SHARE', 'mcn_1', 24_691, true],
      ['HUB_FEE', 'mbr_hub', 12_346, true],
      ['OWNER_MARGIN', 'mbr_owner', 209_659, true],
    ]);
    expect(codes(await pay(r, settlementId, 1))).toEqual(['WRONG_STATE']);
    expect(codes(await act(r, 'disputeSettlement', settlementId, { note: 'late' }, owner))).toEqual(['WRONG_STATE']);
  });

  it('cuts what does not fit, and shares what there is among makers in the ratio of their prices', async () => {
    const rows = [allocation(r), allocation(r, { n: 2, unitPriceMinor: 15_000n })].map((row) => ({ ...row, demandLineId: 'dln_shared' }));
    const [settlementId = ''] = await open(r, rows);
    await pay(r, settlementId, 100_000);
    const seen = await splits(r, settlementId);
    expect(seen.filter(({ basis }) => basis === 'MAKER_PRICE').map(({ amount }) => amount)).toEqual([23_600, 70_800, 0, 0]);
    expect(seen.filter(({ basis }) => ['HUB_FEE', 'OWNER_MARGIN'].includes(basis)).map(({ amount }) => amount)).toEqual([0, 0]);
  });

  it('is stopped by a payee or its owner, and goes on where it stood', async () => {
    const row = allocation(r);
    const [settlementId = ''] = await open(r, [row]);
    await pay(r, settlementId, 600_000);
    expect(codes(await act(r, 'disputeSettlement', settlementId, { note: 'no' }, stranger))).toEqual(['NOT_YOURS']);
    expect(codes(await act(r, 'disputeSettlement', settlementId, { note: '' }, maker(1)))).toEqual(['TOO_LONG']);
    const stopped = await act(r, 'disputeSettlement', settlementId, { note: 'Colours are wrong' }, maker(1));
    expect(stopped.settlement).toMatchObject({ status: 'DISPUTED', disputeNote: 'Colours are wrong', gross: null, returnsReserve: null });
    await move(r, [row.allocationId], { status: 'ACCEPTED' });
    expect(codes(await act(r, 'releaseSettlement', settlementId))).toEqual(['WRONG_STATE']);
    expect(codes(await act(r, 'disputeSettlement', settlementId, { note: 'again' }, owner))).toEqual(['WRONG_STATE']);
    expect(codes(await act(r, 'closeSettlement', settlementId))).toEqual(['WRONG_STATE']);
    const on = await act(r, 'resolveDispute', settlementId, { note: 'They are right' });
    expect(on.settlement).toMatchObject({ status: 'DEPOSIT_HELD', disputeNote: null });
    expect(codes(await act(r, 'resolveDispute', settlementId, { note: 'again' }))).toEqual(['WRONG_STATE']);
    expect((await act(r, 'releaseSettlement', settlementId)).settlement.status).toBe('PARTIALLY_RELEASED');
  });

  it('a dispute before the first payment leads back to where the payment led meanwhile', async () => {
    const [settlementId = ''] = await open(r, [allocation(r)]);
    await act(r, 'disputeSettlement', settlementId, { note: 'wait' }, owner);
    await pay(r, settlementId, 1_000);
    expect(await statusOf(settlementId)).toBe('DISPUTED');
    expect((await act(r, 'resolveDispute', settlementId, { note: 'fine' })).settlement.status).toBe('DEPOSIT_HELD');
  });

  it('keeps what was paid out when allocations fall away, and takes the difference from what is not paid yet', async () => {
    const row = allocation(r);
    const [settlementId = ''] = await open(r, [row]);
    await pay(r, settlementId, 1_000_000);
    await move(r, [row.allocationId], { status: 'ACCEPTED' });
    await act(r, 'releaseSettlement', settlementId);
    await move(r, [row.allocationId], { status: 'SUPERSEDED' });
    const seen = await splits(r, settlementId);
    expect(seen.filter(({ basis }) => basis === 'MAKER_PRICE')).toEqual([
      { basis: 'MAKER_PRICE', payee: gln(1), amount: 150_000, rule: 'ON_ACCEPTANCE', paid: true },
    ]);
    expect(seen.reduce((sum, { amount }) => sum + amount, 0)).toBe(1_000_000);
    const refund = { kind: 'REFUND', direction: 'OUT' };
    expect(codes(await pay(r, settlementId, 850_001, refund))).toEqual(['OUT_OF_RANGE']);
    expect(codes(await pay(r, settlementId, 850_000, refund))).toEqual([]);
  });

  it('that was paid out opens again when more money comes', async () => {
    const row = allocation(r);
    const [settlementId = ''] = await open(r, [row]);
    await pay(r, settlementId, 600_000);
    await move(r, [row.allocationId], { status: 'COMPLETED', receivedGood: 100 });
    r.clock.advance(8 * DAY_MS);
    expect((await act(r, 'releaseSettlement', settlementId)).settlement.status).toBe('RELEASED');
    await pay(r, settlementId, 1_000, { kind: 'BALANCE' });
    expect(await statusOf(settlementId)).toBe('PARTIALLY_RELEASED');
    expect(codes(await act(r, 'closeSettlement', settlementId))).toEqual(['WRONG_STATE']);
    expect((await act(r, 'releaseSettlement', settlementId)).settlement.status).toBe('RELEASED');
    expect((await act(r, 'closeSettlement', settlementId)).settlement.status).toBe('CLOSED');
  });

  it('keeps the fees it was opened with', async () => {
    const [before = ''] = await open(r, [allocation(r)]);
    const version = `2027.${newKey()}`;
    const fees = { taxBps: 600, paymentFeeBps: 0, returnReserveBps: 0, returnWindowDays: 0, makerDepositBps: 10_000, hubFeeBps: 50 };
    const published = await r.change(hub, 'publishFees', { version, ...fees, idempotencyKey: newKey() }, 'fees { version hubFeeBps }');
    expect(published).toEqual({ fees: { version, hubFeeBps: 50 }, problems: [] });
    const again = await r.change(hub, 'publishFees', { version, ...fees, idempotencyKey: newKey() }, 'fees { version }');
    expect(codes(again)).toEqual(['DUPLICATE']);
    const over = await r.change(hub, 'publishFees', { version: 'x', ...fees, taxBps: 9_999, idempotencyKey: newKey() }, 'fees { version }');
    expect(codes(over)).toEqual(['OUT_OF_RANGE']);
    const [after = ''] = await open(r, [allocation(r)]);
    await pay(r, before, 10_000);
    await pay(r, after, 10_000);
    const tax = async (id: string) => (await splits(r, id)).find(({ basis }) => basis === 'TAX')?.amount;
    expect([await tax(before), await tax(after)]).toEqual([0, 600]);
    const { data } = await r.ask(hub, `{ fees { version } settlement(settlementId: "${before}") { fees { version } } }`);
    expect(data).toEqual({ fees: { version }, settlement: { fees: { version: '2026.11.1' } } });
  });

  it.each(['releaseSettlement', 'resolveDispute', 'closeSettlement'])('%s is for the hub only', async (name) => {
    const [settlementId = ''] = await open(r, [allocation(r)]);
    expect(codes(await act(r, name, settlementId, name === 'resolveDispute' ? { note: 'mine' } : {}, owner))).toEqual(['WRONG_KIND']);
  });

  it('is never out of balance, whatever happened above', async () => {
    expect(await faults(r)).toEqual([]);
  });
});
