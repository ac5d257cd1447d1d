// How a row becomes a payload of one of the topics that `schema/events.json` declares.
import { readEventContract, type Topic } from '../lib/feed/event-contract.ts';

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
