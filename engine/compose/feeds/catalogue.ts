/** The catalogue of events with its types read. Exports `readCatalogue`. */
import { GraphQLError, parseType } from 'graphql';
import type { TypeNode } from 'graphql';
import type { EventCatalogue, EventTopic } from '../types.ts';

export type Topic = {
  readonly name: string;
  /** Type of each field of the payload. */
  readonly fields: ReadonlyMap<string, TypeNode>;
};
export type Topics = ReadonlyMap<string, Topic>;

/** `problems`: what cannot be read, each to go on after "The catalogue of events". */
export function readCatalogue(events: EventCatalogue): { readonly topics: Topics; readonly problems: readonly string[] } {
  const topics = new Map<string, Topic>();
  const problems: string[] = [];
  for (const [name, topic] of Object.entries(events.topics)) {
    const fields = readPayload(topic, (field, what) => void problems.push(`says of "${field}" in "${name}" ${what}`));
    const missing = topic.key.filter((field) => !fields.has(field));
    problems.push(...missing.map((field) => `has "${field}" in the key of "${name}", but not in its payload`));
    topics.set(name, { name, fields });
  }
  return { topics, problems };
}

function readPayload({ payload }: EventTopic, onProblem: (field: string, what: string) => void): Map<string, TypeNode> {
  const fields = new Map<string, TypeNode>();
  for (const { name, type } of payload) {
    if (fields.has(name)) onProblem(name, 'two things');
    try {
      fields.set(name, parseType(type, { noLocation: true }));
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      onProblem(name, `the type "${type}", which is none: ${error.message}`);
    }
  }
  return fields;
}
