/** The rules of downstream that need no database: state machines, cuts of demand, lifetime value, keys. */
import { explainGmn, toDemoGmn, withGmnCheck } from '../../../subgraph-kit/gs1.ts';
import { createProblems } from '../../../subgraph-kit/problems.ts';
import { isLegalMove } from '../../../subgraph-kit/state-machine.ts';
import { checkCut, cutDemand, totalOf, type CutKnowledge } from '../../../subgraphs/downstream/cut-demand.ts';
import { divideHalfEven } from '../../../subgraph-kit/money.ts';
import { lifetimeValue, toBps } from '../../../subgraphs/downstream/lifetime-value.ts';
import { campaignStates, demandStates, styleLife } from '../../../subgraphs/downstream/state-machines.ts';
import { hashBuyer } from '../../../subgraphs/downstream/writes/sales.ts';
import { startOf } from '../../../subgraphs/downstream/windows.ts';

const legalMoves = (machine: { moves: Record<string, readonly string[]> }): string[] =>
  Object.entries(machine.moves).flatMap(([from, targets]) => targets.map((to) => `${from}>${to}`));

describe('state machines', () => {
  it('let a demand line move as published and in no other way', () => {
    expect(legalMoves(demandStates)).toEqual([
      'OPEN>PARTIAL',
      'OPEN>ALLOCATED',
      'OPEN>REFUSED',
      'OPEN>EXPIRED',
      'OPEN>CANCELLED',
      'PARTIAL>OPEN',
      'PARTIAL>ALLOCATED',
      'PARTIAL>CANCELLED',
      'ALLOCATED>OPEN',
      'ALLOCATED>PARTIAL',
      'ALLOCATED>IN_PRODUCTION',
      'ALLOCATED>CANCELLED',
      'IN_PRODUCTION>SHIPPED',
      'SHIPPED>FULFILLED',
      'REFUSED>OPEN',
      'REFUSED>CANCELLED',
    ]);
    expect(isLegalMove(demandStates, 'IN_PRODUCTION', 'CANCELLED')).toBe(false);
  });

  it('let a campaign be called off before it is live only', () => {
    expect(legalMoves(campaignStates)).toEqual(['DRAFT>PRESALE', 'DRAFT>CANCELLED', 'PRESALE>LIVE', 'PRESALE>CANCELLED', 'LIVE>CLOSED']);
  });

  it('never let a style come back from markdown', () => {
    expect(styleLife.moves.MARKDOWN).toEqual(['RETIRED']);
    expect(styleLife.moves.RETIRED).toEqual([]);
    expect(legalMoves(styleLife)).toHaveLength(15);
  });

  it('name no state that is not listed, and reach every state', () => {
    for (const machine of [demandStates, campaignStates, styleLife]) {
      const reached = new Set<string>([machine.initial, ...Object.values(machine.moves).flat()]);
      expect(reached).toEqual(new Set(Object.keys(machine.moves)));
    }
  });
});

const known: CutKnowledge = {
  styleOfGtin: new Map([
    ['111', 'sty_1'],
    ['222', 'sty_2'],
  ]),
  gtinsOf: (styleId, colour) =>
    styleId === 'sty_1' && colour === 'blue'
      ? new Map([
          ['S', '111'],
          ['M', '112'],
          ['L', '113'],
        ])
      : new Map(),
  segments: new Map([
    [
      'seg_1',
      {
        memberId: 'mbr_1',
        curve: [
          { size: 'S', shareBps: 3_333 },
          { size: 'M', shareBps: 3_334 },
          { size: 'L', shareBps: 3_333 },
        ],
      },
    ],
    ['seg_2', { memberId: 'mbr_2', curve: [{ size: 'S', shareBps: 10_000 }] }],
    [
      'seg_3',
      {
        memberId: 'mbr_1',
        curve: [
          { size: 'XS', shareBps: 5_000 },
          { size: 'S', shareBps: 5_000 },
          { size: 'XL', shareBps: 0 },
        ],
      },
    ],
  ]),
};
const cut = (wish: Parameters<typeof cutDemand>[0]['cut']) => {
  const problems = createProblems();
  const made = cutDemand({ styleId: 'sty_1', memberId: 'mbr_1', cut: wish }, known, problems);
  return { ...made, problems: problems.list.map(({ code, path }) => `${code} ${path.join('.')}`) };
};

