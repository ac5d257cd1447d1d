/**
 * The whole graph through the gateway: every mutation by the table, every problem, the demo industry, and then a question for every
 * field. At the end nothing of the SDL may be left unseen. Add a field, a value or a mutation without a test, and this fails.
 */
import { isInputObjectType, getNamedType, isListType, getNullableType, type GraphQLObjectType, type GraphQLSchema } from 'graphql';
import { readFileSync } from 'node:fs';
import { loadSupergraph } from '../../engine/supergraph/index.ts';
import { playIndustry } from '../../demo/industry.ts';
import { fromRoot } from '../../lib/paths.ts';
import { PROBLEMS, type ProblemCode } from '../../subgraph-kit/problems.ts';
import { readEventContract } from '../../subgraph-kit/topics.ts';
import { startTestHub, subgraphNames, type Player, type TestHub } from '../_kit/hub.ts';
import { allEnumValues, allFields, createCoverage, selectAll, type Coverage } from './coverage.ts';
import { entries } from './mutation-rows.ts';
import { fromTheTable, problemCases } from './problem-cases.ts';
import { createWorld, type World } from './world.ts';

const schema: GraphQLSchema = loadSupergraph(readFileSync(fromRoot('schema', 'supergraph.graphql'), 'utf8')).publicSchema;
const mutations = Object.keys(schema.getMutationType()?.getFields() ?? {});

let hub: TestHub;
let world: World;
let coverage: Coverage;

const ask = async (player: Player | null, source: string, variables: Record<string, unknown> = {}) => {
  const answer = await hub.ask(player, source, variables);
  coverage.note(source, variables, answer.data);
  return answer;
};
const change = async (player: Player, name: string, input: Record<string, unknown>, fields: string): Promise<any> => {
  const source = `mutation ($input: ${name.charAt(0).toUpperCase()}${name.slice(1)}Input!) { ${name}(input: $input) { ${fields} problems { code path message } } }`;
  const answer = await ask(player, source, { input });
  if (answer.errors !== undefined) throw new Error(`${name}: ${JSON.stringify(answer.errors)}`);
  return answer.data[name];
};

beforeAll(async () => {
  hub = await startTestHub();
  coverage = createCoverage(schema);
  world = await createWorld(hub, change);
  await world.chain.take('received');
}, 120_000);
afterAll(() => hub.stop());

async function newEvents(before: ReadonlyMap<string, number>, aside: readonly string[] = []): Promise<string[]> {
  const after = await hub.heads();
  return [...after]
    .filter(([topic]) => !aside.includes(topic))
    .flatMap(([topic, seq]) => Array.from({ length: seq - (before.get(topic) ?? 0) }, () => topic))
    .toSorted();
}
/** One text for all business rows of a subgraph. */
async function checksum(name: (typeof subgraphNames)[number]): Promise<string> {
  const { db } = hub.running[name];
  const tables = await db.$queryRawUnsafe<{ t: string }[]>(
    `SELECT table_name AS t FROM information_schema.tables WHERE table_schema = current_schema() ORDER BY 1`,
  );
  const own = tables.map((row) => row.t).filter((t) => !['Outbox', 'Inbox', 'FeedPosition', '_prisma_migrations'].includes(t));
  const sums = await Promise.all(
    own.map(
      async (t) =>
        (
          await db.$queryRawUnsafe<{ s: string }[]>(
            `SELECT count(*) || ' ' || coalesce(md5(string_agg(x::text, '|' ORDER BY x::text)), '') AS s FROM "${t}" x`,
          )
        )[0]?.s ?? '',
    ),
  );
  return own.map((t, i) => `${t} ${sums[i]}`).join('\n');
}
const ownerOf = (mutation: string) => {
  const found = subgraphNames.find((name) => readEventContract().writes[name]?.[mutation] !== undefined);
  if (found === undefined) throw new Error(`${mutation} has no subgraph`);
  return found;
};
const codes = (payload: any): string[] => payload.problems.map((problem: { code: string }) => problem.code);
const STALE_TIME = '2001-01-01T00:00:00.000Z';

/** Where `ifChangedAt` stands in the input: at the top, in the items of a list, or nowhere. */
function placeOfChangedAt(mutation: string): string | null {
  const input = getNamedType(schema.getMutationType()?.getFields()[mutation]?.args[0]?.type);
  if (!isInputObjectType(input)) return null;
  if (input.getFields()['ifChangedAt']) return 'top';
  for (const field of Object.values(input.getFields())) {
    const inner = getNamedType(field.type);
    if (isListType(getNullableType(field.type)) && isInputObjectType(inner) && inner.getFields()['ifChangedAt']) return field.name;
  }
  return null;
}

