/** Why a subgraph gave no answer, and whether asking again can do harm. Exports `SubgraphFailure`, `isFailure`, `createFailure`. */
import { HubError, type ErrorCode } from '../../../lib/errors/errors.ts';

export type FailureCode = Extract<ErrorCode, `SUBGRAPH_${string}`>;

export class SubgraphFailure extends HubError {
  /** The connection ended before anything of an answer came. A subgraph may have done the work all the same. */
  readonly beforeAnswer: boolean;

  constructor(code: FailureCode, message: string, options: { cause?: unknown; beforeAnswer?: boolean } = {}) {
    super(code, message, 'cause' in options ? { cause: options.cause } : undefined);
    this.beforeAnswer = options.beforeAnswer ?? false;
  }
}

export function isFailure(thrown: unknown): thrown is SubgraphFailure {
  return thrown instanceof SubgraphFailure;
}
