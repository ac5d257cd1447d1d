/**
 * The composer (0.27.0) takes a field whose `@override` has a label for one that no subgraph resolves as soon as a key or a `@requires`
 * needs it, and reports a graph that can be satisfied as one that cannot. So: judge each state of the labels, in which the field belongs
 * to one of the two subgraphs and there is no label; ship a form in which both have it, with the labels written in again.
 */
import { Kind, parse, print, visit } from 'graphql';
import type { ConstDirectiveNode, GraphQLError } from 'graphql';
import { fieldsOf, hasDirective, withDocument } from './subgraph-document.ts';
import type { SubgraphDocument } from './subgraph-document.ts';
import { editFields, graphIdsOf, setArgument } from './supergraph-edit.ts';
import type { FieldEdit } from './supergraph-edit.ts';

type Composed = { readonly sdl: string; readonly hints: string[] } | readonly GraphQLError[];

/** One field on its way from one subgraph to another. */
type Move = { readonly coordinate: string; readonly from: string; readonly to: string; readonly label: string };

/** Of more labels not every state is judged: 2^n of them. */
const JUDGED_TOGETHER = 4;

/** Null when no labelled field is on its way, or the errors have another cause; errors are those of the first state that fails. */
export function composeDespiteLabels(
  documents: readonly SubgraphDocument[],
  errors: readonly GraphQLError[],
  compose: (documents: readonly SubgraphDocument[]) => Composed,
): { sdl: string; hints: string[] } | readonly GraphQLError[] | null {
  if (!errors.every((error) => error.extensions['code'] === 'SATISFIABILITY_ERROR')) return null;
  const moves = collectMoves(documents);
  const fields = new Set(moves.map(({ coordinate }) => coordinate));
  // From one subgraph by way of another to a third: nobody has asked for that yet.
  if (moves.length === 0 || fields.size < moves.length) return null;
  for (const active of statesOf(moves)) {
    const composed = compose(inState(documents, moves, active));
    if (isErrors(composed)) return composed;
  }
  const shared = compose(withBoth(documents, moves));
  if (isErrors(shared)) return shared;
  const hints = moves.map(({ coordinate, label }) => `${coordinate} was judged with and without its label ${JSON.stringify(label)}.`);
  return { sdl: restore(shared.sdl, moves), hints: [...shared.hints, ...hints] };
}

function isErrors(composed: Composed): composed is readonly GraphQLError[] {
  return composed instanceof Array;
}

/** An override from a subgraph that is gone, or that does not have the field, moves nothing. */
function collectMoves(documents: readonly SubgraphDocument[]): Move[] {
  return documents.flatMap((document) =>
    [...document.types].flatMap(([type, nodes]) =>
      nodes.flatMap(fieldsOf).flatMap((field): Move[] => {
        const use = overrideOf(field, document);
        const [from, label] = [textOf(use, 'from'), textOf(use, 'label')];
        const loser = documents.find((other) => other.name === from && other !== document);
        const isThere = loser?.types.get(type)?.some((node) => fieldsOf(node).some(({ name }) => name.value === field.name.value)) === true;
        if (from === null || label === null || !isThere) return [];
        return [{ coordinate: `${type}.${field.name.value}`, from, to: document.name, label }];
      }),
    ),
  );
}

function overrideOf(field: { readonly directives?: readonly ConstDirectiveNode[] | undefined }, document: SubgraphDocument) {
  return field.directives?.find(({ name }) => name.value === document.directive('override'));
}

function textOf(use: ConstDirectiveNode | undefined, argument: string): string | null {
  const value = use?.arguments?.find(({ name }) => name.value === argument)?.value;
  return value?.kind === Kind.STRING ? value.value : null;
}

/** Sets of active labels: all of them, or where there are too many all, none, and each alone. */
function statesOf(moves: readonly Move[]): ReadonlySet<string>[] {
  const labels = [...new Set(moves.map(({ label }) => label))].toSorted();
  if (labels.length > JUDGED_TOGETHER) return [new Set(labels), new Set(), ...labels.map((label) => new Set([label]))];
  return Array.from({ length: 2 ** labels.length }, (_, state) => new Set(labels.filter((_label, index) => (state >> index) % 2 === 1)));
}

/** The winner of each move overrides the field, by no label. */
function inState(documents: readonly SubgraphDocument[], moves: readonly Move[], active: ReadonlySet<string>): SubgraphDocument[] {
  return documents.map((document) =>
    editMoved(document, moves, ({ from, to, label }) => {
      const [winner, loser] = active.has(label) ? [to, from] : [from, to];
      return winner === document.name ? [directive(document.directive('override'), { from: loser })] : [];
    }),
  );
}

function withBoth(documents: readonly SubgraphDocument[], moves: readonly Move[]): SubgraphDocument[] {
  return documents.map((document) => editMoved(document, moves, () => []));
}

/**
 * In the fields that come from this subgraph or go to it: other directives in the place of `@override`. Who may share a field has been
 * judged before; one that moves may be shared with a third.
 */
function editMoved(document: SubgraphDocument, moves: readonly Move[], override: (move: Move) => ConstDirectiveNode[]): SubgraphDocument {
  const own = new Map(
    moves.filter(({ from, to }) => from === document.name || to === document.name).map((move) => [move.coordinate, move]),
  );
  let parent = '';
  const enter = (node: { readonly name: { readonly value: string } }): void => void (parent = document.toSupergraphName(node.name.value));
  const edited = visit(document.document, {
    ObjectTypeDefinition: enter,
    ObjectTypeExtension: enter,
    InterfaceTypeDefinition: enter,
    InterfaceTypeExtension: enter,
    FieldDefinition(node) {
      const move = own.get(`${parent}.${node.name.value}`);
      if (move === undefined) return undefined;
      const others = node.directives?.filter((use) => use !== overrideOf(node, document)) ?? [];
      const shareable = document.directive('shareable');
      const shared = hasDirective(node, shareable) ? [] : [directive(shareable, {})];
      return { ...node, directives: [...others, ...shared, ...override(move)] };
    },
  });
  return withDocument(document, edited);
}

function directive(name: string, values: Readonly<Record<string, string>>): ConstDirectiveNode {
  return {
    kind: Kind.DIRECTIVE,
    name: { kind: Kind.NAME, value: name },
    arguments: Object.entries(values).map(([argument, value]) => ({
      kind: Kind.ARGUMENT,
      name: { kind: Kind.NAME, value: argument },
      value: { kind: Kind.STRING, value },
    })),
  };
}

function restore(sdl: string, moves: readonly Move[]): string {
  const supergraph = parse(sdl, { noLocation: true });
  const ids = graphIdsOf(supergraph);
  const edits = new Map<string, FieldEdit[]>();
  for (const { coordinate, from, to, label } of moves) {
    const set = (graph: string, argument: string, value: string): FieldEdit =>
      setArgument(ids.get(graph) ?? '', argument, { kind: Kind.STRING, value });
    const own = [set(to, 'override', from), set(to, 'overrideLabel', label), set(from, 'overrideLabel', label)];
    edits.set(coordinate, [...(edits.get(coordinate) ?? []), ...own]);
  }
  return print(editFields(supergraph, edits));
}
