/** The rules of shipments that need no database: moves, milestones, units within units, and what a receipt says. */
import fc from 'fast-check';
import { createProblems } from '../../../subgraph-kit/problems.ts';
import { isLegalMove } from '../../../subgraph-kit/state-machine.ts';
import type { MilestoneCode, ShipmentStatus } from '../../../subgraphs/midstream/data/shipment-tables.ts';
import { keepNewest } from '../../../subgraphs/midstream/consume/newest.ts';
import { isOnTheWay, lastReported, reportedBy, stateAfter } from '../../../subgraphs/midstream/milestones.ts';
import { checkAgainstDespatch, checkLines, judgeReceipt } from '../../../subgraphs/midstream/receipt.ts';
import { shipmentStates } from '../../../subgraphs/midstream/state-machines.ts';
import { checkUnits, countPieces, sumByLot, type UnitInput } from '../../../subgraphs/midstream/units.ts';
import { gtin } from './_kit.ts';
import { newSscc } from './_shipping.ts';

// the keys of `moves` are exactly the states
const states = Object.keys(shipmentStates.moves) as ShipmentStatus[];

describe('a shipment', () => {
  it('makes these moves and no other', () => {
    const moves = states.flatMap((from) => states.filter((to) => isLegalMove(shipmentStates, from, to)).map((to) => `${from}>${to}`));
    expect(new Set(moves)).toEqual(
      new Set([
        'BOOKED>PICKED_UP',
        'BOOKED>CANCELLED',
        'PICKED_UP>IN_TRANSIT',
        'PICKED_UP>DELIVERED',
        'PICKED_UP>EXCEPTION',
        'IN_TRANSIT>CUSTOMS',
        'IN_TRANSIT>ARRIVED',
        'IN_TRANSIT>DELIVERED',
        'IN_TRANSIT>EXCEPTION',
        'CUSTOMS>IN_TRANSIT',
        'CUSTOMS>EXCEPTION',
        'ARRIVED>DELIVERED',
        'ARRIVED>EXCEPTION',
        'EXCEPTION>IN_TRANSIT',
        'EXCEPTION>CUSTOMS',
        'EXCEPTION>ARRIVED',
        'EXCEPTION>DELIVERED',
      ]),
    );
  });

  it('is on its way between pick-up and receipt', () => {
    expect(states.filter(isOnTheWay)).toEqual(['PICKED_UP', 'IN_TRANSIT', 'CUSTOMS', 'ARRIVED', 'EXCEPTION']);
  });
});

describe('a milestone', () => {
  it('leads to the state it names', () => {
    const codes: MilestoneCode[] = [
      'BOOKED',
      'PICKED_UP',
      'DEPARTED',
      'ARRIVED',
      'CUSTOMS_ENTERED',
      'CUSTOMS_CLEARED',
      'OUT_FOR_DELIVERY',
      'DELIVERED',
      'DELAYED',
      'DAMAGED',
    ];
    expect(codes.map((code) => stateAfter(code, 'IN_TRANSIT'))).toEqual([
      'BOOKED',
      'PICKED_UP',
      'IN_TRANSIT',
      'ARRIVED',
      'CUSTOMS',
      'IN_TRANSIT',
      'IN_TRANSIT',
      'DELIVERED',
      'EXCEPTION',
      'EXCEPTION',
    ]);
    expect(stateAfter('OUT_FOR_DELIVERY', 'ARRIVED')).toBe('ARRIVED');
    expect(codes.map(reportedBy).filter((mutation) => mutation !== null)).toEqual(['bookShipment', 'despatchShipment', 'receiveShipment']);
  });

  it('is late when one after it was reported, the booking left aside', () => {
    const at = (hour: number): Date => new Date(Date.UTC(2026, 10, 22, hour));
    expect(lastReported([])).toBeNull();
    expect(
      lastReported([
        { code: 'BOOKED', at: at(9) },
        { code: 'DELIVERED', at: null },
      ]),
    ).toBeNull();
    expect(
      lastReported([
        { code: 'BOOKED', at: at(9) },
        { code: 'PICKED_UP', at: at(5) },
        { code: 'DEPARTED', at: at(7) },
      ]),
    ).toEqual(at(7));
  });
});

