/** Runs: started by members, ended with a plan, committed by the hub. What is stored, told and refused on the way. */
import { query, sql } from '../../../../subgraph-kit/sql.ts';
import { awaitCommits, failRun } from '../../../../subgraphs/routing/writes/runs.ts';
import { hub, visitor } from '../../../_kit/subgraph.ts';
import {
  allocate,
  anna,
  carla,
  codes,
  commit,
  decide,
  demandCancelled,
  demandChanged,
  dora,
  endWith,
  forgetPlans,
  GLN,
  key,
  line,
  openRouting,
  readLine,
  runPlan,
  type Routing,
} from './_kit.ts';

let r: Routing;

beforeAll(async () => {
  r = await openRouting();
}, 60_000);
afterAll(() => r.close());
beforeEach(() => forgetPlans(r));

const reroute = (more: Record<string, unknown> = {}, who = anna) =>
  r.change(
    who,
    'reroute',
    { idempotencyKey: key(), ...more },
    'run { runId status trigger horizonFrom horizonTo frozenUntil currency policy { version } }',
  );

describe('reroute', () => {
  it('answers at once with a run that waits, over 28 days, by the policy in force', async () => {
    const { run, problems } = await reroute({ note: 'new styles' });
    expect(problems).toEqual([]);
    expect(run).toEqual({
      runId: expect.stringMatching(/^run_/),
      status: 'RUNNING',
      trigger: 'MANUAL',
      horizonFrom: '2026-11-22',
      horizonTo: '2026-12-19',
      frozenUntil: '2026-11-22',
      currency: 'CNY',
      policy: { version: '2026.11.1' },
    });
    const events = await r.events();
    expect(events.map(({ topic }) => topic)).toEqual(['run.started']);
    expect(events[0]?.payload).toMatchObject({ runId: run.runId, status: 'RUNNING', trigger: 'MANUAL', triggerRef: null });
  });

  it('answers the same to the same key, and starts nothing again', async () => {
    const idempotencyKey = key();
    const first = await reroute({ idempotencyKey });
    expect(await reroute({ idempotencyKey })).toEqual(first);
    expect(codes(await reroute({ idempotencyKey, note: 'other' }))).toEqual(['IDEMPOTENCY_MISMATCH']);
    expect(await r.events()).toHaveLength(1);
  });

  it('refuses a note that is too long, and a 21st run that would wait', async () => {
    expect(codes(await reroute({ note: 'x'.repeat(1_001) }))).toEqual(['TOO_LONG']);
    for (let i = 0; i < 20; i += 1) expect(codes(await reroute())).toEqual([]);
    const { run, problems } = await reroute();
    expect(run).toBeNull();
    expect(problems).toEqual([{ code: 'TOO_MANY', path: [], message: expect.stringContaining('at most 20') }]);
  });

  it('is not for visitors', async () => {
    const { errors } = await r.ask(visitor, 'mutation { reroute(input: { idempotencyKey: "k" }) { run { runId } } }');
    expect(errors?.[0]?.message).toContain('visitor');
  });
});

const runFields = `status objective bound gap solveMs demandedPieces placedPieces unservedPieces changedLines nervousness finishedAt committedAt
  fairness { hhi largestShareBps } problems { code message }`;
const readRun = async (runId: string) => (await r.ask(hub, `{ routingRun(runId: "${runId}") { ${runFields} } }`)).data.routingRun;

