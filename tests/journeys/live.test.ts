/**
 * The whole chain is played while members listen: every subscription brings the events of its topic to who may read what they are of, and to
 * nobody else. Through real sockets, subgraphs and a real feed.
 */
import { getNamedType, isInterfaceType, isObjectType, type GraphQLObjectType } from 'graphql';
import { createClient, type Client } from 'graphql-ws';
import { readFileSync } from 'node:fs';
import { WebSocket } from 'ws';
import { loadSupergraph, type Supergraph } from '../../engine/supergraph/index.ts';
import { fromRoot } from '../../lib/paths.ts';
import type { Player } from '../_kit/hub.ts';
import { plantCanaries } from './_canary.ts';
import { startStage, type Stage } from './_cast.ts';

let stage: Stage;
let supergraph: Supergraph;
const clients: Client[] = [];
/** Of which a first bookmark has come. */
const standing = new Set<string>();
/** By listener and field: texts of what came. */
const heard = new Map<string, string[]>();

/** The subscription with its key, or all leaves where there is none. */
function toOperation(field: string): string {
  const type = getNamedType(supergraph.publicSchema.getSubscriptionType()?.getFields()[field]?.type);
  if (!isObjectType(type) && !isInterfaceType(type)) throw new Error(`${field} gives no object`);
  return `subscription { ${field} { __typename ${keysOf(type as GraphQLObjectType)} } }`;
}

function keysOf(type: GraphQLObjectType): string {
  const object = supergraph.types.get(type.name);
  const keys = object?.kind === 'object' ? object.in.flatMap((one) => one?.keys ?? []) : [];
  return keys[0]?.fields.flatMap((node) => (node.kind === 'field' ? [node.name] : [])).join(' ') ?? '';
}

function listen(name: string, player: Player): void {
  const client = createClient({
    url: `${stage.hub.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${player.token}` },
    on: {
      ping: (_received, payload) => {
        for (const id of Object.keys(payload?.['cursors'] ?? {})) standing.add(`${name} ${id}`);
      },
    },
  });
  clients.push(client);
  for (const field of supergraph.feeds.keys()) {
    const told: string[] = [];
    heard.set(`${name} ${field}`, told);
    client.subscribe(
      { query: toOperation(field) },
      {
        next: (message) => void told.push(JSON.stringify(message)),
        error: (error) => void told.push(`ended: ${JSON.stringify(error)}`),
        complete: () => undefined,
      },
    );
  }
}

const heardBy = (name: string, field: string): readonly string[] => heard.get(`${name} ${field}`) ?? [];

beforeAll(async () => {
  stage = await startStage();
  supergraph = loadSupergraph(readFileSync(fromRoot('schema', 'supergraph.graphql'), 'utf8'));
  listen('hub', stage.hub.hub);
  listen('stranger', await stage.hub.enter('mem_stranger', ['CREATOR']));
  await until(() => standing.size === 2 * supergraph.feeds.size);
  await plantCanaries(stage);
  await stage.hub.settle();
}, 120_000);
afterAll(async () => {
  for (const client of clients) await client.dispose();
  await stage.hub.stop();
});

const until = async (isSo: () => boolean): Promise<void> => {
  const endsAt = Date.now() + 20_000;
  while (!isSo() && Date.now() < endsAt) await new Promise((resolve) => setTimeout(resolve, 20));
};

describe('the chain from demand to settlement, followed live', () => {
  it('brings the hub every event of every topic, each once', async () => {
    const heads = await stage.hub.heads();
    const fields = [...supergraph.feeds.values()].map(({ name, topic }) => [name, heads.get(topic) ?? 0] as const);
    await until(() => fields.every(([field, head]) => heardBy('hub', field).length >= head));
    expect(fields.filter(([, head]) => head > 0).length).toBeGreaterThan(12);
    expect(fields.map(([field]) => [field, heardBy('hub', field).length])).toEqual(fields);
  });

  it('tells a stranger nothing that it could not ask for', async () => {
    for (const field of supergraph.feeds.keys())
      for (const text of heardBy('stranger', field)) expect([field, text]).toEqual([field, expect.not.stringContaining('"errors"')]);
    // Demand and jobs of others are nobody's business, nor how many there are
    expect(heardBy('stranger', 'demandSubmitted')).toEqual([]);
    expect(heardBy('stranger', 'allocationProposed')).toEqual([]);
    expect(heardBy('stranger', 'settlementPosted')).toEqual([]);
  });
});