const content = (quantity: number, lotId = 'lot_1', item = 1) => ({ gtin: gtin(item), lotId, quantity });
const problemsOf = (units: readonly UnitInput[]): string[] => {
  const problems = createProblems();
  checkUnits(problems, units);
  return problems.list.map(({ code, path }) => `${code} ${path.join('.')}`);
};

describe('units', () => {
  it('may stand in each other, and a unit of units may hold nothing of its own', () => {
    const [pallet, box, bag] = [newSscc(), newSscc(), newSscc()];
    const units = [
      { sscc: bag, parentSscc: box, contents: [content(5)] },
      { sscc: box, parentSscc: pallet, contents: [content(7, 'lot_2')] },
      { sscc: pallet, contents: [] },
    ];
    expect(problemsOf(units)).toEqual([]);
    expect(Object.fromEntries(countPieces(units))).toEqual({ [bag]: 5, [box]: 12, [pallet]: 12 });
    expect([...sumByLot(units)]).toEqual([
      ['lot_1', 5],
      ['lot_2', 7],
    ]);
  });

  it('may not stand in themselves, by however many steps, nor in one that is not there', () => {
    const [a, b, c] = [newSscc(), newSscc(), newSscc()];
    const of = (sscc: string, parentSscc: string) => ({ sscc, parentSscc, contents: [content(1)] });
    expect(problemsOf([of(a, a)])).toEqual(['BAD_CODE units.0.parentSscc']);
    expect(problemsOf([of(a, b), of(b, c), of(c, a)])).toEqual([0, 1, 2].map((i) => `BAD_CODE units.${i}.parentSscc`));
    expect(problemsOf([of(a, newSscc())])).toEqual(['NOT_FOUND units.0.parentSscc']);
    expect(problemsOf([{ sscc: a, contents: [content(1)] }, of(a, a)])).toEqual(['DUPLICATE units.1']);
  });

  it('have right numbers, right trade items, and pieces', () => {
    expect(problemsOf([])).toEqual(['TOO_FEW units', 'OUT_OF_RANGE units']);
    expect(problemsOf([{ sscc: newSscc(), contents: [] }])).toEqual(['TOO_FEW units.0.contents', 'OUT_OF_RANGE units']);
    expect(problemsOf([{ sscc: '095200000000000012', contents: [content(1)] }])).toEqual(['BAD_CHECK_DIGIT units.0.sscc']);
    expect(problemsOf([{ sscc: gtin(1), contents: [content(1)] }])).toEqual(['BAD_CHECK_DIGIT units.0.sscc']);
    const wrong = [{ ...content(0), gtin: '9522000000010' }, content(2), content(3)];
    expect(problemsOf([{ sscc: newSscc(), contents: wrong }])).toEqual([
      'DUPLICATE units.0.contents.2',
      'BAD_CHECK_DIGIT units.0.contents.0.gtin',
      'OUT_OF_RANGE units.0.contents.0.quantity',
    ]);
    expect(problemsOf([{ sscc: newSscc(), contents: [content(2_147_483_647), content(1, 'lot_2')] }])).toEqual(['OUT_OF_RANGE units']);
  });

  it('are at most 1,000 with at most 1,000 trade items and lots', () => {
    const many = (n: number) => Array.from({ length: n }, (_, i) => ({ sscc: newSscc(), contents: [content(1, `lot_${i % 1_000}`)] }));
    expect(problemsOf(many(1_000))).toEqual([]);
    expect(problemsOf(many(1_001))).toEqual(['TOO_MANY units']);
    const lines = Array.from({ length: 1_001 }, (_, i) => content(1, `lot_${i}`));
    expect(problemsOf([{ sscc: newSscc(), contents: lines }])).toEqual(['TOO_MANY units.0.contents', 'TOO_MANY units']);
    const wide = Array.from({ length: 11 }, () => ({ sscc: newSscc(), contents: lines.slice(0, 1_000) }));
    expect(problemsOf(wide)).toEqual(['TOO_MANY units']);
  });

  it('at the outside hold together what all hold', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 50 })), { minLength: 1, maxLength: 30 }), (shape) => {
        const ssccs = shape.map(() => newSscc());
        // each unit stands in an earlier one or alone
        const units = shape.map(([place, pieces], i) => {
          const parentSscc = place % (i + 1) === i ? null : (ssccs[place % (i + 1)] ?? null);
          return { sscc: ssccs[i] ?? '', parentSscc, contents: [content(pieces)] };
        });
        expect(problemsOf(units)).toEqual([]);
        const pieces = countPieces(units.toReversed());
        const outside = units.filter((unit) => unit.parentSscc === null).map((unit) => pieces.get(unit.sscc) ?? 0);
        expect(outside.reduce((a, b) => a + b, 0)).toBe(shape.reduce((sum, [, n]) => sum + n, 0));
      }),
    );
  });
});

