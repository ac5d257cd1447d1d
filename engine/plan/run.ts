/** What one planning run holds: its inputs, its budget and the positions made so far. */
import { Kind } from 'graphql';
import type { DocumentNode, FragmentDefinitionNode, OperationDefinitionNode } from 'graphql';
import { EngineError } from '../supergraph/engine-error.ts';
import type { ObjectId, Supergraph } from '../supergraph/types.ts';
import { alikeOf } from './alike.ts';
import type { Alike } from './alike.ts';
import { createBudget } from './budget.ts';
import type { Budget, Limits } from './budget.ts';
import { createDeferral } from './defer.ts';
import type { Deferral } from './defer.ts';
import type { ClassNode, Position, Slot, View } from './model.ts';
import type { Labels } from './rows.ts';
import { foldTwins } from './twins.ts';
import type { Folded } from './twins.ts';
import type { Merge } from './waits.ts';

export type Run = {
  readonly supergraph: Supergraph;
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Root fields that are planned as one, or null. */
  readonly folded: Folded | null;
  readonly conditions: ReadonlyMap<string, boolean>;
  /** Coordinates `Type.field` that the principal may not read. */
  readonly denied: ReadonlySet<string>;
  /** Names of the denied fields of each type that was looked at. */
  readonly deniedTexts: Map<ObjectId, string>;
  readonly labels: Labels;
  readonly alike: Alike;
  readonly budget: Budget;
  readonly deferral: Deferral;
  readonly merge: Merge;
  /** Key moves are tried at needs of keys nested at most so deep. */
  readonly stage: number;
  readonly positions: Position[];
  readonly classes: ClassNode[];
  readonly slots: Slot[];
  readonly views: View[];
};

export type PlanRequest = {
  readonly supergraph: Supergraph;
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  readonly conditions: ReadonlyMap<string, boolean>;
  readonly denied?: ReadonlySet<string> | undefined;
  /** Override labels that are active in this request. */
  readonly activeLabels?: ReadonlySet<string> | undefined;
  /** Plan for an answer in several payloads. Without, `@defer` is ignored. */
  readonly defer?: boolean | undefined;
  readonly limits?: Limits | undefined;
  /** Which entity calls to one graph are one request: all of a level (the default), or only those that wait for the same requests. */
  readonly merge?: Merge | undefined;
};

const NOTHING: ReadonlySet<string> = new Set();

/** What one planning, with all its attempts, has in common. `fold`: root fields of one shape are planned once. */
export type Attempt = { readonly request: PlanRequest; readonly labels: Labels; readonly stage: number; readonly fold: boolean };

export function labelsOf(request: PlanRequest): Labels {
  return { active: request.activeLabels ?? NOTHING, looked: new Set() };
}

export function createRun({ request, labels, stage, fold }: Attempt): Run {
  const operation = operationOf(request.document, request.operationName ?? null);
  const fragments = fragmentsOf(request.document);
  // A context may hand values of one root field to another's objects; those are few enough to be planned one by one.
  const folded = fold && request.supergraph.contexts.length === 0 ? foldTwins(operation, fragments) : null;
  return {
    supergraph: request.supergraph,
    operation: folded?.operation ?? operation,
    fragments,
    folded,
    conditions: request.conditions,
    denied: request.denied ?? NOTHING,
    deniedTexts: new Map(),
    labels,
    alike: alikeOf(request.supergraph),
    budget: createBudget(request.limits),
    deferral: createDeferral(request.defer === true),
    merge: request.merge ?? 'level',
    stage,
    positions: [],
    classes: [],
    slots: [],
    views: [],
  };
}

export function operationOf(document: DocumentNode, name: string | null): OperationDefinitionNode {
  const operations = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
  const found = name === null || name === '' ? operations : operations.filter((node) => node.name?.value === name);
  const [operation] = found;
  if (operation === undefined || found.length > 1) {
    const wanted = name === null || name === '' ? 'exactly one operation' : `an operation named ${name}`;
    throw new EngineError('OPERATION_NOT_FOUND', `Expected ${wanted}, found ${found.length}.`);
  }
  return operation;
}

export function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  const nodes = document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
  return new Map(nodes.map((node) => [node.name.value, node]));
}
