/** Secrets in URLs: a ticket may stand there, a token never. Exports `assertNoToken`, `readOnce`. */
import { createError } from '../../../lib/errors/errors.ts';
import type { HttpRequest } from '../http-request.ts';

const tokenNames = new Set(['token', 'accesstoken', 'authtoken', 'bearertoken', 'idtoken', 'bearer', 'jwt', 'authorization']);
const jwtLike = /^eyJ[\w-]+\.[\w-]+\.[\w-]*$/;

/** Throws TOKEN_IN_URL when a parameter is named as tokens are, or a ticket looks like one. */
export function assertNoToken(request: HttpRequest): void {
  if (!hasQuery(request)) return;
  for (const [name, value] of request.url.searchParams) {
    const isToken = tokenNames.has(name.toLowerCase().replaceAll(/[-_]/g, '')) || (name === 'ticket' && jwtLike.test(value));
    if (!isToken) continue;
    throw createError(
      'TOKEN_IN_URL',
      'A token may not stand in a URL: logs and histories keep it. Send Authorization: Bearer <token>, or ask POST /graphql/ticket for a ticket; give up the token that was sent.',
    );
  }
}

/** null: it is not there, or empty. Throws BAD_REQUEST for a parameter that comes twice: servers disagree on which one counts. */
export function readOnce(request: HttpRequest, name: string): string | null {
  const values = hasQuery(request) ? request.url.searchParams.getAll(name) : [];
  if (values.length > 1) throw createError('BAD_REQUEST', `The parameter ${name} comes twice.`);
  return values[0] === undefined || values[0] === '' ? null : values[0];
}

/** Most requests have none, and their URL is not read. */
function hasQuery({ message }: HttpRequest): boolean {
  return message.url?.includes('?') === true;
}
