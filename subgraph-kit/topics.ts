// The topics of the feed as `schema/events.json` declares them, and how a row becomes a payload.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { fromRoot } from '../lib/paths.ts';

const fieldShape = z.object({ name: z.string(), type: z.string(), meaning: z.string() });
const topicShape = z.object({
  version: z.number().int(),
  subgraph: z.string(),
  entity: z.string(),
  key: z.array(z.string()),
  meaning: z.string(),
  payload: z.array(fieldShape),
  arises: z.string().optional(),
});
const contractShape = z.object({
  topics: z.record(z.string(), topicShape),
  writes: z.record(z.string(), z.record(z.string(), z.array(z.string()))),
  follows: z.record(z.string(), z.record(z.string(), z.string())),
});

export type Topic = z.infer<typeof topicShape>;
export type EventContract = z.infer<typeof contractShape>;

let contract: EventContract | undefined;

/** The contract of all events, read once. */
export const readEventContract = (): EventContract =>
  (contract ??= contractShape.parse(JSON.parse(readFileSync(fromRoot('schema', 'events.json'), 'utf8'))));

/** The declaration of a topic; an unknown one is a fault of the program. */
export function topicOf(name: string): Topic {
  const topic = readEventContract().topics[name];
  if (topic === undefined) throw new Error(`the topic "${name}" is not declared in schema/events.json`);
  return topic;
}

function toWire(type: string, value: unknown): unknown {
  if (value instanceof Date) return type === 'Date' ? value.toISOString().slice(0, 10) : value.toISOString();
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map((item) => toWire(type.replace(/^\[|!?\]$/g, ''), item));
  return value;
}

/**
 * Picks the declared fields of a topic out of `source`. A field that is declared non-null and missing is a fault of the program:
 * it throws before anything is written.
 */
export function toPayload(name: string, source: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const payload: Record<string, unknown> = {};
  for (const field of topicOf(name).payload) {
    const value = source[field.name] ?? null;
    if (value === null && field.type.endsWith('!')) throw new Error(`${name} needs "${field.name}", which is missing`);
    payload[field.name] = toWire(field.type.replace(/!$/, ''), value);
  }
  return payload;
}
