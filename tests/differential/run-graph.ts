/**
 * One graph of a cut as a subgraph in memory. Whatever a right plan cannot read answers poison: external fields that nothing provides,
 * overridden copies, requirements that were not sent, representations that match no resolvable key. It tells the coverage what it met.
 */
import { Kind, buildASTSchema, execute, parse, validate, visit } from 'graphql';
import type { DocumentNode, ExecutionResult, GraphQLFieldResolver, GraphQLSchema, TypeNode } from 'graphql';
import { marksOfEntry, marksOfRow } from './coverage.ts';
import type { Mark } from './coverage.ts';
import type { Cut } from './cut.ts';
import { fieldsOfKey } from './draft.ts';
import type { GraphCut, GraphField, Provided } from './draft.ts';
import { plainSdl } from './graph-sdl.ts';
import { FABRICS, INSTANCES, KEY_FIELDS, fieldOf, namedType } from './monolith.ts';
import { compute, createStore, isMasked, sorted, tell, truth } from './truth.ts';
import type { Store, Thing } from './truth.ts';

export type Known = Thing & {
  readonly representation?: Readonly<Record<string, unknown>>;
  readonly provided?: readonly Provided[];
  /** The kind of the type that the field which provides returns. */
  readonly providedBy?: string;
};

/** What one operation changes and meets, over all graphs. */
export type HubRun = {
  readonly store: Store;
  readonly met: Set<Mark>;
  readonly sizes: Map<string, string>;
  /** Override labels that are active. */
  readonly labels: ReadonlySet<string>;
  /** Coordinates that this run may not ask for. */
  readonly denied: ReadonlySet<string>;
  /** Said after each string: what the graph was told of who asks. */
  readonly voice?: string;
};

export const createHubRun = (
  labels: ReadonlySet<string> = new Set(),
  denied: ReadonlySet<string> = new Set(),
  breaks: number | null = null,
): HubRun => ({
  labels,
  denied,
  store: createStore(breaks),
  met: new Set(),
  sizes: new Map(),
});

const DIRECTIVES = `
  directive @key(fields: String!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE
  directive @shareable on FIELD_DEFINITION | OBJECT
  directive @external on FIELD_DEFINITION
  directive @requires(fields: String!) on FIELD_DEFINITION
  directive @provides(fields: String!) on FIELD_DEFINITION
  directive @override(from: String!, label: String) on FIELD_DEFINITION
  directive @interfaceObject on OBJECT
  directive @inaccessible on FIELD_DEFINITION | OBJECT | ENUM_VALUE | ARGUMENT_DEFINITION
  directive @cost(weight: Int!) on FIELD_DEFINITION
  directive @listSize(
    assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean = true
  ) on FIELD_DEFINITION
  directive @context(name: String!) repeatable on OBJECT | INTERFACE | UNION
  directive @fromContext(field: String!) on ARGUMENT_DEFINITION
  scalar _Any
`;

export type RunningGraph = {
  readonly cut: Cut;
  readonly graph: GraphCut;
  readonly schema: GraphQLSchema;
  readonly documents: Map<string, DocumentNode>;
};

/** `lies`: every field may be null, whatever the graph's schema says; what fails takes nothing else along. */
export function buildGraph(cut: Cut, graph: GraphCut, lies = false): RunningGraph {
  const entities = [...graph.types]
    .filter(([name, type]) => [...type.keys.values()].includes(true) && !(name === 'Fabric' && !type.interfaceObject))
    .map(([name]) => name);
  const entry = entities.length === 0 ? '_service: Int' : '_entities(representations: [_Any!]!): [_Entity]!';
  const union = entities.length === 0 ? '' : `union _Entity = ${entities.join(' | ')}`;
  const base = plainSdl(cut, graph);
  // buildASTSchema takes no extensions: the entry goes into the definition itself.
  const withEntry = graph.types.has('Query')
    ? base.replace('type Query {', `type Query {\n  ${entry}`)
    : `${base}\ntype Query { ${entry} }`;
  const document = parse(`${DIRECTIVES}${withEntry}\n${union}`);
  const schema = buildASTSchema(lies ? withoutNonNull(document) : document, { assumeValidSDL: true });
  return { cut, graph, schema, documents: new Map() };
}

