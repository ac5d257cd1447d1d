/** Makes a failing operation small: takes selections, arguments and directives away as long as the same kind of difference stays. */
import { Kind, parse, print, validate, visit } from 'graphql';
import type { ASTNode, DocumentNode, GraphQLSchema } from 'graphql';
import type { Operation } from './operations.ts';

const ROUNDS = 6;

export async function shrinkOperation(
  schema: GraphQLSchema,
  operation: Operation,
  stillFails: (smaller: Operation) => Promise<boolean>,
): Promise<Operation> {
  // Printed first: lengths are compared.
  let best: Operation = { ...operation, text: print(operation.document) };
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = best.text.length;
    for (let index = 0; index < countParts(best.document); index += 1) {
      for (const how of ['remove', 'unwrap'] as const) {
        const smaller = without(schema, best, index, how);
        if (smaller !== null && smaller.text.length < best.text.length && (await stillFails(smaller))) {
          best = smaller;
          index -= 1;
          break;
        }
      }
    }
    if (best.text.length === before) return best;
  }
  return best;
}

function isPart(node: ASTNode): boolean {
  return (
    node.kind === Kind.FIELD ||
    node.kind === Kind.INLINE_FRAGMENT ||
    node.kind === Kind.FRAGMENT_SPREAD ||
    node.kind === Kind.DIRECTIVE ||
    node.kind === Kind.ARGUMENT
  );
}

function countParts(document: DocumentNode): number {
  let count = 0;
  visit(document, { enter: (node) => void (count += isPart(node) ? 1 : 0) });
  return count;
}

/** `unwrap` puts the selections of a fragment in its place. Null when the result is not valid. */
function without(schema: GraphQLSchema, operation: Operation, index: number, how: 'remove' | 'unwrap'): Operation | null {
  let at = -1;
  let changed = false;
  const edited = visit(operation.document, {
    enter(node) {
      if (!isPart(node)) return undefined;
      at += 1;
      if (at !== index) return undefined;
      changed = true;
      if (how === 'remove') return null;
      const inner = innerSelections(operation.document, node);
      if (inner === null) changed = false;
      return inner ?? undefined;
    },
  });
  if (!changed) return null;
  try {
    const small = tidy(schema, flatten(edited), operation.variables);
    return small === null ? null : { ...operation, ...small };
  } catch {
    return null;
  }
}

/** A selection set in the place of a selection: spliced in by `flatten`. */
function innerSelections(document: DocumentNode, node: ASTNode): ASTNode | null {
  if (node.kind === Kind.INLINE_FRAGMENT) return node.selectionSet;
  if (node.kind !== Kind.FRAGMENT_SPREAD) return null;
  const fragment = document.definitions.find((one) => one.kind === Kind.FRAGMENT_DEFINITION && one.name.value === node.name.value);
  if (fragment?.kind !== Kind.FRAGMENT_DEFINITION) return null;
  return { kind: Kind.INLINE_FRAGMENT, typeCondition: fragment.typeCondition, selectionSet: fragment.selectionSet };
}

function flatten(document: DocumentNode): DocumentNode {
  return visit(document, {
    SelectionSet: {
      leave(node) {
        const selections = node.selections.flatMap((one) =>
          (one as ASTNode).kind === Kind.SELECTION_SET ? (one as unknown as typeof node).selections : [one],
        ); // put there by unwrap
        if (selections.length === 0) throw new Error('empty');
        return { ...node, selections };
      },
    },
  });
}

/** Without unused fragments and variables. */
function tidy(schema: GraphQLSchema, document: DocumentNode, variables: Readonly<Record<string, unknown>>): Operation | null {
  const text = print(document);
  const spread = (name: string): boolean => new RegExp(`\\.\\.\\.${name}\\b`).test(text);
  const definitions = document.definitions.filter((one) => one.kind !== Kind.FRAGMENT_DEFINITION || spread(one.name.value));
  const pruned = definitions.map((one) => {
    if (one.kind !== Kind.OPERATION_DEFINITION) return one;
    const used = (name: string): boolean => (text.match(new RegExp(`\\$${name}\\b`, 'g')) ?? []).length > 1;
    return { ...one, variableDefinitions: (one.variableDefinitions ?? []).filter((variable) => used(variable.variable.name.value)) };
  });
  const small = print({ kind: Kind.DOCUMENT, definitions: pruned });
  const parsed = parse(small);
  return validate(schema, parsed).length === 0 ? { text: small, document: parsed, variables } : null;
}
