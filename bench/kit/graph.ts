/**
 * The graph of the bench: four subgraphs (accounts, products, reviews, inventory), their data, and the queries. `argument` fields take a
 * nonce that changes nothing: with it no two requests are equal. Exports SDLs, resolvers and the whole graph as one schema.
 */
import { buildSubgraphSchema } from '@apollo/subgraph';
import { buildSchema, parse } from 'graphql';
import type { GraphQLSchema } from 'graphql';

export const SUBGRAPHS = ['accounts', 'inventory', 'products', 'reviews'] as const;
export type SubgraphName = (typeof SUBGRAPHS)[number];

type User = { readonly id: string; readonly name: string; readonly username: string; readonly birthday: string };
type Product = { readonly upc: string; readonly name: string; readonly price: number; readonly weight: number; readonly inStock: boolean };
type Review = { readonly id: string; readonly body: string; readonly author: string; readonly product: string };

const COUNTS = { users: 6, products: 9, reviews: 28, top: 5 };

const users: readonly User[] = Array.from({ length: COUNTS.users }, (_, n) => ({
  id: `u${n}`,
  name: ['Ann Weaver', 'Bo Carder', 'Cleo Dyer', 'Dan Spinner', 'Eve Fuller', 'Finn Tailor'][n % 6] ?? '',
  username: `user_${n}`,
  birthday: `19${70 + n}-0${1 + (n % 9)}-11`,
}));
const products: readonly Product[] = Array.from({ length: COUNTS.products }, (_, n) => ({
  upc: `p${n}`,
  name: `${['Table', 'Couch', 'Glass', 'Chair', 'Lamp', 'Shelf', 'Rug', 'Clock', 'Vase'][n % 9]} number ${n}`,
  price: 54 + 101 * n,
  weight: 20 + 37 * n,
  inStock: n % 3 !== 1,
}));
const reviews: readonly Review[] = Array.from({ length: COUNTS.reviews }, (_, n) => ({
  id: `r${n}`,
  body: ['Love it!', 'Too expensive.', 'Could be better.', 'Prefer something else.', 'Wow'][n % 5] ?? '',
  author: `u${(n * 5) % COUNTS.users}`,
  product: `p${(n * 4) % COUNTS.products}`,
}));

const userOf = (id: string): User | undefined => users.find((user) => user.id === id);
const productOf = (upc: string): Product | undefined => products.find((product) => product.upc === upc);

/** Federation 1 SDL: every peer reads it, and our composer upgrades it. */
export const SDL: Readonly<Record<SubgraphName, string>> = {
  accounts: `extend type Query { users: [User] me: User }
type User @key(fields: "id") { id: ID! name: String username(nonce: String): String birthday: String }`,
  products: `extend type Query { topProducts(first: Int = 5): [Product] }
type Product @key(fields: "upc") { upc: String! name(nonce: String): String price: Int weight: Int }`,
  reviews: `type Review @key(fields: "id") { id: ID! body(nonce: String): String author: User product: Product }
extend type User @key(fields: "id") { id: ID! @external reviews: [Review] }
extend type Product @key(fields: "upc") { upc: String! @external reviews: [Review] }`,
  inventory: `extend type Product @key(fields: "upc") {
  upc: String! @external
  weight: Int @external
  price: Int @external
  inStock(nonce: String): Boolean
  shippingEstimate: Int @requires(fields: "price weight")
}`,
};

type Reference = {
  readonly __typename: string;
  readonly id: string;
  readonly upc: string;
  readonly price?: number;
  readonly weight?: number;
};

const estimate = ({ price = 0, weight = 0 }: { price?: number; weight?: number }): number => (price > 1000 ? 0 : Math.floor(weight / 2));
const reviewsOf = {
  user: ({ id }: { id: string }) => reviews.filter(({ author }) => author === id),
  product: ({ upc }: { upc: string }) => reviews.filter(({ product }) => product === upc),
};