describe('the table of mutations', () => {
  it('has an entry for every mutation of the graph, and no other', () => {
    expect(Object.keys(entries).toSorted()).toEqual(mutations.toSorted());
  });

  describe.each(mutations)('%s', (mutation) => {
    const entry = () => {
      const found = entries[mutation];
      if (found === undefined) throw new Error(`no entry for ${mutation}`);
      return found;
    };

    it('works for its owner, writes one event per state change, and writes nothing when its key comes again', async () => {
      const { player, input } = await entry().works(world);
      const keyed = { ...input, idempotencyKey: world.key() };
      const before = await hub.heads();
      const payload = await change(player, mutation, keyed, entry().fields);
      expect(payload.problems).toEqual([]);
      expect(payload[entry().fields.split(' ')[0] ?? '']).not.toBeNull();
      expect(await newEvents(before, entry().aside)).toEqual([...entry().topics].toSorted());

      const rows = await checksum(ownerOf(mutation));
      const ends = await hub.heads();
      expect(await change(player, mutation, keyed, entry().fields)).toEqual(payload);
      expect(await newEvents(ends)).toEqual([]);
      expect(await checksum(ownerOf(mutation))).toBe(rows);
    });

    it('is refused for another member, unless any may, and for a visitor, and writes nothing', async () => {
      const { other } = entry();
      const { input } = await entry().works(world);
      const keyed = { ...input, idempotencyKey: world.key() };
      await hub.settle();
      const rows = await checksum(ownerOf(mutation));
      const before = await hub.heads();
      // where the input names no row of anybody, a member of a kind that may not do it stands for the other member
      const stranger = mutation === 'registerMember' || mutation === 'recordInspections' ? world.maker : world.partner;
      const [player, refusal] = typeof other === 'function' ? [other(world), 'NOT_YOURS'] : [stranger, 'WRONG_KIND'];
      const refused = other === null ? [] : codes(await change(player, mutation, keyed, entry().fields));
      expect(refused).toEqual(expect.arrayContaining(other === null ? [] : [refusal]));
      const visitor = await hub.ask(
        null,
        `mutation ($input: ${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input!) { ${mutation}(input: $input) { problems { code } } }`,
        { input: keyed },
      );
      expect(visitor.data?.[mutation] ?? null).toBeNull();
      expect(visitor.errors?.[0]?.extensions?.['code']).toBe('READ_ONLY');
      expect(await newEvents(before)).toEqual([]);
      expect(await checksum(ownerOf(mutation))).toBe(rows);
    });

    const place = placeOfChangedAt(mutation);
    if (place !== null) {
      it('is refused as STALE when the row was changed since it was read', async () => {
        const { player, input } = await entry().works(world);
        const stale =
          place === 'top'
            ? { ...input, ifChangedAt: STALE_TIME }
            : { ...input, [place]: (input[place] as object[]).map((item) => ({ ...item, ifChangedAt: STALE_TIME })) };
        await hub.settle();
        const rows = await checksum(ownerOf(mutation));
        expect(codes(await change(player, mutation, { ...stale, idempotencyKey: world.key() }, entry().fields))).toEqual(['STALE']);
        expect(await checksum(ownerOf(mutation))).toBe(rows);
      });
    }

    const { forbidden } = entry();
    if (typeof forbidden !== 'string') {
      it('is refused from a forbidden state', async () => {
        const { player, input } = await forbidden(world);
        await hub.settle();
        const rows = await checksum(ownerOf(mutation));
        expect(codes(await change(player, mutation, { ...input, idempotencyKey: world.key() }, entry().fields))).toEqual(['WRONG_STATE']);
        expect(await checksum(ownerOf(mutation))).toBe(rows);
      });
    }
  });
});

describe('problems', () => {
  const all = Object.keys(PROBLEMS) as ProblemCode[];
  it.each(all.filter((code) => !fromTheTable.includes(code)))('%s comes from a change that deserves it', async (code) => {
    const found = problemCases[code];
    if (found === undefined) throw new Error(`no case produces ${code}`);
    const { player, input, key } = await found.attempt(world);
    expect(codes(await change(player, found.mutation, { ...input, idempotencyKey: key ?? world.key() }, found.fields))).toContain(code);
  });
});

