/** Small edits of a composed supergraph: find a field's rows (`@join__field`) and change their arguments. */
import { Kind } from 'graphql';
import type { ConstArgumentNode, ConstDirectiveNode, ConstValueNode, DocumentNode, FieldDefinitionNode, TypeNode } from 'graphql';

/** The composer's own text: its join names are never renamed. */
const JOIN_FIELD = 'join__field';

export type FieldEdit = (field: FieldDefinitionNode, graphsOfType: readonly string[]) => FieldDefinitionNode;

/** Subgraph name → value of `join__Graph`. */
export function graphIdsOf(document: DocumentNode): Map<string, string> {
  const ids = new Map<string, string>();
  for (const node of document.definitions) {
    if (node.kind !== Kind.ENUM_TYPE_DEFINITION || node.name.value !== 'join__Graph') continue;
    for (const value of node.values ?? []) {
      const name = value.directives?.[0]?.arguments?.find((argument) => argument.name.value === 'name')?.value;
      if (name?.kind === Kind.STRING) ids.set(name.value, value.name.value);
    }
  }
  return ids;
}

/** Applies the edits, keyed by `Type.field`. */
export function editFields(document: DocumentNode, edits: ReadonlyMap<string, readonly FieldEdit[]>): DocumentNode {
  return {
    ...document,
    definitions: document.definitions.map((node) => {
      if (node.kind !== Kind.OBJECT_TYPE_DEFINITION && node.kind !== Kind.INTERFACE_TYPE_DEFINITION) return node;
      const graphs = graphsOf(node);
      const fields = node.fields?.map((field) =>
        (edits.get(`${node.name.value}.${field.name.value}`) ?? []).reduce((edited, edit) => edit(edited, graphs), field),
      );
      return { ...node, ...(fields === undefined ? {} : { fields }) };
    }),
  };
}

/** Each graph of the type once. */
function graphsOf({ directives = [] }: { readonly directives?: readonly ConstDirectiveNode[] | undefined }): string[] {
  return [...new Set(directives.flatMap((use) => (use.name.value === 'join__type' ? (graphOf(use) ?? []) : [])))];
}

/** An edit that sets or removes (null) one argument of the field's row in one graph. */
export function setArgument(graph: string, name: string, value: ConstValueNode | null): FieldEdit {
  return (field, graphsOfType) => {
    const directives = withRows(field, graphsOfType).map((use) =>
      isRow(use) && graphOf(use) === graph ? { ...use, arguments: replaced(use, name, value) } : use,
    );
    return { ...field, directives };
  };
}

export function setType(type: TypeNode): FieldEdit {
  return (field) => ({ ...field, type });
}

export function rowGraphs(field: FieldDefinitionNode, graphsOfType: readonly string[]): readonly string[] {
  const rows = (field.directives ?? []).filter(isRow);
  return rows.length === 0 ? graphsOfType : rows.flatMap((use) => graphOf(use) ?? []);
}

/** Does the field have a row in the graph that says nothing else? Only such are the fields that the composer wrote no rows for. */
export function plainRowsOf(document: DocumentNode): (coordinate: string, graph: string) => boolean {
  const plain = new Map<string, readonly string[]>();
  for (const node of document.definitions) {
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION && node.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    const graphs = graphsOf(node);
    for (const field of node.fields ?? []) {
      const rows = withRows(field, graphs).filter((use) => isRow(use) && use.arguments?.length === 1);
      plain.set(
        `${node.name.value}.${field.name.value}`,
        rows.flatMap((use) => graphOf(use) ?? []),
      );
    }
  }
  return (coordinate, graph) => plain.get(coordinate)?.includes(graph) === true;
}

/** A field without rows is in every graph of its type: write that out, so that one of them can be changed. */
function withRows(field: FieldDefinitionNode, graphsOfType: readonly string[]): readonly ConstDirectiveNode[] {
  const directives = field.directives ?? [];
  if (directives.some(isRow)) return directives;
  return [
    ...directives,
    ...graphsOfType.map((graph): ConstDirectiveNode => {
      return {
        kind: Kind.DIRECTIVE,
        name: { kind: Kind.NAME, value: JOIN_FIELD },
        arguments: [argument('graph', { kind: Kind.ENUM, value: graph })],
      };
    }),
  ];
}

function isRow(use: ConstDirectiveNode): boolean {
  return use.name.value === JOIN_FIELD;
}

function graphOf(use: ConstDirectiveNode): string | undefined {
  const value = use.arguments?.find((node) => node.name.value === 'graph')?.value;
  return value?.kind === Kind.ENUM ? value.value : undefined;
}

function replaced(use: ConstDirectiveNode, name: string, value: ConstValueNode | null): ConstArgumentNode[] {
  const others = (use.arguments ?? []).filter((node) => node.name.value !== name);
  return value === null ? others : [...others, argument(name, value)];
}

function argument(name: string, value: ConstValueNode): ConstArgumentNode {
  return { kind: Kind.ARGUMENT, name: { kind: Kind.NAME, value: name }, value };
}
