/** The example queries of GraphiQL's tabs fit the graph, stay within the limits and can be planned. */
import { readFileSync } from 'node:fs';
import { getVariableValues, parse, specifiedRules, validate, type OperationDefinitionNode } from 'graphql';
import { readExamples } from '../../gateway/edge/graphiql/examples.ts';
import { defaultLimits } from '../../gateway/pipeline/limits.ts';
import { assertMeasures } from '../../gateway/pipeline/measure-document.ts';
import { conditionVariables, planOperation } from '../../engine/plan/index.ts';
import { loadSupergraph } from '../../engine/supergraph/index.ts';
import { fromRoot } from '../../lib/paths.ts';

const supergraph = loadSupergraph(readFileSync(fromRoot('schema', 'supergraph.graphql'), 'utf8'));
const examples = await readExamples();

describe('the example queries', () => {
  it('are there', () => {
    expect(examples.length).toBeGreaterThanOrEqual(4);
  });

  it.each(examples.map(({ query, variables }) => [query.split('\n')[0] ?? '', query, variables]))('%s', (_, query, variables) => {
    const document = parse(query ?? '');
    expect(validate(supergraph.publicSchema, document, specifiedRules)).toEqual([]);
    expect(() => assertMeasures(document, defaultLimits)).not.toThrow();
    // An example holds one operation
    const operation = document.definitions[0] as OperationDefinitionNode;
    // A file of ours
    const given = JSON.parse(variables ?? '{}') as Record<string, unknown>;
    expect(getVariableValues(supergraph.publicSchema, operation.variableDefinitions ?? [], given).errors).toBeUndefined();
    const operationName = operation.name?.value ?? null;
    expect(conditionVariables(document, operationName)).toEqual([]);
    expect(planOperation({ supergraph, document, operationName, conditions: new Map() }).fetches.length).toBeGreaterThan(0);
  });
});
