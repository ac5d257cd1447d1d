/** Deferred operations over cut monoliths, at every door: what comes in pieces is in the end what the rules make of the data. */
import { runDefer } from './defer-run.ts';
import type { DeferTally } from './defer-run.ts';

/** `npm run fuzz -- --defer` goes on from there. */
const CUTS = 6;
const OPERATIONS_PER_CUT = 10;

describe('a deferred operation over a cut monolith', () => {
  let tally: DeferTally;

  beforeAll(async () => {
    tally = await runDefer({
      from: 1,
      operationsPerCut: OPERATIONS_PER_CUT,
      goOn: ({ counts }) => counts.cuts < CUTS,
      mostFindings: 3,
    });
  }, 300_000);

  it('comes together as the same document for Apollo Client and by hand, in both forms and as events', () => {
    console.log(JSON.stringify(tally.counts));
    expect(tally.findings).toEqual([]);
  });

  it('was deferred, nested, failing and read often enough for that to mean something', () => {
    const { counts, doors } = tally;
    expect(counts.operations).toBeGreaterThan(45);
    expect(counts['in several payloads']).toBeGreaterThan(counts.operations / 2);
    expect(counts['fragments announced in lists']).toBeGreaterThan(20);
    expect(counts['fragments announced later than others']).toBeGreaterThan(10);
    expect(counts['fragments that cannot stand']).toBeGreaterThan(3);
    expect(counts['conditions by variable']).toBeGreaterThan(10);
    expect(counts.mutations).toBeGreaterThan(3);
    expect(Math.min(...Object.values(doors))).toBeGreaterThan(counts.operations / 2);
  });
});
