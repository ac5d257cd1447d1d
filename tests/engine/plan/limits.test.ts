/** What the planner refuses, and by which code; its steps are counted, never timed. */
import { parse } from 'graphql';
import { LIMITS, conditionVariables, planOperation } from '../../../engine/plan/index.ts';
import type { Limits } from '../../../engine/plan/index.ts';
import { compose, plan } from '../../gateway/execute/in-memory-graphs.ts';

const supergraph = compose({
  a: 'type Query { loom: Loom } type Loom @key(fields: "id") { id: ID! twin: Loom }',
  b: 'type Loom @key(fields: "id") { id: ID! speed: Int size: Int }',
});

const planWith = (text: string, limits: Partial<Limits>): unknown =>
  planOperation({ supergraph, document: parse(text), conditions: new Map(), limits: { ...LIMITS, ...limits } });

describe('budgets', () => {
  const wide = `{ ${Array.from({ length: 40 }, (_, index) => `a${index}: loom { twin { speed } }`).join(' ')} }`;

  it.each([
    ['positions', 2],
    ['facts', 3],
    ['fetches', 1],
    ['representationLeaves', 0],
    ['occurrences', 20],
    ['depth', 2],
  ] as const)('refuses with PLAN_TOO_COMPLEX when %s run out', (what, limit) => {
    expect(() => planWith(wide, { [what]: limit })).toThrow(expect.objectContaining({ code: 'PLAN_TOO_COMPLEX' }));
  });

  it('keeps the best plan so far when the steps of the search run out', () => {
    expect(() => planWith(wide, { searchNodes: 1 })).not.toThrow();
  });

  it('refuses more condition variables than its limit', () => {
    const conditions = new Map(Array.from({ length: 17 }, (_, index) => [`v${index}`, true]));
    expect(() => planOperation({ supergraph, document: parse('{ loom { id } }'), conditions })).toThrow(
      expect.objectContaining({ code: 'PLAN_TOO_COMPLEX' }),
    );
  });

  it('walks a fragment once however often it is spread', () => {
    const bomb = Array.from(
      { length: 60 },
      (_, index) => `fragment F${index} on Loom { ${index === 59 ? 'speed' : `...F${index + 1} ...F${index + 1}`} }`,
    ).join(' ');
    expect(plan(supergraph, `{ loom { ...F0 } } ${bomb}`).fetches).toHaveLength(2);
  });

  it('refuses a bomb of nested fields by its number of positions', () => {
    const bomb = Array.from(
      { length: 18 },
      (_, index) =>
        `fragment F${index} on Loom { ${index === 17 ? 'speed' : `a: twin { ...F${index + 1} } b: twin { ...F${index + 1} size }`} }`,
    ).join(' ');
    // One field under two names is one position with two faces: what doubles is the faces, and they are counted.
    expect(() => planOperation({ supergraph, document: parse(`{ loom { ...F0 } } ${bomb}`), conditions: new Map() })).toThrow(
      expect.objectContaining({ code: 'PLAN_TOO_COMPLEX' }),
    );
  });
});

describe('inputs', () => {
  it('names the variables that decide conditions, also in fragments, each once', () => {
    const text =
      'query ($a: Boolean!, $b: Boolean!, $n: Int) { loom @skip(if: $b) { ...F } ...G @include(if: true) } fragment F on Loom { id @include(if: $a) twin { id @skip(if: $b) } } fragment G on Query { loom { ...F } }';
    expect(conditionVariables(parse(text))).toEqual(['a', 'b']);
  });

  it('refuses to plan without the value of a condition, or without knowing which operation is meant', () => {
    const refuse = (text: string, operationName: string | null = null): unknown =>
      planOperation({ supergraph, document: parse(text), operationName, conditions: new Map() });
    expect(() => refuse('query ($a: Boolean!) { loom @skip(if: $a) { id } }')).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }));
    expect(() => refuse('query A { loom { id } } query B { loom { id } }')).toThrow(
      expect.objectContaining({ code: 'OPERATION_NOT_FOUND' }),
    );
    expect(() => refuse('query A { loom { id } }', 'C')).toThrow(expect.objectContaining({ code: 'OPERATION_NOT_FOUND' }));
    expect(() => refuse('mutation { x }')).toThrow(expect.objectContaining({ code: 'OPERATION_NOT_FOUND' }));
    expect(refuse('query A { loom { id } } query B { loom { twin { id } } }', 'B')).toMatchObject({ operationName: 'B' });
  });

  it('freezes its plans', () => {
    const made = plan(supergraph, '{ loom { speed } }');
    expect(Object.isFrozen(made.fetches[1]?.calls[0]?.paths)).toBe(true);
    expect(() => Object.assign(made.positions[0] ?? {}, { id: 9 })).toThrow(TypeError);
  });
});
