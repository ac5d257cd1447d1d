/**
 * The public keys a service trusts, found by key id. Read from JWKS files; read again (not more often than every few seconds) when an
 * unknown key id comes, so that a new key of a gateway is taken without a restart.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { importJWK, type CryptoKey, type JWK } from 'jose';
import { realClock, type Clock } from '../clock/clock.ts';
import { createError, toMessage } from '../errors/errors.ts';
import { signatureAlgorithm, type Jwks } from './keys.ts';

export type PublicKeys = { find(kid: string): Promise<CryptoKey | undefined> };

const rereadMs = 2_000;
const maxKeys = 100;

/** Keys that do not change. */
export async function createPublicKeys(jwks: Jwks): Promise<PublicKeys> {
  const keys = await importKeys(jwks.keys);
  return { find: async (kid) => keys.get(kid) };
}

/** Keys from a JWKS file, or from every .json file of a folder. Throws KEYS_UNUSABLE when nothing usable is there. */
export async function loadPublicKeys(fileOrFolder: string, clock: Clock = realClock): Promise<PublicKeys> {
  let keys = await readKeys(fileOrFolder);
  let readAt = clock.now().getTime();
  return {
    async find(kid) {
      const now = clock.now().getTime();
      if (!keys.has(kid) && now - readAt >= rereadMs) {
        readAt = now;
        // while a file is being replaced the old keys stay good
        keys = await readKeys(fileOrFolder).catch(() => keys);
      }
      return keys.get(kid);
    },
  };
}

async function readKeys(fileOrFolder: string): Promise<Map<string, CryptoKey>> {
  try {
    const isFolder = (await stat(fileOrFolder)).isDirectory();
    const files = isFolder
      ? (await readdir(fileOrFolder)).filter((name) => name.endsWith('.json')).map((name) => join(fileOrFolder, name))
      : [fileOrFolder];
    const sets = await Promise.all(files.map(async (file) => parseJwks(await readFile(file, 'utf8'))));
    const keys = await importKeys(sets.flat());
    if (keys.size === 0) throw new Error('it holds no public Ed25519 key');
    return keys;
  } catch (cause) {
    throw createError(
      'KEYS_UNUSABLE',
      `The public keys in ${fileOrFolder} cannot be used: ${toMessage(cause)}. Expected a JWKS file, {"keys": […]}.`,
      { cause },
    );
  }
}

function parseJwks(text: string): JWK[] {
  const value: unknown = JSON.parse(text);
  const keys = typeof value === 'object' && value !== null && 'keys' in value && Array.isArray(value.keys) ? value.keys : [];
  return keys.filter((key: unknown): key is JWK => typeof key === 'object' && key !== null);
}

async function importKeys(jwks: readonly JWK[]): Promise<Map<string, CryptoKey>> {
  const keys = new Map<string, CryptoKey>();
  for (const { kty, crv, x, kid } of jwks.slice(0, maxKeys)) {
    if (kty !== 'OKP' || crv !== 'Ed25519' || x === undefined || kid === undefined) continue;
    const key = await importJWK({ kty, crv, x }, signatureAlgorithm);
    if (!(key instanceof Uint8Array)) keys.set(kid, key);
  }
  return keys;
}
