/** A distributor: the jobs that wait, the goods on their way, what arrives, and what it is paid for it. */
import { route } from '../_kit/route.ts';
import { newSscc } from '../graph/chain.ts';
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
/** What comes of the first job: some are damaged, some missing. */
const GOOD = 110;
const DAMAGED = 4;

type Job = { readonly allocationId: string; readonly lotId: string; readonly settlementId: string; gsin: string };
let stage: Stage;
let canaries: Canaries;
let maker: Trade;
let ann: Star;
let style: Style;
let elm: Carrier;
let ash: Carrier;
let short: Job;
let whole: Job;

beforeAll(async () => {
  stage = await startStage();
  canaries = await plantCanaries(stage);
  maker = await enterMaker(stage, 'Oak Works', { sewing: 'KNIT_OVERLOCK', unlocode: 'CNHGH', minutePrice: '1.25' });
  elm = await enterCarrier(stage, 'Elm Road', 'CNHGH', 'CNSHA');
  ash = await enterCarrier(stage, 'Ash Road', 'CNHGH', 'CNSHA');
  ann = await enterCreator(stage, 'Ann');
  style = await proposeStyle(stage, ann, 'Rain Tee', { maker, sewing: 'KNIT_OVERLOCK', carrier: elm });
  await submit(
    stage,
    ann,
    [1, 2].map(() => demandInput(style, null, PIECES, 'CNSHA')),
  );
  await route(stage.hub, { commit: true });
}, 120_000);
afterAll(() => stage.hub.stop());

const fields = 'allocationId settlement { settlementId } lot { lotId }';
const openJobs = async ({ player }: Trade): Promise<string[]> =>
  (
    await stage.see(player, '{ allocations(status: [ACCEPTED, FROZEN], first: 50) { nodes { allocationId distributor { gln } } } }')
  ).allocations.nodes
    .filter(({ distributor }: any) => distributor === null)
    .map(({ allocationId }: any) => allocationId);
const shipmentOf = async ({ gsin }: Job, of: string, { player }: Trade = elm): Promise<any> =>
  (await stage.see(player, `{ shipment(gsin: "${gsin}") { ${of} } }`)).shipment;

