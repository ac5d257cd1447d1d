/**
 * Root fields of a query that differ only in alias and arguments: a thousand of one shape are planned once (as the first of them, with
 * their number as its weight) and instantiated afterwards (instantiate.ts). Exports `foldTwins`.
 */
import { Kind, OperationTypeNode } from 'graphql';
import type { DirectiveNode, FieldNode, FragmentDefinitionNode, OperationDefinitionNode, SelectionSetNode } from 'graphql';
import { canonicalArguments } from '../supergraph/canonical.ts';

export type Folded = {
  /** Without the twins. */
  readonly operation: OperationDefinitionNode;
  /** By the field that stands for them. */
  readonly twins: ReadonlyMap<FieldNode, readonly FieldNode[]>;
  /** Response keys at the root as the client wrote them. */
  readonly order: readonly string[];
};

/** Null when there are none. Where a fragment stands at the root or anything is deferred, every field is planned by itself. */
export function foldTwins(operation: OperationDefinitionNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>): Folded | null {
  if (operation.operation !== OperationTypeNode.QUERY) return null;
  const fields = operation.selectionSet.selections.filter((node) => node.kind === Kind.FIELD);
  if (fields.length < 2 || fields.length < operation.selectionSet.selections.length) return null;
  const shapes = createShapes();
  const groups = groupFields(fields, shapes);
  if (groups.size === fields.length || !shapes.areEven() || [...fragments.values()].some(isDeferredFragment)) return null;
  const twins = new Map<FieldNode, readonly FieldNode[]>();
  const selections: FieldNode[] = [];
  for (const [first, ...others] of groups.values()) {
    if (first === undefined) continue;
    selections.push(first);
    if (others.length > 0) twins.set(first, others);
  }
  return {
    operation: { ...operation, selectionSet: { ...operation.selectionSet, selections } },
    twins,
    order: [...new Set(fields.map(responseKeyOf))],
  };
}

export function responseKeyOf(node: FieldNode): string {
  return node.alias?.value ?? node.name.value;
}

/** Fields whose response key or slot occurs twice share something with another field: they stand alone. */
function groupFields(fields: readonly FieldNode[], shapes: Shapes): Map<string, FieldNode[]> {
  const slots = fields.map((node) => node.name.value + argumentsText(node));
  const keys = fields.map(responseKeyOf);
  const [once, onceKey] = [countOf(slots), countOf(keys)];
  const groups = new Map<string, FieldNode[]>();
  fields.forEach((node, index) => {
    const set = node.selectionSet;
    const apart =
      set === undefined ||
      node.name.value.startsWith('__') ||
      (node.directives ?? []).length > 0 ||
      once.get(slots[index] ?? '') !== 1 ||
      onceKey.get(keys[index] ?? '') !== 1;
    const group = apart ? `#${index}` : `${node.name.value} ${shapes.of(set)}`;
    const members = groups.get(group);
    if (members === undefined) groups.set(group, [node]);
    else members.push(node);
  });
  return groups;
}

function countOf(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}

type Shapes = {
  /** Equal numbers: equal selections, up to the order of arguments. */
  of(set: SelectionSetNode): number;
  /** False: something is deferred, or nested so deep that it will be refused. */
  areEven(): boolean;
};

const MAX_DEPTH = 200;

/** Numbers are given bottom-up, so that no text is longer than one selection set. */
function createShapes(): Shapes {
  const numbers = new Map<string, number>();
  let even = true;
  const of = (set: SelectionSetNode, depth = 0): number => {
    let text = '';
    even &&= depth < MAX_DEPTH;
    if (!even) return -1;
    for (const node of set.selections) {
      even &&= !isDeferred(node.directives);
      const below = node.kind === Kind.FRAGMENT_SPREAD || node.selectionSet === undefined ? '' : `{${of(node.selectionSet, depth + 1)}}`;
      text += `${ownText(node)}${directivesText(node.directives)}${below} `;
    }
    const known = numbers.get(text) ?? numbers.size;
    numbers.set(text, known);
    return known;
  };
  return { of, areEven: () => even };
}

function ownText(node: SelectionSetNode['selections'][number]): string {
  switch (node.kind) {
    case Kind.FIELD:
      return `${responseKeyOf(node)}:${node.name.value}${argumentsText(node)}`;
    case Kind.FRAGMENT_SPREAD:
      return `...${node.name.value}`;
    case Kind.INLINE_FRAGMENT:
      return `... on ${node.typeCondition?.name.value ?? ''}`;
  }
}

function argumentsText(node: FieldNode | DirectiveNode): string {
  return node.arguments === undefined || node.arguments.length === 0
    ? ''
    : canonicalArguments(node.arguments.map((argument) => ({ name: argument.name.value, value: argument.value })));
}

function directivesText(directives: readonly DirectiveNode[] | undefined): string {
  return directives === undefined || directives.length === 0
    ? ''
    : directives.map((directive) => `@${directive.name.value}${argumentsText(directive)}`).join('');
}

function isDeferred(directives: readonly DirectiveNode[] | undefined): boolean {
  return directives?.some(({ name }) => name.value === 'defer' || name.value === 'stream') === true;
}

function isDeferredFragment(fragment: FragmentDefinitionNode): boolean {
  const visit = (set: SelectionSetNode): boolean =>
    set.selections.some(
      (node) =>
        isDeferred(node.directives) || (node.kind !== Kind.FRAGMENT_SPREAD && node.selectionSet !== undefined && visit(node.selectionSet)),
    );
  return visit(fragment.selectionSet);
}
