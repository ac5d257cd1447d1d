/** What a run reads: whole lists page by page, in the currency of the hub, less what is placed already; and nothing that is paid to the hub. */
import { toBusinessDay } from '../../../../lib/clock/clock.ts';
import type { RoutingInput } from '../../../../subgraphs/routing/model/types.ts';
import { readIndustry } from '../../../../subgraphs/routing/run/read-industry.ts';
import { hashInput, readStoredText, storeInput, toCanonicalText } from '../../../../subgraphs/routing/run/input-hash.ts';
import { testStart } from '../../../_kit/subgraph.ts';
import {
  bucketNode,
  createAskHub,
  distributorNode,
  enterAllocations,
  enterRun,
  lineNode,
  makerNode,
  openRouting,
  quoteNode,
  smallIndustry,
  tariff,
  today,
  type Nodes,
} from './_kit.ts';

let routing: Awaited<ReturnType<typeof openRouting>>;

beforeEach(async () => {
  routing = await openRouting();
});
afterEach(() => routing.close());

const never = new AbortController().signal;

async function read(nodes: Nodes) {
  const { askHub, asked } = createAskHub(() => nodes);
  const run = await enterRun(routing.write);
  const industry = await readIndustry(askHub, { db: routing.db, run, settings: routing.settings, now: testStart, signal: never });
  return { ...industry, asked };
}

const lineOf = (input: RoutingInput, i: number) => input.lines.find(({ id }) => id === lineNode(i).demandLineId);

describe('the lists', () => {
  it('are read whole, 200 at a time, and each day of capacity by itself', async () => {
    const nodes = smallIndustry({
      demandLines: Array.from({ length: 450 }, (_, i) => lineNode(i)),
      makers: Array.from({ length: 401 }, (_, i) => makerNode(i)),
      capacityBuckets: Array.from({ length: 250 }, (_, i) => bucketNode(i, '2026-11-24', 'SEWING')),
    });
    const { input, asked } = await read(nodes);
    expect([input.lines.length, input.makers.length, input.buckets.length]).toEqual([450, 401, 250]);
    expect(new Set(input.lines.map(({ id }) => id)).size).toBe(450);
    expect(asked.filter(({ field }) => field === 'demandLines')).toHaveLength(3);
    expect(asked.every(({ variables }) => variables['first'] === 200)).toBe(true);
    const days = asked.filter(({ field }) => field === 'capacityBuckets').map(({ variables }) => variables['from']);
    // up to 2026-12-12, the last day on which a line is of use; the horizon is longer
    expect(new Set(days).size).toBe(21);
    // two pages of each of the two stages that the lines need
    expect(days.filter((day) => day === '2026-11-24')).toHaveLength(4);
  });

  it('hold minutes of the stages that lines need, and of no other where these are few', async () => {
    const { style } = lineNode(1);
    const sewn = lineNode(1, { style: { ...style, operations: (style.operations ?? []).filter(({ stage }) => stage === 'SEWING') } });
    const stagesOf = async (demandLines: Nodes['demandLines']) => {
      const { asked } = await read(smallIndustry({ demandLines, makers: [makerNode(1)] }));
      return new Set(asked.filter(({ field }) => field === 'capacityBuckets').map(({ variables }) => variables['stage']));
    };
    expect(await stagesOf([sewn])).toEqual(new Set(['SEWING']));
    expect(await stagesOf([])).toEqual(new Set());
  });

  it('take a row that came twice once', async () => {
    const { input } = await read(smallIndustry({ demandLines: [lineNode(1), lineNode(1)], makers: [makerNode(1), makerNode(1)] }));
    expect([input.lines.length, input.makers.length]).toEqual([1, 1]);
  });

  it('are refused whole when one answer has another shape', async () => {
    const nodes = smallIndustry({ makers: [makerNode(1, { country: 7 as unknown as string })] });
    await expect(read(nodes)).rejects.toMatchObject({ code: 'GATEWAY_REFUSED', message: expect.stringContaining('makers') });
  });

  it('are given up when the run is', async () => {
    const run = await enterRun(routing.write);
    const stop = new AbortController();
    const askHub = (_source: string, _variables: unknown, signal?: AbortSignal) =>
      new Promise<never>((_resolve, reject) => signal?.addEventListener('abort', () => reject(new Error('given up'))));
    const reading = readIndustry(askHub, { db: routing.db, run, settings: routing.settings, now: testStart, signal: stop.signal });
    stop.abort();
    await expect(reading).rejects.toThrow('given up');
  });
});

