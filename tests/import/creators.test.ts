/** The format `creators` on a database: what a file becomes, that a second import changes nothing, and what becomes of damaged rows. */
import { readFile } from 'node:fs/promises';
import { runImport, type ImportResult } from '../../subgraph-kit/import/run-import.ts';
import { openClient, type Tx } from '../../subgraphs/downstream/data/client.ts';
import { downstream } from '../../subgraphs/downstream/downstream.ts';
import { creatorsFormat } from '../../subgraphs/downstream/import/creators.ts';
import { hub, member, openTestSubgraph, visitor, type TestSubgraph } from '../_kit/subgraph.ts';
import { makeFolder, postHeader as header, postLine, removeFolders, writeLines } from './_kit.ts';

let d: TestSubgraph<Tx, ReturnType<typeof openClient>>;
let folder: string;

beforeEach(async () => {
  d = await openTestSubgraph(downstream, openClient);
  folder = await makeFolder();
});
afterEach(async () => {
  await d.close();
  await removeFolders();
});

const importFile = (file: string): Promise<ImportResult> =>
  runImport({ format: creatorsFormat, file, db: d.db, clock: d.clock, settings: d.settings, dataFolder: folder });
const countEvents = async (): Promise<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const { topic } of await d.events()) counts[topic] = (counts[topic] ?? 0) + 1;
  return counts;
};
const postLines = (count: number): string[] => Array.from({ length: count }, (_, n) => postLine(n));

const post = '246675545449582_246677465449390,video,2018-06-13T01:12,100,20,3,90,5,2,1,1,0';

describe('A post', () => {
  it('becomes a signal of its page and adds to the day it was published on, on the clock of the hub', async () => {
    const lines = [header, post, post.replace('01:12', '15:59'), post.replace('06-13T01:12', '06-12T16:00')];
    expect(await importFile(await writeLines(folder, 'posts.csv', lines))).toMatchObject({ rowsRead: 3, rowsStored: 3, rowsBad: 0 });
    const { data } = await d.ask(
      visitor,
      `{ creators(first: 2) { nodes { origin displayName tier country mcn { mcnId } member { memberId } channels {
           origin platform handle domain followers reach7d conversionRateBps privateConversionBps
           readings(from: "2026-11-01", to: "2026-11-30") { day views reactions clicks orders joinedPrivate }
           signals { totalCount nodes { origin at windowSeconds views reactions addToCarts deposits orders ewmaRate style { styleId } } } } } } }`,
    );
    const [creator] = data.creators.nodes;
    expect(data.creators.nodes).toHaveLength(1);
    expect(creator).toMatchObject({ origin: 'GENERATED', country: 'TH', mcn: null, member: { memberId: expect.stringMatching(/^mbr_/) } });
    expect(creator.displayName).toMatch(/^\w+ live 9582$/);
    const [source] = creator.channels;
    expect(source).toMatchObject({ origin: 'IMPORTED', platform: 'FACEBOOK', handle: '246675545449582', domain: 'PUBLIC' });
    expect([source.followers, source.reach7d, source.conversionRateBps, source.privateConversionBps]).toEqual([null, null, null, null]);
    // today is 22 November in Shanghai, so the last day of the file became the 21st; in the file it begins eight hours late
    const reading = { views: null, clicks: null, orders: null, joinedPrivate: null };
    expect(source.readings).toEqual([{ ...reading, day: '2026-11-21', reactions: 369 }]);
    expect(source.signals.totalCount).toBe(3);
    expect(source.signals.nodes.map(({ at }: { at: string }) => at)).toEqual([
      '2026-11-21T15:59:00.000Z',
      '2026-11-21T01:12:00.000Z',
      '2026-11-20T16:00:00.000Z',
    ]);
    expect(source.signals.nodes[0]).toMatchObject({
      origin: 'IMPORTED',
      windowSeconds: 86_400,
      reactions: 123,
      style: null,
      views: null,
      addToCarts: null,
      deposits: null,
      orders: null,
      ewmaRate: null,
    });
  });

  it('shows its numbers to no other member', async () => {
    await importFile(await writeLines(folder, 'posts.csv', [header, post]));
    const source =
      '{ creators { nodes { channels { handle readings(from: "2026-11-01", to: "2026-11-30") { day } signals { totalCount } } } } }';
    const look = async (as: typeof hub) => (await d.ask(as, source)).data.creators.nodes[0].channels[0];
    expect(await look(hub)).toMatchObject({ readings: [{ day: '2026-11-21' }], signals: { totalCount: 1 } });
    expect(await look(member('mbr_rival', 'CREATOR'))).toEqual({ handle: '246675545449582', readings: null, signals: { totalCount: 0 } });
  });

  it('whose kinds of reaction add up to less is taken as it is, one whose kinds add up to more is not', async () => {
    const lines = [header, post.replace(',100,', ',103,'), post.replace(',100,', ',98,')];
    const result = await importFile(await writeLines(folder, 'sums.csv', lines));
    expect(result).toMatchObject({ rowsStored: 1, rowsBad: 1 });
    expect((await d.db.demandSignal.findFirstOrThrow()).reactions).toBe(126n);
    expect(await readFile(`${folder}/sums.csv.reject.csv`, 'utf8')).toContain(
      '3,num_reactions,98,"the kinds of reaction add up to 99, which is more"',
    );
  });
});

