/**
 * `npm run planted`: bugs that gateways are known for, planted one at a time into a copy of the sources; each must be caught by the
 * fuzz, with a small case. Nothing in the product knows of them: a bug is a change of text that must fit exactly.
 *
 *   --short     fewer cuts for each bug        --only text   only bugs whose name contains it
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fromRoot } from '../lib/paths.ts';
import { PLANTED } from '../tests/differential/planted.ts';
import type { Planted } from '../tests/differential/planted.ts';

const { values } = parseArgs({ options: { short: { type: 'boolean' }, only: { type: 'string' } } });
const COPIED = [
  'engine',
  'gateway',
  'lib',
  'tests/differential',
  'tests/_kit',
  'tests/gateway',
  'scripts/fuzz.ts',
  'package.json',
  'tsconfig.json',
];
const SEARCH = values.short === true ? ['--cuts', '30', '--operations', '60'] : ['--cuts', '80', '--operations', '200'];
// Demands are another fuzz.
SEARCH.push('--cases', '0');
const LIMIT_MS = 600_000;

const bugs = PLANTED.filter(({ name }) => name.includes(values.only ?? ''));
const missed = bugs.filter((bug) => !isCaught(bug));
console.log(`${bugs.length - missed.length} passed, ${missed.length} failed, 0 skipped`);
process.exitCode = missed.length === 0 ? 0 : 1;

function isCaught({ name, file, edits }: Planted): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'planted-'));
  const modules = join(folder, 'node_modules');
  try {
    for (const path of COPIED) cpSync(fromRoot(path), join(folder, path), { recursive: true });
    symlinkSync(fromRoot('node_modules'), modules);
    const text = readFileSync(join(folder, file), 'utf8');
    writeFileSync(
      join(folder, file),
      edits.reduce((edited, edit) => plant(edited, edit, `${name}: ${file}`), text),
    );
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--max-semi-space-size=64', '--import', 'tsx', 'scripts/fuzz.ts', '--first', ...SEARCH],
      {
        cwd: folder,
        encoding: 'utf8',
        timeout: LIMIT_MS,
      },
    );
    const at = stdout.indexOf('npm run fuzz --');
    const count = /(\d+) passed, 1 failed/.exec(stdout)?.[1];
    const found = count === undefined ? `NOT CAUGHT\n${stderr.slice(-1_000)}` : `caught after ${count} operations`;
    const end = stdout.indexOf('\n     met  construct', at);
    console.log(`\n== ${name}: ${found}\n${at === -1 ? '' : stdout.slice(at, end).trim()}`);
    return count !== undefined;
  } finally {
    // The link first: what it leads to is not ours to remove.
    unlinkSync(modules);
    rmSync(folder, { recursive: true });
  }
}

function plant(text: string, { find, replace }: Planted['edits'][number], where: string): string {
  const times = text.split(find).length - 1;
  if (times !== 1) throw new Error(`${where} has the text to change ${times} times, expected once: write the bug anew.\n${find}`);
  return text.replace(find, () => replace);
}
