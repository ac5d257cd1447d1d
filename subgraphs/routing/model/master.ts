// The restricted master: the linear program over the columns found so far, kept in the solver from round to round.
//   min  sum cost x + sum unserved u
//   (1)  sum x + u = quantity        each line
//   (2)  sum minutes x <= free       each bucket that a column takes
//   (5)  sum minutes x <= share      each maker that could pass its share
//   (b)  sum x <= most pieces        each bid that is for some pieces only
import type { Highs, Model } from 'highs';
import { freePrices, latenessOf, type Prices } from './pricing.ts';
import { arrivalOf, type Problem } from './problem.ts';

/** Pieces of a line with a maker on a route. */
export type Column = { readonly line: number; readonly maker: number; readonly route: number; readonly cost: number };

export type MasterSolution = {
  readonly objective: number;
  /** Pieces by column. */
  readonly pieces: Float64Array;
  readonly unserved: Float64Array;
  readonly prices: Prices;
};

type Entry = readonly [row: number, value: number];
/** What a row limits, to read its price. */
type RowOf = { readonly kind: 'bucket' | 'share' | 'bid'; readonly number: number };

const OPTIMAL = 7;
const TIME_LIMIT = 13;
/** A first program of more columns is solved by the interior point method: up to three times faster there, slower on small ones. */
export const LARGE = 20_000;
const INFINITE = Infinity;

export type Master = {
  readonly columns: readonly Column[];
  /** Adds those columns that are not there yet; gives how many were new. */
  readonly add: (columns: readonly Column[]) => number;
  /** Null when the time was up before the optimum. */
  readonly solve: (limitMs: number) => MasterSolution | null;
  /** Sets the minutes of a bucket. */
  readonly setMinutes: (bucket: number, minutes: number) => void;
  readonly dispose: () => void;
};

export function toColumn(problem: Problem, line: number, maker: number, route: number): Column {
  const of = problem.lines[line];
  if (of === undefined) throw new RangeError(`no line ${line}`);
  const arrival = arrivalOf(problem, line, maker, of.routes.finishDay[route] ?? 0);
  const base = problem.pieceCost[line * problem.makers.length + maker] ?? Infinity;
  return { line, maker, route, cost: base + latenessOf(problem, of, arrival) };
}

const keyOf = ({ line, maker, route }: Column): string => `${line} ${maker} ${route}`;

/** Standard minutes that a maker's buckets hold: a share that it cannot reach needs no row. */
function minutesOfMakers({ makers, buckets, minuteFactor }: Problem): Float64Array {
  const minutes = new Float64Array(makers.length);
  buckets.forEach(({ maker, of }, number) => {
    minutes[maker] = (minutes[maker] ?? 0) + of.freeMinutes / (minuteFactor[number] ?? 1);
  });
  return minutes;
}

export function createMaster(highs: Highs, problem: Problem): Master {
  const model = highs.createModel();
  model.options.set({ output_flag: false, random_seed: 1 });
  const columns: Column[] = [];
  const known = new Set<string>();
  const rows = createRows(problem, model);
  passLines(problem, model);
  let solved = false;
  return {
    columns,
    add: (wanted) => {
      const fresh = wanted.filter((column) => !known.has(keyOf(column)) && known.add(keyOf(column)));
      const wide = fresh.map((column) => ({ cost: column.cost, entries: rows.entriesOf(column) }));
      rows.flush();
      if (fresh.length > 0) addColumns(model, wide, rows.count());
      columns.push(...fresh);
      return fresh.length;
    },
    solve: (limitMs) => {
      if (limitMs <= 0) return null;
      if (problem.lines.length === 0) return nothing(problem);
      model.options.set('time_limit', model.getRunTime() + limitMs / 1_000);
      const status = runModel(model, !solved && columns.length > LARGE);
      solved = true;
      if (status === TIME_LIMIT) return null;
      if (status !== OPTIMAL) throw new Error(`the solver ended with status ${status}; expected ${OPTIMAL} (optimal)`);
      return readSolution(problem, model, rows.of);
    },
    setMinutes: (bucket, minutes) => {
      const row = rows.find({ kind: 'bucket', number: bucket });
      if (row !== undefined) model.changeRowBounds(row, -INFINITE, minutes);
    },
    dispose: () => model.dispose(),
  };
}

function passLines({ lines }: Problem, model: Model): void {
  const quantity = Float64Array.from(lines, ({ of }) => of.quantity);
  const places = Int32Array.from({ length: lines.length + 1 }, (_, i) => i);
  model.passModel({
    numCols: lines.length,
    numRows: lines.length,
    colCost: Float64Array.from(lines, ({ unservedCost }) => unservedCost),
    colLower: new Float64Array(lines.length),
    colUpper: new Float64Array(lines.length).fill(INFINITE),
    rowLower: quantity,
    rowUpper: quantity,
    matrix: {
      format: 'csc',
      numRows: lines.length,
      numCols: lines.length,
      starts: places,
      indices: places.slice(0, lines.length),
      values: new Float64Array(lines.length).fill(1),
    },
  });
}

