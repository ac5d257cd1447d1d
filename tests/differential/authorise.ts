/**
 * Random demands, random principals, random operations: the hub against the monolith with a filter on every field. What is denied must
 * be null with an error, must stand in no document and in no representation; what is allowed must be there, unless nothing lawful leads
 * to it, and then it says FORBIDDEN.
 */
import { GraphQLError, TypeInfo, execute, getVariableValues, visit, visitWithTypeInfo } from 'graphql';
import type { ExecutionResult, GraphQLFieldResolver, GraphQLSchema } from 'graphql';
import { compilePlan } from '../../engine/compile/index.ts';
import { conditionVariables, planOperation } from '../../engine/plan/index.ts';
import type { Plan } from '../../engine/plan/index.ts';
import { loadSupergraph } from '../../engine/supergraph/index.ts';
import type { FieldSet, Supergraph } from '../../engine/supergraph/index.ts';
import { executePlan } from '../../gateway/execute/index.ts';
import type { SubgraphRequest, SubgraphResponse } from '../../gateway/execute/index.ts';
import { createAccess } from '../../gateway/pipeline/access.ts';
import { createPolicyBook } from '../../gateway/pipeline/policies.ts';
import { realClock } from '../../lib/clock/clock.ts';
import { createPrincipal } from '../../lib/identity/index.ts';
import { silentLog } from '../../lib/log/log.ts';
import { compareData, startsWith, valueAt } from './compare-allowed.ts';
import type { ReceivedErrors } from './compare-allowed.ts';
import { composeCut } from './compose-cut.ts';
import type { ReadyCut } from './compose-cut.ts';
import { POLICIES, createDemands, createWho, mayRead } from './demands.ts';
import type { Demands, Who } from './demands.ts';
import { findDenied } from './find-denied.ts';
import type { IsDenied, Sent } from './find-denied.ts';
import { FABRICS, fieldOf } from './monolith.ts';
import { createOperation } from './operations.ts';
import type { Operation } from './operations.ts';
import { createRandom, hash } from './random.ts';
import { createHubRun, runGraph } from './run-graph.ts';
import type { GraphRequest } from './run-graph.ts';
import { createStore, fromJson, resolveTruth, toJson } from './truth.ts';
import type { Store, Thing } from './truth.ts';

type Guarded = {
  readonly ready: ReadyCut;
  readonly demands: Demands;
  readonly supergraph: Supergraph;
  readonly links: ReadonlySet<string>;
};

export type AuthTally = {
  cuts: number;
  cases: number;
  /** Cases in which something that the operation asks is denied. */
  denying: number;
  /** Cases in which no key and no requirement is denied: data must be equal. */
  exact: number;
  /** Documents and representations looked through. */
  requests: number;
  /** Allowed values that nothing lawful leads to. */
  lost: number;
  readonly findings: string[];
};

export type AuthOptions = {
  readonly from: number;
  /** Every how many seeds: several processes share them out. */
  readonly step?: number;
  readonly casesPerCut: number;
  readonly goOn: (tally: AuthTally) => boolean;
  /** What the hub is told to deny, of what it should: to see that forgetting is found. */
  readonly tell?: Tell;
};
type Tell = (denied: ReadonlySet<string>) => ReadonlySet<string>;
const everything: Tell = (denied) => denied;

/** Policies say what the principal's claims say. */
const policies = createPolicyBook(
  new Map(POLICIES.map((name) => [name, { claims: [name], decide: ({ claims }) => claims[name] === true }])),
  { clock: realClock, log: silentLog },
);
const access = createAccess(policies);

export const createAuthTally = (): AuthTally => ({ cuts: 0, cases: 0, denying: 0, exact: 0, requests: 0, lost: 0, findings: [] });

/** Adds what another process counted. */
export function addAuthTally(sum: AuthTally, other: AuthTally): void {
  for (const name of ['cuts', 'cases', 'denying', 'exact', 'requests', 'lost'] as const) sum[name] += other[name];
  sum.findings.push(...other.findings);
}

export async function runAuthorisation({ from, step = 1, casesPerCut, goOn, tell = everything }: AuthOptions): Promise<AuthTally> {
  const tally = createAuthTally();
  for (let seed = from; goOn(tally); seed += step) {
    const guarded = guardCut(seed);
    if (guarded === null) continue;
    tally.cuts += 1;
    for (let number = 1; number <= casesPerCut && goOn(tally); number += 1) await tryCase(guarded, number, { tally, tell });
  }
  return tally;
}

export function guardCut(seed: number): Guarded | null {
  const ready = composeCut(seed);
  if (!('cut' in ready)) return null;
  const { sdl, demands } = createDemands(ready.supergraphSdl, seed);
  const supergraph = loadSupergraph(sdl);
  return { ready, demands, supergraph, links: linksOf(supergraph) };
}

