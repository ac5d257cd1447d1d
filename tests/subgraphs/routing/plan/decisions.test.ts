/** Decisions in words: what is said, alike in both languages, with the numbers of the decision and none other. */
import type { Principal } from '../../../../subgraph-kit/principal.ts';
import type { PlannedDecision, PlannedPrice } from '../../../../subgraphs/routing/model/types.ts';
import { hub } from '../../../_kit/subgraph.ts';
import { allocate, anna, bert, candidate, carla, decide, GLN, line, openRouting, runPlan, type Routing, type Wish } from './_kit.ts';

let r: Routing;
beforeAll(async () => {
  r = await openRouting();
}, 60_000);
afterAll(() => r.close());

const minutes = (bucketId: string, gln: string, price: number): PlannedPrice => ({
  kind: 'CAPACITY',
  lineId: null,
  bucketId,
  gln,
  price,
  validFrom: null,
  validTo: null,
});

/** A run that decides one line of 200 pieces. */
async function decideOne(wish: Omit<Wish, 'lines' | 'decisions'>, more: Partial<PlannedDecision> = {}): Promise<string> {
  const one = line('dln_1');
  return runPlan(r, { ...wish, lines: [one], decisions: [decide(one, wish.allocations, more)] });
}

async function read(runId: string, fields: string, viewer: Principal = carla): Promise<any> {
  const { data, errors } = await r.ask(viewer, `{ routingRun(runId: "${runId}") { decisions { nodes { ${fields} } } } }`);
  if (errors !== undefined) throw new Error(errors.map(({ message }) => message).join('; '));
  return data.routingRun.decisions.nodes[0];
}
const tell = (runId: string, viewer?: Principal): Promise<{ en: string; zh: string }> =>
  read(runId, 'en: text zh: text(locale: "zh-CN")', viewer);

const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
/** All numbers of a text in order of size; days as YYYYMMDD. */
function numbersOf(text: string): number[] {
  const days: number[] = [];
  const rest = text
    .replace(/([A-Z][a-z]+) (\d{1,2}), (\d{4})/g, (all, month: string, day: string, year: string) => {
      if (!MONTHS.includes(month)) return all;
      days.push(Number(year) * 10_000 + (MONTHS.indexOf(month) + 1) * 100 + Number(day));
      return '';
    })
    .replace(/(\d{4})年(\d{1,2})月(\d{1,2})日/g, (_, year: string, month: string, day: string) => {
      days.push(Number(year) * 10_000 + Number(month) * 100 + Number(day));
      return '';
    });
  const others = rest.match(/\d[\d,]*(\.\d+)?/g) ?? [];
  return [...days, ...others.map((one) => Number(one.replaceAll(',', '')))].toSorted((a, b) => a - b);
}

const split: Wish = {
  lines: [],
  allocations: [allocate('dln_1', GLN.anna, 120), allocate('dln_1', GLN.bert, 60)],
  prices: [
    minutes('bkt_anna', GLN.anna, 0.125),
    minutes('bkt_bert', GLN.bert, 0.25),
    { kind: 'SHARE_CAP', lineId: null, bucketId: null, gln: GLN.anna, price: 0.01, validFrom: null, validTo: null },
    { kind: 'DEMAND', lineId: 'dln_1', bucketId: null, gln: null, price: 14.2, validFrom: null, validTo: null },
  ],
};
const splitDecision: Partial<PlannedDecision> = {
  candidates: [
    candidate(GLN.anna, 120),
    candidate(GLN.bert, 60, { piece: 12.6 }),
    candidate(GLN.cleo, 0, { pieces: 200, piece: 13.25, reducedCost: 0.4 }),
  ],
  excluded: [
    { reason: 'TOO_LATE', makers: 3, examples: [GLN.late] },
    { reason: 'CAPACITY_SHORT', makers: 1_000, examples: [] },
  ],
  binding: [0, 1, 2, 3],
};

