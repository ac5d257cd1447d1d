// The real week in a hub: facilities and order lines come in by their importers (prices in pounds, at one round rate); capacity and work come by the rule of docs/routing.md from
// the real team-days of the productivity file, through mutations of the makers.
import { createReadStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse';
import { z } from 'zod';
import { addDays } from '../../lib/clock/clock.ts';
import { toDemoGmn } from '../../subgraph-kit/gs1.ts';
import { toNumber } from '../../subgraph-kit/import/derived-number.ts';
import type { Player, TestHub } from '../../tests/_kit/hub.ts';
import { makeFolder } from '../../tests/import/_kit.ts';
import { makeDataFolder, startImport } from '../../tests/import/_process.ts';

export const WEEK = { first: '2011-11-07', last: '2011-11-13' } as const;
export const TODAY = '2026-11-22';
/** Days of capacity: as many as the importer of facilities makes up. */
const DAYS = 10;
const SHIFT_MINUTES = 600;
const IDLE_SHARE = 0.15;
// Buckets of a facility have other stages too; the styles of the week need sewing only.
const PART = 100;

type Row = Readonly<Record<string, string>>;
export type Files = { readonly facilities: string; readonly orders: string; readonly productivity: string };
export type Facility = { readonly gln: string; readonly name: string; readonly player: Player };
export type Week = {
  readonly hub: TestHub;
  readonly lines: number;
  readonly pieces: number;
  readonly facilities: readonly Facility[];
  /** Standard minutes that the lines need. */
  readonly need: number;
  /** Earned minutes of a facility on a day, before scaling. */
  readonly minutesOf: (facility: Facility) => number;
};

async function readRows(file: string): Promise<Row[]> {
  const rows: Row[] = [];
  // csv-parse gives one record of text for each row when `columns` is set
  for await (const row of createReadStream(file).pipe(parse({ columns: true, bom: true }))) rows.push(row as Row);
  return rows;
}

const pick = <T>(list: readonly T[], text: string): T => {
  const item = list[toNumber(text, list.length)];
  if (item === undefined) throw new RangeError('nothing to draw from');
  return item;
};

/** Settles with more patience than a test: an import leaves tens of thousands of events. */
export async function settleLong(hub: TestHub): Promise<void> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await hub.settle();
    } catch (error) {
      if (tried === 20) throw error;
    }
  }
}

const pageInfoShape = z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() });

/** Pages through a list at the root; `shape` is of the fields that are asked for. */
export async function readAll<T>(hub: TestHub, field: string, fields: string, shape: z.ZodType<T>): Promise<T[]> {
  const pageShape = z.object({ nodes: z.array(shape), pageInfo: pageInfoShape });
  const found: T[] = [];
  for (let after: string | null = null; ;) {
    const source = `query ($after: String) { ${field}(first: 200, after: $after) { nodes { ${fields} } pageInfo { hasNextPage endCursor } } }`;
    const answer = await hub.ask(hub.hub, source, { after });
    if (answer.errors !== undefined) throw new Error(JSON.stringify(answer.errors));
    const page: z.infer<typeof pageShape> = pageShape.parse(z.record(z.string(), z.unknown()).parse(answer.data)[field]);
    found.push(...page.nodes);
    if (!page.pageInfo.hasNextPage) return found;
    after = page.pageInfo.endCursor;
  }
}

/** A mutation that must be taken. */
async function change(hub: TestHub, player: Player, name: string, input: Record<string, unknown>, fields: string): Promise<void> {
  const { problems } = z.object({ problems: z.array(z.unknown()) }).parse(await hub.change(player, name, input, fields));
  if (problems.length > 0) throw new Error(`${name}: ${JSON.stringify(problems)}`);
}

async function importAll(hub: TestHub, files: Files, week: readonly string[]): Promise<void> {
  const variables = await makeDataFolder(hub.database);
  const orders = join(await makeFolder(), 'week.csv');
  await writeFile(orders, `${week.join('\n')}\n`);
  for (const args of [
    ['facilities', files.facilities],
    ['orders', orders, '--history-ends', WEEK.last],
  ]) {
    const { code, stderr, stdout } = await startImport(variables, args).ended;
    if (code !== 0) throw new Error(stderr);
    console.log(`       ${stdout.trimEnd().split('\n').at(-1) ?? ''}`);
  }
  await settleLong(hub);
}

/** Header and rows of the week, as they stand in the file. */
export async function cutWeek(file: string, first: string, last: string): Promise<string[]> {
  const [header = '', ...lines] = (await readFile(file, 'utf8')).trimEnd().split('\n');
  const dayOf = (line: string): string => /(\d{4}-\d{2}-\d{2}) \d{2}:\d{2}/.exec(line)?.[1] ?? '';
  return [header, ...lines.filter((line) => dayOf(line) >= first && dayOf(line) <= last)];
}

