/** The documentation holds together: links lead somewhere, commands exist, both READMEs say the same, queries fit the graph. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { parse, validate } from 'graphql';
import { wayOutOf } from '../../engine/compose/ways-out.ts';
import { loadSupergraph } from '../../engine/supergraph/index.ts';
import { variables } from '../../lib/config/index.ts';
import { errorCatalogue } from '../../lib/errors/catalogue.ts';
import { fromRoot } from '../../lib/paths.ts';
import { listPages, readBlocks, readHeadingLevels, readInlineCode, readLinks, readPage } from './pages.ts';

const pages = listPages();
const { scripts } = JSON.parse(readPage('package.json')) as { scripts: Record<string, string> };

describe('the pages', () => {
  it('are those a reader expects', () => {
    const expected = ['README.md', 'README.zh-CN.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', 'THIRD-PARTY-NOTICES.md'];
    const references = [
      'architecture',
      'config',
      'errors',
      'limits',
      'partner',
      'data',
      'demand',
      'routing',
      'shipments',
      'settlement',
      'figures',
    ];
    const decisions = ['decisions/README', 'decisions/dependencies'];
    expect(pages).toEqual(expect.arrayContaining([...expected, ...[...references, ...decisions].map((name) => `docs/${name}.md`)]));
  });

  it.each(pages)('%s links only to what is there', (page) => {
    const missing = readLinks(readPage(page)).filter((target) => !existsSync(fromRoot(normalize(join(dirname(page), target)))));
    expect(missing).toEqual([]);
  });

  it.each(pages)('%s names only npm scripts that exist', (page) => {
    const named = [...readPage(page).matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  it.each(pages)('%s names only variables that the hub reads', (page) => {
    const named = [...readPage(page).matchAll(/\bHUB_[A-Z_]*[A-Z]\b/g)].map(([name]) => name);
    // HUB_FEE is a split of a settlement
    expect(named.filter((name) => !(name in variables) && name !== 'HUB_FEE')).toEqual([]);
  });

  it.each(pages)('%s names no place on one machine and no registry', (page) => {
    expect(readPage(page)).not.toMatch(/(^|[\s`"'(=])\/(work|root|home|tmp|Users)\/|registry\.npm|npmjs\.(com|org)\/package/);
  });

  it('lists every decision in docs/decisions/README.md', () => {
    const decisions = pages.filter((page) => page.startsWith('docs/decisions/') && !page.endsWith('README.md'));
    const listed = readLinks(readPage('docs/decisions/README.md')).map((target) => `docs/decisions/${target}`);
    expect(listed.toSorted()).toEqual(decisions.toSorted());
  });

  it('names only error codes that exist, on the pages that name some', () => {
    const named = pages
      .filter((page) => page !== 'docs/errors.md' && page !== 'docs/limits.md')
      .flatMap((page) => readInlineCode(readPage(page)))
      .filter((code) => /^(PLAN|FEED|SUBGRAPH|CONFIG|SUPERGRAPH|COMPOSITION|PRINCIPAL|TOKEN)_[A-Z_]+$/.test(code) && !(code in variables));
    expect(named.length).toBeGreaterThan(0);
    // Codes of composition are not of the catalogue: what is known of them is their way out.
    const isOfComposition = (code: string): boolean => wayOutOf(code, null, []) !== wayOutOf('NO_SUCH_CODE', null, []);
    for (const code of named.filter((one) => !isOfComposition(one))) expect(Object.keys(errorCatalogue)).toContain(code);
  });
});

describe('README.md and README.zh-CN.md', () => {
  const english = readPage('README.md');
  const chinese = readPage('README.zh-CN.md');

  it('have the same headings, level by level', () => {
    expect(readHeadingLevels(english).length).toBeGreaterThan(5);
    expect(readHeadingLevels(chinese)).toEqual(readHeadingLevels(english));
  });

  it.each(['sh', 'graphql'])('have the same blocks of %s', (language) => {
    expect(readBlocks(english, language).length).toBeGreaterThan(0);
    expect(readBlocks(chinese, language)).toEqual(readBlocks(english, language));
  });

  it('name the same commands, variables and files', () => {
    expect(new Set(readInlineCode(chinese))).toEqual(new Set(readInlineCode(english)));
    const links = (text: string): string[] => readLinks(text).filter((target) => !target.startsWith('README'));
    expect(links(chinese)).toEqual(links(english));
  });

  it('list every script that a user would run', () => {
    const hidden = [
      'build',
      'prepare',
      'generate',
      'migration',
      'fuzz',
      'bad-input',
      'planted',
      'chaos',
      'prove-ledger',
      'conformance',
      'start',
      'test',
    ];
    const listed = readInlineCode(english).join('\n');
    for (const name of Object.keys(scripts).filter((script) => !hidden.includes(script) && !script.startsWith('bench:')))
      expect(listed).toContain(`npm run ${name}`);
    expect(listed).toContain('npm start');
    expect(listed).toContain('npm test');
  });

  it('show queries that the graph can answer', () => {
    const { publicSchema } = loadSupergraph(readPage('schema/supergraph.graphql'));
    const curl = readBlocks(english, 'sh').flatMap((block) => [...block.matchAll(/"query":"([^"]+)"/g)].map(([, query = '']) => query));
    const queries = [...readBlocks(english, 'graphql'), ...curl];
    expect(queries.length).toBeGreaterThanOrEqual(2);
    for (const query of queries) expect(validate(publicSchema, parse(query))).toEqual([]);
  });
});

describe('the examples in GraphiQL', () => {
  const { publicSchema } = loadSupergraph(readPage('schema/supergraph.graphql'));
  const examples = readdirSync(fromRoot('schema', 'examples')).filter((name) => name.endsWith('.graphql'));

  it.each(examples)('%s fits the graph', (name) => {
    expect(validate(publicSchema, parse(readPage(`schema/examples/${name}`)))).toEqual([]);
  });

  it('begin with the queries of the README, in their order', () => {
    const queries = readBlocks(readPage('README.md'), 'graphql');
    const first = examples.slice(0, queries.length).map((name) => readPage(`schema/examples/${name}`));
    expect(first.map((text, i) => text.endsWith(queries[i] ?? ''))).toEqual(queries.map(() => true));
  });
});
