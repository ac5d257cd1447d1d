/** A stable priority queue: by rank, then by estimate, then by the order of insertion. */

export type Queue<T> = { push(item: T, rank: number, estimate: number): void; pop(): T | undefined };

type Node<T> = { readonly item: T; readonly rank: number; readonly estimate: number; readonly order: number };

export function createQueue<T>(): Queue<T> {
  const heap: Node<T>[] = [];
  let order = 0;
  return {
    push(item, rank, estimate) {
      heap.push({ item, rank, estimate, order: order++ });
      rise(heap, heap.length - 1);
    },
    pop() {
      const first = heap[0];
      const last = heap.pop();
      if (first === undefined || last === undefined) return undefined;
      if (heap.length > 0) {
        heap[0] = last;
        sink(heap);
      }
      return first.item;
    },
  };
}

function before<T>(a: Node<T>, b: Node<T>): boolean {
  if (a.rank !== b.rank) return a.rank < b.rank;
  return a.estimate === b.estimate ? a.order < b.order : a.estimate < b.estimate;
}

function rise<T>(heap: Node<T>[], from: number): void {
  for (let at = from; at > 0;) {
    const up = (at - 1) >> 1;
    if (!swapIfBefore(heap, at, up)) return;
    at = up;
  }
}

function sink<T>(heap: Node<T>[]): void {
  for (let at = 0; ;) {
    const left = 2 * at + 1;
    const [a, b] = [heap[left], heap[left + 1]];
    if (a === undefined) return;
    const next = b !== undefined && before(b, a) ? left + 1 : left;
    if (!swapIfBefore(heap, next, at)) return;
    at = next;
  }
}

function swapIfBefore<T>(heap: Node<T>[], lower: number, upper: number): boolean {
  const [a, b] = [heap[lower], heap[upper]];
  if (a === undefined || b === undefined || !before(a, b)) return false;
  heap[lower] = b;
  heap[upper] = a;
  return true;
}
