/**
 * The whole graph through the gateway: every mutation by the table, every problem, runs that fail, and then a question for every
 * field. At the end nothing of the SDL may be left unseen. Add a field, a value or a mutation without a test, and this fails.
 */
import { isInputObjectType, getNamedType, isListType, getNullableType, type GraphQLOutputType, type GraphQLSchema } from 'graphql';
import { readFileSync } from 'node:fs';
import { loadSupergraph } from '../../engine/supergraph/index.ts';
import { fromRoot } from '../../lib/paths.ts';
import { PROBLEMS, type ProblemCode } from '../../subgraph-kit/problems.ts';
import { readEventContract } from '../../lib/feed/event-contract.ts';
import { startTestHub, subgraphNames, type Player, type TestHub } from '../_kit/hub.ts';
import { route } from '../_kit/route.ts';
import { allEnumValues, allFields, createCoverage, selectAll, type Coverage } from './coverage.ts';
import { entries } from './mutation-rows.ts';
import { fromRuns, fromTheTable, problemCases } from './problem-cases.ts';
import { argumentsOf, deepQuestions, filterQuestions, innerArguments } from './questions.ts';
import { nameAll, shutOut, travel } from './every-value.ts';
import { fillHouse, makeScarce, type Ids } from './full-house.ts';
import { createWorld, type World } from './world.ts';

const schema: GraphQLSchema = loadSupergraph(readFileSync(fromRoot('schema', 'supergraph.graphql'), 'utf8')).publicSchema;
const isPage = (type: GraphQLOutputType): boolean => getNamedType(type).name.endsWith('Connection');
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
  it.each(all.filter((code) => ![...fromTheTable, ...fromRuns].includes(code)))('%s comes from a change that deserves it', async (code) => {
    const found = problemCases[code];
    if (found === undefined) throw new Error(`no case produces ${code}`);
    const { player, input, key } = await found.attempt(world);
    expect(codes(await change(player, found.mutation, { ...input, idempotencyKey: key ?? world.key() }, found.fields))).toContain(code);
  });
});

describe('a run that does not end well', () => {
  const fields = 'runId trigger triggerRef status startedAt finishedAt inputHash problems { code path message }';
  const run = async (): Promise<any> => {
    const { runId } = await route(hub);
    return (await ask(world.creator, `{ routingRun(runId: "${runId}") { ${fields} } }`)).data.routingRun;
  };
  const newest = async (): Promise<any> =>
    (await ask(world.mcn, `{ routingRuns(first: 1) { nodes { ${fields} } } }`)).data.routingRuns.nodes[0];

  it('says READ_FAILED when the gateway cannot be asked, and is tried again by the clock', async () => {
    hub.hideGateway(true);
    const failed = await run();
    hub.hideGateway(false);
    expect(failed).toMatchObject({ status: 'FAILED', trigger: 'MANUAL', problems: [{ code: 'READ_FAILED' }] });
    let next = await newest();
    while (next.runId === failed.runId || next.status === 'RUNNING') {
      await new Promise((resolve) => setTimeout(resolve, 100));
      next = await newest();
    }
    expect(next).toMatchObject({ trigger: 'SCHEDULED', triggerRef: failed.runId, status: 'OPTIMAL' });
  });
  it('says SOLVE_FAILED when the solver does not end in time, and keeps what it read', async () => {
    // as much less than none as the solver is given beyond it
    hub.limitSolving(-30_000);
    const failed = await run();
    hub.limitSolving(undefined);
    expect(failed).toMatchObject({ status: 'FAILED', inputHash: expect.any(String), problems: [{ code: 'SOLVE_FAILED' }] });
  });
  it('has the best plan that it found when its time is up, and is FEASIBLE when whole pieces do not fill scarce minutes', async () => {
    const lines = await makeScarce(world);
    hub.limitSolving(0);
    expect(await run()).toMatchObject({ status: 'TIME_LIMIT', problems: [] });
    hub.limitSolving(undefined);
    expect(await run()).toMatchObject({ status: 'FEASIBLE', problems: [] });
    const outcomes = await Promise.all(
      lines.map((id) => ask(world.creator, `{ demandLine(demandLineId: "${id}") { decision { outcome } unservedQty } }`)),
    );
    expect(outcomes.map(({ data }) => data.demandLine.decision.outcome)).toEqual(['REFUSED', 'REFUSED', 'PARTIAL', 'ALLOCATED']);
  });
});

describe('every field', () => {
  let ids: Ids;
  it('is full in some row', async () => {
    await makeScarce(world);
    ids = await fillHouse(world);
    expect(Object.values(ids)).not.toContain('');
  }, 60_000);

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
      ...buyers.slice(0, 32).map((i) => sale(i, '2026-09-01T12:00:00Z')),
      ...buyers.slice(0, 10).map((i) => sale(i, '2026-11-18T12:00:00Z')),
    ];
    const before = await hub.heads();
    expect((await world.done(world.creator, 'recordSales', { sales }, 'recorded')).recorded).toBe(82);
    // one for each day
    expect(await newEvents(before)).toEqual(['sales.recorded', 'sales.recorded', 'sales.recorded']);
    const source = `{ segment(segmentId: "${segmentId}") { arpu(window: D90) { amountMinor } ltv { amountMinor } cohorts(from: "2026-08-01", to: "2026-11-30") { week platform buyers retentionD30Bps retentionD90Bps revenue { amountMinor } ltv { amountMinor } } } }`;
    const { data } = await ask(world.creator, source);
    expect(data.segment.cohorts).toEqual([
      expect.objectContaining({
        week: '2026-08-10',
        platform: 'SNAPCHAT',
        buyers: 40,
        retentionD30Bps: 8_000,
        retentionD90Bps: 8_000,
        revenue: { amountMinor: 82 * 7_900 },
      }),
    ]);
  });

  it('is asked for, from every question at the root', async () => {
    const query = schema.getQueryType();
    if (!query) throw new Error('no Query');
    for (const field of Object.values(query.getFields())) {
      const literals = argumentsOf(query, field.name, ids);
      const source = `{ ${field.name}${literals}${selectAll(field.type, isPage(field.type) ? 1 : 2, innerArguments)} }`;
      const answer = await ask(hub.hub, source);
      expect(answer.errors?.map((error) => `${field.name}${literals}: ${error.message} at ${error.path?.join('.')}`) ?? []).toEqual([]);
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

  it('every reason, place and kind comes about', async () => {
    const valuesOf = (list: string): string[] =>
      allEnumValues(schema).flatMap((value) => (value.startsWith(`${list}.`) ? [value.slice(list.length + 1)] : []));
    await nameAll(world, valuesOf);
    await travel(world);
    await shutOut(world, ask);
    const flows = await ask(
      hub.hub,
      `{ settlement(settlementId: "${ids['settlementId']}") { cashFlows(first: 100) { nodes { kind direction } } } }`,
    );
    expect(flows.data.settlement.cashFlows.nodes.length).toBeGreaterThan(8);
  }, 60_000);

  it('every value of a closed list that is only a filter or an input is taken', async () => {
    for (const source of filterQuestions(schema)) expect((await ask(hub.hub, source)).errors ?? []).toEqual([]);
  });

  it('was seen with a value; every enum value was returned or taken; every problem was produced', () => {
    expect(allFields(schema).filter((field) => !coverage.fields.has(field))).toEqual([]);
    expect(allEnumValues(schema).filter((value) => !coverage.enumValues.has(value))).toEqual([]);
    expect(Object.keys(PROBLEMS).filter((code) => !coverage.problemCodes.has(code))).toEqual([]);
  });
});
