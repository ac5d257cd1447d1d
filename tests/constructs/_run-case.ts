/**
 * Plans and runs one case against subgraphs in memory: joined by splicing and as objects, and for a deferred one in both forms of
 * payloads. Exports `planCase` and `runCase`.
 */
import { getVariableValues, graphql, parse, specifiedRules, validate } from 'graphql';
import type { GraphQLSchema } from 'graphql';
import { demandsOf, deniedBy, meets } from '../../engine/access/index.ts';
import { compilePlan } from '../../engine/compile/index.ts';
import { conditionVariables, planOperation } from '../../engine/plan/index.ts';
import type { Plan } from '../../engine/plan/index.ts';
import type { Supergraph } from '../../engine/supergraph/index.ts';
import { executePlan } from '../../gateway/execute/index.ts';
import type { ExecuteRequest, JoinPath, ResponseError } from '../../gateway/execute/index.ts';
import { deferRules } from '../../gateway/pipeline/defer-rules.ts';
import { toFirstMembers, toLaterText } from '../../gateway/pipeline/payload-text.ts';
import type { PayloadForm } from '../../gateway/pipeline/payload-text.ts';
import { executeBothWays } from '../_kit/both-paths.ts';
import { mergeIncremental } from '../_kit/merge-incremental.ts';
import type { WirePayload } from '../_kit/merge-incremental.ts';
import { checkPlan } from '../_kit/plan-checker.ts';
import type { Case, CaseReader } from './_construct.ts';

export type Place = { readonly supergraph: Supergraph; readonly schemas: ReadonlyMap<string, GraphQLSchema> };

type Planned = { readonly plan: Plan; readonly values: Readonly<Record<string, unknown>> };

/** Throws EngineError when the operation is refused. Proved of the plan: PLANNER §2.11, and documents that the subgraphs take. */
export function planCase({ supergraph, schemas }: Place, one: Case): Planned {
  const document = parse(one.query);
  const problems = validate(supergraph.publicSchema, document, [...specifiedRules, ...deferRules]);
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
    denied: new Set([...(one.denied ?? []), ...(one.reader === undefined ? [] : deniedTo(supergraph, one.reader))]),
    activeLabels: new Set(one.labels ?? []),
    defer: one.first !== undefined,
  });
  const broken = [...checkPlan(plan, supergraph, document), ...refusedDocuments(plan, supergraph, schemas)];
  if (broken.length > 0) throw new Error(broken.join('\n'));
  return { plan, values: coerced };
}

function deniedTo(supergraph: Supergraph, { authenticated, scopes, policies }: CaseReader): ReadonlySet<string> {
  const demands = demandsOf(supergraph);
  const reader = { authenticated, scopes: new Set(scopes) };
  const unmet = demands.list.flatMap((access, index) => (meets(access, reader, (name) => policies.includes(name)) ? [] : [index]));
  return deniedBy(demands, new Set(unmet));
}

/** Every document must be valid in the real schema of the subgraph it is sent to. */
function refusedDocuments(plan: Plan, { graphs }: Supergraph, schemas: Place['schemas']): string[] {
  return plan.fetches.flatMap(({ graph, document }) => {
    const name = graphs[graph]?.name ?? '';
    const schema = schemas.get(name);
    const problems = schema === undefined ? [{ message: 'there is no such subgraph' }] : validate(schema, parse(document));
    return problems.map(({ message }) => `Invalid for ${name}: ${document}\n${message}`);
  });
}

export type Ran = {
  readonly data: string;
  readonly errors: readonly { readonly path: readonly (string | number)[]; readonly code: string }[];
  readonly path: JoinPath;
};

export async function runCase(place: Place, one: Case): Promise<Ran> {
  const planned = planCase(place, one);
  const { result, path } = await executeBothWays(requestOf(place, one, planned));
  return { data: result.data, errors: told(result.errors), path };
}

export type RanInPieces = { readonly first: string; readonly whole: unknown; readonly errors: Ran['errors'] };

/** In one form of payloads, put together as a client does. */
export async function runDeferred(place: Place, one: Case, form: PayloadForm): Promise<RanInPieces> {
  const { data, errors = [], later } = await executePlan(requestOf(place, one, planCase(place, one)));
  const members = later === undefined ? '' : `,${toFirstMembers(form, later.pending)}`;
  const texts = [`{"data":${data},"errors":${JSON.stringify(errors)}${members}}`];
  const all = [...errors];
  for await (const payload of later?.payloads ?? []) {
    const text = toLaterText(form, payload);
    if (text !== null) texts.push(text);
    all.push(...payload.pieces.flatMap((piece) => piece.errors), ...payload.completed.flatMap((done) => done.errors ?? []));
  }
  const { data: whole } = mergeIncremental(texts.map((text) => JSON.parse(text) as WirePayload)); // the hub's own
  return { first: data, whole, errors: told(all) };
}

function told(errors: readonly ResponseError[] = []): Ran['errors'] {
  return errors.map(({ path = [], extensions }) => ({ path, code: extensions.code }));
}

function requestOf({ supergraph, schemas }: Place, { down = [] }: Case, { plan, values }: Planned): ExecuteRequest {
  return {
    compiled: compilePlan(plan, supergraph),
    supergraph,
    variables: values,
    signal: AbortSignal.timeout(5_000),
    fetcher: async ({ graph, body }) => {
      if (down.includes(graph.name)) return { kind: 'response', status: 503, text: 'out of order' };
      const schema = schemas.get(graph.name);
      if (schema === undefined) throw new Error(`No subgraph ${graph.name}`);
      const { query, variables } = JSON.parse(body) as { query: string; variables?: Record<string, unknown> }; // the executor's own text
      const problems = validate(schema, parse(query));
      if (problems.length > 0) throw new Error(`Invalid for ${graph.name}: ${query}\n${problems.map(({ message }) => message).join('\n')}`);
      const answer = await graphql({ schema, source: query, ...(variables === undefined ? {} : { variableValues: variables }) });
      return { kind: 'response', status: 200, text: JSON.stringify(answer) };
    },
  };
}
