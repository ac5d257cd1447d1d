/** Every mutation of upstream: its work, its event, its refusals. */
import { hub as theHub, visitor } from '../../_kit/subgraph.ts';
import {
  anna,
  bert,
  carla,
  cny,
  codes,
  demandSubmitted,
  enterMaker,
  key,
  makerInput,
  offer,
  openUpstream,
  styleProposed,
  term,
  today,
  type Upstream,
} from './_kit.ts';

let hub: Upstream;
beforeAll(async () => {
  hub = await openUpstream();
}, 60_000);
afterAll(() => hub.close());
beforeEach(() => hub.forgetEvents());

const topics = async (): Promise<string[]> => (await hub.events()).map(({ topic }) => topic);
const freshName = (): string => `Maker ${key()}`;

describe('every mutation', () => {
  it('is refused to a visitor as a fault, not as a problem', async () => {
    const { errors } = await hub.ask(
      visitor,
      'mutation ($input: RegisterMakerInput!) { registerMaker(input: $input) { problems { code } } }',
      { input: makerInput() },
    );
    expect(errors?.[0]?.message).toContain('token of a member');
  });

  it.each([
    ['registerMaker', makerInput()],
    ['updateMaker', { gln: '9520000000011', idempotencyKey: 'k' }],
    ['publishCapacity', { buckets: [offer('9520000000011')], idempotencyKey: 'k' }],
    [
      'quoteDemand',
      {
        gln: '1',
        demandLineId: 'dln_1',
        unitPrice: cny(1),
        setupCost: cny(1),
        minQty: 1,
        earliestFinish: today,
        validUntil: '2026-12-01T00:00:00Z',
        idempotencyKey: 'k',
      },
    ],
    ['recordOperations', { styleId: 'sty_1', operations: [], idempotencyKey: 'k' }],
  ])('%s is for makers', async (name, input) => {
    expect(codes(await hub.change(carla, name, input, ''))).toEqual(['WRONG_KIND']);
    expect(await topics()).toEqual([]);
  });

  it('takes keys of 1 to 64 characters, and one input for each key', async () => {
    expect(codes(await hub.change(anna, 'registerMaker', makerInput({ idempotencyKey: '' }), ''))).toEqual(['IDEMPOTENCY_KEY_INVALID']);
    const input = makerInput({ name: freshName() });
    await hub.change(anna, 'registerMaker', input, '');
    expect(codes(await hub.change(anna, 'registerMaker', { ...input, name: 'Another' }, ''))).toEqual(['IDEMPOTENCY_MISMATCH']);
  });
});

