/**
 * Stage `authorise`: what this principal may not have, before anything is asked of anybody. Denied coordinates are an input of the
 * planner, which never touches them.
 */
import { OperationTypeNode } from 'graphql';
import { createError } from '../../lib/errors/errors.ts';
import { isVisitor, type Principal } from '../../lib/identity/index.ts';
import type { Denied } from './access.ts';
import type { Hub } from './hub.ts';
import type { KnownOperation } from './known-document.ts';
import type { Stage } from './stage.ts';
import type { LoadedGraph } from './supergraph/loaded-graph.ts';

type Needs = { graph: LoadedGraph; principal: Principal; operation: KnownOperation };

export const authorise: Stage<Needs, { denied: Denied }, Hub> = {
  name: 'authorise',
  run({ graph, principal, operation }, { identity, access }) {
    if (identity.visitorsOnlyRead && isVisitor(principal) && operation.definition.operation === OperationTypeNode.MUTATION) {
      throw createError('READ_ONLY', 'The visitor without a token may only read. Send Authorization: Bearer <token>.');
    }
    const denied = access.judge({ supergraph: graph.supergraph, operation, principal });
    return denied instanceof Promise ? denied.then((settled) => ({ denied: settled })) : { denied };
  },
};
