import fc from 'fast-check';
import { toPlanKey } from '../../../gateway/pipeline/plan-operation.ts';
import { startShopGateway } from '../kit.ts';

const parts = fc.record({
  text: fc.string(),
  operationName: fc.option(fc.string()),
  conditions: fc.dictionary(fc.string(), fc.boolean(), { noNullPrototype: false }).map((value) => new Map(Object.entries(value))),
  denied: fc.array(fc.string()).map((value) => new Set(value)),
  schemaHash: fc.string(),
});
type Parts = typeof parts extends fc.Arbitrary<infer Value> ? Value : never;
const toComparable = ({ conditions, denied, ...rest }: Parts) => ({
  ...rest,
  conditions: [...conditions].toSorted(([a], [b]) => (a < b ? -1 : 1)),
  denied: [...denied].toSorted(),
});

describe('the key of a plan', () => {
  it('is equal only when every part is equal', () => {
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        const same = JSON.stringify(toComparable(a)) === JSON.stringify(toComparable(b));
        return (toPlanKey(a) === toPlanKey(b)) === same;
      }),
      { numRuns: 2_000 },
    );
  });

  it('does not let one part pass for another', () => {
    const base: Parts = { text: '{ a }', operationName: null, conditions: new Map(), denied: new Set(), schemaHash: 'h' };
    const keys = [
      base,
      { ...base, operationName: 'null' },
      { ...base, operationName: '' },
      { ...base, conditions: new Map([['a', true]]) },
      { ...base, conditions: new Map([['a', false]]) },
      { ...base, denied: new Set(['a']) },
      { ...base, denied: new Set(['a,b']) },
      { ...base, denied: new Set(['a', 'b']) },
      { ...base, denied: new Set(['a","b']) },
      { ...base, schemaHash: 'i' },
      { ...base, text: '{ a } ' },
    ].map(toPlanKey);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('takes every literal, alias, argument and condition into account: near-identical operations get their own answers', async () => {
    const gateway = await startShopGateway();
    const operations = Array.from({ length: 120 }, (_, index) => ({
      query: `query Q { ${index % 2 ? 'a' : 'b'}: echo(text: "${index}") }`,
      data: { [index % 2 ? 'a' : 'b']: String(index) },
    }));
    for (const round of [1, 2]) {
      for (const { query, data } of operations) expect([round, (await gateway.post({ query })).body.data]).toEqual([round, data]);
    }
    const conditional = 'query ($x: Boolean = false) { echo(text: "a") @include(if: $x) other: echo(text: "b") @skip(if: $x) }';
    for (const [variables, data] of [
      [{ x: true }, { echo: 'a' }],
      [{ x: false }, { other: 'b' }],
      [{}, { other: 'b' }],
      [{ x: true }, { echo: 'a' }],
    ] as const) {
      expect((await gateway.post({ query: conditional, variables })).body.data).toEqual(data);
    }
    await gateway.stop();
  }, 60_000);
});
