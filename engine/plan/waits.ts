/**
 * What tells entity calls of one graph and level apart: nothing where requests merge by level, else the requests that each waits for
 * (docs/decisions/planner.md says which is better, and by how much).
 */
import type { Node } from './nodes.ts';

export type Merge = 'level' | 'sameDeps';

/** Equal texts: nodes of one graph, level and group may share a request. `readsOf`: the nodes that an entity call reads. */
export function createWaits(merge: Merge, readsOf: (node: Node) => Iterable<Node>): (node: Node) => string {
  if (merge === 'level') return () => '';
  const numbers = new Map<string, number>();
  const known = new Map<Node, string>();
  const requestOf = (node: Node): number => {
    if (node.origin.kind === 'field') return requestOf(node.origin.parent);
    const key = `${node.origin.kind}:${node.graph}:${node.level}:${node.group.id}:${waitsOf(node)}`;
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  };
  const waitsOf = (node: Node): string => {
    const found = known.get(node);
    if (found !== undefined) return found;
    const requests = new Set([...readsOf(node)].map(requestOf));
    const text = [...requests].toSorted((a, b) => a - b).join();
    known.set(node, text);
    return text;
  };
  return waitsOf;
}
