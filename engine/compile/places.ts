/**
 * Places: the objects of a running operation. A place belongs to a position and holds, per node, the object in that node's answer;
 * nothing is ever copied or merged. Both the walk that builds representations and the emission read through the same places.
 */
import type { Plan, PlanNode, PlanPosition } from '../plan/index.ts';
import { Lost, isObject, read } from './answers.ts';
import type { Answer, GraphError } from './answers.ts';
import { ById } from './by-id.ts';

export type Place = {
  readonly position: PlanPosition;
  readonly parent: Place | null;
  /** Index and length at each list level between the parent and this place. */
  readonly indexes: readonly number[];
  readonly lengths: readonly number[];
  /** By node: an object, null, or Lost. */
  readonly data: ById<unknown>;
  /** By entity node: index of its representation, or why none was sent. */
  readonly sent: ById<number | Sent | null | Lost>;
  /** By entity node: names that hang on a requirement that could not be had. */
  readonly masks: ById<Map<string, Lost>>;
  readonly below: ById<Tree>;
};

/** A representation in one of the calls that a call of the plan became. */
export type Sent = { readonly call: SentCall; readonly index: number };

/** Which request of the fetch it is in, under which alias, and how many representations it holds. */
export type SentCall = { request: number; alias: string; readonly seen: { readonly size: number } };

/** The objects of a child position under one place, in the lists they came in. */
export type Tree = Place | Lost | null | readonly Tree[];

export type Join = {
  readonly plan: Plan;
  /** By fetch; undefined while it has not settled. */
  readonly answers: (Answer | undefined)[];
  readonly roots: Map<number, Place>;
  /** By fetch and call: how many representations were sent. */
  readonly counts: (readonly number[] | undefined)[];
  /** Places by position, as they were when so many answers had come: more may be there after the next. */
  readonly known: ById<{ readonly answers: number; readonly places: readonly Place[] }>;
  /** Answers that have come. */
  taken: number;
};

export function createJoin(plan: Plan): Join {
  const roots = new Map<number, Place>();
  for (const part of plan.parts) {
    const position = plan.positions[part.position];
    if (position !== undefined) roots.set(position.id, createPlace(position, null, [], []));
  }
  return { plan, answers: plan.fetches.map(() => undefined), roots, counts: [], known: new ById(), taken: 0 };
}

function createPlace(position: PlanPosition, parent: Place | null, indexes: readonly number[], lengths: readonly number[]): Place {
  return { position, parent, indexes, lengths, data: new ById(), sent: new ById(), masks: new ById(), below: new ById() };
}

/** The object at a place as a node's answer holds it. */
export function dataOf(join: Join, place: Place, id: number): unknown {
  const known = place.data.get(id);
  if (known !== undefined || place.data.has(id)) return known;
  const node = join.plan.nodes[id];
  const value = node === undefined ? null : find(join, place, node);
  // Only what has settled is remembered: a fetch may walk through places whose other views are still on their way.
  if (node === undefined || join.answers[node.fetch] !== undefined) place.data.set(id, value);
  return value;
}

function find(join: Join, place: Place, node: PlanNode): unknown {
  const answer = join.answers[node.fetch];
  switch (node.origin.kind) {
    case 'root':
      return answer === undefined ? null : answer.data;
    case 'entity':
      return findEntity(join, place, node, answer);
    case 'field': {
      if (place.parent === null) return null;
      const base = dataOf(join, place.parent, node.origin.node);
      if (!isObject(base)) return base ?? null;
      return follow(place, read(base, node.origin.name), answer);
    }
  }
}

/** A list joined by index: lengths must agree with those of the node that holds the objects. */
function follow(place: Place, start: unknown, answer: Answer | undefined): unknown {
  let value = start;
  for (const [level, index] of place.indexes.entries()) {
    if (!Array.isArray(value)) return value instanceof Lost ? value : null;
    if (value.length !== place.lengths[level])
      return new Lost('fetch', [wrongShape(answer, 'a list of another length than that of another subgraph')]);
    value = value[index];
  }
  return isObject(value) ? value : null;
}

function findEntity(join: Join, place: Place, node: PlanNode, answer: Answer | undefined): unknown {
  const sent = place.sent.get(node.id);
  if (sent === undefined || sent === null) return null;
  if (sent instanceof Lost) return sent;
  if (typeof sent === 'object') {
    const { request, alias, seen } = sent.call;
    return entityIn(answer?.parts?.[request] ?? answer, { alias, index: sent.index, count: seen.size });
  }
  const number = node.origin.kind === 'entity' ? node.origin.call : -1;
  const alias = join.plan.fetches[node.fetch]?.calls[number]?.alias ?? '';
  return entityIn(answer, { alias, index: sent, count: join.counts[node.fetch]?.[number] ?? 0 });
}

/** `count`: so many were asked for. Of a list of another length nobody knows which entity is whose. */
type Wanted = { readonly alias: string; readonly index: number; readonly count: number };

