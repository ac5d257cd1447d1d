/** The references say what the code does: limits with their defaults, columns of files with their licences, folders and layers, decisions. */
import { existsSync } from 'node:fs';
import { isObjectType } from 'graphql';
import { loadSupergraph } from '../../engine/supergraph/index.ts';
import { defaultLimits } from '../../gateway/pipeline/limits.ts';
import { variables } from '../../lib/config/index.ts';
import { fromRoot } from '../../lib/paths.ts';
import { creatorsFormat } from '../../subgraphs/downstream/import/creators.ts';
import { ordersFormat } from '../../subgraphs/downstream/import/orders.ts';
import { facilitiesFormat } from '../../subgraphs/upstream/import/facilities.ts';
import { productivityFormat } from '../../subgraphs/upstream/import/productivity.ts';
import { listPages, readInlineCode, readPage } from './pages.ts';

/** What stands below a heading, up to the next one of the same level or above. */
function readSection(page: string, heading: string): string {
  const level = /^#+/.exec(heading)?.[0].length ?? 0;
  const [, rest = ''] = page.split(`${heading}\n`);
  return rest.split(new RegExp(`^#{1,${level}} `, 'm'))[0] ?? '';
}

describe('docs/limits.md', () => {
  const page = readPage('docs/limits.md');
  const rows = page
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split('|').map((cell) => cell.trim()));
  const names = Object.keys(variables).filter((name) => name.startsWith('HUB_LIMIT_'));

  it('has a row for every limit that can be set, and for no other', () => {
    const shown = rows.flatMap(([, , , variable = '']) => readInlineCode(variable)).filter((code) => code.startsWith('HUB_LIMIT_'));
    expect(shown.toSorted()).toEqual(names.toSorted());
  });

  it.each(names.filter((name) => name !== 'HUB_LIMIT_PAGE_ARGUMENTS'))('shows the default of %s', (name) => {
    const row = rows.find(([, , , variable = '']) => readInlineCode(variable)[0] === name);
    const key = name
      .slice('HUB_LIMIT_'.length)
      .toLowerCase()
      .replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
    const value = Object.entries(defaultLimits).find(([limit]) => limit === key)?.[1];
    expect(Number(/^[\d,]+/.exec(row?.[2] ?? '')?.[0].replaceAll(',', ''))).toBe(value);
  });

  it('promises what is the default', () => {
    expect(defaultLimits).toMatchObject({
      bodyBytes: 1024 * 1024,
      tokens: 10_000,
      depth: 25,
      aliases: 100,
      rootFields: 30,
      directives: 100,
      fields: 10_000,
      pageSize: 200,
      requestMs: 30_000,
      variablesBytes: 64 * 1024,
      variablesDepth: 32,
    });
  });

  it('says 20 for a page that is not asked for by size, and so does every list of the graph', () => {
    expect(page).toContain('the default of the subgraph holds (20)');
    const { publicSchema } = loadSupergraph(readPage('schema/supergraph.graphql'));
    const fields = Object.values(publicSchema.getTypeMap()).flatMap((type) => (isObjectType(type) ? Object.values(type.getFields()) : []));
    const firsts = fields.flatMap((field) =>
      field.args.filter(({ name }) => name === 'first').map((arg) => [field.name, arg.defaultValue]),
    );
    expect(firsts.length).toBeGreaterThan(10);
    // `feasibleMakers` names the best few
    expect(firsts.filter(([name, size]) => size !== 20 && name !== 'feasibleMakers')).toEqual([]);
  });
});

describe('docs/data.md', () => {
  const page = readPage('docs/data.md');
  const formats = [
    ['### Facilities', facilitiesFormat.columns],
    ['### Orders', ordersFormat.columns],
    ['### Productivity', productivityFormat.columns],
    ['### Creators', creatorsFormat.columns],
  ] as const;

  it.each(formats)('tells under "%s" every column, where the file comes from, and its licence', (heading, columns) => {
    const section = readSection(page, heading);
    const table = section
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .join('\n');
    expect(readInlineCode(table)).toEqual(expect.arrayContaining([...columns]));
    expect(section).toMatch(/licensed under\s+\[CC BY(-SA)? 4\.0\]\(https:\/\/creativecommons\.org\/licenses\//);
    expect(section).toMatch(/\]\(https:\/\/(opensupplyhub\.org|doi\.org)/);
  });

  it('says what is generated, and by which label it is known', () => {
    expect(readSection(page, '## What no public file says')).toMatch(/generated from a seed and labelled `GENERATED`/);
  });
});

describe('docs/architecture.md', () => {
  const page = readPage('docs/architecture.md');

  it('has one picture, the path of a query and of an event, the code map, the layers and the invariants', () => {
    expect(page.match(/^```mermaid$/gm)).toHaveLength(1);
    for (const heading of ['## The path of a query', '## The path of an event', '## Where things are', '## Layers', '## Invariants'])
      expect(readSection(page, heading).length).toBeGreaterThan(200);
  });

  it('names folders that exist', () => {
    const map = [...readSection(page, '## Where things are').matchAll(/^([\w-]+)\/ /gm)].map(([, folder = '']) => folder);
    const layers = [...readSection(page, '## Layers').matchAll(/^\| \d \| `([^`]+)` \| (.*) \|$/gm)];
    expect(map.length).toBeGreaterThan(8);
    expect(layers).toHaveLength(7);
    const folders = [...map, ...layers.filter(([, , does = '']) => !does.includes('comes later')).map(([, folder = '']) => folder)];
    expect(folders.filter((folder) => !existsSync(fromRoot(folder)))).toEqual([]);
  });
});

describe('docs/decisions', () => {
  const decisions = listPages().filter((page) => page.startsWith('docs/decisions/') && !page.endsWith('README.md'));

  it.each(decisions)('%s says in half a page what was decided, and why', (page) => {
    const text = readPage(page);
    expect(text).toMatch(/^# .+\n/);
    expect(text.split('\n').filter((line) => line !== '').length).toBeLessThanOrEqual(30);
    expect(text.length).toBeGreaterThan(300);
  });
});

describe('SECURITY.md', () => {
  it('says how to report a weakness, and what to tell', () => {
    expect(readSection(readPage('SECURITY.md'), '## Report a weakness')).toMatch(/report it privately[^]*how to repeat it/);
  });
});
