/** Splicing takes answers of the expected form only; whatever it takes or leaves, both paths ask and answer the same. */
import { buildSubgraphSchema } from '@apollo/subgraph';
import { graphql, parse } from 'graphql';
import { compilePlan } from '../../../engine/compile/index.ts';
import type { SubgraphFetcher, SubgraphResponse } from '../../../gateway/execute/index.ts';
import { executeBothWays } from '../../_kit/both-paths.ts';
import type { BothWays } from '../../_kit/both-paths.ts';
import { LINK, compose, plan } from '../../gateway/execute/in-memory-graphs.ts';

const SDL = {
  mill: `scalar Blob enum Kind { FINE COARSE SECRET @inaccessible }
    type Query { loom: Loom thing: Thing looms: [Loom!]! grid: [[Loom]!] }
    union Thing = Loom | Bale
    type Bale { weight: Float }
    type Loom @key(fields: "id") { id: ID! name: String! note: String count: Int load: Float on: Boolean kind: Kind blob: Blob tags: [String!] }`,
  shop: 'type Loom @key(fields: "id") { id: ID! price: Int! maker: Maker } type Maker { name: String }',
};
const supergraph = compose(SDL);

const QUERY = '{ loom { name note count load on kind blob tags } }';
const usual: Readonly<Record<string, string>> = {
  name: '"a"',
  note: 'null',
  count: '1',
  load: '1.5',
  on: 'true',
  kind: '"FINE"',
  blob: '"x"',
  tags: '["t"]',
};

function ask(query: string, answer: SubgraphFetcher): Promise<BothWays> {
  const compiled = compilePlan(plan(supergraph, query), supergraph);
  return executeBothWays({ compiled, supergraph, variables: {}, fetcher: answer, signal: new AbortController().signal });
}

const reply = (text: string, status = 200): SubgraphResponse => ({ kind: 'response', status, text });
const fetcherOf =
  (text: string, status = 200): SubgraphFetcher =>
  async () =>
    reply(text, status);

function loom(changed: Readonly<Record<string, string>> = {}): string {
  const members = Object.entries({ ...usual, ...changed }).map(([name, value]) => `"${name}":${value}`);
  return `{"data":{"loom":{${members.join(',')}}}}`;
}

/** How it was joined; throws when both ways differ. */
const pathOf = async (text: string, status = 200): Promise<string> => (await ask(QUERY, fetcherOf(text, status))).path;

