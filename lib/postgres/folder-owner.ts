/** One hub per data folder: the file `owner` names the process that uses it. A process that is gone owns nothing. */
import { readFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createError } from '../errors/errors.ts';

/** Throws DATA_FOLDER_IN_USE when another living process has it. */
export async function takeFolder(folder: string): Promise<void> {
  const file = join(folder, 'owner');
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const taken = await writeFile(file, toMark(process.pid), { flag: 'wx' }).then(
      () => true,
      () => false,
    );
    if (taken) return;
    const pid = await findOwner(folder);
    if (pid !== undefined) {
      throw createError('DATA_FOLDER_IN_USE', `Another hub (process ${pid}) uses ${folder}. Stop it, or set HUB_DATA to another folder.`);
    }
    await rm(file, { force: true });
  }
  throw createError('DATA_FOLDER_IN_USE', `Several hubs start at once in ${folder}. Start one of them again.`);
}

/** The living process that has the folder. */
export async function findOwner(folder: string): Promise<number | undefined> {
  const mark = await readFile(join(folder, 'owner'), 'utf8').catch(() => '');
  const pid = Number.parseInt(mark, 10);
  return mark !== '' && toMark(pid) === mark ? pid : undefined;
}

export async function releaseFolder(folder: string): Promise<void> {
  await rm(join(folder, 'owner'), { force: true });
}

/** The process id and the moment at which that process began, so that a later process with the same id is not taken for it. */
function toMark(pid: number): string {
  return `${pid} ${readStart(pid)}\n`;
}

function readStart(pid: number): string {
  try {
    // The 22nd field of /proc/<pid>/stat; the second one, in parentheses, may hold spaces
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields[19] ?? 'unknown';
  } catch {
    return isAlive(pid) ? 'unknown' : 'gone';
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
