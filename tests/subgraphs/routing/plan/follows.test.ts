/** What others and the clock do to an allocation: withdrawn demand, lots, shipments and receipts in any order, and days that come near. */
import { execute, sql } from '../../../../subgraph-kit/sql.ts';
import type { AllocationRow } from '../../../../subgraphs/routing/data/tables.ts';
import { freezesNearWork, lapsesOffers } from '../../../../subgraphs/routing/near-work.ts';
import type { AllocationStatus } from '../../../../subgraphs/routing/state-machines.ts';
import type { Answer } from '../../../_kit/subgraph.ts';
import {
  accept,
  carla,
  CARRIER,
  demandCancelled,
  demandChanged,
  dirk,
  lotClosed,
  lotProgressed,
  offer,
  openRouting,
  readLine,
  readOne,
  receipt,
  shipmentBooked,
  type Routing,
} from './_kit.ts';

let r: Routing;
let lines = 0;
const freshLine = (): string => `dln_${(lines += 1)}`;

beforeAll(async () => {
  r = await openRouting();
}, 60_000);
afterAll(() => r.close());
beforeEach(() => r.forgetEvents());

const changesOf = async () => (await r.events()).filter(({ topic }) => topic === 'allocation.changed').map(({ payload }) => payload);
const movesOf = async () => (await changesOf()).map(({ previousStatus, status }) => [previousStatus, status]);

/** An allocation of anna that is in this state by decree. */
async function inState(status: AllocationStatus): Promise<AllocationRow> {
  const row = await offer(r, freshLine());
  await execute(r.db, sql`UPDATE "Allocation" SET "status" = ${status} WHERE "allocationId" = ${row.allocationId}`);
  await r.forgetEvents();
  return readOne(r, row.allocationId);
}

