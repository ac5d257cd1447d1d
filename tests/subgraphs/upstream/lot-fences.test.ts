/** Who may see a lot: its maker, the owner of the demand, whoever carries it, the hub; a visitor sees demonstration lots. By every way in. */
import type { Principal } from '../../../subgraph-kit/principal.ts';
import { hub as theHub, member, visitor } from '../../_kit/subgraph.ts';
import { allocationChanged, anna, bert, carla, enterMaker, openUpstream, shipmentBooked, type Upstream } from './_kit.ts';

let hub: Upstream;
let gln: string;
const dora = member('mbr_dora', 'DISTRIBUTOR');
const emil = member('mbr_emil', 'DISTRIBUTOR');
const rival = member('mbr_rival', 'MAKER', 'CREATOR', 'DISTRIBUTOR');
const everyone: Record<string, Principal> = { anna, bert, carla, dora, emil, rival, visitor, theHub };

type Canary = { readonly lotId: string; readonly epcClass: string; readonly allocationId: string };
const canaries: Record<string, Canary> = {};

beforeAll(async () => {
  hub = await openUpstream();
  gln = await enterMaker(hub);
  const open = async (name: string, more: Record<string, unknown>): Promise<void> => {
    const allocationId = `alc_${name}`;
    await hub.follow([allocationChanged(allocationId, { gln, status: 'ACCEPTED', quantity: 7_777, styleId: `sty_${name}`, ...more })]);
    const { lotId, epcClass } = await hub.db.productionLot.findUniqueOrThrow({ where: { allocationId } });
    canaries[name] = { lotId, epcClass, allocationId };
  };
  // the shipment of one is known before its lot is
  await hub.follow([shipmentBooked('alc_early', 'mbr_dora')]);
  await open('early', {});
  await open('plain', {});
  await open('demo', { origin: 'GENERATED' });
  await open('berts', { memberId: 'mbr_bert', demandMemberId: 'mbr_none' });
  await hub.follow([shipmentBooked('alc_demo', 'mbr_dora'), shipmentBooked('alc_demo', 'mbr_dora')]);
}, 60_000);
afterAll(() => hub.close());

const mayRead: Record<string, readonly string[]> = {
  anna: ['early', 'plain', 'demo'],
  bert: ['berts'],
  carla: ['early', 'plain', 'demo'],
  dora: ['early', 'demo'],
  emil: [],
  rival: [],
  visitor: ['demo'],
  theHub: ['early', 'plain', 'demo', 'berts'],
};

const names = (lotIds: readonly (string | null)[]): string[] =>
  Object.keys(canaries).filter((name) => lotIds.includes(canaries[name]?.lotId ?? ''));

describe.each(Object.keys(everyone))('%s', (who) => {
  const viewer = (): Principal => everyone[who] ?? visitor;
  const ask = async (source: string, variables: Record<string, unknown> = {}): Promise<any> => {
    const { data, errors } = await hub.ask(viewer(), source, variables);
    expect(errors).toBeUndefined();
    // whatever is not theirs does not stand anywhere in the answer
    const hidden = Object.keys(canaries).filter((name) => !mayRead[who]?.includes(name));
    const text = JSON.stringify(data);
    for (const name of hidden) {
      expect(text).not.toContain(canaries[name]?.lotId);
      expect(text).not.toContain(canaries[name]?.epcClass);
    }
    return data;
  };

  it('finds its lots, and no other, by id, in lists and in counts', async () => {
    const found: (string | null)[] = [];
    for (const { lotId } of Object.values(canaries))
      found.push((await ask('query ($id: ID!) { lot(lotId: $id) { lotId } }', { id: lotId })).lot?.lotId ?? null);
    expect(names(found)).toEqual(mayRead[who]);
    const lists = await ask(
      'query ($gln: ID!) { lots { nodes { lotId epcClass plannedQty } totalCount } own: lots(gln: $gln, status: [PLANNED]) { nodes { lotId } totalCount } none: lots(status: [CLOSED]) { totalCount } maker(gln: $gln) { lots { nodes { lotId } totalCount } } }',
      { gln },
    );
    for (const list of [lists.lots, lists.own, lists.maker.lots]) {
      expect(names(list.nodes.map(({ lotId }: any) => lotId))).toEqual(mayRead[who]);
      expect(list.totalCount).toBe(mayRead[who]?.length);
    }
    expect(lists.none.totalCount).toBe(0);
  });

  it('finds its lots, and no other, as entities and under allocations', async () => {
    const all = Object.values(canaries);
    const representations = [
      ...all.map(({ lotId }) => ({ __typename: 'ProductionLot', lotId })),
      ...all.map(({ epcClass }) => ({ __typename: 'ProductionLot', epcClass })),
      ...all.map(({ allocationId }) => ({ __typename: 'Allocation', allocationId })),
    ];
    const { _entities } = await ask(
      'query ($r: [_Any!]!) { _entities(representations: $r) { ... on ProductionLot { lotId epcClass progress { stage } } ... on Allocation { lot { lotId } } } }',
      { r: representations },
    );
    const found = _entities.map((one: any) => one?.lotId ?? one?.lot?.lotId ?? null);
    for (const start of [0, all.length, 2 * all.length]) expect(names(found.slice(start, start + all.length))).toEqual(mayRead[who]);
  });
});

it('Lots come newest first, page by page', async () => {
  const allocationIds = Array.from({ length: 7 }, (_, i) => `alc_page${i}`);
  for (const allocationId of allocationIds) {
    hub.clock.advance(1_000);
    await hub.follow([allocationChanged(allocationId, { gln, status: 'ACCEPTED', demandMemberId: 'mbr_pages' })]);
  }
  const reader = member('mbr_pages', 'CREATOR');
  const seen: string[] = [];
  let after: string | null = null;
  do {
    const { data } = await hub.ask(
      reader,
      'query ($after: String) { lots(first: 3, after: $after) { nodes { allocation { allocationId } } pageInfo { hasNextPage endCursor } } }',
      { after },
    );
    seen.push(...data.lots.nodes.map((node: any) => node.allocation.allocationId));
    after = data.lots.pageInfo.hasNextPage ? data.lots.pageInfo.endCursor : null;
  } while (after !== null);
  expect(seen).toEqual(allocationIds.toReversed());
});

it('Reading many lots takes no more statements than reading one', async () => {
  const source = `query ($n: Int!, $r: [_Any!]!) {
    lots(first: $n) { nodes { lotId maker { name } progressBps projectedFinish progress { stage wip } style { styleId smvTotal } allocation { lot { lotId } } } totalCount }
    makers(first: $n) { nodes { lots(first: 2) { nodes { progress { stage } } totalCount } } }
    _entities(representations: $r) { ... on Allocation { lot { lotId progressBps } } ... on ProductionLot { goodQty } }
  }`;
  for (let i = 0; i < 4; i += 1) await enterMaker(hub, { name: `Yard ${i}` });
  const all = Object.values(canaries);
  const ask = (n: number) =>
    hub.countStatements(() =>
      hub.ask(theHub, source, {
        n,
        r: all.slice(0, n).flatMap(({ lotId, epcClass, allocationId }) => [
          { __typename: 'Allocation', allocationId },
          { __typename: 'ProductionLot', lotId },
          { __typename: 'ProductionLot', epcClass },
        ]),
      }),
    );
  const one = await ask(1);
  expect(one).toBeGreaterThan(0);
  // what one part of the question has read another needs not read again: with many lots there may be fewer
  expect(await ask(10)).toBeLessThanOrEqual(one);
});
