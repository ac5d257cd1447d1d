/** Rows of routing's tables for tests of figures: made by hand with what matters, or by a seed. */
import { createHash } from 'node:crypto';
import { addDays } from '../../../../lib/clock/clock.ts';
import { insertRows } from '../../../../subgraph-kit/insert-rows.ts';
import { empty, noon, type Routing } from './_kit.ts';

type Row = Record<string, unknown>;
/** Rows by table. */
export type World = Record<string, Row[]>;

const tables = [
  'DemandCopy',
  'Allocation',
  'WorkFact',
  'CapacityFact',
  'MakerCopy',
  'SaleFact',
  'LotFact',
  'LotStageFact',
  'ReceiptFact',
  'Run',
];

/** The tables hold these rows and no others. */
export async function fill(r: Routing, world: World): Promise<void> {
  await empty(r, ...tables);
  for (const [table, rows] of Object.entries(world)) await insertRows(r.db, table, rows);
}

/** A demand line: `of` member and style, so many pieces, due on a day. */
export const line = (demandLineId: string, memberId: string, styleId: string, quantity: number, dueDate: string, extra: Row = {}): Row => ({
  demandLineId,
  memberId,
  origin: 'REPORTED',
  styleId,
  campaignId: null,
  kind: 'ORDER',
  quantity,
  dueDate,
  latestDate: addDays(dueDate, 3),
  status: 'OPEN',
  submittedAt: noon('2026-11-02'),
  changedAt: noon('2026-11-02'),
  ...extra,
});

/** An allocation of a line to a maker (`gln` and its member are named alike). */
export const allocation = (allocationId: string, of: Row, gln: string, quantity: number, promisedDate: string, extra: Row = {}): Row => ({
  allocationId,
  runId: 'run_1',
  decisionId: 'dec_1',
  demandLineId: of['demandLineId'],
  demandMemberId: of['memberId'],
  memberId: `mbr_${gln}`,
  origin: of['origin'] ?? 'REPORTED',
  gln,
  styleId: of['styleId'],
  distributorGln: null,
  distributorMemberId: null,
  quantity,
  unitPriceMinor: 100,
  currency: 'CNY',
  originUnlocode: 'CNHGH',
  destinationUnlocode: 'CNSHA',
  promisedDate,
  status: 'ACCEPTED',
  receivedGood: 0,
  receivedDamaged: 0,
  proposedAt: noon('2026-11-05'),
  changedAt: noon('2026-11-05'),
  ...extra,
});

export const maker = (gln: string, extra: Row = {}): Row => ({
  gln,
  memberId: `mbr_${gln}`,
  origin: 'REPORTED',
  name: gln,
  status: 'ACTIVE',
  country: 'CN',
  enteredAt: noon('2026-01-01'),
  changedAt: noon('2026-01-01'),
  ...extra,
});

export const bucket = (gln: string, stage: string, day: string, actualMinutes: number, extra: Row = {}): Row => ({
  bucketId: `bkt_${gln}_${stage}_${day}`,
  gln,
  stage,
  day,
  actualMinutes,
  committedMinutes: 0,
  heldMinutes: 0,
  efficiencyBps: 10_000,
  publishedAt: noon('2026-11-01'),
  bookedAt: noon('2026-11-01'),
  ...extra,
});

export const work = (styleId: string, stage: string, smv: number): Row => ({ styleId, stage, smv });

export const sale = (styleId: string, memberId: string, day: string, piecesSold: number): Row => ({
  styleId,
  campaignId: '',
  memberId,
  day,
  currency: 'CNY',
  piecesSold,
  piecesReturned: 0,
  gmvMinor: piecesSold * 100,
});

export const receipt = (gsin: string, of: Row, good: number, receivedAt: string, extra: Row = {}): Row => ({
  gsin,
  allocationId: of['allocationId'],
  distributorGln: 'gln_carrier',
  memberId: 'mbr_carrier',
  demandMemberId: of['demandMemberId'],
  good,
  damaged: 0,
  onTime: true,
  documentsMatch: true,
  receivedAt,
  ...extra,
});

export const lot = (lotId: string, of: Row): Row => ({
  lotId,
  allocationId: of['allocationId'],
  gln: of['gln'],
  memberId: of['memberId'],
  demandMemberId: of['demandMemberId'],
  styleId: of['styleId'],
  status: 'IN_PROGRESS',
  plannedQty: of['quantity'],
  goodQty: 0,
  scrapQty: 0,
  createdAt: noon('2026-11-06'),
  changedAt: noon('2026-11-06'),
});

export const stage = (lotId: string, name: string, startedAt: string | null, completedAt: string | null): Row => ({
  lotId,
  stage: name,
  qtyOut: 0,
  scrap: 0,
  startedAt,
  completedAt,
});

export const STAGES = ['FABRIC_PREP', 'CUTTING', 'PRINTING', 'EMBROIDERY', 'SEWING', 'FINISHING', 'QC', 'PACKING'];