describe('a receipt', () => {
  const sent = [
    { gtin: gtin(1), lotId: 'lot_1', quantity: 60 },
    { gtin: gtin(2), lotId: 'lot_1', quantity: 40 },
  ];
  const line = (item: number, good: number, damaged = 0) => ({ gtin: gtin(item), lotId: 'lot_1', good, damaged });
  const order = { quantity: 100, goodBefore: 0, promisedDay: '2026-11-22', day: '2026-11-22' };

  it('is on time and in full when all came in good condition by the promised day', () => {
    expect(judgeReceipt([line(1, 60), line(2, 40)], sent, order)).toEqual({
      good: 100,
      damaged: 0,
      onTime: true,
      documentsMatch: true,
      otif: true,
    });
    expect(judgeReceipt([line(1, 60), line(2, 40)], sent, { ...order, day: '2026-11-23' })).toMatchObject({ onTime: false, otif: false });
  });

  it('is not in full with damage, with pieces missing, or while pieces of the allocation are to come', () => {
    expect(judgeReceipt([line(1, 59, 1), line(2, 40)], sent, order)).toMatchObject({
      good: 99,
      damaged: 1,
      documentsMatch: true,
      otif: false,
    });
    expect(judgeReceipt([line(1, 60)], sent, order)).toMatchObject({ good: 60, documentsMatch: false, otif: false });
    expect(judgeReceipt([line(1, 60), line(2, 39)], sent, order)).toMatchObject({ documentsMatch: false, otif: false });
    expect(judgeReceipt([line(1, 60), line(2, 40)], sent, { ...order, quantity: 150 })).toMatchObject({
      documentsMatch: true,
      otif: false,
    });
    expect(judgeReceipt([line(1, 60), line(2, 40)], sent, { ...order, quantity: 150, goodBefore: 50 })).toMatchObject({ otif: true });
  });

  it('has no more of a trade item and lot than was despatched', () => {
    const problems = createProblems();
    checkAgainstDespatch(problems, [line(1, 60, 1), line(2, 40), line(3, 1), { ...line(1, 1), lotId: 'lot_2' }], sent);
    expect(problems.list.map(({ code, path }) => `${code} ${path.join('.')}`)).toEqual([
      'OUT_OF_RANGE lines.0',
      'OUT_OF_RANGE lines.2',
      'OUT_OF_RANGE lines.3',
    ]);
  });

  it('names each trade item and lot once, with pieces not below zero', () => {
    const problems = createProblems();
    checkLines(problems, [line(1, 1), line(1, 2), line(2, -1, -1)]);
    checkLines(problems, []);
    expect(problems.list.map(({ code, path }) => `${code} ${path.join('.')}`)).toEqual([
      'DUPLICATE lines.1',
      'OUT_OF_RANGE lines.2.good',
      'OUT_OF_RANGE lines.2.damaged',
      'TOO_FEW lines',
    ]);
  });
});

describe('of many copies of a row', () => {
  it('the newest is kept, of equal ones the last, in the order of the keys', () => {
    const copy = (id: string, ms: number, n: number) => ({ id, n, changedAt: new Date(ms) });
    expect(keepNewest([copy('b', 2, 1), copy('a', 1, 2), copy('b', 1, 3), copy('a', 1, 4)], (row) => row.id).map((row) => row.n)).toEqual([
      4, 1,
    ]);
  });
});
