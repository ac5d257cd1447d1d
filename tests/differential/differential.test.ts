import { MARKS } from './coverage.ts';
import { LOOKS } from './looks.ts';
import { describeFinding, medianOf, runCuts } from './run.ts';
import type { Tally } from './run.ts';

/** The first cuts are always the same; `npm run fuzz` goes on from other seeds. */
const FIRST_SEED = 1;
const OPERATIONS_PER_CUT = 60;
const CUTS = 14;
const LIMIT_MS = 600_000;

describe('a cut monolith', () => {
  let tally: Tally;

  beforeAll(async () => {
    tally = await runCuts({
      from: FIRST_SEED,
      operationsPerCut: OPERATIONS_PER_CUT,
      goOn: ({ cuts, findings }) => cuts < CUTS && findings.length < 5,
    });
  }, LIMIT_MS);

  it('answers through the hub as it does whole: data with key order, and error paths', () => {
    console.log(`${tally.cuts} cuts from seed ${FIRST_SEED}, ${tally.operations} operations`);
    expect(tally.findings.map(describeFinding)).toEqual([]);
  });

  it('was asked enough for that to mean something', () => {
    expect(tally.operations).toBeGreaterThan(500);
    expect(tally.invalid / (tally.operations + tally.invalid)).toBeLessThan(0.1);
  });

  it('meets the constructs of federation, in plans of several requests and answers with data', () => {
    // `npm run fuzz` asks enough for the rarest; here most of them are met.
    const unmet = (Object.keys(MARKS) as (keyof typeof MARKS)[]).filter((mark) => !tally.met.has(mark)); // its own keys
    expect(unmet.length).toBeLessThan(Object.keys(MARKS).length / 4);
    expect(medianOf(tally.fetches)).toBeGreaterThanOrEqual(3);
    expect(tally.withData / tally.operations).toBeGreaterThan(0.9);
    for (const { name } of LOOKS) expect(tally.looks.get(name)).toBeGreaterThan(20);
    expect(tally.saved).toBeGreaterThan(20);
  });

  it('is cut into graphs that the composer accepts, nearly always', () => {
    const refused = [...tally.refused.values()].reduce((sum, count) => sum + count, 0);
    expect(refused / tally.cuts).toBeLessThan(0.05);
  });
});
