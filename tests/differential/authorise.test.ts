import { runAuthorisation } from './authorise.ts';
import type { AuthTally } from './authorise.ts';

/** The same cases every time; `npm run fuzz -- --auth` goes on from other seeds. */
const FIRST_SEED = 1;
const CASES_PER_CUT = 200;
const CASES = 1_500;
const LIMIT_MS = 100_000;

describe('a cut monolith with demands', () => {
  let tally: AuthTally;

  beforeAll(async () => {
    const endsAt = performance.now() + LIMIT_MS;
    tally = await runAuthorisation({
      from: FIRST_SEED,
      casesPerCut: CASES_PER_CUT,
      goOn: ({ cases, findings }) => cases < CASES && findings.length < 3 && performance.now() < endsAt,
    });
  }, LIMIT_MS * 3);

  it('gives nobody what a demand denies, asks no subgraph for it, and gives all that is allowed', () => {
    const { cuts, cases, denying, exact, requests, lost } = tally;
    console.log(
      `${cases} cases on ${cuts} cuts: ${denying} deny something, ${exact} compared exactly, ${requests} requests read, ${lost} values lost by denied keys`,
    );
    expect(tally.findings).toEqual([]);
  });

  it('was asked enough for that to mean something', () => {
    expect(tally.cases).toBeGreaterThan(1_000);
    expect(tally.denying / tally.cases).toBeGreaterThan(0.1);
    expect(tally.exact / tally.cases).toBeGreaterThan(0.2);
  });

  it(
    'is found out when the hub forgets one denied coordinate',
    async () => {
      const { findings } = await runAuthorisation({
        from: FIRST_SEED,
        casesPerCut: CASES_PER_CUT,
        goOn: ({ cases, findings: found }) => cases < 500 && found.length === 0,
        tell: (denied) => new Set([...denied].slice(1)),
      });
      expect(findings[0]).toMatch(/ASKED FOR WHAT IS DENIED|EXTRA VALUE/);
    },
    LIMIT_MS,
  );
});