describe('demand', () => {
  it('tells the work on a piece by stage, in the order of the work', async () => {
    const { input } = await read(smallIndustry());
    expect(lineOf(input, 1)?.work).toEqual([
      { stage: 'CUTTING', minutes: 1.25, tags: ['CUT_AUTO'] },
      { stage: 'SEWING', minutes: 6, tags: ['KNIT_OVERLOCK', 'LOCKSTITCH'] },
    ]);
    expect(lineOf(input, 1)).toMatchObject({ quantity: 100, priceCap: 60, margin: 30, shipTo: 'CNSHA', campaignId: 'cmp_1' });
  });

  it('is firm: nothing is made from a forecast', async () => {
    const kinds = ['ORDER', 'FORECAST', 'PRESALE'].map((kind, i) => lineNode(i, { kind }));
    const { input } = await read(smallIndustry({ demandLines: kinds }));
    expect(input.lines.map(({ id }) => id)).toEqual(['dln_00000', 'dln_00002']);
  });

  it('is what is not placed yet, and not of the past', async () => {
    await enterAllocations(routing.db, [
      { line: 1, gln: 'gln_00001', status: 'OFFERED', quantity: 10 },
      { line: 1, gln: 'gln_00002', status: 'ACCEPTED', quantity: 20 },
      { line: 1, gln: 'gln_00002', status: 'FROZEN', quantity: 30 },
      { line: 1, gln: 'gln_00002', status: 'COMPLETED', quantity: 5 },
      { line: 1, gln: 'gln_00002', status: 'PROPOSED', quantity: 99 },
      { line: 1, gln: 'gln_00001', status: 'DECLINED', quantity: 40 },
      { line: 1, gln: 'gln_00001', status: 'SUPERSEDED', quantity: 50 },
      { line: 2, gln: 'gln_00001', status: 'ACCEPTED', quantity: 100 },
    ]);
    const nodes = smallIndustry({
      demandLines: [lineNode(1), lineNode(2), lineNode(3, { latestDate: '2026-11-21' }), lineNode(4, { latestDate: today })],
    });
    const { input } = await read(nodes);
    expect(input.lines.map(({ id, quantity }) => [id, quantity])).toEqual([
      ['dln_00001', 35],
      ['dln_00004', 100],
    ]);
    expect(lineOf(input, 1)?.declinedBy).toEqual(['gln_00001']);
    expect(lineOf(input, 4)?.declinedBy).toEqual([]);
  });

  it('takes the newest quote of each maker as a bid', async () => {
    const eur = { amountMinor: 100, currency: 'EUR' };
    const makerQuotes = [
      quoteNode(3, 1, 1),
      quoteNode(2, 1, 2, { unitPrice: eur }),
      quoteNode(1, 1, 1, { unitPrice: { amountMinor: 1, currency: 'CNY' } }),
    ];
    const { input, problems } = await read(smallIndustry({ makerQuotes }));
    expect(lineOf(input, 1)?.bids).toEqual([
      {
        kind: 'QUOTE',
        id: 'quo_00003',
        gln: 'gln_00001',
        unitPrice: 8.8,
        setupCost: 50,
        minQuantity: 20,
        maxQuantity: null,
        day: '2026-12-01',
      },
    ]);
    expect(lineOf(input, 2)?.bids).toEqual([]);
    expect(problems).toMatchObject([{ code: 'NO_EXCHANGE_RATE', message: expect.stringContaining('quotes') }]);
  });

  it('takes a counter-offer as a bid and gives its minutes back', async () => {
    const bucket = bucketNode(1, '2026-11-23', 'SEWING');
    const counter = { quantity: 60, priceMinor: 1_250n, currency: 'CNY', day: '2026-12-06' };
    const [id] = await enterAllocations(routing.db, [
      { line: 1, gln: 'gln_00001', status: 'COUNTERED', quantity: 80, bucketId: bucket.bucketId, minutes: 40, counter },
    ]);
    const { input } = await read(smallIndustry());
    expect(lineOf(input, 1)).toMatchObject({
      quantity: 100,
      bids: [{ kind: 'COUNTER', id, gln: 'gln_00001', unitPrice: 12.5, setupCost: 0, minQuantity: 60, maxQuantity: 60, day: '2026-12-06' }],
    });
    expect(input.buckets.find(({ id: bucketId }) => bucketId === bucket.bucketId)?.freeMinutes).toBe(890);
  });
});

