/**
 * The JSON of a body. Clients send the same few documents again and again: a short body without variables is read once and remembered.
 * Exports `createParamsReader`.
 */
import { parseStrictJson, type JsonBounds } from './strict-json.ts';

const maxRemembered = 500;
const maxRememberedLength = 2_048;

/** Parsed and checked as `parseStrictJson` does; what is remembered is frozen. */
export function createParamsReader(bounds: JsonBounds): (text: string) => unknown {
  const known = new Map<string, unknown>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const params = parseStrictJson(text, bounds);
    if (text.length > maxRememberedLength || !isFlat(params)) return params;
    if (known.size >= maxRemembered) known.clear();
    known.set(text, Object.freeze(params));
    return params;
  };
}

/** An object that holds no other: variables never stay here. */
function isFlat(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((one) => typeof one !== 'object' || one === null);
}
