/** The topics of the feed as `schema/events.json` declares them. Exports `readEventContract`, `parseTopics` and their types. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { fromRoot } from '../paths.ts';

const fieldShape = z.object({ name: z.string(), type: z.string() });
const topicShape = z.object({
  version: z.number().int(),
  subgraph: z.string(),
  entity: z.string(),
  key: z.array(z.string()),
  meaning: z.string(),
  payload: z.array(fieldShape.extend({ meaning: z.string() })),
  arises: z.string().optional(),
});
const typeShape = z.union([
  z.object({ values: z.array(z.string()) }),
  z.object({ pattern: z.string() }),
  z.object({ fields: z.array(fieldShape) }),
]);
const topicsShape = z.record(z.string(), topicShape);
const contractShape = z.object({
  topics: topicsShape,
  types: z.record(z.string(), typeShape),
  writes: z.record(z.string(), z.record(z.string(), z.array(z.string()))),
  follows: z.record(z.string(), z.record(z.string(), z.string())),
});

/** A field of a payload; its type is written as in SDL: `ID!`, `[Line!]`. */
export type EventField = z.infer<typeof fieldShape>;
/** One of some words, a text of a pattern (as a whole), or an object. */
export type EventType = z.infer<typeof typeShape>;
export type Topic = z.infer<typeof topicShape>;
export type EventContract = z.infer<typeof contractShape>;

let contract: EventContract | undefined;

/** The contract of all events, read once. */
export const readEventContract = (): EventContract =>
  (contract ??= contractShape.parse(JSON.parse(readFileSync(fromRoot('schema', 'events.json'), 'utf8'))));

/** Topics by name from a text in the form of `schema/events.json`, of which only `topics` is looked at; a text says in one line what is wrong. */
export function parseTopics(text: string): Readonly<Record<string, Topic>> | string {
  try {
    const { data, error } = z.object({ topics: topicsShape }).safeParse(JSON.parse(text));
    const [issue] = error?.issues ?? [];
    return issue === undefined ? (data?.topics ?? {}) : `${issue.path.join('.') || 'the text'}: ${issue.message}`;
  } catch (error) {
    return `no JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
}
