/**
 * The finished plan: frozen data, free of the model it was made from. Positions, nodes and fetches refer to each other by index.
 *
 * A *node* is a position as one fetch answers it: the objects of the position are held once per node, and every value is read
 * from the node that the planner chose for it, by the name it has there. Client keys never serve as names of needs.
 */
import type { DocumentNode } from 'graphql';
import type { GraphId, TypeRef } from '../supergraph/types.ts';

export type Plan = {
  readonly kind: 'query' | 'mutation';
  readonly operationName: string | null;
  /** Values of the variables that decide conditions, by sorted name. */
  readonly conditions: readonly (readonly [string, boolean])[];
  /** Override labels that were looked at, sorted, and whether they were active: what the plan depends on besides its operation. */
  readonly labels: readonly (readonly [string, boolean])[];
  readonly cost: PlanCost;
  /** Root positions: one for a query; one per root field of a mutation, in order. */
  readonly parts: readonly PlanPart[];
  readonly positions: readonly PlanPosition[];
  readonly nodes: readonly PlanNode[];
  readonly fetches: readonly PlanFetch[];
  /** What is sent after the first payload; null when nothing is. */
  readonly deferred: PlanDeferred | null;
  /** Answers `__schema` and `__type`; null when the operation asks neither. */
  readonly introspection: DocumentNode | null;
};

/** Groups are numbered in entries and fetches; 0 is the primary one, which the first payload shows. */
export type PlanDeferred = {
  readonly usages: readonly PlanUsage[];
  readonly groups: readonly PlanGroup[];
};

/** A deferred fragment at one place of the operation. `parent`: the one around it. */
export type PlanUsage = { readonly label: string | null; readonly parent: number | null };

export type PlanGroup = {
  /** The deferred fragments that all wait for it; none for the primary group. */
  readonly usages: readonly number[];
  /** Fetches that must have settled before it can be shown. */
  readonly reads: readonly number[];
};

export type PlanCost = {
  readonly total: number;
  readonly levels: number;
  readonly requests: number;
  readonly paths: number;
  readonly slots: number;
};

export type PlanPart = {
  readonly position: number;
  /** Fetches that must have ended before the next part of a mutation begins: those of the primary group. */
  readonly fetches: readonly number[];
};

export type PlanPosition = {
  readonly id: number;
  readonly parent: { readonly position: number; readonly classIndex: number; readonly field: string } | null;
  /** Declared type in the supergraph, and the type of the field that leads here. */
  readonly typeName: string;
  readonly type: TypeRef | null;
  readonly listDepth: number;
  /** Its nodes; the first holds the objects: it says what is null and how long lists are. */
  readonly nodes: readonly number[];
  readonly primary: number;
  /** Node that reads `__typename`; null where the type is static or never needed. */
  readonly typeNode: number | null;
  readonly classes: readonly PlanClass[];
  /** Objects are shown without knowing their type: all classes are shown alike. */
  readonly typeless: boolean;
};

export type PlanClass = {
  readonly types: readonly string[];
  readonly lanes: readonly (readonly PlanEntry[])[];
  /** By lane: the usages that begin at these objects. */
  readonly opens: readonly (readonly number[])[];
};

export type PlanEntry = (
  | {
      readonly kind: 'field';
      readonly responseKey: string;
      /** `Type.field` and its type in the supergraph. */
      readonly coordinate: string;
      readonly type: TypeRef;
      /** -1: none, for what is denied where it is asked. */
      readonly slot: number;
      readonly source: PlanSource;
    }
  | { readonly kind: 'typename'; readonly responseKey: string }
  /** `name`: its key in the answer to `Plan.introspection`. */
  | { readonly kind: 'local'; readonly responseKey: string; readonly name: string }
) & { readonly group: number };

export type PlanSource =
  | { readonly kind: 'leaf'; readonly node: number; readonly name: string }
  | { readonly kind: 'position'; readonly position: number; readonly lane: number }
  | { readonly kind: 'denied' }
  /** No graph that may be asked knows it for these types. */
  | { readonly kind: 'none' };

export type PlanNode = {
  readonly id: number;
  readonly position: number;
  readonly graph: GraphId;
  readonly fetch: number;
  readonly origin:
    | { readonly kind: 'root' }
    | { readonly kind: 'entity'; readonly call: number; readonly path: number }
    | { readonly kind: 'field'; readonly node: number; readonly name: string };
  /** Names in the answer: which slot each one is, and the node below it. */
  readonly fields: readonly { readonly name: string; readonly slot: number; readonly child: number | null }[];
  readonly readsType: boolean;
};

export type PlanFetch = {
  readonly id: number;
  readonly kind: 'root' | 'entity' | 'reentry';
  readonly operation: 'query' | 'mutation';
  readonly graph: GraphId;
  readonly level: number;
  readonly dependsOn: readonly number[];
  /** Mutation part it belongs to; 0 for queries. */
  readonly part: number;
  /** What waits for it. */
  readonly group: number;
  readonly document: string;
  /** Variables of the client that the document declares. */
  readonly variables: readonly string[];
  /** Their declarations in the same order, for documents whose calls are repeated. */
  readonly declarations: readonly string[];
  readonly calls: readonly PlanCall[];
  /** Re-entry: sent only if an object is there. */
  readonly at: number | null;
};

/** One `_entities` field of a document; representations of all its paths are de-duplicated together. */
export type PlanCall = {
  readonly alias: string;
  readonly variable: string;
  readonly selection: string;
  readonly paths: readonly PlanPath[];
  /**
   * Variables that ancestors fill. Where there are any, the call is repeated, under names of its own, for every tuple of values; the
   * document of the fetch shows it once.
   */
  readonly contexts: readonly PlanContext[];
  /** With contexts: the selection cut at their variables, a number for each. */
  readonly pieces: readonly (string | number)[];
  /** Variables of the client that the selection uses. */
  readonly uses: readonly string[];
};

export type PlanContext = { readonly variable: string; readonly type: string };

export type PlanPath = {
  readonly position: number;
  readonly node: number;
  /** False: every object is sent alike, whatever its type. */
  readonly needsType: boolean;
  readonly entries: readonly PlanRepresentation[];
  /** Where the contexts of the call are read for objects of this path, in their order. */
  readonly contexts: readonly PlanContextSource[];
};

/** A value of the nearest ancestor that carries the context: at `position`, which is above that of the path. */
export type PlanContextSource = { readonly position: number; readonly value: PlanNeed | 'typename' | null };

export type PlanRepresentation = {
  readonly classIndex: number;
  /** Sent as `__typename`; null = the runtime type. */
  readonly typeName: string | null;
  readonly key: readonly PlanNeed[];
  /** Requirements with the names of the fields that hang on them. */
  readonly requires: readonly { readonly needs: readonly PlanNeed[]; readonly names: readonly string[] }[];
};

export type PlanNeed =
  | { readonly kind: 'leaf'; readonly field: string; readonly node: number; readonly name: string }
  | {
      readonly kind: 'object';
      readonly field: string;
      readonly position: number;
      /** Write `__typename` into each object: the type is abstract there. */
      readonly typed: boolean;
      readonly byClass: readonly { readonly classIndex: number; readonly typeName: string | null; readonly needs: readonly PlanNeed[] }[];
    };
