/**
 * Which constructs an operation met. A mark counts once per operation, and only if a subgraph really resolved such a field, was
 * entered by such a representation, or the client's answer shows such a value: declared in the SDL is not enough.
 */
import { Kind, visit } from 'graphql';
import type { DocumentNode } from 'graphql';
import type { Plan } from '../../engine/plan/index.ts';
import type { Cut } from './cut.ts';
import { fieldsOfKey } from './draft.ts';
import type { GraphCut, GraphField } from './draft.ts';
import { gradesOf } from './graph-sdl.ts';
import { FABRICS, KEY_FIELDS, concreteTypes, fieldOf, namedType } from './monolith.ts';
import type { FieldSpec, Input } from './monolith.ts';

/** Every construct of FEDERATION.md “Must be right”, and what must be met to count. */
export const MARKS = {
  'a key of several fields': 'a representation holds two or more key fields',
  'a nested key': 'a representation holds a key with an object or a list of objects',
  'several keys of a type': 'the type entered has two keys or more in that graph',
  'resolvable: false': 'a field was answered by a graph whose type has a key that cannot be entered by',
  'a key that is null': 'a key field was answered with null',
  'a null in a key': 'a representation holds a key with a null in it',
  'an object scalar in a key': 'a representation holds a custom scalar that is an object as key',
  'an entity that the graph does not know': 'a representation was answered with null',
  '@requires nested': 'a field was computed from a requirement with an object',
  '@requires with arguments': 'a field was computed from a requirement with arguments',
  '@requires with arguments other than the client’s': 'and the same object’s field was answered with other arguments too',
  '@requires with fragments on an interface': 'a field was computed from a requirement with a fragment below an interface',
  '@requires with fragments on a union': 'the same below a union',
  '@requires at an @interfaceObject': 'an interface object computed a field from values of the real types',
  '@requires circular between graphs': 'a requirement’s value was itself computed, by another graph, from a value of the first one',
  '@requires of an object scalar': 'a field was computed from a custom scalar',
  '@requires of something hidden': 'a field was computed from something @inaccessible',
  '@provides': 'an external field was answered on the path that provides it',
  '@provides nested': 'the same below another provided field',
  '@provides on an interface': 'an external field was provided by a field of an interface type',
  '@provides on a union': 'the same by a field of a union type',
  'a shareable value type': 'a field of a value type that several graphs have was answered',
  'a value type in parts': 'one object without a key was read from two graphs',
  'a root field in several graphs': 'such a root field was answered',
  '@override': 'the winner answered',
  '@override of a key’s field': 'the winner answered a field that is a key somewhere',
  '@override with @requires': 'the winner computed the field from a requirement',
  '@override with a label that is active': 'the winner answered',
  '@override with a label that is not': 'the loser answered',
  '@override from a graph that is gone': 'the winner answered',
  '@interfaceObject': 'a field was answered by an interface object',
  'an implementer extended where its interface is unknown': 'such a graph was entered by it',
  '@interfaceObject, a type extended elsewhere': 'both in one operation',
  '@interfaceObject with resolvable: false': 'a field was answered by an interface object that cannot be entered',
  'something @inaccessible': 'a hidden field, argument, type or enum value was read for a requirement or shown as null',
  'an entity interface': 'a representation named an interface, or a graph with a keyed interface answered a field of an implementer',
  'a union whose members differ': 'a field was answered by a graph that lacks a member of the union',
  'an interface whose types differ': 'a field was answered by a graph that lacks an implementer of the interface',
  'an enum that a graph knows in part': 'a field was answered by a graph that lacks a value of its enum',
  'a hidden enum value': 'the client got null and an error for it',
  'an input type that differs': 'a field with that argument was answered by a graph that has more in it, or beside such a graph',
  'a type that differs in nullability': 'a field was answered by a graph that says non-null where another does not',
  'a covariant field below an interface': 'a field was answered whose type is narrower than the interface’s',
  '__typename alone': 'a selection set of the operation holds nothing else',
  '__typename under an alias': 'the operation asks so',
  'node(id:)': 'the root field of an interface was answered',
  'parent → entity → parent': 'a request to a graph was fed by another that was fed by the first graph',
  'a mutation that returns an entity': 'its fields were answered, by another graph too',
  'a query below a mutation’s payload': 'a root field of the query was answered there',
  '@skip or @include by a variable': 'the operation has it',
  'a graph of Federation 1': 'it answered a field',
  '@context and @fromContext': 'a field was answered by a value of an object above, which came with an entity call',
  'a child type that differs': 'an abstract field was shared by graphs of which one says a member',
  'a number beyond 2^53': 'a custom scalar was answered with more digits than a number of JavaScript has',
  '@defer': 'the answer came in several payloads, and together they were the whole',
  'a request shared in flight': 'several asked at once, and a subgraph was asked less often than alone',
  'a list of lists': 'a list in a list was answered',
  'an error with a path': 'the answer has one',
} as const;

