/** For every code of the catalogue of problems, a change that produces it. NOT_YOURS, STALE and WRONG_STATE come from the table of mutations. */
import type { ProblemCode } from '../../subgraph-kit/problems.ts';
import { toDemoGln, toDemoGtin } from '../../subgraph-kit/gs1.ts';
import type { Player } from '../_kit/hub.ts';
import { PIECES } from './chain.ts';
import { yuan, type World } from './world.ts';

export type ProblemCase = {
  readonly mutation: string;
  readonly fields: string;
  readonly attempt: (world: World) => Promise<{ player: Player; input: Record<string, unknown>; key?: string }>;
};

const maker = (change: (world: World) => Record<string, unknown>): ProblemCase => ({
  mutation: 'registerMaker',
  fields: 'maker { gln }',
  attempt: async (w) => ({ player: w.maker, input: { ...w.makerInput(), ...change(w) } }),
});

const bucket = (change: (gln: string) => Record<string, unknown>): ProblemCase => ({
  mutation: 'publishCapacity',
  fields: 'buckets { bucketId }',
  attempt: async (w) => {
    const { gln } = await w.newMaker();
    return {
      player: w.maker,
      input: { buckets: [{ gln, stage: 'SEWING', day: '2026-12-01', actualMinutes: 10, maximumMinutes: 20, ...change(gln) }] },
    };
  },
});

const demand = (cut: (world: World, style: { styleId: string; gtins: string[] }) => Promise<Record<string, unknown>>): ProblemCase => ({
  mutation: 'submitDemands',
  fields: 'demandLines { demandLineId }',
  attempt: async (w) => {
    const style = await w.newStyle();
    return { player: w.creator, input: { demands: [{ ...w.demandInput(style), ...(await cut(w, style)) }] } };
  },
});

