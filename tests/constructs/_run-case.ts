/** Plans and runs one case against subgraphs in memory. Exports `planCase` and `runCase`. */
import { getVariableValues, graphql, parse, validate } from 'graphql';
import type { GraphQLSchema } from 'graphql';
import { compilePlan } from '../../engine/compile/index.ts';
import { conditionVariables, planOperation } from '../../engine/plan/index.ts';
import type { Plan } from '../../engine/plan/index.ts';
import type { Supergraph } from '../../engine/supergraph/index.ts';
import { executePlan } from '../../gateway/execute/index.ts';
import { checkPlan } from '../_kit/plan-checker.ts';
import type { Case } from './_construct.ts';

export type Place = { readonly supergraph: Supergraph; readonly schemas: ReadonlyMap<string, GraphQLSchema> };

/** Throws EngineError when the operation is refused. */
export function planCase({ supergraph }: Place, one: Case): { readonly plan: Plan; readonly values: Readonly<Record<string, unknown>> } {
  const document = parse(one.query);
  const problems = validate(supergraph.publicSchema, document);
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('\n'));
  const [operation] = document.definitions;
  if (operation?.kind !== 'OperationDefinition') throw new Error('The operation comes first.');
  const { coerced } = getVariableValues(supergraph.publicSchema, operation.variableDefinitions ?? [], one.variables ?? {});
  if (coerced === undefined) throw new Error(`The variables of ${one.name} do not fit.`);
  const conditions = new Map(conditionVariables(document).map((name) => [name, coerced[name] === true]));
  const plan = planOperation({
    supergraph,
    document,
    conditions,
    denied: new Set(one.denied ?? []),
    activeLabels: new Set(one.labels ?? []),
  });
  const broken = checkPlan(plan, supergraph, document);
  if (broken.length > 0) throw new Error(broken.join('\n'));
  return { plan, values: coerced };
}

export type Ran = {
  readonly data: string;
  readonly errors: readonly { readonly path: readonly (string | number)[]; readonly code: string }[];
};

/** Every document must be valid in the real schema of the subgraph it is sent to. */
export async function runCase(place: Place, one: Case): Promise<Ran> {
  const { plan, values } = planCase(place, one);
  const { data, errors = [] } = await executePlan({
    compiled: compilePlan(plan, place.supergraph),
    supergraph: place.supergraph,
    variables: values,
    signal: AbortSignal.timeout(5_000),
    fetcher: async ({ graph, body }) => {
      const schema = place.schemas.get(graph.name);
      if (schema === undefined) throw new Error(`No subgraph ${graph.name}`);
      const { query, variables } = JSON.parse(body) as { query: string; variables?: Record<string, unknown> }; // the executor's own text
      const problems = validate(schema, parse(query));
      if (problems.length > 0) throw new Error(`Invalid for ${graph.name}: ${query}\n${problems.map(({ message }) => message).join('\n')}`);
      const answer = await graphql({ schema, source: query, ...(variables === undefined ? {} : { variableValues: variables }) });
      return { kind: 'response', status: 200, text: JSON.stringify(answer) };
    },
  });
  return { data, errors: errors.map(({ path = [], extensions }) => ({ path, code: extensions.code })) };
}