describe('the end of a run', () => {
  it('stores the plan whole and tells it once', async () => {
    const runId = await runPlan(r, {
      lines: [line('dln_1'), line('dln_2', { quantity: 100 })],
      allocations: [allocate('dln_1', GLN.anna, 120), allocate('dln_1', GLN.bert, 80, { unitPrice: 12.345 })],
      prices: [
        { kind: 'CAPACITY', lineId: null, bucketId: 'bkt_anna', gln: GLN.anna, price: 0.1234567891, validFrom: null, validTo: 4_800 },
      ],
    });
    expect(await readRun(runId)).toEqual({
      status: 'OPTIMAL',
      objective: '2600.125',
      bound: '2600.125',
      gap: 0,
      solveMs: 12,
      demandedPieces: 300,
      placedPieces: 200,
      unservedPieces: 100,
      changedLines: 1,
      nervousness: 0,
      finishedAt: r.clock.now().toISOString(),
      committedAt: null,
      fairness: { hhi: 0.5, largestShareBps: 6_000 },
      problems: [],
    });
    const topics = (await r.events()).map(({ topic }) => topic);
    expect(topics).toEqual([
      'run.started',
      'run.completed',
      'allocation.proposed',
      'allocation.proposed',
      'decision.made',
      'decision.made',
    ]);
    const proposed = (await r.events()).filter(({ topic }) => topic === 'allocation.proposed');
    // half a fen goes to the even one
    expect(proposed.map(({ payload }) => payload['unitPrice'])).toEqual([
      { amountMinor: 1_250, currency: 'CNY' },
      { amountMinor: 1_234, currency: 'CNY' },
    ]);
    expect(proposed[0]?.payload).toMatchObject({
      status: 'PROPOSED',
      demandMemberId: carla.memberId,
      memberId: anna.memberId,
      origin: 'REPORTED',
      originUnlocode: 'CNSHA',
      destinationUnlocode: 'CNHGH',
      promisedDate: '2026-12-05',
      slots: [{ stage: 'SEWING', day: '2026-11-30', bucketId: 'bkt_anna', minutes: 1_200, pieces: 120 }],
    });
  });

  it('takes the same number of statements for one line and for fifty', async () => {
    const count = async (lines: number): Promise<number> => {
      const { run } = await reroute();
      const ids = Array.from({ length: lines }, (_, i) => `dln_${run.runId}_${i}`);
      const wish = { lines: ids.map((id) => line(id)), allocations: ids.map((id) => allocate(id, GLN.anna, 200)) };
      return r.countStatements(() => endWith(r, run.runId, wish));
    };
    await count(1);
    const few = await count(1);
    expect(await count(50)).toBe(few);
  });

  it('makes void what an older run proposed and nobody committed', async () => {
    const first = await runPlan(r, { lines: [line('dln_1')], allocations: [allocate('dln_1', GLN.anna, 200)] });
    const { allocationId } = await readLine(r, 'dln_1');
    await r.forgetEvents();
    const second = await runPlan(r, { lines: [line('dln_1')], allocations: [allocate('dln_1', GLN.bert, 200)] });
    const moved = (await r.events()).filter(({ topic }) => topic === 'allocation.changed');
    expect(moved.map(({ payload }) => payload)).toMatchObject([{ allocationId, status: 'SUPERSEDED', previousStatus: 'PROPOSED' }]);
    // who voided it stands in its history
    const { data } = await r.ask(
      hub,
      `{ allocation(allocationId: "${allocationId}") { changes { totalCount nodes { run { runId } from { status } to { status quantity maker { gln } } reason } } } }`,
    );
    expect(data.allocation.changes).toEqual({
      totalCount: 2,
      nodes: [
        {
          run: { runId: second },
          from: { status: 'PROPOSED' },
          to: { status: 'SUPERSEDED', quantity: 200, maker: { gln: GLN.anna } },
          reason: 'MANUAL',
        },
        { run: { runId: first }, from: null, to: { status: 'PROPOSED', quantity: 200, maker: { gln: GLN.anna } }, reason: 'MANUAL' },
      ],
    });
  });

  it('proposes nothing for demand that was withdrawn meanwhile', async () => {
    await r.follow([demandCancelled('dln_1')]);
    await runPlan(r, { lines: [line('dln_1')], allocations: [allocate('dln_1', GLN.anna, 200)] });
    expect((await readLine(r, 'dln_1')).status).toBe('SUPERSEDED');
  });

  it('comes once: a run that has ended stays as it is', async () => {
    const wish = { lines: [line('dln_1')], allocations: [allocate('dln_1', GLN.anna, 200)] };
    const runId = await runPlan(r, wish);
    await endWith(r, runId, wish);
    await r.write((change) => failRun(change, { runId }, [{ code: 'READ_FAILED', path: [], message: 'late' }]));
    expect((await readRun(runId)).status).toBe('OPTIMAL');
    expect(await query(r.db, sql`SELECT 1 FROM "Allocation"`)).toHaveLength(1);
  });

  it('may be a failure, which says why', async () => {
    const { run } = await reroute();
    await r.write((change) => failRun(change, run, [{ code: 'READ_FAILED', path: [], message: 'the gateway did not answer' }]));
    expect(await readRun(run.runId)).toMatchObject({
      status: 'FAILED',
      objective: null,
      problems: [{ code: 'READ_FAILED', message: 'the gateway did not answer' }],
    });
    expect((await r.events()).at(-1)).toMatchObject({ topic: 'run.completed', payload: { status: 'FAILED', objective: null } });
    expect((await commit(r, run.runId)).problems).toMatchObject([{ code: 'WRONG_STATE', message: expect.stringContaining('FAILED') }]);
  });
});

