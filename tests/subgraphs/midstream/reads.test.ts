/** What midstream answers: lists and pages, who sees what, promises and days of supply, entities by key, and how many statements it takes. */
import {
  adjust,
  carrier,
  creator,
  enterDistributor,
  enterSite,
  gln,
  gtin,
  newKey,
  openMidstream,
  shopkeeper,
  type Midstream,
} from './_kit.ts';
import { generator, hub, visitor } from '../../_kit/subgraph.ts';

let m: Midstream;

beforeAll(async () => {
  m = await openMidstream();
  for (let n = 1; n <= 5; n += 1)
    await enterDistributor(m, n, { country: n === 5 ? 'TH' : 'CN', slas: [{ measure: 'OTIF', targetBps: 9_000 }] });
  for (let n = 11; n <= 14; n += 1)
    await enterSite(m, n, { distributorGln: gln(1), kind: n === 14 ? 'PORT' : 'WAREHOUSE', unlocode: n === 14 ? 'CNNGB' : 'CNHGH' });
  for (const site of [11, 12, 13]) for (const item of [1, 2, 3]) await adjust(m, site, item, site + item);
  await enterSite(m, 20, { kind: 'STORE' }, shopkeeper);
  await enterSite(m, 21, { kind: 'STORE' }, generator('mbr_demo', 'PARTNER'));
  await adjust(m, 20, 1, 100, {}, shopkeeper);
  await adjust(m, 21, 1, 50, {}, generator('mbr_demo', 'PARTNER'));
}, 60_000);
afterAll(() => m.close());

const read = async (source: string, as = hub): Promise<any> => {
  const { data, errors } = await m.ask(as, source);
  expect(errors).toBeUndefined();
  return data;
};
const entities = (typename: string, keys: readonly Record<string, string>[], fields: string, as = hub): Promise<any> =>
  m
    .ask(as, `query ($r: [_Any!]!) { _entities(representations: $r) { ... on ${typename} { ${fields} } } }`, {
      r: keys.map((key) => ({ __typename: typename, ...key })),
    })
    .then(({ data, errors }) => {
      expect(errors).toBeUndefined();
      return data._entities;
    });

