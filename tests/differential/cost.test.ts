/** The estimated cost is never below what the data did cost, over random operations on random graphs. */
import { composeCut } from './compose-cut.ts';
import { costOf } from './looks.ts';
import { operationOf } from './run.ts';

const cuts = 12;
const operationsPerCut = 40;

describe('the estimated cost', () => {
  it('is never below the actual one, over some hundred operations', () => {
    const below: unknown[] = [];
    let counted = 0;
    for (let seed = 1; seed <= cuts; seed += 1) {
      const ready = composeCut(seed);
      if (!('cut' in ready)) continue;
      for (let number = 1; number <= operationsPerCut; number += 1) {
        const asked = operationOf(ready, number);
        if (asked === null) continue;
        const { estimated, actual } = costOf(ready, asked);
        if (actual > 0) counted += 1;
        if (estimated < actual) below.push({ seed, number, estimated, actual, text: asked.text });
      }
    }
    expect(below).toEqual([]);
    expect(counted).toBeGreaterThan(300);
  });
});
