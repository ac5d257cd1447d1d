/** A creator, from the idea of a style to what it earned, through the gateway and with its own token. */
import { addDays } from '../../lib/clock/clock.ts';
import { route } from '../_kit/route.ts';
import { today, yuan } from '../graph/world.ts';
import { expectHidden, expectSeenByHub, plantCanaries, type Canaries } from './_canary.ts';
import {
  bookingInput,
  carton,
  demandInput,
  enterCarrier,
  enterCreator,
  enterMaker,
  makeLot,
  openCampaign,
  proposeStyle,
  startStage,
  submit,
  type Carrier,
  type Stage,
  type Star,
  type Style,
  type Trade,
} from './_cast.ts';

const PIECES = 120;
let stage: Stage;
let canaries: Canaries;
let ann: Star;
let ben: Star;
let maker: Trade;
let carrier: Carrier;
let style: Style;
const ids = { campaignId: '', demandLineId: '', allocationId: '', lotId: '', gsin: '', settlementId: '' };

beforeAll(async () => {
  stage = await startStage();
  canaries = await plantCanaries(stage);
  maker = await enterMaker(stage, 'Elm Works', { sewing: 'KNIT_OVERLOCK', unlocode: 'CNHGH', minutePrice: '1.25' });
  carrier = await enterCarrier(stage, 'Elm Road', 'CNHGH', 'CNSHA');
}, 120_000);
afterAll(() => stage.hub.stop());

const readLine = async (fields: string): Promise<any> =>
  (await stage.see(ann.player, `{ demandLine(demandLineId: "${ids.demandLineId}") { ${fields} } }`)).demandLine;