describe('events of others', () => {
  const accepted = async (): Promise<AllocationRow> => {
    const row = await offer(r, freshLine());
    await accept(r, row.allocationId);
    await r.forgetEvents();
    return readOne(r, row.allocationId);
  };

  it.each<[AllocationStatus, AllocationStatus]>([
    ['PROPOSED', 'SUPERSEDED'],
    ['OFFERED', 'SUPERSEDED'],
    ['COUNTERED', 'SUPERSEDED'],
    ['ACCEPTED', 'SUPERSEDED'],
    ['FROZEN', 'FROZEN'],
    ['COMPLETED', 'COMPLETED'],
    ['DECLINED', 'DECLINED'],
  ])('demand.cancelled makes of %s: %s', async (from, to) => {
    const row = await inState(from);
    await r.follow([demandCancelled(row.demandLineId)]);
    expect((await readOne(r, row.allocationId)).status).toBe(to);
    expect(await movesOf()).toEqual(from === to ? [] : [[from, to]]);
  });

  it('a lot that is released, or closed, freezes; one that is planned or scrapped does not', async () => {
    const released = await accepted();
    const scrapped = await accepted();
    const closed = await accepted();
    await r.forgetEvents();
    await r.follow([
      lotProgressed(released, 'RELEASED'),
      lotClosed(scrapped, 'SCRAPPED'),
      lotClosed(closed, 'CLOSED'),
      lotProgressed(released, 'IN_PROGRESS'),
    ]);
    const rows = [released, scrapped, closed];
    expect(await Promise.all(rows.map(async ({ allocationId }) => (await readOne(r, allocationId)).status))).toEqual([
      'FROZEN',
      'ACCEPTED',
      'FROZEN',
    ]);
    expect(await movesOf()).toEqual([
      ['ACCEPTED', 'FROZEN'],
      ['ACCEPTED', 'FROZEN'],
    ]);
  });

  it('shipment.booked names who delivers, once', async () => {
    const row = await accepted();
    const event = { ...shipmentBooked(row, '95200000000000011'), id: 'evt_once' };
    await r.follow([event]);
    expect(await changesOf()).toMatchObject([
      {
        allocationId: row.allocationId,
        status: 'ACCEPTED',
        previousStatus: 'ACCEPTED',
        distributorGln: CARRIER,
        distributorMemberId: dirk.memberId,
      },
    ]);
    await r.follow([event, shipmentBooked(row, '95200000000000028')]);
    expect(await changesOf()).toHaveLength(1);
    const { data } = await r.ask(
      dirk,
      `{ _entities(representations: [{ __typename: "Distributor", gln: "${CARRIER}" }]) { ... on Distributor { allocations { nodes { allocationId } } } } }`,
    );
    expect(data._entities[0].allocations.nodes).toContainEqual({ allocationId: row.allocationId });
  });

  it('a line that was made smaller while all of it was offered takes the offers back, and nothing that was accepted', async () => {
    const [whole, enough] = [await offer(r, freshLine()), await offer(r, freshLine())];
    const taken = await accepted();
    const changed = (row: AllocationRow, quantity: number) => demandChanged(row.demandLineId, quantity);
    await r.follow([changed(whole, whole.quantity - 1), changed(enough, enough.quantity), changed(taken, taken.quantity - 1)]);
    const states = [whole, enough, taken].map(async ({ allocationId }) => (await readOne(r, allocationId)).status);
    expect(await Promise.all(states)).toEqual(['SUPERSEDED', 'OFFERED', 'ACCEPTED']);
  });

  it('a smaller lot and its last receipt that are heard of at once complete the allocation', async () => {
    const row = await accepted();
    await r.follow([lotProgressed(row, 'RELEASED', { changedAt: '2026-11-22T10:00:00.000Z' })]);
    // a receipt that was counted before the lot was known, and whose transaction has not ended when the lot is heard of
    let tellCounted = (): void => undefined;
    const counted = new Promise<void>((resolve) => (tellCounted = resolve));
    const slow = r.write(async ({ tx }) => {
      await execute(tx, sql`UPDATE "Allocation" SET "receivedGood" = 180 WHERE "allocationId" = ${row.allocationId}`);
      tellCounted();
      await new Promise((resolve) => setTimeout(resolve, 300));
    });
    await counted;
    await r.follow([lotProgressed(row, 'COMPLETED', { goodQty: 180 })]);
    await slow;
    expect((await readOne(r, row.allocationId)).status).toBe('COMPLETED');
  });

  it('receipts complete when all pieces have come, whatever came first', async () => {
    const whole = await accepted();
    await r.follow([receipt(whole, '95200000000000035', 120)]);
    expect((await readOne(r, whole.allocationId)).status).toBe('ACCEPTED');
    await r.follow([receipt(whole, '95200000000000042', 70, 10)]);
    expect(await readOne(r, whole.allocationId)).toMatchObject({ status: 'COMPLETED', receivedGood: 190, receivedDamaged: 10 });
    expect(await movesOf()).toEqual([
      ['ACCEPTED', 'FROZEN'],
      ['FROZEN', 'COMPLETED'],
    ]);
  });

  it('a lot that came out smaller is complete with its good pieces, in either order of the topics', async () => {
    const early = await accepted();
    const late = await accepted();
    const done = { goodQty: 180 };
    await r.follow([receipt(early, '95200000000000059', 180)]);
    expect((await readOne(r, early.allocationId)).status).toBe('ACCEPTED');
    await r.follow([lotProgressed(early, 'COMPLETED', done)]);
    await r.follow([lotClosed(late, 'CLOSED', done)]);
    expect((await readOne(r, late.allocationId)).status).toBe('FROZEN');
    await r.follow([receipt(late, '95200000000000066', 180)]);
    expect([(await readOne(r, early.allocationId)).status, (await readOne(r, late.allocationId)).status]).toEqual([
      'COMPLETED',
      'COMPLETED',
    ]);
  });

  it('a receipt that is repeated counts once', async () => {
    const row = await accepted();
    const event = { ...receipt(row, '95200000000000073', 100), id: 'evt_receipt' };
    await r.follow([event]);
    await r.follow([event]);
    expect(await readOne(r, row.allocationId)).toMatchObject({ status: 'ACCEPTED', receivedGood: 100 });
  });

  it('of allocations that nobody knows change nothing', async () => {
    const ghost = { ...(await accepted()), allocationId: 'alc_ghost', demandLineId: 'dln_ghost' };
    await r.follow([
      lotProgressed(ghost, 'RELEASED'),
      shipmentBooked(ghost, '95200000000000080'),
      receipt(ghost, '95200000000000097', 5),
      demandCancelled('dln_ghost'),
    ]);
    expect(await r.events()).toEqual([]);
  });
});

describe('the clock', () => {
  it('freezes what is accepted and begins within the days that are not moved', async () => {
    const near = await offer(r, freshLine());
    const open = await offer(r, freshLine());
    await accept(r, near.allocationId);
    const job = () => r.write((change) => freezesNearWork.run(change));
    await job();
    expect((await readOne(r, near.allocationId)).status).toBe('ACCEPTED');
    // its first minutes are those of 30 November; one day is not moved
    r.clock.advance(Date.parse('2026-11-29T09:00:00Z') - r.clock.now().getTime());
    await job();
    expect([(await readOne(r, near.allocationId)).status, (await readOne(r, open.allocationId)).status]).toEqual(['FROZEN', 'OFFERED']);
  });

  it('takes back offers that nobody answered, so that their pieces can be placed anew', async () => {
    const { demandLineId } = await offer(r, freshLine());
    r.clock.advance(48 * 3_600_000 + 1);
    await r.write((change) => lapsesOffers.run(change));
    expect((await readLine(r, demandLineId)).status).toBe('SUPERSEDED');
    const question = `{ _entities(representations: [{ __typename: "DemandLine", demandLineId: "${demandLineId}" }]) { ... on DemandLine { unservedQty } } }`;
    const { data }: Answer = await r.ask(carla, question);
    expect(data._entities).toEqual([{ unservedQty: 200 }]);
  });
});