describe('splicing', () => {
  it.each([
    ['name', '"Ünïcode 織 🧵"'],
    ['name', '"\\" \\\\ \\b \\f \\n \\r \\t /"'],
    ['note', '"n"'],
    ['count', '-2147483648'],
    ['count', 'null'],
    ['load', '0.000001'],
    ['load', '-0.5'],
    ['load', '123456789012345'],
    ['on', 'false'],
    ['kind', '"COARSE"'],
    ['blob', '[1,["x",null,true]]'],
    ['tags', '[]'],
    ['tags', 'null'],
  ])('takes %s: %s as it stands', async (name, value) => {
    const { path, result } = await ask(QUERY, fetcherOf(loom({ [name]: value })));
    expect(path).toBe('splice');
    expect(result.data).toContain(`"${name}":${value}`);
  });

  it.each([
    ['name', 'null'],
    ['name', '1'],
    ['name', '"\\u0041"'],
    ['name', '"\\/"'],
    ['name', '"\\ud800"'],
    ['name', '"a\ufffd"'],
    ['name', '"a\tb"'],
    ['name', '"open'],
    ['count', '2147483648'],
    ['count', '1.0'],
    ['count', '01'],
    ['count', '"1"'],
    ['load', '1e3'],
    ['load', '1.50'],
    ['load', '-0'],
    ['load', '0.0000001'],
    ['load', '1234567890.1234567'],
    ['load', '1.'],
    ['on', '"true"'],
    ['on', 'nul'],
    ['kind', '"SECRET"'],
    ['kind', '"OTHER"'],
    ['kind', 'FINE'],
    ['blob', '{"b":1,"1":2}'],
    ['blob', '{"a":1,"a":2}'],
    ['blob', '12345678901234567890'],
    ['tags', '[null]'],
    ['tags', '"t"'],
    ['tags', '["t",]'],
  ])('leaves %s: %s to the joining of objects', async (name, value) => {
    expect(await pathOf(loom({ [name]: value }))).toBe('fallback');
  });

  it.each([
    ['white space', loom().replace(',', ', ')],
    ['errors beside data', loom().replace(/\}$/, ',"errors":[]}')],
    ['extensions', loom().replace(/\}$/, ',"extensions":{}}')],
    ['something behind it', `${loom()} `],
    ['another order', '{"data":{"loom":{"note":null,"name":"a"}}}'],
    ['a key too much', loom().replace('"note"', '"more":1,"note"')],
    ['a key twice', loom().replace('"note"', '"name":"b","note"')],
    ['a list for an object', '{"data":{"loom":[]}}'],
    ['no data', '{"data":null}'],
    ['half of it', loom().slice(0, 30)],
    ['nothing', ''],
  ])('leaves an answer with %s to the joining of objects', async (_, text) => {
    expect(await pathOf(text)).toBe('fallback');
  });

  it('takes strings of every length, their end in any place of a word', async () => {
    for (let length = 0; length < 12; length += 1)
      for (const last of ['', 'é', '\\"', '織', '\\\\'])
        expect(await pathOf(loom({ name: `"${'a'.repeat(length)}${last}"` }))).toBe('splice');
  });

  it('refuses a control character and U+FFFD in any place of a word', async () => {
    for (let length = 0; length < 9; length += 1)
      for (const odd of ['\u0001', '\ufffd', '\u001f'])
        expect(await pathOf(loom({ name: `"${'a'.repeat(length)}${odd}bc"` }))).toBe('fallback');
  });

  it('leaves an answer of more than 4 MiB to the joining of objects', async () => {
    const most = 4_194_304 - 8 - loom().length + 1;
    expect(await pathOf(loom({ name: `"${'a'.repeat(most)}"` }))).toBe('splice');
    expect(await pathOf(loom({ name: `"${'a'.repeat(most + 1)}"` }))).toBe('fallback');
  });

  it('leaves a client’s answer of more than 8 MiB to the joining of objects', async () => {
    const pathFor = async (length: number): Promise<string> => {
      const entities = `{"data":{"_entities":[{"maker":{"name":"${'a'.repeat(length)}"}}]}}`;
      const fetcher: SubgraphFetcher = async ({ graph }) =>
        reply(graph.name === 'shop' ? entities : '{"data":{"looms":[{"id":"1"},{"id":"1"},{"id":"1"}]}}');
      return (await ask('{ looms { id maker { name } } }', fetcher)).path;
    };
    expect(await pathFor(2_700_000)).toBe('splice');
    expect(await pathFor(2_800_000)).toBe('fallback');
  });

  it('leaves operations with deferred fragments to the joining of objects', () => {
    const isLeft = (defer: boolean): boolean =>
      compilePlan(plan(supergraph, '{ loom { name ... @defer { price } } }', {}, { defer }), supergraph).splice() === null;
    expect(isLeft(false)).toBe(false);
    expect(isLeft(true)).toBe(true);
  });

  it('leaves an answer with another HTTP status to the joining of objects', async () => {
    expect(await pathOf(loom(), 201)).toBe('fallback');
  });

  it.each([
    ['{"data":{"thing":{"__typename":"Loom","name":"a"}}}', 'splice'],
    ['{"data":{"thing":{"__typename":"Bale","weight":2}}}', 'splice'],
    ['{"data":{"thing":null}}', 'splice'],
    ['{"data":{"thing":{"name":"a","__typename":"Loom"}}}', 'splice'],
    ['{"data":{"thing":{"__typename":"Maker"}}}', 'fallback'],
    ['{"data":{"thing":{"__typename":"Loom"}}}', 'fallback'],
    ['{"data":{"thing":{"__typename":"Loom","name":"a","name":"b"}}}', 'fallback'],
  ])('judges the type of %s: %s', async (text, path) => {
    expect((await ask('{ thing { __typename ... on Loom { name } ... on Bale { weight } } }', fetcherOf(text))).path).toBe(path);
  });
});

const nested = compose({
  guild: 'type Query { weavers: [Weaver!] } type Weaver @key(fields: "id") { id: ID! }',
  mill: 'type Weaver @key(fields: "id") { id: ID! looms: [Loom] } type Loom @key(fields: "id") { id: ID! }',
  shop: 'type Loom @key(fields: "id") { id: ID! price: Int }',
});

const JOINED = '{ grid { a: id __proto__: price maker { name } } looms { maker { name } price } }';

const looms = [{ id: '1' }, { id: '2' }];
const resolvers = {
  mill: { Query: { grid: () => [[looms[0], null], [looms[1]]], looms: () => looms } },
  shop: {
    Loom: {
      __resolveReference: ({ id }: { id: string }) => ({ id, price: Number(id) * 10, maker: { name: `m${id}` } }),
    },
  },
};
const schemas = new Map(
  (['mill', 'shop'] as const).map((name) => [
    name as string,
    buildSubgraphSchema([{ typeDefs: parse(LINK + SDL[name]), resolvers: resolvers[name] }]),
  ]),
);

