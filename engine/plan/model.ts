/**
 * The working model of one planning run: positions, classes and slots (made by normalise and by needs) and the facts about them
 * (made by demand and saturate). Mutable, private to the run; the finished plan (types.ts) is frozen data of its own.
 */
import type { ArgumentNode, FieldNode } from 'graphql';
import type { Bits } from '../supergraph/bits.ts';
import type { CompositeType, ContextArgument, Field, FieldSet, GraphId, Key, TypeRef } from '../supergraph/types.ts';
import type { Group, Usage } from './defer.ts';

/** A place of the operation that holds an object (or lists of them). Each position belongs to one class of its parent. */
export type Position = {
  readonly id: number;
  readonly depth: number;
  readonly slot: Slot | null;
  /** Declared type: of the slot on its class, or the root type. */
  readonly type: CompositeType;
  readonly listDepth: number;
  readonly classes: ClassNode[];
  /** How many response keys of the client show this position. 0 = needs only. */
  readonly laneCount: number;
  /** Some lane asks `__typename`. */
  readonly asksType: boolean;
  /** Nesting in needs of keys (decides when key moves are tried) and in needs at all. */
  readonly keyDepth: number;
  readonly needDepth: number;
  /** Interfaces as which some graph may return an interface object here. */
  readonly interfaceObjects: readonly string[];
  /** "The runtime type is known"; where the type is static: "the object is known to be there". */
  readonly typeFact: TypeFact;
  readonly isQueryRoot: boolean;
  readonly root: RootKind | null;
  /** Number of positions that this one stands for (twins.ts). */
  readonly weight: number;
};

export type RootKind = { readonly operation: 'query' | 'mutation'; readonly only: GraphId | null };

/** Runtime types that the planner treats alike at one position. */
export type ClassNode = {
  readonly id: number;
  readonly position: Position;
  /** Empty for the anonymous class of an interface without implementers. */
  readonly types: Bits;
  /** The first of the types, or the interface of an anonymous class: its rows are the rows of all. */
  readonly type: CompositeType;
  /** One type only: `type` is the runtime type. */
  readonly exact: boolean;
  readonly slots: Map<string, Slot>;
  readonly lanes: readonly Entry[][];
  /** By lane: the deferred fragments that begin at these objects. */
  readonly opens: readonly (readonly Usage[])[];
  readonly views: Map<string, View>;
  /** Objects of these types are shown with null fields: see union rule in reach.ts. */
  masked: boolean;
};

export type Entry = (
  | { readonly kind: 'field'; readonly responseKey: string; readonly slot: Slot; readonly childLane: number }
  /** Asked on an interface of which the principal may not read it. */
  | { readonly kind: 'denied'; readonly responseKey: string; readonly field: Field }
  | { readonly kind: 'typename'; readonly responseKey: string }
  | { readonly kind: 'local'; readonly responseKey: string; readonly nodes: readonly FieldNode[] }
) & {
  /** With what it is sent. */
  readonly group: Group;
};

/** One field with its arguments on one class. */
export type Slot = {
  readonly id: number;
  readonly owner: ClassNode;
  /** Name and canonical arguments (and forwarded directives): equal key = same slot. */
  readonly key: string;
  readonly field: Field;
  readonly argsText: string;
  readonly args: readonly ArgumentNode[];
  readonly variables: readonly string[];
  readonly type: TypeRef;
  /** First response key of the client; null for needs. */
  readonly responseKey: string | null;
  child: Position | null;
  /** Other root fields that are planned as this one is. */
  twins: readonly Twin[];
  /** Some lane shows it. */
  readonly client: boolean;
  /** What waits for it: all its uses by the client together. Null for needs. */
  group: Group | null;
  /** The principal may not read it, or nothing that it may read leads there. */
  denied: boolean;
  /** Views in which it can be read, in the order they became known. Empty = not known. */
  readonly sources: View[];
  readonly waiting: Rule[];
  wanted: boolean;
};

export type Twin = {
  readonly responseKey: string;
  /** As in `Slot`. */
  readonly key: string;
  readonly argsText: string;
  readonly variables: readonly string[];
};

/** Objects of a class as one graph sees them, with the rights that the way there gives. */
export type View = {
  readonly id: number;
  readonly cls: ClassNode;
  readonly graph: GraphId;
  /** External fields that the path provides. */
  readonly rights: FieldSet;
  /** Objects of any type as an interface object's own field returned them: nobody has looked at their types yet. */
  readonly blind: boolean;
  /** The slot for whose requirements or contextual arguments this view was entered. */
  readonly requiring: Slot | null;
  rank: number;
  /** Rough cost of having it: orders facts of one rank. */
  estimate: number;
  readonly derivations: Derivation[];
  known: boolean;
  /** Every way to it has been looked for. */
  wanted: boolean;
};

export type TypeFact = { readonly sources: View[]; readonly waiting: Rule[] };

export type Derivation =
  | { readonly kind: 'root'; readonly rank: number }
  | { readonly kind: 'field'; readonly rank: number; readonly parent: View; readonly slot: Slot }
  | { readonly kind: 'key'; readonly rank: number; readonly rule: Rule }
  | { readonly kind: 'reentry'; readonly rank: number; readonly from: View };

/** Enter `head` by an entity call once the leaves of a key (and of a requirement) are known. */
export type Rule = {
  readonly head: View;
  readonly key: Key;
  /** Name sent as `__typename`; null = the runtime type. */
  readonly enterAs: string | null;
  readonly keyNeeds: readonly Need[];
  readonly requireNeeds: readonly Need[];
  readonly contextNeeds: readonly ContextNeed[];
  /** All slots and types that must be known, each once. */
  readonly slots: readonly Slot[];
  readonly types: readonly Position[];
  missing: number;
  rank: number;
  estimate: number;
};

/** An argument that an ancestor fills. */
export type ContextNeed = {
  readonly argument: ContextArgument;
  /** Class of the nearest ancestor that carries the context. */
  readonly cls: ClassNode;
  /** What is read there; null when the selection says nothing of these types: then the argument is null. */
  readonly value: Need | 'typename' | null;
};

/** One field of a key or requirement at a class; composite ones per class of the child. */
export type Need = {
  readonly slot: Slot;
  /** Empty for a leaf. */
  readonly children: readonly { readonly cls: ClassNode; readonly needs: readonly Need[] }[];
};
