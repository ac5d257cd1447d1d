/** The four subgraphs of library.graphql, in memory. */
import { buildSchema } from '../subgraph-server.ts';
import type { ForeignSupergraph } from './index.ts';

const LINK =
  '@link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@external", "@provides", "@requires", "@shareable"])';

type Book = { isbn: string; edition: number; title: string; pages: number | null; writer: string | null; hall: string; no: number };
type Key = { isbn?: string; edition?: number; shelf?: { hall: string; no: number } };

const WRITERS = [
  { code: 'w1', name: 'Ada', born: 1815 },
  { code: 'w2', name: 'Jorge', born: null },
];

function createBooks(): Book[] {
  return [
    { isbn: '1', edition: 1, title: 'Engines', pages: 100, writer: 'w1', hall: 'A', no: 1 },
    { isbn: '1', edition: 2, title: 'Engines, again', pages: 120, writer: 'w1', hall: 'A', no: 2 },
    { isbn: '2', edition: 1, title: 'Ruins', pages: null, writer: 'w2', hall: 'B', no: 1 },
    { isbn: '3', edition: 1, title: 'Anon', pages: 8, writer: null, hall: 'B', no: 2 },
  ];
}

export function createLibrary(): ForeignSupergraph {
  const books = createBooks();
  const loans = [
    { hall: 'A', no: 1, days: 14, state: 'BACK' },
    { hall: 'A', no: 1, days: 7, state: 'OUT' },
    { hall: 'B', no: 2, days: 3, state: 'OUT' },
  ];
  const find = (key: Key): Book | undefined =>
    books.find((book) =>
      key.shelf === undefined
        ? book.isbn === key.isbn && book.edition === key.edition
        : book.hall === key.shelf.hall && book.no === key.shelf.no,
    );
  const shelf = { shelf: (book: Book) => ({ hall: book.hall, no: book.no }) };
  const catalog = buildSchema(
    `schema ${LINK} { query: Root }
     type Root { books: [Book!]! book(isbn: String!, edition: Int = 1): Book }
     type Book @key(fields: "isbn edition") { isbn: String! edition: Int! title: String! pages: Int writer: Writer @provides(fields: "name") }
     type Writer @key(fields: "code") { code: String! name: String! @external }`,
    {
      Root: { books: () => books, book: (_root, args) => find(args) },
      Book: { __resolveReference: find, writer: (book: Book) => WRITERS.find((writer) => writer.code === book.writer) },
      Writer: { __resolveReference: ({ code }: { code: string }) => ({ code }) },
    },
  );
  const shelves = buildSchema(
    `schema ${LINK} { query: Root mutation: Change }
     type Root { atShelf(hall: String!, no: Int!): Book }
     type Change { move(isbn: String!, edition: Int!, hall: String!, no: Int!): Book }
     type Book @key(fields: "isbn edition") @key(fields: "shelf { hall no }") {
       isbn: String! edition: Int! pages: Int @external shelf: Shelf! @shareable weight: Int @requires(fields: "pages")
     }
     type Shelf @shareable { hall: String! no: Int! }`,
    {
      Root: { atShelf: (_root, place) => find({ shelf: place }) },
      Change: { move: (_root, { isbn, edition, ...place }) => Object.assign(find({ isbn, edition }) ?? {}, place) },
      Book: {
        // What a subgraph may compute from is what the representation says, not what its neighbour knows.
        __resolveReference: (key: Key & { pages?: number | null }) => ({ ...find(key), pages: key.pages }),
        weight: (book: Book) => (typeof book.pages === 'number' ? book.pages * 5 : null),
        ...shelf,
      },
    },
  );
  const lending = buildSchema(
    `schema ${LINK} { query: Root mutation: Change }
     type Root { _unused: Int }
     type Change { lend(hall: String!, no: Int!, days: Int!): Loan }
     type Book @key(fields: "shelf { hall no }") { shelf: Shelf! @shareable loans(first: Int = 10): [Loan!]! }
     type Shelf @shareable { hall: String! no: Int! }
     type Loan { days: Int! state: LoanState! book: Book! library: Root! }
     enum LoanState { OUT BACK }`,
    {
      Change: {
        lend: (_root, args) => {
          const loan = { ...args, state: 'OUT' };
          loans.push(loan);
          return loan;
        },
      },
      Book: {
        __resolveReference: (key: Key) => ({ ...key.shelf }),
        loans: (book: Book, { first }) => loans.filter((loan) => loan.hall === book.hall && loan.no === book.no).slice(0, first),
        ...shelf,
      },
      Loan: { book: (loan: Book) => loan, library: () => ({}) },
    },
  );
  const guild = buildSchema(
    `schema ${LINK} { query: Root }
     type Root { writers: [Writer!]! }
     type Writer @key(fields: "code") { code: String! name: String! born: Int }`,
    {
      Root: { writers: () => WRITERS },
      Writer: { __resolveReference: ({ code }: { code: string }) => WRITERS.find((writer) => writer.code === code) },
    },
  );
  return {
    name: 'library',
    schemas: { 'book-catalog': catalog, shelves, lending, writers_guild: guild },
    cases: [
      {
        // Two hops by a compound and a nested key, a requirement fed by the first graph, a provided name.
        query: '{ books { title weight loans { days state } writer { name born } } }',
        data: {
          books: [
            {
              title: 'Engines',
              weight: 500,
              loans: [
                { days: 14, state: 'BACK' },
                { days: 7, state: 'OUT' },
              ],
              writer: { name: 'Ada', born: 1815 },
            },
            { title: 'Engines, again', weight: 600, loans: [], writer: { name: 'Ada', born: 1815 } },
            { title: 'Ruins', weight: null, loans: [], writer: { name: 'Jorge', born: null } },
            { title: 'Anon', weight: 40, loans: [{ days: 3, state: 'OUT' }], writer: null },
          ],
        },
      },
      {
        // Aliases that are names of key fields; from the nested key to the compound one.
        query:
          'query ($hall: String!, $no: Int!) { atShelf(hall: $hall, no: $no) { isbn: title edition: weight __typename a: loans(first: 1) { days book { title } } } }',
        variables: { hall: 'A', no: 1 },
        data: { atShelf: { isbn: 'Engines', edition: 500, __typename: 'Book', a: [{ days: 14, book: { title: 'Engines' } }] } },
      },
      {
        query:
          'mutation { one: lend(hall: "B", no: 1, days: 5) { days book { title loans { days } } library { writers { born } } } two: move(isbn: "2", edition: 1, hall: "C", no: 9) { title shelf { hall no } loans { days } } }',
        data: {
          one: { days: 5, book: { title: 'Ruins', loans: [{ days: 5 }] }, library: { writers: [{ born: 1815 }, { born: null }] } },
          two: { title: 'Ruins', shelf: { hall: 'C', no: 9 }, loans: [] },
        },
      },
      {
        query: '{ __schema { queryType { name } mutationType { name } } __typename }',
        data: { __schema: { queryType: { name: 'Root' }, mutationType: { name: 'Change' } }, __typename: 'Root' },
      },
    ],
  };
}
