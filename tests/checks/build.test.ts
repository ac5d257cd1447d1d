/** `npm run build` and `npm test` do what they say: build only what is stale, count every test, and end with the right code. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { copyProject, run, type Copy, type Outcome } from './plant.ts';

const lib = 'export const one = 1;\n';
const cli = "import { one } from '../lib/one.ts';\n\nconsole.log(`one is ${one}`, process.argv.slice(2).join());\n";

let copy: Copy;
const script = async (name: string, ...args: string[]): Promise<Outcome> => run(join(copy.folder, 'scripts', name), args, copy.folder);
const inCopy = (path: string): string => join(copy.folder, path);

beforeEach(async () => {
  copy = await copyProject();
  await copy.write({ 'lib/one.ts': lib, 'cli/say.ts': cli });
});
afterEach(async () => copy.remove());

describe('npm run build', () => {
  it('compiles file by file, and imports of .ts become imports of .js', async () => {
    expect(await script('build.mjs')).toMatchObject({ code: 0, output: expect.stringMatching(/^build: 0 Prisma clients, 2 files/) });
    expect(await readFile(inCopy('dist/cli/say.js'), 'utf8')).toContain('from "../lib/one.js"');
    expect(await readFile(inCopy('dist/lib/one.js'), 'utf8')).toContain('sourceMappingURL=one.js.map');
  }, 60_000);

  it('does nothing when nothing changed, and only what changed otherwise', async () => {
    await script('build.mjs');
    expect((await script('build.mjs')).output).toMatch(/ 0 files in \d{1,3} ms/);
    await copy.write({ 'lib/one.ts': 'export const one = 11;\n' });
    expect((await script('build.mjs')).output).toMatch(/ 1 files/);
    expect(await readFile(inCopy('dist/lib/one.js'), 'utf8')).toContain('11');
  }, 60_000);

  it('removes what was built from a file that is gone', async () => {
    await script('build.mjs');
    await rm(inCopy('lib/one.ts'));
    expect((await script('build.mjs')).output).toMatch(/1 removed/);
    expect([existsSync(inCopy('dist/lib/one.js')), existsSync(inCopy('dist/lib/one.js.map'))]).toEqual([false, false]);
  }, 60_000);

  it('leaves whole files when several builds start together', async () => {
    const outcomes = await Promise.all([1, 2, 3, 4].map(async () => script('run.mjs', 'cli/say', 'a', 'b')));
    for (const outcome of outcomes) expect(outcome).toMatchObject({ code: 0, output: 'one is 1 a,b\n' });
  }, 60_000);

  it('says where a file cannot be read, and fails', async () => {
    await copy.write({ 'lib/one.ts': 'export const = 1;\n' });
    const { code, output } = await script('build.mjs');
    expect(output).toMatch(/lib\/one\.ts:1:13/);
    expect(code).toBe(1);
  }, 60_000);

  it('leaves a built tree alone when the development packages are not installed', async () => {
    await script('build.mjs');
    await rm(inCopy('node_modules'));
    expect(await script('build.mjs')).toMatchObject({ code: 0, output: 'build: skipped, development dependencies are not installed\n' });
    expect(await script('run.mjs', 'cli/say')).toMatchObject({ code: 0, output: 'one is 1 \n' });
    await rm(inCopy('dist'), { recursive: true });
    expect(await script('run.mjs', 'cli/say')).toMatchObject({
      code: 1,
      output: expect.stringMatching(/dist\/ is missing .* run `npm ci` once/),
    });
  }, 60_000);
});

describe('a program', () => {
  it('is not started by a Node that is too old; one line says which is needed', () => {
    const pretence = "data:text/javascript,Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.19.0' } })";
    const args = ['--import', pretence, join(copy.folder, 'scripts', 'run.mjs'), 'cli/say'];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(stderr).toMatch(/^Node 18\.19\.0 is too old: .* needs Node 20\.19 or newer[^\n]*\n$/);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  });
});

describe('npm test', () => {
  const settings = "export default { testEnvironment: 'node', roots: ['<rootDir>/tests'], testMatch: ['**/*.test.js'] };\n";
  const lastLine = ({ output }: Outcome): string | undefined => output.trim().split('\n').at(-1);

  it('counts in its last line what passed, failed and was skipped, and ends with 1 when something failed', async () => {
    const tests = "it('a', () => {});\nit('b', () => {\n  throw new Error('no');\n});\nit.skip('c', () => {});\nit.todo('d');\n";
    await copy.write({ 'jest.config.js': settings, 'tests/some.test.js': tests });
    const outcome = await script('test.mjs');
    expect(lastLine(outcome)).toBe('1 passed, 1 failed, 2 skipped');
    expect(outcome.code).toBe(1);
  }, 60_000);

  it('counts a file that cannot be run as failed', async () => {
    await copy.write({
      'jest.config.js': settings,
      'tests/good.test.js': "it('a', () => {});\n",
      'tests/bad.test.js': "import './nowhere.js';\n",
    });
    const outcome = await script('test.mjs');
    expect(lastLine(outcome)).toBe('1 passed, 1 failed, 0 skipped');
    expect(outcome.code).toBe(1);
  }, 60_000);

  it('ends with 0 when all passed, and hands its arguments on', async () => {
    const tests = "it('a', () => {});\nit('b', () => {\n  throw new Error('no');\n});\n";
    await copy.write({ 'jest.config.js': settings, 'tests/some.test.js': tests });
    const outcome = await script('test.mjs', 'tests/some', '-t', 'a');
    expect(lastLine(outcome)).toBe('1 passed, 0 failed, 1 skipped');
    expect(outcome.code).toBe(0);
  }, 60_000);

  it('fails when no test was found', async () => {
    await copy.write({ 'jest.config.js': settings, 'tests/some.test.js': "it('a', () => {});\n" });
    expect((await script('test.mjs', 'tests/none')).code).toBe(1);
  }, 60_000);
});