describe('every field', () => {
  it('the demo industry plays through the gateway', async () => {
    const changes = await playIndustry({
      url: hub.url,
      keys: hub.keys,
      seed: 7,
      now: hub.clock.now(),
      today: '2026-11-22',
      currency: 'CNY',
    });
    expect(changes).toBeGreaterThan(500);
    await hub.settle();
  }, 120_000);

  it('an audience of forty buys in August and comes back', async () => {
    const style = await world.newStyle();
    const { segmentId } = await world.newSegment();
    const sale = (buyer: number, soldAt: string) => ({
      kind: 'SALE',
      gtin: style.gtins[0],
      quantity: 1,
      unitPrice: { amountMinor: 7_900, currency: 'CNY' },
      soldAt,
      segmentId,
      platform: 'SNAPCHAT',
      buyerPseudonym: `regular ${buyer}`,
    });
    const buyers = Array.from({ length: 40 }, (_, i) => i);
    const sales = [
      ...buyers.map((i) => sale(i, '2026-08-12T12:00:00Z')),
      ...buyers.slice(0, 25).map((i) => sale(i, '2026-09-01T12:00:00Z')),
      ...buyers.slice(0, 10).map((i) => sale(i, '2026-11-18T12:00:00Z')),
    ];
    expect((await world.done(world.creator, 'recordSales', { sales }, 'recorded')).recorded).toBe(75);
    const source = `{ segment(segmentId: "${segmentId}") { arpu(window: D90) { amountMinor } ltv { amountMinor } cohorts(from: "2026-08-01", to: "2026-11-30") { week platform buyers retentionD30Bps retentionD90Bps revenue { amountMinor } ltv { amountMinor } } } }`;
    const { data } = await ask(world.creator, source);
    expect(data.segment.cohorts).toEqual([
      expect.objectContaining({
        week: '2026-08-10',
        platform: 'SNAPCHAT',
        buyers: 40,
        retentionD30Bps: 6_250,
        retentionD90Bps: 6_250,
        revenue: { amountMinor: 75 * 7_900 },
      }),
    ]);
  });

  it('is asked for, from every question at the root', async () => {
    const query = schema.getQueryType();
    if (!query) throw new Error('no Query');
    const ids = await findIds();
    for (const field of Object.values(query.getFields())) {
      const variants = await argumentsOf(query, field.name, ids);
      for (const literals of variants) {
        const source = `{ ${field.name}${literals}${selectAll(field.type, 1, innerArguments)} }`;
        const answer = await ask(hub.hub, source);
        expect(answer.errors?.map((error) => `${field.name}${literals}: ${error.message} at ${error.path?.join('.')}`) ?? []).toEqual([]);
      }
    }
    for (const source of deepQuestions(ids)) expect((await ask(hub.hub, source)).errors ?? []).toEqual([]);
    expect((await ask(world.creator, '{ viewer { memberId name kinds } }')).data.viewer.memberId).toBe(world.creator.memberId);
  }, 120_000);

  it('reasons, returns, imported rows and prices over the cap are told apart', async () => {
    const { siteGln } = await world.newSite();
    const style = await world.newStyle();
    const [gtin] = style.gtins;
    for (const [reason, delta] of [
      ['FOUND', 5],
      ['SALE', -1],
      ['RETURN', 1],
      ['COUNT', 2],
    ] as const) {
      await world.done(world.distributor, 'adjustInventory', { siteGln, gtin, delta, reason }, 'position { onHand }');
    }
    const back = { kind: 'RETURN', gtin, quantity: 1, unitPrice: { amountMinor: 7_900, currency: 'CNY' }, soldAt: '2026-11-21T12:00:00Z' };
    expect((await world.done(world.creator, 'recordSales', { sales: [back] }, 'recorded')).recorded).toBe(1);

    const importer = await hub.enter(world.creator.memberId, ['CREATOR'], ['importer']);
    const { creator } = await world.done(importer, 'registerCreator', { displayName: 'From a file', tier: 'KOC' }, 'creator { origin }');
    expect(creator.origin).toBe('IMPORTED');

    const { gln } = await world.newMaker();
    await hub.settle();
    await world.done(
      world.maker,
      'recordOperations',
      { styleId: style.styleId, operations: [{ stage: 'SEWING', smv: 8, capability: 'KNIT_OVERLOCK' }] },
      'style { smvTotal }',
    );
    const wish = { ...world.demandInput(style), unitPriceCap: { amountMinor: 1, currency: 'CNY' } };
    const [line] = (await world.done(world.creator, 'submitDemands', { demands: [wish] }, 'demandLines { demandLineId }')).demandLines;
    const asked = await ask(
      world.creator,
      'query ($id: ID!) { demandLine(demandLineId: $id) { feasibleMakers(first: 200) { maker { gln } infeasibleBecause } } }',
      { id: line.demandLineId },
    );
    const own = asked.data.demandLine.feasibleMakers.find((quote: any) => quote.maker.gln === gln);
    expect(own.infeasibleBecause).toContain('PRICE_OVER_CAP');
    await world.done(
      world.creator,
      'cancelDemand',
      { demandLineId: line.demandLineId, reason: 'CAMPAIGN_CANCELLED' },
      'demandLine { status }',
    );
  });

  it('demand of every kind comes back as it was submitted', async () => {
    const style = await world.newStyle();
    const kinds = allEnumValues(schema).flatMap((value) => (value.startsWith('DemandKind.') ? [value.slice('DemandKind.'.length)] : []));
    const demands = kinds.map((kind) => ({ ...world.demandInput(style), kind }));
    const { demandLines } = await world.done(world.creator, 'submitDemands', { demands }, 'demandLines { kind }');
    expect(demandLines.map((line: { kind: string }) => line.kind)).toEqual(kinds);
  });

  it('every value of a closed list that is only a filter or an input is taken', async () => {
    for (const source of filterQuestions()) expect((await ask(hub.hub, source)).errors ?? []).toEqual([]);
  });

  it('was seen with a value; every enum value was returned or taken; every problem was produced', () => {
    expect(allFields(schema).filter((field) => !coverage.fields.has(field))).toEqual([]);
    expect(allEnumValues(schema).filter((value) => !coverage.enumValues.has(value))).toEqual([]);
    expect(Object.keys(PROBLEMS).filter((code) => !coverage.problemCodes.has(code))).toEqual([]);
  });
});

