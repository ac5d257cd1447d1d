/**
 * What the composer (0.27.0) gets wrong in a supergraph that it accepts, put right:
 * it drops `@external`, and at times `@requires` and `@provides`, of fields of an @interfaceObject; it drops `@external` of a field that a
 * subgraph of Federation 1 has as an external key; and it gives a field that is a union (or interface) in one subgraph and a
 * member of it in another the type of whichever subgraph comes first, without saying which graph has which.
 */
import { Kind, parse, parseType, print } from 'graphql';
import type { ConstValueNode, DocumentNode, FieldDefinitionNode, TypeNode } from 'graphql';
import { fieldsOf, hasDirective } from './subgraph-document.ts';
import type { SubgraphDocument, TypeNodeInSdl } from './subgraph-document.ts';
import { editFields, graphIdsOf, plainRowsOf, rowGraphs, setArgument, setType } from './supergraph-edit.ts';
import type { FieldEdit } from './supergraph-edit.ts';

type Edits = Map<string, FieldEdit[]>;

export function repairSupergraph(sdl: string, documents: readonly SubgraphDocument[]): { sdl: string; hints: string[] } {
  const supergraph = parse(sdl, { noLocation: true });
  const edits: Edits = new Map();
  const hints = [
    ...repairExternals(supergraph, documents, edits),
    ...repairKeysElsewhere(supergraph, documents, edits),
    ...repairTypes(supergraph, documents, edits),
  ];
  return { sdl: edits.size === 0 ? sdl : print(editFields(supergraph, edits)), hints };
}

function addEdit(edits: Edits, coordinate: string, ...more: FieldEdit[]): void {
  edits.set(coordinate, [...(edits.get(coordinate) ?? []), ...more]);
}

function repairExternals(supergraph: DocumentNode, documents: readonly SubgraphDocument[], edits: Edits): string[] {
  const ids = graphIdsOf(supergraph);
  const hints: string[] = [];
  for (const document of documents) {
    const external = document.directive('external');
    for (const [type, nodes] of document.types) {
      if (!nodes.some((node) => hasDirective(node, document.directive('interfaceObject')))) continue;
      for (const field of nodes.flatMap(fieldsOf)) {
        const graph = ids.get(document.name);
        if (graph === undefined) continue;
        for (const name of ['requires', 'provides']) {
          const fields = fieldSetOf(field, document.directive(name));
          if (fields !== null) addEdit(edits, `${type}.${field.name.value}`, setArgument(graph, name, fields));
        }
        if (!hasDirective(field, external)) continue;
        addEdit(edits, `${type}.${field.name.value}`, setArgument(graph, 'external', { kind: Kind.BOOLEAN, value: true }));
        hints.push(`${type}.${field.name.value} is external in subgraph "${document.name}" (said again after composition).`);
      }
    }
  }
  return hints;
}

/**
 * `type Mill @key(fields: "id code") { id: ID! @external code: String! @external }` of Federation 1 resolves its keys. The composer takes
 * that for the same field of all subgraphs, also of those that only require it.
 */
function repairKeysElsewhere(supergraph: DocumentNode, documents: readonly SubgraphDocument[], edits: Edits): string[] {
  if (documents.every(({ isLinked }) => isLinked)) return [];
  const ids = graphIdsOf(supergraph);
  const isPlain = plainRowsOf(supergraph);
  const hints: string[] = [];
  for (const document of documents.filter(({ isLinked }) => isLinked)) {
    const graph = ids.get(document.name) ?? '';
    for (const [type, nodes] of document.types) {
      const keys = nodes.flatMap((node) => keyFieldsOf(node, document.directive('key')));
      for (const field of nodes.flatMap(fieldsOf)) {
        const coordinate = `${type}.${field.name.value}`;
        const isExternal = hasDirective(field, document.directive('external')) && !keys.includes(field.name.value);
        if (!isExternal || !isPlain(coordinate, graph)) continue;
        addEdit(edits, coordinate, setArgument(graph, 'external', { kind: Kind.BOOLEAN, value: true }));
        hints.push(`${coordinate} is external in subgraph "${document.name}" (said again after composition).`);
      }
    }
  }
  return hints;
}

/** All names in the keys of the type; one too many only leaves the composer's word. */
function keyFieldsOf(node: TypeNodeInSdl, key: string): string[] {
  const uses = (node.directives ?? []).filter((use) => use.name.value === key);
  return uses.flatMap((use) => {
    const fields = use.arguments?.find((argument) => argument.name.value === 'fields')?.value;
    return fields?.kind === Kind.STRING ? (fields.value.match(/\w+/g) ?? []) : [];
  });
}

function fieldSetOf(field: ReturnType<typeof fieldsOf>[number], directive: string): ConstValueNode | null {
  const use = field.directives?.find((one) => one.name.value === directive);
  return use?.arguments?.find((argument) => argument.name.value === 'fields')?.value ?? null;
}

