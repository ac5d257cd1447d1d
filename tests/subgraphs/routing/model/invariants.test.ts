/** What holds for every input: the balance, the limits, the accounts of makers, the optimum, and that order does not matter. */
import fc from 'fast-check';
import type { RoutingInput, RoutingPlan } from '../../../../subgraphs/routing/model/types.ts';
import { anyInput, denseOptimum, solve } from './_kit.ts';

const RUNS = { numRuns: 25 };

const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);

function expectWhole(input: RoutingInput, plan: RoutingPlan): void {
  for (const line of input.lines) {
    const decision = plan.decisions.find(({ lineId }) => lineId === line.id);
    const given = plan.allocations.filter(({ lineId }) => lineId === line.id);
    const placed = sum(given.map(({ quantity }) => quantity));
    expect(given.every(({ quantity }) => Number.isInteger(quantity) && quantity > 0)).toBe(true);
    expect(new Set(given.map(({ gln }) => gln)).size).toBe(given.length);
    expect(decision?.placed).toBe(placed);
    expect(placed + (decision?.unserved?.pieces ?? 0)).toBe(line.quantity);
    const named = decision?.candidates.map(({ gln }) => gln) ?? [];
    expect(new Set(named).size).toBe(named.length);
    expect(named.length + sum(decision?.excluded.map(({ makers }) => makers) ?? [])).toBe(input.makers.length);
    for (const { terms, totalCost } of decision?.candidates ?? []) expect(sum(terms.map(({ amount }) => amount))).toBeCloseTo(totalCost, 9);
    // of demand, a line names its own price only
    for (const place of decision?.binding ?? []) expect([null, line.id]).toContain(plan.prices[place]?.lineId);
  }
}

function expectLimits(input: RoutingInput, plan: RoutingPlan): void {
  const slots = plan.allocations.flatMap((one) => one.slots.map((slot) => ({ ...slot, lineId: one.lineId })));
  for (const { id, freeMinutes, efficiencyBps } of input.buckets) {
    const own = slots.filter(({ bucketId }) => bucketId === id);
    const exact = sum(own.map(({ lineId, pieces }) => (pieces * minutesOf(input, lineId) * 10_000) / efficiencyBps));
    const minutes = sum(own.map((slot) => slot.minutes));
    expect(minutes).toBeLessThanOrEqual(freeMinutes);
    expect(minutes).toBeGreaterThanOrEqual(exact - 1e-5);
    expect(minutes).toBeLessThan(exact + 1);
  }
  const all = sum(input.lines.map(({ id, quantity }) => quantity * minutesOf(input, id)));
  for (const { gln } of input.makers) {
    const own = sum(plan.allocations.filter((one) => one.gln === gln).map(({ lineId, quantity }) => quantity * minutesOf(input, lineId)));
    expect(own).toBeLessThanOrEqual((all * input.policy.maxShareBps) / 10_000 + 1e-6);
  }
}

const minutesOf = (input: RoutingInput, lineId: string): number =>
  sum(input.lines.find(({ id }) => id === lineId)?.work.map(({ minutes }) => minutes) ?? []);

describe('a plan of any input', () => {
  it('is whole, keeps every limit and accounts for every maker', async () => {
    await fc.assert(
      fc.asyncProperty(anyInput, async (input) => {
        const plan = await solve(input);
        expectWhole(input, plan);
        expectLimits(input, plan);
      }),
      RUNS,
    );
  });

  it('has as its bound the optimum over all makers and days, which its prices add up to', async () => {
    await fc.assert(
      fc.asyncProperty(anyInput, async (input) => {
        const [plan, optimum] = [await solve(input), await denseOptimum(input)];
        expect(plan.status).not.toBe('TIME_LIMIT');
        expect(Math.abs(plan.bound - optimum)).toBeLessThan(1e-6 * Math.max(1, optimum));
        expect(plan.objective).toBeGreaterThanOrEqual(plan.bound);
        expect(plan.gap).toBeCloseTo(plan.objective === 0 ? 0 : 1 - plan.bound / plan.objective, 9);
      }),
      RUNS,
    );
  });

  it('is the same whatever the order of the input', async () => {
    const shuffled = anyInput.chain((input) =>
      fc.record({
        input: fc.constant(input),
        lines: fc.shuffledSubarray([...input.lines], { minLength: input.lines.length }),
        makers: fc.shuffledSubarray([...input.makers], { minLength: input.makers.length }),
        buckets: fc.shuffledSubarray([...input.buckets], { minLength: input.buckets.length }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(shuffled, async ({ input, ...order }) => {
        const [plan, again] = [await solve(input), await solve({ ...input, ...order })];
        expect({ ...again, solveMs: 0 }).toEqual({ ...plan, solveMs: 0 });
        expect((await solve({ ...input, ...order }, 'another seed')).bound).toBeCloseTo(plan.bound, 6);
      }),
      RUNS,
    );
  });

  it('publishes the worth of a minute: with one more the bound falls by its price', async () => {
    let tested = 0;
    await fc.assert(
      fc.asyncProperty(anyInput, async (input) => {
        const plan = await solve(input);
        const price = plan.prices.find(({ kind }) => kind === 'CAPACITY');
        if (price === undefined) return;
        tested += 1;
        const buckets = input.buckets.map((one) => (one.id === price.bucketId ? { ...one, freeMinutes: one.freeMinutes + 1 } : one));
        const more = await denseOptimum({ ...input, buckets });
        expect((await denseOptimum(input)) - more).toBeCloseTo(price.price, 5);
      }),
      RUNS,
    );
    expect(tested).toBeGreaterThan(3);
  });

  it('found when there was no time is whole as well, under a bound that holds', async () => {
    await fc.assert(
      fc.asyncProperty(anyInput, async (input) => {
        const [plan, optimum] = [await solve(input, 'seed', 0), await denseOptimum(input)];
        expectWhole(input, plan);
        expectLimits(input, plan);
        expect(plan.bound).toBeLessThanOrEqual(optimum + 1e-6 * Math.max(1, optimum));
        expect(plan.status).toBe(plan.objective - plan.bound <= 1e-6 * plan.objective ? 'OPTIMAL' : 'TIME_LIMIT');
      }),
      RUNS,
    );
  });
});
