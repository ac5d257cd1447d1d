// The format `productivity`: team-days of a garment factory (UCI 597). Each team becomes a maker of a member of its own; each row becomes
// minutes of the past and the record of one inspected lot. docs/data.md says what is read and what is made up.
import { addDays, daysBetween, toBusinessDay } from '../../../lib/clock/clock.ts';
import { toDay } from '../../../subgraph-kit/days.ts';
import { toDerivedId } from '../../../subgraph-kit/import/derived-id.ts';
import { toNumber } from '../../../subgraph-kit/import/derived-number.ts';
import type { ImportChange, ImportFormat, ImportRow } from '../../../subgraph-kit/import/format.ts';
import { execute, query, sql } from '../../../subgraph-kit/sql.ts';
import type { Tx } from '../data/client.ts';
import type { BucketRow, MakerRow } from '../data/tables.ts';
import { CAPABILITY_TAGS, makerStates } from '../words.ts';
import { bucketKey, writeBuckets, type Offer } from '../writes/buckets.ts';
import { writeInspections, type Inspected } from '../writes/inspections.ts';
import { writeMakers, type NewMaker } from '../writes/makers.ts';
import { findDemoGlns } from './demo-glns.ts';
import { columns, LAST_DAY, parseTeamDay, type TeamDay } from './team-day-row.ts';

/** Minutes of one worker in one shift of this factory: ten hours. */
const SHIFT_MINUTES = 600;
/** Bangladesh: the incentives of the file are counted in its currency; it names no place. */
const COUNTRY = 'BD';
const GROUP = 'Garment factory of UCI 597';
/** What a team can do at its stages; the place of a tag in the list is its position. */
const TAGS = ['KNIT_OVERLOCK', 'WOVEN_LOCKSTITCH', 'FINISH_PRESS', 'FINISH_TRIM'] as const;

type Row = ImportRow<TeamDay>;
type TeamRow = Row & { readonly maker: MakerRow; readonly day: string };

export const productivityFormat: ImportFormat<Tx, TeamDay> = {
  name: 'productivity',
  columns,
  rowsAtOnce: 100,
  topics: ['maker.changed', 'capacity.published', 'quality.recorded'],
  parse: parseTeamDay,
  write: async (change, all) => {
    const rows = await withoutKnown(change, all);
    if (rows.length === 0) return 0;
    const makers = await enterTeams(change, rows);
    await enterCapabilities(change.tx, rows, makers);
    const shiftDays = daysBetween(LAST_DAY, addDays(toBusinessDay(change.now, change.settings.timeZone), -1));
    const placed = rows.flatMap(({ rowNumber, row }): TeamRow[] => {
      const maker = makers.get(row.team);
      return maker === undefined ? [] : [{ rowNumber, row, maker, day: addDays(row.day, shiftDays) }];
    });
    await writeBuckets(change, await addMinutes(change, placed));
    await writeInspections(
      change,
      placed.map((one) => toInspected(change, one)),
    );
    return placed.length;
  },
};

const identityOf = ({ fileHash }: ImportChange<Tx>, { rowNumber }: Row): string => `${fileHash} ${rowNumber}`;
const inspectionIdOf = (change: ImportChange<Tx>, row: Row): string => toDerivedId('ins', identityOf(change, row));
const teamKeyOf = ({ fileHash }: ImportChange<Tx>, team: number): string => `${fileHash} team ${team}`;

// Minutes of rows are added up in a bucket; the inspection alone tells which rows are in.
async function withoutKnown(change: ImportChange<Tx>, rows: readonly Row[]): Promise<Row[]> {
  const ids = rows.map((row) => inspectionIdOf(change, row));
  const known = await change.tx.inspection.findMany({ where: { inspectionId: { in: ids } }, select: { inspectionId: true } });
  const there = new Set(known.map(({ inspectionId }) => inspectionId));
  return rows.filter((_, i) => !there.has(ids[i] ?? ''));
}

/** The makers of the teams, by number; those that are new are entered. They are locked in the order of their keys. */
async function enterTeams(change: ImportChange<Tx>, rows: readonly Row[]): Promise<Map<number, MakerRow>> {
  const teams = new Map(rows.map(({ row: { team } }) => [teamKeyOf(change, team), team]));
  const known = await query<MakerRow>(
    change.tx,
    sql`SELECT t.* FROM "Maker" t WHERE t."sourceKey" = ANY(${[...teams.keys()]}::text[]) ORDER BY t."gln" FOR NO KEY UPDATE`,
  );
  const there = new Set(known.map(({ sourceKey }) => sourceKey));
  const fresh = [...teams].filter(([sourceKey]) => !there.has(sourceKey));
  const glns = await findDemoGlns(
    change.tx,
    fresh.map(([sourceKey]) => sourceKey),
  );
  const written = await writeMakers(
    change,
    fresh.map(([sourceKey, team], i) => toMaker(sourceKey, team, glns[i] ?? '')),
  );
  return new Map([...known, ...written].map((maker) => [teams.get(maker.sourceKey ?? '') ?? 0, maker]));
}