type Ids = Readonly<Record<string, string>>;

// One row of each kind that has something in all its fields.
async function findIds(): Promise<Ids> {
  const { data } = await hub.ask(
    hub.hub,
    `{ makers(first: 1, province: "Zhejiang") { nodes { gln } } distributors(first: 1) { nodes { gln } } sites(first: 50) { nodes { siteGln inventory(first: 1) { nodes { gtin } } } }
       creators(first: 50) { nodes { creatorId mcn { mcnId } segments { segmentId } campaigns(status: [LIVE], first: 1) { nodes { campaignId brand { brandId } styles(first: 1) { nodes { styleId skus(first: 1) { nodes { gtin } } demand(first: 1) { nodes { demandLineId } } } } } } } }
       members(first: 1) { nodes { memberId } } }`,
  );
  const creator = data.creators.nodes.find(
    (node: any) =>
      node.mcn !== null && node.campaigns.nodes[0]?.brand != null && node.campaigns.nodes[0].styles.nodes[0]?.demand.nodes.length > 0,
  );
  const site = data.sites.nodes.find((node: any) => node.inventory.nodes.length > 0);
  const campaign = creator.campaigns.nodes[0];
  const style = campaign.styles.nodes[0];
  const quote = await hub.running.upstream.db.$queryRawUnsafe<{ quoteId: string }[]>('SELECT "quoteId" FROM "MakerQuote" LIMIT 1');
  return {
    gln: data.makers.nodes[0].gln,
    distributorGln: data.distributors.nodes[0].gln,
    siteGln: site.siteGln,
    stockGtin: site.inventory.nodes[0].gtin,
    creatorId: creator.creatorId,
    mcnId: creator.mcn.mcnId,
    segmentId: creator.segments[0].segmentId,
    campaignId: campaign.campaignId,
    brandId: campaign.brand.brandId,
    styleId: style.styleId,
    gtin: style.skus.nodes[0].gtin,
    demandLineId: style.demand.nodes[0].demandLineId,
    memberId: data.members.nodes[0].memberId,
    quoteId: quote[0]?.quoteId ?? '',
  };
}

const days: Readonly<Record<string, string>> = { from: '"2026-11-22"', to: '"2026-12-12"', first: '3' };
const innerArguments = (field: string, argument: string): string | null => {
  if (field === 'AudienceSegment.cohorts' && argument === 'from') return '"2026-08-01"';
  if (/^Style\.demand$/.test(field) && argument !== 'first') return null;
  return days[argument] ?? null;
};