describe('registerMaker', () => {
  const fields = `maker { gln osId name status country address supplierGroup lineWorkers unlocode origin member { memberId }
    region { province county } location { lat lng } capabilities { tag stage evidence }
    terms { category moq acceptsShortLots leadTimeDays minutePrice currency setupCost { amountMinor currency } } quality { score } }`;

  it('enters a facility under the caller and tells of it once', async () => {
    const input = makerInput({
      gln: '9520000000011',
      osId: 'CN20223053NJQAG',
      region: { province: 'Zhejiang', county: 'Yuhang' },
      location: { lat: 30.27, lng: 120.15 },
      unlocode: 'CNHGH',
      supplierGroup: 'Rain Hill Group',
      lineWorkers: 120,
      terms: [term(), term({ category: 'DRESS', moq: 30, acceptsShortLots: true, minutePrice: '0.855512671' })],
    });
    const { maker, problems } = await hub.change(anna, 'registerMaker', input, fields);
    const { idempotencyKey: _key, terms, capabilities, ...same } = input;
    expect(problems).toEqual([]);
    expect(maker).toEqual({
      ...same,
      status: 'ACTIVE',
      origin: 'REPORTED',
      member: { memberId: 'mbr_anna' },
      capabilities: [{ tag: 'CUT_AUTO', stage: 'CUTTING', evidence: null }, capabilities[1]],
      terms: [
        { ...terms[0], category: null, acceptsShortLots: false },
        { ...terms[1], category: 'DRESS' },
      ],
      quality: null,
    });
    const events = await hub.events();
    expect(events.map(({ topic, actorId, payload }) => ({ topic, actorId, payload }))).toEqual([
      {
        topic: 'maker.changed',
        actorId: 'mbr_anna',
        payload: {
          gln: maker.gln,
          memberId: 'mbr_anna',
          name: maker.name,
          origin: 'REPORTED',
          status: 'ACTIVE',
          country: 'CN',
          changedAt: '2026-11-22T09:00:00.000Z',
        },
      },
    ]);
  });

  it('gives a demo GLN by name and address, and another one to a namesake', async () => {
    const name = freshName();
    const first = await enterMaker(hub, { name });
    const second = await enterMaker(hub, { name });
    expect(first).toMatch(/^952\d{10}$/);
    expect(second).toMatch(/^952\d{10}$/);
    expect(second).not.toBe(first);
  });

  it('gives the same answer to the same key and writes nothing again', async () => {
    const input = makerInput({ name: freshName() });
    const first = await hub.change(anna, 'registerMaker', input, fields);
    expect(await hub.change(anna, 'registerMaker', input, fields)).toEqual(first);
    expect(await topics()).toEqual(['maker.changed']);
  });

  it('takes a GLN once', async () => {
    const gln = '9520000000028';
    await enterMaker(hub, { gln });
    await hub.forgetEvents();
    expect(codes(await hub.change(bert, 'registerMaker', makerInput({ gln }), ''))).toEqual(['DUPLICATE']);
    expect(await topics()).toEqual([]);
  });

  const twice = [
    { tag: 'CUT_AUTO', stage: 'CUTTING' },
    { tag: 'CUT_AUTO', stage: 'CUTTING' },
  ];
  it.each<[string, Record<string, unknown>, string[]]>([
    ['BAD_CHECK_DIGIT', { gln: '9520000000012' }, ['gln']],
    ['BAD_CODE', { osId: 'CN-1' }, ['osId']],
    ['TOO_LONG', { name: '  ' }, ['name']],
    ['TOO_LONG', { address: 'x'.repeat(501) }, ['address']],
    ['OUT_OF_RANGE', { location: { lat: 90.1, lng: 0 } }, ['location', 'lat']],
    ['OUT_OF_RANGE', { location: { lat: 0, lng: -181 } }, ['location', 'lng']],
    ['OUT_OF_RANGE', { lineWorkers: -1 }, ['lineWorkers']],
    ['BAD_CODE', { capabilities: [{ tag: 'KNIT_OVERLOCK', stage: 'QC' }] }, ['capabilities', '0', 'tag']],
    ['DUPLICATE', { capabilities: twice }, ['capabilities', '1']],
    ['TOO_MANY', { terms: Array.from({ length: 15 }, () => term()) }, ['terms']],
    ['DUPLICATE', { terms: [term(), term()] }, ['terms', '1']],
    ['OUT_OF_RANGE', { terms: [term({ moq: 0 })] }, ['terms', '0', 'moq']],
    ['OUT_OF_RANGE', { terms: [term({ leadTimeDays: 366 })] }, ['terms', '0', 'leadTimeDays']],
    ['OUT_OF_RANGE', { terms: [term({ minutePrice: '0.00' })] }, ['terms', '0', 'minutePrice']],
    ['OUT_OF_RANGE', { terms: [term({ minutePrice: '0.0000000001' })] }, ['terms', '0', 'minutePrice']],
    ['OUT_OF_RANGE', { terms: [term({ setupCost: cny(-1) })] }, ['terms', '0', 'setupCost', 'amountMinor']],
    ['CURRENCY_MISMATCH', { terms: [term({ currency: 'EUR' })] }, ['terms', '0', 'setupCost', 'currency']],
  ])('refuses with %s: %j', async (code, more, path) => {
    const { maker, problems } = await hub.change(anna, 'registerMaker', makerInput({ name: freshName(), ...more }), fields);
    expect(maker).toBeNull();
    expect(problems).toContainEqual({ code, path, message: expect.any(String) });
    expect(await topics()).toEqual([]);
  });
});

