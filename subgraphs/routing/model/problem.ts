// The input as the solver wants it: lines, makers and buckets in an order drawn by the seed, in arrays by number.
import { daysBetween } from '../../../lib/clock/clock.ts';
import { MOST_MARGIN, MOST_PIECE_COST, STAGES } from './constants.ts';
import { findTerm, findWay, indexLanes, pieceTerms, priceOf, sumTerms, type Way } from './costs.ts';
import { drawPair, shuffle } from './draw.ts';
import { chooseBid, createHasAll, findExclusion, reasonNumber } from './eligibility.ts';
import { buildRoutes, indexBuckets, type Bucket, type BucketIndex, type RouteTable } from './routes.ts';
import type { Bid, InputLine, InputMaker, InputTerm, RoutingInput, Stage } from './types.ts';

export type Line = {
  readonly of: InputLine;
  readonly draw: number;
  readonly routes: RouteTable;
  /** Standard minutes of one piece by stage of `routes`. */
  readonly minutes: Float64Array;
  readonly totalMinutes: number;
  readonly dueDay: number;
  readonly latestDay: number;
  /** Cost of a piece that is not served. */
  readonly unservedCost: number;
};

export type Problem = {
  readonly input: RoutingInput;
  readonly lines: readonly Line[];
  readonly makers: readonly InputMaker[];
  readonly makerDraws: readonly number[];
  readonly buckets: readonly Bucket[];
  /** Minutes of bucket b that one standard minute takes. */
  readonly minuteFactor: Float64Array;
  /** Of the pair line x makers + maker: cost of one piece without lateness; infinite when the maker may not do it. */
  readonly pieceCost: Float64Array;
  readonly transitDays: Int16Array;
  /** Why a pair was excluded, as the number of the reason; 255 when it was not. */
  readonly exclusion: Uint8Array;
  /** Bids that count, by pair. */
  readonly bids: ReadonlyMap<number, Bid>;
  /** Carriage, term and price of a pair, for showing its terms. */
  readonly wayOf: (line: number, maker: number) => Way;
  readonly termOf: (line: number, maker: number) => InputTerm | null;
  /** Standard minutes that one maker may get. */
  readonly shareMinutes: number;
};

export const NOT_EXCLUDED = 255;
export const reasonOfNotNear = reasonNumber('NOT_NEAR');

export const toDayNumber = (input: RoutingInput, day: string): number => daysBetween(input.horizonFrom, day);

export function buildProblem(input: RoutingInput, seed: string): Problem {
  const drawnMakers = shuffle(input.makers, seed, ({ gln }) => gln);
  const makers = drawnMakers.map(({ value }) => value);
  const buckets = readBuckets(input, makers);
  const index = indexBuckets(buckets, makers.length);
  const lines = readLines(input, seed, { buckets, index });
  const pairs = lines.length * makers.length;
  const frame = {
    input,
    lines,
    makers,
    makerDraws: drawnMakers.map(({ draw }) => draw),
    buckets,
    minuteFactor: Float64Array.from(buckets, ({ of }) => 10_000 / of.efficiencyBps),
    pieceCost: new Float64Array(pairs).fill(Infinity),
    transitDays: new Int16Array(pairs),
    exclusion: new Uint8Array(pairs).fill(NOT_EXCLUDED),
    bids: readBids(lines, makers),
    ...createLookups(input, lines, makers),
    shareMinutes: (lines.reduce((sum, line) => sum + line.of.quantity * line.totalMinutes, 0) * input.policy.maxShareBps) / 10_000,
  };
  fillPairs(frame);
  return frame;
}

/** The draw between makers that are equal for a line. */
export const drawOf = ({ lines, makerDraws }: Problem, line: number, maker: number): number =>
  drawPair(lines[line]?.draw ?? 0, makerDraws[maker] ?? 0);

/** Day of arrival of pieces that are finished on `finishDay`; infinite when the bid of the pair cannot keep its day. */
export function arrivalOf({ input, bids, makers, transitDays }: Problem, line: number, maker: number, finishDay: number): number {
  const pair = line * makers.length + maker;
  const bid = bids.get(pair);
  const transit = transitDays[pair] ?? 0;
  if (bid === undefined) return finishDay + transit;
  const day = toDayNumber(input, bid.day);
  if (bid.kind === 'QUOTE') return Math.max(finishDay, day) + transit;
  return finishDay <= day ? day : Infinity;
}

function readBuckets(input: RoutingInput, makers: readonly InputMaker[]): Bucket[] {
  const numberOf = new Map(makers.map(({ gln }, number) => [gln, number]));
  const last = toDayNumber(input, input.horizonTo);
  // minutes of stages that no line needs are no part of the problem
  const needed = new Set(input.lines.flatMap(({ work }) => work.map(({ stage }) => stage)));
  const found = input.buckets.flatMap((of): Bucket[] => {
    const maker = numberOf.get(of.gln);
    const day = toDayNumber(input, of.day);
    return maker === undefined || !needed.has(of.stage) || day < 0 || day > last || of.freeMinutes < 1 || of.efficiencyBps <= 0
      ? []
      : [{ of, maker, day }];
  });
  return found.toSorted(
    (a, b) => a.maker - b.maker || a.day - b.day || STAGES.indexOf(a.of.stage) - STAGES.indexOf(b.of.stage) || (a.of.id < b.of.id ? -1 : 1),
  );
}

