/**
 * What a hostile or careless client may send to plan, lots, goods, money and traffic: text without end, numbers at the edge, wrong
 * currencies, the same item twice, and many changes at once. The answer is a problem or BAD_USER_INPUT, never a failure of ours.
 */
import { startTestHub, type HubAnswer, type Player, type TestHub } from '../_kit/hub.ts';
import { route } from '../_kit/route.ts';
import { feesInput, newSscc, PIECES, policyInput } from './chain.ts';
import { newSource } from './rows/traffic.ts';
import { createWorld, today, yuan, type World } from './world.ts';

let hub: TestHub;
let world: World;

beforeAll(async () => {
  hub = await startTestHub();
  world = await createWorld(hub, hub.change);
  await world.chain.take('despatched', 3);
}, 120_000);
afterAll(() => hub.stop());

const MOST = Number.MAX_SAFE_INTEGER;
const INT = 2_147_483_647;
const at = (): string => world.chain.at();

/** Codes of problems; `BAD_USER_INPUT` where the gateway refuses the input itself. */
async function codesOf(player: Player, name: string, input: Record<string, unknown>): Promise<string[]> {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input!`;
  const source = `mutation ($input: ${type}) { ${name}(input: $input) { problems { code } } }`;
  const answer: HubAnswer = await hub.ask(player, source, { input: { ...input, idempotencyKey: world.key() } });
  if (answer.errors !== undefined) return answer.errors.map((error) => String(error.extensions?.['code']));
  return answer.data[name].problems.map(({ code }: { code: string }) => code);
}
type Attempt = readonly [player: Player, mutation: string, input: Record<string, unknown>, expected: string];

async function expectRefused(attempts: readonly Attempt[]): Promise<void> {
  for (const [player, mutation, input, expected] of attempts)
    expect({ mutation, input, codes: [...new Set(await codesOf(player, mutation, input))] }).toEqual({
      mutation,
      input,
      codes: [expected],
    });
}

/** Events that were ever told: a refused change tells none. */
const told = async (): Promise<Record<string, number>> => Object.fromEntries(await hub.heads());

describe('text', () => {
  const long = (length: number): string => 'x'.repeat(length);
  it('that is too long, empty or blank is refused wherever words are taken', async () => {
    const offered = (await world.chain.take('offered')).allocationId;
    const { lotId } = await world.chain.take('released', 3);
    const { gsin, settlementId } = await world.chain.take('despatched', 3);
    const milestone = { gsin, code: 'DEPARTED', at: at(), source: 'CARRIER' };
    const before = await told();
    await expectRefused([
      [world.creator, 'reroute', { note: long(1_001) }, 'TOO_LONG'],
      [world.maker, 'acceptAllocation', { allocationId: offered, note: long(1_001) }, 'TOO_LONG'],
      [world.maker, 'declineAllocation', { allocationId: offered, reason: 'OTHER', note: long(1_001) }, 'TOO_LONG'],
      [world.maker, 'scrapLot', { lotId, note: long(1_001) }, 'TOO_LONG'],
      [world.maker, 'scrapLot', { lotId, note: ' '.repeat(40) }, 'TOO_LONG'],
      [world.distributor, 'reportMilestone', { ...milestone, note: long(1_001) }, 'TOO_LONG'],
      [world.distributor, 'cancelShipment', { gsin, note: '' }, 'TOO_LONG'],
      [world.creator, 'disputeSettlement', { settlementId, note: long(4_001) }, 'TOO_LONG'],
      [hub.hub, 'resolveDispute', { settlementId, note: '' }, 'TOO_LONG'],
      [hub.hub, 'publishPolicy', policyInput(long(41)), 'TOO_LONG'],
      [hub.hub, 'publishFees', feesInput(''), 'TOO_LONG'],
    ]);
    expect(await told()).toEqual(before);
  });
  it('that no database can write is refused, however deep it stands', async () => {
    const { lotId } = await world.chain.take('released', 3);
    for (const text of ['a\u0000b', 'a\ud800b']) {
      const attempts: [Player, string, Record<string, unknown>][] = [
        [world.creator, 'reroute', { note: text }],
        [world.maker, 'acceptAllocation', { allocationId: text }],
        [world.maker, 'scrapLot', { lotId, note: text }],
        [
          world.distributor,
          'despatchShipment',
          { gsin: 'x', at: at(), units: [{ sscc: newSscc(), contents: [{ gtin: text, lotId, quantity: 1 }] }] },
        ],
        [hub.hub, 'recordCashFlow', world.chain.payment({ ...(await world.chain.take('offered')) }, { documentId: text })],
        [world.creator, 'recordSignals', { signals: [{ styleId: text, at: at(), windowSeconds: 1 }] }],
      ];
      for (const [player, name, input] of attempts)
        expect(['BAD_USER_INPUT', 'BAD_REQUEST']).toContain((await codesOf(player, name, input))[0]);
    }
    for (const field of [
      'lot(lotId: $id) { lotId }',
      'shipment(gsin: $id) { gsin }',
      'settlement(settlementId: $id) { status }',
      'document(documentId: $id) { number }',
    ])
      expect((await hub.ask(hub.hub, `query ($id: ID!) { ${field} }`, { id: 'a\u0000' })).errors?.[0]?.extensions?.['code']).toBe(
        'BAD_USER_INPUT',
      );
  });
});

describe('numbers', () => {
  it('at the edge and beyond it are refused, or taken as they are', async () => {
    const { allocationId } = await world.chain.take('offered');
    const { lotId } = await world.chain.take('released', 3);
    const paid = await world.chain.take('offered');
    const { sourceId } = await newSource(world);
    const counter = { allocationId, promisedDate: '2026-12-09', unitPrice: yuan(3), quantity: 10 };
    const report = { lotId, stage: 'SEWING', at: at() };
    const reading = { sourceId, day: today, reactions: 1 };
    const rate = { date: today, from: 'EUR', to: 'CNY', rate: '7.8' };
    const before = await told();
    await expectRefused([
      ...[0, -1, PIECES + 1, INT].map((quantity): Attempt => [world.maker, 'counterAllocation', { ...counter, quantity }, 'OUT_OF_RANGE']),
      [world.maker, 'counterAllocation', { ...counter, quantity: INT + 1 }, 'BAD_USER_INPUT'],
      [world.maker, 'counterAllocation', { ...counter, unitPrice: yuan(0) }, 'OUT_OF_RANGE'],
      [world.maker, 'counterAllocation', { ...counter, unitPrice: { amountMinor: MOST + 1, currency: 'CNY' } }, 'BAD_USER_INPUT'],
      [world.maker, 'counterAllocation', { ...counter, unitPrice: { amountMinor: 300, currency: 'EUR' } }, 'CURRENCY_MISMATCH'],
      [world.maker, 'counterAllocation', { ...counter, promisedDate: '2026-11-01' }, 'DAY_IN_PAST'],
      ...[-1, INT].map((qtyOut): Attempt => [world.maker, 'reportStage', { ...report, qtyOut }, 'OUT_OF_RANGE']),
      [world.maker, 'reportStage', { ...report, qtyIn: PIECES, qtyOut: 0, scrap: PIECES + 1 }, 'OUT_OF_RANGE'],
      [world.maker, 'reportStage', { ...report, qtyOut: 1, at: '2027-01-01T00:00:00Z' }, 'DAY_IN_FUTURE'],
      ...[0, -5, MOST].map((amountMinor): Attempt => [
        hub.hub,
        'recordCashFlow',
        world.chain.payment(paid, { amount: { amountMinor, currency: 'CNY' } }),
        'OUT_OF_RANGE',
      ]),
      [hub.hub, 'recordCashFlow', world.chain.payment(paid, { kind: 'REFUND' }), 'BAD_CODE'],
      [hub.hub, 'recordCashFlow', world.chain.payment(paid, { kind: 'REFUND', direction: 'OUT' }), 'OUT_OF_RANGE'],
      [hub.hub, 'recordCashFlow', world.chain.payment(paid, { party: {} }), 'BAD_USER_INPUT'],
      [hub.hub, 'publishFees', { ...feesInput('edge'), taxBps: 10_001 }, 'OUT_OF_RANGE'],
      [hub.hub, 'publishFees', { ...feesInput('edge'), returnReserveBps: 9_900 }, 'OUT_OF_RANGE'],
      [hub.hub, 'publishPolicy', { ...policyInput('edge'), candidateLimit: 0 }, 'OUT_OF_RANGE'],
      [hub.hub, 'publishPolicy', { ...policyInput('edge'), unservedPenalty: '-1' }, 'BAD_CODE'],
      [hub.hub, 'publishPolicy', { ...policyInput('edge'), unservedPenalty: '9'.repeat(30) }, 'BAD_CODE'],
      ...['0', '0.0'].map((value): Attempt => [hub.hub, 'recordFxRates', { rates: [{ ...rate, rate: value }] }, 'OUT_OF_RANGE']),
      ...Object.entries({ '-1': 'BAD_CODE', '1111111111111': 'BAD_CODE', '1e3': 'BAD_USER_INPUT' }).map(([value, expected]): Attempt => {
        return [hub.hub, 'recordFxRates', { rates: [{ ...rate, rate: value }] }, expected];
      }),
      [hub.hub, 'recordFxRates', { rates: [{ ...rate, to: 'EUR' }] }, 'BAD_CODE'],
      [world.creator, 'recordTraffic', { readings: [{ ...reading, views: -1 }] }, 'OUT_OF_RANGE'],
      [world.creator, 'recordTraffic', { readings: [{ ...reading, reactions: MOST + 1 }] }, 'BAD_USER_INPUT'],
      [world.creator, 'recordTraffic', { readings: [{ ...reading, day: '2027-01-01' }] }, 'DAY_IN_FUTURE'],
      [world.creator, 'recordSignals', { signals: [{ sourceId, at: at(), windowSeconds: 0 }] }, 'OUT_OF_RANGE'],
    ]);
    expect(await told()).toEqual(before);
    const most = { ...reading, views: MOST, reactions: MOST, followers: MOST };
    const { sources } = await world.done(world.creator, 'recordTraffic', { readings: [most] }, 'sources { followers reach7d }');
    expect(sources).toEqual([{ followers: MOST, reach7d: MOST }]);
  });

  it('that add up to more than a number can say are shown as the most it can say', async () => {
    const { sourceId } = await newSource(world);
    const readings = [today, '2026-11-21', '2026-11-20'].map((day) => ({
      sourceId,
      day,
      views: MOST,
      reactions: MOST,
      orders: INT,
      clicks: MOST,
    }));
    const { sources } = await world.done(world.creator, 'recordTraffic', { readings }, 'sources { reach7d conversionRateBps }');
    expect(sources[0].reach7d).toBe(MOST);
  });

  it('of money that add up to more than a number can say break no answer, and nobody who follows sales', async () => {
    const { styleId, gtins } = await world.newStyle();
    const sale = {
      kind: 'SALE',
      gtin: gtins[0],
      quantity: 1,
      unitPrice: { amountMinor: MOST, currency: 'CNY' },
      soldAt: '2026-11-21T08:00:00Z',
    };
    const answers = [
      await codesOf(world.creator, 'recordSales', { sales: [sale, sale, sale] }),
      await codesOf(world.creator, 'recordSales', { sales: [sale] }),
    ];
    expect(answers.flat().filter((code) => code !== 'OUT_OF_RANGE')).toEqual([]);
    await hub.settle();
    const question = `{ style(styleId: "${styleId}") { sales { gmv { amountMinor } netGmv { amountMinor } } mismatch { fillRateBps } } controlTower { cashToCashDays } }`;
    for (const player of [world.creator, hub.hub]) expect((await hub.ask(player, question)).errors).toBeUndefined();
  });

  it('of pieces neither grow nor vanish: units, receipts and lots must agree', async () => {
    const piece = await world.chain.take('booked', 3);
    const { gtin, siteGln } = await world.chain.getGround();
    const unit = (quantity: number, sscc = newSscc()) => ({ sscc, contents: [{ gtin, lotId: piece.lotId, quantity }] });
    const same = newSscc();
    const send = (...units: unknown[]): Record<string, unknown> => ({ gsin: piece.gsin, units, at: at() });
    const sent = await world.chain.take('despatched', 3);
    const receive = (good: number, damaged = 0): Record<string, unknown> => {
      return { gsin: sent.gsin, siteGln, lines: [{ gtin, lotId: sent.lotId, good, damaged }], at: at() };
    };
    const before = await told();
    await expectRefused([
      [world.distributor, 'despatchShipment', send(unit(PIECES + 1)), 'STOCK_SHORT'],
      [world.distributor, 'despatchShipment', send(unit(PIECES), unit(1)), 'STOCK_SHORT'],
      [world.distributor, 'despatchShipment', send(unit(1, same), unit(1, same)), 'DUPLICATE'],
      [world.distributor, 'despatchShipment', send(unit(0)), 'OUT_OF_RANGE'],
      [world.distributor, 'despatchShipment', send(unit(-3)), 'OUT_OF_RANGE'],
      [world.distributor, 'despatchShipment', send(unit(1, '095200000000000000')), 'BAD_CHECK_DIGIT'],
      [world.distributor, 'receiveShipment', receive(-1), 'OUT_OF_RANGE'],
      [world.distributor, 'receiveShipment', receive(PIECES, 1), 'OUT_OF_RANGE'],
    ]);
    expect(await told()).toEqual(before);
  });
});

describe('lists', () => {
  it('that hang on a row refuse a cursor of anybody’s making, and more than 200 nodes at a time', async () => {
    const { allocationId, gsin } = await world.chain.take('despatched', 3);
    const allocation = (field: string): string => `{ allocation(allocationId: "${allocationId}") { ${field} } }`;
    const lists = [
      (more: string) => allocation(`changes(${more}) { totalCount }`),
      (more: string) => allocation(`decision { considered(${more}) { totalCount } }`),
      (more: string) => allocation(`run { prices(${more}) { totalCount } }`),
      (more: string) => allocation(`run { allocations(${more}) { totalCount } }`),
      (more: string) => allocation(`settlement { cashFlows(${more}) { totalCount } }`),
      (more: string) => allocation(`shipments(${more}) { totalCount }`),
      (more: string) => allocation(`lot { logisticUnits(${more}) { totalCount } }`),
      (more: string) => `{ shipment(gsin: "${gsin}") { units(${more}) { totalCount } } }`,
    ];
    for (const list of lists) {
      for (const more of ['after: ""', 'after: "x"', 'after: "WyJhIl0"', 'after: "cGxhY2UgLTE"', 'first: 201', 'first: 0', 'first: -1']) {
        const { errors } = await hub.ask(hub.hub, list(more));
        const codes = errors?.map((error) => error.extensions?.['code']);
        // the gateway counts nodes before it asks anybody
        const expected = more === 'first: 201' ? 'LIMIT_EXCEEDED' : 'BAD_USER_INPUT';
        expect({ question: list(more), codes }).toEqual({ question: list(more), codes: [expected] });
      }
    }
  });
  it('that are empty, too long or name an item twice are refused; the good items of a list are kept', async () => {
    const { sourceId } = await newSource(world);
    const rate = { date: today, from: 'GBP', to: 'CNY', rate: '9.1' };
    const reading = { sourceId, day: today, reactions: 1 };
    await expectRefused([
      [hub.hub, 'recordFxRates', { rates: [] }, 'TOO_FEW'],
      [hub.hub, 'recordFxRates', { rates: Array.from({ length: 1_001 }, () => rate) }, 'TOO_MANY'],
      [world.creator, 'recordTraffic', { readings: Array.from({ length: 1_001 }, () => reading) }, 'TOO_MANY'],
      [world.creator, 'recordSignals', { signals: [] }, 'TOO_FEW'],
    ]);
    const rates = [rate, { ...rate, rate: '9.2' }, { ...rate, to: 'EUR', rate: '1.2' }];
    const payload = await hub.change(hub.hub, 'recordFxRates', { rates, idempotencyKey: world.key() }, 'rates { to rate }');
    expect(payload.rates).toEqual([{ to: 'CNY', rate: '9.1' }, null, { to: 'EUR', rate: '1.2' }]);
    expect(payload.problems).toEqual([expect.objectContaining({ code: 'DUPLICATE', path: ['rates', '1'] })]);
    const readings = [reading, { ...reading, reactions: 9 }];
    const twice = await hub.change(world.creator, 'recordTraffic', { readings, idempotencyKey: world.key() }, 'sources { sourceId }');
    expect([twice.sources, twice.problems.map(({ code }: any) => code)]).toEqual([[{ sourceId }, null], ['DUPLICATE']]);
  });
});

describe('many at once', () => {
  const times = <T>(count: number, work: (i: number) => Promise<T>): Promise<T[]> =>
    Promise.all(Array.from({ length: count }, (_, i) => work(i)));
  const sorted = (codes: string[][]): string[] => codes.flat().toSorted();

  it('of those who answer one offer, one does', async () => {
    const { allocationId } = await world.chain.take('offered');
    const answers = await times(6, (i) =>
      i % 2 === 0
        ? codesOf(world.maker, 'acceptAllocation', { allocationId })
        : codesOf(world.maker, 'declineAllocation', { allocationId, reason: 'OTHER' }),
    );
    expect(sorted(answers)).toEqual(Array.from({ length: 5 }, () => 'WRONG_STATE'));
    await hub.settle();
  });
  it('of payments out of one settlement, each part is paid once', async () => {
    const { settlementId } = await world.chain.paid('accepted');
    const answers = await times(6, () => codesOf(hub.hub, 'releaseSettlement', { settlementId }));
    expect(sorted(answers)).toEqual(Array.from({ length: 5 }, () => 'NOTHING_DUE'));
    const { data } = await hub.ask(hub.hub, `{ settlement(settlementId: "${settlementId}") { balanced cashFlows { nodes { kind at } } } }`);
    const done = data.settlement.cashFlows.nodes.filter(({ kind, at: when }: any) => kind === 'MAKER_PAYMENT' && when !== null);
    expect([data.settlement.balanced, done.length]).toEqual([true, 1]);
  });
  it('of reports that take the last pieces in, those that fit are taken', async () => {
    const { lotId } = await world.chain.take('released', 3);
    const answers = await times(6, () => codesOf(world.maker, 'reportStage', { lotId, stage: 'SEWING', qtyIn: 50, qtyOut: 50, at: at() }));
    expect(sorted(answers)).toEqual(Array.from({ length: 4 }, () => 'OUT_OF_RANGE'));
    const { data } = await hub.ask(world.maker, `{ lot(lotId: "${lotId}") { progress { qtyOut } } }`);
    expect(data.lot.progress[0].qtyOut).toBe(100);
  });
  it('of shipments that take the same pieces, one leaves', async () => {
    const piece = await world.chain.take('completed', 3);
    await hub.settle();
    const book = async (): Promise<string> =>
      (await world.done(world.distributor, 'bookShipment', await world.chain.bookInput(piece), 'shipment { gsin }')).shipment.gsin;
    const booked = [await book(), await book(), await book()];
    const answers = await Promise.all(
      booked.map(async (gsin) => codesOf(world.distributor, 'despatchShipment', await world.chain.despatchInput({ ...piece, gsin }))),
    );
    expect(sorted(answers)).toEqual(['STOCK_SHORT', 'STOCK_SHORT']);
  });
  it('runs wait up to a limit, and no one member can bring routing to a stop', async () => {
    const answers = await times(40, () => codesOf(world.mcn, 'reroute', {}));
    expect(new Set(answers.flat())).toEqual(new Set(['TOO_MANY']));
    expect(answers.filter((codes) => codes.length === 0).length).toBeGreaterThanOrEqual(20);
    await hub.settle();
    expect((await route(hub)).status).toBe('OPTIMAL');
  }, 90_000);
  it('commits of one run make it the plan once', async () => {
    const { runId } = await route(hub);
    const answers = await times(4, () => codesOf(hub.hub, 'commitRun', { runId }));
    expect(sorted(answers)).toEqual(['WRONG_STATE', 'WRONG_STATE', 'WRONG_STATE']);
    await hub.settle();
  });
});