describe('commitRun', () => {
  it('offers what was proposed, gives 48 hours, opens settlements and makes the prices hold', async () => {
    const runId = await runPlan(r, {
      lines: [line('dln_1')],
      allocations: [allocate('dln_1', GLN.anna, 120), allocate('dln_1', GLN.bert, 80)],
      prices: [
        { kind: 'CAPACITY', lineId: null, bucketId: 'bkt_anna', gln: GLN.anna, price: 0.25, validFrom: 4_000, validTo: 4_800 },
        { kind: 'DEMAND', lineId: 'dln_1', bucketId: null, gln: null, price: 13, validFrom: null, validTo: null },
      ],
    });
    await r.forgetEvents();
    const { run, problems } = await commit(r, runId);
    expect(problems).toEqual([]);
    expect(run.committedAt).toBe(r.clock.now().toISOString());
    const { data } = await r.ask(hub, '{ allocations { nodes { status answerBy settlement { settlementId status } } } }');
    const answerBy = new Date(r.clock.now().getTime() + 48 * 3_600_000).toISOString();
    const settlement = { settlementId: expect.stringMatching(/^stl_/), status: 'DRAFT' };
    expect(data.allocations.nodes).toEqual([
      { status: 'OFFERED', answerBy, settlement },
      { status: 'OFFERED', answerBy, settlement },
    ]);
    const events = await r.events();
    expect(events.map(({ topic }) => topic).toSorted()).toEqual([
      'allocation.changed',
      'allocation.changed',
      'run.committed',
      'scarcity.changed',
      'settlement.posted',
    ]);
    expect(events.find(({ topic }) => topic === 'scarcity.changed')?.payload).toMatchObject({
      kind: 'CAPACITY',
      name: 'Sewing on 2026-11-30',
      price: '0.25',
      bucketId: 'bkt_anna',
    });
  });

  it('tells prices that fell to zero with the next plan', async () => {
    const price = {
      kind: 'CAPACITY',
      lineId: null,
      bucketId: 'bkt_anna',
      gln: GLN.anna,
      price: 0.25,
      validFrom: null,
      validTo: null,
    } as const;
    await commit(r, await runPlan(r, { lines: [line('dln_1')], allocations: [allocate('dln_1', GLN.anna, 200)], prices: [price] }));
    r.clock.advance(1_000);
    const next = await runPlan(r, {
      lines: [line('dln_2')],
      allocations: [allocate('dln_2', GLN.bert, 200)],
      prices: [{ ...price, bucketId: 'bkt_bert', gln: GLN.bert }],
    });
    await r.forgetEvents();
    await commit(r, next);
    const told = (await r.events())
      .filter(({ topic }) => topic === 'scarcity.changed')
      .map(({ payload }) => [payload['bucketId'], payload['price']]);
    expect(told).toEqual([
      ['bkt_bert', '0.25'],
      ['bkt_anna', '0'],
    ]);
    const { data } = await r.ask(
      hub,
      '{ scarcity(from: "2026-11-22", to: "2026-12-31") { nodes { price name bucket { bucketId shadowPrice { price } } } } }',
    );
    expect(data.scarcity.nodes).toEqual([
      { price: '0.25', name: 'Sewing on 2026-12-01', bucket: { bucketId: 'bkt_bert', shadowPrice: { price: '0.25' } } },
    ]);
  });

  it('refuses every run but the newest plan, and what began before the last commit', async () => {
    const wish = (id: string) => ({ lines: [line(id)], allocations: [allocate(id, GLN.anna, 200)] });
    const old = await runPlan(r, wish('dln_1'));
    const { run: reading } = await reroute();
    expect((await commit(r, reading.runId)).problems).toMatchObject([{ code: 'WRONG_STATE', message: expect.stringContaining('RUNNING') }]);
    r.clock.advance(1_000);
    const newest = await runPlan(r, wish('dln_2'));
    expect((await commit(r, old)).problems).toMatchObject([
      { code: 'WRONG_STATE', path: ['runId'], message: expect.stringContaining('newer') },
    ]);
    expect((await commit(r, newest)).problems).toEqual([]);
    expect((await commit(r, newest)).problems).toMatchObject([
      { code: 'WRONG_STATE', message: expect.stringContaining('committed before') },
    ]);
    r.clock.advance(1_000);
    await endWith(r, reading.runId, wish('dln_3'));
    expect((await commit(r, reading.runId)).problems).toMatchObject([
      { code: 'WRONG_STATE', message: expect.stringContaining('began to read') },
    ]);
    expect((await commit(r, 'run_unknown')).problems).toMatchObject([{ code: 'NOT_FOUND', path: ['runId'] }]);
  });

  it('is for the hub alone', async () => {
    const runId = await runPlan(r, { lines: [line('dln_1')], allocations: [] });
    for (const who of [anna, carla, dora])
      expect(codes(await r.change(who, 'commitRun', { runId, idempotencyKey: key() }, ''))).toEqual(['WRONG_KIND']);
    expect((await readRun(runId)).committedAt).toBeNull();
  });

  it('changes nothing when asked again with the same key', async () => {
    const runId = await runPlan(r, { lines: [line('dln_1')], allocations: [allocate('dln_1', GLN.anna, 200)] });
    const input = { runId, idempotencyKey: key() };
    const first = await r.change(hub, 'commitRun', input, 'run { runId committedAt }');
    await r.forgetEvents();
    expect(await r.change(hub, 'commitRun', input, 'run { runId committedAt }')).toEqual(first);
    expect(await r.events()).toEqual([]);
  });

  it('offers nothing of a line that was withdrawn', async () => {
    const lines = [line('dln_1'), line('dln_2')];
    const runId = await runPlan(r, { lines, allocations: [allocate('dln_1', GLN.anna, 200), allocate('dln_2', GLN.bert, 200)] });
    await r.follow([demandCancelled('dln_1')]);
    await commit(r, runId);
    expect([(await readLine(r, 'dln_1')).status, (await readLine(r, 'dln_2')).status]).toEqual(['SUPERSEDED', 'OFFERED']);
  });

  it('offers nothing beyond what a line that was made smaller asks for', async () => {
    const lines = [line('dln_1'), line('dln_2')];
    const runId = await runPlan(r, { lines, allocations: [allocate('dln_1', GLN.anna, 200), allocate('dln_2', GLN.bert, 200)] });
    await r.follow([demandChanged('dln_1', 199), demandChanged('dln_2', 200)]);
    await commit(r, runId);
    expect([(await readLine(r, 'dln_1')).status, (await readLine(r, 'dln_2')).status]).toEqual(['SUPERSEDED', 'OFFERED']);
  });

  it('happens once when two ask at a time', async () => {
    const runId = await runPlan(r, { lines: [line('dln_1')], allocations: [allocate('dln_1', GLN.anna, 200)] });
    await r.forgetEvents();
    const answers = await Promise.all([commit(r, runId), commit(r, runId), commit(r, runId)]);
    expect(answers.flatMap(codes)).toEqual(['WRONG_STATE', 'WRONG_STATE']);
    expect((await r.events()).filter(({ topic }) => topic === 'run.committed')).toHaveLength(1);
  });

  it('makes a refusal of a line known with what is unserved', async () => {
    const one = line('dln_1');
    await commit(r, await runPlan(r, { lines: [one], allocations: [], decisions: [decide(one, [])] }));
    const text =
      '{ _entities(representations: [{ __typename: "DemandLine", demandLineId: "dln_1" }]) { ... on DemandLine { unservedQty decision { outcome chosen { quantity } } allocations { totalCount } } } }';
    const { data } = await r.ask(carla, text);
    expect(data._entities).toEqual([{ unservedQty: 200, decision: { outcome: 'REFUSED', chosen: [] }, allocations: { totalCount: 0 } }]);
  });
});