describe('cutting demand', () => {
  it('gives the quantity of a curve away exactly, largest remainder first', () => {
    const made = cut({ curve: { quantity: 100, segmentId: 'seg_1', colour: 'blue' } });
    expect(made.sizes).toEqual([
      { gtin: '111', quantity: 33 },
      { gtin: '112', quantity: 34 },
      { gtin: '113', quantity: 33 },
    ]);
    expect(made.segmentId).toBe('seg_1');
    for (const quantity of [1, 2, 7, 101, 999])
      expect(totalOf(cut({ curve: { quantity, segmentId: 'seg_1', colour: 'blue' } }))).toBe(quantity);
  });

  it('leaves sizes out that get no piece', () => {
    expect(cut({ curve: { quantity: 1, segmentId: 'seg_1', colour: 'blue' } }).sizes).toEqual([{ gtin: '112', quantity: 1 }]);
  });

  it('takes sizes as given, of the style only', () => {
    expect(cut({ sizes: [{ gtin: '111', quantity: 5 }] })).toEqual({
      sizes: [{ gtin: '111', quantity: 5 }],
      segmentId: null,
      problems: [],
    });
    expect(
      cut({
        sizes: [
          { gtin: '222', quantity: 5 },
          { gtin: '999', quantity: 5 },
        ],
      }).problems,
    ).toEqual(['NOT_OF_STYLE sizes.0.gtin', 'NOT_OF_STYLE sizes.1.gtin']);
  });

  it('refuses an unknown segment, one of another member, and a colour without a size of the curve', () => {
    const problems = (segmentId: string, colour = 'blue') => cut({ curve: { quantity: 10, segmentId, colour } }).problems;
    expect(problems('seg_9')).toEqual(['NOT_FOUND curve.segmentId']);
    expect(problems('seg_2')).toEqual(['NOT_YOURS curve.segmentId']);
    expect(problems('seg_3')).toEqual(['SIZE_MISSING curve.colour']);
    expect(problems('seg_1', 'red')).toEqual(['SIZE_MISSING curve.colour']);
  });

  it('checks the input alone: GTINs, pieces, repeats, lengths', () => {
    const check = (wish: Parameters<typeof checkCut>[0]) => {
      const problems = createProblems();
      checkCut(wish, problems);
      return problems.list.map(({ code, path }) => `${code} ${path.join('.')}`);
    };
    const [gtinA, gtinB] = ['9520000000011', '9520000000028'];
    expect(
      check({
        sizes: [
          { gtin: gtinA, quantity: 1 },
          { gtin: gtinB, quantity: 2 },
        ],
      }),
    ).toEqual([]);
    expect(check({ sizes: [] })).toEqual(['TOO_FEW sizes']);
    expect(check({ sizes: Array.from({ length: 201 }, () => ({ gtin: gtinA, quantity: 1 })) })).toContain('TOO_MANY sizes');
    expect(
      check({
        sizes: [
          { gtin: gtinA, quantity: 0 },
          { gtin: '9520000000012', quantity: 1 },
        ],
      }),
    ).toEqual(['OUT_OF_RANGE sizes.0.quantity', 'BAD_CHECK_DIGIT sizes.1.gtin']);
    expect(
      check({
        sizes: [
          { gtin: gtinA, quantity: 1 },
          { gtin: gtinA, quantity: 1 },
        ],
      }),
    ).toEqual(['DUPLICATE sizes.1']);
    expect(
      check({
        sizes: [
          { gtin: gtinA, quantity: 600_000 },
          { gtin: gtinB, quantity: 600_000 },
        ],
      }),
    ).toEqual(['OUT_OF_RANGE sizes']);
    expect(check({ curve: { quantity: 0, segmentId: 'seg_1', colour: 'blue' } })).toEqual(['OUT_OF_RANGE curve.quantity']);
  });
});

describe('lifetime value', () => {
  it('is the revenue per buyer over the share that is lost', () => {
    expect(lifetimeValue({ netMinor: 300_000n, buyers: 30, retentionBps: 5_000 })).toBe(20_000n);
    expect(lifetimeValue({ netMinor: 300_000n, buyers: 30, retentionBps: null })).toBe(10_000n);
  });
  it('says nothing below 30 buyers, and takes at most 95 % as coming back', () => {
    expect(lifetimeValue({ netMinor: 300_000n, buyers: 29, retentionBps: 0 })).toBeNull();
    expect(lifetimeValue({ netMinor: 30_000n, buyers: 30, retentionBps: 10_000 })).toBe(20_000n);
  });
  it('rounds half to even, below zero too', () => {
    expect([5n, 7n, -5n, -7n, 6n].map((n) => divideHalfEven(n, 2n))).toEqual([2n, 4n, -2n, -4n, 3n]);
  });
  it('gives shares only of a whole', () => {
    expect([toBps(1, 3), toBps(0, 3), toBps(1, 0)]).toEqual([3_333, 0, null]);
  });
});

it('a window starts so many days before now', () => {
  const now = new Date('2026-11-22T09:00:00Z');
  expect(startOf('D7', now).toISOString()).toBe('2026-11-15T09:00:00.000Z');
  expect(startOf('D30', now, 2).toISOString()).toBe('2026-09-23T09:00:00.000Z');
});

describe('a Global Model Number', () => {
  it('has the check characters of the GS1 General Specifications', () => {
    expect(withGmnCheck('1987654Ad4X4bL5ttr2310c')).toBe('1987654Ad4X4bL5ttr2310c2K');
    expect(explainGmn('1987654Ad4X4bL5ttr2310c2K')).toBeNull();
    expect(explainGmn(toDemoGmn('anything'))).toBeNull();
  });
  it('is refused with any one character changed, and in a wrong form', () => {
    const right = '1987654Ad4X4bL5ttr2310c2K';
    for (let i = 0; i < right.length; i += 1)
      expect(explainGmn(`${right.slice(0, i)}${right[i] === '7' ? '8' : '7'}${right.slice(i + 1)}`)).not.toBeNull();
    expect(explainGmn('ABCDE12')?.kind).toBe('form');
    expect(explainGmn(`${right}X`)?.kind).toBe('form');
    expect(() => withGmnCheck('no digits')).toThrow(RangeError);
  });
});

it('the mark of a buyer becomes a keyed hash that differs by key and member', () => {
  const hash = hashBuyer('k1', 'mbr_1', 'buyer 7');
  expect(hash).toMatch(/^[\w-]{43}$/);
  expect(hashBuyer('k1', 'mbr_1', 'buyer 7')).toBe(hash);
  expect(new Set([hash, hashBuyer('k2', 'mbr_1', 'buyer 7'), hashBuyer('k1', 'mbr_2', 'buyer 7')]).size).toBe(3);
  expect(() => hashBuyer(undefined, 'mbr_1', 'buyer 7')).toThrow('pseudonymKey');
});