export type Mark = keyof typeof MARKS;

const rowMarks = new WeakMap<GraphField, readonly Mark[]>();

/** What answering this field in this graph exercises. */
export function marksOfRow(cut: Cut, graph: GraphCut, type: string, name: string): readonly Mark[] {
  const row = graph.types.get(type)?.fields.get(name);
  const spec = fieldOf(cut.monolith, type, name);
  if (row === undefined || spec === undefined) return [];
  const known = rowMarks.get(row);
  if (known !== undefined) return known;
  const at: At = { cut, graph, type, name, row, spec };
  const marks = [...ofRequires(at), ...ofSharing(at), ...ofOverride(at), ...ofTypes(at)];
  rowMarks.set(row, marks);
  return marks;
}

type At = {
  readonly cut: Cut;
  readonly graph: GraphCut;
  readonly type: string;
  readonly name: string;
  readonly row: GraphField;
  readonly spec: FieldSpec;
};

function ofRequires({ cut, graph, type, row }: At): Mark[] {
  if (row.requires === null) return [];
  const marks: Mark[] = [];
  const walk = (parent: string, inputs: readonly Input[]): void => {
    for (const { on, field, args, below } of inputs) {
      const spec = fieldOf(cut.monolith, on ?? parent, field);
      const returned = cut.monolith.types.get(namedType(spec?.type ?? ''));
      if (Object.keys(args).length > 0) marks.push('@requires with arguments');
      if (spec?.type === 'Blob') marks.push('@requires of an object scalar');
      if (spec?.hidden === true) marks.push('@requires of something hidden', 'something @inaccessible');
      if (below.length > 0) marks.push('@requires nested');
      if (below.some((one) => one.on !== undefined))
        marks.push(returned?.kind === 'union' ? '@requires with fragments on a union' : '@requires with fragments on an interface');
      if (isZigzag(cut, graph, type, field)) marks.push('@requires circular between graphs');
      walk(namedType(spec?.type ?? ''), below);
    }
  };
  walk(type, row.requires);
  if (graph.types.get(type)?.interfaceObject === true) marks.push('@requires at an @interfaceObject');
  return marks;
}

/** The input is computed by another graph, from something that this one gives. */
function isZigzag(cut: Cut, graph: GraphCut, type: string, input: string): boolean {
  return cut.graphs.some((other) => {
    const requires = other === graph ? null : (other.types.get(type)?.fields.get(input)?.requires ?? null);
    return requires?.some(({ field }) => graph.types.get(type)?.fields.get(field)?.role === 'own') === true;
  });
}

function rowsOf(cut: Cut, type: string, name: string): GraphField[] {
  return cut.graphs.flatMap((graph) => graph.types.get(type)?.fields.get(name) ?? []);
}

function ofSharing({ cut, graph, type, name }: At): Mark[] {
  const owners = rowsOf(cut, type, name).filter(({ role }) => role === 'own').length;
  const marks: Mark[] = [];
  if (owners > 1 && cut.monolith.types.get(type)?.kind === 'value') marks.push('a shareable value type');
  if (owners > 1 && type === 'Query') marks.push('a root field in several graphs');
  if ([...(graph.types.get(type)?.keys.values() ?? [])].includes(false)) marks.push('resolvable: false');
  return marks;
}

function ofOverride({ name, row }: At): Mark[] {
  if (row.overrides === null || row.label !== null) return [];
  if (row.overrides === 'gone') return ['@override from a graph that is gone'];
  if (KEY_FIELDS.includes(name)) return ['@override of a key’s field'];
  return row.requires === null ? ['@override'] : ['@override with @requires'];
}