/** `change` may spoil the text of the n-th answer. */
function graphs(change: (text: string, index: number) => string = (text) => text): SubgraphFetcher {
  let asked = 0;
  return async ({ graph, body }) => {
    const index = asked;
    asked += 1;
    const { query, variables } = JSON.parse(body) as { query: string; variables?: Record<string, unknown> }; // the executor's own text
    const schema = schemas.get(graph.name);
    if (schema === undefined) throw new Error(`No graph ${graph.name}`);
    const answer = await graphql({ schema, source: query, ...(variables === undefined ? {} : { variableValues: variables }) });
    return reply(change(JSON.stringify(answer), index));
  };
}

describe('both ways of joining', () => {
  it('answer the same over several requests, lists of lists and aliases like __proto__, by splicing', async () => {
    const { path, result } = await ask(JOINED, graphs());
    expect(path).toBe('splice');
    expect(result.data).toBe(
      '{"grid":[[{"a":"1","__proto__":10,"maker":{"name":"m1"}},null],[{"a":"2","__proto__":20,"maker":{"name":"m2"}}]],"looms":[{"maker":{"name":"m1"},"price":10},{"maker":{"name":"m2"},"price":20}]}',
    );
  });

  it.each([0, 1])('go on as objects from request %i on, having asked the same', async (bad) => {
    const { path, result } = await ask(
      JOINED,
      graphs((text, index) => (index === bad ? ` ${text}` : text)),
    );
    expect(path).toBe('fallback');
    expect(result.data).toContain('"price":20');
  });

  it('never differ, whatever byte of an answer is changed', async () => {
    const bytes = ['"', '}', ']', ',', '0', 'n', '\\', ' ', 'é'];
    const paths = { splice: 0, object: 0, fallback: 0 };
    for (const bad of [0, 1]) {
      for (let at = 0; at < 130; at += 1) {
        const byte = bytes[(at * 7 + bad) % bytes.length] ?? '"';
        const { path } = await ask(
          JOINED,
          graphs((text, index) => (index === bad && at < text.length ? text.slice(0, at) + byte + text.slice(at + 1) : text)),
        );
        paths[path] += 1;
      }
    }
    expect(paths.fallback).toBeGreaterThan(100);
    expect(paths.splice).toBeGreaterThan(10);
  });

  // Of a list of another length nobody knows which entity is whose: nothing below it is asked for
  it.each([
    ['more entities than were asked for', 2, (list: string) => list.replace(/\]\}\}$/, ',{"looms":[{"id":"9"}]}]}}')],
    ['fewer entities than were asked for', 2, (list: string) => list.replace(/,\{"looms":\[\{"id":"2"\}\]\}\]/, ']')],
    ['null for an entity', 3, (list: string) => list.replace('{"looms":[{"id":"1"},null,{"id":"3"},{"id":"1"}]}', 'null')],
  ])('answer the same below entities, with %s', async (_, asked, change) => {
    const rows = [{ id: 'a' }, { id: 'b' }, { id: 'a' }];
    const answers = [
      JSON.stringify({ data: { weavers: rows } }),
      change('{"data":{"_entities":[{"looms":[{"id":"1"},null,{"id":"3"},{"id":"1"}]},{"looms":[{"id":"2"}]}]}}'),
      `{"data":{"_entities":[${asked === 3 ? '{"price":20}' : ''}]}}`,
    ];
    const compiled = compilePlan(plan(nested, '{ weavers { id looms { id price } } }'), nested);
    const bodies: string[] = [];
    const fetcher: SubgraphFetcher = async ({ body }) => reply(answers[bodies.push(body) - 1] ?? '');
    const { result } = await executeBothWays({
      compiled,
      supergraph: nested,
      variables: {},
      fetcher,
      signal: new AbortController().signal,
    });
    expect(bodies).toHaveLength(asked);
    expect(result.data).toContain('{"id":"a","looms":null');
    const codes = (result.errors ?? []).map(({ extensions }) => extensions.code);
    expect(codes.includes('SUBGRAPH_INVALID_RESPONSE')).toBe(asked === 2);
  });

  it('make the answer once for all that share the same answers of subgraphs', async () => {
    const compiled = compilePlan(plan(supergraph, JOINED), supergraph);
    const shared = new Map<string, Promise<SubgraphResponse>>();
    const subgraphs = graphs();
    const fetcher: SubgraphFetcher = (request) => {
      const key = request.graph.name + request.body;
      const found = shared.get(key) ?? subgraphs(request);
      shared.set(key, found);
      return found;
    };
    const signal = new AbortController().signal;
    const [one, other] = [
      await executeBothWays({ compiled, supergraph, variables: {}, fetcher, signal }),
      await executeBothWays({ compiled, supergraph, variables: {}, fetcher, signal }),
    ];
    expect(one.result.body).toBeInstanceOf(Uint8Array);
    expect(other.result.body).toBe(one.result.body);
  });
});
