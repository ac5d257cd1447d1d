// On which days a maker can do all stages of a piece: one route for each day on which its leading stage has minutes.
import { STAGE_OFFSET, STAGES } from './constants.ts';
import type { InputBucket, Stage } from './types.ts';

/** A bucket of the model. Days are counted from the first of the horizon. */
export type Bucket = { readonly of: InputBucket; readonly maker: number; readonly day: number };

/** Routes of all makers for one set of stages, in flat arrays: there are thousands, and each is priced again and again. */
export type RouteTable = {
  readonly stages: readonly Stage[];
  /** Routes of maker m are firstOf[m] up to firstOf[m + 1]. */
  readonly firstOf: Int32Array;
  /** Day of the last slot. */
  readonly finishDay: Int32Array;
  /** Bucket of each stage: route r takes bucket[r * stages.length + s]. */
  readonly bucket: Int32Array;
};

/** The stage whose day the others follow: sewing, or the last one of a style that is not sewn. */
const leadOf = (stages: readonly Stage[]): Stage | undefined => (stages.includes('SEWING') ? 'SEWING' : stages.at(-1));

/** Numbers of the buckets of each maker by stage, in the order of days. */
export type BucketIndex = readonly ReadonlyMap<Stage, readonly number[]>[];

export function indexBuckets(buckets: readonly Bucket[], makers: number): BucketIndex {
  const index = Array.from({ length: makers }, () => new Map<Stage, number[]>());
  buckets.forEach(({ of, maker }, number) => {
    const found = index[maker]?.get(of.stage);
    if (found === undefined) index[maker]?.set(of.stage, [number]);
    else found.push(number);
  });
  return index;
}

/** All routes for the stages; `index` lists buckets by day. */
export function buildRoutes(stages: readonly Stage[], buckets: readonly Bucket[], index: BucketIndex): RouteTable {
  const lead = leadOf(stages);
  const firstOf = new Int32Array(index.length + 1);
  const finishDay: number[] = [];
  const bucket: number[] = [];
  index.forEach((ofMaker, maker) => {
    for (const leading of lead === undefined ? [] : (ofMaker.get(lead) ?? [])) {
      const route = lead === undefined ? null : findRoute(stages, { lead, leading, ofMaker, buckets });
      if (route === null) continue;
      finishDay.push(Math.max(...route.map((number) => buckets[number]?.day ?? 0)));
      bucket.push(...route);
    }
    firstOf[maker + 1] = finishDay.length;
  });
  return { stages, firstOf, finishDay: Int32Array.from(finishDay), bucket: Int32Array.from(bucket) };
}

type Search = {
  readonly lead: Stage;
  readonly leading: number;
  readonly ofMaker: ReadonlyMap<Stage, readonly number[]>;
  readonly buckets: readonly Bucket[];
};

// Earlier stages lie on the latest day with minutes that is early enough, later ones on the earliest that is late enough: weekends pass.
function findRoute(stages: readonly Stage[], { lead, leading, ofMaker, buckets }: Search): number[] | null {
  const dayOf = (number: number): number => buckets[number]?.day ?? 0;
  const route: number[] = [];
  for (const stage of stages) {
    const wanted = dayOf(leading) + STAGE_OFFSET[stage] - STAGE_OFFSET[lead];
    const before = STAGES.indexOf(stage) < STAGES.indexOf(lead);
    const days = ofMaker.get(stage) ?? [];
    const found =
      stage === lead ? leading : before ? days.findLast((one) => dayOf(one) <= wanted) : days.find((one) => dayOf(one) >= wanted);
    if (found === undefined) return null;
    route.push(found);
  }
  return route;
}
