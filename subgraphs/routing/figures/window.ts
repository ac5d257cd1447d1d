// The window of figures: days of the hub, both included.
import { addDays, daysBetween } from '../../../lib/clock/clock.ts';
import { createError } from '../../../lib/errors/errors.ts';
import type { Window } from './scope.ts';

const DAYS_AROUND = 28;
const DAYS_MOST = 366;

/** From 28 days ago to 28 days from now where nothing else is said; refuses days in the wrong order and more than 366 of them. */
export function readWindow(today: string, asked: { readonly from?: string | null; readonly to?: string | null } = {}): Window {
  const from = asked.from ?? addDays(today, -DAYS_AROUND);
  const to = asked.to ?? addDays(today, DAYS_AROUND);
  if (from > to) throw createError('BAD_USER_INPUT', `\`to\` (${to}) lies before \`from\` (${from})`);
  const days = daysBetween(from, to) + 1;
  if (days > DAYS_MOST) throw createError('BAD_USER_INPUT', `expected at most ${DAYS_MOST} days from \`from\` to \`to\`, got ${days}`);
  return { from, to };
}