function readLines(input: RoutingInput, seed: string, calendar: { buckets: readonly Bucket[]; index: BucketIndex }): Line[] {
  const tables = new Map<string, RouteTable>();
  const routesFor = (stages: readonly Stage[]): RouteTable => {
    const found = tables.get(stages.join()) ?? buildRoutes(stages, calendar.buckets, calendar.index);
    tables.set(stages.join(), found);
    return found;
  };
  const open = input.lines.filter(({ quantity }) => quantity > 0);
  return shuffle(open, seed, ({ id }) => id).map(({ value: of, draw }) => {
    const work = of.work.filter(({ minutes }) => minutes > 0).toSorted((a, b) => STAGES.indexOf(a.stage) - STAGES.indexOf(b.stage));
    return {
      of,
      draw,
      routes: routesFor(work.map(({ stage }) => stage)),
      minutes: Float64Array.from(work, ({ minutes }) => minutes),
      totalMinutes: work.reduce((sum, { minutes }) => sum + minutes, 0),
      dueDay: toDayNumber(input, of.dueDay),
      latestDay: toDayNumber(input, of.latestDay),
      unservedCost: input.policy.unservedPenalty + Math.min(of.margin, MOST_MARGIN),
    };
  });
}

function readBids(lines: readonly Line[], makers: readonly InputMaker[]): Map<number, Bid> {
  const numberOf = new Map(makers.map(({ gln }, number) => [gln, number]));
  const bids = new Map<number, Bid>();
  lines.forEach(({ of }, line) => {
    for (const gln of new Set(of.bids.map((bid) => bid.gln))) {
      const maker = numberOf.get(gln);
      const bid = chooseBid(of.bids.filter((one) => one.gln === gln));
      if (maker !== undefined && bid !== undefined) bids.set(line * makers.length + maker, bid);
    }
  });
  return bids;
}

/** Terms and ways of all makers, found once for each kind of product and each destination. */
function createLookups(input: RoutingInput, lines: readonly Line[], makers: readonly InputMaker[]): Pick<Problem, 'wayOf' | 'termOf'> {
  const lanes = indexLanes(input.lanes);
  const ways = new Map<string, readonly Way[]>();
  const terms = new Map<string, readonly (InputTerm | null)[]>();
  const waysOf = lines.map(({ of }) => {
    const key = `${of.shipTo} ${of.hsCode ?? ''}`;
    const found = ways.get(key) ?? makers.map((maker) => findWay(maker, of, lanes));
    ways.set(key, found);
    return found;
  });
  const termsOf = lines.map(({ of }) => {
    const found = terms.get(of.category) ?? makers.map((maker) => findTerm(maker, of.category));
    terms.set(of.category, found);
    return found;
  });
  return {
    wayOf: (line, maker) => waysOf[line]?.[maker] ?? { transitDays: 0, perConsignment: 0, perKilogram: 0, perPiece: 0, dutyRate: 0 },
    termOf: (line, maker) => termsOf[line]?.[maker] ?? null,
  };
}

function fillPairs(problem: Problem): void {
  const { lines, makers, bids, input } = problem;
  const capable = createHasAll(makers.map(({ capabilities }) => new Set(capabilities)));
  const certified = createHasAll(makers.map(({ certificates }) => new Set(certificates)));
  lines.forEach((line, number) => {
    const isCapable = capable([...line.of.requiredCapabilities, ...line.of.work.flatMap(({ tags }) => tags)]);
    const isCertified = certified(line.of.requiredCertificates);
    makers.forEach((maker, place) => {
      const pair = number * makers.length + place;
      const way = problem.wayOf(number, place);
      problem.transitDays[pair] = way.transitDays;
      const [term, bid] = [problem.termOf(number, place), bids.get(pair)];
      const facts = { term, bid, capable: isCapable[place] === 1, certified: isCertified[place] === 1, minutes: line.totalMinutes };
      const reason = findExclusion(line.of, maker, facts) ?? findCalendarExclusion(problem, number, place);
      const price = reason === null ? priceOf(line.of, line.totalMinutes, term, bid) : null;
      const cost = price === null ? Infinity : sumTerms(pieceTerms(line.of, maker, price, way, input.policy));
      const isAbsurd = price !== null && cost > MOST_PIECE_COST;
      if (reason !== null || isAbsurd) problem.exclusion[pair] = reasonNumber(reason ?? 'PRICE_OVER_CAP');
      else problem.pieceCost[pair] = cost;
    });
  });
}

function findCalendarExclusion(problem: Problem, number: number, maker: number): 'CAPACITY_SHORT' | 'TOO_LATE' | null {
  const line = problem.lines[number];
  if (line === undefined) return 'CAPACITY_SHORT';
  const [from, to] = [line.routes.firstOf[maker] ?? 0, line.routes.firstOf[maker + 1] ?? 0];
  if (from === to) return 'CAPACITY_SHORT';
  for (let route = from; route < to; route += 1)
    if (arrivalOf(problem, number, maker, line.routes.finishDay[route] ?? 0) <= line.latestDay) return null;
  return 'TOO_LATE';
}
