/** Records of the productivity file: what is read, what is refused, and what becomes of them. */
import { parseTeamDay } from '../../../subgraphs/upstream/import/team-day-row.ts';
import { productivityFormat } from '../../../subgraphs/upstream/import/productivity.ts';
import { member, visitor } from '../../_kit/subgraph.ts';
import { openUpstream, type Upstream } from './_kit.ts';

const record = (more: Record<string, string> = {}) => ({
  date: '2015-01-01',
  quarter: 'Quarter1',
  department: 'sewing',
  day: 'Thursday',
  team: '8',
  targeted_productivity: '0.8',
  smv: '26.16',
  wip: '1108',
  over_time: '7080',
  incentive: '98',
  idle_time: '0',
  idle_men: '0',
  no_of_style_change: '0',
  no_of_workers: '59',
  actual_productivity: '0.940725424',
  ...more,
});

describe('a record of the file', () => {
  const row = {
    day: '2015-01-01',
    team: 8,
    stage: 'SEWING',
    workers: 59,
    overTimeMinutes: 7_080,
    smv: 26.16,
    targeted: 0.8,
    actual: 0.940725424,
  };

  it('becomes a team-day, as cleaned and as UCI publishes it', () => {
    expect(parseTeamDay(record())).toEqual({ kind: 'row', row });
    expect(parseTeamDay(record({ date: '1/1/2015', department: 'sweing' }))).toEqual({ kind: 'row', row });
    expect(parseTeamDay(record({ department: 'finishing ', wip: '', no_of_workers: '8.5' }))).toEqual({
      kind: 'row',
      row: { ...row, stage: 'FINISHING', workers: 8.5 },
    });
  });

  it.each<[string, string]>([
    ['date', '2015-02-30'],
    ['date', '2014-12-31'],
    ['date', '13/1/2015'],
    ['date', ''],
    ['quarter', 'Quarter6'],
    ['department', 'cutting'],
    ['department', 'constructor'],
    ['day', 'Friday'],
    ['team', '0'],
    ['team', '1.5'],
    ['targeted_productivity', '-0.1'],
    ['smv', '0'],
    ['smv', 'NaN'],
    ['wip', 'some'],
    ['over_time', ''],
    ['incentive', 'x'],
    ['idle_time', '-1'],
    ['idle_men', '1e3'],
    ['no_of_style_change', '101'],
    ['no_of_workers', '0'],
    ['no_of_workers', '8.3'],
    ['actual_productivity', '0'],
    ['actual_productivity', '2.5'],
  ])('names the column %s that is wrong: "%s"', (column, value) => {
    expect(parseTeamDay(record({ [column]: value }))).toEqual({ kind: 'bad', column, value, reason: expect.stringContaining('expected') });
  });
});

