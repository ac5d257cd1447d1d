/**
 * Where a cut has its rare constructs. Most operations on it go to one of them, whatever else they ask. All from the cut and the number of the operation, so that a case can be run again.
 */
import type { ReadyCut } from './compose-cut.ts';
import { marksOfRow } from './coverage.ts';
import type { Mark } from './coverage.ts';
import type { GraphCut, GraphField, Provided } from './draft.ts';
import { fieldOf, namedType } from './monolith.ts';
import type { Monolith } from './monolith.ts';
import { hash } from './random.ts';

export type Focus = {
  readonly topic: string;
  /** `Type.field`, each below the one before. */
  readonly chain: readonly string[];
};

/** Marks of rows that few cuts have or few operations meet. */
const RARE: ReadonlySet<Mark> = new Set<Mark>([
  '@requires with fragments on a union',
  '@requires with fragments on an interface',
  '@requires at an @interfaceObject',
  '@requires circular between graphs',
  '@requires of something hidden',
  '@requires with arguments',
  '@override',
  '@override with @requires',
  '@override from a graph that is gone',
  'a covariant field below an interface',
  'an interface whose types differ',
  'a union whose members differ',
  'a child type that differs',
  'a graph of Federation 1',
  '@context and @fromContext',
  'node(id:)',
]);

type Topic = { readonly name: string; readonly chains: readonly (readonly string[])[] };

const known = new WeakMap<ReadyCut, readonly Topic[]>();

/** Met by few of the operations that go there, or in few cuts: more of them go there. */
const AGAIN: ReadonlyMap<string, number> = new Map([
  ['absent', 4],
  ['a label', 3],
  ['@context and @fromContext', 2],
  ['a covariant field below an interface', 2],
]);

/** One in four operations has none. */
export function focusOf(ready: ReadyCut, number: number): Focus | null {
  let topics = known.get(ready);
  if (topics === undefined) known.set(ready, (topics = topicsOf(ready)));
  const topic = number % 4 === 0 ? undefined : topics[(number - Math.floor(number / 4)) % topics.length];
  if (topic === undefined) return null;
  const chain = topic.chains[hash('focus', ready.cut.seed, number) % topic.chains.length];
  return chain === undefined ? null : { topic: topic.name, chain };
}

type Add = (topic: string, ...chain: readonly string[]) => void;

function topicsOf({ cut }: ReadyCut): readonly Topic[] {
  const topics = new Map<string, (readonly string[])[]>();
  const add: Add = (topic, ...chain) => void topics.set(topic, [...(topics.get(topic) ?? []), chain]);
  for (const graph of cut.graphs)
    for (const [type, { fields }] of graph.types)
      for (const [name, row] of fields) {
        const at = `${type}.${name}`;
        for (const mark of marksOfRow(cut, graph, type, name)) if (RARE.has(mark)) add(mark, at);
        if (row.label !== null) add('a label', at);
        if (fieldOf(cut.monolith, type, name)?.masked === 'absent') add('absent', at);
        if (name === 'split') add('a value type in parts', at);
        addProvided(add, cut.monolith, { at, row });
        addObject(add, graph, { at, row });
      }
  return [...topics].flatMap(([name, chains]) => Array.from({ length: AGAIN.get(name) ?? 1 }, () => ({ name, chains })));
}

type Row = { readonly at: string; readonly row: GraphField };

function addProvided(add: Add, monolith: Monolith, { at, row }: Row): void {
  const kind = monolith.types.get(namedType(row.type))?.kind ?? '';
  const walk = (above: readonly string[], provided: readonly Provided[]): void => {
    for (const { on, field, below } of provided) {
      const chain = [...above, `${on}.${field}`];
      if (below.length > 0) walk(chain, below);
      else if (chain.length > 2) add('provided below what is provided', ...chain);
      else if (kind === 'union' || kind === 'interface') add(`provided by a field of a type that is a ${kind}`, ...chain);
    }
  };
  walk([at], row.provides);
}

/** An interface object that cannot be entered is met only from its own graph's roots and links. */
function addObject(add: Add, { types }: GraphCut, { at, row }: Row): void {
  const fabric = types.get('Fabric');
  if (fabric?.interfaceObject !== true || [...fabric.keys.values()].includes(true) || namedType(row.type) !== 'Fabric') return;
  for (const name of fabric.fields.keys()) add('@interfaceObject with resolvable: false', at, `Fabric.${name}`);
}
