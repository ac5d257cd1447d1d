/** The kinds of value a variable can have, as zod types over its text. */
import { isAbsolute, resolve } from 'node:path';
import { z } from 'zod';
import type { ClockSetting } from '../clock/clock.ts';
import { fromRoot } from '../paths.ts';

export function oneOf<const Values extends readonly [string, ...string[]]>(...values: Values) {
  return z.enum(values, { error: `expected one of ${values.join(', ')}` });
}

export function wholeNumber(min: number, max: number) {
  const error = `expected a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, error)
    .transform(Number)
    .pipe(z.number().min(min, error).max(max, error));
}

export function text(expected: string, pattern: RegExp = /\S/) {
  return z.string().regex(pattern, `expected ${expected}`);
}

export function url(...protocols: readonly string[]) {
  const expected = `expected a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`;
  return z.string().refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol), expected);
}

/** A file or folder; a relative one is meant from the project's root, wherever the process was started. */
export function path() {
  return text('a file or folder').transform((value) => (isAbsolute(value) ? resolve(value) : fromRoot(value)));
}

export function timeZone() {
  return z.string().refine(isTimeZone, 'expected an IANA time zone such as Asia/Shanghai');
}

/** `name=value,name=value` */
export function pairs(example: string) {
  const error = `expected ${example}`;
  return z
    .string()
    .refine((value) => splitList(value).every((pair) => /^[^=\s]+=\S+$/.test(pair)), error)
    .transform((value) =>
      Object.fromEntries(splitList(value).map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)])),
    );
}

/** JSON: an object of lists of texts. */
export function lists(example: string) {
  return z.string().transform((value, context): Record<string, string[]> => {
    const parsed = listsByName.safeParse(parseJson(value));
    if (parsed.success) return parsed.data;
    context.addIssue({ code: 'custom', message: `expected JSON such as ${example}` });
    return z.NEVER;
  });
}

const listsByName = z.record(z.string().min(1), z.array(z.string().min(1)));

function parseJson(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

/** JSON object whose values are one of some words: `{"name": "word"}` */
export function namesTo<const Words extends readonly [string, ...string[]]>(...words: Words) {
  const error = `expected JSON such as {"name": "${words[0]}"}`;
  const shape = z.record(z.string(), z.enum(words));
  return z.string().transform((value, context): ReadonlyMap<string, Words[number]> => {
    try {
      return new Map(Object.entries(shape.parse(JSON.parse(value))));
    } catch {
      context.addIssue({ code: 'custom', message: error });
      return z.NEVER;
    }
  });
}

/** `a,b,c` */
export function list(expected: string) {
  return text(expected).transform(splitList);
}

const demoClock = /^demo:(\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?):(\d+(?:\.\d+)?)(?::(\d{13}))?$/;

/** `real`, `demo:START:SPEED`, or `demo:START:SPEED:ANCHOR` with the real moment of START in milliseconds since 1970. */
export function clockSetting() {
  return z.string().transform((value, context): ClockSetting => {
    if (value === 'real') return { kind: 'real' };
    const [, startText = '', speedText = '', anchorText] = demoClock.exec(value) ?? [];
    const startAt = new Date(startText);
    if (Number.isNaN(startAt.getTime())) {
      context.addIssue({ code: 'custom', message: 'expected real, or demo:START:SPEED such as demo:2026-03-01T08:00:00Z:60' });
      return z.NEVER;
    }
    const anchor = anchorText === undefined ? {} : { anchorAt: new Date(Number(anchorText)) };
    return { kind: 'demo', startAt, speed: Number(speedText), ...anchor };
  });
}

function splitList(value: string): string[] {
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function isTimeZone(value: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
