import fc from 'fast-check';
import { toPlanKey } from '../../../gateway/pipeline/plan-operation.ts';
import { startShopGateway } from '../kit.ts';

const parts = fc.record({
  text: fc.string(),
  operationName: fc.option(fc.string()),
  conditions: fc.dictionary(fc.string(), fc.boolean(), { noNullPrototype: false }).map((value) => new Map(Object.entries(value))),
  denied: fc.string(),
  defer: fc.boolean(),
  schemaHash: fc.string(),
  labels: fc.option(fc.array(fc.tuple(fc.string(), fc.boolean()))),
});
type Parts = typeof parts extends fc.Arbitrary<infer Value> ? Value : never;
const toComparable = ({ conditions, ...rest }: Parts) => ({
  ...rest,
  conditions: [...conditions].toSorted(([a], [b]) => (a < b ? -1 : 1)),
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
    const base: Parts = {
      text: '{ a }',
      operationName: null,
      conditions: new Map(),
      denied: '',
      defer: false,
      schemaHash: 'h',
      labels: [],
    };
    const keys = [
      base,
      { ...base, operationName: 'null' },
      { ...base, operationName: '' },
      { ...base, conditions: new Map([['a', true]]) },
      { ...base, conditions: new Map([['a', false]]) },
      { ...base, denied: '0' },
      { ...base, denied: '0 1' },
      { ...base, denied: '0","1' },
      { ...base, defer: true },
      { ...base, schemaHash: 'i' },
      { ...base, text: '{ a } ' },
      { ...base, labels: null },
      { ...base, labels: [['a', true]] as [string, boolean][] },
      { ...base, labels: [['a', false]] as [string, boolean][] },
      { ...base, labels: [['a","b', true]] as [string, boolean][] },
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

  it('keeps at most 64 plans of one operation, however many values its conditions take', async () => {
    const gateway = await startShopGateway();
    const names = Array.from({ length: 7 }, (_, index) => `c${index}`);
    const declared = names.map((name) => `$${name}: Boolean!`).join(' ');
    const query = `query Q(${declared}) { __typename ${names.map((name) => `${name}: echo @include(if: $${name})`).join(' ')} }`;
    const misses = async (): Promise<number> => {
      const text = await (await fetch(`${gateway.url}/metrics`)).text();
      return Number(/^ir_plans_total\{result="miss"\} (\d+)$/m.exec(text)?.[1] ?? 0);
    };
    const ask = async (variants: readonly number[]): Promise<number> => {
      const before = await misses();
      for (const variant of variants) {
        const variables = Object.fromEntries(names.map((name, index) => [name, ((variant >> index) & 1) === 1]));
        expect((await gateway.post({ query, variables })).status).toBe(200);
      }
      return (await misses()) - before;
    };
    const all = Array.from({ length: 128 }, (_, variant) => variant);
    await gateway.post({ query: '{ echo }' });
    expect(await ask(all)).toBe(128);
    expect(await ask(all.slice(64))).toBe(0);
    expect(await ask(all.slice(0, 1))).toBe(1);
    const before = await misses();
    await gateway.post({ query: '{ echo }' });
    expect(await misses()).toBe(before);
    await gateway.stop();
  }, 60_000);
});