describe('updateMaker', () => {
  it('changes what is given, keeps the rest, and tells of it once', async () => {
    const gln = await enterMaker(hub, { name: freshName(), lineWorkers: 5, region: { province: 'Zhejiang', county: 'Yuhang' } });
    await hub.forgetEvents();
    const input = {
      gln,
      name: 'New name',
      status: 'PAUSED',
      region: { province: 'Jiangsu' },
      supplierGroup: 'New group',
      unlocode: 'CNSHA',
      address: 'New address 1',
      capabilities: [{ tag: 'QC_AQL', stage: 'QC' }],
      terms: [],
      idempotencyKey: key(),
    };
    const fields =
      'maker { name status lineWorkers address supplierGroup unlocode region { province county } capabilities { tag } terms { moq } }';
    const first = await hub.change(anna, 'updateMaker', input, fields);
    expect(first.maker).toEqual({
      name: 'New name',
      status: 'PAUSED',
      lineWorkers: 5,
      address: 'New address 1',
      supplierGroup: 'New group',
      unlocode: 'CNSHA',
      region: { province: 'Jiangsu', county: null },
      capabilities: [{ tag: 'QC_AQL' }],
      terms: [],
    });
    expect(await hub.change(anna, 'updateMaker', input, fields)).toEqual(first);
    expect((await hub.events()).map(({ topic, payload }) => [topic, payload['status']])).toEqual([['maker.changed', 'PAUSED']]);
  });

  it('is refused for the unknown, to others, and to who read an older row', async () => {
    const gln = await enterMaker(hub, { name: freshName() });
    const change = (by: typeof anna, more: Record<string, unknown>) =>
      hub.change(by, 'updateMaker', { gln, name: 'X', idempotencyKey: key(), ...more }, 'maker { changedAt }');
    await hub.forgetEvents();
    expect(codes(await change(anna, { gln: '9520000000004' }))).toEqual(['NOT_FOUND']);
    expect(codes(await change(bert, {}))).toEqual(['NOT_YOURS']);
    expect(codes(await change(anna, { ifChangedAt: '2026-01-01T00:00:00Z' }))).toEqual(['STALE']);
    expect(codes(await change(anna, { lineWorkers: -1 }))).toEqual(['OUT_OF_RANGE']);
    expect(await topics()).toEqual([]);
    const { maker } = await change(anna, { ifChangedAt: hub.clock.now().toISOString() });
    expect(maker.changedAt).toBe('2026-11-22T09:00:00.001Z');
  });

  it('moves the state by its table only', async () => {
    const move = (gln: string, status: string) =>
      hub.change(anna, 'updateMaker', { gln, status, idempotencyKey: key() }, 'maker { status }');
    for (const path of [
      ['PAUSED', 'ACTIVE', 'CLOSED'],
      ['PAUSED', 'CLOSED'],
    ]) {
      const gln = await enterMaker(hub, { name: freshName() });
      for (const status of path) expect((await move(gln, status)).maker).toEqual({ status });
      for (const status of ['ACTIVE', 'PAUSED', 'CLOSED']) expect(codes(await move(gln, status))).toEqual(['WRONG_STATE']);
      expect(codes(await hub.change(anna, 'updateMaker', { gln, name: 'X', idempotencyKey: key() }, ''))).toEqual(['WRONG_STATE']);
    }
    const gln = await enterMaker(hub, { name: freshName() });
    expect(codes(await move(gln, 'ACTIVE'))).toEqual(['WRONG_STATE']);
  });
});

