/** Every npm script leads to a program that exists and runs on any system; every runtime dependency is used and has its reason. */
import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs';
import { fromRoot } from '../../lib/paths.ts';
import { readPage } from './pages.ts';

type Manifest = {
  license: string;
  workspaces?: unknown;
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
};
// package.json is ours
const manifest = JSON.parse(readPage('package.json')) as Manifest;

/** The file that a script's line runs, before it is built. */
function toProgram(line: string): string {
  const [runner = '', file = '', program = ''] = line.split(' ').filter((word) => !word.startsWith('--'));
  if (runner === 'node' && file === 'scripts/run.mjs') return `${program}.ts`;
  return file;
}

describe('package.json', () => {
  it('is one package under the MIT licence', () => {
    expect([manifest.license, manifest.workspaces]).toEqual(['MIT', undefined]);
    expect(readPage('LICENSE')).toMatch(/^MIT License\n/);
  });

  it('has every command that a user is promised, under a plain name', () => {
    const promised = [
      'start',
      'dev',
      'test',
      'check',
      'fix',
      'gateway',
      'compose',
      'explain',
      'token',
      'import',
      'migrate',
      'reset',
      'screenshots',
    ];
    expect(Object.keys(manifest.scripts)).toEqual(expect.arrayContaining(promised));
    for (const name of Object.keys(manifest.scripts)) expect(name).toMatch(/^(bench:)?[a-z]+(-[a-z]+)?$/);
  });

  it.each(Object.entries(manifest.scripts))('runs by "%s" a program that exists', (_name, line) => {
    expect({ line, exists: existsSync(fromRoot(toProgram(line))) }).toEqual({ line, exists: true });
  });

  it.each(Object.entries(manifest.scripts))('says "%s" in words that every shell understands', (_name, line) => {
    expect(line).toMatch(/^(node|tsx)( --[\w=-]+)* [\w./-]+( [\w./=-]+)*$/);
  });

  it('names exact versions only', () => {
    for (const version of Object.values({ ...manifest.dependencies, ...manifest.devDependencies }))
      expect(version).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
  });

  it('is locked to packages with a checksum, none from git, a file or plain HTTP', () => {
    type Locked = { resolved?: string; integrity?: string; link?: boolean; optional?: boolean; os?: string[] };
    const { packages } = JSON.parse(readPage('package-lock.json')) as { packages: Record<string, Locked> };
    for (const [place, { resolved = '', integrity, link, optional, os }] of Object.entries(packages)) {
      if (place === '') continue;
      // Some that are for other systems only have none, because the registry at hand did not serve them
      const isForOthers = optional === true && os !== undefined;
      const locked = (integrity !== undefined || isForOthers) && link !== true && !/^(git|file|http:)/.test(resolved);
      expect({ place, locked }).toEqual({ place, locked: true });
    }
  });
});

describe('the runtime dependencies', () => {
  const names = Object.keys(manifest.dependencies);
  const sources = ['engine', 'gateway', 'subgraph-kit', 'subgraphs', 'lib', 'cli', 'demo']
    .flatMap((folder) => readdirSync(fromRoot(folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(fromRoot(file), 'utf8'));

  it.each(names)('%s has its reason in docs/decisions/dependencies.md', (name) => {
    expect(readPage('docs/decisions/dependencies.md')).toMatch(new RegExp(`^\\| \`${name}\` \\| \\S.{20,} \\|$`, 'm'));
  });

  it('are no fewer than those listed there', () => {
    const listed = [...readPage('docs/decisions/dependencies.md').matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);
    expect(listed).toEqual(names.toSorted());
  });

  it.each(names)('%s is imported', (name) => {
    const imported = new RegExp(`(from|import|resolve)\\s*\\(?\\s*['"]${name}(/[^'"]+)?['"]`);
    expect(sources.some((source) => imported.test(source))).toBe(true);
  });
});

describe('the whole verification', () => {
  it('is one program, .ci/run, that installs, checks, tests, and tests again on a real server without skipping', () => {
    accessSync(fromRoot('.ci', 'run'), constants.X_OK);
    const steps = readPage('.ci/run');
    for (const step of ['npm ci', 'npm run check', 'npm test', 'npm test -- "${database_suites[@]}"', '"$last_skipped" -ne 0'])
      expect(steps).toContain(step);
  });

  it('runs every program that proves something', () => {
    const proofs = readdirSync(fromRoot('scripts')).filter((name) => /^prove-[a-z]+\.ts$/.test(name));
    expect(proofs.length).toBeGreaterThan(5);
    const steps = readPage('.ci/run');
    expect(proofs.filter((name) => !steps.includes(name) && !steps.includes(`npm run ${name.slice(0, -3)}`))).toEqual([]);
  });

  it('holds TypeScript to its strictest', () => {
    const { compilerOptions } = JSON.parse(readPage('tsconfig.json')) as { compilerOptions: Record<string, unknown> };
    expect(compilerOptions).toMatchObject({ strict: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true });
  });
});
