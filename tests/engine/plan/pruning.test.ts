/** What costs nothing more than is paid for anyway must still be read by somebody. */
import { parse } from 'graphql';
import type { Plan } from '../../../engine/plan/index.ts';
import type { Supergraph } from '../../../engine/supergraph/index.ts';
import { checkPlan } from '../../_kit/plan-checker.ts';
import { compose, plan } from '../../gateway/execute/in-memory-graphs.ts';

function checked(supergraph: Supergraph, text: string): Plan {
  const made = plan(supergraph, text, {}, { defer: true });
  expect(checkPlan(made, supergraph, parse(text))).toEqual([]);
  return made;
}

describe('a call that asks an interface for the types of its objects', () => {
  const supergraph = compose({
    lot: `
      type Query { crate: Crate bolt: Bolt @shareable } type Bolt @key(fields: "id") { id: ID! }
      type Crate @key(fields: "id") { id: ID! cloth: Fabric }
      type Fabric @key(fields: "id no lot") @interfaceObject { id: ID! no: Int! lot: Int! }`,
    mill: `
      type Query { bolt: Bolt @shareable } type Bolt @key(fields: "id") { id: ID! tags: [String] }
      interface Fabric @key(fields: "id no lot") { id: ID! no: Int! lot: Int! }
      type Silk implements Fabric @key(fields: "id no lot") { id: ID! no: Int! lot: Int! year: Int }
      type Wool implements Fabric @key(fields: "id no lot") @key(fields: "id") { id: ID! no: Int! lot: Int! }
      type Crate @key(fields: "id") { id: ID! cloth: Fabric @external worth: Int @requires(fields: "cloth { ... on Silk { year } }") }`,
  });

  it.each([
    ['{ crate { worth } bolt { tags } }', ['lot 1', 'mill 2', 'mill 3']],
    ['{ crate { id ... @defer { worth } } bolt { tags } }', ['lot 1', 'mill 2', 'mill 2', 'mill 3']],
  ])('takes them all, though a later request could take some of them for less: %s', (text, requests) => {
    const made = checked(supergraph, text);
    expect(made.fetches.map(({ graph, level }) => `${supergraph.graphs[graph]?.name} ${level}`)).toEqual(requests);
    const paths = made.fetches.flatMap(({ level, calls }) =>
      calls.map((call) => ({ level, entries: call.paths.flatMap(({ entries }) => entries) })),
    );
    const entered = paths.filter(({ entries }) => entries.some(({ typeName }) => typeName === 'Fabric' || typeName === 'Wool'));
    expect(entered.map(({ level, entries }) => [level, entries.map(({ typeName }) => typeName)])).toEqual([[2, ['Fabric', 'Fabric']]]);
  });
});

describe('a query below a payload', () => {
  // The composer does not know that every query root can be asked again.
  const holders = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const supergraph = compose(
    {
      ...Object.fromEntries(
        holders.map((name) => [name, `type Query { receipt: Receipt @shareable ${name}: Int } type Receipt { done: Boolean @shareable }`]),
      ),
      other: 'type Query { dye: Int }',
    },
    (sdl) => sdl.replace(/(type Receipt[^{]*\{)/, '$1 query: Query '),
  );

  it.each(holders)('is entered from the graph that holds the payload anyway: %s', (name) => {
    const made = checked(supergraph, `{ receipt { query { ${name} dye } } }`);
    expect(made.fetches.map(({ graph }) => supergraph.graphs[graph]?.name)).toEqual([name, 'other']);
    expect(made.fetches[1]?.dependsOn).toEqual([0]);
  });
});

describe('an object of which nothing is shown but its type', () => {
  // Goods are crates for one graph, so that of others nothing is shown: whatever is asked of them, nobody reads it.
  const supergraph = compose({
    lot: `
      type Query { buyer: Buyer hemp: Hemp mill: Mill } type Buyer @key(fields: "id") { id: ID! }
      type Hemp @key(fields: "id") { id: ID! } type Mill @key(fields: "id") { id: ID! }`,
    crates: `
      type Buyer @key(fields: "id") { id: ID! code: ID! @shareable goods: Goods @shareable held: Goods @shareable } union Goods = Crate
      type Crate { size: Int @shareable } type Mill @key(fields: "id") { id: ID! code: ID! @shareable }`,
    dyes: `
      type Buyer @key(fields: "code") { code: ID! mark: ID! @shareable no: ID! @shareable goods: Goods @shareable held: Goods @shareable }
      union Goods = Crate | Jute type Crate { size: Int @shareable }
      type Jute @key(fields: "code") { code: ID! } type Hemp @key(fields: "id") { id: ID! code: ID! @shareable }
      type Mill @key(fields: "code") { code: ID! dye: Int }`,
    names: `
      type Buyer @key(fields: "mark no") { mark: ID! @shareable no: ID! @shareable held: Goods @shareable } union Goods = Jute
      type Jute @key(fields: "code") { code: ID! name: String } type Hemp @key(fields: "code") { code: ID! name: String }`,
    worth: 'type Mill @key(fields: "code") { code: ID! dye: Int @external worth: Int @requires(fields: "dye") }',
  });

  it.each([
    '{ mill { worth } buyer { goods { ... on Jute { name } } } hemp { name } }',
    '{ mill { worth } buyer { goods { ... on Jute { name } } } hemp { ... @defer { name } } }',
    '{ mill { worth } buyer { held { ... on Jute { name } } } hemp { name } }',
    '{ mill { worth } buyer { held { ... on Jute { name } } } hemp { ... @defer { name } } }',
  ])('is not entered, though other requests could join that one later: %s', (text) => {
    const made = checked(supergraph, text);
    const entered = made.fetches.flatMap(({ calls }) =>
      calls.flatMap(({ paths }) => paths.map(({ position }) => made.positions[position])),
    );
    expect(new Set(entered.map((position) => position?.typeName))).toEqual(new Set(['Buyer', 'Hemp', 'Mill']));
  });
});
