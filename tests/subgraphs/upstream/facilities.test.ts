/** The import of a list of facilities: reading a record, what is made up, and the rows and events that are written. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runImport, type ImportResult } from '../../../subgraph-kit/import/run-import.ts';
import { explainKey, toDemoGln } from '../../../subgraph-kit/gs1.ts';
import { columns, parseFacility } from '../../../subgraphs/upstream/import/facility-row.ts';
import { facilitiesFormat } from '../../../subgraphs/upstream/import/facilities.ts';
import { makeCapabilities, makeOffers, makeTerms } from '../../../subgraphs/upstream/import/made-up.ts';
import { explainTag } from '../../../subgraphs/upstream/words.ts';
import { hub as theHub, visitor } from '../../_kit/subgraph.ts';
import { openUpstream, type Upstream } from './_kit.ts';

const record = (more: Record<string, string> = {}) => ({
  source_list: '2',
  country: 'Viet Nam',
  name: 'River Bend Garments',
  address: '4 Dock Street, Da Nang',
  sector: 'Apparel',
  lat: '16.05',
  lng: '108.2',
  ...more,
});

describe('a record of the list', () => {
  it('becomes a row with an ISO country and plain text', () => {
    expect(parseFacility(record({ name: ' River\tBend\u25a1Garments\u25a1 ', country: 'VIETNAM' }))).toEqual({
      kind: 'row',
      row: { country: 'VN', name: 'River Bend Garments', address: '4 Dock Street, Da Nang', lat: 16.05, lng: 108.2 },
    });
  });

  it.each([
    ['CHINA', 'CN'],
    ['China', 'CN'],
    ['CN', 'CN'],
    ['usa', 'US'],
    ['United States', 'US'],
    ['UAE', 'AE'],
    ['Turkey', 'TR'],
    ['Puerto Rico', 'PR'],
    ['El Salvador', 'SV'],
    ['Dominican Republic', 'DO'],
  ])('knows the country %s', (country, code) => {
    expect(parseFacility(record({ country }))).toMatchObject({ row: { country: code } });
  });

  it.each<[string, Record<string, string>]>([
    ['source_list', { source_list: 'two' }],
    ['country', { country: 'Atlantis' }],
    ['country', { country: '' }],
    ['name', { name: ' \u25a1 ' }],
    ['name', { name: 'x'.repeat(201) }],
    ['address', { address: '' }],
    ['address', { address: 'x'.repeat(501) }],
    ['sector', { sector: '' }],
    ['lat', { lat: '' }],
    ['lat', { lat: '1e1' }],
    ['lat', { lat: '90.01' }],
    ['lng', { lng: 'east' }],
    ['lng', { lng: '-180.5' }],
    ['lat', { lat: '0', lng: '0.0' }],
  ])('names the column %s that is wrong: %j', (column, more) => {
    expect(parseFacility(record(more))).toEqual({
      kind: 'bad',
      column,
      value: record(more)[column as keyof ReturnType<typeof record>],
      reason: expect.stringContaining('expected'),
    });
  });
});

describe('what is made up', () => {
  it('is the same for the same row and differs between rows', () => {
    expect(makeCapabilities('f 1')).toEqual(makeCapabilities('f 1'));
    const all = Array.from({ length: 50 }, (_, i) => JSON.stringify([makeCapabilities(`f ${i}`), makeTerms(`f ${i}`, 'CNY')]));
    expect(new Set(all).size).toBeGreaterThan(45);
  });

  it('keeps to the code list and to working days', () => {
    const facility = { gln: '1', memberId: 'm', country: 'CN', identity: 'f 1' };
    const capabilities = makeCapabilities('f 1');
    expect(capabilities.map(({ tag, stage }) => explainTag(tag, stage))).toEqual(capabilities.map(() => null));
    const offers = makeOffers(facility, capabilities, '2026-11-22');
    const days = ['23', '24', '25', '26', '27', '30'].map((day) => `2026-11-${day}`);
    expect([...new Set(offers.map(({ day }) => day))]).toEqual([...days, '2026-12-01', '2026-12-02', '2026-12-03', '2026-12-04']);
    expect([...new Set(offers.map(({ stage }) => stage))]).toEqual(
      [...new Set(capabilities.map(({ stage }) => stage))].toSorted(
        (a, b) => offers.findIndex((o) => o.stage === a) - offers.findIndex((o) => o.stage === b),
      ),
    );
    expect(offers.every(({ actualMinutes, maximumMinutes }) => actualMinutes > 0 && maximumMinutes >= actualMinutes)).toBe(true);
  });
});

describe('the import', () => {
  let hub: Upstream;
  let folder: string;
  beforeAll(async () => {
    hub = await openUpstream();
    folder = await mkdtemp(join(tmpdir(), 'facilities-'));
  }, 60_000);
  afterAll(async () => {
    await hub.close();
    await rm(folder, { recursive: true });
  });
  beforeEach(() => hub.forgetEvents());

  const lineOf = (values: Record<string, string>): string => columns.map((column) => `"${values[column] ?? ''}"`).join(',');
  const importLines = async (name: string, lines: string[]): Promise<ImportResult> => {
    const file = join(folder, name);
    await writeFile(file, [columns.join(','), ...lines, ''].join('\n'));
    return runImport({ format: facilitiesFormat, file, db: hub.db, clock: hub.clock, settings: hub.settings, dataFolder: folder });
  };
  // exact repeats are facilities of their own
  const lines = [
    lineOf(record()),
    lineOf(record()),
    lineOf(record({ country: 'Atlantis' })),
    lineOf(record({ name: 'Hill Top', country: 'CHINA' })),
  ];

  it('enters each good row as a maker of its own member, with events as a member would write', async () => {
    expect(await importLines('list.csv', lines)).toMatchObject({ rowsRead: 4, rowsStored: 3, rowsBad: 1, storedNow: 3 });
    const { data } = await hub.ask(
      theHub,
      '{ makers(first: 200) { nodes { gln name country origin osId lineWorkers location { lat lng } member { memberId } capabilities { evidence } terms { moq } quality { score } capacity(from: "2026-11-22", to: "2026-12-31", first: 200) { nodes { origin } totalCount } } } }',
    );
    const { nodes } = data.makers;
    expect(nodes.map((one: any) => one.name)).toEqual(['Hill Top', 'River Bend Garments', 'River Bend Garments']);
    expect(nodes[0]).toMatchObject({
      country: 'CN',
      origin: 'IMPORTED',
      osId: null,
      lineWorkers: null,
      location: { lat: 16.05, lng: 108.2 },
      quality: null,
      terms: [{ moq: expect.any(Number) }],
    });
    expect(new Set(nodes.map((one: any) => one.gln)).size).toBe(3);
    expect(new Set(nodes.map((one: any) => one.member.memberId)).size).toBe(3);
    expect(nodes.every((one: any) => explainKey(one.gln, [13]) === null && one.member.memberId.startsWith('mbr_'))).toBe(true);
    expect(nodes.flatMap((one: any) => one.capabilities).every((capability: any) => capability.evidence === null)).toBe(true);
    const buckets = nodes.flatMap((one: any) => one.capacity.nodes);
    expect(buckets.every((bucket: any) => bucket.origin === 'GENERATED')).toBe(true);
    const topics = (await hub.events()).map(({ topic }) => topic);
    expect(topics.filter((topic) => topic === 'maker.changed')).toHaveLength(3);
    expect(topics.filter((topic) => topic === 'capacity.published')).toHaveLength(buckets.length);
    expect(topics).toHaveLength(3 + buckets.length);
  });

  it('changes nothing and writes no event the second time, whatever the file is called', async () => {
    expect(await importLines('other-name.csv', lines)).toMatchObject({ rowsStored: 3, storedNow: 0 });
    expect(await hub.events()).toEqual([]);
    expect(await hub.db.maker.count()).toBe(3);
  });

  it('writes nothing for rows that are there, should their place be read again', async () => {
    await hub.db.$executeRawUnsafe('DELETE FROM "ImportProgress"');
    await importLines('list.csv', lines);
    expect(await hub.events()).toEqual([]);
    expect(await hub.db.maker.count()).toBe(3);
  });

  it('finds another GLN where its first one is taken', async () => {
    const fileHash = 'f'.repeat(64);
    const taken = toDemoGln(`${fileHash} 1`);
    await hub.db.maker.create({
      data: {
        gln: taken,
        memberId: 'mbr_x',
        origin: 'REPORTED',
        name: 'First',
        status: 'ACTIVE',
        country: 'CN',
        address: 'A',
        changedAt: hub.clock.now(),
      },
    });
    const parsed = parseFacility(record({ name: 'Second' }));
    if (parsed.kind === 'bad') throw new Error(parsed.reason);
    const change = { tx: hub.db, emit: () => undefined, now: hub.clock.now(), settings: hub.settings, fileHash };
    expect(await facilitiesFormat.write(change, [{ rowNumber: 1, row: parsed.row }])).toBe(1);
    const second = await hub.db.maker.findFirstOrThrow({ where: { name: 'Second' } });
    expect(second.gln).toBe(toDemoGln(`${fileHash} 1 1`));
  });

  it('shows what came in to a visitor, and answers for demand', async () => {
    const { data, errors } = await hub.ask(
      visitor,
      '{ makers(country: "CN", stage: SEWING) { nodes { capacity(from: "2026-11-22", to: "2026-12-31") { totalCount } } } }',
    );
    expect(errors).toBeUndefined();
    expect(data.makers.nodes.some((one: any) => one.capacity.totalCount > 0)).toBe(true);
  });

  it('writes a batch in a few statements, not in some for each row', async () => {
    const batch = (from: number, count: number) =>
      Array.from({ length: count }, (_, i) => ({
        rowNumber: from + i,
        row: { country: 'CN', name: `Batch ${from + i}`, address: 'A', lat: 1, lng: 1 },
      }));
    const change = { tx: hub.db, emit: () => undefined, now: hub.clock.now(), settings: hub.settings, fileHash: 'e'.repeat(64) };
    const one = await hub.countStatements(() => facilitiesFormat.write(change, batch(1, 1)));
    const many = await hub.countStatements(() => facilitiesFormat.write(change, batch(2, 100)));
    expect(await hub.db.maker.count({ where: { sourceKey: { startsWith: 'e' } } })).toBe(101);
    // one more for each five hundred buckets; a facility has at most eighty
    expect(many - one).toBeLessThanOrEqual(16);
  }, 30_000);
});
