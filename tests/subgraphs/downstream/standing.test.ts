/** Where a demand line stands: the state that follows from its allocations, and the moves that lead there. */
import { isLegalMove } from '../../../subgraph-kit/state-machine.ts';
import type { AllocationStatus, DemandStatus } from '../../../subgraphs/downstream/data/rows.ts';
import { deriveStatus, findMoves, frozenOf, placedOf, type AllocationFacts } from '../../../subgraphs/downstream/standing.ts';
import { demandStates } from '../../../subgraphs/downstream/state-machines.ts';

const facts = (quantity: number, status: AllocationStatus, more: Partial<AllocationFacts> = {}): AllocationFacts => ({
  quantity,
  status,
  lotStatus: null,
  lotGoodQty: null,
  shipped: null,
  received: null,
  ...more,
});
const derive = (allocations: readonly AllocationFacts[], refused = false): DemandStatus => deriveStatus(100, { allocations, refused });

describe('the state of a line', () => {
  it('counts the pieces of live allocations only', () => {
    const dead = (['PROPOSED', 'DECLINED', 'SUPERSEDED'] as const).map((status) => facts(100, status));
    expect([derive([]), derive(dead), placedOf({ allocations: dead, refused: false })]).toEqual(['OPEN', 'OPEN', 0]);
    for (const status of ['OFFERED', 'COUNTERED', 'ACCEPTED', 'FROZEN', 'COMPLETED'] as const) {
      expect([status, derive([...dead, facts(99, status)])]).toEqual([status, 'PARTIAL']);
      expect([status, derive([facts(60, status), facts(40, status)])]).toEqual([
        status,
        status === 'COMPLETED' ? 'FULFILLED' : 'ALLOCATED',
      ]);
    }
  });

  it('is refused only while nothing is placed', () => {
    expect([derive([], true), derive([facts(1, 'OFFERED')], true), derive([facts(100, 'OFFERED')], true)]).toEqual([
      'REFUSED',
      'PARTIAL',
      'ALLOCATED',
    ]);
  });

  it('is in production when a lot has begun and no maker may still say no', () => {
    const begun = facts(60, 'FROZEN', { lotStatus: 'IN_PROGRESS' });
    expect(derive([begun])).toBe('PARTIAL');
    expect(derive([begun, facts(40, 'OFFERED')])).toBe('ALLOCATED');
    expect(derive([begun, facts(40, 'COUNTERED')])).toBe('ALLOCATED');
    expect(derive([begun, facts(40, 'ACCEPTED')])).toBe('IN_PRODUCTION');
    for (const lotStatus of ['ON_HOLD', 'COMPLETED', 'CLOSED'] as const)
      expect(derive([facts(100, 'FROZEN', { lotStatus })])).toBe('IN_PRODUCTION');
    for (const lotStatus of ['PLANNED', 'RELEASED', 'SCRAPPED'] as const)
      expect(derive([facts(100, 'FROZEN', { lotStatus })])).toBe('ALLOCATED');
  });

  it('is shipped when all pieces left, and fulfilled when all came', () => {
    const done = { lotStatus: 'COMPLETED', lotGoodQty: 100 } as const;
    expect(derive([facts(100, 'FROZEN', { ...done, shipped: 99 })])).toBe('IN_PRODUCTION');
    expect(derive([facts(100, 'FROZEN', { ...done, shipped: 100 })])).toBe('SHIPPED');
    expect(derive([facts(100, 'FROZEN', { ...done, shipped: 100, received: 99 })])).toBe('SHIPPED');
    expect(derive([facts(100, 'FROZEN', { ...done, shipped: 100, received: 100 })])).toBe('FULFILLED');
    expect(derive([facts(60, 'COMPLETED'), facts(40, 'FROZEN', { shipped: 40 })])).toBe('SHIPPED');
    expect(derive([facts(60, 'COMPLETED'), facts(40, 'ACCEPTED')])).toBe('IN_PRODUCTION');
  });

  it('waits for no more pieces than a lot that is over gave', () => {
    const short = { lotGoodQty: 97, shipped: 97, received: 97 };
    expect(derive([facts(100, 'FROZEN', { ...short, lotStatus: 'IN_PROGRESS' })])).toBe('IN_PRODUCTION');
    expect(derive([facts(100, 'FROZEN', { ...short, lotStatus: 'COMPLETED' })])).toBe('FULFILLED');
    expect(derive([facts(100, 'FROZEN', { lotStatus: 'COMPLETED', lotGoodQty: 0 })])).toBe('IN_PRODUCTION');
  });

  it('knows what can no longer be taken back', () => {
    const allocations = [facts(1, 'OFFERED'), facts(2, 'ACCEPTED'), facts(4, 'FROZEN'), facts(8, 'COMPLETED'), facts(16, 'SUPERSEDED')];
    expect([placedOf({ allocations, refused: false }), frozenOf({ allocations, refused: false })]).toEqual([15, 12]);
  });
});

describe('the moves', () => {
  const states = Object.keys(demandStates.moves) as DemandStatus[];

  it('are legal, the fewest, and lead where they should', () => {
    for (const from of states) {
      for (const to of states) {
        const moves = findMoves(from, to);
        let at = from;
        for (const next of moves) {
          expect([from, to, isLegalMove(demandStates, at, next)]).toEqual([from, to, true]);
          at = next;
        }
        expect([from, to, at]).toEqual([from, to, moves.length === 0 ? from : to]);
      }
    }
    expect(findMoves('OPEN', 'FULFILLED')).toEqual(['ALLOCATED', 'IN_PRODUCTION', 'SHIPPED', 'FULFILLED']);
    expect(findMoves('REFUSED', 'PARTIAL')).toEqual(['OPEN', 'PARTIAL']);
    expect(findMoves('PARTIAL', 'REFUSED')).toEqual(['OPEN', 'REFUSED']);
    expect(findMoves('ALLOCATED', 'OPEN')).toEqual(['OPEN']);
  });

  it('do not exist from what is over, nor back from production', () => {
    for (const from of ['CANCELLED', 'EXPIRED', 'FULFILLED'] as const) for (const to of states) expect(findMoves(from, to)).toEqual([]);
    for (const to of ['OPEN', 'PARTIAL', 'ALLOCATED'] as const) expect(findMoves('IN_PRODUCTION', to)).toEqual([]);
  });
});
