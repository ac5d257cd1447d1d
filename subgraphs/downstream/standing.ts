// Where a demand line stands, from what is known of its allocations: a plain function, so that the order in which news comes does not matter.
import type { AllocationStatus, DemandStatus, LotStatus } from './data/rows.ts';
import { demandStates } from './state-machines.ts';

/** What routing, upstream and midstream say of one allocation. */
export type AllocationFacts = {
  readonly quantity: number;
  readonly status: AllocationStatus;
  readonly lotStatus: LotStatus | null;
  /** Good pieces packed so far. */
  readonly lotGoodQty: number | null;
  /** Pieces that were handed over to be delivered; null before the first. */
  readonly shipped: number | null;
  /** Pieces that arrived, good or damaged; null before the first receipt. */
  readonly received: number | null;
};

/** All that the state of a line follows from, but its quantity. */
export type Standing = {
  readonly allocations: readonly AllocationFacts[];
  /** The newest decision since the last revision refused it. */
  readonly refused: boolean;
};

/** Allocations that hold pieces of a line. */
export const LIVE = ['OFFERED', 'COUNTERED', 'ACCEPTED', 'FROZEN', 'COMPLETED'] as const satisfies readonly AllocationStatus[];
/** Those that a maker has bound itself to. */
const FIRM: readonly AllocationStatus[] = ['ACCEPTED', 'FROZEN', 'COMPLETED'];
/** Those that nobody can take back. */
export const FROZEN = ['FROZEN', 'COMPLETED'] as const satisfies readonly AllocationStatus[];
const BEGUN: readonly (LotStatus | null)[] = ['IN_PROGRESS', 'ON_HOLD', 'COMPLETED', 'CLOSED'];
const PACKED: readonly (LotStatus | null)[] = ['COMPLETED', 'CLOSED'];

const has = (statuses: readonly AllocationStatus[], { status }: AllocationFacts): boolean => statuses.includes(status);
const liveOf = ({ allocations }: Standing): AllocationFacts[] => allocations.filter((allocation) => has(LIVE, allocation));

/** Pieces that live allocations hold. */
export const placedOf = (standing: Standing): number => liveOf(standing).reduce((sum, { quantity }) => sum + quantity, 0);

/** Pieces that are frozen with a maker. */
export const frozenOf = ({ allocations }: Standing): number =>
  allocations.reduce((sum, allocation) => (has(FROZEN, allocation) ? sum + allocation.quantity : sum), 0);

// A lot that gave fewer good pieces than planned has no more to deliver.
function isWhole(pieces: number | null, { quantity, lotStatus, lotGoodQty }: AllocationFacts): boolean {
  const expected = PACKED.includes(lotStatus) ? Math.min(quantity, lotGoodQty ?? quantity) : quantity;
  return pieces !== null && pieces >= expected;
}

const isReceived = (allocation: AllocationFacts): boolean => allocation.status === 'COMPLETED' || isWhole(allocation.received, allocation);
const isShipped = (allocation: AllocationFacts): boolean => isWhole(allocation.shipped, allocation) || isReceived(allocation);
const hasBegun = ({ status, lotStatus, shipped, received }: AllocationFacts): boolean =>
  status === 'COMPLETED' || BEGUN.includes(lotStatus) || shipped !== null || received !== null;

/**
 * The state that a line of this quantity ought to have. Production begins when every piece is placed for good: while a maker may still say
 * no, the line may have to be offered again.
 */
export function deriveStatus(quantity: number, standing: Standing): DemandStatus {
  const live = liveOf(standing);
  const placed = placedOf(standing);
  if (placed === 0) return standing.refused ? 'REFUSED' : 'OPEN';
  if (placed < quantity) return 'PARTIAL';
  if (!live.every((allocation) => has(FIRM, allocation))) return 'ALLOCATED';
  if (live.every(isReceived)) return 'FULFILLED';
  if (live.every(isShipped)) return 'SHIPPED';
  return live.some(hasBegun) ? 'IN_PRODUCTION' : 'ALLOCATED';
}

/** The fewest legal moves from one state to another, without the first; none when there is no way, and the line stays where it is. */
export function findMoves(from: DemandStatus, to: DemandStatus): readonly DemandStatus[] {
  const ways = new Map<DemandStatus, readonly DemandStatus[]>([[from, []]]);
  // entries that are added meanwhile are visited too
  for (const [state, way] of ways) {
    if (state === to) return way;
    for (const next of demandStates.moves[state]) if (!ways.has(next)) ways.set(next, [...way, next]);
  }
  return [];
}