describe('publishCapacity', () => {
  const fields =
    'buckets { bucketId stage day actualMinutes maximumMinutes committedMinutes heldMinutes freeMinutes efficiencyBps changedAt maker { gln } member { memberId } origin }';
  const publish = (by: typeof anna, buckets: unknown[], more: Record<string, unknown> = {}) =>
    hub.change(by, 'publishCapacity', { buckets, idempotencyKey: key(), ...more }, fields);

  it('enters buckets, one event each, and replaces them later under the same id', async () => {
    const gln = await enterMaker(hub, { name: freshName() });
    await hub.forgetEvents();
    const first = await publish(anna, [offer(gln), offer(gln, { stage: 'CUTTING', efficiencyBps: 9_000 })]);
    expect(first.problems).toEqual([]);
    expect(first.buckets[0]).toEqual({
      bucketId: expect.stringMatching(/^bkt_/),
      stage: 'SEWING',
      day: '2026-11-25',
      actualMinutes: 1_000,
      maximumMinutes: 1_500,
      committedMinutes: 0,
      heldMinutes: 0,
      freeMinutes: 1_000,
      efficiencyBps: 10_000,
      changedAt: '2026-11-22T09:00:00.000Z',
      maker: { gln },
      member: { memberId: 'mbr_anna' },
      origin: 'REPORTED',
    });
    expect(
      (await hub.events()).map(({ topic, payload }) => [
        topic,
        payload['stage'],
        payload['country'],
        payload['freeMinutes'],
        payload['day'],
      ]),
    ).toEqual([
      ['capacity.published', 'SEWING', 'CN', 1_000, '2026-11-25'],
      ['capacity.published', 'CUTTING', 'CN', 1_000, '2026-11-25'],
    ]);
    const again = await publish(anna, [offer(gln, { actualMinutes: 700, ifChangedAt: first.buckets[0].changedAt })]);
    expect(again.buckets[0]).toMatchObject({
      bucketId: first.buckets[0].bucketId,
      actualMinutes: 700,
      changedAt: '2026-11-22T09:00:00.001Z',
    });
  });

  it('gives the same answer to the same key and writes nothing again', async () => {
    const gln = await enterMaker(hub, { name: freshName() });
    await hub.forgetEvents();
    const input = { buckets: [offer(gln), offer('9520000000004')], idempotencyKey: key() };
    const first = await hub.change(anna, 'publishCapacity', input, fields);
    expect(await hub.change(anna, 'publishCapacity', input, fields)).toEqual(first);
    expect(await topics()).toEqual(['capacity.published']);
  });

  it('lets each bucket stand or fall alone', async () => {
    const [gln, others, closed] = [
      await enterMaker(hub, { name: freshName() }),
      await enterMaker(hub, { name: freshName() }, bert),
      await enterMaker(hub, { name: freshName() }),
    ];
    await hub.change(anna, 'updateMaker', { gln: closed, status: 'CLOSED', idempotencyKey: key() }, '');
    const { buckets } = await publish(anna, [offer(gln), offer(gln, { stage: 'QC' })]);
    await hub.db.capacityBucket.update({ where: { bucketId: buckets[0].bucketId }, data: { committedMinutes: 300, heldMinutes: 200 } });
    await hub.forgetEvents();
    const items: [Record<string, unknown>, string | null, string[]][] = [
      [offer(gln, { stage: 'PACKING' }), null, []],
      [offer(gln, { stage: 'PACKING' }), 'DUPLICATE', []],
      [offer(gln, { day: '2026-11-21' }), 'DAY_IN_PAST', ['day']],
      [offer(gln, { stage: 'CUTTING', actualMinutes: -1 }), 'OUT_OF_RANGE', ['actualMinutes']],
      [offer(gln, { stage: 'PRINTING', maximumMinutes: 999 }), 'OUT_OF_RANGE', ['maximumMinutes']],
      [offer(gln, { stage: 'FINISHING', efficiencyBps: 0 }), 'OUT_OF_RANGE', ['efficiencyBps']],
      [offer('9520000000004'), 'NOT_FOUND', ['gln']],
      [offer(others), 'NOT_YOURS', ['gln']],
      [offer(closed), 'WRONG_STATE', ['gln']],
      [offer(gln, { actualMinutes: 499 }), 'BELOW_COMMITTED', ['actualMinutes']],
      [offer(gln, { stage: 'QC', ifChangedAt: '2026-01-01T00:00:00Z' }), 'STALE', ['ifChangedAt']],
    ];
    const answer = await publish(
      anna,
      items.map(([item]) => item),
    );
    expect(answer.buckets.map((bucket: unknown) => bucket !== null)).toEqual(items.map(([, code]) => code === null));
    const found = answer.problems.map(({ code, path }: { code: string; path: string[] }) => `${path.join('.')} ${code}`).sort();
    const wanted = items.flatMap(([, code, path], i) => (code === null ? [] : [`${['buckets', i, ...path].join('.')} ${code}`])).sort();
    expect(found).toEqual(wanted);
    expect(await topics()).toEqual(['capacity.published']);
    expect((await publish(anna, [offer(gln, { actualMinutes: 500 })])).buckets[0]).toMatchObject({
      committedMinutes: 300,
      heldMinutes: 200,
      freeMinutes: 0,
    });
  });

  it('takes 1 to 1,000 buckets, in a constant number of statements', async () => {
    const gln = await enterMaker(hub, { name: freshName() });
    expect(codes(await publish(anna, []))).toEqual(['TOO_FEW']);
    expect(
      codes(
        await publish(
          anna,
          Array.from({ length: 1_001 }, () => offer(gln)),
        ),
      ),
    ).toEqual(['TOO_MANY']);
    const days = Array.from({ length: 1_000 }, (_, i) =>
      offer(gln, { day: new Date(Date.UTC(2027, 0, 1 + i)).toISOString().slice(0, 10) }),
    );
    const one = await hub.countStatements(() => publish(anna, [offer(gln)]));
    let all: any;
    const many = await hub.countStatements(async () => {
      all = await publish(anna, days);
    });
    expect(all.buckets.every((bucket: unknown) => bucket !== null)).toBe(true);
    expect(many).toBe(one);
  });
});

