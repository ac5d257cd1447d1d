/**
 * The one error class of the hub. Every error has a code of the catalogue; the catalogue says whether a client may see the message,
 * which HTTP status it has, what it means and what to try.
 */
import { errorCatalogue, type ErrorCode } from './catalogue.ts';

export { errorCatalogue, type ErrorCode, type ErrorEntry } from './catalogue.ts';

export class HubError extends Error {
  override readonly name = 'HubError';
  readonly code: ErrorCode;
  /** May a client read the message and the details? */
  readonly visible: boolean;
  readonly status: number;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: ErrorOptions & { details?: Readonly<Record<string, unknown>> } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.visible = errorCatalogue[code].visible;
    this.status = errorCatalogue[code].status;
    this.details = options.details ?? {};
  }
}

/** The message says what was expected, what came and what to try. */
export function createError(
  code: ErrorCode,
  message: string,
  options?: { details?: Readonly<Record<string, unknown>>; cause?: unknown },
): HubError {
  return new HubError(code, message, options);
}

export function isHubError(value: unknown, code?: ErrorCode): value is HubError {
  return value instanceof HubError && (code === undefined || value.code === code);
}

/** Whatever was thrown, as text. An AggregateError without words of its own (a connection tried at several addresses) says its parts'. */
export function toMessage(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null) return String(thrown);
  const message = 'message' in thrown && typeof thrown.message === 'string' ? thrown.message : '';
  if (message !== '') return message;
  return 'errors' in thrown && Array.isArray(thrown.errors) ? thrown.errors.map(toMessage).join('; ') : 'unknown error';
}

/** The code of Node's errors (ENOENT), of PostgreSQL's (23505) and of our own; '' when there is none. */
export function toErrorCode(thrown: unknown): string {
  // Not by instanceof: errors made by Node itself are of another realm when the code runs in a vm context, as under jest
  return typeof thrown === 'object' && thrown !== null && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
}
