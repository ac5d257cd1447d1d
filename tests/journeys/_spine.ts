/** The spine query: asked for creators, and what its rows are: full at every level, and made by mutations whose events are in the feed. */
import { readFileSync } from 'node:fs';
import { fromRoot } from '../../lib/paths.ts';
import type { EventEnvelope } from '../../lib/feed/envelope.ts';
import type { Player, TestHub } from '../_kit/hub.ts';

export const spineQuery = readFileSync(fromRoot('schema', 'spine-query.graphql'), 'utf8');

export type Window = { readonly from: string; readonly to: string };

/** Paths of the lists that have nothing in them. */
export function emptyLists(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.length === 0 ? [path] : value.flatMap((item, i) => emptyLists(item, `${path}[${i}]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => emptyLists(item, `${path}.${name}`));
}

/** Fields on the way that are null: a null where a list could be is an empty list, too. */
export function missingParts(value: unknown, path = ''): string[] {
  const needed = [
    'allocations',
    'maker',
    'decision',
    'landedCost',
    'lot',
    'shipments',
    'logisticUnits',
    'settlement',
    'payee',
    'capacity',
    'cash',
  ];
  if (Array.isArray(value)) return value.flatMap((item, i) => missingParts(item, `${path}[${i}]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) =>
    item === null && needed.includes(name) ? [`${path}.${name}`] : missingParts(item, `${path}.${name}`),
  );
}

export async function askSpine(hub: TestHub, player: Player | null, creatorId: string, window: Window): Promise<any> {
  const { data, errors } = await hub.ask(player, spineQuery, { id: creatorId, ...window });
  if (errors !== undefined) throw new Error(JSON.stringify(errors).slice(0, 2_000));
  return data.creator;
}

/** Creators with a campaign that takes deposits or is on sale. */
export async function creatorsOnSale(hub: TestHub): Promise<string[]> {
  const { data, errors } = await hub.ask(
    hub.hub,
    '{ creators(first: 200) { nodes { creatorId campaigns(status: [PRESALE, LIVE], first: 1) { totalCount } } } }',
  );
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  return data.creators.nodes
    .filter((node: { campaigns: { totalCount: number } }) => node.campaigns.totalCount > 0)
    .map((node: { creatorId: string }) => node.creatorId);
}

/** All events of a topic. */
export async function readTopic(hub: TestHub, topic: string): Promise<EventEnvelope[]> {
  const events: EventEnvelope[] = [];
  let after = null;
  for (;;) {
    const batch = await hub.feed.read(topic, after, 1_000);
    // the relay appends envelopes and nothing else
    events.push(...batch.events.map((event) => event.payload as EventEnvelope));
    if (batch.events.length < 1_000) return events;
    after = batch.next;
  }
}

/** What must stand in the feed for one delivered allocation: topic, a status where there is one, and whether a member's request made it. */
const history: readonly { topic: string; status?: string; byRequest: boolean }[] = [
  { topic: 'allocation.proposed', byRequest: false },
  { topic: 'allocation.changed', status: 'OFFERED', byRequest: true },
  { topic: 'allocation.changed', status: 'ACCEPTED', byRequest: true },
  { topic: 'lot.created', byRequest: false },
  { topic: 'lot.progressed', status: 'RELEASED', byRequest: true },
  { topic: 'lot.progressed', status: 'IN_PROGRESS', byRequest: true },
  { topic: 'lot.progressed', status: 'COMPLETED', byRequest: true },
  { topic: 'shipment.booked', byRequest: true },
  { topic: 'shipment.moved', status: 'PICKED_UP', byRequest: true },
  { topic: 'shipment.moved', status: 'DELIVERED', byRequest: true },
  { topic: 'receipt.recorded', byRequest: true },
  { topic: 'allocation.changed', status: 'COMPLETED', byRequest: false },
];

/** Names what is missing in the feed of an allocation's history; empty when a mutation (or the event of one) stands behind each step. */
export async function createHistory(hub: TestHub): Promise<(allocationId: string) => string[]> {
  const topics = new Map<string, EventEnvelope[]>();
  for (const { topic } of history) if (!topics.has(topic)) topics.set(topic, await readTopic(hub, topic));
  return (allocationId) =>
    history.flatMap(({ topic, status, byRequest }) => {
      const found = (topics.get(topic) ?? []).filter(
        ({ payload }) => payload['allocationId'] === allocationId && (status === undefined || payload['status'] === status),
      );
      const kept = found.some((event) => !byRequest || (event.actorId !== null && event.requestId !== null));
      return kept ? [] : [`${topic}${status === undefined ? '' : ` ${status}`}`];
    });
}
