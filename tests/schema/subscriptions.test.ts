/** What can be followed: each subscription field of the graph, its topic in schema/events.json, its conditions and what it returns. */
import { readFileSync } from 'node:fs';
import { isNonNullType, isObjectType, Kind, parse, print, printSchema } from 'graphql';
import type { FieldDefinitionNode } from 'graphql';
import { compileFilter } from '../../engine/compile/index.ts';
import { composeSupergraph } from '../../engine/compose/index.ts';
import { loadSupergraph } from '../../engine/supergraph/index.ts';
import type { FeedField } from '../../engine/supergraph/index.ts';
import { fromRoot } from '../../lib/paths.ts';
import { readSdl } from '../../subgraph-kit/schema.ts';
import { readEventContract } from '../../lib/feed/index.ts';
import { topicOf } from '../../subgraph-kit/topics.ts';

const supergraph = loadSupergraph(readFileSync(fromRoot('schema', 'supergraph.graphql'), 'utf8'));
const subgraphs = ['downstream', 'midstream', 'routing', 'upstream'] as const;

/** Subgraph, field with its arguments, what it returns; then conditions, `argument op field`, and LATEST where a slow reader gets that. */
const FOLLOWED: readonly (readonly [string, string, string, string])[] = [
  ['downstream', 'demandSubmitted(styleId: ID, campaignId: ID): DemandLine', 'styleId eq styleId, campaignId eq campaignId', 'ALL'],
  ['downstream', 'demandChanged(demandLineId: ID, styleId: ID): DemandLine', 'demandLineId eq demandLineId, styleId eq styleId', 'ALL'],
  ['downstream', 'demandCancelled(styleId: ID): DemandLine', 'styleId eq styleId', 'ALL'],
  ['downstream', 'signalRecorded(campaignId: ID!): DemandSignal', 'campaignId eq campaignId', 'ALL'],
  ['downstream', 'salesRecorded(styleId: ID, campaignId: ID): Style', 'styleId eq styleId, campaignId eq campaignId', 'ALL'],
  ['downstream', 'styleProposed(category: StyleCategory): Style', 'category eq category', 'ALL'],
  ['midstream', 'shipmentBooked(distributorGln: ID): Shipment', 'distributorGln eq distributorGln', 'ALL'],
  ['midstream', 'shipmentMoved(gsin: ID, allocationId: ID): Shipment', 'gsin eq gsin, allocationId eq allocationId', 'ALL'],
  ['midstream', 'receiptRecorded(siteGln: ID): Shipment', 'siteGln eq siteGln', 'ALL'],
  ['midstream', 'inventoryChanged(gtin: ID, siteGln: ID): InventoryPosition', 'gtin eq gtin, siteGln eq siteGln', 'LATEST'],
  ['routing', 'allocationProposed(demandLineId: ID, gln: ID): Allocation', 'demandLineId eq demandLineId, gln eq gln', 'ALL'],
  [
    'routing',
    'allocationChanged(demandLineId: ID, gln: ID, status: [AllocationStatus!]): Allocation',
    'demandLineId eq demandLineId, gln eq gln, status in status',
    'ALL',
  ],
  ['routing', 'runCompleted(runId: ID): RoutingRun', 'runId eq runId', 'ALL'],
  ['routing', 'scarcityChanged(minPrice: Decimal, stage: Stage): ShadowPrice', 'minPrice gte price, stage eq stage', 'LATEST'],
  ['routing', 'cashMoved(positionId: ID!): CashPosition', 'positionId eq positionId', 'LATEST'],
  [
    'routing',
    'settlementPosted(campaignId: ID, settlementId: ID): Settlement',
    'campaignId eq campaignId, settlementId eq settlementId',
    'ALL',
  ],
  [
    'upstream',
    'capacityPublished(gln: ID, stage: Stage, country: CountryCode): CapacityBucket',
    'gln eq gln, stage eq stage, country eq country',
    'ALL',
  ],
  ['upstream', 'capacityBooked(gln: ID, stage: Stage): CapacityBucket', 'gln eq gln, stage eq stage', 'LATEST'],
  ['upstream', 'lotCreated(gln: ID): ProductionLot', 'gln eq gln', 'ALL'],
  ['upstream', 'lotProgressed(lotId: ID, gln: ID): ProductionLot', 'lotId eq lotId, gln eq gln', 'ALL'],
  ['upstream', 'lotClosed(gln: ID): ProductionLot', 'gln eq gln', 'ALL'],
];

const nameOf = (signature: string): string => signature.slice(0, signature.indexOf('('));

function feedOf(name: string): FeedField {
  const feed = supergraph.feeds.get(name);
  if (feed === undefined) throw new Error(`${name} has no feed`);
  return feed;
}

function subscriptionsOf(subgraph: string): readonly FieldDefinitionNode[] {
  const root = parse(readSdl(subgraph)).definitions.find(
    (node) => node.kind === Kind.OBJECT_TYPE_DEFINITION && node.name.value === 'Subscription',
  );
  return root?.kind === Kind.OBJECT_TYPE_DEFINITION ? (root.fields ?? []) : [];
}

