import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCompose } from '../../cli/compose.ts';
import { loadSupergraph } from '../../engine/supergraph/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'compose test '));

function run(...args: string[]): { code: number; lines: string[] } {
  const lines: string[] = [];
  return { code: runCompose(args, (line) => lines.push(line)), lines };
}

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

describe('npm run compose', () => {
  it('has left a supergraph that is what the SDLs compose to', () => {
    expect(run('--check').lines).toEqual(['schema/supergraph.graphql is up to date']);
  });

  it('writes the four subgraphs with their default addresses', () => {
    const out = join(folder, 'out.graphql');
    expect(run('--out', out).code).toBe(0);
    expect(loadSupergraph(readFileSync(out, 'utf8')).graphs.map((graph) => [graph.name, graph.url])).toEqual([
      ['downstream', 'http://127.0.0.1:4003/graphql'],
      ['midstream', 'http://127.0.0.1:4002/graphql'],
      ['routing', 'http://127.0.0.1:4004/graphql'],
      ['upstream', 'http://127.0.0.1:4001/graphql'],
    ]);
  });

  it('takes one more subgraph, and tells a stale file with exit code 1', () => {
    const out = join(folder, 'five.graphql');
    expect(run('--out', out).code).toBe(0);
    const more = `loans=http://127.0.0.1:4009/?a=b=${write('loans.graphql', 'type Query { loans: Int }')}`;
    expect(run('--subgraph', more, '--out', out, '--check').code).toBe(1);
    expect(run('--subgraph', more, '--out', out).code).toBe(0);
    expect(run('--subgraph', more, '--out', out, '--check').code).toBe(0);
    expect(loadSupergraph(readFileSync(out, 'utf8')).graphs.map((graph) => graph.url)).toContain('http://127.0.0.1:4009/?a=b');
  });

  it('prints file, line, column, both subgraphs and a way out, and writes nothing', () => {
    const out = write('kept.graphql', 'kept');
    const file = write('bad.graphql', 'type Query {\n  viewer: Int\n}');
    const { code, lines } = run('--subgraph', `bad=http://x=${file}`, '--out', out);
    expect(code).toBe(1);
    const text = lines.join('\n');
    expect(text).toMatch(/bad\.graphql:2:3/);
    expect(text).toMatch(/schema\/\w+\.graphql:\d+:\d+/);
    expect(text).toContain('way out: ');
    expect(text).toContain('"bad"');
    expect(readFileSync(out, 'utf8')).toBe('kept');
  });

  it.each([
    [['--nonsense'], 'nonsense'],
    [['--subgraph', 'only-a-name'], 'name=url=file'],
    [['--subgraph', 'a=http://x=/no/such/file'], '/no/such/file'],
  ])('says in one line what is wrong with %j', (args, message) => {
    const { code, lines } = run(...args);
    expect([code, lines.length]).toEqual([2, 1]);
    expect(lines[0]).toContain(message);
  });
});
