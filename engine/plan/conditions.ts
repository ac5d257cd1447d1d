/**
 * `@skip`, `@include` and `@defer(if:)`: which variables decide, and whether a node is in. Plans are made per assignment of these
 * variables.
 */
import { Kind } from 'graphql';
import type { DirectiveNode, DocumentNode, SelectionSetNode } from 'graphql';
import { EngineError } from '../supergraph/engine-error.ts';
import { fragmentsOf, operationOf } from './run.ts';

type HasDirectives = { readonly directives?: readonly DirectiveNode[] | undefined };

/** Sorted names of the boolean variables on which the shape of the operation depends. */
export function conditionVariables(document: DocumentNode, operationName?: string | null): string[] {
  const fragments = fragmentsOf(document);
  const names = new Set<string>();
  const seen = new Set<string>();
  const visit = (set: SelectionSetNode): void => {
    for (const node of set.selections) {
      for (const directive of node.directives ?? []) {
        const variable = isCondition(directive) || isDefer(directive) ? conditionVariable(directive) : null;
        if (variable !== null) names.add(variable);
      }
      if (node.kind === Kind.FRAGMENT_SPREAD) {
        const fragment = fragments.get(node.name.value);
        if (fragment === undefined || seen.has(node.name.value)) continue;
        seen.add(node.name.value);
        visit(fragment.selectionSet);
      } else if (node.selectionSet !== undefined) visit(node.selectionSet);
    }
  };
  visit(operationOf(document, operationName ?? null).selectionSet);
  return [...names].toSorted();
}

/** True when the conditions of the node let it in. */
export function isIncluded(node: HasDirectives, conditions: ReadonlyMap<string, boolean>): boolean {
  for (const directive of node.directives ?? []) {
    if (isCondition(directive) && conditionValue(directive, conditions) !== (directive.name.value === 'include')) return false;
  }
  return true;
}

/** The label of the fragment's `@defer` (null: none given); undefined when it is not deferred. */
export function readDefer(node: HasDirectives, conditions: ReadonlyMap<string, boolean>): string | null | undefined {
  const directive = node.directives?.find(({ name }) => name.value === 'defer');
  if (directive === undefined || !conditionValue(directive, conditions)) return undefined;
  const label = directive.arguments?.find(({ name }) => name.value === 'label')?.value;
  return label?.kind === Kind.STRING ? label.value : null;
}

function isCondition(directive: DirectiveNode): boolean {
  return directive.name.value === 'skip' || directive.name.value === 'include';
}

function isDefer(directive: DirectiveNode): boolean {
  return directive.name.value === 'defer';
}

function conditionVariable(directive: DirectiveNode): string | null {
  const value = directive.arguments?.find((argument) => argument.name.value === 'if')?.value;
  return value?.kind === Kind.VARIABLE ? value.name.value : null;
}

/** The value of `if`; true where it is left out, as only @defer may. */
function conditionValue(directive: DirectiveNode, conditions: ReadonlyMap<string, boolean>): boolean {
  const value = directive.arguments?.find((argument) => argument.name.value === 'if')?.value;
  if (value === undefined && isDefer(directive)) return true;
  if (value?.kind === Kind.BOOLEAN) return value.value;
  const known = value?.kind === Kind.VARIABLE ? conditions.get(value.name.value) : undefined;
  if (known === undefined) {
    throw new EngineError(
      'BAD_USER_INPUT',
      `@${directive.name.value} needs the value of its variable before planning: pass it in conditions.`,
    );
  }
  return known;
}
