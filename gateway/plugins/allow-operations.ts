/**
 * Plugin `allow-operations`: who may run which operations, from a JSON file: member, kind of member or `*` → names or SHA-256 hashes of
 * operations. Who is not named at all may run nothing. Exports `allowOperations` and `readAllowList`.
 *
 * A name is what a client says of itself: it keeps honest clients apart. A hash is the operation.
 */
import { readFile, stat } from 'node:fs/promises';
import { createError, toMessage } from '../../lib/errors/errors.ts';
import type { Plugin, PluginKit, PluginOperation } from './plugin.ts';

export type AllowList = ReadonlyMap<string, ReadonlySet<string>>;

const everybody = '*';
const everything = '*';
const maxFileBytes = 16_777_216;

export function allowOperations(list: AllowList, { refusal }: Pick<PluginKit, 'refusal'>): Plugin {
  return {
    name: 'allow-operations',
    onOperation(_request, operation) {
      if (toNames(operation).some((name) => isListed(list.get(name), operation))) return;
      throw refusal('OPERATION_NOT_ALLOWED', 'This operation is not among those that you may run.', 403);
    },
  };
}

/** A member may not call itself as a kind is called: names of kinds are prefixed in the file. */
function toNames({ member, kinds }: PluginOperation): string[] {
  return [...(member === null ? [] : [`member:${member}`]), ...kinds.map((kind) => `kind:${kind}`), everybody];
}

function isListed(operations: ReadonlySet<string> | undefined, { name, sha256 }: PluginOperation): boolean {
  if (operations === undefined) return false;
  return operations.has(everything) || operations.has(`sha256:${sha256}`) || (name !== null && operations.has(name));
}

const ownerShape = /^(\*|(member|kind):\S+)$/;
const operationShape = /^(\*|[_A-Za-z][_0-9A-Za-z]*|sha256:[0-9a-f]{64})$/;

/** Throws CONFIG_INVALID_VALUE. */
export async function readAllowList(file: string): Promise<AllowList> {
  try {
    if ((await stat(file)).size > maxFileBytes) throw new Error(`it is larger than ${maxFileBytes} bytes`);
    const content: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (typeof content !== 'object' || content === null || Array.isArray(content)) throw new Error('it is no object');
    return new Map(Object.entries(content).map(([owner, operations]: [string, unknown]) => [owner, toOperations(owner, operations)]));
  } catch (cause) {
    throw createError('CONFIG_INVALID_VALUE', `HUB_ALLOW_OPERATIONS=${file} cannot be used: ${toMessage(cause)}.`, { cause });
  }
}

function toOperations(owner: string, value: unknown): ReadonlySet<string> {
  if (!ownerShape.test(owner)) throw new Error(`expected member:…, kind:… or * instead of ${JSON.stringify(owner)}`);
  if (!Array.isArray(value)) throw new Error(`${owner} has no list`);
  const texts = value.map((item: unknown) => (typeof item === 'string' ? item : ''));
  const wrong = texts.findIndex((text) => !operationShape.test(text));
  if (wrong !== -1) throw new Error(`item ${wrong + 1} of ${owner} is no name of an operation, sha256:… or *`);
  return new Set(texts);
}
