/** The body of a posted event, held against the contract, as the envelope that the feed keeps. Exports `readEvent`. */
import { z } from 'zod';
import { createError } from '../../../lib/errors/errors.ts';
import { findMisfit, type EventContract, type EventEnvelope } from '../../../lib/feed/index.ts';
import { parseStrictJson, type JsonBounds } from '../strict-json.ts';
import type { EventKey } from './event-keys.ts';

export type EventOrigin = {
  readonly contract: EventContract;
  readonly topic: string;
  readonly key: EventKey;
  readonly requestId: string;
  readonly now: Date;
};

const bounds: JsonBounds = { nesting: 16, keys: 30_000 };
const bodyShape = z.strictObject({
  id: z.string().regex(/^[\w.:-]{1,64}$/, 'expected 1 to 64 letters, digits and . _ : -'),
  at: z.iso.datetime({ offset: true, error: 'expected an instant with an offset like "2026-11-22T09:30:00.000+08:00"' }).optional(),
  version: z.number().int().optional(),
  payload: z.record(z.string(), z.unknown()),
});

/**
 * Its id has topic and producer before that of the body, so that nobody can take an id away from somebody else. Throws BAD_REQUEST,
 * LIMIT_EXCEEDED, EVENT_INVALID with the path of what is wrong, EVENT_FORBIDDEN for values that are not the key's to speak of.
 */
export function readEvent(text: string, { contract, topic, key, requestId, now }: EventOrigin): EventEnvelope {
  const body = bodyShape.safeParse(parseStrictJson(text, bounds));
  if (!body.success) {
    const [issue] = body.error.issues;
    throw invalid(issue?.path.map(toStep) ?? [], issue?.message ?? 'not of its form');
  }
  const { id, at, payload, version: given } = body.data;
  const version = contract.topics[topic]?.version ?? 0;
  if (given !== undefined && given !== version) throw invalid(['version'], `the version of this topic is ${version}`);
  const misfit = findMisfit(contract, topic, payload);
  if (misfit !== null) throw invalid(['payload', ...misfit.path], misfit.message);
  assertOwn(key, payload);
  return {
    id: `${topic}/${key.producer}/${id}`,
    topic,
    version,
    at: at === undefined ? now.toISOString() : new Date(at).toISOString(),
    actorId: key.producer,
    causeId: null,
    requestId,
    payload,
  };
}

function assertOwn({ only }: EventKey, payload: Readonly<Record<string, unknown>>): void {
  for (const [field, values] of only) {
    const value = payload[field];
    if (typeof value === 'string' && values.has(value)) continue;
    throw createError('EVENT_FORBIDDEN', `This key may not speak of this ${field}.`, { details: { path: ['payload', field] } });
  }
}

const toStep = (step: PropertyKey): string | number => (typeof step === 'number' ? step : String(step));

function invalid(path: readonly (string | number)[], message: string): Error {
  const place = path.length === 0 ? 'The body' : path.join('.');
  return createError('EVENT_INVALID', `${place}: ${message}.`, { details: { path } });
}