function entityIn(answer: Answer | undefined, { alias, index, count }: Wanted): unknown {
  if (answer === undefined) return null;
  if (answer.data instanceof Lost) return answer.data;
  const list = read(answer.data, alias);
  if (!Array.isArray(list) || list.length !== count) {
    const errors = struckAt(answer, answer.data, alias);
    const what = Array.isArray(list) ? 'another number of entities than it was asked for' : 'no list of entities';
    return new Lost('fetch', errors.length > 0 ? errors.slice(0, 1) : [wrongShape(answer, what)]);
  }
  const entity: unknown = list[index];
  if (isObject(entity)) return entity;
  const errors = struckAt(answer, list, index);
  if (errors.length > 0) return new Lost('entity', errors);
  return entity === null ? null : new Lost('entity', [wrongShape(answer, 'an entity that is no object')]);
}

export function wrongShape(answer: Answer | undefined, what: string): GraphError {
  const graph = answer?.graph ?? '';
  return { message: `The subgraph ${graph} answered with ${what}.`, code: 'SUBGRAPH_INVALID_RESPONSE', graph, tail: [] };
}

export function struckAt(answer: Answer | undefined, object: unknown, key: string | number): readonly GraphError[] {
  if (answer === undefined || answer.struck.size === 0 || typeof object !== 'object' || object === null) return [];
  return answer.struck.get(object)?.get(key) ?? [];
}

/** The places of a child position under a place; decided by the child's primary node alone. */
export function below(join: Join, place: Place, child: PlanPosition): Tree {
  const known = place.below.get(child.id);
  if (known !== undefined) return known;
  const node = join.plan.nodes[child.primary];
  let tree: Tree = null;
  if (node !== undefined && node.origin.kind === 'field') {
    const base = dataOf(join, place, node.origin.node);
    const masked = place.masks.get(node.origin.node)?.get(node.origin.name);
    if (base instanceof Lost) tree = base;
    else if (masked !== undefined) tree = masked;
    else if (isObject(base)) {
      const answer = join.answers[node.fetch];
      tree = grow(
        { join, parent: place, child, node: node.id, answer },
        read(base, node.origin.name),
        { holder: base, key: node.origin.name },
        [],
        [],
      );
    }
  }
  place.below.set(child.id, tree);
  return tree;
}

type Growth = {
  readonly join: Join;
  readonly parent: Place;
  readonly child: PlanPosition;
  readonly node: number;
  readonly answer: Answer | undefined;
};
type At = { readonly holder: object; readonly key: string | number };

function grow(growth: Growth, value: unknown, at: At, indexes: readonly number[], lengths: readonly number[]): Tree {
  const { child, answer, parent, node } = growth;
  const errors = struckAt(answer, at.holder, at.key);
  if (value === null || value === undefined) return errors.length > 0 ? new Lost('field', errors) : null;
  if (indexes.length < child.listDepth) {
    if (!Array.isArray(value)) return new Lost('fetch', [wrongShape(answer, 'something other than a list')]);
    return value.map((item, index) => grow(growth, item, { holder: value, key: index }, [...indexes, index], [...lengths, value.length]));
  }
  if (!isObject(value)) return new Lost('fetch', [wrongShape(answer, 'something other than an object')]);
  const place = createPlace(child, parent, indexes, lengths);
  place.data.set(node, value);
  return place;
}

/** Index of the class of the object at a place; -1 for a type that cannot stand here. */
export function classOf(join: Join, place: Place): number | Lost {
  const { position } = place;
  if (position.typeless || (position.typeNode === null && position.classes.length === 1)) return 0;
  const name = typeNameOf(join, place);
  if (name instanceof Lost) return name;
  if (name === null) return position.classes.length === 1 && position.typeNode === null ? 0 : -1;
  return position.classes.findIndex(({ types }) => types.includes(name));
}

/** The runtime type, as far as it is known. */
export function typeNameOf(join: Join, place: Place): string | null | Lost {
  const { position } = place;
  if (position.typeNode === null) {
    const [only] = position.classes;
    return position.classes.length === 1 && only?.types.length === 1 ? (only.types[0] ?? null) : null;
  }
  const data = dataOf(join, place, position.typeNode);
  if (data instanceof Lost) return data;
  const name = read(data, '__typename');
  return typeof name === 'string' ? name : null;
}

/** All places of a position, in the order of the answers. */
export function placesOf(join: Join, position: PlanPosition): readonly Place[] {
  const known = join.known.get(position.id);
  if (known !== undefined && known.answers === join.taken) return known.places;
  const places = findPlaces(join, position);
  join.known.set(position.id, { answers: join.taken, places });
  return places;
}

function findPlaces(join: Join, position: PlanPosition): readonly Place[] {
  if (position.parent === null) {
    const root = join.roots.get(position.id);
    return root === undefined ? [] : [root];
  }
  const parent = join.plan.positions[position.parent.position];
  if (parent === undefined) return [];
  const found: Place[] = [];
  for (const place of placesOf(join, parent)) {
    if (classOf(join, place) === position.parent.classIndex) collect(below(join, place, position), found);
  }
  return found;
}

function collect(tree: Tree, into: Place[]): void {
  if (tree === null || tree instanceof Lost) return;
  if (isList(tree)) for (const item of tree) collect(item, into);
  else into.push(tree);
}

/** `Array.isArray` does not narrow readonly arrays. */
export function isList(tree: Tree): tree is readonly Tree[] {
  return Array.isArray(tree);
}
