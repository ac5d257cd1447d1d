/** Operations and supergraphs made to be expensive: planned within few steps or refused, counted and not timed. */
import { Kind, parse } from 'graphql';
import { LIMITS, planOperation } from '../../../engine/plan/index.ts';
import type { Limits } from '../../../engine/plan/index.ts';
import type { Supergraph } from '../../../engine/supergraph/index.ts';
import { compose } from '../../gateway/execute/in-memory-graphs.ts';

const times = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join(' ');

const planWithin = (supergraph: Supergraph, text: string, limits: Partial<Limits>): number =>
  planOperation({ supergraph, document: parse(text), conditions: new Map(), limits: { ...LIMITS, ...limits } }).fetches.length;

const looms = compose({
  a: 'type Query { loom: Loom } type Loom @key(fields: "id") { id: ID! twin: Loom }',
  b: 'type Loom @key(fields: "id") { id: ID! speed: Int }',
});

describe('what is made to be expensive', () => {
  it('2^30 spreads of fragments take a few hundred steps', () => {
    const bomb = `{ loom { ...F0 } } ${times(30, (i) => `fragment F${i} on Loom { ...F${i + 1} ...F${i + 1} }`)} fragment F30 on Loom { speed }`;
    expect(planWithin(looms, bomb, { occurrences: 100, positions: 10, facts: 100, searchNodes: 100 })).toBe(2);
  });

  it('2^30 fields in fragments that differ are refused by their number', () => {
    const bomb = `{ loom { ...F0 } } ${times(30, (i) => `fragment F${i} on Loom { a: twin { ...F${i + 1} } b: twin { ...F${i + 1} } }`)} fragment F30 on Loom { speed }`;
    expect(() => planWithin(looms, bomb, { occurrences: 20_000 })).toThrow(expect.objectContaining({ code: 'PLAN_TOO_COMPLEX' }));
  });

  it('requirements of which each needs the two before are planned once each, not 2^30 times', () => {
    const side = (own: string, other: string): string =>
      times(30, (i) => {
        const requires = i === 0 ? '' : ` @requires(fields: "${other}${i - 1} ${other}${other}${i - 1}")`;
        const external = i === 29 ? '' : `${other}${i}: Int @external ${other}${other}${i}: Int @external`;
        return `${own}${i}: Int${requires} ${own}${own}${i}: Int${requires} ${external}`;
      });
    const supergraph = compose({
      a: `type Query { loom: Loom } type Loom @key(fields: "id") { id: ID! ${side('x', 'y')} }`,
      b: `type Loom @key(fields: "id") { id: ID! ${side('y', 'x')} }`,
    });
    expect(planWithin(supergraph, '{ loom { x29 } }', { positions: 2, facts: 2_000, searchNodes: 1_000, representationLeaves: 200 })).toBe(
      31,
    );
  });

  it('a union of 500 types that each need a call of their own is one request, in steps that grow with the number of types', () => {
    const supergraph = compose({
      a: `type Query { all: [Any!]! } union Any = ${times(500, (i) => `| T${i}`)} ${times(500, (i) => `type T${i} @key(fields: "id") { id: ID! }`)}`,
      b: times(500, (i) => `type T${i} @key(fields: "id") { id: ID! own${i}: Int }`),
    });
    const text = (count: number): string => `{ all { __typename ${times(count, (i) => `... on T${i} { own${i} }`)} } }`;
    expect(planWithin(supergraph, text(500), { positions: 2, facts: 10_000, searchNodes: 20_000 })).toBe(2);
    expect(planWithin(supergraph, text(1), { positions: 2, facts: 2_500, searchNodes: 100 })).toBe(2);
  });

  it('40 KB of nesting, were it parsed, is refused at the depth that is allowed', () => {
    const document = parse('{ loom { id } }');
    const [operation] = document.definitions;
    if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('An operation was written.');
    let { selectionSet } = operation;
    for (let depth = 0; depth < 5_000; depth += 1) {
      const twin = {
        kind: Kind.FIELD as const,
        name: { kind: Kind.NAME as const, value: depth === 4_999 ? 'loom' : 'twin' },
        selectionSet,
      };
      selectionSet = { kind: Kind.SELECTION_SET, selections: [twin] };
    }
    const nested = { ...document, definitions: [{ ...operation, selectionSet }] };
    const plan = (): unknown =>
      planOperation({ supergraph: looms, document: nested, conditions: new Map(), limits: { ...LIMITS, positions: 201 } });
    expect(plan).toThrow(/nested deeper than 200/);
  });
});
