/** What operations cost: estimated from their arguments, counted from their data. */
import { Kind, parse } from 'graphql';
import { composeSupergraph } from '../../../engine/compose/index.ts';
import { compileCost } from '../../../engine/cost/index.ts';
import { loadSupergraph } from '../../../engine/supergraph/index.ts';

const sdl = (directives: boolean) => {
  const text = /* GraphQL */ `
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", { name: "@cost", as: "@price" }, "@listSize"])
    type Query {
      book: Book
      books: [Book] @listSize(assumedSize: 50)
      some(first: Int, last: Int): [Book] @listSize(slicingArguments: ["first", "last"])
      page(first: Int = 4): Page @listSize(slicingArguments: ["first"], sizedFields: ["nodes"], requireOneSlicingArgument: false)
      plain(first: Int): [Book]
      connection(first: Int): Page
      find(filter: Filter, dear: Int @price(weight: 7)): Book
      dear: Int @price(weight: 9)
      kind: Kind
      any: Any
      grid: [[Book]]
      blob: Blob
      blobs: [Blob]
    }
    type Page {
      nodes: [Book]
      total: Int
    }
    type Book @price(weight: 3) {
      id: ID!
      title: String @price(weight: 2)
      author: Author
    }
    type Author {
      name: String
    }
    union Any = Book | Author
    scalar Blob @price(weight: 15)
    enum Kind @price(weight: 5) {
      A
    }
    input Filter {
      text: String @price(weight: 4)
      inner: Filter
    }
  `;
  return directives ? text : text.replaceAll(/@(price|listSize)\([^)]*\)/g, '').replace('{ name: "@cost", as: "@price" }, "@listSize"', '');
};

function load(directives = true) {
  const result = composeSupergraph([{ name: 'a', url: 'http://127.0.0.1:1/', sdl: sdl(directives) }]);
  if (result.kind === 'failed') throw new Error(result.errors.map(({ message }) => message).join('\n'));
  return loadSupergraph(result.supergraphSdl);
}
const priced = load();
const plain = load(false);

function compile(text: string, supergraph = priced) {
  const document = parse(text);
  const operation = document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('there is an operation');
  return compileCost(supergraph, { document, operation }, { listSize: 10, pageArguments: ['first', 'last'] });
}
const estimate = (text: string, variables = {}, supergraph = priced) => compile(text, supergraph).estimate(variables);

describe('the estimate', () => {
  it.each([
    ['weights of a type and of its fields', '{ book { id title author { name } } }', 3 + 2 + 1],
    ['a weight of a leaf field', '{ dear }', 9],
    ['a weight of an enum', '{ kind }', 5],
    ['an assumed size', '{ books { title } }', 50 * 5],
    ['a slicing argument', '{ some(last: 6) { id } }', 18],
    ['sized fields', '{ page(first: 2) { nodes { id } total } }', 1 + 2 * 3],
    ['the default of a slicing argument', '{ page { nodes { id } } }', 1 + 4 * 3],
    ['a page argument without a stated size', '{ plain(first: 2) { id } }', 6],
    ['neither: the default size', '{ plain { id } }', 30],
    ['a connection without a stated size', '{ connection(first: 3) { nodes { id } } }', 1 + 9],
    ['lists in lists', '{ grid { id } }', 300],
    ['arguments and fields of input objects', '{ find(dear: 1, filter: { text: "a", inner: { text: "b" } }) { id } }', 7 + 4 + 4 + 3],
    ['the dearest of the types that may stand', '{ any { ... on Book { title } ... on Author { name } } }', 3 + 2],
    ['fields that are asked for twice, once', '{ book { id } book { title } ...F } fragment F on Query { book { id } }', 5],
    ['nothing for what is never included', '{ book @skip(if: true) { id } __typename }', 0],
  ])('counts %s', (_, text, cost) => {
    expect(estimate(text)).toBe(cost);
  });

  it('reads variables: sizes, input objects, conditions', () => {
    const text = 'query ($n: Int, $f: Filter, $c: Boolean!) { plain(first: $n) { id } find(filter: $f) @include(if: $c) { id } }';
    expect(estimate(text, { n: 2, c: false })).toBe(6);
    expect(estimate(text, { n: 2, c: true, f: { inner: { text: 'a' } } })).toBe(6 + 4 + 3);
    expect(estimate(text, { c: false })).toBe(30);
    expect(estimate('query ($n: Int) { page(first: $n) { nodes { id } } }', {})).toBe(1 + 4 * 3);
  });

  it('refuses none or several slicing arguments where one is required', () => {
    for (const text of ['{ some { id } }', '{ some(first: 1, last: 1) { id } }'])
      expect(() => estimate(text)).toThrow('Query.some needs exactly one of the arguments first, last');
  });

  it('takes composite types as 1 and leaves as 0 without directives', () => {
    expect(estimate('{ book { id title author { name } } dear }', {}, plain)).toBe(2);
  });
});

describe('the count', () => {
  it('is of the objects and fields that are there', () => {
    const { count, estimate: estimated } = compile('{ books { title author { name } } }');
    const data = { books: [{ title: 'a', author: null }, null, { title: 'b', author: { name: 'c' } }] };
    expect(count(data, {})).toBe(2 * (3 + 2) + 1);
    expect(estimated({})).toBe(50 * 6);
    expect(count({ books: null }, {})).toBe(0);
    expect(count(null, {})).toBe(0);
  });

  it('takes a list inside one value of a scalar for one value', () => {
    const { estimate, count } = compile('{ blob blobs }');
    expect(estimate({})).toBe(15 + 10 * 15);
    expect(count({ blob: [1, [2, 3]], blobs: [[1, 2], [], 3, null] }, {})).toBe(15 + 3 * 15);
  });

  it('finds the type by what is there, and counts arguments as the estimate does', () => {
    const any = compile('{ any { ... on Author { name } ... on Book { title } } }');
    expect(any.count({ any: { name: 'a' } }, {})).toBe(1 + 2);
    const find = compile('{ find(dear: 1) { id } }');
    expect([find.count({ find: { id: '1' } }, {}), find.count({ find: null }, {})]).toEqual([10, 7]);
  });
});
