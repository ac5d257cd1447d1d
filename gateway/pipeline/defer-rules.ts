/**
 * What validation asks of `@defer` besides its definition: labels are plain strings, each used once; neither the root of a mutation nor
 * anything of a subscription is deferred. Exports `deferRules`.
 */
import { GraphQLError, Kind } from 'graphql';
import type { ASTVisitor, DirectiveNode, ValidationContext, ValidationRule } from 'graphql';

export const deferRules: readonly ValidationRule[] = [labelRule, rootRule, subscriptionRule];

function labelRule(context: ValidationContext): ASTVisitor {
  const known = new Map<string, DirectiveNode>();
  return {
    Directive(node) {
      const value = node.name.value === 'defer' ? argumentOf(node, 'label') : undefined;
      if (value === undefined || value.kind === Kind.NULL) return;
      if (value.kind !== Kind.STRING) {
        context.reportError(new GraphQLError('The label of @defer must be a plain string, not a variable.', { nodes: node }));
        return;
      }
      const other = known.get(value.value);
      if (other !== undefined)
        context.reportError(new GraphQLError(`The label "${value.value}" is used for more than one @defer.`, { nodes: [other, node] }));
      known.set(value.value, node);
    },
  };
}

/** Root fields of a mutation run one after the other: none of them can wait for later. */
function rootRule(context: ValidationContext): ASTVisitor {
  return {
    Directive(node) {
      if (node.name.value !== 'defer') return;
      const parent = context.getParentType();
      const schema = context.getSchema();
      if (parent === null || parent === undefined) return;
      if (parent === schema.getMutationType() || parent === schema.getSubscriptionType())
        context.reportError(new GraphQLError(`@defer cannot be used on the root type ${parent.name}.`, { nodes: node }));
    },
  };
}

function subscriptionRule(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition(operation) {
      if (operation.operation !== 'subscription') return;
      const parts = [operation, ...context.getRecursivelyReferencedFragments(operation)];
      for (const node of parts.flatMap((part) => defersIn(part.selectionSet)))
        if (mayDefer(node)) context.reportError(new GraphQLError('@defer cannot be used in a subscription.', { nodes: node }));
    },
  };
}

type Selections = { readonly selections: readonly Parameters<typeof directivesOf>[0][] };

function defersIn({ selections }: Selections): DirectiveNode[] {
  return selections.flatMap((node) => [
    ...directivesOf(node).filter(({ name }) => name.value === 'defer'),
    ...(node.selectionSet === undefined ? [] : defersIn(node.selectionSet)),
  ]);
}

function directivesOf(node: {
  readonly directives?: readonly DirectiveNode[] | undefined;
  readonly selectionSet?: Selections | undefined;
}): readonly DirectiveNode[] {
  return node.directives ?? [];
}

/** Unless it says itself that it may not. */
function mayDefer(node: DirectiveNode): boolean {
  const value = argumentOf(node, 'if');
  return value === undefined || (value.kind === Kind.BOOLEAN && value.value);
}

function argumentOf(node: DirectiveNode, name: string) {
  return node.arguments?.find((argument) => argument.name.value === name)?.value;
}
