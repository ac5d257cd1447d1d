// Windows that end now.
export type TimeWindow = 'D7' | 'D30' | 'D90';

const days: Readonly<Record<TimeWindow, number>> = { D7: 7, D30: 30, D90: 90 };

/** The start of the window, `times` windows back. */
export const startOf = (window: TimeWindow, now: Date, times = 1): Date => new Date(now.getTime() - times * days[window] * 86_400_000);