export const problemCases: Readonly<Partial<Record<ProblemCode, ProblemCase>>> = {
  NOT_FOUND: {
    mutation: 'updateMaker',
    fields: 'maker { gln }',
    attempt: async (w) => ({ player: w.maker, input: { gln: toDemoGln('nobody'), name: 'x' } }),
  },
  WRONG_KIND: { mutation: 'registerMaker', fields: 'maker { gln }', attempt: async (w) => ({ player: w.creator, input: w.makerInput() }) },
  IDEMPOTENCY_MISMATCH: {
    mutation: 'registerMcn',
    fields: 'mcn { mcnId }',
    attempt: async (w) => {
      await w.change(w.mcn, 'registerMcn', { name: 'First', takeRateBps: 1, idempotencyKey: 'the same key' }, 'mcn { mcnId }');
      return { player: w.mcn, input: { name: 'Second', takeRateBps: 1 }, key: 'the same key' };
    },
  },
  IDEMPOTENCY_KEY_INVALID: {
    mutation: 'registerMcn',
    fields: 'mcn { mcnId }',
    attempt: async (w) => ({ player: w.mcn, input: { name: 'Long key', takeRateBps: 1 }, key: 'k'.repeat(65) }),
  },
  DUPLICATE: maker((w) => ({ capabilities: [...w.capabilities, w.capabilities[0]] })),
  TOO_MANY: {
    mutation: 'proposeStyles',
    fields: 'styles { styleId }',
    attempt: async (w) => ({ player: w.creator, input: { styles: Array.from({ length: 101 }, () => w.styleInput(null)) } }),
  },
  TOO_FEW: {
    mutation: 'publishCapacity',
    fields: 'buckets { bucketId }',
    attempt: async (w) => ({ player: w.maker, input: { buckets: [] } }),
  },
  TOO_LONG: maker(() => ({ name: '' })),
  OUT_OF_RANGE: {
    mutation: 'registerMcn',
    fields: 'mcn { mcnId }',
    attempt: async (w) => ({ player: w.mcn, input: { name: 'Greedy', takeRateBps: 10_001 } }),
  },
  BAD_CHECK_DIGIT: maker(() => ({ gln: '9520000000012' })),
  BAD_CODE: maker(() => ({ capabilities: [{ tag: 'MAGIC', stage: 'SEWING' }] })),
  DATES_REVERSED: demand(async () => ({ dueDate: '2026-12-05', latestDate: '2026-12-01' })),
  DAY_IN_PAST: bucket(() => ({ day: '2026-11-01' })),
  DAY_IN_FUTURE: {
    mutation: 'recordInspections',
    fields: 'makers { gln }',
    attempt: async (w) => ({
      player: w.hub.hub,
      input: {
        inspections: [{ gln: (await w.newMaker()).gln, day: '2027-01-01', pieces: 10, firstPassPieces: 9, rejected: false, onTime: true }],
      },
    }),
  },
  CURRENCY_MISMATCH: {
    mutation: 'defineSegment',
    fields: 'segment { segmentId }',
    attempt: async (w) => ({
      player: w.creator,
      input: {
        name: 'mixed',
        size: 10,
        priceFrom: yuan(1),
        priceTo: { amountMinor: 500, currency: 'EUR' },
        sizeCurve: [{ size: 'M', shareBps: 10_000 }],
      },
    }),
  },
  SUM_MISMATCH: {
    mutation: 'defineSegment',
    fields: 'segment { segmentId }',
    attempt: async (w) => ({ player: w.creator, input: { name: 'short', size: 10, sizeCurve: [{ size: 'M', shareBps: 9_000 }] } }),
  },
  BELOW_COMMITTED: {
    mutation: 'publishCapacity',
    fields: 'buckets { bucketId }',
    attempt: async (w) => {
      const { allocationId } = await w.chain.take('accepted');
      const { data } = await w.hub.ask(w.maker, `{ allocation(allocationId: "${allocationId}") { maker { gln } slots { stage day } } }`);
      const { maker: facility, slots } = data.allocation;
      return { player: w.maker, input: { buckets: [{ gln: facility.gln, ...slots[0], actualMinutes: 1, maximumMinutes: 1 }] } };
    },
  },
  BELOW_PLACED: {
    mutation: 'reviseDemand',
    fields: 'demandLine { quantity }',
    attempt: async (w) => {
      const { demandLineId } = await w.chain.take('offered');
      const { gtin } = await w.chain.getGround();
      return { player: w.creator, input: { demandLineId, cut: { sizes: [{ gtin, quantity: PIECES - 1 }] } } };
    },
  },
  NO_EXCHANGE_RATE: {
    mutation: 'recordCashFlow',
    fields: 'cashFlow { cashFlowId }',
    attempt: async (w) => {
      const input = w.chain.payment(await w.chain.take('offered'), { amount: { amountMinor: 500, currency: 'JPY' } });
      return { player: w.hub.hub, input };
    },
  },
  NOTHING_DUE: {
    mutation: 'releaseSettlement',
    fields: 'settlement { status }',
    attempt: async (w) => ({ player: w.hub.hub, input: { settlementId: (await w.chain.paid('offered')).settlementId } }),
  },
  STOCK_SHORT: {
    mutation: 'adjustInventory',
    fields: 'position { onHand }',
    attempt: async (w) => ({
      player: w.distributor,
      input: { siteGln: (await w.newSite()).siteGln, gtin: toDemoGtin('short'), delta: -1, reason: 'LOSS' },
    }),
  },
  NOT_OF_STYLE: demand(async (w) => ({ cut: { sizes: [{ gtin: (await w.newStyle()).gtins[0], quantity: 10 }] } })),
  SIZE_MISSING: demand(async (w) => {
    const { segmentId } = (
      await w.done(
        w.creator,
        'defineSegment',
        { name: 'giants', size: 5, sizeCurve: [{ size: 'XXXL', shareBps: 10_000 }] },
        'segment { segmentId }',
      )
    ).segment;
    return { cut: { curve: { quantity: 30, segmentId, colour: 'white' } } };
  }),
};

export const fromTheTable: readonly ProblemCode[] = ['NOT_YOURS', 'STALE', 'WRONG_STATE'];
/** No change is refused by them: a run that failed says so. */
export const fromRuns: readonly ProblemCode[] = ['READ_FAILED', 'SOLVE_FAILED'];