describe('quoteDemand', () => {
  const fields = `quote { quoteId binding minQty earliestFinish validUntil infeasibleBecause unitPrice { amountMinor currency }
    setupCost { amountMinor currency } maker { gln } member { memberId } demandLine { demandLineId } }`;
  const quoteInput = (gln: string, demandLineId: string, more: Record<string, unknown> = {}) => ({
    gln,
    demandLineId,
    unitPrice: cny(1_250),
    setupCost: cny(5_000),
    minQty: 50,
    earliestFinish: '2026-12-01',
    validUntil: '2026-11-30T00:00:00.000Z',
    idempotencyKey: key(),
    ...more,
  });

  it('binds the maker for a line that waits, with one event', async () => {
    const gln = await enterMaker(hub, { name: freshName() });
    await hub.follow([demandSubmitted('dln_q1')]);
    await hub.forgetEvents();
    const input = quoteInput(gln, 'dln_q1');
    const first = await hub.change(anna, 'quoteDemand', input, fields);
    expect(first).toEqual({
      quote: {
        quoteId: expect.stringMatching(/^quo_/),
        binding: true,
        minQty: 50,
        earliestFinish: '2026-12-01',
        validUntil: '2026-11-30T00:00:00.000Z',
        infeasibleBecause: [],
        unitPrice: cny(1_250),
        setupCost: cny(5_000),
        maker: { gln },
        member: { memberId: 'mbr_anna' },
        demandLine: { demandLineId: 'dln_q1' },
      },
      problems: [],
    });
    expect(await hub.change(anna, 'quoteDemand', input, fields)).toEqual(first);
    expect((await hub.events()).map(({ topic, payload }) => ({ topic, payload }))).toEqual([
      {
        topic: 'quote.given',
        payload: {
          quoteId: first.quote.quoteId,
          demandLineId: 'dln_q1',
          gln,
          memberId: 'mbr_anna',
          unitPrice: cny(1_250),
          earliestFinish: '2026-12-01',
          validUntil: '2026-11-30T00:00:00.000Z',
        },
      },
    ]);
  });

  it('is refused where it cannot hold', async () => {
    const [gln, paused, others] = [
      await enterMaker(hub, { name: freshName() }),
      await enterMaker(hub, { name: freshName() }),
      await enterMaker(hub, { name: freshName() }, bert),
    ];
    await hub.change(anna, 'updateMaker', { gln: paused, status: 'PAUSED', idempotencyKey: key() }, '');
    const cancelled = {
      demandLineId: 'dln_q3',
      memberId: 'mbr_carla',
      styleId: 'sty_1',
      campaignId: null,
      quantity: 1,
      reason: 'OWNER',
      changedAt: '2026-11-21T01:00:00.000Z',
    };
    await hub.follow([demandSubmitted('dln_q2'), demandSubmitted('dln_q3'), { topic: 'demand.cancelled', payload: cancelled }]);
    await hub.forgetEvents();
    const refused = async (...args: Parameters<typeof quoteInput>) => codes(await hub.change(anna, 'quoteDemand', quoteInput(...args), ''));
    expect(await refused('9520000000004', 'dln_q2')).toEqual(['NOT_FOUND']);
    expect(await refused(others, 'dln_q2')).toEqual(['NOT_YOURS']);
    expect(await refused(paused, 'dln_q2')).toEqual(['WRONG_STATE']);
    expect(await refused(gln, 'dln_none')).toEqual(['NOT_FOUND']);
    expect(await refused(gln, 'dln_q3')).toEqual(['WRONG_STATE']);
    expect(await refused(gln, 'dln_q2', { unitPrice: cny(-1) })).toEqual(['OUT_OF_RANGE']);
    expect(await refused(gln, 'dln_q2', { minQty: 0 })).toEqual(['OUT_OF_RANGE']);
    expect(await refused(gln, 'dln_q2', { setupCost: { amountMinor: 1, currency: 'EUR' } })).toEqual(['CURRENCY_MISMATCH']);
    expect(await refused(gln, 'dln_q2', { earliestFinish: '2026-11-21' })).toEqual(['DAY_IN_PAST']);
    expect(await refused(gln, 'dln_q2', { validUntil: hub.clock.now().toISOString() })).toEqual(['DAY_IN_PAST']);
    expect(await topics()).toEqual([]);
  });
});

