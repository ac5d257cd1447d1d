// What a client of a subgraph may read of an error: the catalogue says; everything else is masked and logged.
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { isHubError } from '../../lib/errors/errors.ts';
import type { Log } from '../../lib/log/log.ts';

const rootCause = (error: unknown): unknown => {
  let cause = error;
  while (cause instanceof GraphQLError && cause.originalError !== undefined) cause = cause.originalError;
  return cause;
};

// mercurius reports a wrong document by an error of its own, with GraphQL's errors inside.
function explainDocument(cause: unknown): string | null {
  if (!(cause instanceof Error) || !('code' in cause) || !String(cause.code).startsWith('MER_ERR_GQL_')) return null;
  const inner: unknown = 'errors' in cause ? cause.errors : undefined;
  return Array.isArray(inner) ? inner.map((e: unknown) => (e instanceof Error ? e.message : '')).join('; ') : cause.message;
}

/** The error as it is sent. GraphQL's own errors (syntax, validation, coercion) are for the client; others only when visible. */
export function toClientError(error: unknown): GraphQLFormattedError {
  const place = error instanceof GraphQLError ? error : undefined;
  const where = { ...(place?.path ? { path: place.path } : {}), ...(place?.locations ? { locations: place.locations } : {}) };
  const cause = rootCause(error);
  if (isHubError(cause) && cause.visible) return { message: cause.message, ...where, extensions: { code: cause.code } };
  if (cause instanceof GraphQLError)
    return { message: cause.message, ...where, extensions: { code: 'BAD_USER_INPUT', ...cause.extensions } };
  const wrongDocument = explainDocument(cause);
  if (wrongDocument !== null) return { message: wrongDocument, ...where, extensions: { code: 'BAD_USER_INPUT' } };
  return { message: 'Internal error', ...where, extensions: { code: 'INTERNAL' } };
}

/** Logs what a client may not read: the failures of our own code. */
export function logFailures(errors: readonly unknown[], log: Log, requestId: string): void {
  for (const error of errors) {
    if (toClientError(error).extensions?.['code'] !== 'INTERNAL') continue;
    log.error(
      { err: withoutValues(rootCause(error)), requestId, path: error instanceof GraphQLError ? error.path?.join('.') : undefined },
      'a resolver failed',
    );
  }
}

// What the database or its client says may quote the values of a row: of such an error only its kind and code are logged.
function withoutValues(cause: unknown): unknown {
  if (!(cause instanceof Error) || !('clientVersion' in cause || 'severity' in cause)) return cause;
  const code = 'code' in cause ? String(cause.code) : 'none';
  return Object.assign(new Error(`the database refused (code ${code})`), { name: cause.name });
}
