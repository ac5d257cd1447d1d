/** Every figure of the control tower and of styles is what plain SQL says, over rows drawn by a seed, for every kind of viewer. */
import { hub, member, visitor } from '../../../_kit/subgraph.ts';
import { openRouting, type Routing } from './_kit.ts';
import { ownOf, plainIndex, plainOrders, plainStages, type Own } from './_plain-sql.ts';
import { allocation, bucket, fill, line, receipt, sale, STAGES, work, worldOf, type World } from './_world.ts';

let r: Routing;

beforeAll(async () => {
  r = await openRouting();
}, 60_000);
afterAll(() => r.close());

const index = 'wapeBps biasBps fillRateBps bullwhip overlapBps unmetMinutes idleMinutes';
const tower = `{ controlTower { perfectOrderBps orderFulfilmentCycleDays cycleByStage { stage lots days }
  BEFORE: mismatch(phase: BEFORE) { ${index} } AFTER: mismatch { ${index} } } }`;
const styles = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Style { BEFORE: mismatch(phase: BEFORE) { ${index} } AFTER: mismatch { ${index} } } } }`;

type Figures = Record<string, unknown>;
// Floating numbers are added up in another order; all others are equal to the last digit.
const expectSame = (got: Figures, plain: Figures): void => {
  const rounded = ({ bullwhip, orderFulfilmentCycleDays, days, ...rest }: Figures): Figures => ({
    ...rest,
    ...Object.fromEntries(
      Object.entries({ bullwhip, orderFulfilmentCycleDays, days })
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => [name, typeof value === 'number' ? value.toPrecision(9) : value]),
    ),
  });
  expect(rounded(got)).toEqual(rounded(plain));
};

const viewers: [string, typeof hub, Own][] = [
  ['the hub', hub, ownOf.hub],
  ['a visitor', visitor, ownOf.visitor],
  ...['mbr_mei', 'mbr_lin', 'mbr_a', 'mbr_b', 'mbr_carrier', 'mbr_nobody'].map((id): [string, typeof hub, Own] => [
    id,
    member(id, 'CREATOR', 'MAKER'),
    ownOf.member(id),
  ]),
];

describe.each(['one', 'two', 'three'])('rows of the seed "%s"', (seed) => {
  beforeAll(() => fill(r, worldOf(seed)));

  it.each(viewers)('give %s the figures of plain SQL', async (_, viewer, own) => {
    const { data, errors } = await r.ask(viewer, tower);
    expect(errors).toBeUndefined();
    const { BEFORE, AFTER, cycleByStage, ...orders } = data.controlTower;
    expectSame(BEFORE, await plainIndex(r, own, 'BEFORE', null));
    expectSame(AFTER, await plainIndex(r, own, 'AFTER', null));
    expectSame(orders, await plainOrders(r, own));
    const plain = await plainStages(r, own);
    expect(cycleByStage.map((cycle: Figures) => cycle['stage'])).toEqual(
      STAGES.filter((stage) => plain.some((cycle) => cycle.stage === stage)),
    );
    for (const cycle of cycleByStage) expectSame(cycle, plain.find(({ stage }) => stage === cycle.stage) ?? {});
  });

  it.each(viewers)('give %s the figures of each style', async (_, viewer, own) => {
    const ids = ['sty_0', 'sty_1', 'sty_2', 'sty_6', 'sty_unknown'];
    const { data, errors } = await r.ask(viewer, styles, { of: ids.map((styleId) => ({ __typename: 'Style', styleId })) });
    expect(errors).toBeUndefined();
    for (const [i, styleId] of ids.entries())
      for (const phase of ['BEFORE', 'AFTER'] as const) expectSame(data._entities[i][phase], await plainIndex(r, own, phase, styleId));
  });
});

// What is left when every row of others is taken away, and what stands in lines of others that she makes or delivers is blown up.
function onlyOf(world: World, id: string): World {
  const all = (table: string): Record<string, unknown>[] => world[table] ?? [];
  const given = all('Allocation').filter((row) => [row['demandMemberId'], row['memberId'], row['distributorMemberId']].includes(id));
  const among = (rows: Record<string, unknown>[], key: string) => {
    const known = new Set(rows.map((row) => row[key]));
    return (row: Record<string, unknown>): boolean => known.has(row[key]);
  };
  const makers = all('MakerCopy').filter((row) => row['memberId'] === id);
  const lots = all('LotFact').filter(among(given, 'allocationId'));
  const lines = all('DemandCopy').filter((row) => row['memberId'] === id || among(given, 'demandLineId')(row));
  return {
    WorkFact: all('WorkFact'),
    DemandCopy: lines.map((row) => (row['memberId'] === id ? row : { ...row, quantity: 2_000_000_000, submittedAt: null })),
    Allocation: given,
    MakerCopy: makers,
    CapacityFact: all('CapacityFact').filter(among(makers, 'gln')),
    SaleFact: all('SaleFact').filter((row) => row['memberId'] === id),
    LotFact: lots,
    LotStageFact: all('LotStageFact').filter(among(lots, 'lotId')),
    ReceiptFact: all('ReceiptFact').filter(among(given, 'allocationId')),
  };
}

describe('rows of any seed', () => {
  it.each(['mbr_mei', 'mbr_a', 'mbr_b', 'mbr_carrier'])('of others do not move a figure of %s', async (id) => {
    const viewer = member(id, 'CREATOR', 'MAKER', 'DISTRIBUTOR');
    const asked = `{ tower: ${tower.slice(1, -1).trim()} styles: _entities(representations: [${['sty_1', 'sty_2'].map((styleId) => `{ __typename: "Style", styleId: "${styleId}" }`).join(', ')}]) {
      ... on Style { BEFORE: mismatch(phase: BEFORE) { ${index} } AFTER: mismatch { ${index} } } } }`;
    await fill(r, worldOf('one'));
    const amongOthers = await r.ask(viewer, asked);
    await fill(r, onlyOf(worldOf('one'), id));
    const alone = await r.ask(viewer, asked);
    expect(amongOthers.errors).toBeUndefined();
    expect(alone).toEqual(amongOthers);
    await fill(r, {});
    expect(await r.ask(viewer, asked)).not.toEqual(alone);
  });

  it('say something: no figure is empty for the hub', async () => {
    await fill(r, worldOf('one'));
    const { data } = await r.ask(hub, tower);
    const { BEFORE, AFTER, ...rest } = data.controlTower;
    for (const value of [...Object.values(BEFORE), ...Object.values(AFTER), ...Object.values(rest)]) expect(value).not.toBeNull();
    expect(rest.perfectOrderBps).toBeGreaterThan(0);
    expect(rest.cycleByStage.length).toBeGreaterThan(4);
  });

  it('take as many statements for 100 styles as for one', async () => {
    const count = (n: number): Promise<number> =>
      r.countStatements(() =>
        r.ask(hub, styles, { of: Array.from({ length: n }, (_, i) => ({ __typename: 'Style', styleId: `sty_${i}` })) }),
      );
    expect(await count(100)).toBe(await count(1));
  });

  it('are cut to what the graph can say when they are the largest that a column holds', async () => {
    const most = 2_147_483_647;
    const asked = [1, 2, 3].map((i) =>
      line(`dln_${i}`, 'mbr_mei', 'sty_1', most, '2026-12-01', { status: 'FULFILLED', submittedAt: '2026-11-04T00:00:00Z' }),
    );
    const given = asked.map((of, i) => allocation(`alc_${i}`, of, 'a', most, '2026-12-01', { status: 'COMPLETED' }));
    await fill(r, {
      DemandCopy: [
        ...asked,
        ...[4, 5].map((i) =>
          line(`dln_${i}`, 'mbr_mei', 'sty_1', i === 4 ? most : 1, '2026-11-24', { kind: i === 4 ? 'FORECAST' : 'ORDER' }),
        ),
      ],
      Allocation: given,
      WorkFact: [work('sty_1', 'SEWING', 99_999_999)],
      CapacityFact: [
        bucket('a', 'SEWING', '2026-12-01', most, { efficiencyBps: most }),
        bucket('a', 'QC', '2026-12-01', 0, { committedMinutes: most, heldMinutes: most }),
      ],
      SaleFact: [sale('sty_1', 'mbr_mei', '2026-11-03', most), sale('sty_2', 'mbr_mei', '2026-11-03', most)],
      ReceiptFact: given.map((of, i) => receipt(`gsin_${i}`, of, most, '2026-11-20T00:00:00Z')),
    });
    const { data, errors } = await r.ask(hub, tower);
    expect(errors).toBeUndefined();
    expect(data.controlTower.BEFORE.unmetMinutes).toBe(Number.MAX_SAFE_INTEGER);
    expect(data.controlTower).toMatchObject({ perfectOrderBps: 10_000, AFTER: { fillRateBps: 10_000 } });
    await fill(r, {
      DemandCopy: [
        line('dln_1', 'mbr_mei', 'sty_1', 1, '2026-12-01'),
        line('dln_2', 'mbr_mei', 'sty_1', most, '2026-12-01', { kind: 'FORECAST' }),
      ],
    });
    expect((await r.ask(hub, tower)).data.controlTower.AFTER).toMatchObject({ wapeBps: most, biasBps: most });
  });
});
