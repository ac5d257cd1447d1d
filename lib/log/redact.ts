/** Keeps secrets out of logs: by the name of a field, and by the look of a text (tokens, passwords in URLs). */
import { types } from 'node:util';

const hiddenText = '[hidden]';
const maxDepth = 6;
const maxTextLength = 4_000;
const maxStackLines = 12;
const maxItems = 100;

/** Fields whose value is never written, whatever it is. Compared in lower case, without - and _. */
const secretFields = new Set(
  [
    'authorization',
    'proxy-authorization',
    'cookie',
    'set-cookie',
    'token',
    'access-token',
    'id-token',
    'refresh-token',
    'jwt',
    'bearer',
    'ir-principal',
    'principal-token',
    'password',
    'passphrase',
    'secret',
    'client-secret',
    'private-key',
    'cursor-key',
    'api-key',
    'd',
    'variables',
    'variable-values',
    'representations',
    'input',
    'args',
    'request-body',
    'body',
    'connection-string',
    'ticket',
    'email',
    'phone',
  ].map(toFieldKey),
);

/** `mark`: stands in every text that the pattern finds something in, and is looked for first, because that costs next to nothing. */
const textRules: readonly { readonly mark: string; readonly pattern: RegExp; readonly hidden: string }[] = [
  { mark: 'eyJ', pattern: /\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*/g, hidden: hiddenText },
  { mark: '', pattern: /\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi, hidden: `$1 ${hiddenText}` },
  { mark: 'ticket=', pattern: /\b(ticket=)[\w.~%+/=-]+/g, hidden: `$1${hiddenText}` },
  { mark: '://', pattern: /(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@"]*:)[^\s@"]+@/gi, hidden: `$1${hiddenText}@` },
];

/** A copy of the value fit for a log: secret fields hidden, errors as plain data, depth and length bounded. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(toBounded(value));
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return value.toISOString();
  if (depth >= maxDepth) return '[deeper]';
  if (types.isNativeError(value)) return redactError(value, depth);
  if (Array.isArray(value)) return value.slice(0, maxItems).map((item) => redact(item, depth + 1));
  if (value instanceof Map || value instanceof Set) return redact([...value], depth);
  return isPlain(value) ? redactFields(value, depth) : `[${value.constructor.name}]`;
}

export function redactFields(value: object, depth = 0): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, secretFields.has(toFieldKey(name)) ? hiddenText : redact(field, depth + 1)]),
  );
}

/** Hides what looks like a token or a password, wherever it stands in the text. */
export function redactText(text: string): string {
  return textRules.reduce(
    (current, { mark, pattern, hidden }) => (current.includes(mark) ? current.replace(pattern, hidden) : current),
    text,
  );
}

/** Long texts are cut. */
export function toBounded(text: string): string {
  return text.length > maxTextLength ? `${text.slice(0, maxTextLength)}…` : text;
}

function redactError(error: Error, depth: number): Record<string, unknown> {
  const { name, message, stack, cause, ...rest } = error;
  const own = redactFields(rest, depth);
  return {
    ...own,
    name,
    message: redactText(toBounded(message)),
    ...(stack === undefined ? {} : { stack: redactText(stack.split('\n').slice(0, maxStackLines).join('\n')) }),
    ...(cause === undefined ? {} : { cause: redact(cause, depth + 1) }),
  };
}

function toFieldKey(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, '');
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
