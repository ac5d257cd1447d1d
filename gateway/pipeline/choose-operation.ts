/** Stage `choose`: which operation of the document runs, and with which variables. Also what depends on these: pages, introspection. */
import { getVariableValues, OperationTypeNode } from 'graphql';
import { createError } from '../../lib/errors/errors.ts';
import type { Hub } from './hub.ts';
import type { KnownDocument, KnownOperation } from './known-document.ts';
import { assertPageVariables } from './page-sizes.ts';
import type { Params } from './read-params.ts';
import type { GatewayRequest } from './request.ts';
import type { Stage } from './stage.ts';
import type { LoadedGraph } from './supergraph/loaded-graph.ts';

type Needs = { request: GatewayRequest; params: Params; graph: LoadedGraph; checked: KnownDocument };
export type Variables = Readonly<Record<string, unknown>>;

const maxErrors = 20;

export const chooseOperation: Stage<Needs, { operation: KnownOperation; variables: Variables }, Hub> = {
  name: 'choose',
  run({ request, params, graph, checked }, { limits, development }) {
    const operation = findOperation(checked.operations, params.operationName);
    assertTransport(operation, request);
    if (operation.introspects && !development) throw createError('INTROSPECTION_DISABLED', 'Introspection is off.');
    const variables = coerce(graph, operation, params.variables);
    assertConditions(operation, variables);
    assertPageVariables(operation.pageVariables, variables, limits);
    return { operation, variables };
  },
};

function findOperation(operations: readonly KnownOperation[], name: string | null): KnownOperation {
  const [first, second] = operations;
  if (!first) throw createError('OPERATION_NOT_FOUND', 'The document holds no operation.');
  // Clients send an empty name for none
  if (name === null || name === '') {
    if (!second) return first;
    throw createError('OPERATION_NOT_FOUND', 'The document holds several operations: name one in operationName.');
  }
  const found = operations.find((operation) => operation.name === name);
  if (!found) throw createError('OPERATION_NOT_FOUND', 'The document holds no operation of the name in operationName.');
  return found;
}

function assertTransport({ definition }: KnownOperation, { readOnly, live }: GatewayRequest): void {
  if (definition.operation === OperationTypeNode.SUBSCRIPTION) {
    if (live === true) return;
    throw createError('BAD_REQUEST', 'A subscription needs a transport that stays open: see docs/live.md.');
  }
  if (readOnly && definition.operation !== OperationTypeNode.QUERY)
    throw createError('METHOD_NOT_ALLOWED', 'Only queries may be sent by GET: use POST.');
}

/** A variable with a default may be of a nullable type, and then null may be given for it all the same. */
function assertConditions({ conditionVariables }: KnownOperation, variables: Variables): void {
  const name = conditionVariables.find((variable) => typeof variables[variable] !== 'boolean');
  if (name !== undefined)
    throw createError('BAD_USER_INPUT', `Variable "$${name}" decides about @skip, @include or @defer and must not be null.`);
}

const noVariables: Variables = Object.freeze({});

function coerce({ supergraph }: LoadedGraph, { definition }: KnownOperation, given: Readonly<Record<string, unknown>>): Variables {
  if (!definition.variableDefinitions || definition.variableDefinitions.length === 0) return noVariables;
  const result = getVariableValues(supergraph.publicSchema, definition.variableDefinitions ?? [], given, { maxErrors });
  if (result.coerced) return result.coerced;
  const [first] = result.errors;
  throw createError('BAD_USER_INPUT', first?.message ?? 'The variables do not fit the operation.', {
    cause: new AggregateError(result.errors),
  });
}
