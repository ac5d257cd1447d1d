// npm run reset: asks, then deletes the data folder with all that the hub has stored. --yes: does not ask.
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { rm } from 'node:fs/promises';
import { readConfig } from '../lib/config/index.ts';
import { createError } from '../lib/errors/errors.ts';
import { toFailureLine } from '../lib/lifecycle/index.ts';
import { deleteEmbedded } from '../lib/postgres/index.ts';
import { readState } from './hub/data-folder.ts';
import { toDataFolder } from './hub/layout.ts';

async function isSure(folder: string): Promise<boolean> {
  if (process.argv.includes('--yes')) return true;
  if (!process.stdin.isTTY) throw createError('BAD_REQUEST', 'there is no terminal to ask at; say --yes to delete without a question');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`Delete ${folder} with its database and keys? Type yes: `);
  terminal.close();
  return answer.trim() === 'yes';
}

async function reset(): Promise<void> {
  const data = toDataFolder(readConfig(['HUB_DATA']).HUB_DATA);
  if (!existsSync(data.path)) return void process.stdout.write(`There is no ${data.path}: nothing to delete.\n`);
  const state = await readState(data);
  if (state !== null) throw createError('DATA_FOLDER_IN_USE', `the hub runs on ${data.path} (process ${state.pid}); stop it first`);
  if (!(await isSure(data.path))) return void process.stdout.write('Nothing was deleted.\n');
  await deleteEmbedded(data.postgres);
  await rm(data.path, { recursive: true, force: true });
  process.stdout.write(`Deleted ${data.path}.\n`);
}

await reset().catch((error: unknown) => {
  process.stderr.write(`${toFailureLine(error)}\n`);
  process.exitCode = 1;
});
