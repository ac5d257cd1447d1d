/**
 * Events as graphs of their own: a supergraph whose query root is the subscription root, each field answered by a
 * graph that knows of each event its key and what it carries. Whatever else is asked is then planned as in any query (PLANNER §2.7). The
 * field is a list here, so that several events are completed by the same requests (event-query.ts makes the query). Exports `toEventView`.
 */
import { Kind, OperationTypeNode, parse, print } from 'graphql';
import type {
  ConstDirectiveNode,
  DefinitionNode,
  DocumentNode,
  EnumTypeDefinitionNode,
  EnumValueDefinitionNode,
  FieldDefinitionNode,
  InterfaceTypeDefinitionNode,
  NamedTypeNode,
  ObjectTypeDefinitionNode,
  TypeNode,
} from 'graphql';
import { directivesOf, enumArgument } from './directives.ts';
import { EngineError } from './engine-error.ts';
import { readFeatures } from './features.ts';
import type { Features } from './features.ts';

/** What one type's events carry: fields of the type, by which the rest is found (`key`) and that are exact (`carried`). */
export type EventType = {
  readonly name: string;
  /** Fields of a resolvable key; none where the event carries the whole type. */
  readonly key: readonly string[];
  readonly carried: readonly string[];
};

export type EventSource = {
  /** Of the subscription root. */
  readonly field: string;
  /** Name of the graph that answers it: no subgraph may have it. */
  readonly graph: string;
  readonly types: readonly EventType[];
};

type Composite = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode;

type View = {
  readonly features: Features;
  readonly source: EventSource;
  readonly root: string;
  /** Value of the enum of graphs. */
  readonly graph: string;
  /** Name and declared type of the field. */
  readonly field: FieldDefinitionNode;
  /** Scalars and enums that events carry. */
  readonly leaves: ReadonlySet<string>;
  readonly interfaces: ReadonlySet<string>;
};

/** Supergraph text → supergraph text. Throws EngineError SUPERGRAPH_INVALID where a field or a type is not there. */
export function toEventView(sdl: string, sources: readonly EventSource[]): string {
  const document = parse(sdl, { noLocation: true });
  const views = createViews(document, sources);
  let definitions: readonly DefinitionNode[] = document.definitions;
  for (const view of views) definitions = definitions.map((node) => editDefinition(view, node));
  const root = rootOf(document);
  return print({ ...document, definitions: definitions.map((node) => editRoot(node, root, views)) });
}

function createViews(document: DocumentNode, sources: readonly EventSource[]): readonly View[] {
  const features = readFeatures(document);
  const root = rootOf(document);
  const graphs = freeGraphs(document, { features, count: sources.length });
  return sources.map((source, index) => createView(document, { features, root, source, graph: graphs[index] ?? '' }));
}

function createView(document: DocumentNode, { features, root, source, graph }: Pick<View, 'features' | 'root' | 'source' | 'graph'>): View {
  const field = fieldsOf(document, root).find(({ name }) => name.value === source.field);
  if (field === undefined) throw new EngineError('SUPERGRAPH_INVALID', `The subscription root ${root} has no field ${source.field}.`);
  const leaves = source.types.flatMap(({ name, key, carried }) => {
    const fields = fieldsOf(document, name);
    return [...key, ...carried].map((one) => {
      const found = fields.find((other) => other.name.value === one);
      if (found === undefined) throw new EngineError('SUPERGRAPH_INVALID', `${name} has no field ${one}, which its events are to carry.`);
      return namedType(found.type);
    });
  });
  const declared = namedType(field.type);
  const interfaces = source.types.some(({ name }) => name === declared) ? [] : [declared];
  return { features, source, root, graph, field, leaves: new Set(leaves), interfaces: new Set(interfaces) };
}

function rootOf(document: DocumentNode): string {
  for (const node of document.definitions) {
    if (node.kind !== Kind.SCHEMA_DEFINITION && node.kind !== Kind.SCHEMA_EXTENSION) continue;
    const found = node.operationTypes?.find(({ operation }) => operation === OperationTypeNode.SUBSCRIPTION);
    if (found !== undefined) return found.type.name.value;
  }
  return 'Subscription';
}

function fieldsOf(document: DocumentNode, name: string): readonly FieldDefinitionNode[] {
  const node = document.definitions.find((one): one is Composite => isComposite(one) && one.name.value === name);
  return node?.fields ?? [];
}

function isComposite(node: DefinitionNode): node is Composite {
  return node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_DEFINITION;
}

function namedType(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type);
}

/** Values that the enum of graphs does not have yet. */
function freeGraphs(document: DocumentNode, { features, count }: { features: Features; count: number }): readonly string[] {
  const name = features.type('join', 'Graph');
  const node = document.definitions.find(
    (one): one is EnumTypeDefinitionNode => one.kind === Kind.ENUM_TYPE_DEFINITION && one.name.value === name,
  );
  const taken = node?.values?.map((value) => value.name.value) ?? [];
  let prefix = 'EVENTS';
  while (taken.some((one) => one.startsWith(prefix))) prefix += '_';
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}

