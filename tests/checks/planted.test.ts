/** Each part of `npm run check` passes on clean files and fails, naming the file, when a violation is planted. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { copyProject, printPackage, type Copy, type Files } from './plant.ts';

const clean: Files = {
  'lib/add.ts': 'export function add(a: number, b: number): number {\n  return a + b;\n}\n',
  'cli/sum.ts': "import { add } from '../lib/add.ts';\n\nconsole.log(add(1, 2));\n",
};

/** Part, what is planted, the files, and the words that the part must answer with. */
const violations: readonly (readonly [part: string, what: string, files: Files, answer: RegExp])[] = [
  ['types', 'a number where a text belongs', { 'lib/bad.ts': 'export const text: string = 1;\n' }, /lib\/bad\.ts.*TS2322/],
  ['types', 'an index that may be absent', { 'lib/bad.ts': 'export const first = (list: string[]): string => list[0];\n' }, /TS2322/],
  ['lint', 'an any', { 'lib/bad.ts': 'export const parse = (text: string): any => JSON.parse(text);\n' }, /lib\/bad\.ts.*no-explicit-any/],
  ['lint', 'a non-null assertion', { 'lib/bad.ts': 'export const sure = (x?: string): string => x!;\n' }, /no-non-null-assertion/],
  [
    'lint',
    'a promise that nobody waits for',
    { 'lib/bad.ts': 'const go = async (): Promise<void> => {};\nexport const start = (): void => {\n  go();\n};\n' },
    /no-floating-promises/,
  ],
  [
    'lint',
    'a reader of the environment outside lib/config',
    { 'lib/bad.ts': "export const port = process.env['PORT'];\n" },
    /no-process-env/,
  ],
  [
    'lint',
    'a clock that is not handed in',
    { 'engine/bad.ts': 'export const now = (): number => Date.now();\n' },
    /no-restricted-properties/,
  ],
  [
    'lint',
    'a switch that forgets a kind',
    {
      'lib/bad.ts':
        "export function area(kind: 'a' | 'b'): number | undefined {\n  switch (kind) {\n    case 'a':\n      return 1;\n  }\n  return undefined;\n}\n",
    },
    /switch-exhaustiveness-check/,
  ],
  [
    'lint',
    'a function of 80 lines',
    { 'lib/bad.ts': `export function long(): void {\n${'  void 0;\n'.repeat(80)}}\n` },
    /max-lines-per-function/,
  ],
  ['lint', 'a test that is skipped', { 'tests/bad.test.ts': "it.skip('adds', () => {\n  expect(1).toBe(1);\n});\n" }, /no-disabled-tests/],
  ['lint', 'a test that expects nothing', { 'tests/bad.test.ts': "it('adds', () => {\n  Math.abs(1);\n});\n" }, /expect-expect/],
  ['format', 'a file nobody formatted', { 'lib/bad.ts': 'export   const x="1"' }, /lib\/bad\.ts/],
  ['rules', 'a word of the trade in lib/', { 'lib/bad.ts': 'export const createMakerId = (): string => "";\n' }, /lib\/bad\.ts:1 "maker"/],
  ['rules', 'a cast without its reason', { 'lib/bad.ts': 'export const x = JSON.parse("1") as number;\n' }, /lib\/bad\.ts:1 a cast/],
  ['dead-code', 'a file that nothing imports', { 'lib/bad.ts': 'export const x = 1;\n' }, /lib\/bad\.ts/],
  [
    'dead-code',
    'an export that nothing uses',
    { 'lib/add.ts': `${clean['lib/add.ts']}\nexport const unused = 1;\n` },
    /unused.*lib\/add\.ts/,
  ],
  ['dead-code', 'a dependency that nothing imports', { 'package.json': printPackage({ dataloader: '2.2.3' }) }, /dataloader/],
];

