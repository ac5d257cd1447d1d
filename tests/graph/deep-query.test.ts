/** Deep questions over all four subgraphs make the same number of SQL statements for 1, 10 and 100 campaigns, and for 1, 10 and 50 orders. */
import { startTestHub, type TestHub } from '../_kit/hub.ts';
import { readFileSync } from 'node:fs';
import { fromRoot } from '../../lib/paths.ts';
import { route } from '../_kit/route.ts';
import { lineInput, PIECES, WORK, type Piece } from './chain.ts';
import { createWorld, today, yuan, type World } from './world.ts';

const CAMPAIGNS = 100;
const QUESTION = `query ($id: ID!, $first: Int!) {
  creator(creatorId: $id) { displayName member { name } campaigns(first: $first) { totalCount nodes { title gmv { amountMinor } member { name } styles(first: 5) { nodes {
    name hsCode smvTotal operations { stage } sales { piecesSold } member { name }
    skus(first: 5) { nodes { gtin availableToPromise inventory(first: 5) { nodes { onHand daysOfSupply member { name } site { name distributor { name tariffs { service price { amountMinor } } slas { measure } member { name } } } } } } }
    demand(first: 5) { nodes { quantity sizes { quantity sku { size } } member { name } feasibleMakers(first: 3) { unitPrice { amountMinor } infeasibleBecause maker { name quality { score } capabilities { tag } terms { moq } member { name } capacity(from: "2026-11-22", to: "2026-12-20", first: 5) { totalCount nodes { day freeMinutes } } } } } }
  } } } } }
}`;

let hub: TestHub;
let world: World;
let creatorId: string;

beforeAll(async () => {
  hub = await startTestHub();
  world = await createWorld(hub, (player, mutation, input, fields) => hub.change(player, mutation, input, fields));
  ({ creatorId } = await world.newCreator());
  await fill();
}, 120_000);
afterAll(() => hub.stop());

// A hundred campaigns, each with a style of its own that is engineered, classified, wanted, stocked and sold.
async function fill(): Promise<void> {
  const { gln } = await world.newMaker();
  const days = ['2026-12-01', '2026-12-02', '2026-12-03'];
  const buckets = ['FABRIC_PREP', 'CUTTING', 'SEWING', 'PACKING'].flatMap((stage) =>
    days.map((day) => ({ gln, stage, day, actualMinutes: 20_000, maximumMinutes: 20_000 })),
  );
  await world.done(world.maker, 'publishCapacity', { buckets }, 'buckets { bucketId }');
  const { gln: distributorGln } = await world.newDistributor();
  await world.done(
    world.distributor,
    'publishTariffs',
    { gln: distributorGln, tariffs: [{ service: 'HANDLING', unit: 'H87', price: yuan(1), validFrom: '2026-11-01' }] },
    'distributor { gln }',
  );
  const siteGln = '9529990000001';
  await world.done(
    world.distributor,
    'registerSite',
    { siteGln: withDigit(siteGln), distributorGln, name: 'Yard', kind: 'WAREHOUSE', unlocode: 'CNSHA' },
    'site { siteGln }',
  );
  const inputs = Array.from({ length: CAMPAIGNS }, () => world.styleInput(creatorId));
  const { styles } = await world.done(world.creator, 'proposeStyles', { styles: inputs }, 'styles { styleId }');
  await hub.settle();
  for (const [i, input] of inputs.entries()) {
    const styleId: string = styles[i].styleId;
    const gtins = input.skus.map((sku) => sku.gtin);
    const { campaign } = await world.done(
      world.creator,
      'createCampaign',
      world.campaignInput(creatorId, [styleId]),
      'campaign { campaignId }',
    );
    await world.done(world.creator, 'openPresale', { campaignId: campaign.campaignId }, 'campaign { status }');
    await Promise.all([
      world.done(
        world.maker,
        'recordOperations',
        { styleId, operations: [{ stage: 'SEWING', smv: 6, capability: 'KNIT_OVERLOCK' }] },
        'style { styleId }',
      ),
      world.done(world.distributor, 'classifyStyle', { styleId, hsCode: '610910', unitWeightGrams: 180 }, 'style { styleId }'),
      world.done(
        world.distributor,
        'adjustInventory',
        { siteGln: withDigit(siteGln), gtin: gtins[0], delta: 10, reason: 'COUNT' },
        'position { onHand }',
      ),
      world.done(
        world.creator,
        'submitDemands',
        { demands: [world.demandInput({ styleId, gtins }, campaign.campaignId)] },
        'demandLines { demandLineId }',
      ),
      world.done(
        world.creator,
        'recordSales',
        {
          sales: [
            {
              kind: 'SALE',
              gtin: gtins[0],
              quantity: 1,
              unitPrice: yuan(79),
              soldAt: '2026-11-20T12:00:00Z',
              campaignId: campaign.campaignId,
            },
          ],
        },
        'recorded',
      ),
    ]);
  }
  await hub.settle();
}
const withDigit = (body: string): string => {
  const digits = body.slice(0, 12);
  const sum = Array.from(digits).reduce((total, digit, i) => total + Number(digit) * (i % 2 === 0 ? 1 : 3), 0);
  return digits + String((10 - (sum % 10)) % 10);
};