describe('recordOperations', () => {
  const operations = [
    { stage: 'SEWING', smv: 8.5, capability: 'KNIT_OVERLOCK' },
    { stage: 'CUTTING', smv: 1.25, capability: 'CUT_AUTO' },
  ];
  const record = (by: typeof anna, styleId: string, more: Record<string, unknown> = {}) =>
    hub.change(
      by,
      'recordOperations',
      { styleId, operations, idempotencyKey: key(), ...more },
      'style { styleId smvTotal operations { stage smv capability } }',
    );

  it('keeps the work in the order of the stages, replaces it whole, one event each time', async () => {
    await hub.follow([styleProposed('sty_ops1')]);
    const idempotencyKey = key();
    const first = await record(anna, 'sty_ops1', { idempotencyKey });
    expect(first).toEqual({ style: { styleId: 'sty_ops1', smvTotal: 9.75, operations: operations.toReversed() }, problems: [] });
    expect(await record(anna, 'sty_ops1', { idempotencyKey })).toEqual(first);
    const second = await record(anna, 'sty_ops1', { operations: [{ stage: 'QC', smv: 0.3, capability: 'QC_AQL' }] });
    expect(second.style).toEqual({ styleId: 'sty_ops1', smvTotal: 0.3, operations: [{ stage: 'QC', smv: 0.3, capability: 'QC_AQL' }] });
    expect((await hub.events()).map(({ topic, payload }) => ({ topic, payload }))).toEqual([
      {
        topic: 'operations.recorded',
        payload: {
          styleId: 'sty_ops1',
          memberId: 'mbr_anna',
          smvTotal: 9.75,
          operations: [
            { stage: 'CUTTING', smv: '1.2500' },
            { stage: 'SEWING', smv: '8.5000' },
          ],
        },
      },
      {
        topic: 'operations.recorded',
        payload: { styleId: 'sty_ops1', memberId: 'mbr_anna', smvTotal: 0.3, operations: [{ stage: 'QC', smv: '0.3000' }] },
      },
    ]);
  });

  it('belongs to the maker that recorded first', async () => {
    await hub.follow([styleProposed('sty_ops2')]);
    await record(anna, 'sty_ops2');
    await hub.forgetEvents();
    expect(codes(await record(bert, 'sty_ops2'))).toEqual(['NOT_YOURS']);
    expect(await topics()).toEqual([]);
  });

  it('is refused for a style, capability, stage or number that is not right', async () => {
    await hub.follow([styleProposed('sty_ops3')]);
    const wrong = async (styleId: string, list: unknown[]) => codes(await record(anna, styleId, { operations: list }));
    expect(await wrong('sty_none', operations)).toEqual(['NOT_FOUND']);
    expect(await wrong('sty_ops3', [])).toEqual(['TOO_FEW']);
    expect(await wrong('sty_ops3', [...operations, operations[0]])).toEqual(['DUPLICATE']);
    expect(await wrong('sty_ops3', [{ stage: 'SEWING', smv: 1, capability: 'CUT_AUTO' }])).toEqual(['BAD_CODE']);
    expect(await wrong('sty_ops3', [{ stage: 'SEWING', smv: 0, capability: 'KNIT_OVERLOCK' }])).toEqual(['OUT_OF_RANGE']);
    expect(
      await wrong(
        'sty_ops3',
        Array.from({ length: 9 }, () => operations[0]),
      ),
    ).toContain('TOO_MANY');
    expect(await topics()).toEqual([]);
  });
});