const resolvers: Readonly<Record<SubgraphName, Record<string, Record<string, unknown>>>> = {
  accounts: {
    Query: { users: () => users, me: () => users[0] },
    User: { __resolveReference: ({ id }: Reference) => userOf(id) },
  },
  products: {
    Query: { topProducts: (_: unknown, { first }: { first: number }) => products.slice(0, first) },
    Product: { __resolveReference: ({ upc }: Reference) => productOf(upc) },
  },
  reviews: {
    Review: {
      __resolveReference: ({ id }: Reference) => reviews.find((review) => review.id === id),
      author: ({ author }: Review) => ({ id: author }),
      product: ({ product }: Review) => ({ upc: product }),
    },
    User: { __resolveReference: ({ id }: Reference) => ({ id }), reviews: reviewsOf.user },
    Product: { __resolveReference: ({ upc }: Reference) => ({ upc }), reviews: reviewsOf.product },
  },
  inventory: {
    Product: {
      __resolveReference: (reference: Reference) => ({ ...productOf(reference.upc), ...reference }),
      shippingEstimate: (product: Reference) => estimate(product),
    },
  },
};

export function createSubgraphSchema(name: SubgraphName): GraphQLSchema {
  return buildSubgraphSchema([{ typeDefs: parse(SDL[name]), resolvers: resolvers[name] as never }]); // plain resolver maps
}

/** Everything in one place, for the expected answers. */
export function createWholeSchema(): GraphQLSchema {
  const schema = buildSchema(`
    type Query { users: [User] me: User topProducts(first: Int = 5): [Product] }
    type User { id: ID! name: String username(nonce: String): String birthday: String reviews: [Review] }
    type Product { upc: String! name(nonce: String): String price: Int weight: Int inStock(nonce: String): Boolean shippingEstimate: Int reviews: [Review] }
    type Review { id: ID! body(nonce: String): String author: User product: Product }`);
  const resolve = (type: string, field: string, resolver: (source: never, args: never) => unknown): void => {
    const found = schema.getType(type);
    const target = found !== undefined && 'getFields' in found ? found.getFields()[field] : undefined;
    if (target !== undefined && 'resolve' in target) target.resolve = resolver as never; // resolvers of plain data
  };
  resolve('Query', 'users', () => users);
  resolve('Query', 'me', () => users[0]);
  resolve('Query', 'topProducts', (_, { first }: { first: number }) => products.slice(0, first));
  resolve('User', 'reviews', reviewsOf.user);
  resolve('Product', 'reviews', reviewsOf.product);
  resolve('Product', 'shippingEstimate', estimate);
  resolve('Review', 'author', ({ author }: Review) => userOf(author));
  resolve('Review', 'product', ({ product }: Review) => productOf(product));
  return schema;
}

export type QueryName = 'big' | 'tiny' | 'differ' | 'differ-tiny';

/** Stands for the nonce of a request; as long as every nonce. */
export const NONCE = 'nonce-000000000000';

function big(nonce: string): string {
  const name = `name${nonce}`;
  const product = `upc ${name} price weight inStock${nonce} shippingEstimate`;
  const user = `id name username${nonce}`;
  const inner = `reviews { id body${nonce} author { ${user} reviews { id body${nonce} product { ${product} } } } }`;
  return `users { ${user} reviews { id body${nonce} product { ${product} ${inner} } } } topProducts { ${product} ${inner} }`;
}

export const QUERIES: Readonly<Record<QueryName, { readonly query: string; readonly variables?: { readonly n: string } }>> = {
  big: { query: `query Big { ${big('')} }` },
  tiny: { query: 'query Tiny { me { name } }' },
  differ: { query: `query Differ($n: String) { ${big('(nonce: $n)')} }`, variables: { n: NONCE } },
  'differ-tiny': { query: 'query DifferTiny($n: String) { me { username(nonce: $n) } }', variables: { n: NONCE } },
};