describe('what is written', () => {
  let hub: Upstream;
  beforeAll(async () => (hub = await openUpstream()), 60_000);
  afterAll(() => hub.close());

  const rowOf = (more: Record<string, string>) => {
    const parsed = parseTeamDay(record(more));
    if (parsed.kind === 'bad') throw new Error(parsed.reason);
    return parsed.row;
  };
  const write = (fileHash: string, rows: { rowNumber: number; row: ReturnType<typeof rowOf> }[], emitted: string[] = []) =>
    productivityFormat.write(
      { tx: hub.db, emit: (topic) => void emitted.push(topic), now: hub.clock.now(), settings: hub.settings, fileHash },
      rows,
    );
  const last = { date: '2015-03-11', day: 'Wednesday' };

  it('is a maker of its own member for each team, with minutes of yesterday and what it can do', async () => {
    const emitted: string[] = [];
    const rows = [
      { rowNumber: 1, row: rowOf(last) },
      { rowNumber: 2, row: rowOf({ ...last, department: 'finishing', no_of_workers: '8', over_time: '960', smv: '3.94' }) },
      { rowNumber: 3, row: rowOf({ ...last, team: '9', actual_productivity: '0.5' }) },
    ];
    expect(await write('a', rows, emitted)).toBe(3);
    expect(emitted.toSorted()).toEqual([
      ...Array(3).fill('capacity.published'),
      ...Array(2).fill('maker.changed'),
      ...Array(2).fill('quality.recorded'),
    ]);
    const { data } = await hub.ask(
      visitor,
      `{ makers { nodes { name origin country supplierGroup member { memberId } capabilities { tag stage } terms { moq } quality { sampleSize onTimeBps }
          capacity(from: "2026-11-01", to: "2026-11-30") { nodes { stage day origin actualMinutes maximumMinutes efficiencyBps } } } } }`,
    );
    const [eight, nine] = data.makers.nodes;
    expect(new Set(data.makers.nodes.map((one: any) => one.member.memberId)).size).toBe(2);
    expect(eight).toMatchObject({
      name: 'Team 8, Garment factory of UCI 597',
      origin: 'IMPORTED',
      country: 'BD',
      capabilities: [
        { tag: 'KNIT_OVERLOCK', stage: 'SEWING' },
        { tag: 'WOVEN_LOCKSTITCH', stage: 'SEWING' },
        { tag: 'FINISH_PRESS', stage: 'FINISHING' },
        { tag: 'FINISH_TRIM', stage: 'FINISHING' },
      ],
      terms: [],
      quality: { sampleSize: 2, onTimeBps: 10_000 },
    });
    expect(eight.capacity.nodes).toEqual([
      { stage: 'SEWING', day: '2026-11-21', origin: 'IMPORTED', actualMinutes: 35_400, maximumMinutes: 42_480, efficiencyBps: 9_407 },
      { stage: 'FINISHING', day: '2026-11-21', origin: 'IMPORTED', actualMinutes: 4_800, maximumMinutes: 5_760, efficiencyBps: 9_407 },
    ]);
    expect(nine).toMatchObject({ supplierGroup: eight.supplierGroup, quality: { sampleSize: 1, onTimeBps: 0 } });
    expect(nine.capabilities.map(({ stage }: any) => stage)).toEqual(['SEWING', 'SEWING']);
  });

  it('is written once, also when a place is read again, and rows of one team-day add up over batches', async () => {
    const [first, second] = [
      { rowNumber: 1, row: rowOf({ ...last, no_of_workers: '10', over_time: '0', actual_productivity: '0.5' }) },
      { rowNumber: 2, row: rowOf({ ...last, no_of_workers: '30', over_time: '60', actual_productivity: '0.9' }) },
    ];
    const emitted: string[] = [];
    expect(await write('b', [first])).toBe(1);
    expect(await write('b', [first, second])).toBe(1);
    expect(await write('b', [first, second], emitted)).toBe(0);
    expect(emitted).toEqual([]);
    const maker = await hub.db.maker.findFirstOrThrow({ where: { sourceKey: 'b team 8' } });
    const [bucket, ...others] = await hub.db.capacityBucket.findMany({ where: { gln: maker.gln } });
    expect(others).toEqual([]);
    expect(bucket).toMatchObject({ actualMinutes: 24_000, maximumMinutes: 24_060, efficiencyBps: 8_000 });
    expect(await hub.db.inspection.count({ where: { gln: maker.gln } })).toBe(2);
  });

  it('is no offer: a maker with minutes of the past only serves no demand, and rivals do not see them', async () => {
    const rival = member('mbr_rival', 'MAKER');
    const { data } = await hub.ask(rival, '{ capacityBuckets(from: "2026-11-01", to: "2026-11-30") { totalCount nodes { bucketId } } }');
    expect(data.capacityBuckets).toEqual({ totalCount: 0, nodes: [] });
    expect(await hub.db.capacityBucket.count({ where: { day: { gte: new Date('2026-11-22') } } })).toBe(0);
  });

  it('takes a constant number of statements', async () => {
    const batch = (from: number, count: number) =>
      Array.from({ length: count }, (_, i) => ({ rowNumber: from + i, row: rowOf({ team: String(1 + (i % 12)) }) }));
    const few = await hub.countStatements(() => write('c', batch(1, 2)));
    const many = await hub.countStatements(() => write('c', batch(100, 100)));
    expect(many).toBe(few);
  });
});
