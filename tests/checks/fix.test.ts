/** `npm run fix` repairs what can be repaired without a thought, writes the generated pages again, and names the rest. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fromRoot } from '../../lib/paths.ts';
import { copyProject, run, type Copy } from './plant.ts';

describe('npm run fix', () => {
  let copy: Copy;
  const read = (file: string) => readFile(join(copy.folder, file), 'utf8');
  const fix = () => run(join(copy.folder, 'scripts', 'fix.mjs'), [], copy.folder);
  beforeAll(async () => {
    copy = await copyProject({ withFolders: ['lib', 'subgraph-kit', 'docs', 'THIRD-PARTY-NOTICES.md'] });
  });
  afterAll(async () => copy.remove());

  it('formats files, and writes generated pages that were edited by hand', async () => {
    await copy.write({ 'lib/plain.ts': 'export   const x="1"', 'docs/errors.md': '# Errors\n' });
    const { output } = await fix();
    expect(output).toContain('wrote docs/errors.md');
    expect(output).not.toContain('plain.ts');
    expect(await read('lib/plain.ts')).toBe("export const x = '1';\n");
    expect(await read('docs/errors.md')).toBe(await readFile(fromRoot('docs', 'errors.md'), 'utf8'));
  }, 60_000);

  it('names what it cannot repair, and ends with 1', async () => {
    await copy.write({ 'engine/bad.ts': 'export const now = (): number => Date.now();\n' });
    const { code, output } = await fix();
    expect({ code, output }).toEqual({ code: 1, output: expect.stringMatching(/engine\/bad\.ts.*/) });
  }, 60_000);
});