/** Whole numbers from a seed: the same seed gives the same numbers. */
export function numbers(seed: string): { upTo: (n: number) => number; of: <T>(list: readonly T[]) => T } {
  let count = 0;
  const upTo = (n: number): number =>
    createHash('sha256')
      .update(`${seed} ${(count += 1)}`)
      .digest()
      .readUInt32BE() % n;
  // the place lies within the list, which is not empty
  return { upTo, of: <T>(list: readonly T[]) => list[upTo(list.length)] as T };
}

/** A few hundred rows around 22 November 2026, with members that are many things at once and every kind of gap. */
export function worldOf(seed: string): World {
  const { upTo, of } = numbers(seed);
  const day = (): string => addDays('2026-10-20', upTo(70));
  const at = (from: string, days: number): string => new Date(Date.parse(noon(from)) + upTo(days * 86_400) * 1_000).toISOString();
  const styles = Array.from({ length: 7 }, (_, i) => `sty_${i}`);
  const glns = ['a', 'b', 'c', 'd'];
  const creators = ['mbr_mei', 'mbr_lin', 'mbr_a'];
  const lines = Array.from({ length: 160 }, (_, i) =>
    line(`dln_${i}`, of(creators), of(styles), 1 + upTo(300), day(), {
      kind: of(['ORDER', 'PRESALE', 'FORECAST', 'FORECAST', 'REORDER_TRIGGER', null]),
      status: of(['OPEN', 'PARTIAL', 'ALLOCATED', 'FULFILLED', 'FULFILLED', 'CANCELLED', 'EXPIRED']),
      origin: of(['REPORTED', 'GENERATED', 'IMPORTED', null]),
      submittedAt: of([at('2026-10-20', 34), at('2026-10-20', 34), null]),
    }),
  ).map((row) => (upTo(15) === 0 ? { ...row, dueDate: null, latestDate: null } : row));
  const allocations = lines
    .filter((row) => row['kind'] !== 'FORECAST')
    .flatMap((row, i) =>
      Array.from({ length: upTo(4) }, (_, j) =>
        allocation(`alc_${i}_${j}`, row, of(glns), 1 + upTo(150), day(), {
          status: of([
            'PROPOSED',
            'OFFERED',
            'COUNTERED',
            'ACCEPTED',
            'FROZEN',
            'COMPLETED',
            'COMPLETED',
            'COMPLETED',
            'DECLINED',
            'SUPERSEDED',
          ]),
          distributorMemberId: of([null, 'mbr_carrier', 'mbr_b']),
          proposedAt: at('2026-10-20', 34),
        }),
      ),
    );
  const lots = allocations.filter(() => upTo(2) === 0).map((row, i) => lot(`lot_${i}`, row));
  return {
    DemandCopy: lines,
    Allocation: allocations,
    // one style has no work, one a stage without minutes
    WorkFact: styles
      .slice(1)
      .flatMap((id, i) => STAGES.filter(() => upTo(3) > 0).map((name, j) => work(id, name, i + j === 0 ? 0 : (1 + upTo(90_000)) / 10_000))),
    MakerCopy: glns.slice(0, 3).map((gln) => maker(gln, { origin: of(['REPORTED', 'GENERATED', 'IMPORTED', null]) })),
    CapacityFact: glns
      .flatMap((gln) =>
        Array.from({ length: 40 }, () =>
          bucket(gln, of(STAGES), day(), upTo(9_000), {
            efficiencyBps: 3_000 + upTo(9_000),
            committedMinutes: upTo(3_000),
            heldMinutes: upTo(2_000),
          }),
        ),
      )
      .filter((row, i, all) => all.findIndex((other) => other['bucketId'] === row['bucketId']) === i),
    SaleFact: styles.flatMap((id) =>
      creators.flatMap((memberId) =>
        upTo(3) === 0 ? [] : Array.from({ length: 5 }, (_, i) => sale(id, memberId, addDays('2026-10-22', i * 6 + upTo(6)), upTo(80))),
      ),
    ),
    LotFact: lots,
    LotStageFact: lots.flatMap(({ lotId }) =>
      STAGES.filter(() => upTo(2) === 0).map((name) =>
        stage(String(lotId), name, of([at('2026-10-20', 3), null]), of([at('2026-10-24', 35), at('2026-10-24', 35), null])),
      ),
    ),
    ReceiptFact: allocations
      .filter(() => upTo(3) > 0)
      .flatMap((row, i) =>
        Array.from({ length: 1 + upTo(2) }, (_, j) =>
          receipt(`gsin_${i}_${j}`, row, upTo(400), at('2026-10-20', 34), {
            damaged: upTo(4) === 0 ? 3 : 0,
            onTime: upTo(6) > 0,
            documentsMatch: upTo(6) > 0,
          }),
        ),
      ),
  };
}
