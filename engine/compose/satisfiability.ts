/**
 * The composer (0.27.0) reports some satisfiable graphs as unsatisfiable: those where a `@requires` has a fragment on an interface.
 * Written with one fragment per object type the same requirement is judged rightly. So: judge that form, ship the original text.
 */
import { composeServices } from '@theguild/federation-composition';
import { Kind, parse, print, visit } from 'graphql';
import type { GraphQLError, InlineFragmentNode, SelectionNode, SelectionSetNode } from 'graphql';
import { fieldsOf } from './subgraph-document.ts';
import type { SubgraphDocument } from './subgraph-document.ts';
import { editFields, graphIdsOf, setArgument } from './supergraph-edit.ts';
import type { FieldEdit } from './supergraph-edit.ts';

type Requirement = { readonly coordinate: string; readonly subgraph: string; readonly text: string };

/** Null when the errors have another cause; the errors of the second try when it fails too. */
export function composeDespiteFragments(
  documents: readonly SubgraphDocument[],
  errors: readonly GraphQLError[],
): { sdl: string; hints: string[] } | readonly GraphQLError[] | null {
  if (!errors.every((error) => error.extensions['code'] === 'SATISFIABILITY_ERROR')) return null;
  const rewritten: Requirement[] = [];
  const services = documents.map((document) => ({
    name: document.name,
    url: document.url,
    typeDefs: expandRequirements(document, rewritten),
  }));
  if (rewritten.length === 0) return null;
  const result = composeServices(services);
  if (result.errors !== undefined) return result.errors;
  const hints = rewritten.map(
    ({ coordinate, subgraph }) => `The requirement of ${coordinate} in subgraph "${subgraph}" was judged per object type.`,
  );
  return { sdl: restore(result.supergraphSdl, rewritten), hints };
}

function restore(sdl: string, rewritten: readonly Requirement[]): string {
  const supergraph = parse(sdl, { noLocation: true });
  const ids = graphIdsOf(supergraph);
  const edits = new Map<string, FieldEdit[]>();
  for (const { coordinate, subgraph, text } of rewritten) {
    const edit = setArgument(ids.get(subgraph) ?? '', 'requires', { kind: Kind.STRING, value: text });
    edits.set(coordinate, [...(edits.get(coordinate) ?? []), edit]);
  }
  return print(editFields(supergraph, edits));
}

function expandRequirements(document: SubgraphDocument, rewritten: Requirement[]): SubgraphDocument['document'] {
  const requires = document.directive('requires');
  let parent = '';
  let field = '';
  return visit(document.document, {
    ObjectTypeDefinition: (node) => void (parent = document.toSupergraphName(node.name.value)),
    ObjectTypeExtension: (node) => void (parent = document.toSupergraphName(node.name.value)),
    FieldDefinition: (node) => void (field = node.name.value),
    Directive(node) {
      if (node.name.value !== requires) return undefined;
      return {
        ...node,
        arguments: (node.arguments ?? []).map((argument) => {
          if (argument.name.value !== 'fields' || argument.value.kind !== Kind.STRING) return argument;
          const text = expand(document, parent, argument.value.value);
          if (text === null) return argument;
          rewritten.push({ coordinate: `${parent}.${field}`, subgraph: document.name, text: argument.value.value });
          return { ...argument, value: { ...argument.value, value: text } };
        }),
      };
    },
  });
}

/** The field set with one fragment per object type; null when it has no fragment on an interface. */
function expand(document: SubgraphDocument, parent: string, text: string): string | null {
  const [node] = parse(`{${text}}`, { noLocation: true }).definitions;
  if (node?.kind !== Kind.OPERATION_DEFINITION) return null;
  let found = false;
  visit(node, { InlineFragment: (fragment) => void (found ||= isInterface(document, fragment.typeCondition?.name.value)) });
  if (!found) return null;
  return print(selectFor(document, node.selectionSet, parent))
    .trim()
    .slice(1, -1)
    .trim();
}

function selectFor(document: SubgraphDocument, set: SelectionSetNode, parent: string): SelectionSetNode {
  const selections = set.selections.flatMap((selection): SelectionNode[] => {
    if (selection.kind === Kind.FIELD) return [selectField(document, selection, parent)];
    if (selection.kind === Kind.FRAGMENT_SPREAD) return [selection];
    const on = selection.typeCondition?.name.value ?? parent;
    const types = concreteTypes(document, on).filter((type) => concreteTypes(document, parent).includes(type));
    return types.flatMap((type) => fragmentFor(document, selection, type) ?? []);
  });
  return { kind: Kind.SELECTION_SET, selections };
}

/** What the fragment asks of one object type, fragments inside it resolved. */
function fragmentFor(document: SubgraphDocument, fragment: InlineFragmentNode, type: string): InlineFragmentNode | null {
  const flat = (set: SelectionSetNode): SelectionNode[] =>
    set.selections.flatMap((selection) => {
      if (selection.kind !== Kind.INLINE_FRAGMENT)
        return selection.kind === Kind.FIELD ? [selectField(document, selection, type)] : [selection];
      const on = selection.typeCondition?.name.value ?? type;
      return concreteTypes(document, on).includes(type) ? flat(selection.selectionSet) : [];
    });
  const selections = flat(fragment.selectionSet);
  if (selections.length === 0) return null;
  const typeCondition = { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: type } } as const;
  return { kind: Kind.INLINE_FRAGMENT, typeCondition, selectionSet: { kind: Kind.SELECTION_SET, selections } };
}

function selectField<F extends SelectionNode & { kind: Kind.FIELD }>(document: SubgraphDocument, field: F, parent: string): F {
  const type = (document.types.get(parent) ?? []).flatMap(fieldsOf).find((node) => node.name.value === field.name.value)?.type;
  if (type === undefined || field.selectionSet === undefined) return field;
  return { ...field, selectionSet: selectFor(document, field.selectionSet, document.toSupergraphName(print(type).replace(/[[\]!]/g, ''))) };
}

function isInterface(document: SubgraphDocument, name: string | undefined): boolean {
  const nodes = document.types.get(name ?? '') ?? [];
  return nodes.some((node) => node.kind === Kind.INTERFACE_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_EXTENSION);
}

/** The object types that may stand for `name` in this subgraph. */
function concreteTypes(document: SubgraphDocument, name: string): string[] {
  const nodes = document.types.get(name) ?? [];
  const members = nodes.flatMap((node) => ('types' in node ? (node.types ?? []).map((member) => member.name.value) : []));
  if (members.length > 0) return members;
  if (!isInterface(document, name)) return [name];
  return [...document.types].flatMap(([type, definitions]) => {
    const implemented = definitions.flatMap((node) =>
      'interfaces' in node && node.kind !== Kind.INTERFACE_TYPE_DEFINITION ? (node.interfaces ?? []) : [],
    );
    return implemented.some((above) => above.name.value === name) ? [type] : [];
  });
}
