/**
 * engine/compose/feeds: what subscription fields say of their events (`@feed`), held against the catalogue of events.
 *
 *   catalogue.ts    topics → the types of what their events hold
 *   find-feeds.ts   the uses of the directive, and those that composition would lose
 *   check-where.ts  conditions: fields, comparisons, arguments, values
 *   check-type.ts   what the field returns: by key, or whole
 *   sdl-types.ts    types as all subgraphs together define them
 */
import { Kind } from 'graphql';
import { toLocation } from '../locate.ts';
import { valueOf, textOf } from '../subgraph-document.ts';
import type { SubgraphDocument } from '../subgraph-document.ts';
import type { CompositionError, EventCatalogue } from '../types.ts';
import { wayOutOf } from '../ways-out.ts';
import { readCatalogue } from './catalogue.ts';
import type { Topics } from './catalogue.ts';
import { checkType } from './check-type.ts';
import { checkWhere, unusedArguments } from './check-where.ts';
import { findFeeds } from './find-feeds.ts';
import type { FeedUse } from './find-feeds.ts';
import type { FeedProblem } from './problem.ts';
import { createSdlTypes } from './sdl-types.ts';
import type { SdlTypes } from './sdl-types.ts';

/** Errors in the order of the subgraphs; hints only where there are none. */
export function checkFeeds(
  documents: readonly SubgraphDocument[],
  events: EventCatalogue,
): { readonly errors: readonly CompositionError[]; readonly hints: readonly string[] } {
  const { topics, problems: unreadable } = readCatalogue(events);
  if (unreadable.length > 0) return { errors: unreadable.map((message) => toCatalogueError(message)), hints: [] };
  const types = createSdlTypes(documents);
  const errors: CompositionError[] = [];
  const hints: string[] = [];
  for (const document of documents) {
    const { uses, problems } = findFeeds(document);
    errors.push(...[...problems, ...uses.flatMap((use) => checkUse(use, topics, types))].map((one) => toError(one, document)));
    hints.push(
      ...uses.flatMap((use) => unusedArguments(use).map((name) => `${use.coordinate}(${name}:) is part of no condition of its @feed.`)),
    );
  }
  return { errors, hints };
}

function checkUse(use: FeedUse, topics: Topics, types: SdlTypes): FeedProblem[] {
  const topicNode = valueOf(use.directive, 'topic');
  const name = textOf(topicNode);
  const delivery = checkDelivery(use);
  const topic = topics.get(name);
  if (topic !== undefined) return [...checkWhere(use, topic, types), ...checkType(use, topic, types), ...delivery];
  const alike = [...topics.keys()].filter((other) => other.split('.')[0] === name.split('.')[0]);
  const known = alike.length === 0 ? '' : `: there is ${alike.join(', ')}`;
  const message = name === '' ? 'names no topic' : `names the topic "${name}", which the catalogue of events does not have${known}`;
  return [{ code: 'FEED_TOPIC_UNKNOWN', coordinate: use.coordinate, message, node: topicNode ?? use.directive }, ...delivery];
}

function checkDelivery({ coordinate, directive }: FeedUse): FeedProblem[] {
  const node = valueOf(directive, 'delivery');
  if (node === undefined || (node.kind === Kind.ENUM && ['ALL', 'LATEST'].includes(node.value))) return [];
  const given = 'value' in node ? String(node.value) : node.kind;
  return [{ code: 'FEED_DELIVERY_INVALID', coordinate, message: `has the delivery ${given}: expected ALL or LATEST`, node }];
}

function toError({ code, coordinate, message, node }: FeedProblem, document: SubgraphDocument): CompositionError {
  return {
    code,
    message: `@feed of "${coordinate}" in subgraph "${document.name}" ${message}.`,
    subgraphs: [document.name],
    locations: [toLocation(document, node)],
    wayOut: wayOutOf(code, coordinate, [document.name]),
  };
}

function toCatalogueError(message: string): CompositionError {
  const code = 'FEED_CATALOGUE_INVALID';
  return { code, message: `The catalogue of events ${message}.`, subgraphs: [], locations: [], wayOut: wayOutOf(code, null, []) };
}