const toMaker = (sourceKey: string, team: number, gln: string): NewMaker => ({
  gln,
  memberId: toDerivedId('mbr', sourceKey),
  origin: 'IMPORTED',
  sourceKey,
  osId: null,
  name: `Team ${team}, ${GROUP}`,
  status: makerStates.initial,
  country: COUNTRY,
  province: null,
  county: null,
  address: 'Not published',
  lat: null,
  lng: null,
  unlocode: null,
  supplierGroup: GROUP,
  lineWorkers: null,
  capabilities: [],
  terms: [],
});

// A team is of both departments, but one of them may come later in the file; what is there already stays.
async function enterCapabilities(tx: Tx, rows: readonly Row[], makers: ReadonlyMap<number, MakerRow>): Promise<void> {
  const pairs = new Map(
    rows.flatMap(({ row: { team, stage } }) =>
      TAGS.flatMap((tag, position) => {
        const gln = makers.get(team)?.gln;
        return gln === undefined || CAPABILITY_TAGS.get(tag) !== stage ? [] : [[`${gln} ${tag}`, { gln, position, tag, stage }] as const];
      }),
    ),
  );
  const list = [...pairs.values()];
  await execute(
    tx,
    sql`INSERT INTO "Capability" ("gln", "position", "tag", "stage")
        SELECT * FROM unnest(${list.map(({ gln }) => gln)}::text[], ${list.map(({ position }) => position)}::int[],
          ${list.map(({ tag }) => tag)}::text[], ${list.map(({ stage }) => stage)}::text[])
        ON CONFLICT DO NOTHING`,
  );
}

const minutesOf = ({ workers }: TeamDay): number => Math.round(workers * SHIFT_MINUTES);
const toBps = (share: number): number => Math.round(share * 10_000);

/** Buckets with the minutes of these rows on top of what stands there; the efficiency is that of all minutes together. */
async function addMinutes(change: ImportChange<Tx>, rows: readonly TeamRow[]): Promise<Offer[]> {
  const buckets = await readBuckets(change.tx, rows);
  for (const { row, maker, day } of rows) {
    const { gln, memberId, country } = maker;
    const key = bucketKey({ gln, stage: row.stage, day });
    const before = buckets.get(key);
    const minutes = minutesOf(row);
    const actualMinutes = (before?.actualMinutes ?? 0) + minutes;
    const earned = (before?.actualMinutes ?? 0) * (before?.efficiencyBps ?? 0) + minutes * toBps(row.actual);
    buckets.set(key, {
      bucketId: before?.bucketId ?? toDerivedId('bkt', `${teamKeyOf(change, row.team)} ${row.stage} ${day}`),
      gln,
      memberId,
      country,
      origin: 'IMPORTED',
      stage: row.stage,
      day,
      actualMinutes,
      maximumMinutes: (before?.maximumMinutes ?? 0) + minutes + Math.round(row.overTimeMinutes),
      efficiencyBps: Math.round(earned / actualMinutes),
    });
  }
  const named = new Set(rows.map(({ row, maker, day }) => bucketKey({ gln: maker.gln, stage: row.stage, day })));
  return [...buckets].flatMap(([key, offer]) => (named.has(key) ? [offer] : []));
}

async function readBuckets(tx: Tx, rows: readonly TeamRow[]): Promise<Map<string, Offer>> {
  const found = await query<BucketRow & { country: string }>(
    tx,
    sql`SELECT t.*, m."country" FROM unnest(${rows.map(({ maker }) => maker.gln)}::text[], ${rows.map(({ day }) => day)}::text[],
          ${rows.map(({ row }) => row.stage)}::text[]) AS w("gln", "day", "stage")
        JOIN "CapacityBucket" t ON t."gln" = w."gln" AND t."day" = w."day"::date AND t."stage" = w."stage"
        JOIN "Maker" m ON m."gln" = t."gln"`,
  );
  return new Map(
    found.map((bucket) => {
      const day = toDay(bucket.day);
      return [bucketKey({ ...bucket, day }), { ...bucket, day }];
    }),
  );
}

/** Yield of the first pass: 94 to 99.99 %; the file does not say it. A lot under 94.5 % counts as rejected. */
const YIELD_LEAST_BPS = 9_400;
const REJECT_BELOW_BPS = 9_450;

/** The pieces that the minutes earned are worth, as one inspected lot; it was on time when the team reached its target. */
function toInspected(change: ImportChange<Tx>, { rowNumber, row, maker, day }: TeamRow): Inspected {
  const pieces = Math.max(1, Math.round((minutesOf(row) * row.actual) / row.smv));
  const yieldBps = YIELD_LEAST_BPS + toNumber(`${identityOf(change, { rowNumber, row })} yield`, 10_000 - YIELD_LEAST_BPS);
  return {
    inspectionId: inspectionIdOf(change, { rowNumber, row }),
    gln: maker.gln,
    memberId: maker.memberId,
    origin: 'IMPORTED',
    day,
    pieces,
    firstPassPieces: Math.floor((pieces * yieldBps) / 10_000),
    rejected: yieldBps < REJECT_BELOW_BPS,
    onTime: row.actual >= row.targeted,
  };
}
