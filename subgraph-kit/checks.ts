// Checks of inputs that mutations share; each adds a problem that says what was expected and what came.
import { explainGmn, explainKey } from './gs1.ts';
import type { Problems } from './problems.ts';

type Path = readonly (string | number)[];
export type MoneyInput = { readonly amountMinor: number; readonly currency: string };

const short = (value: unknown): string => JSON.stringify(value)?.slice(0, 60) ?? 'nothing';

/** Most that an `Int` of the graph and a column of whole numbers hold. */
export const INT_MOST = 2_147_483_647;

/** Not blank, and at most `most` characters, blanks at its ends included. */
export function checkText(problems: Problems, value: string | null | undefined, path: Path, most = 200): void {
  if (value === null || value === undefined) return;
  const length = value.trim() === '' ? 0 : value.length;
  if (length === 0 || length > most) problems.add('TOO_LONG', path, `expected 1 to ${most} characters, got ${length}`);
}

/** A number within a range, ends included. */
export function checkRange(
  problems: Problems,
  value: number | null | undefined,
  path: Path,
  range: { from: number; to?: number; unit?: string },
): void {
  if (value === null || value === undefined) return;
  if (Number.isFinite(value) && value >= range.from && value <= (range.to ?? Number.MAX_SAFE_INTEGER)) return;
  const words = range.to === undefined ? `at least ${range.from}` : `${range.from} to ${range.to}`;
  problems.add('OUT_OF_RANGE', path, `expected ${words}${range.unit === undefined ? '' : ` ${range.unit}`}, got ${value}`);
}

/** A share in basis points, 0 to 10,000. */
export const checkBps = (problems: Problems, value: number | null | undefined, path: Path): void =>
  checkRange(problems, value, path, { from: 0, to: 10_000, unit: 'basis points' });

/** An amount that is not below zero. */
export const checkAmount = (problems: Problems, value: MoneyInput | null | undefined, path: Path): void =>
  checkRange(problems, value?.amountMinor, [...path, 'amountMinor'], { from: 0 });

/** Amounts of one row have one currency. */
export function checkOneCurrency(problems: Problems, values: readonly (MoneyInput | null | undefined)[], path: Path): void {
  const currencies = [...new Set(values.flatMap((value) => (value ? [value.currency] : [])))];
  if (currencies.length > 1) problems.add('CURRENCY_MISMATCH', path, `expected one currency, got ${currencies.join(', ')}`);
}

/** A list of `least` to `most` items. */
export function checkCount(problems: Problems, list: readonly unknown[] | null | undefined, path: Path, most: number, least = 0): void {
  if (!list) return;
  if (list.length > most) problems.add('TOO_MANY', path, `expected at most ${most} items, got ${list.length}`);
  if (list.length < least) problems.add('TOO_FEW', path, `expected at least ${least} items, got ${list.length}`);
}

/** Items with different identities. */
export function checkUnique<T>(problems: Problems, list: readonly T[] | null | undefined, path: Path, identity: (item: T) => string): void {
  const seen = new Set<string>();
  list?.forEach((item, i) => {
    const id = identity(item);
    if (seen.has(id)) problems.add('DUPLICATE', [...path, i], `${short(id)} stands twice in the list`);
    seen.add(id);
  });
}

/** A GLN: 13 digits with a right check digit. */
export const checkGln = (problems: Problems, value: string | null | undefined, path: Path): void => checkGs1(problems, value, path, [13]);
/** A GTIN of 13 or 14 digits with a right check digit. */
export const checkGtin = (problems: Problems, value: string | null | undefined, path: Path): void =>
  checkGs1(problems, value, path, [13, 14]);

function checkGs1(problems: Problems, value: string | null | undefined, path: Path, lengths: readonly number[]): void {
  if (value === null || value === undefined) return;
  const wrong = explainKey(value, lengths);
  if (wrong !== null) problems.add('BAD_CHECK_DIGIT', path, wrong);
}

/** A GMN with right check characters. */
export function checkGmn(problems: Problems, value: string | null | undefined, path: Path): void {
  const wrong = value === null || value === undefined ? null : explainGmn(value);
  if (wrong !== null) problems.add(wrong.kind === 'form' ? 'BAD_CODE' : 'BAD_CHECK_DIGIT', path, wrong.words);
}

/** A code that matches a form. */
export function checkForm(problems: Problems, value: string | null | undefined, path: Path, form: RegExp, words: string): void {
  if (value === null || value === undefined || form.test(value)) return;
  problems.add('BAD_CODE', path, `expected ${words}, got ${short(value)}`);
}

/** `from` does not lie after `to`; both are days, or both times. */
export function checkOrder(
  problems: Problems,
  from: string | Date | null | undefined,
  to: string | Date | null | undefined,
  path: Path,
): void {
  if (!from || !to || from <= to) return;
  const words = (value: string | Date): string => (value instanceof Date ? value.toISOString() : value);
  problems.add('DATES_REVERSED', path, `${words(to)} lies before ${words(from)}`);
}

/** A day that has not passed. */
export function checkNotPast(problems: Problems, day: string | null | undefined, today: string, path: Path): void {
  if (day && day < today) problems.add('DAY_IN_PAST', path, `${day} has passed, today is ${today}`);
}

/** A day or time that has come. */
export function checkNotFuture(problems: Problems, at: string | Date | null | undefined, now: string | Date, path: Path): void {
  if (at && at > now) problems.add('DAY_IN_FUTURE', path, `${at instanceof Date ? at.toISOString() : at} has not come yet`);
}
