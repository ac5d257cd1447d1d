// Times in files: a local time of a named zone becomes an instant.
const formats = new Map<string, Intl.DateTimeFormat>();

const LOCAL = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/;

/** The local time of an instant, as if it were UTC, in milliseconds. */
function localMs(atMs: number, timeZone: string): number {
  let format = formats.get(timeZone);
  if (format === undefined) {
    // sv-SE writes a time as YYYY-MM-DD HH:MM:SS
    format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
    formats.set(timeZone, format);
  }
  return Date.parse(`${format.format(atMs).replace(' ', 'T')}Z`);
}

/**
 * The instant of a local time written 'YYYY-MM-DD HH:MM:SS'; null when it is no such time. Of a time that the clock shows twice it is the
 * first, and a time that the clock leaves out is read as if the clock had not been moved yet.
 */
export function toInstant(local: string, timeZone: string): Date | null {
  const asUtcMs = LOCAL.test(local) ? Date.parse(`${local.replace(' ', 'T')}Z`) : Number.NaN;
  if (Number.isNaN(asUtcMs) || !new Date(asUtcMs).toISOString().startsWith(local.slice(0, 10))) return null;
  const offsetAt = (ms: number): number => localMs(ms, timeZone) - ms;
  // the offset before any move of the clock on that day
  const early = asUtcMs - offsetAt(asUtcMs - 86_400_000);
  return new Date(localMs(early, timeZone) === asUtcMs ? early : lateOrGap(asUtcMs, early, offsetAt));
}

function lateOrGap(asUtcMs: number, early: number, offsetAt: (ms: number) => number): number {
  const late = asUtcMs - offsetAt(asUtcMs + 86_400_000);
  return late + offsetAt(late) === asUtcMs ? late : early;
}