const makerShape = z.object({
  gln: z.string(),
  name: z.string(),
  member: z.object({ memberId: z.string() }),
  capabilities: z.array(z.object({ tag: z.string() })),
});
const lineShape = z.object({ quantity: z.number(), style: z.object({ styleId: z.string() }) });
const styleShape = z.object({
  styleId: z.string(),
  gmn: z.string(),
  operations: z.array(z.object({ stage: z.string(), capability: z.string() })),
});

/** Brings the week in; the hub's clock stands at the day after its last one. */
export async function buildWeek(hub: TestHub, files: Files): Promise<Week> {
  const sewing = (await readRows(files.productivity)).filter((row) => row['department']?.trim().startsWith('sew'));
  const rows = await cutWeek(files.orders, WEEK.first, WEEK.last);
  await importAll(hub, files, rows);
  const rates = [{ date: TODAY, from: 'GBP', to: 'CNY', rate: '9.4' }];
  await hub.change(hub.hub, 'recordFxRates', { rates, idempotencyKey: 'rates' }, 'rates { rate }');
  const makers = await readAll(hub, 'makers', 'gln name member { memberId } capabilities { tag }', makerShape);
  const facilities: Facility[] = [];
  for (const { gln, name, member } of makers) facilities.push({ gln, name, player: await hub.enter(member.memberId, ['MAKER']) });
  const smvOf = await recordWork(hub, rows, sewing, makers, facilities);
  const lines = await readAll(hub, 'demandLines', 'demandLineId quantity style { styleId }', lineShape);
  return {
    hub,
    lines: lines.length,
    pieces: lines.reduce((sum, line) => sum + line.quantity, 0),
    facilities,
    need: lines.reduce((sum, line) => sum + line.quantity * (smvOf.get(line.style.styleId) ?? Number.NaN), 0),
    minutesOf: ({ name }) => {
      const team = pick(sewing, `capacity ${name}`);
      return Number(team['no_of_workers']) * SHIFT_MINUTES * Number(team['actual_productivity']) * IDLE_SHARE;
    },
  };
}

// The minutes of a style: `smv` of a team-day drawn by its stock code, all of it sewing, recorded by a maker that can sew it.
async function recordWork(
  hub: TestHub,
  rows: readonly string[],
  sewing: readonly Row[],
  makers: readonly { gln: string; capabilities: readonly { tag: string }[] }[],
  facilities: readonly Facility[],
): Promise<Map<string, number>> {
  const codeOf = new Map(
    rows
      .slice(1)
      .map((line) => (line.split(',')[1] ?? '').toUpperCase())
      .map((code) => [toDemoGmn(`orders ${code}`), code]),
  );
  const styles = await readAll(hub, 'styles', 'styleId gmn operations { stage capability }', styleShape);
  const smvOf = new Map<string, number>();
  for (const { styleId, gmn, operations } of styles) {
    const smv = Number(pick(sewing, `work ${codeOf.get(gmn) ?? ''}`)['smv']);
    const capability = operations.find((operation) => operation.stage === 'SEWING')?.capability ?? '';
    const able = makers.findIndex(({ capabilities }) => capabilities.some(({ tag }) => tag === capability));
    const player = facilities[able]?.player;
    if (player === undefined) throw new Error(`no facility can do ${capability}`);
    const input = { styleId, operations: [{ stage: 'SEWING', smv, capability }], idempotencyKey: `work-${styleId}` };
    await change(hub, player, 'recordOperations', input, 'style { styleId }');
    smvOf.set(styleId, smv);
  }
  return smvOf;
}

/** Makers publish their sewing minutes of the next days, scaled so that all together are `share` of what the lines need. */
export async function publish(week: Week, share: number): Promise<void> {
  const { hub, facilities, need, minutesOf } = week;
  const days: string[] = [];
  for (let day: string = TODAY; days.length < DAYS; day = addDays(day, 1))
    if (new Date(`${day}T00:00:00Z`).getUTCDay() % 6 !== 0) days.push(day);
  const all = facilities.reduce((sum, facility) => sum + minutesOf(facility) * DAYS, 0);
  const factor = (need * share) / all;
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let i = next++; i < facilities.length; i = next++) {
      const facility = facilities[i];
      if (facility === undefined) return;
      const actualMinutes = Math.floor(minutesOf(facility) * factor);
      const buckets = days.map((day) => ({
        gln: facility.gln,
        stage: 'SEWING',
        day,
        actualMinutes,
        maximumMinutes: actualMinutes,
        efficiencyBps: 10_000,
      }));
      const input = { buckets: buckets.slice(0, PART), idempotencyKey: `capacity-${share}-${facility.gln}` };
      await change(hub, facility.player, 'publishCapacity', input, 'buckets { bucketId }');
    }
  };
  await Promise.all(Array.from({ length: 6 }, worker));
  await settleLong(hub);
}
