// Bulk mutations: many items in one call, each standing or falling alone; the good ones are written together in one transaction.
import type { SubgraphContext } from './context.ts';
import {
  toMutationField,
  topicsOf,
  type Answer,
  type Kept,
  type Kinds,
  type MutationField,
  type MutationInput,
  type Write,
} from './mutation.ts';
import { createProblems, Refusal, type Problem, type Problems } from './problems.ts';
import type { SqlRunner } from './sql.ts';
import { keyOf } from './table.ts';

/** One item with its place in the input. */
export type Item<Value> = { readonly index: number; readonly value: Value };

/** A bulk write sees the good items only; `known` is what `prepare` read for all items at once. */
export type BulkWrite<Tx, Input, Value, Known> = Write<Tx, Input> & { readonly items: readonly Item<Value>[]; readonly known: Known };

export type BulkDefinition<Tx extends SqlRunner, Input, Value, Known, Node> = {
  readonly name: string;
  readonly by: Kinds;
  /** Nodes or listed values in the order of the input, null where a problem stands; else the number of items written. */
  readonly answer: Answer<Node>;
  readonly items: (input: Input) => readonly Value[];
  /** Name of the list in the input, the first step of every path. */
  readonly path: string;
  readonly most: number;
  /** Two items with the same text are duplicates. */
  readonly identity?: (value: Value) => string;
  /** Pure checks of one item. */
  readonly check?: (value: Value, problems: Problems, context: SubgraphContext) => void;
  /** Reads (and locks) what all items need, in a constant number of statements. */
  readonly prepare: (write: Write<Tx, Input>, items: readonly Item<Value>[]) => Promise<Known>;
  /** Checks of one item against what was read: found, owned, not stale, right state. */
  readonly judge?: (value: Value, known: Known, problems: Problems, write: Write<Tx, Input>) => void;
  /** Writes the good items; the nodes come in the order of `items`. */
  readonly write: (write: BulkWrite<Tx, Input, Value, Known>) => Promise<readonly Node[]>;
};

// Finds items without problems; keeps the problems of the others.
function sift<Value>(
  items: readonly Item<Value>[],
  path: string,
  all: Problem[],
  check: (value: Value, problems: Problems) => void,
): Item<Value>[] {
  return items.filter((item) => {
    const problems = createProblems().at(path, item.index);
    check(item.value, problems);
    all.push(...problems.list);
    return problems.list.length === 0;
  });
}

function withoutDuplicates<Value>(
  items: readonly Item<Value>[],
  path: string,
  all: Problem[],
  identity: (value: Value) => string,
): Item<Value>[] {
  const seen = new Map<string, number>();
  return items.filter((item) => {
    const id = identity(item.value);
    const first = seen.get(id);
    if (first === undefined) {
      seen.set(id, item.index);
      return true;
    }
    all.push({ code: 'DUPLICATE', path: [path, String(item.index)], message: `the same as item ${first} of this input` });
    return false;
  });
}

function checkLength(length: number, definition: { path: string; most: number }): void {
  const { path, most } = definition;
  if (length === 0) throw new Refusal([{ code: 'TOO_FEW', path: [path], message: 'expected at least one item, got none' }]);
  if (length > most) throw new Refusal([{ code: 'TOO_MANY', path: [path], message: `expected at most ${most} items, got ${length}` }]);
}

/** The bulk kind of mutation, for the transactions of one subgraph. */
export function createBulkMutationKind<Tx extends SqlRunner>() {
  return <Input extends MutationInput, Value, Known, Node>(
    definition: BulkDefinition<Tx, Input, Value, Known, Node>,
  ): MutationField<Tx> => {
    const { answer, path } = definition;
    const isCounted = answer.table === undefined && answer.listed !== true;
    const placeNodes = (length: number, items: readonly Item<Value>[], nodes: readonly Node[]): unknown => {
      if (isCounted) return nodes.length;
      const placed: (Node | null)[] = Array.from({ length }, () => null);
      items.forEach((item, i) => (placed[item.index] = nodes[i] ?? null));
      return placed;
    };
    const toKept = (placed: unknown, problems: readonly Problem[]): Kept => {
      const { table } = answer;
      if (table === undefined) return { value: placed, problems };
      // with a table the placed nodes are its rows, or null
      const nodes = placed as readonly (Node | null)[];
      return { value: nodes.map((node) => (node === null ? null : keyOf(table, node))), problems };
    };
    return {
      name: definition.name,
      by: definition.by,
      topics: topicsOf(definition.name),
      resolve: toMutationField<Tx, Input>({
        name: definition.name,
        by: definition.by,
        run: async (write) => {
          const values = definition.items(write.input);
          checkLength(values.length, definition);
          const problems: Problem[] = [];
          let items: Item<Value>[] = values.map((value, index) => ({ index, value }));
          if (definition.identity) items = withoutDuplicates(items, path, problems, definition.identity);
          items = sift(items, path, problems, (value, at) => definition.check?.(value, at, write.context));
          const known = await definition.prepare(write, items);
          items = sift(items, path, problems, (value, at) => definition.judge?.(value, known, at, write));
          if (items.length === 0) throw new Refusal(problems);
          const nodes = await definition.write({ ...write, items, known });
          const placed = placeNodes(values.length, items, nodes);
          return { answer: { [answer.field]: placed, problems }, kept: toKept(placed, problems) };
        },
        refused: (input, problems) => ({
          [answer.field]: isCounted ? 0 : definition.items(input).map(() => null),
          problems,
        }),
        again: async (kept, context) => ({ [answer.field]: await readAgain(answer, kept, context), problems: kept.problems }),
      }),
    };
  };
}

async function readAgain<Node>(answer: Answer<Node>, kept: Kept, context: SubgraphContext): Promise<unknown> {
  const { table } = answer;
  if (table === undefined) return kept.value;
  // nodes are kept as their keys
  const keys = kept.value as (string[] | null)[];
  return Promise.all(keys.map(async (key) => (key === null ? null : context.loaders.row(table, ...key))));
}
