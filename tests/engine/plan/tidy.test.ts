/** What is done to requests once sources are chosen: fewer of them, each valid and no wordier than it must be. Counted in plans. */
import { readFileSync } from 'node:fs';
import { parse } from 'graphql';
import { planOperation, printPlan } from '../../../engine/plan/index.ts';
import type { Plan, PlanFetch } from '../../../engine/plan/index.ts';
import { loadSupergraph } from '../../../engine/supergraph/index.ts';
import type { Supergraph } from '../../../engine/supergraph/index.ts';
import { fromRoot } from '../../../lib/paths.ts';
import { checkPlan } from '../../_kit/plan-checker.ts';
import { compose, plan } from '../../gateway/execute/in-memory-graphs.ts';

const graphOf = (supergraph: Supergraph, made: Plan): string[] =>
  made.fetches.map(({ graph, level }) => `${supergraph.graphs[graph]?.name} ${level}`);
const last = (made: Plan): PlanFetch => {
  const found = made.fetches.at(-1);
  if (found === undefined) throw new Error('The plan sends something.');
  return found;
};

describe('requests', () => {
  it('to the graph that has the object already are part of the one that brought it', () => {
    const supergraph = compose({
      a: 'type Query { loom: Loom } type Loom @key(fields: "id") { id: ID! mill: Mill } type Mill @key(fields: "id") { id: ID! name: String }',
      b: 'type Mill @key(fields: "id") { id: ID! size: Int }',
    });
    expect(graphOf(supergraph, plan(supergraph, '{ loom { mill { name size } } }'))).toEqual(['a 1', 'b 2']);
  });

  const chain = compose({
    a: 'type Query { loom: Loom bolt: Bolt } type Loom @key(fields: "id") { id: ID! } type Bolt @key(fields: "id") { id: ID! }',
    b: 'type Loom @key(fields: "id") { id: ID! code: Int } type Bolt @key(fields: "id") { id: ID! note: Int }',
    c: 'type Loom @key(fields: "id") { id: ID! code: Int @external speed: Int @requires(fields: "code") } type Bolt @key(fields: "id") { id: ID! size: Int }',
  });

  it('of one graph and level are one, with a call for each shape', () => {
    const made = plan(chain, '{ loom { code } bolt { note } }');
    expect(graphOf(chain, made)).toEqual(['a 1', 'b 2']);
    expect(last(made).calls.map(({ alias }) => alias)).toEqual(['_e0', '_e1']);
  });

  it('with slack sink to a later one of their graph, and no chain grows', () => {
    const made = plan(chain, '{ loom { speed } bolt { size } }');
    expect(graphOf(chain, made)).toEqual(['a 1', 'b 2', 'c 3']);
    expect(last(made).calls).toHaveLength(2);
    expect(made.cost).toMatchObject({ levels: 3, requests: 3 });
  });

  it('of one level are apart, by the switch, where they wait for different ones', () => {
    const supergraph = loadSupergraph(readFileSync(fromRoot('tests', 'constructs', 'requests-that-merge', 'v05.graphql'), 'utf8'));
    const planBy = (text: string, merge: 'level' | 'sameDeps'): Plan => {
      const made = planOperation({ supergraph, document: parse(text), conditions: new Map(), merge });
      expect(checkPlan(made, supergraph, parse(text))).toEqual([]);
      return made;
    };
    const different = '{ looms { mill { town } } owner { house { town } } }';
    expect(graphOf(supergraph, planBy(different, 'level'))).toEqual(['looms 1', 'houses 2', 'mills 2', 'places 3']);
    const apart = planBy(different, 'sameDeps');
    expect(graphOf(supergraph, apart)).toEqual(['looms 1', 'houses 2', 'mills 2', 'places 3', 'places 3']);
    expect(apart.fetches.slice(3).map(({ dependsOn }) => dependsOn)).toEqual([[2], [1]]);
    const equal = '{ looms { mill { town } } oldest { mill { town } } }';
    expect(planBy(equal, 'sameDeps').fetches).toEqual(planBy(equal, 'level').fetches);
  });

  it('wait for whoever holds a place on the way to their objects, also where that is not who names the objects', () => {
    const supergraph = compose({
      a: 'type Query { crate: Crate } type Crate @key(fields: "id") { id: ID! }',
      b: 'type Crate @key(fields: "id") { id: ID! seals: [Seal!] @shareable } type Seal { no: Int }',
      c: `type Crate @key(fields: "id") { id: ID! seals: [Seal!] @shareable } type Seal { by: Smith } type Smith @key(fields: "id") { id: ID! }`,
      d: 'type Smith @key(fields: "id") { id: ID! name: String }',
    });
    for (const text of ['{ crate { seals { no by { name } } } }', '{ crate { seals { by { name } no } } }']) {
      const made = plan(supergraph, text);
      expect(checkPlan(made, supergraph, parse(text))).toEqual([]);
      expect(graphOf(supergraph, made)).toEqual(['a 1', 'b 2', 'c 2', 'd 3']);
      expect(last(made).dependsOn).toEqual([1, 2]);
    }
  });

  it('are a level later where a deferred part reads sooner than the first payload knows the objects', () => {
    const supergraph = compose({
      a: 'type Query { crate: Crate } type Crate @key(fields: "id") { id: ID! }',
      b: 'type Crate @key(fields: "code") { code: ID! seals: [Seal!] @shareable } type Seal { no: Int }',
      c: `type Crate @key(fields: "id") { id: ID! seals: [Seal!] @shareable } type Seal { by: Smith } type Smith @key(fields: "id") { id: ID! }`,
      d: 'type Smith @key(fields: "id") { id: ID! name: String town: Town } type Town @key(fields: "id") { id: ID! }',
      e: 'type Town @key(fields: "id") { id: ID! size: Int }',
      z: 'type Crate @key(fields: "id") @key(fields: "code") { id: ID! code: ID! }',
    });
    const text = '{ crate { seals { no ... @defer { by { name town { size } } } } } }';
    const made = plan(supergraph, text, {}, { defer: true });
    expect(checkPlan(made, supergraph, parse(text))).toEqual([]);
    expect(graphOf(supergraph, made)).toEqual(['a 1', 'c 2', 'z 2', 'b 3', 'd 4', 'e 5']);
    expect(made.fetches.map(({ group, dependsOn }) => [group, ...dependsOn])).toEqual([[0], [1, 0], [0, 0], [0, 2], [1, 1, 3], [1, 4]]);
  });

  it('that a deferred part waits for do not sink', () => {
    const supergraph = compose({
      a: 'type Query { loom: Loom bolt: Bolt } type Loom @key(fields: "id") { id: ID! } type Bolt @key(fields: "id") { id: ID! }',
      b: `type Loom @key(fields: "id") { id: ID! code: Int }
        type Bolt @key(fields: "id") { id: ID! note: Int @external size: Int @requires(fields: "note") }`,
      c: 'type Bolt @key(fields: "id") { id: ID! note: Int } type Loom @key(fields: "id") { id: ID! depth: Int }',
      d: 'type Loom @key(fields: "id") { id: ID! depth: Int @external width: Int @requires(fields: "depth") }',
      e: `type Loom @key(fields: "id") {
        id: ID! code: Int @external width: Int @external speed: Int @requires(fields: "code width")
      }`,
    });
    const levelsOf = (text: string): string[] =>
      graphOf(supergraph, plan(supergraph, text, {}, { defer: true })).filter((one) => one.startsWith('b'));
    expect(levelsOf('{ bolt { size } loom { code speed } }')).toEqual(['b 3']);
    expect(levelsOf('{ bolt { size } loom { code ... @defer { speed } } }')).toEqual(['b 2', 'b 3']);
    expect(levelsOf('{ bolt { size } loom { code } }')).toEqual(['b 3']);
  });

  it('ask for equal selections in several places by one call', () => {
    const supergraph = compose({
      a: 'type Query { one: Loom two: Loom } type Loom @key(fields: "id") { id: ID! }',
      b: 'type Loom @key(fields: "id") { id: ID! speed: Int }',
    });
    const { calls } = last(plan(supergraph, '{ one { speed } two { speed } }'));
    expect(calls.map(({ alias, paths }) => [alias, paths.length])).toEqual([['_entities', 2]]);
  });

  it('with requirements that write one field with different arguments are one, by two calls', () => {
    const supergraph = compose({
      a: 'type Query { loom: Loom } type Loom @key(fields: "id") { id: ID! width(unit: String): Int }',
      b: `type Loom @key(fields: "id") {
        id: ID! width(unit: String): Int @external
        metric: Int @requires(fields: "width(unit: \\"CM\\")") metre: Int @requires(fields: "width(unit: \\"CM\\")")
        imperial: Int @requires(fields: "width(unit: \\"IN\\")")
      }`,
    });
    const made = plan(supergraph, '{ loom { metric metre imperial } }');
    expect(graphOf(supergraph, made)).toEqual(['a 1', 'b 2']);
    expect(last(made).calls.map(({ selection }) => selection)).toEqual([
      '{ ... on Loom { metric metre } }',
      '{ ... on Loom { imperial } }',
    ]);
  });

  it('hold nothing that nobody reads', () => {
    const made = plan(chain, '{ bolt { size } }');
    expect(made.fetches[0]?.document).toBe('{ bolt { _q0: id } }');
    expect(graphOf(chain, made)).toEqual(['a 1', 'c 2']);
  });
});