describe('a creator', () => {
  it('registers, proposes a style, opens a campaign and posts demand, which waits', async () => {
    ann = await enterCreator(stage, 'Ann');
    ben = await enterCreator(stage, 'Ben');
    style = await proposeStyle(stage, ann, 'Rain Tee', { maker, sewing: 'KNIT_OVERLOCK', carrier });
    ids.campaignId = await openCampaign(stage, ann, style, 'Rain week');
    const demand = { ...demandInput(style, ids.campaignId, PIECES, 'CNSHA'), requiredCapabilities: ['KNIT_OVERLOCK'] };
    [ids.demandLineId = ''] = await submit(stage, ann, [demand]);
    expect(await readLine('status unservedQty allocations { totalCount } campaign { title creator { displayName } }')).toEqual({
      status: 'OPEN',
      unservedQty: null,
      allocations: { totalCount: 0 },
      campaign: { title: 'Rain week', creator: { displayName: 'Ann' } },
    });
  });

  it('asks for a plan, but does not make it the plan', async () => {
    const { runId } = await route(stage.hub);
    expect(await stage.codesOf(ann.player, 'commitRun', { runId })).toEqual(['WRONG_KIND']);
    // its own proposal is shown to it before it is offered
    expect(await readLine('status allocations { nodes { status quantity } }')).toEqual({
      status: 'OPEN',
      allocations: { nodes: [{ status: 'PROPOSED', quantity: PIECES }] },
    });
  });

  it('sees, once a plan is made and the maker has agreed, the promised day, the maker and the reasons in words', async () => {
    await route(stage.hub, { commit: true });
    const { allocations } = await readLine('allocations(status: [OFFERED]) { nodes { allocationId settlement { settlementId } } }');
    ids.allocationId = allocations.nodes[0].allocationId;
    ids.settlementId = allocations.nodes[0].settlement.settlementId;
    await stage.done(maker.player, 'acceptAllocation', { allocationId: ids.allocationId }, 'allocation { status }');
    await stage.hub.settle();
    const line =
      await readLine(`status unservedQty dueDate decision { outcome paidPlacement en: text zh: text(locale: "zh") chosen { maker { name } quantity totalCost { amountMinor } } }
      allocations(status: [ACCEPTED]) { nodes { promisedDate maker { name } unitPrice { amountMinor } lot { lotId status plannedQty progressBps } landedCost { total { amountMinor } exWorks { amountMinor } } } }`);
    expect(line).toMatchObject({ status: 'ALLOCATED', unservedQty: 0 });
    const [allocation] = line.allocations.nodes;
    expect(allocation.maker.name).toBe('Elm Works');
    expect(allocation.promisedDate <= line.dueDate && allocation.promisedDate > addDays(today, 2)).toBe(true);
    expect(allocation.lot).toMatchObject({ status: 'PLANNED', plannedQty: PIECES, progressBps: 0 });
    // 3.25 minutes at 1.25
    expect(allocation.unitPrice.amountMinor).toBe(406);
    expect(allocation.landedCost.exWorks.amountMinor).toBe(406 * PIECES);
    expect(line.decision).toMatchObject({ outcome: 'ALLOCATED', paidPlacement: false });
    expect(line.decision.chosen).toMatchObject([{ maker: { name: 'Elm Works' }, quantity: PIECES }]);
    for (const text of [line.decision.en, line.decision.zh])
      for (const word of ['Rain Tee', 'Elm Works', '120']) expect(text).toContain(word);
    expect(line.decision.en).toContain('No payment had any part in this decision.');
    expect(line.decision.zh).toContain('任何付费都没有影响这项决定。');
    ids.lotId = allocation.lot.lotId;
  });

  it('follows the lot and the shipment until its goods are there', async () => {
    await makeLot(stage, maker, ids.lotId, PIECES);
    expect(await readLine('status allocations { nodes { lot { status goodQty progressBps progress { stage qtyOut } } } }')).toMatchObject({
      status: 'IN_PRODUCTION',
      allocations: { nodes: [{ lot: { status: 'COMPLETED', goodQty: PIECES, progressBps: 10_000 } }] },
    });
    const { player, siteGln } = carrier;
    const booked = await stage.done(player, 'bookShipment', bookingInput(carrier, ids.allocationId), 'shipment { gsin }');
    ids.gsin = booked.shipment.gsin;
    await stage.hub.settle();
    const gtin = style.gtins[0];
    const unit = carton(gtin, ids.lotId, PIECES);
    await stage.done(player, 'despatchShipment', { gsin: ids.gsin, units: [unit], at: stage.at() }, 'shipment { status }');
    await stage.hub.settle();
    const shipments = 'shipments { nodes { gsin status distributor { name } units { nodes { sscc quantity } } } }';
    expect(await readLine(`status allocations { nodes { ${shipments} } }`)).toEqual({
      status: 'SHIPPED',
      allocations: {
        nodes: [
          {
            shipments: {
              nodes: [
                {
                  gsin: ids.gsin,
                  status: 'PICKED_UP',
                  distributor: { name: 'Elm Road' },
                  units: { nodes: [{ sscc: unit.sscc, quantity: PIECES }] },
                },
              ],
            },
          },
        ],
      },
    });
    const lines = [{ gtin, lotId: ids.lotId, good: PIECES, damaged: 0 }];
    await stage.done(player, 'receiveShipment', { gsin: ids.gsin, siteGln, lines, at: stage.at() }, 'shipment { status }');
    await stage.hub.settle();
    const end = await readLine('status allocations { nodes { status shipments { nodes { status otif } } } }');
    expect(end).toMatchObject({ status: 'FULFILLED' });
    expect(end.allocations.nodes).toEqual([{ status: 'COMPLETED', shipments: { nodes: [{ status: 'DELIVERED', otif: true }] } }]);
  });

  it('sees what it earned: its commission of what buyers paid, less the part of its agency', async () => {
    const { settlementId } = ids;
    const payment = { settlementId, kind: 'DEPOSIT', direction: 'IN', amount: yuan(9_480), due: today, at: stage.at() };
    const party = { memberId: ann.player.memberId };
    await stage.done(stage.hub.hub, 'recordCashFlow', { ...payment, party }, 'cashFlow { cashFlowId }');
    await stage.hub.settle();
    const splits = 'splits { basis amount { amountMinor } payee { __typename ... on Creator { displayName } ... on Mcn { name } } }';
    const of = `settlement(settlementId: "${settlementId}") { status balanced gross { amountMinor } ${splits} }`;
    const { settlement } = await stage.see(ann.player, `{ ${of} }`);
    expect(settlement).toMatchObject({ status: 'DEPOSIT_HELD', balanced: true, gross: { amountMinor: 948_000 } });
    const partOf = (basis: string) => settlement.splits.find((split: any) => split.basis === basis);
    // 15 % of 9,480.00 are 1,422.00, of which the agency takes a fifth
    expect(partOf('CREATOR_COMMISSION')).toMatchObject({ amount: { amountMinor: 113_760 }, payee: { displayName: 'Ann' } });
    expect(partOf('MCN_SHARE')).toMatchObject({ amount: { amountMinor: 28_440 }, payee: { name: 'Agency of Ann' } });
    expect(settlement.splits.reduce((sum: number, split: any) => sum + split.amount.amountMinor, 0)).toBe(948_000);
    // the agency sees its own part and nothing of the whole
    const theirs = (await stage.see(ann.agency, `{ ${of} }`)).settlement;
    expect(theirs).toMatchObject({ gross: null, splits: [{ basis: 'MCN_SHARE', amount: { amountMinor: 28_440 } }] });
    await stage.done(stage.hub.hub, 'releaseSettlement', { settlementId }, 'settlement { status }');
    await stage.hub.settle();
    const flows = 'cashFlows { nodes { kind direction at amount { amountMinor } party { ... on Creator { displayName } } } }';
    const paid = (await stage.see(ann.player, `{ settlement(settlementId: "${settlementId}") { status ${flows} } }`)).settlement;
    expect(paid.status).toBe('RELEASED');
    const mine = paid.cashFlows.nodes.filter(({ party }: any) => party?.displayName === 'Ann');
    expect(mine).toMatchObject([{ kind: 'COMMISSION', direction: 'OUT', at: expect.any(String), amount: { amountMinor: 113_760 } }]);
  });
});