/** `Type.field` of everything that keys, requirements, provides and contexts name: on each type that may stand there. */
function linksOf(supergraph: Supergraph): ReadonlySet<string> {
  const found = new Set<string>();
  const add = (set: FieldSet): void => {
    for (const node of set) {
      if (node.kind === 'field') {
        const above = supergraph.types.get(node.parent);
        for (const type of supergraph.objects)
          if (type.name === node.parent || (above?.kind === 'interface' && type.interfaces.includes(node.parent)))
            found.add(`${type.name}.${node.name}`);
      }
      add(node.selections);
    }
  };
  for (const type of supergraph.types.values()) {
    if (type.kind !== 'object' && type.kind !== 'interface') continue;
    for (const row of type.in) for (const key of row?.keys ?? []) add(key.fields);
    for (const field of type.fields.values())
      for (const row of field.in)
        for (const set of [row?.requires, row?.provides, ...(row?.contextArguments ?? []).map(({ selection }) => selection)])
          add(set ?? []);
  }
  return found;
}

type Trying = { readonly tally: AuthTally; readonly tell: Tell };

async function tryCase(guarded: Guarded, number: number, { tally, tell }: Trying): Promise<void> {
  const { ready } = guarded;
  const operation = createOperation(ready.supergraph.publicSchema, hash('auth', ready.cut.seed, number));
  if (operation === null) return;
  tally.cases += 1;
  const who = createWho(createRandom(hash('who', ready.cut.seed, number)));
  const problem = await runCase(guarded, operation, who, { tally, tell }).catch((error: unknown) =>
    error instanceof Error ? (error.stack ?? '') : String(error),
  );
  if (problem === null) return;
  tally.findings.push(
    `npm run fuzz -- --auth --cut ${ready.cut.seed} --operation ${number}\n${operation.text.trim()}\nvariables ${JSON.stringify(operation.variables)}\nwho ${JSON.stringify(who)}\ndemands ${JSON.stringify([...guarded.demands])}\n${problem}`,
  );
}

/** One case again, as text. */
export async function replayCase(cut: number, number: number): Promise<string> {
  const tally = createAuthTally();
  const guarded = guardCut(cut);
  if (guarded === null) return 'The composer refuses this cut.';
  await tryCase(guarded, number, { tally, tell: everything });
  return tally.findings[0] ?? 'equal';
}

async function runCase(
  { ready, demands, supergraph, links }: Guarded,
  operation: Operation,
  who: Who,
  { tally, tell }: Trying,
): Promise<string | null> {
  const isDenied = (parent: string, name: string): boolean => {
    const spec = fieldOf(ready.cut.monolith, parent, name);
    return spec !== undefined && !mayRead(demands, who, ready.cut.monolith, { parent, name, type: spec.type });
  };
  const asked = coordinatesOf(supergraph.publicSchema, operation);
  const denied = await judge(supergraph, operation, asked, who);
  const values = variablesOf(supergraph, operation);
  const conditions = new Map(conditionVariables(operation.document, 'Q').map((name) => [name, values[name] === true]));
  const plan = planOperation({ supergraph, document: operation.document, operationName: 'Q', conditions, denied: tell(denied) });
  const requests: Sent[] = [];
  const actual = await runHub({ ready, supergraph, plan, values, requests });
  const expected = runFiltered(ready, operation, isDenied);
  tally.requests += requests.length;
  const leaks = requests.flatMap((sent) => findDenied(supergraph, sent, isDenied));
  if (leaks.length > 0) return `ASKED FOR WHAT IS DENIED\n${leaks.join('\n')}\n${requests.map(({ body }) => body.query).join('\n')}`;
  const forbidden = (expected.errors ?? []).filter(({ message }) => message.startsWith('denied'));
  if (forbidden.length > 0) tally.denying += 1;
  const isExact = ![...links].some((coordinate) => isDenied(...splitCoordinate(coordinate))) && !mayLoseTypes(ready, isDenied);
  if (isExact) tally.exact += 1;
  const lost: string[] = [];
  const received = fromJson(actual.data);
  const differences = compareData(expected.data ?? null, received, { path: [], errors: actual.errors, lost });
  for (const { path = [] } of forbidden)
    if (valueAt(received, path) === null && !actual.errors.some((error) => startsWith(path, error.path)))
      differences.push(`no error for ${path.join('.')}`);
  if (isExact) differences.push(...lost.map((path) => `lost without need: ${path}`));
  tally.lost += lost.length;
  if (differences.length === 0) return null;
  return `${differences.join('\n')}\nexpected ${toJson(expected.data)}\nreceived ${actual.data}\nerrors ${JSON.stringify(actual.errors)}`;
}

