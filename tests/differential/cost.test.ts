/** The estimated cost is never below what the data did cost, over random operations on random graphs. */
import { getVariableValues } from 'graphql';
import { compileCost } from '../../engine/cost/index.ts';
import { composeCut } from './compose-cut.ts';
import { INSTANCES } from './monolith.ts';
import { operationOf } from './run.ts';
import { runMonolith } from './truth.ts';

const cuts = 12;
const operationsPerCut = 40;
/** Lists of the monolith hold no more. */
const options = { listSize: INSTANCES, pageArguments: [] };

describe('the estimated cost', () => {
  it('is never below the actual one, over some hundred operations', () => {
    const below: unknown[] = [];
    let counted = 0;
    for (let seed = 1; seed <= cuts; seed += 1) {
      const ready = composeCut(seed);
      if (!('cut' in ready)) continue;
      for (let number = 1; number <= operationsPerCut; number += 1) {
        const asked = operationOf(ready, number);
        const [operation] = asked?.document.definitions ?? [];
        if (asked === null || operation?.kind !== 'OperationDefinition') continue;
        const { publicSchema } = ready.supergraph;
        const { coerced } = getVariableValues(publicSchema, operation.variableDefinitions ?? [], asked.variables);
        if (coerced === undefined) continue;
        const cost = compileCost(ready.supergraph, { document: asked.document, operation }, options);
        const estimated = cost.estimate(coerced);
        const { data } = runMonolith(ready.cut.monolith, ready.monolith, asked.document, asked.variables).result;
        // As JSON, as the gateway counts it
        const actual = cost.count(JSON.parse(JSON.stringify(data ?? null)), coerced);
        if (actual > 0) counted += 1;
        if (estimated < actual) below.push({ seed, number, estimated, actual, text: asked.text });
      }
    }
    expect(below).toEqual([]);
    expect(counted).toBeGreaterThan(300);
  });
});
