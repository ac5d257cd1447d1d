import { execute, getVariableValues, parse, validate } from 'graphql';
import type { OperationDefinitionNode } from 'graphql';
import { compilePlan } from '../../engine/compile/index.ts';
import { conditionVariables, planOperation } from '../../engine/plan/index.ts';
import { loadSupergraph } from '../../engine/supergraph/index.ts';
import { executePlan } from '../../gateway/execute/index.ts';
import { checkPlan } from '../_kit/plan-checker.ts';
import { createForeign, foreignNames } from '../_kit/supergraphs/index.ts';

const cases = foreignNames.flatMap((name) => createForeign(name).cases.map((_, index): [string, number] => [name, index]));

describe('supergraphs of other trades', () => {
  it.each(cases)('%s: case %i is planned soundly and answered exactly', async (which, index) => {
    const name = foreignNames.find((one) => one === which) ?? 'library';
    const { supergraphSdl, schemas, cases: all } = createForeign(name);
    const one = all[index];
    if (one === undefined) throw new Error('no such case');
    const supergraph = loadSupergraph(supergraphSdl);
    const document = parse(one.query);
    expect(validate(supergraph.publicSchema, document)).toEqual([]);
    const operation = document.definitions[0] as OperationDefinitionNode; // each case is one operation
    const { coerced = {} } = getVariableValues(supergraph.publicSchema, operation.variableDefinitions ?? [], one.variables ?? {});
    const conditions = new Map(conditionVariables(document, null).map((variable) => [variable, coerced[variable] === true]));
    const plan = planOperation({ supergraph, document, operationName: null, conditions });
    expect(checkPlan(plan, supergraph, document)).toEqual([]);
    const result = await executePlan({
      compiled: compilePlan(plan, supergraph),
      supergraph,
      variables: coerced,
      signal: AbortSignal.timeout(5_000),
      fetcher: async ({ graph, body }) => {
        const schema = schemas[graph.name];
        const { query, variables = {} } = JSON.parse(body) as { query: string; variables?: Record<string, unknown> }; // the executor's own text
        if (schema === undefined) throw new Error(`no subgraph ${graph.name}`);
        expect(validate(schema, parse(query))).toEqual([]);
        return {
          kind: 'response',
          status: 200,
          text: JSON.stringify(await execute({ schema, document: parse(query), variableValues: variables })),
        };
      },
    });
    expect(result.errors).toBeUndefined();
    // Key order counts.
    expect(result.data).toBe(JSON.stringify(one.data));
  });
});