describe('recordInspections', () => {
  const lot = (gln: string, more: Record<string, unknown> = {}) => ({
    gln,
    day: today,
    pieces: 100,
    firstPassPieces: 90,
    rejected: false,
    onTime: true,
    ...more,
  });
  const record = (by: typeof anna, inspections: unknown[], idempotencyKey = key()) =>
    hub.change(
      by,
      'recordInspections',
      { inspections, idempotencyKey },
      'makers { gln quality { firstPassYieldBps aqlRejectBps onTimeBps score sampleSize asOf } }',
    );

  it('adds lots up to the quality of their maker, one event for each maker', async () => {
    const [one, two] = [await enterMaker(hub, { name: freshName() }), await enterMaker(hub, { name: freshName() })];
    await hub.forgetEvents();
    const idempotencyKey = key();
    const inspections = [lot(one), lot(two), lot(one, { rejected: true, onTime: false, firstPassPieces: 50 })];
    const first = await record(theHub, inspections, idempotencyKey);
    expect(first.problems).toEqual([]);
    expect(first.makers.map(({ gln }: { gln: string }) => gln)).toEqual([one, two, one]);
    expect(first.makers[0].quality).toEqual({
      firstPassYieldBps: 7_000,
      aqlRejectBps: 5_000,
      onTimeBps: 5_000,
      score: 0.5 * 0.7 + 0.3 * 0.5 + 0.2 * 0.5,
      sampleSize: 2,
      asOf: '2026-11-22T09:00:00.000Z',
    });
    expect(await record(theHub, inspections, idempotencyKey)).toEqual(first);
    expect((await hub.events()).map(({ topic, payload }) => [topic, payload['gln'], payload['lots'], payload['pieces']])).toEqual([
      ['quality.recorded', one, 2, 200],
      ['quality.recorded', two, 1, 100],
    ]);
    expect((await record(theHub, [lot(one)])).makers[0].quality.sampleSize).toBe(3);
  });

  it('is the hub’s alone, and each lot stands or falls alone', async () => {
    const gln = await enterMaker(hub, { name: freshName() });
    await hub.forgetEvents();
    expect(codes(await record(anna, [lot(gln)]))).toEqual(['WRONG_KIND']);
    expect(await topics()).toEqual([]);
    const { makers, problems } = await record(theHub, [
      lot('9520000000004'),
      lot(gln, { day: '2026-11-23' }),
      lot(gln, { pieces: 0, firstPassPieces: 0 }),
      lot(gln, { firstPassPieces: 101 }),
      lot(gln),
    ]);
    expect(makers.map((one: unknown) => one !== null)).toEqual([false, false, false, false, true]);
    expect(problems.map(({ code, path }: { code: string; path: string[] }) => [code, path.join('.')]).sort()).toEqual([
      ['DAY_IN_FUTURE', 'inspections.1.day'],
      ['NOT_FOUND', 'inspections.0.gln'],
      ['OUT_OF_RANGE', 'inspections.2.pieces'],
      ['OUT_OF_RANGE', 'inspections.3.firstPassPieces'],
    ]);
    expect(await topics()).toEqual(['quality.recorded']);
  });
});
