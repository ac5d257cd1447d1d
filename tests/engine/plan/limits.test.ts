/** What the planner refuses, and by which code; its steps are counted, never timed. */
import { parse } from 'graphql';
import { LIMITS, conditionVariables, planOperation } from '../../../engine/plan/index.ts';
import type { Limits } from '../../../engine/plan/index.ts';
import { isEngineError } from '../../../engine/supergraph/index.ts';
import { compose, plan } from '../../gateway/execute/in-memory-graphs.ts';

const supergraph = compose({
  a: 'type Query { loom(no: Int): Loom } type Loom @key(fields: "id") { id: ID! twin: Loom }',
  b: 'type Loom @key(fields: "id") { id: ID! speed: Int size: Int }',
});

const planWith = (text: string, limits: Partial<Limits>): unknown =>
  planOperation({ supergraph, document: parse(text), conditions: new Map(), limits: { ...LIMITS, ...limits } });

const isPlanned = (text: string, limits: Partial<Limits>): boolean => {
  try {
    planWith(text, limits);
    return true;
  } catch (error) {
    if (isEngineError(error) && error.code === 'PLAN_TOO_COMPLEX') return false;
    throw error;
  }
};

describe('budgets', () => {
  // Fields of different shapes: what is alike is planned once (twins.test.ts).
  const wide = `{ ${Array.from({ length: 40 }, (_, index) => `a${index}: loom(no: ${index}) { b${index}: twin { speed } }`).join(' ')} }`;

  /** The smallest limit with which the operation is planned. */
  const least = (text: string, what: keyof Limits): number => {
    let [low, high] = [0, LIMITS[what]];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isPlanned(text, { [what]: middle })) high = middle;
      else low = middle + 1;
    }
    return low;
  };

  it.each([
    ['positions', 81],
    ['fetches', 2],
    ['representationLeaves', 40],
    ['occurrences', 120],
    ['depth', 3],
  ] as const)('refuses with PLAN_TOO_COMPLEX when %s are one too many', (what, needed) => {
    expect(least(wide, what)).toBe(needed);
    expect(() => planWith(wide, { [what]: needed })).not.toThrow();
    expect(() => planWith(wide, { [what]: needed - 1 })).toThrow(expect.objectContaining({ code: 'PLAN_TOO_COMPLEX' }));
  });

  it('refuses with PLAN_TOO_COMPLEX when facts are one too many, and counts them in proportion to the operation', () => {
    const half = `{ ${Array.from({ length: 20 }, (_, index) => `a${index}: loom { twin { speed } b${index}: id }`).join(' ')} }`;
    const whole = `{ ${Array.from({ length: 40 }, (_, index) => `a${index}: loom { twin { speed } b${index}: id }`).join(' ')} }`;
    const needed = least(wide, 'facts');
    expect(() => planWith(wide, { facts: needed - 1 })).toThrow(expect.objectContaining({ code: 'PLAN_TOO_COMPLEX' }));
    expect(least(whole, 'facts')).toBeLessThanOrEqual(2 * least(half, 'facts'));
  });

  it('has the limits that its documentation names', () => {
    expect(LIMITS).toMatchObject({
      positions: 20_000,
      facts: 200_000,
      searchNodes: 20_000,
      fetches: 500,
      representationLeaves: 10_000,
      conditionVariables: 16,
    });
  });

  it('keeps the best plan so far when the steps of the search run out', () => {
    expect(() => planWith(wide, { searchNodes: 1 })).not.toThrow();
  });

  it('refuses more condition variables than its limit', () => {
    const planFor = (count: number): unknown =>
      planOperation({
        supergraph,
        document: parse('{ loom { id } }'),
        conditions: new Map(Array.from({ length: count }, (_, index) => [`v${index}`, true])),
      });
    expect(() => planFor(16)).not.toThrow();
    expect(() => planFor(17)).toThrow(expect.objectContaining({ code: 'PLAN_TOO_COMPLEX' }));
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
