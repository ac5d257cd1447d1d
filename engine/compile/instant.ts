/** Instants of RFC 3339, compared in time: `2026-11-22T17:00:00+08:00` is `2026-11-22T09:00:00Z`. Exports `toInstant`, `orderOfInstants`. */

export type Instant = {
  /** Since 1970. A leap second is the first of the next minute. */
  readonly seconds: number;
  /** Digits after the point without zeros at the end: however many there are, none is lost. */
  readonly fraction: string;
};

const INSTANT = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,300}))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/** Null for text that is no instant: a day alone, no offset, the 30th of February. */
export function toInstant(text: string): Instant | null {
  const match = INSTANT.exec(text);
  if (match === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const [offsetHour, offsetMinute] = [Number(match[9] ?? 0), Number(match[10] ?? 0)];
  if (hour > 23 || minute > 59 || second > 60 || offsetHour > 23 || offsetMinute > 59) return null;
  const midnight = new Date(0);
  // Not by Date.UTC, which takes the years 0 to 99 for 1900 to 1999.
  midnight.setUTCFullYear(year, month - 1, day);
  if (midnight.getUTCMonth() !== month - 1 || midnight.getUTCDate() !== day) return null;
  const offset = (match[8] === '-' ? -1 : 1) * (offsetHour * 3_600 + offsetMinute * 60);
  const fraction = (match[7] ?? '').replace(/0+$/, '');
  return { seconds: midnight.getTime() / 1_000 + hour * 3_600 + minute * 60 + second - offset, fraction };
}

/** Less than 0, 0 or greater than 0. */
export function orderOfInstants(one: Instant, other: Instant): number {
  if (one.seconds !== other.seconds) return one.seconds - other.seconds;
  if (one.fraction === other.fraction) return 0;
  return one.fraction < other.fraction ? -1 : 1;
}
