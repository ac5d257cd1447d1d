/** Who sees what of a plan: the same answer on every path to a row, and in every count. What a viewer may not see is as if it were not there. */
import { execute, sql } from '../../../../subgraph-kit/sql.ts';
import type { Principal } from '../../../../subgraph-kit/principal.ts';
import { hub, member, visitor } from '../../../_kit/subgraph.ts';
import {
  allocate,
  anna,
  bert,
  candidate,
  carla,
  CARRIER,
  cleo,
  commit,
  decide,
  dirk,
  dora,
  emil,
  GLN,
  line,
  openRouting,
  runPlan,
  type Routing,
} from './_kit.ts';

let r: Routing;
let runId: string;
/** Ids of allocations, decisions and prices by the name of their line. */
const idOf = new Map<string, string>();

const STATES = ['PROPOSED', 'OFFERED', 'COUNTERED', 'ACCEPTED', 'FROZEN', 'COMPLETED', 'DECLINED', 'SUPERSEDED', 'NEVER_OFFERED'];
// a line named BOOKED is on its way with dirk; DEMO is of a generator
const LINES = [...STATES, 'BOOKED', 'DEMO'];
const statusOf = (name: string): string => ({ NEVER_OFFERED: 'SUPERSEDED', BOOKED: 'FROZEN', DEMO: 'OFFERED' })[name] ?? name;
const wasOffered = (name: string): boolean => name !== 'PROPOSED' && name !== 'NEVER_OFFERED';
const frank = member('mbr_frank', 'CREATOR', 'MAKER');

beforeAll(async () => {
  r = await openRouting();
  const lines = LINES.map((name) => line(name, name === 'DEMO' ? { origin: 'GENERATED' } : {}));
  const allocations = LINES.map((name) => allocate(name, GLN.anna, 200));
  // cleo is no candidate
  const decisions = lines.map((one) =>
    decide(one, allocations, {
      candidates: [candidate(GLN.anna, 200), candidate(GLN.bert, 0, { pieces: 200, reducedCost: 1 })],
      binding: [0, 1],
    }),
  );
  runId = await runPlan(r, {
    lines,
    allocations,
    decisions,
    prices: [
      { kind: 'CAPACITY', lineId: null, bucketId: 'bkt_anna', gln: GLN.anna, price: 2, validFrom: null, validTo: null },
      { kind: 'DEMAND', lineId: 'OFFERED', bucketId: null, gln: null, price: 1, validFrom: null, validTo: null },
    ],
  });
  await commit(r, runId);
  for (const name of LINES) {
    await execute(
      r.db,
      sql`UPDATE "Allocation" SET "status" = ${statusOf(name)}, "answerBy" = CASE WHEN ${wasOffered(name)} THEN "answerBy" END,
      "distributorGln" = ${name === 'BOOKED' ? CARRIER : null}::text, "distributorMemberId" = ${name === 'BOOKED' ? dirk.memberId : null}::text
      WHERE "demandLineId" = ${name}`,
    );
  }
  const { data } = await r.ask(
    hub,
    '{ allocations(first: 200) { nodes { allocationId demandLine { demandLineId } } } decisions(first: 200) { nodes { decisionId demandLine { demandLineId } } } }',
  );
  for (const node of data.allocations.nodes) idOf.set(`alc ${node.demandLine.demandLineId}`, node.allocationId);
  for (const node of data.decisions.nodes) idOf.set(`dec ${node.demandLine.demandLineId}`, node.decisionId);
}, 60_000);
afterAll(() => r.close());

const id = (kind: 'alc' | 'dec', name: string): string => idOf.get(`${kind} ${name}`) ?? 'unknown';
const nodes = (list: { nodes: Record<string, any>[]; totalCount: number } | null): string[] => {
  expect(list?.totalCount).toBe(list?.nodes.length);
  return (list?.nodes ?? []).map((node) => String(node['demandLine'].demandLineId)).toSorted();
};

