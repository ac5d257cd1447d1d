/**
 * The whole way of demand, on demand: lines are planned in one run for many tests, and each test takes an allocation of its own as far as it
 * needs. All of it belongs to the world's first creator, maker and distributor.
 */
import { addDays } from '../../lib/clock/clock.ts';
import { withCheckDigit } from '../../subgraph-kit/gs1.ts';
import { route } from '../_kit/route.ts';
import { today, yuan, type Members } from './world.ts';

/** What one allocation stands for; a part that is not there yet is empty. */
export type Piece = {
  readonly allocationId: string;
  readonly demandLineId: string;
  readonly settlementId: string;
  readonly lotId: string;
  readonly gsin: string;
};

/** Lines of one plan. */
const BATCH = 100;
/** Pieces of one line, all of one size. */
export const PIECES = 120;
/** The work of a piece, in its order. */
export const WORK = ['SEWING', 'PACKING'] as const;

export type Chain = ReturnType<typeof createChain>;

let units = 0;
/** An SSCC that was not used before. */
export const newSscc = (): string => withCheckDigit(`0952${String((units += 1)).padStart(13, '0')}`);

/** Neutral weights, no limit on shares, nothing frozen by the day. */
export const policyInput = (version: string) => ({
  version,
  weights: ['EX_WORKS', 'FREIGHT', 'DUTY', 'SETUP', 'QUALITY_RISK', 'LATENESS'].map((kind) => ({ kind, value: 1 })),
  hhiLimit: 1,
  maxShareBps: 10_000,
  frozenDays: 0,
  unservedPenalty: '1000',
  latenessPenalty: '5',
  candidateLimit: 5,
});

/** Buyers may return until the goods are received. */
export const feesInput = (version: string) => ({
  version,
  taxBps: 100,
  paymentFeeBps: 60,
  returnReserveBps: 500,
  returnWindowDays: 0,
  makerDepositBps: 3_000,
  hubFeeBps: 100,
});

/** How far a piece has come; each level follows from the one before. */
export type Level = (typeof levels)[number];
const levels = ['offered', 'accepted', 'released', 'begun', 'worked', 'completed', 'booked', 'despatched', 'received'] as const;

/** Pieces that are taken to a level together. */
const AT_ONCE = 6;

export function createChain(world: Members) {
  const { hub, done } = world;
  const pools = new Map<Level, Piece[]>(levels.map((level) => [level, []]));
  let ground: Promise<Ground> | undefined;
  const getGround = (): Promise<Ground> => (ground ??= prepareGround(world));
  const at = (): string => hub.clock.now().toISOString();

  /** Plans fresh lines. */
  async function plan(): Promise<Piece[]> {
    const { style } = await getGround();
    const demands = Array.from({ length: BATCH }, () => lineInput(world, style));
    await done(world.creator, 'submitDemands', { demands }, 'demandLines { demandLineId }');
    await hub.settle();
    const { runId } = await route(hub, { commit: true });
    return piecesOf(runId);
  }

  /** What a committed run placed of the style of the chain. */
  async function piecesOf(runId: string): Promise<Piece[]> {
    const { style } = await getGround();
    const source = `query ($runId: ID!) { routingRun(runId: $runId) { allocations(first: 200) {
      nodes { allocationId quantity status demandLine { demandLineId style { styleId } } settlement { settlementId } } } } }`;
    const { data, errors } = await hub.ask(hub.hub, source, { runId });
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    return (
      data.routingRun.allocations.nodes
        // not what was left of lines that were countered before
        .filter((node: any) => node.demandLine.style.styleId === style.styleId && node.quantity === PIECES && node.status === 'OFFERED')
        .map(({ allocationId, demandLine: { demandLineId }, settlement: { settlementId } }: any) => {
          return { allocationId, demandLineId, settlementId, lotId: '', gsin: '' };
        })
    );
  }

  const lotMove = async (mutation: string, piece: Piece, more: Record<string, unknown> = {}): Promise<Piece> => {
    await done(world.maker, mutation, { lotId: piece.lotId, ...more }, 'lot { status }');
    return piece;
  };
  const reportWork = (piece: Piece, stage: string): Promise<Piece> =>
    lotMove('reportStage', piece, { stage, qtyIn: PIECES, qtyOut: PIECES, at: at() });
  const bookInput = async ({ allocationId }: Piece) => ({
    allocationId,
    distributorGln: (await getGround()).distributorGln,
    carrier: 'River and Road',
    plannedArrival: `${addDays(today, 4)}T10:00:00Z`,
  });
  const despatchInput = async ({ gsin, lotId }: Piece, quantity = PIECES) => ({
    gsin,
    units: [{ sscc: newSscc(), contents: [{ gtin: (await getGround()).gtin, lotId, quantity }] }],
    at: at(),
  });
  const receiveInput = async ({ gsin, lotId }: Piece) => {
    const { gtin, siteGln } = await getGround();
    return { gsin, siteGln, lines: [{ gtin, lotId, good: PIECES, damaged: 0 }], at: at() };
  };

  const steps: Readonly<Record<Exclude<Level, 'offered'>, (piece: Piece) => Promise<Piece>>> = {
    accepted: async (piece) => {
      await done(world.maker, 'acceptAllocation', { allocationId: piece.allocationId }, 'allocation { status }');
      return piece;
    },
    released: async (piece) => {
      const question = 'query ($id: ID!) { allocation(allocationId: $id) { lot { lotId } } }';
      const { data } = await hub.ask(world.maker, question, { id: piece.allocationId });
      return lotMove('releaseLot', { ...piece, lotId: data.allocation.lot.lotId });
    },
    begun: (piece) => reportWork(piece, WORK[0]),
    worked: (piece) => reportWork(piece, WORK[1]),
    completed: (piece) => lotMove('completeLot', piece, { goodQty: PIECES }),
    booked: async (piece) => {
      const { shipment } = await done(world.distributor, 'bookShipment', await bookInput(piece), 'shipment { gsin }');
      return { ...piece, gsin: shipment.gsin };
    },
    despatched: async (piece) => {
      await done(world.distributor, 'despatchShipment', await despatchInput(piece), 'shipment { status }');
      return piece;
    },
    received: async (piece) => {
      await done(world.distributor, 'receiveShipment', await receiveInput(piece), 'shipment { status }');
      return piece;
    },
  };

  /** A piece that has come so far and that nobody else has; `count` of them are made when none is left. */
  async function take(level: Level, count = AT_ONCE): Promise<Piece> {
    const pool = pools.get(level) ?? [];
    if (pool.length === 0) pool.push(...(level === 'offered' ? await plan() : await advance(level, count)));
    const piece = pool.pop();
    if (piece === undefined) throw new Error('the run placed nothing');
    return piece;
  }
  async function advance(level: Exclude<Level, 'offered'>, count: number): Promise<Piece[]> {
    const before = levels[levels.indexOf(level) - 1] ?? 'offered';
    const pieces: Piece[] = [];
    while (pieces.length < count) pieces.push(await take(before, count));
    const after = await Promise.all(pieces.map(steps[level]));
    await hub.settle();
    return after;
  }
  /** The same with the lot of its allocation, which is there from its acceptance on. */
  async function planned(): Promise<Piece> {
    const piece = await take('accepted');
    const { data } = await hub.ask(world.maker, `{ allocation(allocationId: "${piece.allocationId}") { lot { lotId } } }`);
    return { ...piece, lotId: data.allocation.lot.lotId };
  }

  /** What its buyers pay. */
  const payment = ({ settlementId }: Piece, more: Record<string, unknown> = {}) => ({
    settlementId,
    kind: 'DEPOSIT',
    direction: 'IN',
    amount: yuan(9_480),
    party: { memberId: world.creator.memberId },
    due: today,
    at: at(),
    ...more,
  });
  async function paid(level: Level): Promise<Piece> {
    const piece = await take(level);
    await done(hub.hub, 'recordCashFlow', payment(piece), 'cashFlow { cashFlowId }');
    return piece;
  }
  const settle = async (piece: Piece, mutation: string, more: Record<string, unknown> = {}, by = hub.hub): Promise<Piece> => {
    await done(by, mutation, { settlementId: piece.settlementId, ...more }, 'settlement { status }');
    return piece;
  };

  return { getGround, at, piecesOf, take, planned, lotMove, reportWork, bookInput, despatchInput, receiveInput, payment, paid, settle };
}

