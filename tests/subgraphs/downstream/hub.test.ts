/** A demand line on the whole hub: planned, accepted, made, carried and received by mutations of others, it follows; who serves it knows who asks. */
import { addDays, createFixedClock } from '../../../lib/clock/clock.ts';
import { withCheckDigit } from '../../../subgraph-kit/gs1.ts';
import { startTestHub, type Player, type TestHub } from '../../_kit/hub.ts';
import { route } from '../../_kit/route.ts';
import { testStart } from '../../_kit/subgraph.ts';
import { createWorld, today, yuan, type World } from '../../graph/world.ts';

const POLICY = 'weights { kind value } hhiLimit frozenDays unservedPenalty latenessPenalty candidateLimit';

// time goes on between runs: of two that end in the same instant none is the newer one
const clock = createFixedClock(testStart);
const plan = async (commit = false): Promise<void> => {
  clock.advance(1_000);
  await route(hub, { commit });
};

let hub: TestHub;
let world: World;
let style: { styleId: string; gtins: string[] };
let [distributorGln, siteGln] = ['', ''];

beforeAll(async () => {
  hub = await startTestHub({ clock });
  world = await createWorld(hub, hub.change);
  const { gln } = await world.newMaker();
  const buckets = Array.from({ length: 14 }, (_, i) => addDays(today, i + 1)).flatMap((day) =>
    ['FABRIC_PREP', 'CUTTING', 'SEWING', 'PACKING'].map((stage) => ({ gln, stage, day, actualMinutes: 1_200, maximumMinutes: 1_500 })),
  );
  await world.done(world.maker, 'publishCapacity', { buckets }, 'buckets { bucketId }');
  distributorGln = (await world.newDistributor()).gln;
  siteGln = (await world.newSite()).siteGln;
  const lane = { originUnlocode: 'CNHGH', destinationUnlocode: 'CNSHA', transitDays: 1, validFrom: today };
  const tariffs = [{ service: 'FREIGHT', unit: 'KGM', price: yuan(4), ...lane }];
  await world.done(world.distributor, 'publishTariffs', { gln: distributorGln, tariffs }, 'distributor { gln }');
  style = await world.newStyle();
  await hub.settle();
  const operations = [
    { stage: 'CUTTING', smv: 0.5, capability: 'CUT_AUTO' },
    { stage: 'SEWING', smv: 2, capability: 'KNIT_OVERLOCK' },
    { stage: 'PACKING', smv: 0.25, capability: 'PACK_CARTON' },
  ];
  await world.done(world.maker, 'recordOperations', { styleId: style.styleId, operations }, 'style { styleId }');
  const { policy } = (await hub.ask(hub.hub, `{ policy { ${POLICY} } }`)).data;
  // one maker may get all of the work: there is no other
  await world.done(hub.hub, 'publishPolicy', { ...policy, version: 'test', maxShareBps: 10_000 }, 'policy { version }');
  await hub.settle();
}, 120_000);
afterAll(() => hub.stop());

const submit = async (extra: Record<string, unknown> = {}): Promise<string> => {
  const { demandLines } = await world.done(
    world.creator,
    'submitDemands',
    { demands: [{ ...world.demandInput(style), ...extra }] },
    'demandLines { demandLineId }',
  );
  await hub.settle();
  return demandLines[0].demandLineId;
};
const look = async (player: Player | null, id: string, fields: string): Promise<any> => {
  const { data, errors } = await hub.ask(player, `query ($id: ID!) { demandLine(demandLineId: $id) { ${fields} } }`, { id });
  expect(errors).toBeUndefined();
  return data.demandLine;
};
const act = async (player: Player, mutation: string, input: Record<string, unknown>, fields: string): Promise<any> => {
  const payload = await world.done(player, mutation, input, fields);
  await hub.settle();
  return payload;
};