const LIST = '(first: 200) { totalCount nodes { demandLine { demandLineId } } }';
const allStates = `(first: 200, status: [${STATES.slice(0, -1).join(', ')}]) { totalCount nodes { demandLine { demandLineId } } }`;

/** The lines whose allocation a viewer gets, path by path. */
async function seenAllocations(viewer: Principal): Promise<Record<string, string[]>> {
  const { data, errors } = await r.ask(
    viewer,
    `query ($lines: [_Any!]!, $rows: [_Any!]!) {
      allocations${LIST} run: routingRun(runId: "${runId}") { allocations${LIST} }
      makers: _entities(representations: [{ __typename: "Maker", gln: "${GLN.anna}" }]) { ... on Maker { allocations${LIST} } }
      lines: _entities(representations: $lines) { ... on DemandLine { allocations${allStates} } }
      rows: _entities(representations: $rows) { ... on Allocation { demandLine { demandLineId } } }
    }`,
    {
      lines: LINES.map((name) => ({ __typename: 'DemandLine', demandLineId: name })),
      rows: LINES.map((name) => ({ __typename: 'Allocation', allocationId: id('alc', name) })),
    },
  );
  expect(errors).toBeUndefined();
  const byId = await Promise.all(
    LINES.map(
      async (name) =>
        (await r.ask(viewer, `{ allocation(allocationId: "${id('alc', name)}") { demandLine { demandLineId } } }`)).data.allocation,
    ),
  );
  const present = (rows: ({ demandLine: { demandLineId: string } } | null)[]): string[] =>
    rows.flatMap((row) => row?.demandLine.demandLineId ?? []).toSorted();
  return {
    list: nodes(data.allocations),
    run: nodes(data.run.allocations),
    maker: nodes(data.makers[0].allocations),
    line: data.lines.flatMap((one: { allocations: never }) => nodes(one.allocations)).toSorted(),
    entity: present(data.rows),
    byId: present(byId),
  };
}

const offered = LINES.filter(wasOffered);
const WHO: [string, Principal, string[]][] = [
  ['the hub', hub, LINES],
  ['the owner of the demand', carla, LINES],
  ['the maker', anna, offered],
  ['a rival maker that was a candidate', bert, []],
  ['a rival maker that was none', cleo, []],
  ['another creator', dora, []],
  ['another creator that is a maker too', frank, []],
  ['the distributor that was named', dirk, ['ACCEPTED', 'BOOKED', 'FROZEN']],
  ['another distributor: open jobs', emil, ['ACCEPTED', 'FROZEN']],
  ['a visitor', visitor, ['DEMO']],
];

describe('allocations', () => {
  it.each(WHO)('are seen alike on every path by %s', async (_, viewer, expected) => {
    const sorted = expected.toSorted();
    expect(await seenAllocations(viewer)).toEqual({ list: sorted, run: sorted, maker: sorted, line: sorted, entity: sorted, byId: sorted });
  });

  it.each<[string, Principal, string[]]>([
    ['the distributor', dirk, ['BOOKED']],
    ['another distributor', emil, []],
    ['the owner of the demand', carla, ['BOOKED']],
    ['a rival maker', bert, []],
    ['a visitor', visitor, []],
  ])('of a distributor are seen by %s as it may see them', async (_, viewer, expected) => {
    const { data } = await r.ask(
      viewer,
      `{ _entities(representations: [{ __typename: "Distributor", gln: "${CARRIER}" }]) { ... on Distributor { allocations${LIST} } } }`,
    );
    expect(nodes(data._entities[0].allocations)).toEqual(expected);
  });

  it('do not show their decision to a distributor', async () => {
    const { data, errors } = await r.ask(
      emil,
      `{ allocation(allocationId: "${id('alc', 'ACCEPTED')}") { status decision { decisionId } maker { gln name } } }`,
    );
    expect(errors).toBeUndefined();
    expect(data.allocation).toEqual({ status: 'ACCEPTED', decision: null, maker: { gln: GLN.anna, name: 'Anna Garments' } });
  });
});

