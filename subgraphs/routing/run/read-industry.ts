// The one port through which routing sees the industry: open demand, makers, free minutes and tariffs through the gateway, and its own rows.
// The list of what it hands on is closed by the types of the model; no fee and no price of a place can pass here.
import { addDays, toBusinessDay } from '../../../lib/clock/clock.ts';
import type { AskHub } from '../../../subgraph-kit/ask-hub.ts';
import { groupBy } from '../../../subgraph-kit/group-by.ts';
import type { Database, HubSettings } from '../../../subgraph-kit/context.ts';
import { toDay } from '../../../subgraph-kit/days.ts';
import type { Tx } from '../data/client.ts';
import type { RunProblem, RunRow } from '../data/tables.ts';
import { placeOf } from '../model/costs.ts';
import type { InputBucket, RoutingInput } from '../model/types.ts';
import { createExchange } from './exchange.ts';
import { findLanes } from './lanes.ts';
import * as questions from './questions.ts';
import type { BucketNode, LineNode } from './questions.ts';
import { readOwn, type Own } from './read-own.ts';
import { inParallel, readAll, type Reading } from './read-pages.ts';
import { toLines } from './to-lines.ts';
import { toMakers } from './to-makers.ts';

/** What a run plans with, and what had to be left out of it. */
export type Industry = { readonly input: RoutingInput; readonly problems: readonly RunProblem[] };

export type IndustryOptions = {
  readonly db: Database<Tx>;
  readonly run: RunRow;
  readonly settings: HubSettings;
  readonly now: Date;
  readonly signal: AbortSignal;
};

/** Days of capacity that are read at a time. */
const DAYS_AT_ONCE = 3;
/** Up to so many stages are read each by itself. */
const STAGES_APART = 3;
/** Longest time of reading all. */
const READ_MS = 120_000;

/** Rejects when anything could not be read: a plan of half an industry is none. */
export async function readIndustry(askHub: AskHub, options: IndustryOptions): Promise<Industry> {
  const { db, run, settings, now } = options;
  const today = toBusinessDay(now, settings.timeZone);
  const giveUp = new AbortController();
  const signal = AbortSignal.any([options.signal, giveUp.signal, AbortSignal.timeout(READ_MS)]);
  const reading: Reading = { askHub, signal };
  // routing's own rows come last: minutes that were taken while the rest was read are known then
  const openLines = readAll(reading, questions.openLines);
  const [lineNodes, makerNodes, bucketNodes, distributorNodes, quoteNodes] = await Promise.all([
    openLines,
    readAll(reading, questions.makers),
    openLines.then((lines) => readBuckets(reading, lines, daysBetween(today, toDay(run.horizonFrom), toDay(run.horizonTo)))),
    readAll(reading, questions.distributors),
    readAll(reading, questions.quotes, { validAt: now.toISOString() }),
  ]).catch((error: unknown) => {
    giveUp.abort();
    throw error;
  });
  const own = await readOwn(db, run, today);
  const exchange = createExchange(own.rates, run.currency, today);
  const lines = toLines(lineNodes, {
    own,
    quotes: groupBy(quoteNodes, ({ demandLine }) => demandLine?.demandLineId ?? ''),
    exchange,
    today,
  });
  const makers = toMakers(makerNodes, { own, exchange, today, timeZone: settings.timeZone });
  const known = new Set(makers.map(({ gln }) => gln));
  const places = {
    origins: new Set(makers.map(placeOf)),
    destinations: new Set(lines.map(({ shipTo }) => shipTo)),
    day: today,
  };
  return {
    input: {
      version: 1,
      currency: run.currency,
      horizonFrom: toDay(run.horizonFrom),
      horizonTo: toDay(run.horizonTo),
      policy: own.policy,
      lines,
      makers,
      buckets: toBuckets(bucketNodes, own, new Set(lines.map(({ id }) => id))).filter(({ gln }) => known.has(gln)),
      lanes: findLanes(distributorNodes, places, exchange),
    },
    problems: exchange.problems(),
  };
}

const daysBetween = (today: string, first: string, last: string): string[] => {
  const days: string[] = [];
  for (let day = first < today ? today : first; day <= last; day = addDays(day, 1)) days.push(day);
  return days;
};

// Days after the last on which any line is of use are not read, and where lines need few stages, only these.
async function readBuckets(reading: Reading, lines: readonly LineNode[], days: readonly string[]): Promise<BucketNode[]> {
  const last = lines.reduce((latest, { latestDate }) => (latestDate > latest ? latestDate : latest), '');
  const needed = [...new Set(lines.flatMap(({ style }) => (style.operations ?? []).map(({ stage }) => stage)))].toSorted();
  const stages = needed.length <= STAGES_APART ? needed : [null];
  const parts = days.filter((day) => day <= last).flatMap((day) => stages.map((stage) => ({ from: day, to: day, stage })));
  return (await inParallel(parts, DAYS_AT_ONCE, (part) => readAll(reading, questions.buckets, part))).flat();
}

/**
 * Minutes nobody has taken. Upstream hears of an allocation a moment after routing, so of the two counts the greater holds; what a
 * counter-offer for a line of this run holds is free for the run, which decides about it.
 */
function toBuckets(nodes: readonly BucketNode[], own: Own, lineIds: ReadonlySet<string>): InputBucket[] {
  const released = new Map<string, number>();
  for (const { allocationId } of [...own.counters].flatMap(([line, counters]) => (lineIds.has(line) ? counters : [])))
    for (const { bucketId, minutes } of own.held.get(allocationId) ?? []) released.set(bucketId, (released.get(bucketId) ?? 0) + minutes);
  // a row that moved while pages were read may have come twice
  const byId = new Map(nodes.map((node) => [node.bucketId, node]));
  return [...byId.values()].flatMap((node): InputBucket[] => {
    const { bucketId: id, maker, stage, day, efficiencyBps } = node;
    const taken = Math.max(node.committedMinutes + node.heldMinutes, own.taken.get(id) ?? 0);
    const freeMinutes = node.actualMinutes - taken + Math.min(taken, released.get(id) ?? 0);
    return freeMinutes > 0 ? [{ id, gln: maker.gln, stage, day, freeMinutes, efficiencyBps }] : [];
  });
}