describe('names', () => {
  it('of one field with three types are three, nested three deep, for enums, and for a list beside a single value', () => {
    const keyed = (type: string, code: string, deep: string): string =>
      `type ${type} @key(fields: "code p { q { r } }") { code: ${code} p: P${type}! } type P${type} @shareable { q: Q${type}! } type Q${type} @shareable { r: ${deep} }`;
    const supergraph = compose({
      a: `type Query { all: [Any!]! } union Any = A | B | C enum E { X } enum F { Y }
        ${keyed('A', 'E!', 'Int')} ${keyed('B', 'F!', 'Int!')} ${keyed('C', 'ID!', '[Int!]')}`,
      b: `enum E { X } enum F { Y } ${[keyed('A', 'E!', 'Int'), keyed('B', 'F!', 'Int!'), keyed('C', 'ID!', '[Int!]')].join(' ').replaceAll('p: P', 'size: Int p: P')}`,
    });
    // `plan` validates each document in its graph: one name for two types would be refused
    const made = plan(supergraph, '{ all { ... on A { size } ... on B { size } ... on C { size } } }');
    const document = made.fetches[0]?.document ?? '';
    expect(graphOf(supergraph, made)).toEqual(['a 1', 'b 2']);
    expect(new Set(document.match(/_q\d+: code/g)).size).toBe(3);
    expect(document.match(/: r /g)).toHaveLength(3);
  });
});

