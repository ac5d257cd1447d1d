/**
 * The frozen index of a supergraph: what the planner, the compiler and the pipeline read instead of SDL. Graphs and concrete
 * types are small integers, sets of them are `Bits`. Everything here is deeply frozen; Maps refuse to be written.
 */
import type { ConstValueNode, GraphQLSchema } from 'graphql';
import type { Bits } from './bits.ts';

/** Position of a graph in `Supergraph.graphs`, which is sorted by name: this order breaks every tie. */
export type GraphId = number;

/** Position of a concrete (object) type in `Supergraph.objects`, which is sorted by name. Bits of types hold these. */
export type ObjectId = number;

export type Graph = {
  readonly id: GraphId;
  /** `@join__graph(name:)`: what people and `override:` call it. */
  readonly name: string;
  /** `@join__graph(url:)`, possibly ''. */
  readonly url: string;
  /** Its value of the enum `join__Graph`: only used inside the supergraph text. */
  readonly enumValue: string;
};

export type Supergraph = {
  /** Changes whenever the text changes (32 hex digits). */
  readonly hash: string;
  readonly graphs: readonly Graph[];
  /** Every type of the full schema by name, hidden ones and built-in scalars too; no join, link or introspection types. */
  readonly types: ReadonlyMap<string, IndexType>;
  /** Concrete types by ObjectId. */
  readonly objects: readonly ObjectType[];
  /** Names of the root types; they may be renamed. */
  readonly roots: { readonly query: string; readonly mutation: string | null; readonly subscription: string | null };
  readonly costs: Costs;
  /** Every override label that occurs, sorted. */
  readonly labels: readonly string[];
  /** Every `@context` name that occurs, sorted. */
  readonly contexts: readonly string[];
  /** Fields of the subscription root that a feed answers, by name. */
  readonly feeds: ReadonlyMap<string, FeedField>;
  /** What clients see: validation, introspection, projection. */
  readonly publicSchema: GraphQLSchema;
  /** Public and inaccessible things together; no join or link machinery. Keys and requirements are written against this. */
  readonly fullSchema: GraphQLSchema;
  /** The schema of one graph, as far as the supergraph tells it: good enough to `validate()` every document sent there. */
  graphView(graph: GraphId): GraphQLSchema;
};

/** `@cost` and `@listSize` by coordinate: `Type`, `Type.field`, `Type.field(argument:)`, `Input.field`. */
export type Costs = { readonly weights: ReadonlyMap<string, number>; readonly listSizes: ReadonlyMap<string, ListSize> };

export type ListSize = {
  readonly assumedSize: number | null;
  readonly slicingArguments: readonly string[];
  /** Lists below this field whose size its arguments say; empty: the field itself. */
  readonly sizedFields: readonly string[];
  readonly requireOneSlicingArgument: boolean;
};

/** A field of the subscription root and where its events come from (`@feed`). */
export type FeedField = {
  readonly name: string;
  readonly coordinate: string;
  readonly topic: string;
  /** ALL keeps every event; LATEST the newest state for a reader that is too slow. */
  readonly delivery: 'ALL' | 'LATEST';
  /** Its type without lists and non-null. */
  readonly typeName: string;
  /** All must hold. */
  readonly where: readonly FeedCondition[];
};

export type FeedComparison = 'eq' | 'not' | 'in' | 'lt' | 'lte' | 'gt' | 'gte';
export type FeedScalar = string | number | boolean | null;
/** An argument may be a list where the comparison is `in`. */
export type FeedOperand =
  | { readonly kind: 'values'; readonly values: readonly FeedScalar[] }
  | { readonly kind: 'argument'; readonly name: string };
export type FeedCondition =
  | { readonly kind: 'compare'; readonly field: string; readonly comparison: FeedComparison; readonly operand: FeedOperand }
  | { readonly kind: 'not'; readonly of: readonly FeedCondition[] }
  | { readonly kind: 'and' | 'or'; readonly of: readonly (readonly FeedCondition[])[] };

export type IndexType = ObjectType | InterfaceType | UnionType | EnumType | ScalarType | InputType;
export type CompositeType = ObjectType | InterfaceType | UnionType;

type CompositeBase = {
  readonly name: string;
  readonly public: boolean;
  /** Concrete types of the supergraph that may stand here; an object: itself. */
  readonly possible: Bits;
  /**
   * The same as each graph sees it, by GraphId; empty where the graph does not know the type. Where the graph declares the type
   * as an interface object (`in[g].interfaceObject`) any implementer may stand there, known to that graph or not: `possible`.
   */
  readonly possibleIn: readonly Bits[];
  /** By GraphId; undefined = the graph does not know the type: its name must not appear in a document sent there. */
  readonly in: readonly (TypeInGraph | undefined)[];
  /** Unions have none. `__typename` is not listed. */
  readonly fields: ReadonlyMap<string, Field>;
  /** Contexts set by this type (`@context`), names as in `ContextArgument.context`. */
  readonly contexts: readonly string[];
  /** Interfaces of this type in the supergraph, sorted. */
  readonly interfaces: readonly string[];
  /** Interface-object declarations of its interfaces: graph `graph` can be entered with the name `interface`. */
  readonly interfaceObjects: readonly InterfaceObjectEntry[];
  readonly access: Access | null;
};

