import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runExplain } from '../../cli/explain.ts';
import { fromRoot } from '../../lib/paths.ts';

const folder = mkdtempSync(join(tmpdir(), 'explain test '));
const library = fromRoot('tests', '_kit', 'supergraphs', 'library.graphql');

function explain(operation: string, ...more: string[]): { code: number; text: string } {
  const file = join(folder, 'operation.graphql');
  writeFileSync(file, operation);
  const lines: string[] = [];
  const code = runExplain(['--supergraph', library, '--operation', file, ...more], (line) => lines.push(line));
  return { code, text: lines.join('\n') };
}

describe('npm run explain', () => {
  it('prints the plan: which subgraph is asked what, after which', () => {
    const { code, text } = explain('{ books { title weight } }');
    expect(code).toBe(0);
    expect(text).toMatch(/^F1 root book-catalog {2}level 1$/m);
    expect(text).toMatch(/^F2 entity shelves {2}<- F1 {2}level 2$/m);
    expect(text).toContain('requires { pages = ');
  });

  it('prints a plan of at most 9 fetches for the whole chain, from a creator to the splits of its settlements', () => {
    const lines: string[] = [];
    expect(runExplain(['--operation', fromRoot('schema', 'spine-query.graphql')], (line) => lines.push(line))).toBe(0);
    const fetches = lines.join('\n').match(/^F\d+ (root|entity) \w+/gm) ?? [];
    expect(new Set(fetches.map((fetch) => fetch.split(' ')[2]))).toEqual(new Set(['downstream', 'midstream', 'routing', 'upstream']));
    expect(fetches.length).toBeLessThanOrEqual(9);
  });

  it('takes the values of conditions, and the name of one of several operations', () => {
    const operation = 'query A($deep: Boolean!) { books { title loans @include(if: $deep) { days } } } query B { writers { code } }';
    expect(explain(operation, '--name', 'A').text).not.toContain('lending');
    expect(explain(operation, '--name', 'A', '--variables', '{"deep": true}').text).toContain('lending');
    expect(explain(operation, '--name', 'B').text).toContain('writers_guild');
  });

  it('takes the default of a condition that is not given', () => {
    const operation = 'query ($deep: Boolean = true) { books { title loans @include(if: $deep) { days } } }';
    expect(explain(operation).text).toContain('lending');
    expect(explain(operation, '--variables', '{"deep": false}').text).not.toContain('lending');
  });

  const supergraphOf = (construct: string): string => fromRoot('tests', 'constructs', construct, 'v05.graphql');

  it('shows what is deferred: each fragment, what it waits for, and which request belongs to it', () => {
    const operation = '{ mills { name ... @defer(label: "later") { tax owner { rating } } } }';
    const { text } = explain(operation, '--supergraph', supergraphOf('defer'));
    expect(text).toMatch(/^D1 defer "later"$/m);
    expect(text).toMatch(/^G1 group D1 {2}reads F2, F3$/m);
    expect(text).toMatch(/^F2 entity owners {2}<- F1 {2}level 2 G1$/m);
    expect(explain(operation, '--supergraph', supergraphOf('defer'), '--whole').text).not.toContain('G1');
  });

  it('shows which values of ancestors are sent', () => {
    const { text } = explain('{ sites { looms { speed } } }', '--supergraph', supergraphOf('contexts'));
    expect(text).toContain('with $_c0_0: String of /sites[] { unit = F1._q0 }');
  });

  it('shows the plan for active labels and denied fields, and refuses names that it does not know', () => {
    const looms = ['{ looms { speed } }', '--supergraph', supergraphOf('override-progressive')] as const;
    expect(explain(...looms).text).toContain('percent(40): off');
    expect(explain(...looms, '--labels', 'percent(40), codes').text).toContain('labels {codes: on, percent(40): on}');
    expect(explain(...looms, '--denied', 'Loom.speed').text).toContain('speed denied');
    expect(explain(...looms, '--labels', 'percent(4)')).toEqual({
      code: 2,
      text: '--labels: there is no label percent(4); the supergraph has codes, percent(40)',
    });
    expect(explain(...looms, '--denied', 'Loom.sped')).toEqual({
      code: 2,
      text: '--denied: there is no field Loom.sped; write Type.field',
    });
  });

  it('says where an operation is not valid', () => {
    expect(explain('{ books { titel } }')).toEqual({ code: 1, text: expect.stringMatching(/operation\.graphql:1:11 .*titel/) });
    expect(explain('{ books {')).toEqual({ code: 1, text: expect.stringMatching(/operation\.graphql:1:10 Syntax Error/) });
  });

  it('says what is wrong with its arguments, or with the supergraph', () => {
    const lines: string[] = [];
    const print = (line: string): unknown => lines.push(line);
    expect(runExplain([], print)).toBe(2);
    expect(runExplain(['--operation', '/no/such/file'], print)).toBe(2);
    const broken = join(folder, 'broken.graphql');
    writeFileSync(broken, 'type Query { x: Int }');
    expect(runExplain(['--operation', broken, '--supergraph', broken], print)).toBe(1);
    expect(lines).toEqual([
      expect.stringContaining('--operation FILE'),
      expect.stringContaining('/no/such/file'),
      expect.stringMatching(/^SUPERGRAPH_INVALID: .*Compose it first/),
    ]);
  });
});
