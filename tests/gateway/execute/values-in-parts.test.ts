/** A value without a key in parts of two subgraphs, in a list, and an entity below it: whichever part comes first. */
import { setImmediate } from 'node:timers/promises';
import { createHub } from './in-memory-graphs.ts';
import type { Hub } from './in-memory-graphs.ts';

const SEALS = [{ weight: 1, owner: { id: 'o1' } }, null, { weight: 3, owner: { id: 'o3' } }];

/** `turns`: of the event loop, which the subgraph takes for its part. */
function seals(turns: number) {
  return {
    Crate: {
      __resolveReference: (crate: object) => crate,
      async seals() {
        for (let turn = 0; turn < turns; turn += 1) await setImmediate();
        return SEALS;
      },
    },
  };
}

function crates(turns: { owners: number; weights: number }): Hub {
  return createHub({
    yard: {
      sdl: 'type Query { crate: Crate } type Crate @key(fields: "id") { id: ID! }',
      resolvers: { Query: { crate: () => ({ id: 'c' }) } },
    },
    owners: {
      sdl: 'type Crate @key(fields: "id") { id: ID! seals: [Seal] @shareable } type Seal { owner: Owner } type Owner @key(fields: "id") { id: ID! }',
      resolvers: seals(turns.owners),
    },
    weights: {
      sdl: 'type Crate @key(fields: "id") { id: ID! seals: [Seal] @shareable } type Seal { weight: Int }',
      resolvers: seals(turns.weights),
    },
    names: {
      sdl: 'type Owner @key(fields: "id") { id: ID! name: String }',
      resolvers: { Owner: { __resolveReference: ({ id }: { id: string }) => ({ id, name: `name of ${id}` }) } },
    },
  });
}

describe('an entity below a value in parts', () => {
  it.each([
    ['weight owner { name }', { owners: 0, weights: 50 }],
    ['weight owner { name }', { owners: 50, weights: 0 }],
    ['owner { name } weight', { owners: 0, weights: 50 }],
    ['owner { name } weight', { owners: 50, weights: 0 }],
  ])('is asked for once both parts are there: %s, %o', async (fields, turns) => {
    const { data, errors } = await crates(turns).run(`{ crate { seals { ${fields} } } }`);
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      crate: { seals: [{ weight: 1, owner: { name: 'name of o1' } }, null, { weight: 3, owner: { name: 'name of o3' } }] },
    });
  });
});
