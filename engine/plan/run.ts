/** What one planning run holds: its inputs, its budget and the positions made so far. */
import { Kind } from 'graphql';
import type { DocumentNode, FragmentDefinitionNode, OperationDefinitionNode } from 'graphql';
import { EngineError } from '../supergraph/engine-error.ts';
import type { Supergraph } from '../supergraph/types.ts';
import { alikeOf } from './alike.ts';
import type { Alike } from './alike.ts';
import { createBudget } from './budget.ts';
import type { Budget, Limits } from './budget.ts';
import type { ClassNode, Position, Slot, View } from './model.ts';

export type Run = {
  readonly supergraph: Supergraph;
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly conditions: ReadonlyMap<string, boolean>;
  /** Coordinates `Type.field` that the principal may not read. */
  readonly denied: ReadonlySet<string>;
  /** Active override labels. */
  readonly labels: ReadonlySet<string>;
  readonly alike: Alike;
  readonly budget: Budget;
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
  readonly activeLabels?: ReadonlySet<string> | undefined;
  readonly limits?: Limits | undefined;
};

const NOTHING: ReadonlySet<string> = new Set();

export function createRun(request: PlanRequest, stage: number): Run {
  return {
    supergraph: request.supergraph,
    operation: operationOf(request.document, request.operationName ?? null),
    fragments: fragmentsOf(request.document),
    conditions: request.conditions,
    denied: request.denied ?? NOTHING,
    labels: request.activeLabels ?? NOTHING,
    alike: alikeOf(request.supergraph),
    budget: createBudget(request.limits),
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
