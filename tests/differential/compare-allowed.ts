/** Data that somebody should get beside data that somebody got. What is allowed may be lost where nothing lawful leads to it. */
export type ReceivedErrors = readonly { readonly code: string; readonly path: readonly (string | number)[] }[];

type Comparing = {
  readonly path: readonly (string | number)[];
  readonly errors: ReceivedErrors;
  /** Allowed places that are null with a FORBIDDEN at or below them. */
  readonly lost: string[];
};

export function compareData(expected: unknown, actual: unknown, at: Comparing): string[] {
  const { path, errors, lost } = at;
  const place = path.join('.');
  if (actual === null) {
    if (expected === null) return [];
    if (!errors.some((error) => error.code === 'FORBIDDEN' && startsWith(path, error.path))) return [`null without FORBIDDEN at ${place}`];
    lost.push(place);
    return [];
  }
  if (expected === null) return [`EXTRA VALUE at ${place}: ${JSON.stringify(actual)}`];
  if (typeof expected !== 'object' || typeof actual !== 'object')
    return expected === actual ? [] : [`at ${place}: ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`];
  const keys = [Object.keys(expected), Object.keys(actual)].map((list) => list.join());
  if (keys[0] !== keys[1]) return [`keys at ${place}: ${keys.join(' | ')}`];
  const [wanted, got] = [expected, actual] as [Record<string, unknown>, Record<string, unknown>]; // objects with equal keys; an array counts
  return Object.keys(wanted).flatMap((key) => compareData(wanted[key], got[key], { ...at, path: [...path, key] }));
}

export function startsWith(start: readonly (string | number)[], path: readonly (string | number)[]): boolean {
  return start.length <= path.length && start.every((step, index) => String(path[index]) === String(step));
}

export function valueAt(data: unknown, path: readonly (string | number)[]): unknown {
  let value = data;
  for (const step of path) {
    if (value === null || typeof value !== 'object') return undefined;
    value = (value as Record<string, unknown>)[step]; // an array counts
  }
  return value;
}
