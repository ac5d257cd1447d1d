/** Why a socket is closed, as graphql-transport-ws and RFC 6455 number it. Exports `closeCodes`, `toCloseCode`, `toCloseReason`. */
import { errorCatalogue, type ErrorCode } from '../../../lib/errors/errors.ts';

export const closeCodes = {
  goingAway: 1012,
  tryLater: 1013,
  /** For messages beyond the rate: clients do not come back by themselves. */
  policy: 1008,
  tooSlow: 4290,
  malformed: 4400,
  notAcknowledged: 4401,
  forbidden: 4403,
  noSubprotocol: 4406,
  tooLate: 4408,
  idInUse: 4409,
  initTwice: 4429,
} as const;

const byError: Partial<Record<ErrorCode, number>> = {
  LIVE_TOO_SLOW: closeCodes.tooSlow,
  LIVE_GOING_AWAY: closeCodes.goingAway,
  TOKEN_EXPIRED: closeCodes.forbidden,
  TOKEN_INVALID: closeCodes.forbidden,
  UNAUTHENTICATED: closeCodes.forbidden,
  FORBIDDEN: closeCodes.forbidden,
};

/** Stock clients come back after each of them, with their cursors. */
export function toCloseCode(code: ErrorCode): number {
  return byError[code] ?? closeCodes.tryLater;
}

/** A close frame holds no more text. */
const mostReasonBytes = 123;

/** Code and message where they fit, else the code alone; of what a client may not see, nothing. */
export function toCloseReason(code: ErrorCode, message: string): string {
  if (!errorCatalogue[code].visible) return 'INTERNAL';
  const whole = `${code}: ${message}`;
  return Buffer.byteLength(whole) <= mostReasonBytes ? whole : code;
}
