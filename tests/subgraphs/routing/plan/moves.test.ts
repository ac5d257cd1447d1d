/** What becomes of an offer: every move of the allocation machine, legal or not, by mutation, by event, by the clock and by a run. */
import { explainMove, isLegalMove } from '../../../../subgraph-kit/state-machine.ts';
import { execute, query, sql } from '../../../../subgraph-kit/sql.ts';
import type { AllocationRow } from '../../../../subgraphs/routing/data/tables.ts';
import { lapsesOffers } from '../../../../subgraphs/routing/near-work.ts';
import { allocationStates, runStates, type AllocationStatus } from '../../../../subgraphs/routing/state-machines.ts';
import { moveAllocations } from '../../../../subgraphs/routing/writes/allocations.ts';
import { hub } from '../../../_kit/subgraph.ts';
import {
  accept,
  allocate,
  anna,
  bert,
  carla,
  cny,
  codes,
  commit,
  GLN,
  key,
  line,
  offer,
  openRouting,
  readOne,
  runPlan,
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

const STATES = Object.keys(allocationStates.moves) as AllocationStatus[];
const changesOf = async () => (await r.events()).filter(({ topic }) => topic === 'allocation.changed').map(({ payload }) => payload);
const movesOf = async () => (await changesOf()).map(({ previousStatus, status }) => [previousStatus, status]);
const set = (allocationId: string, status: AllocationStatus) =>
  execute(r.db, sql`UPDATE "Allocation" SET "status" = ${status} WHERE "allocationId" = ${allocationId}`);

/** An allocation of anna that is in this state by decree. */
async function inState(status: AllocationStatus): Promise<AllocationRow> {
  const row = await offer(r, freshLine());
  await set(row.allocationId, status);
  await r.forgetEvents();
  return readOne(r, row.allocationId);
}

const counterInput = { quantity: 150, unitPrice: cny(1_400), promisedDate: '2026-12-08' };
const ANSWERS: readonly [string, AllocationStatus, Record<string, unknown>][] = [
  ['acceptAllocation', 'ACCEPTED', {}],
  ['declineAllocation', 'DECLINED', { reason: 'NO_CAPACITY' }],
  ['counterAllocation', 'COUNTERED', counterInput],
  ['freezeAllocation', 'FROZEN', {}],
];
const answer = (name: string, allocationId: string, more: Record<string, unknown> = {}, who = anna): Promise<any> =>
  r.change(who, name, { allocationId, idempotencyKey: key(), ...more }, 'allocation { allocationId status changedAt }');

describe('the table of moves', () => {
  it('leads from every state that is not final to an end', () => {
    const ends = STATES.filter((state) => allocationStates.moves[state].length === 0);
    expect(ends).toEqual(['COMPLETED', 'DECLINED', 'SUPERSEDED']);
    expect(isLegalMove(allocationStates, 'FROZEN', 'SUPERSEDED')).toBe(false);
    expect(runStates.moves.RUNNING).toEqual(['OPTIMAL', 'FEASIBLE', 'TIME_LIMIT', 'FAILED']);
  });

  // COUNTERED → ACCEPTED is a run's
  const isAnswer = (from: AllocationStatus, to: AllocationStatus): boolean =>
    isLegalMove(allocationStates, from, to) && (from === 'OFFERED' || to === 'FROZEN');
  const pairs = ANSWERS.flatMap(([name, to, more]) => STATES.map((from) => [name, from, to, more] as const));

  it.each(pairs.filter(([, from, to]) => isAnswer(from, to)))('allows %s from %s', async (name, from, to, more) => {
    const row = await inState(from);
    const { allocation, problems } = await answer(name, row.allocationId, more);
    expect(problems).toEqual([]);
    expect(allocation.status).toBe(to);
    expect(await movesOf()).toEqual([[from, to]]);
  });

  it.each(pairs.filter(([, from, to]) => !isAnswer(from, to)))('refuses %s from %s', async (name, from, _to, more) => {
    const row = await inState(from);
    const { allocation, problems } = await answer(name, row.allocationId, more);
    expect(allocation).toBeNull();
    expect(codes({ problems })).toEqual(['WRONG_STATE']);
    expect((await readOne(r, row.allocationId)).status).toBe(from);
    expect(await r.events()).toEqual([]);
  });

  it.each(STATES.flatMap((from) => STATES.map((to) => [from, to] as const)))('of many at once, from %s to %s', async (from, to) => {
    const row = await inState(from);
    const moved = await r.write((change) => moveAllocations(change, { where: sql`t."allocationId" = ${row.allocationId}`, to }));
    expect(moved.map(({ status, previousStatus }) => [previousStatus, status])).toEqual(
      isLegalMove(allocationStates, from, to) ? [[from, to]] : [],
    );
    expect(explainMove(allocationStates, from, to)).toContain(from);
  });
});

describe('answers of a maker', () => {
  it('carry the whole allocation in their event', async () => {
    const row = await offer(r, freshLine());
    await r.forgetEvents();
    await accept(r, row.allocationId);
    expect(await changesOf()).toMatchObject([
      {
        allocationId: row.allocationId,
        demandLineId: row.demandLineId,
        gln: GLN.anna,
        memberId: anna.memberId,
        demandMemberId: carla.memberId,
        quantity: 200,
        unitPrice: cny(1_250),
        promisedDate: '2026-12-05',
        originUnlocode: 'CNSHA',
        destinationUnlocode: 'CNHGH',
        distributorGln: null,
        distributorMemberId: null,
        slots: [{ stage: 'SEWING', day: '2026-11-30', bucketId: 'bkt_anna', minutes: 2_000, pieces: 200 }],
      },
    ]);
  });

  it('are the maker’s alone', async () => {
    const { allocationId } = await offer(r, freshLine());
    for (const [name, , more] of ANSWERS) {
      expect(codes(await answer(name, allocationId, more, bert))).toEqual(['NOT_YOURS']);
      expect(codes(await answer(name, allocationId, more, carla))).toEqual(['WRONG_KIND']);
      expect(codes(await answer(name, 'alc_unknown', more))).toEqual(['NOT_FOUND']);
    }
    for (const [name, , more] of ANSWERS.slice(0, 3)) expect(codes(await answer(name, allocationId, more, hub))).toEqual(['WRONG_KIND']);
    expect((await readOne(r, allocationId)).status).toBe('OFFERED');
  });

  it('come in time or not at all', async () => {
    const { allocationId, answerBy } = await offer(r, freshLine());
    r.clock.advance(48 * 3_600_000 + 1);
    for (const [name, , more] of ANSWERS.slice(0, 3)) {
      const { problems } = await answer(name, allocationId, more);
      expect(problems).toMatchObject([{ code: 'WRONG_STATE', message: expect.stringContaining(answerBy?.toISOString() ?? '-') }]);
    }
    await r.write((change) => lapsesOffers.run(change));
    expect((await readOne(r, allocationId)).status).toBe('SUPERSEDED');
  });

  it('are refused when the row was changed since it was read', async () => {
    const { allocationId, changedAt } = await offer(r, freshLine());
    expect(codes(await answer('acceptAllocation', allocationId, { ifChangedAt: '2026-01-01T00:00:00Z' }))).toEqual(['STALE']);
    expect(codes(await answer('acceptAllocation', allocationId, { ifChangedAt: changedAt.toISOString() }))).toEqual([]);
  });

  it('count once with one key', async () => {
    const { allocationId } = await offer(r, freshLine());
    const input = { allocationId, idempotencyKey: key(), note: 'we begin on Monday' };
    const first = await r.change(anna, 'acceptAllocation', input, 'allocation { status changedAt }');
    await r.forgetEvents();
    expect(await r.change(anna, 'acceptAllocation', input, 'allocation { status changedAt }')).toEqual(first);
    expect(await r.events()).toEqual([]);
    expect(codes(await r.change(anna, 'acceptAllocation', { ...input, note: 'or on Tuesday' }, ''))).toEqual(['IDEMPOTENCY_MISMATCH']);
  });

  it('are one when two come at a time', async () => {
    const { allocationId } = await offer(r, freshLine());
    await r.forgetEvents();
    const answers = await Promise.all([
      answer('acceptAllocation', allocationId),
      answer('declineAllocation', allocationId, { reason: 'OTHER' }),
    ]);
    expect(answers.flatMap(codes)).toEqual(['WRONG_STATE']);
    expect(await movesOf()).toHaveLength(1);
  });

  it('keep why the maker said no, and what it wants instead', async () => {
    const declined = await offer(r, freshLine());
    await answer('declineAllocation', declined.allocationId, { reason: 'PRICE_TOO_LOW', note: 'ask again in spring' });
    const countered = await offer(r, freshLine());
    await answer('counterAllocation', countered.allocationId, counterInput);
    const show = async (allocationId: string) =>
      (
        await r.ask(
          anna,
          `{ allocation(allocationId: "${allocationId}") { quantity answerBy declineReason counterOffer { quantity unitPrice { amountMinor currency } promisedDate at } } }`,
        )
      ).data.allocation;
    expect(await show(declined.allocationId)).toEqual({
      quantity: 200,
      answerBy: null,
      declineReason: 'PRICE_TOO_LOW',
      counterOffer: null,
    });
    expect(await show(countered.allocationId)).toEqual({
      quantity: 200,
      answerBy: null,
      declineReason: null,
      counterOffer: { ...counterInput, at: r.clock.now().toISOString() },
    });
  });

  it.each<[string, string, Record<string, unknown>, string[]]>([
    ['acceptAllocation', 'TOO_LONG', { note: 'x'.repeat(1_001) }, ['note']],
    ['declineAllocation', 'TOO_LONG', { reason: 'OTHER', note: ' ' }, ['note']],
    ['counterAllocation', 'OUT_OF_RANGE', { ...counterInput, quantity: 0 }, ['quantity']],
    ['counterAllocation', 'OUT_OF_RANGE', { ...counterInput, quantity: 201 }, ['quantity']],
    ['counterAllocation', 'OUT_OF_RANGE', { ...counterInput, unitPrice: cny(0) }, ['unitPrice', 'amountMinor']],
    [
      'counterAllocation',
      'CURRENCY_MISMATCH',
      { ...counterInput, unitPrice: { amountMinor: 5, currency: 'USD' } },
      ['unitPrice', 'currency'],
    ],
    ['counterAllocation', 'DAY_IN_PAST', { ...counterInput, promisedDate: '2026-11-01' }, ['promisedDate']],
  ])('%s is refused with %s: %j', async (name, code, more, path) => {
    const { allocationId } = await offer(r, freshLine());
    const { allocation, problems } = await answer(name, allocationId, more);
    expect(allocation).toBeNull();
    expect(problems).toMatchObject([{ code, path }]);
    expect((await readOne(r, allocationId)).status).toBe('OFFERED');
  });

  it('freezing is for the hub, too', async () => {
    const { allocationId } = await offer(r, freshLine());
    await accept(r, allocationId);
    expect((await answer('freezeAllocation', allocationId, {}, hub)).allocation.status).toBe('FROZEN');
  });
});

describe('a counter-offer', () => {
  const counter = async (more: Record<string, unknown> = {}): Promise<AllocationRow> => {
    const row = await offer(r, freshLine());
    await answer('counterAllocation', row.allocationId, { ...counterInput, ...more });
    r.clock.advance(1_000);
    return readOne(r, row.allocationId);
  };
  const takeIt = (row: AllocationRow, quantity: number) => ({
    lines: [
      line(row.demandLineId, {
        bids: [
          {
            kind: 'COUNTER',
            id: row.allocationId,
            gln: GLN.anna,
            unitPrice: 14,
            setupCost: 0,
            minQuantity: 150,
            maxQuantity: 150,
            day: '2026-12-08',
          },
        ],
      }),
    ],
    allocations: [
      allocate(row.demandLineId, GLN.anna, quantity, { unitPrice: 14, promisedDay: '2026-12-08', bidId: row.allocationId }),
      allocate(row.demandLineId, GLN.bert, 50),
    ],
  });

  it('that a run takes whole is accepted on the maker’s terms, with the minutes of the plan', async () => {
    const row = await counter();
    const runId = await runPlan(r, takeIt(row, 150));
    await r.forgetEvents();
    expect((await commit(r, runId)).problems).toEqual([]);
    const after = await readOne(r, row.allocationId);
    expect(after).toMatchObject({
      status: 'ACCEPTED',
      quantity: 150,
      unitPriceMinor: 1_400n,
      promisedDate: new Date('2026-12-08T00:00:00Z'),
    });
    const told = (await changesOf()).map(({ allocationId, previousStatus, status, quantity, slots }) => ({
      mine: allocationId === row.allocationId,
      previousStatus,
      status,
      quantity,
      slots,
    }));
    const slot = { stage: 'SEWING', day: '2026-11-30', bucketId: 'bkt_anna', minutes: 1_500, pieces: 150 };
    expect(told).toEqual([
      { mine: false, previousStatus: 'PROPOSED', status: 'SUPERSEDED', quantity: 150, slots: [slot] },
      { mine: true, previousStatus: 'COUNTERED', status: 'ACCEPTED', quantity: 150, slots: [slot] },
      {
        mine: false,
        previousStatus: 'PROPOSED',
        status: 'OFFERED',
        quantity: 50,
        slots: [expect.objectContaining({ bucketId: 'bkt_bert' })],
      },
    ]);
    // 150 of anna, 50 of bert: nothing is left
    const { data } = await r.ask(
      carla,
      `{ _entities(representations: [{ __typename: "DemandLine", demandLineId: "${row.demandLineId}" }]) { ... on DemandLine { unservedQty } } }`,
    );
    expect(data._entities).toEqual([{ unservedQty: 0 }]);
    const { data: history } = await r.ask(
      anna,
      `{ allocation(allocationId: "${row.allocationId}") { changes { nodes { run { runId } from { status quantity } to { status quantity promisedDate } } } } }`,
    );
    expect(history.allocation.changes.nodes[0]).toEqual({
      run: { runId },
      from: { status: 'COUNTERED', quantity: 200 },
      to: { status: 'ACCEPTED', quantity: 150, promisedDate: '2026-12-08' },
    });
  });

  it('that a run takes in part, or not, gives way to what the run decided', async () => {
    const part = await counter();
    await commit(r, await runPlan(r, takeIt(part, 100)));
    expect((await readOne(r, part.allocationId)).status).toBe('SUPERSEDED');
    expect(
      await query(
        r.db,
        sql`SELECT "quantity" FROM "Allocation" WHERE "demandLineId" = ${part.demandLineId} AND "status" = 'OFFERED' ORDER BY 1`,
      ),
    ).toEqual([{ quantity: 50 }, { quantity: 100 }]);
    const lost = await counter();
    const runId = await runPlan(r, { lines: [line(lost.demandLineId)], allocations: [allocate(lost.demandLineId, GLN.bert, 200)] });
    const { data } = await r.ask(hub, `{ routingRun(runId: "${runId}") { nervousness changedLines } }`);
    expect(data.routingRun).toEqual({ nervousness: 1, changedLines: 1 });
    await commit(r, runId);
    expect((await readOne(r, lost.allocationId)).status).toBe('SUPERSEDED');
  });

  it('of a line that the run did not decide about stays', async () => {
    const row = await counter();
    await commit(r, await runPlan(r, { lines: [line(freshLine())], allocations: [] }));
    expect((await readOne(r, row.allocationId)).status).toBe('COUNTERED');
  });
});