it('makes as many statements for 100 campaigns as for one', async () => {
  const counts: number[] = [];
  for (const first of [1, 10, 100]) {
    counts.push(
      await hub.countStatements(async () => {
        const { data, errors } = await hub.ask(hub.hub, QUESTION, { id: creatorId, first });
        expect(errors ?? []).toEqual([]);
        const { nodes } = data.creator.campaigns;
        expect(nodes).toHaveLength(first);
        for (const campaign of nodes) {
          const [style] = campaign.styles.nodes;
          expect(style.hsCode).toBe('610910');
          expect(style.skus.nodes[0].inventory.nodes[0].site.distributor.tariffs).toHaveLength(1);
          expect(style.demand.nodes[0].feasibleMakers[0].maker.capacity.nodes).toHaveLength(5);
        }
      }),
    );
  }
  expect(counts[0]).toBeGreaterThan(10);
  expect(counts).toEqual([counts[0], counts[0], counts[0]]);
}, 60_000);

describe('the whole way of orders', () => {
  const ORDERS = 50;
  const AT_ONCE = 8;
  const spine = readFileSync(fromRoot('schema', 'spine-query.graphql'), 'utf8');
  /** The spine, with as many lines of demand as asked for, and what else hangs on an allocation. */
  const question = (first: number): string =>
    spine
      .replace('demand(from: $from, to: $to, first: 5)', `demand(from: $from, to: $to, first: ${first})`)
      .replace(
        'lot {',
        `slots { minutes bucket { day shadowPrice { price } } } changes { nodes { run { runId } to { maker { name } } } } run { status } distributor { name }
         member { name } lot { shippedQty receivedQty `,
      )
      .replace(
        'gsin status eta',
        'gsin status eta milestones { code } despatchAdvice { number issuer { name } } receivedLines { good lot { lotId } sku { gtin } }',
      )
      .replace(
        'balanced',
        'balanced gross { amountMinor } fees { version } cashFlows(first: 20) { nodes { amount { amountMinor } document { number } } }',
      );

  /** Does the same with all of them, some at a time. */
  const forAll = async (pieces: readonly Piece[], step: (piece: Piece) => Promise<unknown>): Promise<void> => {
    for (let i = 0; i < pieces.length; i += AT_ONCE) await Promise.all(pieces.slice(i, i + AT_ONCE).map(step));
    await hub.settle();
  };

  async function deliver(ordering: string): Promise<void> {
    const { chain, done } = world;
    const { style } = await chain.getGround();
    const { campaign } = await done(
      world.creator,
      'createCampaign',
      world.campaignInput(ordering, [style.styleId]),
      'campaign { campaignId }',
    );
    await done(world.creator, 'openPresale', campaign, 'campaign { status }');
    const demands = Array.from({ length: ORDERS }, () => ({ ...lineInput(world, style), ...campaign }));
    await done(world.creator, 'submitDemands', { demands }, 'demandLines { demandLineId }');
    await hub.settle();
    const { runId } = await route(hub, { commit: true });
    const pieces = (await chain.piecesOf(runId)).filter(({ settlementId }) => settlementId !== '');
    expect(pieces).toHaveLength(ORDERS);
    await forAll(pieces, ({ allocationId }) => done(world.maker, 'acceptAllocation', { allocationId }, 'allocation { status }'));
    const lots = await hub.ask(hub.hub, '{ lots(first: 200) { nodes { lotId allocation { allocationId } } } }');
    const lotOf = new Map<string, string>(lots.data.lots.nodes.map(({ lotId, allocation }: any) => [allocation.allocationId, lotId]));
    const made = pieces.map((piece) => ({ ...piece, lotId: lotOf.get(piece.allocationId) ?? '' }));
    await forAll(made, (piece) => chain.lotMove('releaseLot', piece));
    for (const stage of WORK) await forAll(made, (piece) => chain.reportWork(piece, stage));
    await forAll(made, (piece) => chain.lotMove('completeLot', piece, { goodQty: PIECES }));
    await forAll(made, async (piece) => {
      const { shipment } = await done(world.distributor, 'bookShipment', await chain.bookInput(piece), 'shipment { gsin }');
      const sent = { ...piece, gsin: shipment.gsin };
      await done(world.distributor, 'despatchShipment', await chain.despatchInput(sent), 'shipment { status }');
      await done(world.distributor, 'receiveShipment', await chain.receiveInput(sent), 'shipment { status }');
    });
    const [first] = made;
    if (first === undefined) throw new Error('nothing was made');
    await done(hub.hub, 'recordCashFlow', chain.payment(first), 'cashFlow { cashFlowId }');
    await chain.settle(first, 'releaseSettlement');
  }

  it('makes as many statements for 50 orders as for one', async () => {
    const { creatorId: ordering } = await world.newCreator();
    await deliver(ordering);
    const counts: number[] = [];
    for (const first of [1, 10, ORDERS]) {
      counts.push(
        await hub.countStatements(async () => {
          const { data, errors } = await hub.ask(hub.hub, question(first), { id: ordering, from: today, to: '2026-12-20' });
          expect(errors ?? []).toEqual([]);
          const { nodes } = data.creator.campaigns.nodes[0].styles.nodes[0].demand;
          expect(nodes).toHaveLength(first);
          for (const { allocations } of nodes) {
            const [{ lot, shipments, settlement, decision, landedCost, slots }] = allocations.nodes;
            expect([lot.shippedQty, lot.logisticUnits.nodes.length, shipments.nodes[0].receivedLines[0].good]).toEqual([PIECES, 1, PIECES]);
            expect([settlement.balanced, decision.chosen.length, landedCost.incoterm, slots.length]).toEqual([true, 1, 'DDP', WORK.length]);
          }
        }),
      );
    }
    expect(counts[0]).toBeGreaterThan(20);
    expect(counts).toEqual([counts[0], counts[0], counts[0]]);
  }, 120_000);
});
