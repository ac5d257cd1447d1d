/**
 * Time as an input. Domain code gets a Clock and never asks the machine; days are calendar days ('YYYY-MM-DD') in a named time zone.
 */
export type Clock = { readonly now: () => Date };
export type FixedClock = Clock & { readonly advance: (milliseconds: number) => void };
/** How a hub's clock is set: as written in HUB_CLOCK. `anchorAt` is the real moment at which the demo began, equal in all processes. */
export type ClockSetting = { kind: 'real' } | { kind: 'demo'; startAt: Date; speed: number; anchorAt?: Date };

const dayMs = 86_400_000;

export const realClock: Clock = { now: () => new Date() };

/** A clock that was `startAt` at the moment `anchorAt` (by default: now) and runs `speed` times as fast as the real one. */
export function createDemoClock(options: { startAt: Date; speed: number; anchorAt?: Date; real?: Clock }): Clock {
  const real = options.real ?? realClock;
  const anchorMs = (options.anchorAt ?? real.now()).getTime();
  const startMs = options.startAt.getTime();
  return { now: () => new Date(startMs + (real.now().getTime() - anchorMs) * options.speed) };
}

/** A clock that stands still until it is told to go on: for tests. */
export function createFixedClock(startAt: Date | string): FixedClock {
  let nowMs = new Date(startAt).getTime();
  return {
    now: () => new Date(nowMs),
    advance: (milliseconds) => {
      nowMs += milliseconds;
    },
  };
}

export function createClock(setting: ClockSetting): Clock {
  return setting.kind === 'real' ? realClock : createDemoClock(setting);
}

const dayFormats = new Map<string, Intl.DateTimeFormat>();

/** The calendar day of a moment in a time zone, as 'YYYY-MM-DD'. Throws RangeError for an unknown time zone. */
export function toBusinessDay(at: Date, timeZone: string): string {
  let format = dayFormats.get(timeZone);
  if (!format) {
    // en-CA writes a date as YYYY-MM-DD
    format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
    dayFormats.set(timeZone, format);
  }
  return format.format(at);
}

/** The day `count` days after (before, when negative) `day`. */
export function addDays(day: string, count: number): string {
  return new Date(parseDay(day) + count * dayMs).toISOString().slice(0, 10);
}

/** Days from `from` to `to`: positive when `to` is later. */
export function daysBetween(from: string, to: string): number {
  return (parseDay(to) - parseDay(from)) / dayMs;
}

function parseDay(day: string): number {
  const parsed = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(parsed)) throw new RangeError(`Expected a day as YYYY-MM-DD, got "${day}".`);
  return parsed;
}