describe('npm run check', () => {
  let copy: Copy;
  beforeEach(async () => {
    copy = await copyProject();
    await copy.write(clean);
  });
  afterEach(async () => copy.remove());

  it.each(['types', 'lint', 'format', 'layers', 'rules', 'dead-code'])(
    'passes %s on clean files, in a folder whose name has a space',
    async (part) => {
      const { code, output } = await copy.check(part);
      expect(output).toMatch(new RegExp(`ok +${part} `));
      expect(code).toBe(0);
    },
    60_000,
  );

  it.each(violations.filter(([part]) => part === 'dead-code'))(
    'fails %s for %s',
    async (part, _what, files, answer) => {
      await copy.write(files);
      const { code, output } = await copy.check(part);
      expect(output).toMatch(new RegExp(`FAILED ${part} `));
      expect(output).toMatch(answer);
      expect(code).toBe(1);
    },
    60_000,
  );

  it('fails licences for a package under a licence that is not allowed', async () => {
    const file = join(copy.folder, 'package-lock.json');
    const lock: { packages: Record<string, object> } = JSON.parse(await readFile(file, 'utf8'));
    lock.packages['node_modules/copyleft'] = { version: '1.0.0', license: 'GPL-3.0-only' };
    await copy.write({ 'package-lock.json': JSON.stringify(lock) });
    const { code, output } = await copy.check('licences');
    expect(output).toMatch(/copyleft 1\.0\.0 is under "GPL-3\.0-only"/);
    expect(output).toMatch(/THIRD-PARTY-NOTICES\.md is stale/);
    expect(code).toBe(1);
  });

  it('refuses a part that it does not know', async () => {
    const { code, output } = await copy.check('spelling');
    expect(output).toMatch(/No such part: spelling\. The parts are types, lint/);
    expect(code).toBe(2);
  });
});

describe('npm run check, with every violation of a file planted at once', () => {
  const ofFiles = violations.filter(([part]) => part !== 'dead-code');
  /** `bad.ts` as a file of its own for each violation. */
  const nameOf = (path: string, index: number): string => path.replace(/bad(?=\.)/, `bad${index}`);
  let copy: Copy;
  let lines: readonly string[];
  let output: string;
  beforeAll(async () => {
    copy = await copyProject();
    await copy.write(clean);
    for (const [index, [, , files]] of ofFiles.entries())
      await copy.write(Object.fromEntries(Object.entries(files).map(([path, text]) => [nameOf(path, index), text])));
    ({ output } = await copy.check('types', 'lint', 'format', 'rules'));
    lines = output.split('\n');
  }, 120_000);
  afterAll(async () => copy.remove());

  it.each(ofFiles.map(([part, what, files, answer], index) => [part, what, index, Object.keys(files), answer] as const))(
    'fails %s for %s',
    (part, _what, index, files, answer) => {
      expect(output).toMatch(new RegExp(`FAILED ${part} `));
      const said = lines.filter((line) => files.some((file) => line.includes(nameOf(file, index))));
      expect(said.join('\n').replaceAll(`bad${index}.`, 'bad.')).toMatch(answer);
    },
  );
});

describe('npm run check, with the pages that are generated', () => {
  let copy: Copy;
  beforeAll(async () => {
    copy = await copyProject({ withFolders: ['lib', 'subgraph-kit', 'docs', 'THIRD-PARTY-NOTICES.md'] });
  });
  afterAll(async () => copy.remove());

  it('passes licences and generated as committed', async () => {
    const { code, output } = await copy.check('licences', 'generated');
    expect(output).toMatch(/ok +licences [^]*ok +generated /);
    expect(code).toBe(0);
  }, 60_000);

  it('fails generated when the lock lacks the packages of another system', async () => {
    const lock: { packages: Record<string, object> } = JSON.parse(await readFile(join(copy.folder, 'package-lock.json'), 'utf8'));
    const { 'node_modules/@esbuild/darwin-arm64': _left, ...rest } = lock.packages;
    await copy.write({ 'package-lock.json': JSON.stringify({ ...lock, packages: rest }) });
    const { code, output } = await copy.check('generated');
    expect(output).toMatch(/package-lock\.json is stale: run `npm run generate`/);
    expect(code).toBe(1);
  }, 60_000);

  it('fails generated when a page was edited by hand', async () => {
    await copy.write({ 'docs/errors.md': '# Errors\n' });
    const { code, output } = await copy.check('generated');
    expect(output).toMatch(/docs\/errors\.md is stale: run `npm run generate`/);
    expect(code).toBe(1);
  }, 60_000);
});