function repairTypes(supergraph: DocumentNode, documents: readonly SubgraphDocument[], edits: Edits): string[] {
  const ids = graphIdsOf(supergraph);
  const declared = declaredTypes(documents, ids);
  const isBelow = subtypesOf(supergraph);
  const hints: string[] = [];
  for (const node of supergraph.definitions) {
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION && node.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    for (const field of node.fields ?? []) {
      const coordinate = `${node.name.value}.${field.name.value}`;
      const own = declared.get(coordinate) ?? [];
      const general = generalType(own, isBelow);
      if (general === null) continue;
      const types = new Map(own.map((row) => [row.graph, row.text]));
      addEdit(edits, coordinate, setType(parseType(general, { noLocation: true })), (edited, graphs) =>
        stateTypes(edited, graphs, { types, general }),
      );
      hints.push(`${coordinate} has type ${general}: its types differ between subgraphs.`);
    }
  }
  return hints;
}

/** `type:` on each row whose graph has another type than the supergraph. */
function stateTypes(
  field: FieldDefinitionNode,
  graphsOfType: readonly string[],
  { types, general }: { types: ReadonlyMap<string, string>; general: string },
): FieldDefinitionNode {
  return rowGraphs(field, graphsOfType).reduce((edited, graph) => {
    const text = types.get(graph) ?? general;
    return setArgument(graph, 'type', text === general ? null : { kind: Kind.STRING, value: text })(edited, graphsOfType);
  }, field);
}

type DeclaredType = {
  readonly graph: string;
  readonly text: string;
  readonly node: TypeNode;
  readonly name: string;
  readonly external: boolean;
};

/** Only composite fields whose named types differ are kept. */
function declaredTypes(documents: readonly SubgraphDocument[], ids: ReadonlyMap<string, string>): Map<string, DeclaredType[]> {
  const declared = new Map<string, DeclaredType[]>();
  for (const document of documents) {
    for (const [type, nodes] of document.types) {
      for (const field of nodes.flatMap(fieldsOf)) {
        if (field.kind !== Kind.FIELD_DEFINITION) continue;
        const coordinate = `${type}.${field.name.value}`;
        const node = renamed(field.type, document);
        const row = {
          graph: ids.get(document.name) ?? '',
          text: print(node),
          node,
          name: nameOf(node),
          external: hasDirective(field, document.directive('external')),
        };
        declared.set(coordinate, [...(declared.get(coordinate) ?? []), row]);
      }
    }
  }
  for (const [coordinate, rows] of declared) if (rows.every((row) => row.name === rows[0]?.name)) declared.delete(coordinate);
  return declared;
}

/** The type that covers all declared ones, nullable where any is; null when there is none or nothing differs. */
function generalType(rows: readonly DeclaredType[], isBelow: (type: string, above: string) => boolean): string | null {
  const resolving = rows.filter((row) => !row.external);
  const top = resolving.find((row) => resolving.every((other) => other.name === row.name || isBelow(other.name, row.name)));
  if (top === undefined || resolving.every((row) => row.name === top.name)) return null;
  return resolving
    .map((row) => row.node)
    .reduce<string | null>((text, node) => (text === null ? null : mergeTypes(parseType(text), node, top.name)), top.text);
}

/** Null when one is a list where the other is not. */
function mergeTypes(a: TypeNode, b: TypeNode, name: string): string | null {
  const bang = a.kind === Kind.NON_NULL_TYPE && b.kind === Kind.NON_NULL_TYPE ? '!' : '';
  const [left, right] = [a, b].map((node) => (node.kind === Kind.NON_NULL_TYPE ? node.type : node));
  if (left?.kind === Kind.LIST_TYPE && right?.kind === Kind.LIST_TYPE) {
    const item = mergeTypes(left.type, right.type, name);
    return item === null ? null : `[${item}]${bang}`;
  }
  return left?.kind === Kind.NAMED_TYPE && right?.kind === Kind.NAMED_TYPE ? name + bang : null;
}

function subtypesOf(supergraph: DocumentNode): (type: string, above: string) => boolean {
  const below = new Map<string, Set<string>>();
  const add = (above: string, type: string): void => void below.set(above, (below.get(above) ?? new Set()).add(type));
  for (const node of supergraph.definitions) {
    if (node.kind === Kind.UNION_TYPE_DEFINITION) for (const member of node.types ?? []) add(node.name.value, member.name.value);
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION && node.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    for (const above of node.interfaces ?? []) add(above.name.value, node.name.value);
  }
  return (type, above) => below.get(above)?.has(type) ?? false;
}

function renamed(node: TypeNode, document: SubgraphDocument): TypeNode {
  if (node.kind === Kind.NAMED_TYPE)
    return { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: document.toSupergraphName(node.name.value) } };
  if (node.kind === Kind.LIST_TYPE) return { kind: Kind.LIST_TYPE, type: renamed(node.type, document) };
  const inner = renamed(node.type, document);
  return inner.kind === Kind.NON_NULL_TYPE ? inner : { kind: Kind.NON_NULL_TYPE, type: inner };
}

function nameOf(node: TypeNode): string {
  return node.kind === Kind.NAMED_TYPE ? node.name.value : nameOf(node.type);
}