/** For the events of one source; the root and the schema are for all of them together. */
function editDefinition(view: View, node: DefinitionNode): DefinitionNode {
  const { features, leaves, root } = view;
  switch (node.kind) {
    case Kind.ENUM_TYPE_DEFINITION:
      if (node.name.value === features.type('join', 'Graph')) return { ...node, values: [...(node.values ?? []), toGraph(view)] };
      if (!leaves.has(node.name.value)) return node;
      return {
        ...withDirectives(node, use(view, 'type')),
        values: (node.values ?? []).map((value) => withDirectives(value, ...ofGraphs(view, node, 'enumValue', value))),
      };
    case Kind.SCALAR_TYPE_DEFINITION:
      return leaves.has(node.name.value) ? withDirectives(node, use(view, 'type')) : node;
    case Kind.INTERFACE_TYPE_DEFINITION:
    case Kind.OBJECT_TYPE_DEFINITION:
      return node.name.value === root ? node : editComposite(view, node);
    default:
      return node;
  }
}

/** The subscription root becomes the query root: a list of events for each field, answered by their graph. */
function editRoot(node: DefinitionNode, root: string, views: readonly View[]): DefinitionNode {
  if (node.kind === Kind.SCHEMA_DEFINITION) {
    const type: NamedTypeNode = { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: root } };
    return { ...node, operationTypes: [{ kind: Kind.OPERATION_TYPE_DEFINITION, operation: OperationTypeNode.QUERY, type }] };
  }
  if (node.kind !== Kind.OBJECT_TYPE_DEFINITION || node.name.value !== root) return node;
  const fields = views.map((view): FieldDefinitionNode => {
    const type: NamedTypeNode = { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: namedType(view.field.type) } };
    return { ...view.field, arguments: [], type: { kind: Kind.LIST_TYPE, type }, directives: [use(view, 'field')] };
  });
  return { ...node, directives: views.map((view) => use(view, 'type')), fields };
}

function editComposite(view: View, node: Composite): Composite {
  const name = node.name.value;
  const type = view.source.types.find((one) => one.name === name);
  if (type === undefined && !view.interfaces.has(name)) return node;
  const known = new Set([...(type?.key ?? []), ...(type?.carried ?? [])]);
  const fields = (node.fields ?? []).map((field) => {
    const rows = ofGraphs(view, node, 'field', field);
    // Without rows it would be in every graph of its type, also in that of the events.
    return known.has(field.name.value) ? withDirectives(field, ...rows) : withDirectives(field, ...rows.slice(0, -1));
  });
  const joins = (node.interfaces ?? [])
    .filter((one) => view.interfaces.has(one.name.value))
    .map((one) => use(view, 'implements', stringOf('interface', one.name.value)));
  const key = type === undefined || type.key.length === 0 ? [] : [stringOf('key', type.key.join(' ')), falseOf('resolvable')];
  return { ...withDirectives(node, use(view, 'type', ...key), ...joins), fields };
}

/** One row for each graph of the type where the node has none, and last one for the graph of the events. */
function ofGraphs(
  view: View,
  type: { readonly directives?: readonly ConstDirectiveNode[] | undefined },
  row: 'field' | 'enumValue',
  node: { readonly directives?: readonly ConstDirectiveNode[] | undefined },
): ConstDirectiveNode[] {
  const { features } = view;
  const has = directivesOf(node, features.directive('join', row)).length > 0;
  const graphs = has
    ? []
    : new Set(directivesOf(type, features.directive('join', 'type')).flatMap((one) => enumArgument(one, 'graph') ?? []));
  return [...[...graphs].map((graph) => use({ ...view, graph }, row)), use(view, row)];
}

function toGraph({ features, graph, source }: View): EnumValueDefinitionNode {
  const directive: ConstDirectiveNode = {
    kind: Kind.DIRECTIVE,
    name: { kind: Kind.NAME, value: features.directive('join', 'graph') ?? 'join__graph' },
    arguments: [stringOf('name', source.graph), stringOf('url', '')],
  };
  return { kind: Kind.ENUM_VALUE_DEFINITION, name: { kind: Kind.NAME, value: graph }, directives: [directive] };
}

type Argument = NonNullable<ConstDirectiveNode['arguments']>[number];

/** `@join__<name>(graph: …)` under the name that it has here. */
function use({ features, graph }: Pick<View, 'features' | 'graph'>, name: string, ...others: readonly Argument[]): ConstDirectiveNode {
  return {
    kind: Kind.DIRECTIVE,
    name: { kind: Kind.NAME, value: features.directive('join', name) ?? `join__${name}` },
    arguments: [{ kind: Kind.ARGUMENT, name: { kind: Kind.NAME, value: 'graph' }, value: { kind: Kind.ENUM, value: graph } }, ...others],
  };
}

function stringOf(name: string, value: string): Argument {
  return { kind: Kind.ARGUMENT, name: { kind: Kind.NAME, value: name }, value: { kind: Kind.STRING, value } };
}

function falseOf(name: string): Argument {
  return { kind: Kind.ARGUMENT, name: { kind: Kind.NAME, value: name }, value: { kind: Kind.BOOLEAN, value: false } };
}

function withDirectives<N extends { readonly directives?: readonly ConstDirectiveNode[] | undefined }>(
  node: N,
  ...more: readonly ConstDirectiveNode[]
): N {
  return { ...node, directives: [...(node.directives ?? []), ...more] };
}