describe('capacity', () => {
  it('leaves out what is full, and counts an allocation that upstream has not heard of yet', async () => {
    const [late, full, other] = [1, 2, 3].map((i) => bucketNode(i, '2026-11-23', 'SEWING'));
    await enterAllocations(routing.db, [
      { line: 9, gln: 'gln_00001', status: 'OFFERED', quantity: 10, bucketId: late?.bucketId ?? '', minutes: 700 },
      { line: 9, gln: 'gln_00003', status: 'DECLINED', quantity: 10, bucketId: other?.bucketId ?? '', minutes: 700 },
    ]);
    const nodes = smallIndustry({
      makers: [1, 2, 3].map((i) => makerNode(i)),
      capacityBuckets: [late, { ...full, committedMinutes: 950 }, other].filter((node) => node !== undefined) as Nodes['capacityBuckets'],
    });
    const { input } = await read(nodes);
    expect(input.buckets.map(({ gln, freeMinutes, efficiencyBps }) => [gln, freeMinutes, efficiencyBps])).toEqual([
      ['gln_00001', 300, 8_000],
      ['gln_00003', 850, 8_000],
    ]);
  });
});

describe('amounts', () => {
  it('are in the currency of the hub, by the rate of the day or the last before it', async () => {
    const at = new Date();
    for (const [from, day, rate] of [
      ['USD', '2026-11-20', '7.1'],
      ['USD', '2026-11-21', '7.2'],
      ['USD', '2026-11-23', '9'],
      ['JPY', '2026-11-22', '0.05'],
    ] as const)
      await routing.db.fxRate.create({ data: { from, to: 'CNY', date: new Date(day), rate, recordedAt: at } });
    const term = makerNode(1).terms[0];
    if (term === undefined) throw new Error('a maker has terms');
    const { input, problems } = await read(
      smallIndustry({
        demandLines: [
          lineNode(1, { unitPriceCap: { amountMinor: 1_000, currency: 'USD' }, unitMargin: { amountMinor: 400, currency: 'JPY' } }),
        ],
        makers: [
          makerNode(1, { terms: [{ ...term, minutePrice: '0.5', currency: 'USD', setupCost: { amountMinor: 2_500, currency: 'USD' } }] }),
        ],
      }),
    );
    expect(input.lines[0]).toMatchObject({ priceCap: 72, margin: 20 });
    expect(input.makers[0]?.terms[0]).toMatchObject({ minutePrice: 3.6, setupCost: 180 });
    expect(problems).toEqual([]);
  });

  it('of a currency without a rate are left out, and the run says so', async () => {
    const term = makerNode(1).terms[0];
    if (term === undefined) throw new Error('a maker has terms');
    const { input, problems } = await read(
      smallIndustry({
        demandLines: [
          lineNode(1, { unitPriceCap: { amountMinor: 1_000, currency: 'EUR' }, unitMargin: { amountMinor: 400, currency: 'EUR' } }),
        ],
        makers: [makerNode(1, { terms: [{ ...term, currency: 'VND' }] })],
      }),
    );
    expect(input.lines[0]).toMatchObject({ priceCap: null, margin: 0 });
    expect(input.makers[0]?.terms[0]).toMatchObject({ minutePrice: null, setupCost: 100 });
    expect(problems.map(({ code, message }) => [code, message.slice(0, 24)])).toEqual([
      ['NO_EXCHANGE_RATE', 'no rate from EUR to CNY '],
      ['NO_EXCHANGE_RATE', 'no rate from VND to CNY '],
    ]);
  });
});

describe('lanes', () => {
  it('are those between makers and demand, each by its cheapest distributor that says how long it takes', async () => {
    await routing.db.fxRate.create({ data: { from: 'USD', to: 'CNY', date: new Date(today), rate: '7', recordedAt: new Date() } });
    const { input } = await read(
      smallIndustry({
        distributors: [
          distributorNode(1, [tariff(500, 'CNY', 2), tariff(100, 'CNY', 1, { destinationUnlocode: 'USLAX' })]),
          distributorNode(2, [
            tariff(50, 'USD', 4, { originUnlocode: 'CNHGH' }),
            tariff(700, 'CNY', null, { service: 'HANDLING', unit: 'E48' }),
          ]),
          distributorNode(3, [tariff(1, 'CNY', null)]),
          distributorNode(4, [tariff(1, 'CNY', 9, { validTo: '2026-11-21' })]),
        ],
      }),
    );
    expect(input.lanes).toEqual([
      { origin: 'CNNGB', destination: 'CNSHA', transitDays: 2, perConsignment: 0, perKilogram: 5, perPiece: 0 },
      { origin: 'CNHGH', destination: 'CNSHA', transitDays: 4, perConsignment: 7, perKilogram: 3.5, perPiece: 0 },
    ]);
  });

  it('from a maker without a place are those for any origin', async () => {
    const makers = [makerNode(1, { country: 'BD', unlocode: null })];
    const anywhere = tariff(500, 'CNY', 2, { originUnlocode: null });
    const named = tariff(100, 'CNY', 1, { originUnlocode: 'CNHGH' });
    const { input } = await read(smallIndustry({ makers, distributors: [distributorNode(1, [anywhere, named])] }));
    expect(input.lanes).toEqual([
      { origin: 'BDZZZ', destination: 'CNSHA', transitDays: 2, perConsignment: 0, perKilogram: 5, perPiece: 0 },
    ]);
  });
});

