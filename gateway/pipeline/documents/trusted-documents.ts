/**
 * Documents that the owner of the hub has let in: a manifest file, read at the start and whenever it changes. Exports
 * `createTrustedDocuments` and `parseManifest`.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createError, toMessage } from '../../../lib/errors/errors.ts';
import type { Part } from '../../../lib/lifecycle/index.ts';
import type { Log } from '../../../lib/log/log.ts';
import { watchFile, type Watch } from '../supergraph/watch-file.ts';

export type Manifest = {
  /** By id as written, and by SHA-256 of the text (64 hexadecimal digits). */
  readonly byId: ReadonlyMap<string, string>;
  readonly texts: ReadonlySet<string>;
};

export type TrustedDocuments = {
  /** Text of the document with this id or hash. */
  find(id: string): string | undefined;
  has(text: string): boolean;
  /** No other text may run. */
  readonly only: boolean;
  /** What is wrong with the newest manifest; null when it is the one in use. */
  problem(): string | null;
};

export type TrustedSettings = { readonly file: string; readonly only: boolean; readonly pollMs?: number };

const maxDocuments = 100_000;
const maxManifestBytes = 52_428_800;
const sha256 = /^[0-9a-f]{64}$/;

/** The part refuses to start on a manifest that cannot be used; a later one that cannot be used changes nothing. */
export function createTrustedDocuments({ file, only, pollMs }: TrustedSettings, log: Log): { documents: TrustedDocuments; part: Part } {
  let manifest: Manifest = { byId: new Map(), texts: new Set() };
  let problem: string | null = null;
  let watch: Watch | undefined;

  const report = (message: string) => {
    if (problem !== message)
      log.error({ problem: message, keeps: manifest.texts.size }, 'trusted documents refused, the last good ones are kept');
    problem = message;
  };
  const take = (text: string) => {
    try {
      manifest = parseManifest(text);
      problem = null;
      log.info({ documents: manifest.texts.size }, 'trusted documents taken');
    } catch (error) {
      report(toMessage(error));
    }
  };
  return {
    documents: { find: (id) => manifest.byId.get(id), has: (text) => manifest.texts.has(text), only, problem: () => problem },
    part: {
      name: 'trusted documents',
      async start() {
        manifest = parseManifest(await readManifest(file));
        watch = watchFile({
          file,
          onText: take,
          onProblem: report,
          maxBytes: maxManifestBytes,
          ...(pollMs === undefined ? {} : { pollMs }),
        });
      },
      stop: () => watch?.stop(),
    },
  };
}

async function readManifest(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw createError('CONFIG_INVALID_VALUE', `HUB_TRUSTED_DOCUMENTS: ${file} cannot be read: ${toMessage(cause)}.`, { cause });
  }
}

/**
 * `{"<id or SHA-256>": "<text>"}`, or a manifest of `@apollo/generate-persisted-query-manifest`. Throws CONFIG_INVALID_VALUE with what
 * is wrong and where.
 */
export function parseManifest(json: string): Manifest {
  const byId = new Map<string, string>();
  const texts = new Set<string>();
  const entries = readEntries(parseJson(json));
  if (entries.length > maxDocuments) throw refuse(`it holds more than ${maxDocuments} documents`);
  for (const [id, text] of entries) {
    if (typeof id !== 'string' || id === '') throw refuse('an id is not a text');
    if (typeof text !== 'string' || text.trim() === '') throw refuse(`the document ${id} has no text`);
    const hash = toHash(text);
    if (sha256.test(id) && id !== hash) throw refuse(`the id ${id} is not the SHA-256 of its document, which is ${hash}`);
    const before = byId.get(id);
    if (before !== undefined && before !== text) throw refuse(`the id ${id} stands for two documents`);
    byId.set(id, text).set(hash, text);
    texts.add(text);
  }
  return { byId, texts };
}

/** SHA-256 of the text in UTF-8, as hexadecimal digits: how clients name a document. */
export function toHash(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

function parseJson(json: string): object {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch (cause) {
    throw refuse(`it is not JSON: ${toMessage(cause)}`);
  }
  throw refuse('it is not an object of JSON');
}

function readEntries(value: object): (readonly [unknown, unknown])[] {
  if (!('format' in value) || !('operations' in value)) return Object.entries(value);
  const version = 'version' in value ? value.version : undefined;
  if (value.format !== 'apollo-persisted-query-manifest' || version !== 1)
    throw refuse('the format known here is apollo-persisted-query-manifest, version 1');
  if (!Array.isArray(value.operations)) throw refuse('its operations are not a list');
  return value.operations.map((operation: unknown) =>
    typeof operation === 'object' && operation !== null && 'id' in operation && 'body' in operation
      ? ([operation.id, operation.body] as const)
      : ([undefined, undefined] as const),
  );
}

function refuse(reason: string): Error {
  return createError('CONFIG_INVALID_VALUE', `The manifest of trusted documents cannot be used: ${reason}.`);
}
