/** docs/federation.md is true: its list is that of tests/constructs, its plan is the plan of its query. */
import { readFileSync, readdirSync } from 'node:fs';
import { parse, validate } from 'graphql';
import { planOperation, printPlan } from '../../engine/plan/index.ts';
import { loadSupergraph } from '../../engine/supergraph/index.ts';
import { fromRoot } from '../../lib/paths.ts';
import type { Construct } from '../constructs/_construct.ts';
import { readPage } from './pages.ts';

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
});
