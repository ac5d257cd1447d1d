/** Stage `authorise`: what this principal may not have. Denied coordinates are an input of the planner; none are denied by schema yet. */
import { OperationTypeNode } from 'graphql';
import { createError } from '../../lib/errors/errors.ts';
import { isVisitor, type Principal } from '../../lib/identity/index.ts';
import type { Hub } from './hub.ts';
import type { KnownOperation } from './known-document.ts';
import type { Stage } from './stage.ts';

type Needs = { principal: Principal; operation: KnownOperation };

const nothingDenied: ReadonlySet<string> = Object.freeze(new Set<string>());

export const authorise: Stage<Needs, { denied: ReadonlySet<string> }, Hub> = {
  name: 'authorise',
  run({ principal, operation }, { identity }) {
    if (identity.visitorsOnlyRead && isVisitor(principal) && operation.definition.operation === OperationTypeNode.MUTATION) {
      throw createError('READ_ONLY', 'The visitor without a token may only read. Send Authorization: Bearer <token>.');
    }
    return { denied: nothingDenied };
  },
};