describe('decisions', () => {
  const seen = async (viewer: Principal) => {
    const { data } = await r.ask(
      viewer,
      `query ($lines: [_Any!]!, $rows: [_Any!]!) { decisions${LIST} routingRun(runId: "${runId}") { decisions${LIST} }
        lines: _entities(representations: $lines) { ... on DemandLine { decision { demandLine { demandLineId } } } }
        rows: _entities(representations: $rows) { ... on RoutingDecision { demandLine { demandLineId } } } }`,
      {
        lines: LINES.map((name) => ({ __typename: 'DemandLine', demandLineId: name })),
        rows: LINES.map((name) => ({ __typename: 'RoutingDecision', decisionId: id('dec', name) })),
      },
    );
    const present = (rows: any[]): string[] => rows.flatMap((row) => (row ? String(row.demandLine.demandLineId) : [])).toSorted();
    const byId = await Promise.all(
      LINES.map(
        async (name) =>
          (await r.ask(viewer, `{ decision(decisionId: "${id('dec', name)}") { demandLine { demandLineId } } }`)).data.decision,
      ),
    );
    return {
      list: nodes(data.decisions),
      run: nodes(data.routingRun.decisions),
      line: present(data.lines.map((one: any) => one.decision)),
      entity: present(data.rows),
      byId: present(byId),
    };
  };

  it.each<[string, Principal, string[]]>([
    ['the hub', hub, LINES],
    ['the owner of the demand', carla, LINES],
    ['the maker that won', anna, LINES],
    ['a maker that lost', bert, LINES],
    ['a maker that was no candidate', cleo, []],
    ['another creator', dora, []],
    ['a distributor', dirk, []],
    ['a visitor', visitor, ['DEMO']],
  ])('are seen alike on every path by %s', async (_, viewer, expected) => {
    const sorted = expected.toSorted();
    expect(await seen(viewer)).toEqual({ list: sorted, run: sorted, line: sorted, entity: sorted, byId: sorted });
  });

  const show = async (viewer: Principal) => {
    const fields =
      'chosen { maker { gln } } runnerUp { maker { gln } } considered { totalCount nodes { maker { gln } } } excluded { makers examples { gln } } text bindingConstraints { kind bucket { bucketId } }';
    const { data } = await r.ask(viewer, `{ decision(decisionId: "${id('dec', 'OFFERED')}") { ${fields} } }`);
    return data.decision;
  };

  it('name every maker to the owner of the demand', async () => {
    expect(await show(carla)).toMatchObject({
      chosen: [{ maker: { gln: GLN.anna } }],
      runnerUp: { maker: { gln: GLN.bert } },
      considered: { totalCount: 2, nodes: [{ maker: { gln: GLN.anna } }, { maker: { gln: GLN.bert } }] },
      excluded: [{ makers: 1, examples: [{ gln: GLN.late }] }],
      bindingConstraints: [
        { kind: 'CAPACITY', bucket: { bucketId: 'bkt_anna' } },
        { kind: 'DEMAND', bucket: null },
      ],
    });
  });

  it('name no maker but itself to a maker, nowhere', async () => {
    const decision = await show(bert);
    expect(decision).toMatchObject({
      chosen: [{ maker: null }],
      runnerUp: { maker: { gln: GLN.bert } },
      considered: { totalCount: 2, nodes: [{ maker: null }, { maker: { gln: GLN.bert } }] },
      excluded: [{ makers: 1, examples: [] }],
      // neither what a piece costs the owner, nor whose minutes are scarce
      bindingConstraints: [{ kind: 'CAPACITY', bucket: null }],
    });
    expect(decision.text).toContain('Another maker makes 200 pieces');
    expect(decision.text).toContain('Bert Knitwear');
    for (const canary of ['Anna', 'Late Works', GLN.anna, 'bkt_anna', 'One more piece'])
      expect(JSON.stringify(decision)).not.toContain(canary);
  });
});

