// The data folder: made when missing, checked for the right to write, and what a running hub says of itself in it.
import { randomBytes } from 'node:crypto';
import { access, constants, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { createError, toMessage } from '../../lib/errors/errors.ts';
import type { DataFolder } from './layout.ts';

/** Makes the folder when it is missing. Throws DATA_FOLDER_UNUSABLE with what to do. */
export async function openDataFolder(data: DataFolder): Promise<void> {
  try {
    await mkdir(data.path, { recursive: true, mode: 0o711 });
    await mkdir(data.keys, { recursive: true, mode: 0o700 });
    await access(data.path, constants.W_OK | constants.X_OK);
    await access(data.keys, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw createError(
      'DATA_FOLDER_UNUSABLE',
      `${data.path} cannot be written: ${toMessage(cause)}. Give this user the right to write there, or set HUB_DATA to another folder.`,
      { cause },
    );
  }
}

/** The password of a role; made at random when there is none yet. Processes that start at once agree on one. */
export async function readOrCreatePassword(data: DataFolder, role: string): Promise<string> {
  const file = data.passwordFile(role);
  const own = `${file}.${process.pid}`;
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch {
    await writeFile(own, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 });
    await link(own, file).catch(() => undefined);
    await rm(own, { force: true });
    return (await readFile(file, 'utf8')).trim();
  }
}

const stateShape = z.object({ pid: z.number().int(), gatewayUrl: z.string(), databaseUrl: z.string(), startedAt: z.string() });

/** What a running hub writes about itself; the database URL has no credentials. */
export type HubState = z.infer<typeof stateShape>;

export const writeState = (data: DataFolder, state: HubState): Promise<void> =>
  writeFile(data.stateFile, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
export const removeState = (data: DataFolder): Promise<void> => rm(data.stateFile, { force: true });

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, and belongs to another user
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};

/** The hub that runs on this data folder, or null. */
export async function readState(data: DataFolder): Promise<HubState | null> {
  const text = await readFile(data.stateFile, 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    const state = stateShape.parse(JSON.parse(text));
    return isAlive(state.pid) ? state : null;
  } catch {
    // half-written by a hub that was killed: as good as none
    return null;
  }
}