export type ObjectType = CompositeBase & { readonly kind: 'object'; readonly objectId: ObjectId };
export type InterfaceType = CompositeBase & { readonly kind: 'interface' };
export type UnionType = CompositeBase & { readonly kind: 'union' };

export type TypeInGraph = {
  /** In the order of declaration. */
  readonly keys: readonly Key[];
  /** The supergraph type is an interface; this graph declares an object type of that name. */
  readonly interfaceObject: boolean;
  /** Interfaces that the type implements in this graph, sorted. */
  readonly interfaces: readonly string[];
};

export type Key = {
  readonly fields: FieldSet;
  readonly text: string;
  /** False: the graph can give these values, but `_entities` there must not be called with them. */
  readonly resolvable: boolean;
};

export type InterfaceObjectEntry = { readonly interface: string; readonly graph: GraphId };

export type Field = {
  readonly name: string;
  /** Name of the type whose row this is. */
  readonly parent: string;
  /** `Type.field` */
  readonly coordinate: string;
  readonly type: TypeRef;
  readonly args: ReadonlyMap<string, Argument>;
  readonly public: boolean;
  /** By GraphId; undefined = the graph does not define the field (on this type). */
  readonly in: readonly (FieldInGraph | undefined)[];
  /** Where interface objects give this field: look at `types.get(interface).fields.get(name).in[graph]`. */
  readonly fromInterfaceObjects: readonly InterfaceObjectEntry[];
  readonly access: Access | null;
};

export type FieldInGraph = {
  /** The field's type in that graph. */
  readonly type: TypeRef;
  /** Declared there, not resolvable, except below a `provides` that lists it. */
  readonly external: boolean;
  readonly requires: FieldSet | null;
  readonly provides: FieldSet | null;
  readonly contextArguments: readonly ContextArgument[];
  /** 'no' = overridden; with a label: usable iff (label is active) === active. Says nothing of external and requires. */
  readonly usable: 'yes' | 'no' | { readonly label: string; readonly active: boolean };
};

export type ContextArgument = {
  readonly name: string;
  readonly type: TypeRef;
  readonly context: string;
  /** As written: a selection on whatever type carries the context; may hold fragments. */
  readonly selection: FieldSet;
};

export type Argument = {
  readonly name: string;
  readonly type: TypeRef;
  readonly defaultValue: ConstValueNode | null;
  readonly public: boolean;
};

/** One level of a type: a list (`of` is the item) or a named type (`of` is null). */
export type TypeRef = {
  /** As in SDL: `[Loom!]!` */
  readonly text: string;
  /** The named type at the bottom. */
  readonly name: string;
  readonly nonNull: boolean;
  readonly of: TypeRef | null;
};

/** A key, requires, provides or context selection as a tree. */
export type FieldSet = readonly FieldSetNode[];

export type FieldSetNode = FieldSetField | FieldSetFragment;

export type FieldSetField = {
  readonly kind: 'field';
  /** May be `__typename`. */
  readonly name: string;
  /** The composite type on which the field is selected. */
  readonly parent: string;
  readonly args: readonly FieldSetArgument[];
  /** Canonical text of the arguments: '' or `(a: 1, b: {c: 2})` with sorted names; equal text = equal arguments. */
  readonly argsText: string;
  /** Empty for a leaf. */
  readonly selections: FieldSet;
};

export type FieldSetArgument = { readonly name: string; readonly value: ConstValueNode };

export type FieldSetFragment = {
  readonly kind: 'fragment';
  readonly on: string;
  readonly selections: FieldSet;
};

export type EnumType = {
  readonly kind: 'enum';
  readonly name: string;
  readonly public: boolean;
  /** `in` = the graphs that know the value. */
  readonly values: ReadonlyMap<string, { readonly name: string; readonly public: boolean; readonly in: Bits }>;
  /** Graphs that know the type. */
  readonly in: Bits;
  readonly access: Access | null;
};

export type ScalarType = {
  readonly kind: 'scalar';
  readonly name: string;
  readonly public: boolean;
  /** One of Int, Float, String, Boolean, ID. */
  readonly builtIn: boolean;
  /** Graphs that know the type; built-in ones: all. */
  readonly in: Bits;
  readonly access: Access | null;
};

export type InputType = {
  readonly kind: 'input';
  readonly name: string;
  readonly public: boolean;
  readonly oneOf: boolean;
  readonly in: Bits;
  readonly fields: ReadonlyMap<string, InputField>;
};

export type InputField = {
  readonly name: string;
  readonly type: TypeRef;
  readonly defaultValue: ConstValueNode | null;
  readonly public: boolean;
  /** The type in each graph, by GraphId; undefined where the graph lacks the field. */
  readonly in: readonly (TypeRef | undefined)[];
};

/** What authorisation the supergraph demands (already merged over the graphs). An empty outer list = no such demand. */
export type Access = {
  readonly authenticated: boolean;
  /** OR of ANDs. */
  readonly scopes: readonly (readonly string[])[];
  readonly policies: readonly (readonly string[])[];
};