type Rows = {
  readonly of: readonly RowOf[];
  readonly count: () => number;
  readonly find: (of: RowOf) => number | undefined;
  readonly entriesOf: (column: Column) => Entry[];
  /** Hands rows that were asked for to the solver. */
  readonly flush: () => void;
};

/** A row is made when the first column asks for it. */
function createRows(problem: Problem, model: Model): Rows {
  const { lines, makers, buckets, bids, minuteFactor, shareMinutes } = problem;
  const held = minutesOfMakers(problem);
  const of: RowOf[] = [];
  const places = new Map<string, number>();
  const waiting: number[] = [];
  const rowFor = (row: RowOf, limit: () => number): number => {
    const key = `${row.kind} ${row.number}`;
    const found = places.get(key);
    if (found !== undefined) return found;
    const place = lines.length + of.length;
    of.push(row);
    places.set(key, place);
    waiting.push(limit());
    return place;
  };
  return {
    of,
    count: () => lines.length + of.length,
    find: ({ kind, number }) => places.get(`${kind} ${number}`),
    entriesOf: ({ line, maker, route }) => {
      const { routes, minutes, totalMinutes, of: input } = lines[line] ?? raise(line);
      const entries: Entry[] = [[line, 1]];
      minutes.forEach((standard, stage) => {
        const number = routes.bucket[route * routes.stages.length + stage] ?? 0;
        const row = rowFor({ kind: 'bucket', number }, () => buckets[number]?.of.freeMinutes ?? 0);
        entries.push([row, standard * (minuteFactor[number] ?? 1)]);
      });
      if ((held[maker] ?? 0) > shareMinutes) entries.push([rowFor({ kind: 'share', number: maker }, () => shareMinutes), totalMinutes]);
      const pair = line * makers.length + maker;
      const most = bids.get(pair)?.maxQuantity ?? null;
      if (most !== null && most < input.quantity) entries.push([rowFor({ kind: 'bid', number: pair }, () => most), 1]);
      return entries.toSorted((a, b) => a[0] - b[0]);
    },
    flush: () => {
      if (waiting.length === 0) return;
      const count = waiting.length;
      const numCols = model.getDimensions().numCols;
      const matrix = {
        format: 'csr' as const,
        numRows: count,
        numCols,
        starts: new Int32Array(count + 1),
        indices: new Int32Array(0),
        values: new Float64Array(0),
      };
      model.addRows({ lower: new Float64Array(count).fill(-INFINITE), upper: Float64Array.from(waiting), matrix });
      waiting.length = 0;
    },
  };
}

function raise(line: number): never {
  throw new RangeError(`no line ${line}`);
}

type WideColumn = { readonly cost: number; readonly entries: readonly Entry[] };

function addColumns(model: Model, columns: readonly WideColumn[], numRows: number): void {
  const starts = new Int32Array(columns.length + 1);
  columns.forEach(({ entries }, i) => {
    starts[i + 1] = (starts[i] ?? 0) + entries.length;
  });
  const flat = columns.flatMap(({ entries }) => entries);
  model.addCols({
    cost: Float64Array.from(columns, ({ cost }) => cost),
    lower: new Float64Array(columns.length),
    upper: new Float64Array(columns.length).fill(INFINITE),
    matrix: {
      format: 'csc',
      numRows,
      numCols: columns.length,
      starts,
      indices: Int32Array.from(flat, ([row]) => row),
      values: Float64Array.from(flat, ([, value]) => value),
    },
  });
}

/** Later rounds go on from the basis of the last, which only the simplex method can. */
function runModel(model: Model, interior: boolean): number {
  if (interior) {
    model.options.set('solver', 'ipm');
    model.run();
    model.options.set('solver', 'choose');
    const status = model.getModelStatus();
    if (status === OPTIMAL || status === TIME_LIMIT) return status;
  }
  model.run();
  return model.getModelStatus();
}

/** The solver has no optimum for a program without columns. */
const nothing = (problem: Problem): MasterSolution => ({
  objective: 0,
  pieces: new Float64Array(0),
  unserved: new Float64Array(0),
  prices: freePrices(problem),
});

function readSolution({ lines, buckets, makers }: Problem, model: Model, rows: readonly RowOf[]): MasterSolution {
  const { colValue, rowDual } = model.getSolution();
  const price = { bucket: new Float64Array(buckets.length), share: new Float64Array(makers.length) };
  const bid = new Map<number, number>();
  rows.forEach(({ kind, number }, i) => {
    // a limit from above has a dual of zero or less; below zero by rounding only
    const value = Math.max(0, -(rowDual[lines.length + i] ?? 0));
    if (kind === 'bid') bid.set(number, value);
    else price[kind][number] = value;
  });
  return {
    objective: model.getObjectiveValue(),
    pieces: colValue.slice(lines.length),
    unserved: colValue.slice(0, lines.length),
    prices: { demand: rowDual.slice(0, lines.length), ...price, bid },
  };
}
