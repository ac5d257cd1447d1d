/** Deep freezing of index data: plain objects, arrays, AST nodes and Maps (which then refuse to be written). */

/** Freezes `value` and all it holds; what is frozen already is taken as deeply frozen. Returns its argument. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (value instanceof Map) sealMap(value);
  Object.freeze(value);
  if (Array.isArray(value) || value instanceof Map) for (const part of value.values()) deepFreeze(part);
  else for (const part of Object.values(value)) if (typeof part === 'object') deepFreeze(part);
  return value;
}

function sealMap(map: Map<unknown, unknown>): void {
  map.set = refuse;
  map.delete = refuse;
  map.clear = refuse;
}

function refuse(): never {
  throw new TypeError('This Map is frozen.');
}