describe('a distributor', () => {
  it('sees no offers, but what makers have accepted and nobody carries yet', async () => {
    expect(await openJobs(elm)).toEqual([]);
    const { allocations } = await stage.see(maker.player, `{ allocations(status: [OFFERED], first: 50) { nodes { ${fields} } } }`);
    for (const { allocationId } of allocations.nodes)
      await stage.done(maker.player, 'acceptAllocation', { allocationId }, 'allocation { status }');
    await stage.hub.settle();
    const accepted = (await stage.see(maker.player, `{ allocations(status: [ACCEPTED], first: 50) { nodes { ${fields} } } }`)).allocations
      .nodes;
    const [first, second] = accepted.map(({ allocationId, settlement, lot }: any) => ({ allocationId, ...settlement, ...lot, gsin: '' }));
    short = first;
    whole = second;
    expect((await openJobs(elm)).toSorted()).toEqual([short.allocationId, whole.allocationId].toSorted());
    expect(await openJobs(ash)).toHaveLength(2);
  });

  it('books one, which is its own from then on', async () => {
    const booking = bookingInput(elm, short.allocationId);
    short.gsin = (await stage.done(elm.player, 'bookShipment', booking, 'shipment { gsin }')).shipment.gsin;
    await stage.hub.settle();
    expect(await openJobs(ash)).toEqual([whole.allocationId]);
    expect(await stage.codesOf(ash.player, 'bookShipment', bookingInput(ash, short.allocationId))).not.toEqual([]);
    expect(await shipmentOf(short, 'status', ash)).toBeNull();
    const { allocations } = await stage
      .see(elm.player, `{ distributor(gln: "${elm.gln}") { allocations(first: 50) { nodes { allocationId } } } }`)
      .then(({ distributor }) => distributor);
    expect(allocations.nodes).toEqual([{ allocationId: short.allocationId }]);
  });

  it('despatches cartons on a pallet, no more pieces than were made', async () => {
    const { gsin, lotId } = short;
    const gtin = style.gtins[0];
    const pallet = { sscc: newSscc(), contents: [] };
    const cartons = [70, 50].map((pieces) => ({ ...carton(gtin, lotId, pieces), parentSscc: pallet.sscc }));
    const units = [pallet, ...cartons];
    expect(await stage.codesOf(elm.player, 'despatchShipment', { gsin, units, at: stage.at() })).not.toEqual([]);
    await makeLot(stage, maker, lotId, PIECES);
    expect(await stage.codesOf(ash.player, 'despatchShipment', { gsin, units, at: stage.at() })).toEqual(['NOT_YOURS']);
    const left = await stage.done(elm.player, 'despatchShipment', { gsin, units, at: stage.at() }, 'document { type number }');
    expect(left.document).toEqual({ type: 'DESPATCH_ADVICE', number: 'DA-000001' });
    await stage.hub.settle();
    const { status, units: seen } = await shipmentOf(short, 'status units { nodes { sscc quantity parent { sscc } } }');
    expect(status).toBe('PICKED_UP');
    const tree = [
      { sscc: pallet.sscc, quantity: PIECES, parent: null },
      ...cartons.map(({ sscc }, i) => ({ sscc, quantity: [70, 50][i], parent: { sscc: pallet.sscc } })),
    ];
    expect(seen.nodes).toEqual(expect.arrayContaining(tree));
    expect(seen.nodes).toHaveLength(3);
  });

  it('reports how the goods go, a delay too', async () => {
    const { gsin } = short;
    const report = (code: string, more: object = {}) =>
      stage.done(elm.player, 'reportMilestone', { gsin, code, source: 'CARRIER', at: stage.at(), ...more }, 'shipment { status eta }');
    expect((await report('DEPARTED')).shipment.status).toBe('IN_TRANSIT');
    const late = await report('DELAYED', { note: 'ice on the road', eta: '2026-11-27T10:00:00.000Z', etaConfidenceBps: 7_000 });
    expect(late.shipment.status).toBe('EXCEPTION');
    expect(new Date(late.shipment.eta).toISOString()).toBe('2026-11-27T10:00:00.000Z');
    expect((await report('ARRIVED')).shipment.status).toBe('ARRIVED');
    const again = { gsin, code: 'DEPARTED', source: 'CARRIER', at: stage.at() };
    expect(await stage.codesOf(ash.player, 'reportMilestone', again)).toEqual(['NOT_YOURS']);
    const { milestones } = await shipmentOf(short, 'milestones { code at note }', { ...ann, gln: '', name: '' });
    expect(milestones.filter(({ at }: any) => at !== null).map(({ code }: any) => code)).toEqual([
      'BOOKED',
      'PICKED_UP',
      'DEPARTED',
      'DELAYED',
      'ARRIVED',
    ]);
  });

  it('receives less than it took, some of it damaged: what is good goes into stock, and the order is not in full', async () => {
    const { gsin, lotId } = short;
    const { siteGln } = elm;
    const gtin = style.gtins[0];
    const receive = (good: number, damaged: number) => ({ gsin, siteGln, lines: [{ gtin, lotId, good, damaged }], at: stage.at() });
    expect(await stage.codesOf(elm.player, 'receiveShipment', receive(PIECES, 1))).not.toEqual([]);
    const came = await stage.done(elm.player, 'receiveShipment', receive(GOOD, DAMAGED), 'document { type number references { number } }');
    expect(came.document).toEqual({ type: 'RECEIPT_ADVICE', number: 'RA-000001', references: [{ number: 'DA-000001' }] });
    await stage.hub.settle();
    expect(await shipmentOf(short, 'status otif receivedLines { good damaged } allocation { status }')).toEqual({
      status: 'DELIVERED',
      otif: false,
      receivedLines: [{ good: GOOD, damaged: DAMAGED }],
      allocation: { status: 'FROZEN' },
    });
    const stock = `{ inventoryPosition(siteGln: "${siteGln}", gtin: "${gtin}") { onHand } }`;
    expect(await stage.see(elm.player, stock)).toEqual({ inventoryPosition: { onHand: GOOD } });
    expect(await stage.see(ash.player, stock)).toEqual({ inventoryPosition: null });
  });

  it('delivers the other whole and in time', async () => {
    const { allocationId, lotId } = whole;
    await makeLot(stage, maker, lotId, PIECES);
    const { shipment } = await stage.done(elm.player, 'bookShipment', bookingInput(elm, allocationId), 'shipment { gsin }');
    whole.gsin = shipment.gsin;
    await stage.hub.settle();
    const gtin = style.gtins[0];
    const { gsin } = whole;
    await stage.done(elm.player, 'despatchShipment', { gsin, units: [carton(gtin, lotId, PIECES)], at: stage.at() }, 'shipment { status }');
    const lines = [{ gtin, lotId, good: PIECES, damaged: 0 }];
    await stage.done(elm.player, 'receiveShipment', { gsin, siteGln: elm.siteGln, lines, at: stage.at() }, 'shipment { status }');
    await stage.hub.settle();
    expect(await shipmentOf(whole, 'status otif allocation { status }')).toEqual({
      status: 'DELIVERED',
      otif: true,
      allocation: { status: 'COMPLETED' },
    });
    const { shipments } = await stage.see(elm.player, '{ shipments(first: 50) { totalCount nodes { otif } } }');
    expect(shipments).toEqual({ totalCount: 2, nodes: expect.arrayContaining([{ otif: true }, { otif: false }]) });
    expect((await stage.see(elm.player, '{ controlTower { perfectOrderBps } }')).controlTower.perfectOrderBps).toBe(10_000);
  });

  it('is paid its freight, and sees nothing else of the settlement', async () => {
    const { settlementId } = whole;
    const payment = { settlementId, kind: 'DEPOSIT', direction: 'IN', amount: yuan(9_480), due: today, at: stage.at() };
    await stage.done(stage.hub.hub, 'recordCashFlow', { ...payment, party: { memberId: ann.player.memberId } }, 'cashFlow { cashFlowId }');
    await stage.done(stage.hub.hub, 'releaseSettlement', { settlementId }, 'settlement { status }');
    await stage.hub.settle();
    const source = `{ settlement(settlementId: "${settlementId}") { gross { amountMinor } splits { basis amount { amountMinor } releasedAt payee { ... on Distributor { name } } } cashFlows { nodes { kind amount { amountMinor } } } } }`;
    // 120 pieces of 180 g at 4.00 a kilogram
    expect((await stage.see(elm.player, source)).settlement).toEqual({
      gross: null,
      splits: [{ basis: 'FREIGHT', amount: { amountMinor: 8_640 }, releasedAt: expect.any(String), payee: { name: 'Elm Road' } }],
      cashFlows: { nodes: [{ kind: 'FREIGHT_PAYMENT', amount: { amountMinor: 8_640 } }] },
    });
    expect(await stage.see(ash.player, source)).toEqual({ settlement: null });
    expect(await stage.codesOf(elm.player, 'releaseSettlement', { settlementId: short.settlementId })).toEqual(['WRONG_KIND']);
  });
});

describe('rows of another distributor, with its own makers and buyers', () => {
  it('are all seen by the hub', () => expectSeenByHub(stage, canaries), 60_000);
  it('are not seen by a distributor that did the same', () => expectHidden(stage, canaries, elm.player, true), 60_000);
  it('nor by one that carried nothing', () => expectHidden(stage, canaries, ash.player, true), 60_000);
});
