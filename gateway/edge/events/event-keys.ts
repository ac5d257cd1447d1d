/**
 * Who may append to which topic, and how their signatures are checked: a file of keys, read at the start and whenever it changes.
 * docs/webhook.md shows its form. Exports `createEventKeys` and `parseEventKeys`.
 */
import { createHmac, createPublicKey, timingSafeEqual, verify } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { createError, toMessage } from '../../../lib/errors/errors.ts';
import type { EventContract } from '../../../lib/feed/index.ts';
import type { Part } from '../../../lib/lifecycle/index.ts';
import type { Log } from '../../../lib/log/log.ts';
import { watchFile, type Watch } from '../../pipeline/supergraph/watch-file.ts';

export type EventKey = {
  readonly id: string;
  /** Stands in the events as who made the change. */
  readonly producer: string;
  readonly topics: ReadonlySet<string>;
  /** Fields of the payload that may have these values only. */
  readonly only: ReadonlyMap<string, ReadonlySet<string>>;
  verify(signed: Uint8Array, signature: Uint8Array): boolean;
};

export type EventKeys = { find(id: string): EventKey | undefined };
export type EventKeySettings = { readonly file: string; readonly pollMs?: number };

type Options = EventKeySettings & { readonly contract: EventContract; readonly log: Log };

const maxFileBytes = 1_048_576;
const maxKeys = 1_000;
const minSecretBytes = 32;

const named = z.string().regex(/^[\w.-]{1,64}$/, 'expected 1 to 64 letters, digits and . _ -');
const common = {
  id: named,
  producer: named,
  topics: z.array(z.string()).min(1),
  only: z.record(z.string(), z.array(z.string()).min(1)).default({}),
};
const fileShape = z.strictObject({
  keys: z
    .array(
      z.discriminatedUnion('kind', [
        z.strictObject({ ...common, kind: z.literal('ed25519'), publicKey: z.base64() }),
        z.strictObject({ ...common, kind: z.literal('hmac-sha256'), secret: z.base64() }),
      ]),
    )
    .max(maxKeys),
});
type KeyEntry = z.infer<typeof fileShape>['keys'][number];

/** The part refuses to start on a file that cannot be used; a later one that cannot be used changes nothing. */
export function createEventKeys({ file, pollMs, contract, log }: Options): { keys: EventKeys; part: Part } {
  let keys: ReadonlyMap<string, EventKey> = new Map();
  let watch: Watch | undefined;
  let problem = '';
  const report = (message: string) => {
    if (problem !== message) log.error({ problem: message, keeps: keys.size }, 'event keys refused, the last good ones are kept');
    problem = message;
  };
  const take = (text: string) => {
    try {
      keys = parseEventKeys(text, contract);
      problem = '';
      log.info({ count: keys.size }, 'event keys taken');
    } catch (error) {
      report(toMessage(error));
    }
  };
  return {
    keys: { find: (id) => keys.get(id) },
    part: {
      name: 'event keys',
      async start() {
        keys = parseEventKeys(await readKeys(file), contract);
        watch = watchFile({ file, onText: take, onProblem: report, maxBytes: maxFileBytes, ...(pollMs === undefined ? {} : { pollMs }) });
      },
      stop: () => watch?.stop(),
    },
  };
}

async function readKeys(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw createError('CONFIG_INVALID_VALUE', `HUB_EVENT_KEYS: ${file} cannot be read: ${toMessage(cause)}.`, { cause });
  }
}

/** By id. Throws EVENT_KEYS_UNUSABLE with what is wrong and where; what stands there is not repeated. */
export function parseEventKeys(json: string, contract: EventContract): ReadonlyMap<string, EventKey> {
  const parsed = fileShape.safeParse(parseJson(json));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw refuse(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not of its form'}`);
  }
  const keys = new Map<string, EventKey>();
  for (const entry of parsed.data.keys) {
    if (keys.has(entry.id)) throw refuse(`two keys have the id ${entry.id}`);
    assertTopics(entry, contract);
    keys.set(entry.id, {
      id: entry.id,
      producer: entry.producer,
      topics: new Set(entry.topics),
      only: new Map(Object.entries(entry.only).map(([field, values]) => [field, new Set(values)])),
      verify: entry.kind === 'ed25519' ? createEd25519(entry.id, entry.publicKey) : createHmacSha256(entry.id, entry.secret),
    });
  }
  return keys;
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // The reason would quote what stands in the file
    throw refuse('it is not JSON');
  }
}

/** A name that was mistyped would shut out its producer, or let out of its bounds who may only speak of its own. */
function assertTopics({ id, topics, only }: KeyEntry, contract: EventContract): void {
  for (const topic of topics) {
    const declared = Object.hasOwn(contract.topics, topic) ? contract.topics[topic] : undefined;
    if (declared === undefined) throw refuse(`the key ${id} names the topic ${topic}, which is none`);
    const missing = Object.keys(only).find((field) => declared.payload.every(({ name }) => name !== field));
    if (missing !== undefined) throw refuse(`the key ${id} bounds the field ${missing}, which ${topic} does not have`);
  }
}

function createEd25519(id: string, publicKey: string): EventKey['verify'] {
  const key = readPublicKey(Buffer.from(publicKey, 'base64'));
  if (key?.asymmetricKeyType !== 'ed25519') throw refuse(`the public key of ${id} is no Ed25519 key (SPKI in DER, as base64)`);
  return (signed, signature) => verify(null, signed, key, signature);
}

function readPublicKey(der: Buffer) {
  try {
    return createPublicKey({ key: der, format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}

function createHmacSha256(id: string, secretText: string): EventKey['verify'] {
  const secret = Buffer.from(secretText, 'base64');
  if (secret.length < minSecretBytes)
    throw refuse(`the secret of ${id} has fewer than ${minSecretBytes} bytes; make one by: openssl rand -base64 32`);
  return (signed, signature) => {
    const expected = createHmac('sha256', secret).update(signed).digest();
    return signature.length === expected.length && timingSafeEqual(signature, expected);
  };
}

function refuse(reason: string): Error {
  return createError('EVENT_KEYS_UNUSABLE', `The event keys cannot be used: ${reason}.`);
}