describe('a decision', () => {
  it('is told whole, in English', async () => {
    const { en } = await tell(await decideOne(split, splitDecision));
    expect(en).toBe(
      [
        '200 pieces of Rain Tee were asked for by December 5, 2026, at the latest by December 12, 2026.',
        'Anna Garments makes 120 pieces at CNY 12.50 a piece; all costs together are CNY 1,560.00, and the goods arrive by December 5, 2026.',
        'The largest costs are price of the pieces CNY 1,500.00 and carriage CNY 60.00.',
        'Bert Knitwear makes 60 pieces at CNY 12.50 a piece; all costs together are CNY 786.00, and the goods arrive by December 5, 2026.',
        'The largest costs are price of the pieces CNY 756.00 and carriage CNY 30.00.',
        'The next best was Cleo Sewing with CNY 13.75 a piece, CNY 0.7167 a piece more than what was chosen.',
        'With the worth of scarce minutes counted, its cost would have to fall by CNY 0.40 a piece for it to be chosen.',
        'Of 4 makers, 3 were compared in full.',
        'Not considered: 3 unable to deliver by the latest day and 1,000 with too few free minutes.',
        '20 pieces were not placed: the makers that could take them have no free minutes left in time.',
        'What was scarce: sewing on November 30, 2026, where one more minute would save CNY 0.125; sewing on December 1, 2026, where one more minute would save CNY 0.25; the largest share of one maker, where one more minute would save CNY 0.01.',
        'One more piece would cost CNY 14.20.',
        'No payment had any part in this decision.',
      ].join(' '),
    );
  });

  it('is told in Chinese, without a word of English but names and codes', async () => {
    const { zh } = await tell(await decideOne(split, splitDecision));
    expect(zh).toContain('「Anna Garments」生产 120 件,每件 CNY 12.50');
    expect(zh).toContain('任何付费都没有影响这项决定。');
    expect(
      zh
        .match(/[A-Za-z]+/g)
        ?.filter((word) => !['Rain', 'Tee', 'Anna', 'Garments', 'Bert', 'Knitwear', 'Cleo', 'Sewing', 'CNY'].includes(word)),
    ).toEqual([]);
  });

  const because = ['NO_CANDIDATE', 'NO_MINUTES', 'DEARER_THAN_NOT_SERVING', 'SHARE_CAP', 'TIME_LIMIT'] as const;
  const reasons = [
    'MAKER_NOT_ACTIVE',
    'DECLINED_BEFORE',
    'CAPABILITY_MISSING',
    'CERTIFICATE_MISSING',
    'QUALITY_UNDER_FLOOR',
    'BELOW_MOQ',
    'NO_EXCHANGE_RATE',
    'PRICE_OVER_CAP',
    'CAPACITY_SHORT',
    'TOO_LATE',
    'NOT_NEAR',
  ] as const;
  const terms = ['EX_WORKS', 'FREIGHT', 'DUTY', 'SETUP', 'QUALITY_RISK', 'LATENESS'] as const;
  it.each<[string, Omit<Wish, 'lines' | 'decisions'>, Partial<PlannedDecision>]>([
    ['of a line that was split', split, splitDecision],
    ['of a line that was placed whole', { allocations: [allocate('dln_1', GLN.anna, 200)] }, {}],
    [
      'with a runner-up that was as good',
      { allocations: [allocate('dln_1', GLN.anna, 200)] },
      { candidates: [candidate(GLN.anna, 200), candidate(GLN.bert, 0, { pieces: 200 })] },
    ],
    [
      'with a runner-up that was cheaper, but for its scarce minutes',
      { allocations: [allocate('dln_1', GLN.anna, 200)] },
      { candidates: [candidate(GLN.bert, 0, { pieces: 200, piece: 10, reducedCost: 1.5 }), candidate(GLN.anna, 200)] },
    ],
    [
      'of a line that nobody could take',
      { allocations: [] },
      {
        candidates: [],
        unserved: { pieces: 200, because: 'NO_CANDIDATE' },
        excluded: reasons.map((reason, i) => ({ reason, makers: i + 1, examples: [] })),
      },
    ],
    ...because.map((one): [string, Omit<Wish, 'lines' | 'decisions'>, Partial<PlannedDecision>] => [
      `of a line refused because of ${one}`,
      { allocations: [] },
      { unserved: { pieces: 200, because: one } },
    ]),
    ...terms.map((kind): [string, Omit<Wish, 'lines' | 'decisions'>, Partial<PlannedDecision>] => [
      `with costs of ${kind}`,
      { allocations: [allocate('dln_1', GLN.anna, 200)] },
      { candidates: [{ ...candidate(GLN.anna, 200), totalCost: 77.7, terms: [{ kind, amount: 77.7 }] }] },
    ]),
    [
      'with more limits than are named',
      {
        allocations: [allocate('dln_1', GLN.anna, 200)],
        prices: [1, 2, 3, 4, 5, 6, 7].map((price) => minutes('bkt_anna', GLN.anna, price)),
      },
      { binding: [6, 5, 4, 3, 2, 1, 0] },
    ],
  ])('%s has the same numbers in both languages, and no word of a machine', async (_, wish, more) => {
    const { en, zh } = await tell(await decideOne(wish, more));
    expect(numbersOf(zh)).toEqual(numbersOf(en));
    expect(numbersOf(en).length).toBeGreaterThan(3);
    for (const text of [en, zh]) expect(text).not.toMatch(/undefined|null|NaN|\[object|[A-Z]+_[A-Z]+/);
  });

  it('does not speak of a draw where pieces were left over, nor of a difference that is rounding', async () => {
    const left = { allocations: [allocate('dln_1', GLN.anna, 100)] };
    const asGood = { candidates: [candidate(GLN.anna, 100), candidate(GLN.bert, 0, { pieces: 200 })] };
    const { en, zh } = await tell(await decideOne(left, asGood));
    expect(en).toContain('The next best was Bert Knitwear with CNY 13.00 a piece. Of 4 makers');
    for (const text of [en, zh]) expect(text).not.toMatch(/by lot|抽签|CNY 0\.00/);
    const none = await tell(await decideOne({ allocations: [] }, { candidates: [candidate(GLN.bert, 0, { pieces: 200 })] }));
    expect(none.en).toContain('No maker was chosen. The nearest was Bert Knitwear with CNY 13.00 a piece. Of');
    expect(none.zh).toContain('没有选定工厂。最接近的是「Bert Knitwear」,每件 CNY 13.00。共');
  });

  it('says why one that is cheaper by itself was left out, and speaks of a draw only between equals', async () => {
    const wish = { allocations: [allocate('dln_1', GLN.anna, 200)] };
    const against = async (rest: Parameters<typeof candidate>[2]) =>
      tell(await decideOne(wish, { candidates: [candidate(GLN.bert, 0, { pieces: 200, ...rest }), candidate(GLN.anna, 200)] }));
    const full = await against({ piece: 10 });
    expect(full.en).toContain('a piece less than what was chosen; its minutes are of more use to other demand. With');
    expect(full.zh).toContain(';它的工时用于其他需求更有价值。');
    for (const text of [full.en, full.zh]) expect(text).not.toMatch(/by lot|抽签/);
    const equal = await against({});
    expect(equal.en).toContain('between equals the choice is drawn by lot');
    expect(equal.zh).toContain('抽签');
    for (const text of [equal.en, equal.zh]) expect(text).not.toMatch(/other demand|其他需求/);
  });

  it('says when set-up is in the price of a piece', async () => {
    const setUp = { ...candidate(GLN.anna, 200), terms: [{ kind: 'SETUP' as const, amount: 20 }] };
    const { en, zh } = await tell(await decideOne({ allocations: [allocate('dln_1', GLN.anna, 200)] }, { candidates: [setUp] }));
    expect(en).toContain('200 pieces at CNY 12.50 a piece with set-up;');
    expect(zh).toContain('每件 CNY 12.50(含换款费用),');
  });

  it('refuses other languages, and names those it has', async () => {
    const runId = await decideOne({ allocations: [] });
    for (const locale of ['de', '', 'english', 'zhongwen', 'en_GB']) {
      const { errors } = await r.ask(carla, `{ routingRun(runId: "${runId}") { decisions { nodes { text(locale: "${locale}") } } } }`);
      expect(errors?.[0]?.message).toContain('en and zh');
    }
    for (const locale of ['en-GB', 'zh', 'zh-Hans-CN']) await expect(read(runId, `text(locale: "${locale}")`)).resolves.toBeTruthy();
  });
});

describe('the parts of a decision', () => {
  it('add up, and say who won and who came next', async () => {
    const fields = `outcome paidPlacement replayable policy { version } decidedAt bindingConstraints { kind price }
      chosen { quantity totalCost { amountMinor currency } reducedCost currency terms { kind amount { amountMinor } } excludedBy }
      runnerUp { quantity totalCost { amountMinor } reducedCost }`;
    const decision = await read(await decideOne(split, splitDecision), fields);
    const term = (kind: string, amountMinor: number) => ({ kind, amount: { amountMinor } });
    expect(decision).toEqual({
      outcome: 'PARTIAL',
      paidPlacement: false,
      replayable: false,
      policy: { version: '2026.11.1' },
      decidedAt: r.clock.now().toISOString(),
      bindingConstraints: [
        { kind: 'CAPACITY', price: '0.125' },
        { kind: 'CAPACITY', price: '0.25' },
        { kind: 'SHARE_CAP', price: '0.01' },
        { kind: 'DEMAND', price: '14.2' },
      ],
      chosen: [
        {
          quantity: 120,
          totalCost: { amountMinor: 156_000, currency: 'CNY' },
          reducedCost: '0.000000',
          currency: 'CNY',
          terms: [term('EX_WORKS', 150_000), term('FREIGHT', 6_000), term('SETUP', 0)],
          excludedBy: [],
        },
        {
          quantity: 60,
          totalCost: { amountMinor: 78_600, currency: 'CNY' },
          reducedCost: '0.000000',
          currency: 'CNY',
          terms: [term('EX_WORKS', 75_600), term('FREIGHT', 3_000), term('SETUP', 0)],
          excludedBy: [],
        },
      ],
      runnerUp: { quantity: 0, totalCost: { amountMinor: 275_000 }, reducedCost: '0.400000' },
    });
  });

  it('are replayable while the input of their run is kept', async () => {
    const runId = await decideOne({ allocations: [] });
    await r.db.run.update({ where: { runId }, data: { inputHash: `hash_${runId}` } });
    expect((await read(runId, 'replayable')).replayable).toBe(false);
    await r.db.runInput.create({ data: { inputHash: `hash_${runId}`, input: Buffer.from('x'), storedAt: r.clock.now() } });
    expect((await read(runId, 'replayable')).replayable).toBe(true);
  });

  it('list all candidates page by page', async () => {
    const runId = await decideOne(split, splitDecision);
    const page = (args: string) =>
      read(
        runId,
        `considered(${args}) { totalCount nodes { quantity } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }`,
      );
    const { considered: first } = await page('first: 2');
    expect(first).toMatchObject({
      totalCount: 3,
      nodes: [{ quantity: 120 }, { quantity: 60 }],
      pageInfo: { hasNextPage: true, hasPreviousPage: false },
    });
    const { considered: rest } = await page(`first: 2, after: "${first.pageInfo.endCursor}"`);
    expect(rest).toMatchObject({ totalCount: 3, nodes: [{ quantity: 0 }], pageInfo: { hasNextPage: false, hasPreviousPage: true } });
    await expect(page('first: 201')).rejects.toThrow('within 1 and 200');
    await expect(page('after: "nonsense"')).rejects.toThrow('not a cursor of this list');
  });

  it('tell a maker’s own part by name, and that of others without', async () => {
    const runId = await decideOne(split, splitDecision);
    const forAnna = await tell(runId, anna);
    expect(forAnna.en).toContain('Anna Garments makes 120 pieces');
    expect(forAnna.en).toContain('Another maker makes 60 pieces');
    expect(forAnna.en).toContain('The next best was another maker');
    expect(forAnna.zh).toContain('另一家工厂生产 60 件');
    const forBert = await tell(runId, bert);
    for (const text of [forAnna.en, forAnna.zh]) expect(text).not.toMatch(/Bert|Cleo|Late/);
    for (const text of [forBert.en, forBert.zh]) expect(text).not.toMatch(/Anna|Cleo|Late/);
    expect((await tell(runId, hub)).en).toContain('Cleo Sewing');
    expect(numbersOf(forAnna.zh)).toEqual(numbersOf(forAnna.en));
  });
});
