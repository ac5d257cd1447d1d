/** Keys, requires, provides and context selections: from text to trees whose every node knows its type. */
import { GraphQLError, Kind, parse } from 'graphql';
import type { ConstValueNode, SelectionSetNode, ValueNode } from 'graphql';
import { canonicalArguments } from './canonical.ts';
import { EngineError } from './engine-error.ts';
import type { FieldSet, FieldSetField, FieldSetNode } from './types.ts';

/** Named type of a field as the graph concerned declares it; null when there is no such field. */
export type FieldTypeLookup = (parent: string, field: string) => string | null;

export type FieldSetPlace = {
  /** The composite type on which the text selects. */
  readonly parent: string;
  /** Said in errors. */
  readonly where: string;
  readonly typeOf: FieldTypeLookup;
};

/** Equal fields of one level are merged; the order is that of the text. */
export function parseFieldSet(text: string, place: FieldSetPlace): FieldSet {
  return readSelections(selectionsOf(text, place.where), place.parent, place);
}

/** A text with or without braces, as the selections of one operation. */
function selectionsOf(text: string, where: string): SelectionSetNode {
  const source = text.trim().startsWith('{') ? text : `{${text}}`;
  try {
    const [node] = parse(source, { noLocation: true }).definitions;
    if (node?.kind === Kind.OPERATION_DEFINITION) return node.selectionSet;
    throw invalid(where, text, 'it is no selection of fields');
  } catch (cause) {
    if (!(cause instanceof GraphQLError)) throw cause;
    throw invalid(where, text, cause.message);
  }
}

function readSelections(set: SelectionSetNode, parent: string, place: FieldSetPlace): FieldSet {
  const nodes: FieldSetNode[] = [];
  for (const selection of set.selections) {
    switch (selection.kind) {
      case Kind.FIELD: {
        const name = selection.name.value;
        const args = (selection.arguments ?? []).map((argument) => ({ name: argument.name.value, value: constant(argument.value, place) }));
        const type = name === '__typename' ? 'String' : place.typeOf(parent, name);
        if (type === null) throw invalid(place.where, name, `type ${parent} has no such field`);
        const selections = selection.selectionSet === undefined ? [] : readSelections(selection.selectionSet, type, place);
        addField(nodes, { kind: 'field', name, parent, args, argsText: canonicalArguments(args), selections });
        break;
      }
      case Kind.INLINE_FRAGMENT: {
        const on = selection.typeCondition?.name.value ?? parent;
        const inner = readSelections(selection.selectionSet, on, place);
        if (on === parent) for (const node of inner) add(nodes, node);
        else nodes.push({ kind: 'fragment', on, selections: inner });
        break;
      }
      case Kind.FRAGMENT_SPREAD:
        throw invalid(place.where, selection.name.value, 'named fragments are not allowed here');
    }
  }
  return nodes;
}

function add(nodes: FieldSetNode[], node: FieldSetNode): void {
  if (node.kind === 'field') addField(nodes, node);
  else nodes.push(node);
}

function addField(nodes: FieldSetNode[], node: FieldSetField): void {
  const at = nodes.findIndex((other) => other.kind === 'field' && other.name === node.name && other.argsText === node.argsText);
  const twin = nodes[at];
  if (twin === undefined || twin.kind === 'fragment') {
    nodes.push(node);
    return;
  }
  const merged = [...twin.selections];
  for (const inner of node.selections) add(merged, inner);
  nodes[at] = { ...twin, selections: merged };
}

function constant(value: ValueNode, place: FieldSetPlace): ConstValueNode {
  switch (value.kind) {
    case Kind.VARIABLE:
      throw invalid(place.where, `$${value.name.value}`, 'variables are not allowed here');
    case Kind.LIST:
      return { kind: Kind.LIST, values: value.values.map((item) => constant(item, place)) };
    case Kind.OBJECT:
      return {
        kind: Kind.OBJECT,
        fields: value.fields.map((field) => ({ kind: Kind.OBJECT_FIELD, name: field.name, value: constant(field.value, place) })),
      };
    default:
      return value;
  }
}

function invalid(where: string, text: string, reason: string): EngineError {
  return new EngineError('SUPERGRAPH_INVALID', `${where}: "${text}" cannot be used: ${reason}.`);
}

/** Every field of the set at its top level, looking through fragments. */
export function topFields(set: FieldSet): FieldSetField[] {
  return set.flatMap((node) => (node.kind === 'field' ? [node] : topFields(node.selections)));
}
