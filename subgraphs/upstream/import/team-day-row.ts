// One record of the productivity file (UCI 597): one team of a garment factory on one day.
import type { ParsedRow } from '../../../subgraph-kit/import/format.ts';

export const columns = [
  'date',
  'quarter',
  'department',
  'day',
  'team',
  'targeted_productivity',
  'smv',
  'wip',
  'over_time',
  'incentive',
  'idle_time',
  'idle_men',
  'no_of_style_change',
  'no_of_workers',
  'actual_productivity',
] as const;
type Column = (typeof columns)[number];

/** Days the published data covers. */
export const FIRST_DAY = '2015-01-01';
export const LAST_DAY = '2015-03-11';

export type TeamDay = {
  /** By the calendar of the file, not shifted. */
  readonly day: string;
  readonly team: number;
  readonly stage: 'SEWING' | 'FINISHING';
  /** May be half: a worker who was there for half a day. */
  readonly workers: number;
  readonly overTimeMinutes: number;
  readonly smv: number;
  readonly targeted: number;
  readonly actual: number;
};

const TEAMS_MOST = 99;
const WORKERS_MOST = 1_000;
const OVER_TIME_MOST = 100_000;
const SMV_MOST = 1_000;
/** Twice the standard. */
const PRODUCTIVITY_MOST = 2;
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
// as the download of UCI spells them, and as they are meant
const STAGES: ReadonlyMap<string, TeamDay['stage']> = new Map([
  ['sewing', 'SEWING'],
  ['sweing', 'SEWING'],
  ['finishing', 'FINISHING'],
]);

/** `YYYY-MM-DD`, from that or from `month/day/year`, as the download of UCI writes it; null when there is no such day. */
function toDay(text: string): string | null {
  const [, month = '', date = '', year = ''] = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(text) ?? [];
  const day = year === '' ? text : `${year}-${month.padStart(2, '0')}-${date.padStart(2, '0')}`;
  const at = /^\d{4}-\d{2}-\d{2}$/.test(day) ? new Date(`${day}T00:00:00Z`) : null;
  return at !== null && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(day) ? day : null;
}

/** A number without sign or exponent; null for anything else. */
const toNumber = (text: string): number | null => (/^\d{1,9}(\.\d{1,18})?$/.test(text) ? Number(text) : null);

/** Columns that are only checked, with the most that makes sense. */
const CHECKED: readonly (readonly [Column, number])[] = [
  ['incentive', 1_000_000],
  ['idle_time', 100_000],
  ['idle_men', WORKERS_MOST],
  ['no_of_style_change', 100],
];

/** Reads one record; the first column that is wrong is named. */
export function parseTeamDay(record: Readonly<Record<string, string>>): ParsedRow<TeamDay> {
  const text = (column: Column): string => (record[column] ?? '').trim();
  const bad = (column: Column, reason: string): ParsedRow<TeamDay> => ({ kind: 'bad', column, value: record[column] ?? '', reason });
  const between = (column: Column, from: number, to: number): number | null => {
    const value = toNumber(text(column));
    return value !== null && value >= from && value <= to ? value : null;
  };
  const day = toDay(text('date'));
  if (day === null) return bad('date', 'expected a day like 2015-01-31');
  if (day < FIRST_DAY || day > LAST_DAY)
    return bad('date', `expected a day from ${FIRST_DAY} to ${LAST_DAY}, which the published data covers`);
  if (!/^Quarter[1-5]$/.test(text('quarter'))) return bad('quarter', 'expected Quarter1 to Quarter5: the week of the month');
  const stage = STAGES.get(text('department'));
  if (stage === undefined) return bad('department', 'expected sewing or finishing');
  const weekday = WEEKDAYS[new Date(`${day}T00:00:00Z`).getUTCDay()] ?? '';
  if (text('day') !== weekday) return bad('day', `expected ${weekday}, which ${day} is`);
  const team = between('team', 1, TEAMS_MOST);
  if (team === null || !Number.isInteger(team)) return bad('team', `expected the number of a team, 1 to ${TEAMS_MOST}`);
  const targeted = between('targeted_productivity', 0, PRODUCTIVITY_MOST);
  if (targeted === null) return bad('targeted_productivity', `expected a share of 0 to ${PRODUCTIVITY_MOST}`);
  const smv = between('smv', 0.01, SMV_MOST);
  if (smv === null) return bad('smv', `expected standard minutes of a piece, 0.01 to ${SMV_MOST}`);
  if (text('wip') !== '' && toNumber(text('wip')) === null) return bad('wip', 'expected pieces in work, or nothing');
  const overTimeMinutes = between('over_time', 0, OVER_TIME_MOST);
  if (overTimeMinutes === null) return bad('over_time', `expected minutes, 0 to ${OVER_TIME_MOST}`);
  for (const [column, most] of CHECKED) if (between(column, 0, most) === null) return bad(column, `expected a number of 0 to ${most}`);
  const workers = between('no_of_workers', 0.5, WORKERS_MOST);
  if (workers === null || !Number.isInteger(workers * 2)) return bad('no_of_workers', `expected workers in halves, 0.5 to ${WORKERS_MOST}`);
  const actual = between('actual_productivity', 0.0001, PRODUCTIVITY_MOST);
  if (actual === null) return bad('actual_productivity', `expected a share above 0, at most ${PRODUCTIVITY_MOST}`);
  return { kind: 'row', row: { day, team, stage, workers, overTimeMinutes, smv, targeted, actual } };
}