describe('fragments', () => {
  const supergraph = compose({
    a: `type Query { all: [Cloth!]! } interface Cloth { id: ID! tone: Int }
      type Silk implements Cloth @key(fields: "id") { id: ID! tone: Int ply: Int }
      type Hemp implements Cloth @key(fields: "id") { id: ID! tone: Int }`,
    b: 'type Silk @key(fields: "id") { id: ID! note: Int } type Hemp @key(fields: "id") { id: ID! note: Int }',
  });

  it('are none where all types are asked alike, also by conditions on each', () => {
    const made = plan(supergraph, '{ all { ... on Silk { tone } ... on Hemp { tone } } }');
    expect(made.fetches[0]?.document).toBe('{ all { __typename tone } }');
  });

  it('stand only for what one type is asked beyond the others', () => {
    const made = plan(supergraph, '{ all { tone ... on Cloth { ... on Silk { ply } } } }');
    expect(made.fetches[0]?.document).toBe('{ all { __typename tone ... on Silk { ply } } }');
    expect(printPlan(made, supergraph)).toBe(printPlan(plan(supergraph, '{ all { tone ... on Silk { ply } } }'), supergraph));
  });

  const goods = compose({
    a: `type Query { goods: [Goods!]! } union Goods = Silk | Hemp | Tool interface Cloth { id: ID! tone: Int }
      type Silk implements Cloth @key(fields: "id") { id: ID! tone: Int } type Hemp implements Cloth @key(fields: "id") { id: ID! tone: Int }
      type Tool { tone: Int name: String grade: Int }`,
    b: `interface Noted { note: Int } type Silk implements Noted @key(fields: "id") { id: ID! note: Int }
      type Hemp implements Noted @key(fields: "id") { id: ID! note: Int }`,
  });

  it('stand on an interface where exactly its types are asked, also in entity calls', () => {
    const made = plan(goods, '{ goods { ... on Silk { tone note } ... on Hemp { tone note } ... on Tool { name } } }');
    expect(made.fetches.map(({ document }) => document)).toEqual([
      '{ goods { __typename ... on Cloth { tone _q0: id } ... on Tool { name } } }',
      'query($_r0: [_Any!]!) { _entities(representations: $_r0) { ... on Noted { note } } }',
    ]);
  });

  it('never let one name mean two fields', () => {
    const made = plan(goods, '{ goods { ... on Silk { x: tone } ... on Hemp { x: tone } ... on Tool { x: grade } } }');
    expect(made.fetches[0]?.document).toBe('{ goods { __typename ... on Cloth { x: tone } ... on Tool { _q0: grade } } }');
  });
});