function withoutNonNull(document: DocumentNode): DocumentNode {
  const nullable = (type: TypeNode): TypeNode => {
    if (type.kind === Kind.NON_NULL_TYPE) return nullable(type.type);
    return type.kind === Kind.LIST_TYPE ? { ...type, type: nullable(type.type) } : type;
  };
  return visit(document, { FieldDefinition: (node) => ({ ...node, type: nullable(node.type) }) });
}

export type GraphRequest = { readonly query: string; readonly variables?: Readonly<Record<string, unknown>> };

/** Throws when the document is not valid in this graph: that is the planner's fault, not an answer. */
export function runGraph(running: RunningGraph, run: HubRun, request: GraphRequest): ExecutionResult {
  const { cut, graph, schema } = running;
  const document = readDocument(running, request.query);
  const fieldResolver: GraphQLFieldResolver<Known | undefined, HubRun> = (source, args, context, info) => {
    if (info.fieldName === '_entities')
      return (args['representations'] as Record<string, unknown>[]).map((one) => enter(cut, graph, context, one)); // by its type
    return resolve(cut, graph, context, {
      parent: info.parentType.name,
      thing: source ?? { t: info.parentType.name, n: 0 },
      field: info.fieldName,
      args,
    });
  };
  const typeResolver = (thing: Known): string =>
    graph.types.get('Fabric')?.interfaceObject === true && FABRICS.includes(thing.t) ? 'Fabric' : thing.t;
  const result = execute({
    schema,
    document,
    contextValue: run,
    fieldResolver,
    typeResolver,
    ...(request.variables === undefined ? {} : { variableValues: request.variables }),
  });
  if (result instanceof Promise) throw new Error('Graphs answer at once');
  return result;
}

function readDocument({ graph, schema, documents }: RunningGraph, query: string): DocumentNode {
  const known = documents.get(query);
  if (known !== undefined) return known;
  const document = parse(query);
  const [invalid] = validate(schema, document);
  if (invalid !== undefined) throw new Error(`INVALID DOCUMENT for ${graph.name}: ${invalid.message}\n${query}`);
  documents.set(query, document);
  return document;
}

type Read = { readonly parent: string; readonly thing: Known; readonly field: string; readonly args: Readonly<Record<string, unknown>> };

function resolve(cut: Cut, graph: GraphCut, run: HubRun, { parent, thing, field, args: given }: Read): unknown {
  const row = graph.types.get(parent)?.fields.get(field);
  if (row === undefined) throw new Error(`POISON: ${graph.name} has no ${parent}.${field}`);
  // The loser of a key's field still tells keys apart by it; the plan checker sees to it that no client reads it there.
  const isActive = row.label !== null && run.labels.has(row.label);
  if (row.label !== null && isActive !== (row.overrides !== null))
    throw new Error(`POISON: ${parent}.${field} is on the other side of its label`);
  if (row.label !== null) run.met.add(isActive ? '@override with a label that is active' : '@override with a label that is not');
  if (row.role === 'overridden' && row.label === null && !KEY_FIELDS.includes(field))
    throw new Error(`POISON: ${parent}.${field} is overridden in ${graph.name}`);
  const provided = thing.provided?.find((one) => one.on === thing.t && one.field === field);
  if (row.role === 'external' && provided === undefined) throw new Error(`POISON: ${parent}.${field} is external in ${graph.name}`);
  if (run.denied.has(`${parent}.${field}`)) throw new Error(`POISON: ${parent}.${field} is denied`);
  for (const mark of marksOfRow(cut, graph, parent, field)) run.met.add(mark);
  const { secret, ...args } = given;
  if (secret !== undefined && secret !== 5) throw new Error('POISON: a hidden argument was sent');
  if (field === 'size') meetArguments(run, thing, args);
  if (row.requires !== null) return computeRow(row, thing, run);
  if (fieldOf(cut.monolith, parent, field)?.tells !== undefined) return tellFrom(thing, args);
  const said = truth(cut.monolith, run.store, thing, field, args);
  const value = typeof said === 'string' && row.type.startsWith('String') && !isKey(field) ? said + (run.voice ?? '') : said;
  if (field === 'alt' && value === null) run.met.add('a key that is null');
  if (typeof value === 'bigint') run.met.add('a number beyond 2^53');
  if (provided === undefined) return withProvided(value, row.provides, kindOf(cut, row.type));
  if (row.role === 'external') run.met.add('@provides');
  if (row.role === 'external' && thing.providedBy === 'union') run.met.add('@provides on a union');
  if (row.role === 'external' && thing.providedBy === 'interface') run.met.add('@provides on an interface');
  if (provided.below.length > 0) run.met.add('@provides nested');
  return withProvided(value, provided.below, 'entity');
}

