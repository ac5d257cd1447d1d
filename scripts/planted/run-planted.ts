/** A bug planted into a copy of the sources, and a program of the project run there. Exports `runPlanted`. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromRoot } from '../../lib/paths.ts';

/** Nothing in the product knows of it: a bug is a change of text that must fit exactly. */
export type Planted = {
  readonly name: string;
  readonly file: string;
  readonly edits: readonly { readonly find: string; readonly replace: string }[];
};

/** Files and folders that the program needs, and its path with arguments. */
type Program = { readonly copied: readonly string[]; readonly script: string; readonly args: readonly string[]; readonly limitMs: number };

/** What the program said. Throws where the text to change does not stand exactly once. */
export function runPlanted({ name, file, edits }: Planted, { copied, script, args, limitMs }: Program): { stdout: string; stderr: string } {
  const folder = mkdtempSync(join(tmpdir(), 'planted-'));
  const modules = join(folder, 'node_modules');
  try {
    for (const path of copied) cpSync(fromRoot(path), join(folder, path), { recursive: true });
    symlinkSync(fromRoot('node_modules'), modules);
    const text = readFileSync(join(folder, file), 'utf8');
    writeFileSync(
      join(folder, file),
      edits.reduce((edited, edit) => plant(edited, edit, `${name}: ${file}`), text),
    );
    return spawnSync(process.execPath, ['--max-semi-space-size=64', '--import', 'tsx', script, ...args], {
      cwd: folder,
      encoding: 'utf8',
      timeout: limitMs,
    });
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