it('a line that is served goes all the way, and its maker and carrier know who asks', async () => {
  const id = await submit();
  const status = async (): Promise<string> => (await look(world.creator, id, 'status')).status;
  const asker = 'member { memberId } unitMargin { amountMinor }';
  const known = { member: { memberId: world.creator.memberId }, unitMargin: null };
  expect([await status(), await look(world.maker, id, asker)]).toEqual(['OPEN', { member: null, unitMargin: null }]);

  await plan();
  expect([await status(), await look(world.maker, id, asker)]).toEqual(['OPEN', { member: null, unitMargin: null }]);
  await plan(true);
  expect([await status(), await look(world.maker, id, asker)]).toEqual(['ALLOCATED', known]);
  expect(await look(world.otherMaker, id, asker)).toBeNull();

  const { allocations } = await look(world.maker, id, 'allocations { nodes { allocationId quantity status } }');
  const [{ allocationId, quantity }] = allocations.nodes.filter((one: { status: string }) => one.status === 'OFFERED');
  await act(world.maker, 'acceptAllocation', { allocationId }, 'allocation { status }');
  expect(await status()).toBe('ALLOCATED');

  const { allocation } = (
    await hub.ask(world.maker, `{ allocation(allocationId: "${allocationId}") { lot { lotId progress { stage } } } }`)
  ).data;
  const { lotId, progress } = allocation.lot;
  await act(world.maker, 'releaseLot', { lotId }, 'lot { status }');
  expect(await status()).toBe('ALLOCATED');
  const at = '2026-11-22T08:30:00.000Z';
  const seen: string[] = [];
  for (const { stage } of progress) {
    await act(world.maker, 'reportStage', { lotId, stage, qtyIn: quantity, qtyOut: quantity, at }, 'lot { status }');
    seen.push(await status());
  }
  expect(new Set(seen)).toEqual(new Set(['IN_PRODUCTION']));
  await act(world.maker, 'completeLot', { lotId, goodQty: quantity }, 'lot { status }');

  const booking = { allocationId, distributorGln, carrier: 'Road', plannedArrival: '2026-11-24T09:00:00.000Z' };
  const { shipment } = await act(world.distributor, 'bookShipment', booking, 'shipment { gsin }');
  expect([await status(), await look(world.distributor, id, asker)]).toEqual(['IN_PRODUCTION', known]);
  expect(await look(world.otherDistributor, id, asker)).toBeNull();
  const lines = style.gtins.map((gtin) => ({ gtin, lotId, quantity: quantity / style.gtins.length }));
  const units = [{ sscc: withCheckDigit('09520000000000001'), contents: lines }];
  await act(
    world.distributor,
    'despatchShipment',
    { gsin: shipment.gsin, units, at: hub.clock.now().toISOString() },
    'shipment { status }',
  );
  expect(await status()).toBe('SHIPPED');
  const received = lines.map(({ quantity: good, ...line }) => ({ ...line, good, damaged: 0 }));
  const arrival = { gsin: shipment.gsin, siteGln, lines: received, at: hub.clock.now().toISOString() };
  await act(world.distributor, 'receiveShipment', arrival, 'shipment { status }');
  expect(await status()).toBe('FULFILLED');

  await world.done(
    world.creator,
    'recordSales',
    { sales: [{ kind: 'SALE', gtin: style.gtins[0], quantity: 30, unitPrice: yuan(79), soldAt: at }] },
    'recorded',
  );
  const { data } = await hub.ask(world.creator, `{ style(styleId: "${style.styleId}") { sellThroughBps(window: D7) } }`);
  expect(data.style.sellThroughBps).toBe((30 * 10_000) / quantity);
}, 120_000);

it('a line that nobody can serve is refused, and waits again when its owner revises it', async () => {
  const id = await submit({ requiredCapabilities: ['NOBODY_HAS_THIS'] });
  await plan(true);
  expect(await look(world.creator, id, 'status decision { outcome }')).toEqual({ status: 'REFUSED', decision: { outcome: 'REFUSED' } });
  await act(world.creator, 'reviseDemand', { demandLineId: id, latestDate: '2026-12-20' }, 'demandLine { status }');
  expect(await look(world.creator, id, 'status')).toEqual({ status: 'OPEN' });
}, 60_000);