const kindOf = (cut: Cut, type: string): string => cut.monolith.types.get(namedType(type))?.kind ?? '';

/** A tip that is not there at all, not even as null, was forgotten. */
function tellFrom(thing: Thing, { tip, ...args }: Readonly<Record<string, unknown>>): string {
  if (tip === undefined) throw new Error('POISON: the context was not sent');
  return tell(thing, tip, args);
}

const isKey = (field: string): boolean => field === 'alt' || KEY_FIELDS.includes(field);

function meetArguments(run: HubRun, { t, n }: Thing, args: Readonly<Record<string, unknown>>): void {
  const at = `${t}-${n}`;
  const text = JSON.stringify(args);
  if ((run.sizes.get(at) ?? text) !== text) run.sizes.set(`${at} twice`, '');
  run.sizes.set(at, text);
}

function computeRow(row: GraphField, thing: Known, run: HubRun): string {
  const { representation } = thing;
  if (representation === undefined) throw new Error('POISON: a requirement without a representation');
  const asks = row.requires?.some(({ field, args }) => field === 'size' && Object.keys(args).length > 0) === true;
  if (asks && run.sizes.has(`${thing.t}-${thing.n} twice`)) run.met.add('@requires with arguments other than the client’s');
  return compute(row.requires ?? [], representation);
}

function withProvided(value: unknown, provided: readonly Provided[], providedBy: string): unknown {
  if (provided.length === 0 || typeof value !== 'object' || value === null || value instanceof Error) return value;
  return Array.isArray(value) ? value.map((item) => withProvided(item, provided, providedBy)) : { ...value, provided, providedBy };
}

function enter(cut: Cut, graph: GraphCut, run: HubRun, representation: Readonly<Record<string, unknown>>): Known | null {
  const name = String(representation['__typename']);
  const type = graph.types.get(name);
  if (type === undefined) throw new Error(`POISON: ${graph.name} does not know ${name}`);
  const keys = [...type.keys].flatMap(([key, open]) => (open ? [key] : []));
  const key = keys.find((one) => fieldsOfKey(one).every((field) => representation[field] !== undefined));
  if (key === undefined) throw new Error(`POISON: ${graph.name} cannot be entered by ${JSON.stringify(representation)}`);
  const fields = fieldsOfKey(key);
  for (const mark of marksOfEntry(graph, name, key, representation)) run.met.add(mark);
  if (fields.every((field) => representation[field] === null)) throw new Error('POISON: a key that is null was sent');
  if (fields.some((field) => representation[field] === null)) return null;
  for (const t of name === 'Fabric' ? FABRICS : [name]) {
    for (let n = 0; n < INSTANCES; n += 1) {
      if (!fields.every((field) => matches(cut, { t, n }, field, representation[field]))) continue;
      if (isAbsent(cut, graph, { t, n })) {
        run.met.add('an entity that the graph does not know');
        return null;
      }
      return { t, n, representation };
    }
  }
  throw new Error(`POISON: no object for ${JSON.stringify(representation)}`);
}

/** A graph that gives what is masked by absence knows nothing of objects so masked. */
function isAbsent({ monolith }: Cut, graph: GraphCut, thing: Thing): boolean {
  const isAnnex = graph.types.get(thing.t)?.fields.get('extra')?.role === 'own';
  const masked = monolith.types.get(thing.t)?.fields.find(({ name }) => name === 'extra')?.masked;
  return isAnnex && masked === 'absent' && isMasked(monolith, thing, 'absent');
}

function matches(cut: Cut, thing: Thing, field: string, value: unknown): boolean {
  const own = truth(cut.monolith, createStore(), thing, field, {});
  return typeof own === 'object' ? JSON.stringify(sorted(strip(own))) === JSON.stringify(sorted(value)) : own === value;
}

/** Numbers of Ref as a representation holds them. */
function strip(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strip);
  if (typeof value !== 'object' || value === null || !('t' in value) || value.t !== 'Ref') return value;
  return { n: 'n' in value ? value.n : null };
}
