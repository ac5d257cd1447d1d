/**
 * One graph of a cut as a subgraph in memory. Whatever a right plan cannot read answers poison: external fields that nothing provides,
 * overridden copies, requirements that were not sent, representations that match no resolvable key.
 */
import { buildASTSchema, execute, parse, validate } from 'graphql';
import type { ExecutionResult, GraphQLFieldResolver, GraphQLSchema } from 'graphql';
import { fieldsOfKey, graphSdl } from './cut.ts';
import type { Cut, GraphCut, GraphField } from './cut.ts';
import { FABRICS, INSTANCES, compute, truth } from './monolith.ts';
import type { Store, Thing } from './monolith.ts';

type Known = Thing & { readonly representation?: Readonly<Record<string, unknown>>; readonly provided?: GraphField['provides'] };

const DIRECTIVES = `
  directive @link(url: String, import: [String]) on SCHEMA
  directive @key(fields: String!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE
  directive @shareable on FIELD_DEFINITION | OBJECT
  directive @external on FIELD_DEFINITION
  directive @requires(fields: String!) on FIELD_DEFINITION
  directive @provides(fields: String!) on FIELD_DEFINITION
  directive @override(from: String!) on FIELD_DEFINITION
  directive @interfaceObject on OBJECT
  directive @inaccessible on FIELD_DEFINITION
  scalar _Any
`;

export function buildGraph(cut: Cut, graph: GraphCut): GraphQLSchema {
  const entities = [...graph.types]
    .filter(([name, type]) => [...type.keys.values()].includes(true) && !(name === 'Fabric' && !type.interfaceObject))
    .map(([name]) => name);
  const query = graph.types.has('Query') ? 'extend type Query' : 'type Query';
  const entry = entities.length === 0 ? '_service: Int' : '_entities(representations: [_Any!]!): [_Entity]!';
  const union = entities.length === 0 ? '' : `union _Entity = ${entities.join(' | ')}`;
  const base = graphSdl(cut, graph).replace(/^extend schema.*$/m, '');
  const text = `${DIRECTIVES}${base}\n${union}\n${query} { ${entry} }`;
  return buildASTSchema(mergeQuery(text), { assumeValidSDL: true });
}

/** buildASTSchema takes no extensions: the entry goes into the definition itself. */
function mergeQuery(text: string): ReturnType<typeof parse> {
  const [, extra = ''] = /extend type Query \{ (.*) \}/.exec(text) ?? [];
  const merged = extra === '' ? text : text.replace(/extend type Query \{.*\}/, '').replace('type Query {', `type Query {\n  ${extra}`);
  return parse(merged);
}

export type GraphRequest = { readonly query: string; readonly variables?: Readonly<Record<string, unknown>> };

/** Throws when the document is not valid in this graph: that is the planner's fault, not an answer. */
export function runGraph(cut: Cut, graph: GraphCut, schema: GraphQLSchema, store: Store, request: GraphRequest): ExecutionResult {
  const document = parse(request.query);
  const [invalid] = validate(schema, document);
  if (invalid !== undefined) throw new Error(`INVALID DOCUMENT for ${graph.name}: ${invalid.message}\n${request.query}`);
  const fieldResolver: GraphQLFieldResolver<Known | undefined, Store> = (source, args, context, info) => {
    if (info.fieldName === '_entities') return (args['representations'] as Record<string, unknown>[]).map((one) => enter(cut, graph, one)); // by its type
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
    contextValue: store,
    fieldResolver,
    typeResolver,
    ...(request.variables === undefined ? {} : { variableValues: request.variables }),
  });
  if (result instanceof Promise) throw new Error('Graphs answer at once');
  return result;
}

type Read = { readonly parent: string; readonly thing: Known; readonly field: string; readonly args: Readonly<Record<string, unknown>> };

function resolve(cut: Cut, graph: GraphCut, store: Store, { parent, thing, field, args }: Read): unknown {
  const row = graph.types.get(parent)?.fields.get(field);
  if (row === undefined) throw new Error(`POISON: ${graph.name} has no ${parent}.${field}`);
  if (row.role === 'overridden') throw new Error(`POISON: ${parent}.${field} is overridden in ${graph.name}`);
  if (row.role === 'external' && thing.provided?.some((one) => one.on === thing.t && one.field === field) !== true)
    throw new Error(`POISON: ${parent}.${field} is external in ${graph.name}`);
  if (row.requires !== null) return compute(row.requires, thing.representation ?? {});
  return withProvided(truth(cut.monolith, store, thing, field, args), row.provides);
}

function withProvided(value: unknown, provided: GraphField['provides']): unknown {
  if (provided.length === 0 || typeof value !== 'object' || value === null) return value;
  return Array.isArray(value) ? value.map((item) => withProvided(item, provided)) : { ...value, provided };
}

function enter(cut: Cut, graph: GraphCut, representation: Readonly<Record<string, unknown>>): Known {
  const name = String(representation['__typename']);
  const type = graph.types.get(name);
  if (type === undefined) throw new Error(`POISON: ${graph.name} does not know ${name}`);
  const keys = [...type.keys].flatMap(([key, open]) => (open ? [fieldsOfKey(key)] : []));
  const key = keys.find((fields) => fields.every((field) => representation[field] !== undefined));
  if (key === undefined) throw new Error(`POISON: ${graph.name} cannot be entered by ${JSON.stringify(representation)}`);
  for (const t of name === 'Fabric' ? FABRICS : [name]) {
    for (let n = 0; n < INSTANCES; n += 1)
      if (key.every((field) => matches(cut, { t, n }, field, representation[field]))) return { t, n, representation };
  }
  throw new Error(`POISON: no object for ${JSON.stringify(representation)}`);
}

function matches(cut: Cut, thing: Thing, field: string, value: unknown): boolean {
  if (field === 'ref') return typeof value === 'object' && value !== null && 'n' in value && value.n === thing.n;
  return truth(cut.monolith, { counters: new Map() }, thing, field, {}) === value;
}