describe('An import', () => {
  const sums = () =>
    d.db.$queryRawUnsafe(
      `SELECT 'signals' AS what, count(*)::int AS n, sum("reactions")::bigint AS reactions FROM "DemandSignal"
       UNION ALL SELECT 'readings', count(*)::int, sum("reactions")::bigint FROM "TrafficReading" ORDER BY what`,
    ) as Promise<{ what: string; n: number; reactions: bigint }[]>;

  it('stores each row with its events, and its days add up to its posts', async () => {
    const lines = [...postLines(1_100), postLine(3), postLine(3)];
    const result = await importFile(await writeLines(folder, 'posts.csv', [header, ...lines]));
    expect(result).toMatchObject({ rowsRead: 1_102, rowsStored: 1_102, rowsBad: 0 });
    const [readings, signals] = await sums();
    // of the text of the file, without the reader
    const expected = lines.reduce(
      (sum, line) =>
        sum +
        line
          .split(',')
          .slice(3, 6)
          .map(Number)
          .reduce((a, b) => a + b, 0),
      0,
    );
    expect([signals?.n, signals?.reactions, readings?.reactions]).toEqual([1_102, BigInt(expected), BigInt(expected)]);
    const events = await countEvents();
    expect(events).toMatchObject({ 'creator.changed': 7, 'signal.recorded': 1_102 });
    expect(events['traffic.recorded']).toBeGreaterThanOrEqual(7 + (readings?.n ?? 0));
    expect(await d.db.trafficSource.count()).toBe(7);
  });

  it('of the same content changes no row and writes no event', async () => {
    const file = await writeLines(folder, 'posts.csv', [header, ...postLines(60)]);
    await importFile(file);
    const before = await sums();
    await d.forgetEvents();
    d.clock.advance(86_400_000);
    expect(await importFile(file)).toMatchObject({ rowsRead: 60, rowsStored: 60, storedNow: 0 });
    expect(await sums()).toEqual(before);
    expect(await d.events()).toEqual([]);
  });

  it('of a second file adds to the same pages and days', async () => {
    await importFile(await writeLines(folder, 'a.csv', [header, ...postLines(60)]));
    const [before] = await sums();
    await d.forgetEvents();
    await importFile(await writeLines(folder, 'b.csv', [header, ...postLines(60), '']));
    expect(await countEvents()).toMatchObject({ 'signal.recorded': 60 });
    expect((await countEvents())['creator.changed']).toBeUndefined();
    expect(await sums()).toMatchObject([{ n: before?.n, reactions: 2n * (before?.reactions ?? 0n) }, { n: 120 }]);
  });

  it('that fails in the middle keeps its whole batches, and counts no post twice when it goes on', async () => {
    const file = await writeLines(folder, 'posts.csv', [header, ...postLines(1_200)]);
    let batches = 0;
    const failing = {
      ...creatorsFormat,
      write: async (...args: Parameters<typeof creatorsFormat.write>) => {
        const stored = await creatorsFormat.write(...args);
        return (batches += 1) === 2 ? Promise.reject(new Error('the disk is full')) : stored;
      },
    };
    const options = { format: failing, file, db: d.db, clock: d.clock, settings: d.settings, dataFolder: folder };
    await expect(runImport(options)).rejects.toThrow('the disk is full');
    expect(await d.db.demandSignal.count()).toBe(500);
    expect(await importFile(file)).toMatchObject({ rowsRead: 1_200, rowsStored: 1_200, storedNow: 700 });
    const [readings, signals] = await sums();
    expect([signals?.n, readings?.reactions]).toEqual([1_200, signals?.reactions]);
    expect((await countEvents())['signal.recorded']).toBe(1_200);
  });
});

describe('Damaged rows', () => {
  const damages: readonly [what: string, column: string, reason: RegExp, line: string][] = [
    ['too few values', '', /expected 12 values, got 11/, post.replace(/,0$/, '')],
    ['a quote not closed', '', /quote/, post.replace('video', '"video')],
    ['no page', 'status_id', /a page and of a post/, post.replace('246675545449582_', '')],
    ['another id', 'status_id', /a page and of a post/, post.replace('_', '-')],
    ['an unknown type', 'status_type', /photo, video/, post.replace('video', 'story')],
    ['no time', 'status_published', /a time like/, post.replace('2018-06-13T01:12', '6/13/2018 1:12')],
    ['a time that is none', 'status_published', /a time like/, post.replace('T01:12', 'T25:12')],
    ['a day that is none', 'status_published', /a time like/, post.replace('2018-06-13', '2018-02-30')],
    ['a day beyond the data', 'status_published', /2012-07-15 to 2018-06-13/, post.replace('2018', '2019')],
    ['no number', 'num_comments', /a whole number/, post.replace(',20,', ',many,')],
    ['a number below zero', 'num_shares', /a whole number/, post.replace(',3,', ',-3,')],
    ['a broken number', 'num_likes', /a whole number/, post.replace(',90,', ',9.5,')],
    ['kinds beyond the whole', 'num_reactions', /add up to 1089/, post.replace(',90,', ',1080,')],
  ];

  it('are each named with line, column, value and reason; all other rows are stored', async () => {
    const lines = [header, ...damages.flatMap(([, , , line], i) => [line, postLine(i)])];
    const file = await writeLines(folder, 'damaged.csv', lines);
    expect(await importFile(file)).toMatchObject({
      rowsRead: 2 * damages.length,
      rowsStored: damages.length,
      rowsBad: damages.length,
      rejectFile: `${file}.reject.csv`,
    });
    expect(await d.db.demandSignal.count()).toBe(damages.length);
    const [, ...rejects] = (await readFile(`${file}.reject.csv`, 'utf8')).trimEnd().split('\n');
    damages.forEach(([what, column, reason], i) => {
      expect([what, rejects[i]]).toEqual([what, expect.stringMatching(new RegExp(`^${2 + 2 * i},${column},`))]);
      expect(rejects[i]).toMatch(reason);
    });
  });
});
