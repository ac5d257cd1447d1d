/** docs/federation.md is true: its list is that of tests/constructs, its plan is the plan of its query. */
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, validate } from 'graphql';
import { runCompose } from '../../cli/compose.ts';
import { wayOutOf } from '../../engine/compose/ways-out.ts';
import { planOperation, printPlan } from '../../engine/plan/index.ts';
import { loadSupergraph } from '../../engine/supergraph/index.ts';
import { fromRoot } from '../../lib/paths.ts';
import type { Construct } from '../constructs/_construct.ts';
import { readBlocks, readInlineCode, readPage } from './pages.ts';

const page = readPage('docs/federation.md');

function blockOf(language: string): string {
  const [, text] = new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(page) ?? [];
  return text ?? `no block of ${language}`;
}

describe('docs/federation.md', () => {
  it('lists every construct that is tested, by its title', async () => {
    const folders = readdirSync(fromRoot('tests', 'constructs'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const lines: string[] = [];
    for (const { name } of folders) {
      const module = (await import(fromRoot('tests', 'constructs', name, 'construct.ts'))) as { default: Construct }; // each folder has one
      lines.push(`- [${module.default.title}](../tests/constructs/${name})`);
    }
    const listed = page.split('\n').filter((line) => line.includes('](../tests/constructs/'));
    expect(listed).toEqual(lines.toSorted());
  });

  it('says of each promise which construct shows it, and names every construct', async () => {
    const named = [...page.matchAll(/^\|.*\| `([a-z0-9/-]+)` \|$/gm)].map(([, name = '']) => name.split('/'));
    const folders = readdirSync(fromRoot('tests', 'constructs'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(new Set(named.map(([folder]) => folder))).toEqual(new Set(folders.map(({ name }) => name)));
    for (const [folder = '', one] of named) {
      if (one === undefined) continue;
      const module = (await import(fromRoot('tests', 'constructs', folder, 'construct.ts'))) as { default: Construct };
      expect(module.default.cases.map(({ name }) => name)).toContain(one);
    }
  });

  it('shows the plan that its query has on the graph of the hub', () => {
    const supergraph = loadSupergraph(readFileSync(fromRoot('schema', 'supergraph.graphql'), 'utf8'));
    const document = parse(blockOf('graphql'));
    expect(validate(supergraph.publicSchema, document)).toEqual([]);
    const plan = planOperation({ supergraph, document, operationName: 'Landed', conditions: new Map() });
    expect(blockOf('text').trimEnd()).toBe(printPlan(plan, supergraph).trimEnd());
  });

  describe('on @feed', () => {
    const [, command = ''] = /^npm run compose -- (.*--events.*)$/m.exec(page) ?? [];
    const folder = mkdtempSync(join(tmpdir(), 'feed page '));
    afterAll(() => rmSync(folder, { recursive: true }));

    /** The command of the page, with the subgraph from this file. */
    function compose(sdl: string, file: string) {
      const out = join(folder, 'supergraph.graphql');
      const lines: string[] = [];
      writeFileSync(join(folder, file), sdl);
      const args = command.replace('examples/feed/audits.graphql', '{sdl}').replace('.hub/supergraph.graphql', '{out}').split(' ');
      const code = runCompose(
        args.map((one) => one.replace('{sdl}', join(folder, file)).replace('{out}', out)),
        (line) => lines.push(line),
      );
      return { code, lines, out };
    }

    it('shows the example as it is, and its command composes it', () => {
      expect(readBlocks(page, 'graphql')).toContain(readPage('examples/feed/audits.graphql'));
      expect(readBlocks(page, 'json')).toContain(readPage('examples/feed/events.json'));
      const { code, out } = compose(readPage('examples/feed/audits.graphql'), 'audits.graphql');
      expect(code).toBe(0);
      expect(loadSupergraph(readFileSync(out, 'utf8')).feeds.get('auditRecorded')).toMatchObject({
        topic: 'audit.recorded',
        delivery: 'ALL',
      });
    });

    it('shows what is printed when the example is refused', () => {
      const sdl = readPage('examples/feed/audits.graphql').replace('minMarks: Int', 'minMarks: String');
      const { code, lines } = compose(sdl, 'refused.graphql');
      const printed = lines.join('\n').replace(/^.*refused\.graphql/, 'examples/feed/audits.graphql');
      expect(code).toBe(1);
      expect(readBlocks(page, 'text').map((text) => text.trimEnd())).toContain(printed);
    });

    it('lists the codes that composition has, each with a way out of its own', () => {
      const listed = readInlineCode(page).filter((code) => code.startsWith('FEED_'));
      const folderOfChecks = fromRoot('engine', 'compose', 'feeds');
      const sources = readdirSync(folderOfChecks).map((file) => readFileSync(join(folderOfChecks, file), 'utf8'));
      const used = new Set(sources.flatMap((text) => [...text.matchAll(/'(FEED_\w+)'/g)].map(([, code = '']) => code)));
      expect(new Set(listed)).toEqual(used);
      const general = wayOutOf('NO_SUCH_CODE', null, []);
      for (const code of used) expect(wayOutOf(code, null, [])).not.toBe(general);
    });
  });
});
