/** The topics of the feed as `schema/events.json` declares them. Exports `readEventContract` and its types. */
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
const contractShape = z.object({
  topics: z.record(z.string(), topicShape),
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
