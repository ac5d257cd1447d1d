/** How deep a value of JSON is nested, found without recursion. Exports `isTooDeep`. */
import { isNested } from './json.ts';

/** Levels of lists and objects in one value of a custom scalar. Writing and reading JSON recurse: a deeper one could end the process. */
export const maxValueDepth = 200;

export function isTooDeep(value: unknown): boolean {
  if (!isNested(value)) return false;
  const rest: { readonly at: object; readonly depth: number }[] = [{ at: value, depth: 1 }];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    if (next.depth > maxValueDepth) return true;
    for (const child of Object.values<unknown>({ ...next.at })) if (isNested(child)) rest.push({ at: child, depth: next.depth + 1 });
  }
  return false;
}
