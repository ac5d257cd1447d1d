/**
 * A client's subscription as the query that the view of its events answers (event-view.ts). What its field filters by has been looked at
 * before, so it has no arguments here; first of all it asks for the proof that the viewer may read the event's entity. Exports `toEventQuery`.
 */
import { Kind, OperationTypeNode } from 'graphql';
import type { DefinitionNode, DocumentNode, FieldNode, SelectionNode, SelectionSetNode } from 'graphql';

export type EventQuery = {
  /** Of the operation that is meant; null: the only one. */
  readonly operationName: string | null;
  /** Name of the subscription root. */
  readonly root: string;
  /** A field that only who may read the entity gets, and the response name under which it is asked for. */
  readonly proof: { readonly field: string; readonly alias: string } | null;
};

export function toEventQuery(document: DocumentNode, { operationName, root, proof }: EventQuery): DocumentNode {
  const definitions = document.definitions.flatMap((node): DefinitionNode[] => {
    switch (node.kind) {
      case Kind.FRAGMENT_DEFINITION:
        return [node.typeCondition.name.value === root ? { ...node, selectionSet: editRoot(node.selectionSet, proof) } : node];
      case Kind.OPERATION_DEFINITION:
        if (node.operation !== OperationTypeNode.SUBSCRIPTION || (operationName ?? node.name?.value) !== node.name?.value) return [];
        return [{ ...node, operation: OperationTypeNode.QUERY, selectionSet: editRoot(node.selectionSet, proof) }];
      default:
        return [node];
    }
  });
  return { ...document, definitions };
}

function editRoot(set: SelectionSetNode, proof: EventQuery['proof']): SelectionSetNode {
  return {
    ...set,
    selections: set.selections.map((selection): SelectionNode => {
      switch (selection.kind) {
        case Kind.FIELD:
          return { ...selection, arguments: [], ...withProof(selection, proof) };
        case Kind.INLINE_FRAGMENT:
          return { ...selection, selectionSet: editRoot(selection.selectionSet, proof) };
        case Kind.FRAGMENT_SPREAD:
          return selection;
      }
    }),
  };
}

/** First in every occurrence: then it comes first in what is answered, wherever fields are merged. */
function withProof({ selectionSet }: FieldNode, proof: EventQuery['proof']): Partial<FieldNode> {
  if (proof === null || selectionSet === undefined) return {};
  const field: FieldNode = {
    kind: Kind.FIELD,
    alias: { kind: Kind.NAME, value: proof.alias },
    name: { kind: Kind.NAME, value: proof.field },
  };
  return { selectionSet: { ...selectionSet, selections: [field, ...selectionSet.selections] } };
}