describe('Lists', () => {
  it('are read page by page, in the order of names, with a total', async () => {
    const page =
      '{ nodes { name } edges { cursor node { gln } } totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }';
    const { distributors: first } = await read(`{ distributors(first: 2) ${page} }`);
    expect(first.nodes).toEqual([{ name: 'Distributor 1' }, { name: 'Distributor 2' }]);
    expect(first.totalCount).toBe(5);
    expect(first.pageInfo).toEqual({
      hasNextPage: true,
      hasPreviousPage: false,
      startCursor: first.edges[0].cursor,
      endCursor: first.edges[1].cursor,
    });
    const { distributors: second } = await read(`{ distributors(first: 3, after: "${first.pageInfo.endCursor}") ${page} }`);
    expect(second.nodes.map((d: { name: string }) => d.name)).toEqual(['Distributor 3', 'Distributor 4', 'Distributor 5']);
    expect(second.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
  });

  it('take only what is asked for', async () => {
    const data = await read(`{
      thai: distributors(country: "TH") { nodes { gln } totalCount }
      ports: sites(kind: PORT) { nodes { siteGln } }
      stores: sites(kind: STORE) { totalCount }
      ningbo: sites(unlocode: "CNNGB") { nodes { siteGln kind } edges { node { siteGln } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }
      one: site(siteGln: "${gln(11)}") { inventory(gtin: "${gtin(2)}") { nodes { gtin onHand } totalCount } }
    }`);
    expect(data.thai).toEqual({ nodes: [{ gln: gln(5) }], totalCount: 1 });
    expect(data.ports.nodes).toEqual([{ siteGln: gln(14) }]);
    expect(data.stores.totalCount).toBe(2);
    expect(data.ningbo.nodes).toEqual([{ siteGln: gln(14), kind: 'PORT' }]);
    expect(data.one.inventory).toEqual({ nodes: [{ gtin: gtin(2), onHand: 13 }], totalCount: 1 });
  });

  it('refuse a page that is too large and a cursor that is none', async () => {
    const { errors } = await m.ask(hub, '{ a: sites(first: 201) { totalCount } b: sites(after: "x") { nodes { siteGln } } }');
    expect(errors?.map((e) => e.message)).toEqual([expect.stringContaining('within 1 and 200'), expect.stringContaining('not a cursor')]);
  });

  it('say null for what is unknown', async () => {
    expect(
      await read(
        `{ distributor(gln: "1") { gln } site(siteGln: "1") { siteGln } inventoryPosition(siteGln: "1", gtin: "1") { onHand } availableToPromise(gtin: "1") }`,
      ),
    ).toEqual({
      distributor: null,
      site: null,
      inventoryPosition: null,
      availableToPromise: null,
    });
  });
});

describe('Stock', () => {
  const seen = async (as: typeof hub): Promise<string[]> => {
    const [sku] = await entities('Sku', [{ gtin: gtin(1) }], 'inventory { nodes { siteGln origin member { memberId } } totalCount }', as);
    expect(sku.inventory.totalCount).toBe(sku.inventory.nodes.length);
    return sku.inventory.nodes.map((p: { siteGln: string }) => p.siteGln);
  };

  it('is seen by its owner and by the hub; a visitor sees demonstration rows', async () => {
    expect(await seen(hub)).toEqual([gln(11), gln(12), gln(13), gln(20), gln(21)]);
    expect(await seen(shopkeeper)).toEqual([gln(20)]);
    expect(await seen(creator)).toEqual([]);
    expect(await seen(visitor)).toEqual([gln(21)]);
    const one = `{ inventoryPosition(siteGln: "${gln(20)}", gtin: "${gtin(1)}") { onHand origin member { memberId } site { siteGln } sku { gtin } } }`;
    expect((await read(one, carrier)).inventoryPosition).toBeNull();
    expect((await read(one, shopkeeper)).inventoryPosition).toEqual({
      onHand: 100,
      origin: 'REPORTED',
      member: { memberId: shopkeeper.memberId },
      site: { siteGln: gln(20) },
      sku: { gtin: gtin(1) },
    });
  });

  it('can be promised by a number that everybody may know', async () => {
    const source = `{ all: availableToPromise(gtin: "${gtin(1)}") one: availableToPromise(gtin: "${gtin(1)}", siteGln: "${gln(12)}") none: availableToPromise(gtin: "${gtin(1)}", siteGln: "${gln(14)}") }`;
    expect(await read(source, visitor)).toEqual({ all: 12 + 13 + 14 + 150, one: 13, none: 0 });
    const skus = await entities(
      'Sku',
      [{ gtin: gtin(2) }, { gtin: gtin(9) }],
      `gtin availableToPromise here: availableToPromise(siteGln: "${gln(11)}")`,
      creator,
    );
    expect(skus).toEqual([
      { gtin: gtin(2), availableToPromise: 13 + 14 + 15, here: 13 },
      { gtin: gtin(9), availableToPromise: null, here: null },
    ]);
  });
});

describe('Entities', () => {
  it('are found by their keys, in the order of the references, null when unknown', async () => {
    expect(
      await entities(
        'Distributor',
        [{ gln: gln(2) }, { gln: '1' }, { gln: gln(1) }],
        'gln sites(first: 1) { totalCount nodes { siteGln } }',
      ),
    ).toEqual([
      { gln: gln(2), sites: { totalCount: 0, nodes: [] } },
      null,
      { gln: gln(1), sites: { totalCount: 4, nodes: [{ siteGln: gln(11) }] } },
    ]);
    expect(await entities('Site', [{ siteGln: gln(14) }], 'name distributor { name }')).toEqual([
      { name: 'Site 14', distributor: { name: 'Distributor 1' } },
    ]);
    expect(
      await entities(
        'InventoryPosition',
        [
          { siteGln: gln(11), gtin: gtin(3) },
          { siteGln: gln(14), gtin: gtin(3) },
        ],
        'onHand',
      ),
    ).toEqual([{ onHand: 14 }, null]);
    expect(await entities('Style', [{ styleId: 'sty_x' }], 'styleId hsCode unitWeightGrams')).toEqual([
      { styleId: 'sty_x', hsCode: null, unitWeightGrams: null },
    ]);
  });

  it('cost the same number of statements for 1, 10 and 100 of them', async () => {
    const fields =
      'gtin availableToPromise inventory(first: 5) { totalCount nodes { onHand daysOfSupply availableToPromise site { name distributor { name slas { targetBps } tariffs { unit } } } } }';
    const counts: number[] = [];
    for (const n of [1, 10, 100]) {
      const keys = Array.from({ length: n }, (_, i) => ({ gtin: gtin(1 + (i % 3) + 3 * Math.floor(i / 3)) }));
      counts.push(await m.countStatements(() => entities('Sku', keys, fields)));
    }
    expect(counts[0]).toBeGreaterThan(0);
    expect(counts).toEqual([counts[0], counts[0], counts[0]]);
  });

  it('read a list of distributors with all below it in the same number of statements for 1 and for 5', async () => {
    const count = (first: number): Promise<number> =>
      m.countStatements(() =>
        read(
          `{ distributors(first: ${first}) { nodes { slas { measure } tariffs { unit } sites { nodes { inventory { nodes { onHand sku { gtin availableToPromise } } } } } } } }`,
        ),
      );
    expect(await count(5)).toBe(await count(1));
  });
});

describe('Days of supply', () => {
  const sold = (site: number | null, item: number, piecesSold: number, piecesReturned = 0, at = m.clock.now()): Promise<void> =>
    m.follow([
      {
        topic: 'sales.recorded',
        payload: {
          styleId: 'sty_1',
          campaignId: null,
          siteGln: site === null ? null : gln(site),
          piecesSold,
          piecesReturned,
          gmv: { amountMinor: 1, currency: 'CNY' },
          at: at.toISOString(),
          lines: [{ gtin: gtin(item), siteGln: site === null ? null : gln(site), piecesSold, piecesReturned }],
        },
      },
    ]);
  const supply = async (site: number, item: number): Promise<number | null> =>
    (await read(`{ inventoryPosition(siteGln: "${gln(site)}", gtin: "${gtin(item)}") { daysOfSupply } }`)).inventoryPosition.daysOfSupply;

  it('are null without demand, and follow the sales of 28 days at a store', async () => {
    await enterSite(m, 30, { kind: 'STORE' });
    await adjust(m, 30, 5, 128);
    expect(await supply(30, 5)).toBeNull();
    await sold(30, 5, 30, 2);
    expect(await supply(30, 5)).toBeCloseTo(100 / (28 / 28));
    m.clock.advance(27 * 86_400_000);
    expect(await supply(30, 5)).toBeCloseTo(100);
    m.clock.advance(86_400_000);
    expect(await supply(30, 5)).toBeNull();
  });

  it('of a warehouse follow what was sold away from stores', async () => {
    await adjust(m, 11, 6, 56);
    await sold(30, 6, 500);
    expect(await supply(11, 6)).toBeNull();
    await sold(null, 6, 56);
    expect(await supply(11, 6)).toBeCloseTo(28);
  });
});

it('A classification is read with its style', async () => {
  await m.follow([{ topic: 'style.proposed', payload: { styleId: 'sty_read', memberId: 'mbr_creator' } }]);
  await m.change(
    creator,
    'classifyStyle',
    { styleId: 'sty_read', hsCode: '62034200', unitWeightGrams: 420, idempotencyKey: newKey() },
    'style { styleId }',
  );
  expect(await entities('Style', [{ styleId: 'sty_read' }], 'hsCode unitWeightGrams', visitor)).toEqual([
    { hsCode: '62034200', unitWeightGrams: 420 },
  ]);
});