function ofTypes({ cut, graph, type, name, row, spec }: At): Mark[] {
  const marks: Mark[] = [];
  const named = namedType(spec.type);
  const parent = graph.types.get(type);
  if (parent?.interfaceObject === true)
    marks.push(
      '@interfaceObject',
      ...([...parent.keys.values()].includes(true) ? [] : (['@interfaceObject with resolvable: false'] as const)),
    );
  if ((graph.types.get('Fabric')?.keys.size ?? 0) > 0 && parent?.interfaces.has('Fabric') === true) marks.push('an entity interface');
  const lacks = concreteTypes(cut.monolith, named).some((member) => graph.types.get(named)?.members.has(member) !== true);
  if (named === 'Goods' && lacks) marks.push('a union whose members differ');
  if (named === 'Named' && lacks) marks.push('an interface whose types differ');
  if (named === 'Grade' && gradesOf(cut, graph).length < 4) marks.push('an enum that a graph knows in part');
  if (spec.args.includes('Deep') && cut.graphs.some(({ hasExtras }) => hasExtras)) marks.push('an input type that differs');
  if (rowsOf(cut, type, name).some((other) => other.type !== row.type && namedType(other.type) === namedType(row.type)))
    marks.push('a type that differs in nullability');
  if (rowsOf(cut, type, name).some((other) => namedType(other.type) !== namedType(row.type))) marks.push('a child type that differs');
  if (spec.tells !== undefined) marks.push('@context and @fromContext');
  if (name === 'kin' && graph.types.get('Named')?.fields.has('kin') === true) marks.push('a covariant field below an interface');
  if (name === 'size' && graph.hasExtras) marks.push('something @inaccessible');
  if (type === 'Query' && name === 'node') marks.push('node(id:)');
  if (graph.isOld) marks.push('a graph of Federation 1');
  if (spec.type.startsWith('[[')) marks.push('a list of lists');
  return marks;
}

/** What entering a graph by this representation exercises. */
export function marksOfEntry(graph: GraphCut, name: string, key: string, representation: Readonly<Record<string, unknown>>): Mark[] {
  const marks: Mark[] = [];
  const keys = graph.types.get(name)?.keys.size ?? 0;
  if (FABRICS.includes(name) && !graph.types.has('Fabric')) marks.push('an implementer extended where its interface is unknown');
  const fields = fieldsOfKey(key);
  if (fields.length > 1) marks.push('a key of several fields');
  if (key.includes('{')) marks.push('a nested key');
  if (keys > 1) marks.push('several keys of a type');
  if (fields.includes('mark')) marks.push('an object scalar in a key');
  if (fields.some((field) => JSON.stringify(representation[field] ?? null).includes('null') && field !== 'mark'))
    marks.push('a null in a key');
  if (name === 'Fabric') marks.push('an entity interface');
  return marks;
}

/** What the operation itself, its plan and its answer show. */
export function marksOfOperation(document: DocumentNode, plan: Plan): Mark[] {
  const marks = new Set<Mark>();
  visit(document, {
    SelectionSet(node) {
      const [only] = node.selections;
      if (node.selections.length === 1 && only?.kind === Kind.FIELD && only.name.value === '__typename') marks.add('__typename alone');
    },
    Field(node) {
      if (node.name.value === '__typename' && node.alias !== undefined) marks.add('__typename under an alias');
    },
    Directive(node) {
      if (node.arguments?.some(({ value }) => value.kind === Kind.VARIABLE) === true) marks.add('@skip or @include by a variable');
    },
  });
  if (plan.fetches.some((fetch) => comesBack(plan, fetch.id))) marks.add('parent → entity → parent');
  if (plan.kind === 'mutation') {
    const isFollowed = plan.fetches.some(({ kind }) => kind === 'entity');
    if (isFollowed) marks.add('a mutation that returns an entity');
    if (plan.positions.some(({ typeName, parent }) => typeName === 'Query' && parent !== null))
      marks.add('a query below a mutation’s payload');
  }
  for (const position of plan.positions) {
    const graphs = new Set(
      position.nodes
        .map((id) => plan.nodes[id])
        .filter((node) => node?.origin.kind === 'field')
        .map((node) => node?.graph),
    );
    if (position.typeName === 'Split' && graphs.size > 1) marks.add('a value type in parts');
  }
  return [...marks];
}

/** Two requests up the chain it was the same graph, and another in between. */
function comesBack(plan: Plan, id: number): boolean {
  const fetch = plan.fetches[id];
  const parents = (fetch?.dependsOn ?? []).flatMap((parent) => plan.fetches[parent] ?? []);
  return parents.some(
    (parent) => parent.graph !== fetch?.graph && parent.dependsOn.some((above) => plan.fetches[above]?.graph === fetch?.graph),
  );
}

export function describeCoverage(counts: ReadonlyMap<Mark, number>): string {
  const rows = (Object.keys(MARKS) as Mark[]).map((mark) => `${String(counts.get(mark) ?? 0).padStart(8)}  ${mark}`); // its own keys
  return ['     met  construct', ...rows].join('\n');
}