// Literal arguments for a field of the root: those it must have, from the ids.
async function argumentsOf(query: GraphQLObjectType, name: string, ids: Ids): Promise<string[]> {
  const literals: Record<string, string> = {
    distributor: `(gln: "${ids['distributorGln']}")`,
    inventoryPosition: `(siteGln: "${ids['siteGln']}", gtin: "${ids['stockGtin']}")`,
    availableToPromise: `(gtin: "${ids['stockGtin']}")`,
  };
  const special = literals[name];
  if (special !== undefined) return [special];
  const field = query.getFields()[name];
  const given = (field?.args ?? []).flatMap((argument) => {
    const id = ids[argument.name];
    if (id !== undefined && argument.name !== 'gln') return [`${argument.name}: "${id}"`];
    if (argument.name === 'gln' && name === 'maker') return [`gln: "${ids['gln']}"`];
    const literal = name === 'demandLines' && (argument.name === 'from' || argument.name === 'to') ? undefined : days[argument.name];
    return literal === undefined ? [] : [`${argument.name}: ${literal}`];
  });
  return [given.length === 0 ? '' : `(${given.join(', ')})`];
}

const deepQuestions = (ids: Ids): string[] => [
  `{ style(styleId: "${ids['styleId']}") { operations { stage smv capability } smvTotal hsCode unitWeightGrams sales(window: D90) { piecesSold piecesReturned gmv { amountMinor } netGmv { amountMinor } } } }`,
  `{ demandLines(first: 100) { nodes { qualityFloorBps unitPriceCap { amountMinor currency } store { siteGln name } segment { name } campaign { title } feasibleMakers(first: 50) { quoteId binding unitPrice { amountMinor } setupCost { amountMinor } minQty earliestFinish validUntil infeasibleBecause maker { name member { name } } demandLine { quantity } member { name } } } } }`,
  `{ sites(first: 50) { nodes { distributor { name } inventory(first: 50) { nodes { daysOfSupply sku { style { name } } } } } } }`,
  `{ segments(first: 100) { nodes { ltv { amountMinor } retentionBps(window: D7) priceBand { from { amountMinor } to { amountMinor } } cohorts(from: "2026-08-01", to: "2026-11-30") { week platform buyers retentionD30Bps retentionD90Bps revenue { amountMinor } ltv { amountMinor } } } } }`,
  `{ demandLines(first: 20) { nodes { sizes { quantity sku { gtin colour size } } } } }`,
  `{ distributors(first: 10) { nodes { tariffs { price { amountMinor currency } service unit validTo transitDays originUnlocode destinationUnlocode } slas { measure penalty { amountMinor } } } } }`,
  `{ makers(first: 100) { nodes { osId region { province county } location { lat lng } capabilities { evidence } terms { category setupCost { amountMinor } } quality { score sampleSize } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
  `{ creators(first: 100) { nodes { campaigns(first: 5) { nodes { returnRateBps slotFee { amountMinor } gmv { amountMinor } netGmv { amountMinor } endsAt } } } } }`,
];

// Lists of states, kinds and codes that a client may name.
function filterQuestions(): string[] {
  const values = (name: string): string[] =>
    allEnumValues(schema)
      .filter((value) => value.startsWith(`${name}.`))
      .map((value) => value.slice(name.length + 1));
  return [
    ...values('StyleCategory').map((value) => `{ styles(category: ${value}, first: 1) { totalCount } }`),
    ...values('Stage').map((value) => `{ makers(stage: ${value}, first: 1) { totalCount } }`),
    ...values('MemberKind').map((value) => `{ members(kind: ${value}, first: 1) { totalCount } }`),
    ...values('SiteKind').map((value) => `{ sites(kind: ${value}, first: 1) { totalCount } }`),
    ...values('CreatorTier').map((value) => `{ creators(tier: ${value}, first: 1) { totalCount } }`),
    ...values('StyleLife').map((value) => `{ styles(life: [${value}], first: 1) { totalCount } }`),
    ...values('DemandStatus').map((value) => `{ demandLines(status: [${value}], first: 1) { totalCount } }`),
    ...values('TimeWindow').map((value) => `{ styles(first: 1) { nodes { sales(window: ${value}) { piecesSold } } } }`),
  ];
}
