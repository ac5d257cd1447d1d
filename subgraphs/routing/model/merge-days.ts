// The problem with the days of every maker thrown together: seven times smaller, and nearly as dear. Its prices are where the real one starts.
import type { Problem } from './problem.ts';
import type { Bucket, RouteTable } from './routes.ts';

export type Merged = {
  readonly problem: Problem;
  /** Bucket of the merged problem that holds the minutes of a real one. */
  readonly bucketOf: Int32Array;
};

export function mergeDays(problem: Problem): Merged {
  const places = new Map<string, number>();
  const buckets: Bucket[] = [];
  const bucketOf = Int32Array.from(problem.buckets, ({ of, maker, day }, number) => {
    const standard = of.freeMinutes / (problem.minuteFactor[number] ?? 1);
    const place = places.get(`${maker} ${of.stage}`) ?? buckets.length;
    places.set(`${maker} ${of.stage}`, place);
    const held = buckets[place]?.of.freeMinutes ?? 0;
    buckets[place] = { of: { ...of, freeMinutes: held + standard, efficiencyBps: 10_000 }, maker, day };
    return place;
  });
  const tables = new Map<RouteTable, RouteTable>();
  const lines = problem.lines.map((line) => {
    const routes = tables.get(line.routes) ?? mergeRoutes(line.routes, bucketOf);
    tables.set(line.routes, routes);
    return { ...line, routes };
  });
  return { problem: { ...problem, lines, buckets, minuteFactor: new Float64Array(buckets.length).fill(1) }, bucketOf };
}

/** One route of each maker, as early as its earliest. */
function mergeRoutes({ stages, firstOf, finishDay, bucket }: RouteTable, bucketOf: Int32Array): RouteTable {
  const merged: { firstOf: Int32Array; finishDay: number[]; bucket: number[] } = {
    firstOf: new Int32Array(firstOf.length),
    finishDay: [],
    bucket: [],
  };
  for (let maker = 0; maker + 1 < firstOf.length; maker += 1) {
    const [from, to] = [firstOf[maker] ?? 0, firstOf[maker + 1] ?? 0];
    if (from < to) {
      merged.finishDay.push(Math.min(...finishDay.slice(from, to)));
      merged.bucket.push(...stages.map((_, stage) => bucketOf[bucket[from * stages.length + stage] ?? 0] ?? 0));
    }
    merged.firstOf[maker + 1] = merged.finishDay.length;
  }
  return { stages, firstOf: merged.firstOf, finishDay: Int32Array.from(merged.finishDay), bucket: Int32Array.from(merged.bucket) };
}
