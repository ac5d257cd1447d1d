// Orders per hour, exponentially weighted, by a formula that anybody can repeat. With times in hours:
//   rate = rate before × 2^−Δ + orders ÷ w × (1 − 2^−w)
// where w is the length of the window and Δ the time since the end of the window before (0 at the start). Windows that follow each other
// without a gap give the usual weighted mean; windows of several sources that lie side by side add up.
const HALF_LIFE_MS = 3_600_000;

const halved = (ms: number): number => 2 ** (-ms / HALF_LIFE_MS);

export type Rate = { readonly at: Date; readonly perHour: number };
export type Window = { readonly at: Date; readonly windowSeconds: number; readonly orders: number };

/** The rate at the end of a window. `before`: that at the end of the window before, which does not end later; undefined: none. */
export function nextRate({ at, windowSeconds, orders }: Window, before: Rate | undefined): number {
  const windowMs = windowSeconds * 1_000;
  const left = before === undefined ? 0 : before.perHour * halved(at.getTime() - before.at.getTime());
  return left + (orders / (windowMs / HALF_LIFE_MS)) * (1 - halved(windowMs));
}