describe('prices', () => {
  const kinds = async (viewer: Principal) => {
    const { data } = await r.ask(
      viewer,
      `{ routingRun(runId: "${runId}") { prices { totalCount nodes { kind name bucket { bucketId } } } } scarcity(from: "2026-11-01", to: "2026-12-31") { nodes { kind name bucket { bucketId } } } }`,
    );
    expect(data.routingRun.prices.totalCount).toBe(data.routingRun.prices.nodes.length);
    return data;
  };
  const anonymous = { kind: 'CAPACITY', name: 'Sewing on 2026-11-30' };

  it('of minutes are for everybody, and of demand for its owner and the hub', async () => {
    const demand = { kind: 'DEMAND', name: 'Pieces of Rain Tee', bucket: null };
    const bucket = { bucketId: 'bkt_anna' };
    for (const viewer of [hub, carla]) expect((await kinds(viewer)).routingRun.prices.nodes).toEqual([{ ...anonymous, bucket }, demand]);
    for (const viewer of [anna, dora, visitor]) expect((await kinds(viewer)).routingRun.prices.nodes).toEqual([{ ...anonymous, bucket }]);
    for (const viewer of [bert, cleo]) expect((await kinds(viewer)).routingRun.prices.nodes).toEqual([{ ...anonymous, bucket: null }]);
    for (const viewer of [hub, carla, dora]) expect((await kinds(viewer)).scarcity.nodes).toEqual([{ ...anonymous, bucket }]);
  });

  it('of another member’s demand are not found by their id', async () => {
    const { data } = await r.ask(hub, `{ routingRun(runId: "${runId}") { prices { nodes { priceId kind } } } }`);
    const { priceId } = data.routingRun.prices.nodes.find(({ kind }: { kind: string }) => kind === 'DEMAND');
    const entity = `{ _entities(representations: [{ __typename: "ShadowPrice", priceId: "${priceId}" }]) { ... on ShadowPrice { price } } }`;
    const seen = await Promise.all(
      [hub, carla, anna, dora, visitor].map(async (viewer) => (await r.ask(viewer, entity)).data._entities[0]),
    );
    expect(seen).toEqual([{ price: '1' }, { price: '1' }, null, null, null]);
  });
});

describe('figures beside entities of others', () => {
  it('tell the load of a maker to itself, the hub and visitors', async () => {
    const question = `{ _entities(representations: [{ __typename: "Maker", gln: "${GLN.anna}" }]) { ... on Maker { loadShareBps } } }`;
    const seen = await Promise.all(
      [hub, anna, visitor, bert, carla, dirk].map(async (viewer) => (await r.ask(viewer, question)).data._entities[0].loadShareBps),
    );
    expect(seen).toEqual([10_000, 10_000, 10_000, null, null, null]);
  });

  it('tell what is unserved of a line to its owner and the hub', async () => {
    const question =
      '{ _entities(representations: [{ __typename: "DemandLine", demandLineId: "DECLINED" }]) { ... on DemandLine { unservedQty } } }';
    const seen = await Promise.all(
      [hub, carla, anna, dora, visitor].map(async (viewer) => (await r.ask(viewer, question)).data._entities[0].unservedQty),
    );
    expect(seen).toEqual([200, 200, null, null, null]);
  });

  it('give the price of a bucket by the committed plan', async () => {
    const question =
      '{ _entities(representations: [{ __typename: "CapacityBucket", bucketId: "bkt_anna" }, { __typename: "CapacityBucket", bucketId: "bkt_bert" }]) { ... on CapacityBucket { shadowPrice { price per currency kind } } } }';
    const { data } = await r.ask(anna, question);
    expect(data._entities).toEqual([{ shadowPrice: { price: '2', per: 'MIN', currency: 'CNY', kind: 'CAPACITY' } }, { shadowPrice: null }]);
  });
});
