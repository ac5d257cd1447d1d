/**
 * The objects of an operation as rows of answers. An object of a position is known by its row in the answer that holds the position's
 * objects; where another answer has the same object is looked up by that row. Exports `compileAccess`, `Access`, `Site`.
 */
import type { Plan, PlanNode, PlanPath, PlanPosition } from '../../plan/index.ts';
import type { Supergraph } from '../../supergraph/types.ts';
import { NotSpliced } from './not-spliced.ts';
import { NONE } from './scan-values.ts';
import { record, useChild } from './shape.ts';
import type { FetchShapes, Shape, ShapeField } from './shape.ts';

/**
 * How a node's row is found. 'same': it is the row by which the object is known. 'root': the answer itself. 'sent': by the index of the
 * representation. 'beside': the same place of the same list in another answer.
 */
export type Access = {
  readonly node: PlanNode;
  readonly mode: 'same' | 'root' | 'sent' | 'beside';
  readonly fetch: number;
  readonly shape: Shape;
};

export type Site = {
  readonly position: PlanPosition;
  /** Class by number of the type in the shape of `typed`; where the type is not read there is one class, 0. */
  readonly typed: Access | null;
  readonly classByType: readonly number[];
  /** Where the objects are held: null at the root. */
  readonly holder: { readonly site: Site; readonly access: Access; readonly field: ShapeField } | null;
  readonly primary: Access | null;
  /** See `isInOrder`. */
  readonly inOrder: boolean;
};

export type Accesses = {
  node(id: number): Access;
  site(id: number): Site;
  shapes(fetch: number): FetchShapes;
  /** What is sent for a node. */
  pathOf(access: Access): PlanPath | undefined;
  /** After all has been compiled: what lists beside each other are followed by is recorded too. */
  close(): void;
};

export function compileAccess(plan: Plan, supergraph: Supergraph, shapes: readonly FetchShapes[]): Accesses {
  const nodes = new Map<number, Access>();
  const sites = new Map<number, Site>();
  const accesses: Accesses = {
    node(id) {
      const known = nodes.get(id) ?? toAccess(plan, shapes, id);
      nodes.set(id, known);
      return known;
    },
    site(id) {
      const known = sites.get(id) ?? toSite(plan, supergraph, accesses, id);
      sites.set(id, known);
      return known;
    },
    shapes(fetch) {
      const found = shapes[fetch];
      if (found === undefined) throw new NotSpliced('no such fetch');
      return found;
    },
    pathOf({ node }) {
      const { origin } = node;
      return origin.kind === 'entity' ? plan.fetches[node.fetch]?.calls[origin.call]?.paths[origin.path] : undefined;
    },
    close() {
      // A Map goes on over what is added meanwhile.
      for (const access of nodes.values()) {
        const { mode, node } = access;
        if (mode !== 'beside' || node.origin.kind !== 'field') continue;
        useOrder(accesses.site(node.position));
        const other = accesses.node(node.origin.node);
        useChild(other.shape, fieldOf(other.shape, node.origin.name));
        record(access.shape);
      }
    },
  };
  return accesses;
}

/** The objects of a position will be walked through. */
export function useOrder({ holder }: Site): void {
  if (holder === null) return;
  useChild(holder.access.shape, holder.field);
  useOrder(holder.site);
}

function toAccess(plan: Plan, shapes: readonly FetchShapes[], id: number): Access {
  const node = plan.nodes[id];
  const shape = node === undefined ? undefined : shapes[node.fetch]?.ofNode.get(id);
  const position = node === undefined ? undefined : plan.positions[node.position];
  if (node === undefined || shape === undefined || position === undefined) throw new NotSpliced('a node that no document asks for');
  const atRoot = plan.parts.some((part) => part.position === position.id);
  if ((node.origin.kind === 'root') !== atRoot) throw new NotSpliced('a root in the middle');
  const mode = node.origin.kind === 'root' ? 'root' : node.origin.kind === 'entity' ? 'sent' : position.primary === id ? 'same' : 'beside';
  return { node, mode, fetch: node.fetch, shape };
}

function toSite(plan: Plan, supergraph: Supergraph, accesses: Accesses, id: number): Site {
  const position = plan.positions[id];
  if (position === undefined || position.classes.length === 0) throw new NotSpliced('no such position');
  const typed = position.typeNode === null ? null : accesses.node(position.typeNode);
  if (typed !== null) record(typed.shape);
  if (typed === null && !position.typeless && position.classes.length > 1) throw new NotSpliced('several types, none known');
  const classByType = (typed?.shape.typeNames ?? []).map((name) =>
    isShown(supergraph, name) ? position.classes.findIndex(({ types }) => types.includes(name)) : NONE,
  );
  const [only] = position.classes;
  const staticName = position.classes.length === 1 && only?.types.length === 1 ? only.types[0] : undefined;
  if (typed === null && !position.typeless && staticName !== undefined && !isShown(supergraph, staticName))
    throw new NotSpliced('a type that nobody is shown');
  if (position.parent === null) return { position, typed, classByType, holder: null, primary: null, inOrder: true };
  const primary = accesses.node(position.primary);
  const { origin } = primary.node;
  if (origin.kind !== 'field') throw new NotSpliced('objects that no field holds');
  const access = accesses.node(origin.node);
  const field = fieldOf(access.shape, origin.name);
  assertKnownByRow(plan, position, access);
  const holder = { site: accesses.site(position.parent.position), access, field };
  return { position, typed, classByType, holder, primary, inOrder: isInOrder(accesses, holder, primary) };
}

/**
 * One entity may stand at several places: below it a row is one object for all of them. That is right as long as everything there
 * comes from below it as well.
 */
function assertKnownByRow(plan: Plan, position: PlanPosition, holder: Access): void {
  if (holder.mode === 'same' || holder.mode === 'root') return;
  for (const id of position.nodes) {
    const origin = plan.nodes[id]?.origin;
    if (origin?.kind === 'field' && origin.node !== holder.node.id) throw new NotSpliced('below one entity, but from two answers');
  }
}

/** As the emitter of objects judges it. */
function isShown(supergraph: Supergraph, name: string): boolean {
  const type = supergraph.types.get(name);
  return type === undefined || type.kind !== 'object' || type.public;
}

export function fieldOf(shape: Shape, name: string): ShapeField {
  const found = shape.fields.find((field) => field.name === name);
  if (found === undefined) throw new NotSpliced('a field that no document asks for');
  return found;
}

/**
 * Are the rows of its answer the objects of the position, one by one? They are where nothing else is read into them, and nothing decides
 * which of those above count. Entities were sent in the order in which they were met, and as many came back.
 */
function isInOrder(accesses: Accesses, { site, access }: NonNullable<Site['holder']>, { shape }: Access): boolean {
  if (shape.nodes.length > 1 || !site.inOrder || site.typed !== null || site.position.classes.length > 1) return false;
  switch (access.mode) {
    case 'root':
    case 'same':
      return true;
    case 'sent':
      return access.shape.nodes.length === 1 && accesses.pathOf(access)?.position === site.position.id;
    case 'beside':
      return false;
  }
}