/** Objects of an interface object are of unknown type: where fields of some of their types are denied, the type is needed, and may be lost. */
function mayLoseTypes({ cut }: ReadyCut, isDenied: IsDenied): boolean {
  if (!cut.graphs.some((graph) => graph.types.get('Fabric')?.interfaceObject === true)) return false;
  return FABRICS.some((name) => cut.monolith.types.get(name)?.fields.some((field) => isDenied(name, field.name)) === true);
}

function splitCoordinate(coordinate: string): [string, string] {
  const [parent = '', name = ''] = coordinate.split('.');
  return [parent, name];
}

function coordinatesOf(schema: GraphQLSchema, { document }: Operation): string[] {
  const types = new TypeInfo(schema);
  const found: string[] = [];
  visit(
    document,
    visitWithTypeInfo(types, { Field: (node) => void found.push(`${types.getParentType()?.name ?? ''}.${node.name.value}`) }),
  );
  return found;
}

async function judge(
  supergraph: Supergraph,
  { document }: Operation,
  coordinates: readonly string[],
  who: Who,
): Promise<ReadonlySet<string>> {
  const [definition] = document.definitions;
  if (definition?.kind !== 'OperationDefinition') throw new Error('The operation comes first');
  const operation = {
    name: 'Q',
    definition,
    conditionVariables: [],
    pageVariables: [],
    introspects: false,
    defers: false,
    coordinates,
    planKeys: new Map<string, string>(),
  };
  const claims = Object.fromEntries(who.yes.map((name) => [name, true]));
  const principal = createPrincipal({ memberId: who.authenticated ? 'mem_1' : null, scopes: who.scopes, claims });
  // Who is not authenticated has no scopes in the hub; here the two are drawn apart
  const visitor = createPrincipal({ ...principal, roles: ['visitor'] });
  return (await access.judge({ supergraph, operation, principal: who.authenticated ? principal : visitor })).coordinates;
}

function variablesOf(supergraph: Supergraph, { document, variables }: Operation): Readonly<Record<string, unknown>> {
  const [definition] = document.definitions;
  const declared = definition?.kind === 'OperationDefinition' ? (definition.variableDefinitions ?? []) : [];
  const { coerced, errors } = getVariableValues(supergraph.publicSchema, declared, variables);
  if (coerced === undefined) throw new Error(errors.map(({ message }) => message).join('\n'));
  return coerced;
}

type Running = {
  readonly ready: ReadyCut;
  readonly supergraph: Supergraph;
  readonly plan: Plan;
  readonly values: Readonly<Record<string, unknown>>;
  readonly requests: Sent[];
};
type Answer = { readonly data: string; readonly errors: ReceivedErrors };

async function runHub({ ready, supergraph, plan, values, requests }: Running): Promise<Answer> {
  const run = createHubRun();
  const fetcher = async ({ graph, body }: Pick<SubgraphRequest, 'graph' | 'body'>): Promise<SubgraphResponse> => {
    const running = ready.graphs.get(graph.name);
    if (running === undefined) throw new Error(`No graph ${graph.name}`);
    const request = fromJson(body) as GraphRequest; // the executor's own text
    requests.push({ graph: graph.id, body: request });
    const result = runGraph(running, run, request);
    const fault = result.errors?.find(({ message }) => message.startsWith('POISON') || message.startsWith('INVALID'));
    if (fault !== undefined) throw new Error(fault.message);
    return { kind: 'response', status: 200, text: toJson(result) };
  };
  const compiled = compilePlan(plan, supergraph);
  const faults: unknown[] = [];
  const noting = (request: SubgraphRequest) =>
    fetcher(request).catch((error: unknown) => {
      faults.push(error);
      throw error;
    });
  const { data, errors = [] } = await executePlan({
    compiled,
    supergraph,
    variables: values,
    fetcher: noting,
    signal: AbortSignal.timeout(10_000),
  });
  if (faults.length > 0) throw faults[0];
  return { data, errors: errors.map(({ path = [], extensions }) => ({ code: extensions.code, path })) };
}

function runFiltered({ cut, monolith }: ReadyCut, { document, variables }: Operation, isDenied: IsDenied): ExecutionResult {
  const store = createStore();
  const fieldResolver: GraphQLFieldResolver<Thing | undefined, Store> = (source, args, context, { parentType, fieldName }) => {
    if (isDenied(parentType.name, fieldName)) throw new GraphQLError(`denied ${parentType.name}.${fieldName}`);
    return resolveTruth(cut.monolith, context, source ?? { t: parentType.name, n: 0 }, { field: fieldName, args });
  };
  const typeResolver = (thing: Thing): string => thing.t;
  const result = execute({ schema: monolith, document, variableValues: variables, contextValue: store, fieldResolver, typeResolver });
  if (result instanceof Promise) throw new Error('The monolith answers at once');
  return result;
}
