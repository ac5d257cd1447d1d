/**
 * Each subgraph in turn is down, slow and broken: the same deep question still returns every field of the others. What may be lost is
 * computed from the supergraph: a field whose every source is the broken subgraph, and what a non-null field takes with it.
 */
import { createServer, request as httpRequest, type Server } from 'node:http';
import { readFileSync } from 'node:fs';
import {
  getNamedType,
  isNonNullType,
  isObjectType,
  Kind,
  parse,
  type GraphQLObjectType,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { loadSupergraph } from '../../engine/supergraph/index.ts';
import { fromRoot } from '../../lib/paths.ts';
import { startTestHub, subgraphNames, type HubAnswer, type SubgraphName, type TestHub } from '../_kit/hub.ts';
import { fillHouse, type Ids } from './full-house.ts';
import { createWorld } from './world.ts';

type Fault = 'none' | 'down' | 'slow' | '500';
const supergraph = loadSupergraph(readFileSync(fromRoot('schema', 'supergraph.graphql'), 'utf8'));
const DEADLINE_MS = 3_000;

const questionOf = (ids: Ids): string => `{
  creators(first: 3) { nodes { displayName member { memberId name } cash { balance { amountMinor } } campaigns(first: 2) { nodes { title member { name } settlement { status } styles(first: 2) { nodes {
    name hsCode unitWeightGrams smvTotal operations { stage smv } mismatch { fillRateBps } signals(first: 1) { nodes { views source { handle } } }
    skus(first: 2) { nodes { gtin availableToPromise inventory(first: 2) { nodes { onHand site { name distributor { name tariffs { service } member { name } } } } } } }
    demand(first: 2) { nodes { quantity member { name } unservedQty feasibleMakers(first: 2) { unitPrice { amountMinor } maker { name member { name kinds } capacity(from: "2026-11-22", to: "2026-12-05", stage: SEWING, first: 2) { nodes { day freeMinutes shadowPrice { price } } } } }
      allocations(first: 2) { nodes { quantity status maker { country capabilities { tag } } decision { outcome text } landedCost { total { amountMinor } }
        lot { progressBps shippedQty maker { address } progress { stage qtyOut } logisticUnits(first: 2) { nodes { sscc } } }
        shipments(first: 2) { nodes { gsin status distributor { name } despatchAdvice { type number issuer { name } } } }
        settlement { balanced gross { amountMinor } splits { basis amount { amountMinor } } cashFlows(first: 9) { nodes { kind document { number } } } }
      } } } }
  } } } } } }
  lot(lotId: "${ids['lotId']}") { status allocation { status quantity } style { name hsCode } receivedQty }
  shipment(gsin: "${ids['gsin']}") { status allocation { promisedDate lot { status } } units(first: 2) { nodes { contents { lot { status } sku { size } } } } }
  makers(first: 2) { nodes { gln name member { name } } }
  distributors(first: 2) { nodes { gln name member { name } } }
  members(first: 2) { nodes { name kinds } }
}`;

let QUESTION = '';
let ids: Ids;
let hub: TestHub;
const faults = new Map<SubgraphName, Fault>();
const proxies: Server[] = [];

/** Stands between the gateway and a subgraph, and misbehaves as told. */
async function addProxy(name: SubgraphName, target: string): Promise<string> {
  const proxy = createServer((incoming, outgoing) => {
    const fault = faults.get(name) ?? 'none';
    if (fault === 'down') return void incoming.socket.destroy();
    if (fault === 'slow') return;
    if (fault === '500') return void outgoing.writeHead(500, { 'content-type': 'text/plain' }).end('broken');
    const onward = httpRequest(target, { method: incoming.method, headers: incoming.headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  proxies.push(proxy);
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const address = proxy.address();
  if (typeof address !== 'object' || address === null) throw new Error('the proxy does not listen');
  return `http://127.0.0.1:${address.port}/graphql`;
}

beforeAll(async () => {
  hub = await startTestHub({ urlOf: addProxy, limits: { subgraphMs: DEADLINE_MS } });
  ids = await fillHouse(await createWorld(hub, hub.change));
  await hub.settle();
  QUESTION = questionOf(ids);
}, 120_000);
afterAll(async () => {
  await hub.stop();
  for (const proxy of proxies) {
    proxy.closeAllConnections();
    proxy.close();
  }
});

const sourcesOf = (type: string, field: string): string[] => {
  const owner = supergraph.types.get(type);
  const known = owner?.kind === 'object' ? owner.fields.get(field) : undefined;
  if (known === undefined) throw new Error(`${type}.${field} is not in the supergraph`);
  return supergraph.graphs
    .filter((graph) => known.in[graph.id]?.usable === 'yes' && known.in[graph.id]?.external !== true)
    .map((graph) => graph.name);
};

const NOTHING = Symbol('a null that bubbles');
type Expected = { value: unknown; lost: (string | number)[][] };

/** The healthy answer without what only `broken` can tell; `lost` names the fields that went. */
function expectWithout(broken: string, healthy: unknown): Expected {
  const operation = parse(QUESTION).definitions[0] as OperationDefinitionNode;
  const lost: (string | number)[][] = [];
  const walk = (
    type: GraphQLObjectType,
    selections: SelectionSetNode,
    value: Record<string, unknown>,
    path: (string | number)[],
  ): Record<string, unknown> | typeof NOTHING => {
    const result: Record<string, unknown> = {};
    const before = lost.length;
    let bubbles = false;
    for (const selection of selections.selections) {
      if (selection.kind !== Kind.FIELD) throw new Error('the question has no fragments');
      const field = type.getFields()[selection.name.value];
      if (field === undefined) throw new Error(`${type.name}.${selection.name.value}`);
      const key = selection.alias?.value ?? selection.name.value;
      const at = [...path, key];
      const named = getNamedType(field.type);
      const gone = sourcesOf(type.name, field.name).every((name) => name === broken);
      if (gone) lost.push(at);
      const first = lost[before];
      let seen: unknown = gone ? null : value[key];
      if (!gone && isObjectType(named) && selection.selectionSet !== undefined)
        seen = inside(named, field.type, selection.selectionSet, seen, at);
      result[key] = seen === NOTHING ? null : seen;
      if (seen !== NOTHING && !(seen === null && isNonNullType(field.type))) continue;
      // the whole object goes, with one error for it
      bubbles = true;
      if (first !== undefined) lost.splice(before, lost.length, first);
      break;
    }
    return bubbles ? NOTHING : result;
  };
  const inside = (
    named: GraphQLObjectType,
    type: { toString(): string },
    selections: SelectionSetNode,
    value: unknown,
    path: (string | number)[],
  ): unknown => {
    if (value === null || value === undefined) return null;
    if (!Array.isArray(value)) {
      const one = walk(named, selections, value as Record<string, unknown>, path);
      return one === NOTHING && !String(type).endsWith('!') ? null : one;
    }
    const items = value.map((item, i) => (item === null ? null : walk(named, selections, item as Record<string, unknown>, [...path, i])));
    if (!items.includes(NOTHING)) return items;
    if (/^\[.*!\]/.test(String(type))) return String(type).endsWith('!') ? NOTHING : null;
    return items.map((item) => (item === NOTHING ? null : item));
  };
  const query = supergraph.publicSchema.getQueryType();
  if (!query) throw new Error('no Query');
  const value = walk(query, operation.selectionSet, healthy as Record<string, unknown>, []);
  return { value: value === NOTHING ? null : value, lost };
}

describe.each(subgraphNames)('without %s', (name) => {
  it.each(['down', '500', 'slow'] as const)(
    'which is %s, every field of the others is answered, and each lost field says so once',
    async (fault) => {
      faults.clear();
      const healthy: HubAnswer = await hub.ask(hub.hub, QUESTION);
      expect(healthy.errors ?? []).toEqual([]);
      for (const id of [ids['gsin'], 'DESPATCH', 'OWNER_MARGIN']) expect(JSON.stringify(healthy.data.creators)).toContain(id);
      faults.set(name, fault);
      const began = performance.now();
      const broken = await hub.ask(hub.hub, QUESTION);
      faults.clear();
      const expected = expectWithout(name, healthy.data);

      expect(expected.lost.length).toBeGreaterThan(0);
      expect(broken.data).toEqual(expected.value);
      const toText = (path: readonly (string | number)[] | undefined): string => (path ?? []).join('.');
      expect((broken.errors ?? []).map((error) => toText(error.path)).toSorted()).toEqual(expected.lost.map(toText).toSorted());
      for (const error of broken.errors ?? []) {
        expect(error.extensions?.['service']).toBe(name);
        expect(error.extensions?.['code']).toMatch(/^SUBGRAPH_/);
      }
      expect(performance.now() - began).toBeLessThan(10 * DEADLINE_MS);
    },
    60_000,
  );
});

it.each(subgraphNames)('a gateway starts while %s is down, answers for the others, and takes it in when it comes back', async (name) => {
  faults.clear();
  faults.set(name, 'down');
  const gateway = await hub.openGateway();
  try {
    const question =
      '{ creators(first: 1) { totalCount } makers(first: 1) { totalCount } distributors(first: 1) { totalCount } members(first: 1) { totalCount } }';
    const fields = { creators: 'downstream', makers: 'upstream', distributors: 'midstream', members: 'routing' };
    const ask = async (): Promise<string[]> => {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${hub.hub.token}` };
      const response = await fetch(`${gateway.url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query: question }) });
      const { data } = (await response.json()) as { data: Record<string, unknown> };
      return Object.entries(fields).flatMap(([field, owner]) => (data[field] === null ? [owner] : []));
    };
    expect((await fetch(`${gateway.url}/ready`)).status).toBe(200);
    expect(await ask()).toEqual([name]);
    faults.clear();
    expect(await ask()).toEqual([]);
  } finally {
    await gateway.stop();
  }
});

it('the name of a maker is told with its allocation, also while upstream is down', async () => {
  faults.clear();
  const question = `{ allocation(allocationId: "${ids['allocationId']}") { maker { name country } } }`;
  const healthy = await hub.ask(hub.hub, question);
  expect(healthy.data.allocation.maker).toEqual({ name: expect.any(String), country: 'CN' });
  faults.set('upstream', 'down');
  const broken = await hub.ask(hub.hub, question.replace(' country', ''));
  faults.clear();
  expect(broken).toEqual({ data: { allocation: { maker: { name: healthy.data.allocation.maker.name } } } });
});

it('a subgraph that comes back is taken in again', async () => {
  faults.set('midstream', 'down');
  expect((await hub.ask(hub.hub, '{ distributors(first: 1) { nodes { gln } } }')).data.distributors).toBeNull();
  faults.clear();
  expect((await hub.ask(hub.hub, '{ distributors(first: 1) { nodes { gln } } }')).data.distributors.nodes).toHaveLength(1);
});
