/**
 * A small copy of the project in a temporary folder: its settings, its scripts, and the files a test plants. `check()` runs parts of
 * `npm run check` there, so a test sees that a part passes on clean files and fails on a planted violation.
 */
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fromRoot } from '../../lib/paths.ts';

const settings = [
  'tsconfig.json',
  '.oxlintrc.json',
  '.oxfmtrc.json',
  '.dependency-cruiser.mjs',
  'knip.json',
  '.gitignore',
  'package-lock.json',
];

export type Files = Readonly<Record<string, string>>;
export type Outcome = { readonly code: number | null; readonly output: string };
export type Copy = {
  readonly folder: string;
  write(files: Files): Promise<void>;
  check(...parts: string[]): Promise<Outcome>;
  remove(): Promise<void>;
};

export async function copyProject(options: { readonly withFolders?: readonly string[] } = {}): Promise<Copy> {
  const folder = await mkdtemp(join(tmpdir(), 'ir planted '));
  const write = async (files: Files): Promise<void> => {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
  };
  await cp(fromRoot('scripts'), join(folder, 'scripts'), { recursive: true, filter: (path) => !path.endsWith('.ts') });
  await write({ 'package.json': printPackage({}), 'scripts/build-graphiql.mjs': emptyPage });
  for (const path of [...settings, ...(options.withFolders ?? [])]) await cp(fromRoot(path), join(folder, path), { recursive: true });
  await symlink(fromRoot('node_modules'), join(folder, 'node_modules'), 'junction');
  const check = async (...parts: string[]): Promise<Outcome> => run(join(folder, 'scripts', 'check.mjs'), parts, folder);
  return { folder, write, check, remove: async () => rm(folder, { recursive: true, force: true }) };
}

/** A page without inputs: its own build is not what these tests are about. */
const emptyPage = `import { fileURLToPath } from 'node:url';

export const inputs = [];
export const output = fileURLToPath(new URL('../dist', import.meta.url));
export async function build() {}
`;

/** A package.json with the development packages that the scripts themselves import, and the dependencies given. */
export function printPackage(dependencies: Readonly<Record<string, string>>): string {
  const devDependencies = Object.fromEntries(
    ['@types/jest', 'dependency-cruiser', 'esbuild', 'prisma', 'typescript'].map((name) => [name, '*']),
  );
  return JSON.stringify({ name: 'industry-router', version: '0.0.0', type: 'module', private: true, dependencies, devDependencies });
}

export async function run(script: string, args: readonly string[], cwd: string): Promise<Outcome> {
  const child = spawn(process.execPath, [script, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  return { code, output: Buffer.concat(chunks).toString() };
}
