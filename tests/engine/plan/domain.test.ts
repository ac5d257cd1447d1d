/**
 * Random operations over the hub's own graph: each is planned, and its plan proved sound. Nothing is run. More of them:
 * `OPERATIONS=1500 npm test -- tests/engine/plan/domain`
 */
import { readFileSync } from 'node:fs';
import { getNullableType, isEnumType, isInputObjectType, isListType, isNonNullType, type GraphQLInputType } from 'graphql';
import { conditionVariables, planOperation, type Plan } from '../../../engine/plan/index.ts';
import { loadSupergraph } from '../../../engine/supergraph/index.ts';
import { fromRoot } from '../../../lib/paths.ts';
import { checkPlan } from '../../_kit/plan-checker.ts';
import { createOperation, type ArgumentValues, type Operation } from '../../differential/operations.ts';
import type { Random } from '../../differential/random.ts';

const OPERATIONS = Number(process.env['OPERATIONS'] ?? 200);

const supergraph = loadSupergraph(readFileSync(fromRoot('schema', 'supergraph.graphql'), 'utf8'));

/** Planning looks at no variable but those of conditions, so values are never needed. */
const values: ArgumentValues = { value: () => null, literal: (arg, _field, random) => literalOf(arg.type, random) };

function literalOf(type: GraphQLInputType, random: Random): string {
  const named = getNullableType(type);
  if (isListType(named)) return `[${literalOf(named.ofType, random)}]`;
  if (isEnumType(named)) return random.pick(named.getValues()).name;
  if (isInputObjectType(named)) {
    const fields = Object.values(named.getFields());
    const given = named.isOneOf
      ? random.sample(fields, 1)
      : fields.filter(
          ({ type: fieldType, defaultValue }) => (isNonNullType(fieldType) && defaultValue === undefined) || random.chance(0.3),
        );
    return `{${given.map((field) => `${field.name}: ${literalOf(field.type, random)}`).join(', ')}}`;
  }
  switch (named.name) {
    case 'Int':
      return String(random.int(100));
    case 'Float':
      return String(random.int(100) / 4);
    case 'Boolean':
      return String(random.chance(0.5));
    default:
      return JSON.stringify(random.pick(['a', '', '"\\', '中文', '$b']));
  }
}

function planOf({ document, variables }: Operation): Plan {
  const conditions = new Map(conditionVariables(document, 'Q').map((name) => [name, variables[name] === true]));
  return planOperation({ supergraph, document, operationName: 'Q', conditions });
}

describe('a random operation over the graph of the hub', () => {
  const wrong: string[] = [];
  const asked = new Set<string>();
  let valid = 0;
  let fetches = 0;
  let most = 0;

  beforeAll(
    () => {
      for (let seed = 1; valid < OPERATIONS && seed < OPERATIONS * 2; seed += 1) {
        const operation = createOperation(supergraph.publicSchema, seed, { values });
        if (operation === null) continue;
        valid += 1;
        try {
          const plan = planOf(operation);
          wrong.push(...checkPlan(plan, supergraph, operation.document).map((text) => `seed ${seed}: ${text}\n${operation.text}`));
          fetches += plan.fetches.length;
          most = Math.max(most, ...plan.fetches.map(({ level }) => level));
          for (const { graph } of plan.fetches) asked.add(supergraph.graphs[graph]?.name ?? '');
        } catch (error) {
          wrong.push(`seed ${seed}: ${String(error)}\n${operation.text}`);
        }
      }
    },
    30_000 + 100 * OPERATIONS,
  );

  it('has a sound plan: every document valid in its subgraph, every key and requirement fetched before it is sent', () => {
    expect(wrong.slice(0, 3)).toEqual([]);
  });

  it('was tried often, over all subgraphs and several levels', () => {
    expect(valid).toBe(OPERATIONS);
    expect([...asked].toSorted()).toEqual(supergraph.graphs.map(({ name }) => name).toSorted());
    expect(fetches).toBeGreaterThan(OPERATIONS * 1.5);
    expect(most).toBeGreaterThan(2);
  });

  it('is planned the same a second time', () => {
    const operations = Array.from({ length: 30 }, (_, index) => createOperation(supergraph.publicSchema, index + 1, { values }));
    const plans = (): Plan[] => operations.flatMap((operation) => (operation === null ? [] : [planOf(operation)]));
    expect(plans()).toEqual(plans());
  });
});
