/**
 * The hub's own keys: files of mode 0600 in <data>/keys, made at the first start. Two processes that start at once agree on the same
 * keys: each writes a file of its own and links it to the final name, which only one of them can.
 */
import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type CryptoKey, type JWK } from 'jose';
import { createError, isHubError, toErrorCode, toMessage } from '../errors/errors.ts';

export const signatureAlgorithm = 'EdDSA';

export type SigningKey = {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: Readonly<JWK>;
};

export type HubKeys = {
  /** Signs members' tokens. */
  readonly issuer: SigningKey;
  /** Signs the internal tokens for subgraphs. */
  readonly principal: SigningKey;
  /** Signs page and stream cursors (HMAC). */
  readonly cursorKey: Uint8Array;
};

export type Jwks = { readonly keys: readonly JWK[] };

/** Public halves lie here, so that a subgraph need not be able to read a private key. */
export const principalPublicFile = (folder: string): string => join(folder, 'public', 'principal.jwks.json');

/** Reads the keys in the folder; makes those that are missing. Throws KEYS_UNUSABLE. */
export async function loadOrCreateKeys(folder: string): Promise<HubKeys> {
  try {
    // The parent is the data folder, which others may have to pass through
    await mkdir(dirname(folder), { recursive: true });
    await mkdir(join(folder, 'public'), { recursive: true, mode: 0o700 });
    const issuer = await loadOrCreateSigningKey(join(folder, 'issuer.jwk.json'));
    const principal = await loadOrCreateSigningKey(join(folder, 'principal.jwk.json'));
    const cursorText = await readOrCreate(join(folder, 'cursor.key'), () => randomBytes(32).toString('base64url'));
    await readOrCreate(principalPublicFile(folder), () => toJson(toJwks(principal)), 0o644);
    return { issuer, principal, cursorKey: parseCursorKey(cursorText) };
  } catch (error) {
    if (isHubError(error)) throw error;
    throw createError(
      'KEYS_UNUSABLE',
      `The keys in ${folder} cannot be used: ${toMessage(error)}. Give this user the right to read and write there.`,
      { cause: error },
    );
  }
}

/** A pair that is kept nowhere: for tests and for short-lived tools. */
export async function createSigningKey(): Promise<SigningKey> {
  return toSigningKey(await createPrivateJwk());
}

/** The public keys as a JWK Set (RFC 7517). */
export function toJwks(...keys: readonly SigningKey[]): Jwks {
  return { keys: keys.map((key) => key.publicJwk) };
}

/** A base64url text of at least 32 bytes, as in the file or in HUB_CURSOR_KEYS. */
export function parseCursorKey(text: string): Uint8Array {
  const bytes = Buffer.from(text.trim(), 'base64url');
  if (bytes.length < 32) throw createError('KEYS_UNUSABLE', 'A cursor key has fewer than 32 bytes. Make one with: openssl rand -base64 32');
  return bytes;
}

async function loadOrCreateSigningKey(file: string): Promise<SigningKey> {
  const content = await readOrCreate(file, async () => toJson(await createPrivateJwk()));
  try {
    // whatever the file holds is checked by the import of the key
    return await toSigningKey(JSON.parse(content) as JWK);
  } catch (cause) {
    throw createError('KEYS_UNUSABLE', `${file} is not a private Ed25519 key (JWK). Restore it, or delete it to have a new one made.`, {
      cause,
    });
  }
}

async function createPrivateJwk(): Promise<JWK> {
  const { privateKey } = await generateKeyPair(signatureAlgorithm, { extractable: true });
  return exportJWK(privateKey);
}

async function toSigningKey({ kty, crv, x, d }: JWK): Promise<SigningKey> {
  if (kty !== 'OKP' || crv !== 'Ed25519' || x === undefined || d === undefined) throw new TypeError('not a private Ed25519 key');
  const kid = await calculateJwkThumbprint({ kty, crv, x });
  const privateKey = await importJWK({ kty, crv, x, d }, signatureAlgorithm);
  if (privateKey instanceof Uint8Array) throw new TypeError('a symmetric key');
  return { kid, privateKey, publicJwk: Object.freeze({ kty, crv, x, kid, alg: signatureAlgorithm, use: 'sig' }) };
}

/** What the file holds; when there is none, it is made first. All processes read the same content, whoever made it. */
async function readOrCreate(file: string, create: () => Promise<string> | string, mode = 0o600): Promise<string> {
  const found = await readFile(file, 'utf8').catch(ignoreCode('ENOENT'));
  if (found !== undefined) return found;
  const own = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await writeFile(own, await create(), { mode, flag: 'wx' });
  try {
    await link(own, file).catch(ignoreCode('EEXIST'));
  } finally {
    await rm(own, { force: true });
  }
  return readFile(file, 'utf8');
}

function ignoreCode(code: string): (error: unknown) => undefined {
  return (error) => {
    if (toErrorCode(error) === code) return undefined;
    throw error;
  };
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