describe('is refused', () => {
  const attempts: Readonly<Record<string, () => readonly [string, object, string]>> = {
    'accepting for the maker': () => ['acceptAllocation', { allocationId: ids.allocationId }, 'WRONG_KIND'],
    'reporting work of the maker': () => ['completeLot', { lotId: ids.lotId, goodQty: 1 }, 'WRONG_KIND'],
    'a milestone of the distributor': () => [
      'reportMilestone',
      { gsin: ids.gsin, code: 'ARRIVED', source: 'CARRIER', at: stage.at() },
      'WRONG_KIND',
    ],
    'paying itself out': () => ['releaseSettlement', { settlementId: ids.settlementId }, 'WRONG_KIND'],
    'recording what buyers paid': () => [
      'recordCashFlow',
      {
        settlementId: ids.settlementId,
        kind: 'DEPOSIT',
        direction: 'IN',
        amount: yuan(1),
        due: today,
        party: { memberId: ann.player.memberId },
      },
      'WRONG_KIND',
    ],
    'withdrawing what was delivered': () => ['cancelDemand', { demandLineId: ids.demandLineId, reason: 'OTHER' }, 'WRONG_STATE'],
  };
  it.each(Object.entries(attempts))('%s', async (_, attempt) => {
    const [mutation, input, code] = attempt();
    expect(await stage.codesOf(ann.player, mutation, input)).toEqual([code]);
  });
  it('changing what another creator has', async () => {
    const { player } = ben;
    expect(await stage.codesOf(player, 'cancelDemand', { demandLineId: ids.demandLineId, reason: 'OTHER' })).toEqual(['NOT_YOURS']);
    expect(await stage.codesOf(player, 'reviseDemand', { demandLineId: ids.demandLineId, dueDate: addDays(today, 14) })).toEqual([
      'NOT_YOURS',
    ]);
    expect(await stage.codesOf(player, 'cancelCampaign', { campaignId: ids.campaignId, reason: 'OTHER' })).toEqual(['NOT_YOURS']);
    expect(await stage.codesOf(player, 'disputeSettlement', { settlementId: ids.settlementId, note: 'mine' })).toEqual(['NOT_YOURS']);
    expect(await stage.codesOf(player, 'updateStyle', { styleId: style.styleId, name: 'Mine' })).toEqual(['NOT_YOURS']);
  });
});

describe('rows of another creator with its own makers and distributors', () => {
  it('are all seen by the hub', () => expectSeenByHub(stage, canaries), 60_000);
  it.each([
    ['a creator that did the same', () => ann.player],
    ['its agency', () => ann.agency],
  ])('are not seen by %s', (_, player) => expectHidden(stage, canaries, player(), true), 60_000);
  it('are not seen by a visitor', () => expectHidden(stage, canaries, null), 60_000);
});