describe('makers', () => {
  it('are known for as many days as routing has heard of them', async () => {
    await routing.db.makerCopy.create({
      data: {
        gln: 'gln_00001',
        memberId: 'mbr_00001',
        name: 'Works 1',
        status: 'ACTIVE',
        country: 'CN',
        enteredAt: new Date('2026-11-12T09:00:00Z'),
        changedAt: new Date('2026-11-12T09:00:00Z'),
      },
    });
    const { input } = await read(smallIndustry({ makers: [makerNode(1), makerNode(2, { status: 'PAUSED', quality: null })] }));
    expect(toBusinessDay(testStart, 'Asia/Shanghai')).toBe(today);
    expect(
      input.makers.map(({ daysKnown, status, qualityScore, certificates }) => [daysKnown, status, qualityScore, certificates]),
    ).toEqual([
      [10, 'ACTIVE', 0.9, ['ISO 9001']],
      [0, 'PAUSED', null, ['ISO 9001']],
    ]);
  });
});

describe('the input', () => {
  // every name of a key in a value
  const keysOf = (value: unknown): string[] => {
    if (Array.isArray(value)) return value.flatMap(keysOf);
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([key, inner]) => [key, ...keysOf(inner)]);
  };

  it('has no word for a fee, a price of a place or a level of membership', async () => {
    const { input } = await read(smallIndustry());
    const keys = new Set(keysOf(input));
    expect(keys.size).toBeGreaterThan(50);
    const fees = [
      'taxBps',
      'paymentFeeBps',
      'returnReserveBps',
      'returnWindowDays',
      'makerDepositBps',
      'hubFeeBps',
      'slotFee',
      'cpsRateBps',
      'takeRateBps',
    ];
    for (const fee of fees) expect(keys).not.toContain(fee);
    for (const key of keys) expect(key).not.toMatch(/fee|slot|level|tier|member(ship)?$|paid|deposit|commission|rateBps/i);
  });

  const shuffle = <T>(items: readonly T[]): T[] => items.toReversed().toSorted((_a, b) => (JSON.stringify(b).length % 3) - 1);

  it('has the same hash in whatever order it was read, and another when anything in it differs', async () => {
    const { input } = await read(smallIndustry());
    const turned: RoutingInput = {
      lanes: shuffle(input.lanes),
      buckets: shuffle(input.buckets),
      makers: shuffle(input.makers).map((maker) => ({
        ...maker,
        capabilities: maker.capabilities.toReversed(),
        certificates: maker.certificates.toReversed(),
      })),
      lines: shuffle(input.lines).map((line) => ({
        ...line,
        requiredCapabilities: line.requiredCapabilities.toReversed(),
        work: line.work.toReversed().map((work) => ({ ...work, tags: work.tags.toReversed() })),
      })),
      policy: Object.fromEntries(Object.entries(input.policy).toReversed()) as RoutingInput['policy'],
      horizonTo: input.horizonTo,
      horizonFrom: input.horizonFrom,
      currency: input.currency,
      version: 1,
    };
    expect(JSON.stringify(turned)).not.toBe(JSON.stringify(input));
    expect(hashInput(turned)).toBe(hashInput(input));
    expect(hashInput(input)).toMatch(/^[0-9a-f]{64}$/);
    const [line, ...lines] = input.lines;
    if (line === undefined) throw new Error('there is a line');
    expect(hashInput({ ...input, lines: [{ ...line, quantity: line.quantity + 1 }, ...lines] })).not.toBe(hashInput(input));
  });

  it('is kept once, and comes back as it was', async () => {
    const { input } = await read(smallIndustry());
    const text = toCanonicalText(input);
    const hash = await storeInput(routing.db, text, testStart);
    expect(await storeInput(routing.db, text, testStart)).toBe(hash);
    expect(hash).toBe(hashInput(input));
    expect(await routing.db.runInput.count()).toBe(1);
    expect(await readStoredText(routing.db, hash)).toBe(text);
    expect(await readStoredText(routing.db, 'none')).toBeNull();
  });
});
