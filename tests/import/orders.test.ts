/** The format `orders` on a database: what a file becomes, that a second import changes nothing, and what becomes of damaged rows. */
import { copyFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runImport, type ImportResult } from '../../subgraph-kit/import/run-import.ts';
import { explainGmn, explainKey } from '../../subgraph-kit/gs1.ts';
import { openClient, type Tx } from '../../subgraphs/downstream/data/client.ts';
import { downstream } from '../../subgraphs/downstream/downstream.ts';
import { checkHistoryEnds, createOrdersFormat, ordersFormat } from '../../subgraphs/downstream/import/orders.ts';
import { openTestSubgraph, visitor, type TestSubgraph } from '../_kit/subgraph.ts';
import { header, makeFolder, orderLine, orderLines, removeFolders, writeLines } from './_kit.ts';

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

const importFile = (file: string, dataFolder = folder, format = ordersFormat): Promise<ImportResult> =>
  runImport({ format, file, db: d.db, clock: d.clock, settings: d.settings, dataFolder });
const countEvents = async (): Promise<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const { topic } of await d.events()) counts[topic] = (counts[topic] ?? 0) + 1;
  return counts;
};

describe('An order line', () => {
  it('becomes a demand line with its style, on the clock of the hub', async () => {
    const line = '536370,85099b,"JUMBO  BAG, RED ",18,2011-12-09 08:45:00,2.955,12583,France';
    const result = await importFile(await writeLines(folder, 'one.csv', [header, line]));
    expect(result).toMatchObject({ rowsRead: 1, rowsStored: 1, storedNow: 1, rowsBad: 0, rejectFile: null });
    const { data } = await d.ask(
      visitor,
      `{ demandLines(first: 2) { nodes { origin kind quantity status submittedAt dueDate latestDate shipToUnlocode unitMargin { amountMinor currency } depositPaid { amountMinor } unitPriceCap { amountMinor }
           member { memberId } sizes { quantity sku { gtin colour size } }
           campaign { title status origin creator { origin displayName tier country mcn { name origin } } brand { name } styles { nodes { name } } segments { name } }
           style { gmn name origin category life retailPrice { amountMinor currency } proposedAt brand { name } proposedBy { displayName } member { memberId } } } } }`,
    );
    const [demand] = data.demandLines.nodes;
    expect(data.demandLines.nodes).toHaveLength(1);
    // today is 22 November in Shanghai, so the last day of the file became the 21st
    expect(demand).toMatchObject({
      origin: 'IMPORTED',
      kind: 'ORDER',
      quantity: 18,
      status: 'OPEN',
      submittedAt: '2026-11-21T08:45:00.000Z',
      shipToUnlocode: 'FRPAR',
    });
    expect(demand.dueDate >= '2026-11-28' && demand.dueDate <= '2026-12-05').toBe(true);
    expect(Date.parse(demand.latestDate) - Date.parse(demand.dueDate)).toBe(7 * 86_400_000);
    expect(demand.unitMargin).toEqual({ amountMinor: 118, currency: 'GBP' });
    expect([demand.unitPriceCap, demand.depositPaid.amountMinor]).toEqual([null, 0]);
    expect(demand.sizes).toEqual([{ quantity: 18, sku: { gtin: expect.any(String), colour: 'AS NAMED', size: 'ONE SIZE' } }]);
    expect(explainKey(demand.sizes[0].sku.gtin, [13])).toBeNull();
    // 295.5 pence, half-even
    expect(demand.style).toMatchObject({
      name: 'JUMBO BAG, RED',
      origin: 'IMPORTED',
      category: 'BAG',
      life: 'CORE',
      retailPrice: { amountMinor: 296, currency: 'GBP' },
      proposedAt: '2026-11-21T08:45:00.000Z',
    });
    expect(explainGmn(demand.style.gmn)).toBeNull();
    expect(demand.campaign).toMatchObject({
      origin: 'GENERATED',
      status: 'LIVE',
      creator: { origin: 'GENERATED', country: 'GB', mcn: { name: 'Millrace Talent', origin: 'GENERATED' } },
      brand: { name: 'Millrace Goods' },
      styles: { nodes: [{ name: 'JUMBO BAG, RED' }] },
    });
    expect(demand.style.proposedBy.displayName).toBe(demand.campaign.creator.displayName);
    expect(demand.style.member).toEqual(demand.member);
  });

  it('of the past counts as served, and of the last weeks as waiting, without an event to change it', async () => {
    await importFile(await writeLines(folder, 'days.csv', [header, ...orderLines(200)]));
    const lines = await d.db.demandLine.findMany();
    const today = '2026-11-22';
    expect(new Set(lines.map(({ status }) => status))).toEqual(new Set(['OPEN', 'FULFILLED']));
    for (const { status, latestDate, submittedAt } of lines) {
      expect(status).toBe(latestDate.toISOString().slice(0, 10) < today ? 'FULFILLED' : 'OPEN');
      expect(submittedAt < d.clock.now()).toBe(true);
    }
    expect((await countEvents())['demand.changed']).toBeUndefined();
  });

  it('leaves no customer anywhere', async () => {
    await importFile(
      await writeLines(folder, 'customers.csv', [
        header,
        ...Array.from({ length: 30 }, (_, n) => orderLine(n).replace(/,1\d{4},/, ',98765432,')),
      ]),
    );
    const tables = await d.db.$queryRawUnsafe<{ name: string }[]>(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'downstream'`,
    );
    expect(tables.length).toBeGreaterThan(10);
    for (const { name } of tables) {
      const rows = await d.db.$queryRawUnsafe<{ found: boolean }[]>(
        `SELECT EXISTS (SELECT 1 FROM "${name}" t WHERE t::text LIKE '%98765432%') AS found`,
      );
      expect([name, rows[0]?.found]).toEqual([name, false]);
    }
  });
});

describe('An import', () => {
  it('stores each row with its events; exact repeats in a file are rows of their own', async () => {
    const lines = [...orderLines(700), orderLine(3), orderLine(3), orderLine(699)];
    const result = await importFile(await writeLines(folder, 'orders.csv', [header, ...lines]));
    expect(result).toMatchObject({ rowsRead: 703, rowsStored: 703, rowsBad: 0 });
    expect(await d.db.demandLine.count()).toBe(703);
    const events = await countEvents();
    expect(events).toMatchObject({
      'mcn.changed': 1,
      'brand.changed': 1,
      'creator.changed': 24,
      'segment.changed': 24,
      'style.proposed': 37,
      'demand.submitted': 703,
    });
    expect(events['campaign.changed']).toBe(await d.db.campaign.count());
    expect(await d.db.style.count()).toBe(37);
    expect(await d.db.sku.count()).toBe(37);
  });

  it('of the same content changes no row and writes no event, under any name', async () => {
    const file = await writeLines(folder, 'orders.csv', [header, ...orderLines(60)]);
    await importFile(file);
    const before = await d.db.$queryRawUnsafe(
      'SELECT md5(string_agg(t::text, chr(10) ORDER BY "demandLineId")) AS sum, max(xmin::text) AS x FROM "DemandLine" t',
    );
    await d.forgetEvents();
    d.clock.advance(86_400_000);
    await copyFile(file, join(folder, 'other.csv'));
    for (const again of [file, join(folder, 'other.csv')])
      expect(await importFile(again)).toMatchObject({ rowsRead: 60, rowsStored: 60, storedNow: 0 });
    expect(
      await d.db.$queryRawUnsafe(
        'SELECT md5(string_agg(t::text, chr(10) ORDER BY "demandLineId")) AS sum, max(xmin::text) AS x FROM "DemandLine" t',
      ),
    ).toEqual(before);
    expect(await d.events()).toEqual([]);
  });

  it('of a second file adds its demand to the same styles and creators', async () => {
    await importFile(await writeLines(folder, 'a.csv', [header, ...orderLines(60)]));
    await d.forgetEvents();
    await importFile(await writeLines(folder, 'b.csv', [header, ...orderLines(59)]));
    expect(await countEvents()).toEqual({ 'demand.submitted': 59 });
    expect(await d.db.demandLine.count()).toBe(119);
  });

  it('by two processes at once stores every row once', async () => {
    const file = await writeLines(folder, 'orders.csv', [header, ...orderLines(2_600)]);
    const other = await writeLines(await makeFolder(), 'copy.csv', [header, ...orderLines(2_600)]);
    const results = await Promise.all([importFile(file), importFile(other)]);
    expect(results.map((r) => r.rowsStored)).toEqual([2_600, 2_600]);
    expect(await d.db.demandLine.count()).toBe(2_600);
    expect((await countEvents())['demand.submitted']).toBe(2_600);
  });

  it('that fails in the middle keeps its whole batches and goes on after them', async () => {
    const file = await writeLines(folder, 'orders.csv', [header, ...orderLines(1_200)]);
    let batches = 0;
    const failing = {
      ...ordersFormat,
      write: async (...args: Parameters<typeof ordersFormat.write>) =>
        (batches += 1) === 2 ? Promise.reject(new Error('the disk is full')) : ordersFormat.write(...args),
    };
    const options = { format: failing, file, db: d.db, clock: d.clock, settings: d.settings, dataFolder: folder };
    await expect(runImport(options)).rejects.toThrow('the disk is full');
    expect(await d.db.demandLine.count()).toBe(500);
    expect(await importFile(file)).toMatchObject({ rowsRead: 1_200, rowsStored: 1_200, storedNow: 700 });
    expect((await countEvents())['demand.submitted']).toBe(1_200);
  });

  it('of a file without rows, or with another header, stores nothing', async () => {
    expect(await importFile(await writeLines(folder, 'none.csv', [header]))).toMatchObject({
      rowsRead: 0,
      rowsStored: 0,
      rejectFile: null,
    });
    await expect(importFile(await writeLines(folder, 'wrong.csv', ['a,b', '1,2']))).rejects.toMatchObject({ code: 'IMPORT_HEADER_WRONG' });
    await expect(importFile(join(folder, 'missing.csv'))).rejects.toMatchObject({ code: 'IMPORT_FILE_UNREADABLE' });
    await expect(importFile(folder)).rejects.toMatchObject({ code: 'IMPORT_FILE_UNREADABLE' });
    expect(await d.events()).toEqual([]);
    await expect(stat(join(folder, 'wrong.csv.reject.csv'))).rejects.toThrow('ENOENT');
  });
});

describe('A history that is told to end earlier', () => {
  const on = (day: string): string => `536370,21035,TEA TOWEL,18,${day} 08:45:00,2.95,12583,France`;
  const until = createOrdersFormat('2011-11-13');

  it('has its last day yesterday; what lies after it is named in the reject file', async () => {
    const file = await writeLines(folder, 'week.csv', [header, on('2011-11-07'), on('2011-11-13'), on('2011-11-14'), on('2011-12-09')]);
    expect(await importFile(file, folder, until)).toMatchObject({ rowsRead: 4, rowsStored: 2, rowsBad: 2 });
    const lines = await d.db.demandLine.findMany({ orderBy: { submittedAt: 'asc' } });
    expect(lines.map(({ submittedAt, status }) => [submittedAt.toISOString(), status])).toEqual([
      ['2026-11-15T08:45:00.000Z', 'OPEN'],
      ['2026-11-21T08:45:00.000Z', 'OPEN'],
    ]);
    expect(await readFile(`${file}.reject.csv`, 'utf8')).toBe(
      [
        'line,column,value,reason',
        '4,invoice_time,2011-11-14 08:45:00,"it lies after 2011-11-13, with which the history was told to end"',
        '5,invoice_time,2011-12-09 08:45:00,"it lies after 2011-11-13, with which the history was told to end"\n',
      ].join('\n'),
    );
  });

  it('keeps its end: the same import again changes nothing, another end is refused and changes nothing', async () => {
    const file = await writeLines(folder, 'week.csv', [header, on('2011-11-07'), on('2011-12-09')]);
    await importFile(file, folder, until);
    const before = await d.db.demandLine.findMany();
    const events = await d.events();
    expect(await importFile(file, folder, until)).toMatchObject({ rowsStored: 1, storedNow: 0 });
    for (const other of [ordersFormat, createOrdersFormat('2011-11-14')])
      await expect(importFile(file, folder, other)).rejects.toMatchObject({
        code: 'IMPORT_FAILED',
        message: expect.stringContaining('a history that ends with 2011-11-13'),
      });
    expect([await d.db.demandLine.findMany(), await d.events(), await d.db.importProgress.count()]).toEqual([before, events, 1]);
  });

  it('keeps the end of the data as well', async () => {
    const file = await writeLines(folder, 'all.csv', [header, on('2011-11-07')]);
    await importFile(file);
    await expect(importFile(file, folder, until)).rejects.toThrow('a history that ends with 2011-12-09');
  });

  it('ends with a day that the data covers', () => {
    expect(checkHistoryEnds('2011-11-13')).toBe('2011-11-13');
    for (const day of ['2011-13-01', '2011-12-10', '2009-11-30', '13.11.2011', ''])
      expect(() => checkHistoryEnds(day)).toThrow('the history ends with a day from 2009-12-01 to 2011-12-09');
  });
});

describe('Damaged rows', () => {
  const good = '536370,21035,TEA TOWEL,18,2011-12-01 08:45:00,2.95,12583,France';
  const damages: readonly [what: string, column: string, reason: RegExp, line: string | Buffer][] = [
    ['too few values', '', /expected 8 values, got 7/, '536370,21035,TEA TOWEL,18,2011-12-01 08:45:00,2.95,France'],
    ['too many values', '', /expected 8 values, got 9/, `${good},extra`],
    ['a quote inside', '', /a quote stands inside/, good.replace('TEA TOWEL', 'TEA "TOWEL')],
    ['a quote not closed', '', /quote/, good.replace('TEA TOWEL', '"TEA TOWEL')],
    ['text after a quote', '', /text follows a closing quote/, good.replace('TEA TOWEL', '"TEA" TOWEL')],
    ['not UTF-8', '', /not UTF-8/, Buffer.from(good.replace('TEA', 'TH\xc9'), 'latin1')],
    ['a control character', 'description', /control character/, good.replace('TEA', 'T\u0001A')],
    ['a cancellation', 'invoice_no', /a cancellation/, good.replace('536370', 'C536370')],
    ['no invoice', 'invoice_no', /number of an invoice/, good.replace('536370', '')],
    ['a wrong code', 'stock_code', /stock code/, good.replace('21035', '#21035')],
    ['no description', 'description', /empty/, good.replace('TEA TOWEL', '  ')],
    ['a long description', 'description', /longer than 200/, good.replace('TEA TOWEL', 'X'.repeat(201))],
    ['no number', 'quantity', /whole number/, good.replace(',18,', ',eighteen,')],
    ['a broken number', 'quantity', /whole number/, good.replace(',18,', ',1.5,')],
    ['a number below one', 'quantity', /1 to 1000000/, good.replace(',18,', ',-18,')],
    ['a number too large', 'quantity', /1 to 1000000/, good.replace(',18,', ',99999999999,')],
    ['no time', 'invoice_time', /expected a time/, good.replace('2011-12-01 08:45:00', '1/12/2011 8:45')],
    ['a day that is none', 'invoice_time', /expected a time/, good.replace('2011-12-01', '2011-11-31')],
    ['a day beyond the data', 'invoice_time', /2009-12-01 to 2011-12-09/, good.replace('2011-12-01', '2012-01-01')],
    ['no price', 'unit_price_gbp', /price in pounds/, good.replace('2.95', '2,95'.replace(',', ';'))],
    ['a price of nothing', 'unit_price_gbp', /0.01 to 100000/, good.replace('2.95', '0')],
    ['an unknown country', 'country', /no country/, good.replace('France', 'Atlantis')],
  ];

  it('are each named with line, column, value and reason; all other rows are stored', async () => {
    const lines: (string | Buffer)[] = [header];
    damages.forEach(([, , , line], i) => lines.push(line, orderLine(i)));
    const file = await writeLines(folder, 'damaged.csv', lines);
    const result = await importFile(file);
    expect(result).toMatchObject({
      rowsRead: 2 * damages.length,
      rowsStored: damages.length,
      rowsBad: damages.length,
      rejectFile: `${file}.reject.csv`,
    });
    expect(await d.db.demandLine.count()).toBe(damages.length);
    const [first, ...rejects] = (await readFile(`${file}.reject.csv`, 'utf8')).trimEnd().split('\n');
    expect(first).toBe('line,column,value,reason');
    expect(rejects).toHaveLength(damages.length);
    damages.forEach(([what, column, reason], i) => {
      expect([what, rejects[i]]).toEqual([what, expect.stringMatching(new RegExp(`^${2 + 2 * i},${column},`))]);
      expect(rejects[i]).toMatch(reason);
    });
  });

  it('a thousand of them leave the other rows as they are, and a second import writes the same reject file', async () => {
    const lines: (string | Buffer)[] = [header];
    for (let i = 0; i < 2_000; i += 1) lines.push(i % 2 === 0 ? orderLine(i) : (damages[((i - 1) / 2) % damages.length]?.[3] ?? ''));
    const file = await writeLines(folder, 'many.csv', lines);
    expect(await importFile(file)).toMatchObject({ rowsRead: 2_000, rowsStored: 1_000, rowsBad: 1_000 });
    const first = await readFile(`${file}.reject.csv`, 'utf8');
    expect(first.trimEnd().split('\n')).toHaveLength(1_001);
    await writeFile(`${file}.reject.csv`, 'something else');
    expect(await importFile(file)).toMatchObject({ rowsRead: 2_000, rowsStored: 1_000, rowsBad: 1_000, storedNow: 0 });
    expect(await readFile(`${file}.reject.csv`, 'utf8')).toBe(first);
  });

  it('are named in the data folder when nothing can be written beside the file', async () => {
    const file = await writeLines(folder, 'there.csv', [header, 'x', orderLine(1)]);
    // a folder of that name stands where the reject file would be written
    await mkdir(`${file}.reject.csv.${process.pid}.partial`);
    const dataFolder = await makeFolder();
    const { rejectFile } = await importFile(file, dataFolder);
    expect(rejectFile).toBe(join(dataFolder, 'there.csv.reject.csv'));
    expect(await readFile(rejectFile ?? '', 'utf8')).toBe('line,column,value,reason\n2,,x,"expected 8 values, got 1"\n');
  });
});