export type Style = { readonly styleId: string; readonly gtins: readonly string[] };
export type Ground = {
  readonly gln: string;
  readonly distributorGln: string;
  readonly siteGln: string;
  readonly style: Style;
  readonly gtin: string;
};

/** A line of one size that waits for its plan. */
export const lineInput = (world: Members, { styleId, gtins }: Style) => ({
  ...world.demandInput({ styleId, gtins: [...gtins] }),
  cut: { sizes: [{ gtin: gtins[0], quantity: PIECES }] },
});

/** A facility with room for everything, a road to the destination with a yard there, and a style that is engineered and classified. */
async function prepareGround(world: Members): Promise<Ground> {
  const { hub, done } = world;
  await done(hub.hub, 'publishPolicy', policyInput('chain.1'), 'policy { version }');
  await done(hub.hub, 'publishFees', feesInput('chain.1'), 'fees { version }');
  const { gln } = await world.newMaker();
  const days = Array.from({ length: 20 }, (_, i) => addDays(today, i + 1));
  const buckets = WORK.flatMap((stage) => days.map((day) => ({ gln, stage, day, actualMinutes: 40_000, maximumMinutes: 50_000 })));
  await done(world.maker, 'publishCapacity', { buckets }, 'buckets { bucketId }');
  const { gln: distributorGln } = await world.newDistributor();
  const lane = { originUnlocode: 'CNHGH', destinationUnlocode: 'CNSHA', transitDays: 2, validFrom: '2026-11-01' };
  const tariffs = [{ service: 'FREIGHT', unit: 'KGM', price: yuan(4), ...lane }];
  await done(world.distributor, 'publishTariffs', { gln: distributorGln, tariffs }, 'distributor { gln }');
  const { siteGln } = await world.newSite();
  const style = await world.newStyle();
  await hub.settle();
  await prepareStyle(world, style);
  return { gln, distributorGln, siteGln, style, gtin: style.gtins[0] ?? '' };
}

/** Says how a style is made and what it weighs. */
export async function prepareStyle(world: Members, { styleId }: Style): Promise<void> {
  const operations = [
    { stage: 'SEWING', smv: 2, capability: 'KNIT_OVERLOCK' },
    { stage: 'PACKING', smv: 0.5, capability: 'PACK_CARTON' },
  ];
  await world.done(world.maker, 'recordOperations', { styleId, operations }, 'style { styleId }');
  await world.done(world.distributor, 'classifyStyle', { styleId, hsCode: '610910', unitWeightGrams: 180 }, 'style { styleId }');
  await world.hub.settle();
}
