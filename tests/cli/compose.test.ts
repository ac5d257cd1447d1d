import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCompose } from '../../cli/compose.ts';
import { loadSupergraph } from '../../engine/supergraph/index.ts';
import { fromRoot } from '../../lib/paths.ts';

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

  describe('with subscriptions', () => {
    const topic = { version: 1, subgraph: 'loans', entity: 'Loan', key: ['loanId'], meaning: 'A loan was made.' };
    const catalogue = (name: string) =>
      JSON.stringify({ topics: { [name]: { ...topic, payload: [{ name: 'loanId', type: 'ID!', meaning: 'Own id.' }] } } });
    const sdl = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@composeDirective", "@inaccessible", "@key"])
  @link(url: "https://industry-router.example/feed/v1.0", import: ["@feed"])
  @composeDirective(name: "@feed")
directive @feed(topic: String!, where: feed__Where, delivery: feed__Delivery! = ALL) on FIELD_DEFINITION
scalar feed__Where @inaccessible
enum feed__Delivery @inaccessible { ALL LATEST }
type Loan @key(fields: "loanId") { loanId: ID! }
type Query { loans: [Loan!] }
type Subscription {
  loanMade(loanId: ID): Loan @feed(topic: "loan.made", where: { loanId: { eq: "$loanId" } })
}
`;
    const out = join(folder, 'followed.graphql');
    const events = fromRoot('schema', 'events.json');
    const loans = () => ['--subgraph', `loans=http://127.0.0.1:4009=${write('followed-loans.graphql', sdl)}`, '--out', out];

    it('refuses a topic that the catalogue of the project does not have, with file, line and a way out', () => {
      const { code, lines } = run(...loans());
      expect(code).toBe(1);
      expect(lines).toHaveLength(2);
      expect(lines[0]).toMatch(
        /followed-loans\.graphql:11:43 @feed of "Subscription\.loanMade" in subgraph "loans" names the topic "loan\.made".*\(FEED_TOPIC_UNKNOWN\)$/,
      );
      expect(lines[1]).toMatch(/^ {2}way out: .*--events/);
    });

    it('takes the topics of all catalogues that are named', () => {
      const own = write('loans.json', catalogue('loan.made'));
      expect(run(...loans(), '--events', events, '--events', own).code).toBe(0);
      expect(loadSupergraph(readFileSync(out, 'utf8')).feeds.get('loanMade')?.topic).toBe('loan.made');
      // The own one alone: then the hub's topics are unknown.
      expect(run(...loans(), '--events', own).lines.join('\n')).toMatch(/schema\/upstream\.graphql:\d+:\d+ .*FEED_TOPIC_UNKNOWN/);
    });

    it.each([
      ['a topic of another one', catalogue('lot.moved'), catalogue('lot.moved'), 'the topic "lot.moved" stands in another catalogue too'],
      ['no JSON', catalogue('lot.moved'), '{', 'no JSON: '],
      ['no topics', catalogue('lot.moved'), '{}', 'topics: '],
      ['a topic without a payload', catalogue('lot.moved'), JSON.stringify({ topics: { 'lot.made': topic } }), 'topics.lot.made.payload: '],
    ])('says in one line which catalogue cannot be used: %s', (_name, first, second, message) => {
      const { code, lines } = run('--events', write('first.json', first), '--events', write('second.json', second));
      expect([code, lines.length]).toEqual([2, 1]);
      expect(lines[0]).toContain('second.json: ');
      expect(lines[0]).toContain(message);
    });
  });

  it.each([
    [['--events', '/no/such/events'], '/no/such/events: cannot be read (catalogue of events)'],
    [['--nonsense'], 'nonsense'],
    [['--subgraph', 'only-a-name'], 'name=url=file'],
    [['--subgraph', 'a=http://x=/no/such/file'], '/no/such/file'],
  ])('says in one line what is wrong with %j', (args, message) => {
    const { code, lines } = run(...args);
    expect([code, lines.length]).toEqual([2, 1]);
    expect(lines[0]).toContain(message);
  });
});
