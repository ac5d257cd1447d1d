// Subscriptions are declared in a subgraph's SDL for the gateway, which reads their events from the feed. Asked here, they are refused
// before anything runs: no library could answer them, and one or the other would answer null, or wait.
import { GraphQLError, OperationTypeNode, type ASTVisitor, type ValidationContext } from 'graphql';

/** A rule of validation: BAD_USER_INPUT for a document that holds a subscription. */
export const refuseSubscriptions = (context: ValidationContext): ASTVisitor => ({
  OperationDefinition: (operation) => {
    if (operation.operation !== OperationTypeNode.SUBSCRIPTION) return;
    const message = 'A subgraph serves no subscriptions; subscribe at the gateway.';
    context.reportError(new GraphQLError(message, { nodes: operation, extensions: { code: 'BAD_USER_INPUT' } }));
  },
});