/** One line, without descriptions and directives. */
function signatureOf({ name, arguments: args = [], type }: FieldDefinitionNode): string {
  return `${name.value}(${args.map((one) => `${one.name.value}: ${print(one.type)}`).join(', ')}): ${print(type)}`;
}

function conditionsOf({ where }: FeedField): string {
  const told = where.map((one) => {
    if (one.kind !== 'compare' || one.operand.kind !== 'argument') throw new Error('expected comparisons with arguments');
    return `${one.operand.name} ${one.comparison} ${one.field}`;
  });
  return told.join(', ');
}

const fieldsOf = (topic: string): ReadonlyMap<string, string> => new Map(topicOf(topic).payload.map(({ name, type }) => [name, type]));

describe('the subscriptions of the graph', () => {
  it.each(subgraphs)('of %s are these, and each is documented with its arguments', (subgraph) => {
    const fields = subscriptionsOf(subgraph);
    expect(fields.map(signatureOf)).toEqual(FOLLOWED.flatMap(([owner, signature]) => (owner === subgraph ? [signature] : [])));
    for (const one of [...fields, ...fields.flatMap((field) => field.arguments ?? [])]) expect(one.description?.value).toMatch(/\.$/);
  });

  it('compose with the catalogue of events, without a note', () => {
    const inputs = subgraphs.map((name) => ({ name, url: `http://${name}.test`, sdl: readSdl(name), file: `schema/${name}.graphql` }));
    expect(composeSupergraph(inputs, { events: readEventContract() })).toMatchObject({ kind: 'ok', hints: [] });
  });

  it('are in the supergraph, each with its feed, and no other', () => {
    const names = FOLLOWED.map(([, signature]) => nameOf(signature)).toSorted();
    expect([...supergraph.feeds.keys()].toSorted()).toEqual(names);
    expect(Object.keys(supergraph.publicSchema.getSubscriptionType()?.getFields() ?? {}).toSorted()).toEqual(names);
  });

  it.each(FOLLOWED)('%s: %s', (subgraph, signature, conditions, delivery) => {
    const feed = feedOf(nameOf(signature));
    const topic = topicOf(feed.topic);
    // Named after the topic, which is written by the same subgraph, about the entity that is returned.
    expect(feed.name).toBe(feed.topic.replace(/\.(\w)/, (_dot, letter: string) => letter.toUpperCase()));
    expect([topic.subgraph, topic.entity]).toEqual([subgraph, feed.typeName]);
    expect([conditionsOf(feed), feed.delivery]).toEqual([conditions, delivery]);
    const field = supergraph.publicSchema.getSubscriptionType()?.getFields()[feed.name];
    for (const condition of feed.where) {
      if (condition.kind !== 'compare' || condition.operand.kind !== 'argument') continue;
      const { name } = condition.operand;
      const type = String(field?.args.find((argument) => argument.name === name)?.type).replaceAll(/[[\]!]/g, '');
      expect(`${condition.field}: ${fieldsOf(feed.topic).get(condition.field)?.replace('!', '')}`).toBe(`${condition.field}: ${type}`);
    }
    // An entity that its reader may no longer see comes as null, with an error.
    expect(isNonNullType(field?.type)).toBe(false);
    const returned = supergraph.publicSchema.getType(feed.typeName);
    expect(isObjectType(returned) && topic.key.every((one) => returned.getFields()[one] !== undefined)).toBe(true);
  });

  it('let through the events that their arguments ask for, and no others', () => {
    let tried = 0;
    for (const [, signature] of FOLLOWED) {
      const feed = feedOf(nameOf(signature));
      for (const condition of feed.where) {
        if (condition.kind !== 'compare' || condition.operand.kind !== 'argument') continue;
        const value = condition.comparison === 'in' ? ['2'] : '2';
        const filter = compileFilter(feed, { [condition.operand.name]: value });
        const passes = ['1', '2', null].map((one) => filter({ [condition.field]: one }));
        expect(passes).toEqual([false, true, false]);
        tried += 1;
      }
      expect(compileFilter(feed, {})({})).toBe(true);
    }
    expect(tried).toBe(FOLLOWED.flatMap(([, , conditions]) => conditions.split(', ')).length);
  });

  it('show clients neither @feed nor its types', () => {
    expect(printSchema(supergraph.publicSchema)).not.toMatch(/feed/);
    expect(supergraph.publicSchema.getDirectives().map(({ name }) => name)).not.toContain('feed');
  });

  it('have the same @feed in all four SDLs', () => {
    const texts = subgraphs.map((name) => readSdl(name).slice(readSdl(name).indexOf('"Where the events of a subscription field')));
    expect(texts[0]).toMatch(/^"Where [^]*directive @feed\([^]*scalar feed__Where @inaccessible[^]*enum feed__Delivery @inaccessible/);
    expect(new Set(texts).size).toBe(1);
  });
});