describe('runs and commits at once', () => {
  it('a run that waits while a plan is committed is stale, however early that commit began', async () => {
    const one = line('dln_slow');
    const first = await runPlan(r, { lines: [one], allocations: [allocate(one.id, GLN.anna, one.quantity)] });
    r.clock.advance(1_000);
    const { run } = await reroute();
    // the commit began before the run was asked for, and ends after
    r.clock.advance(-1_000);
    expect(codes(await commit(r, first))).toEqual([]);
    r.clock.advance(2_000);
    await endWith(r, run.runId, { lines: [one], allocations: [allocate(one.id, GLN.bert, one.quantity)] });
    expect(codes(await commit(r, run.runId))).toEqual(['WRONG_STATE']);
    expect((await readLine(r, one.id)).status).toBe('PROPOSED');
  });

  it('a plan is stored before a commit or after it, and not during it', async () => {
    const { run } = await reroute();
    let tellBegun = (): void => undefined;
    const begun = new Promise<void>((resolve) => (tellBegun = resolve));
    let isCommitted = false;
    const slow = r.write(async ({ tx }) => {
      await awaitCommits(tx);
      tellBegun();
      await new Promise((resolve) => setTimeout(resolve, 300));
      isCommitted = true;
    });
    await begun;
    await endWith(r, run.runId, { lines: [], allocations: [] });
    expect(isCommitted).toBe(true);
    await slow;
  });
});
