/**
 * The one error that `engine/` throws. Its `code` stands in the error catalogue; its message says what was expected, what
 * came and what to try. Exports `EngineError` and `isEngineError`.
 */
export class EngineError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'EngineError';
    this.code = code;
  }
}

export function isEngineError(error: unknown): error is EngineError {
  return error instanceof EngineError;
}
