/** Stage `read`: the parameters of a GraphQL request, each of its type and within its limits. */
import { createError } from '../../lib/errors/errors.ts';
import type { Hub } from './hub.ts';
import type { Limits } from './limits.ts';
import type { GatewayRequest } from './request.ts';
import type { Stage } from './stage.ts';

export type Params = {
  readonly query: string | null;
  /** Name of a document that the gateway knows. */
  readonly documentId: string | null;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly extensions: Readonly<Record<string, unknown>>;
};

export const readParams: Stage<{ request: GatewayRequest }, { params: Params }, Hub> = {
  name: 'read',
  run: ({ request }, { limits }) => ({ params: toParams(request.params, limits) }),
};

function toParams(value: unknown, limits: Limits): Params {
  if (Array.isArray(value)) throw createError('BAD_REQUEST', 'An array is not a request here: send one request at a time.');
  if (!isObject(value)) throw createError('BAD_REQUEST', 'Expected a JSON object {"query": …}.');
  const params = {
    query: toText(value, 'query'),
    documentId: toText(value, 'documentId'),
    operationName: toText(value, 'operationName'),
    variables: toObject(value, 'variables'),
    extensions: toObject(value, 'extensions'),
  };
  assertVariables(params.variables, limits);
  return params;
}

function toText(params: Record<string, unknown>, name: string): string | null {
  const value = params[name] ?? null;
  if (value === null || typeof value === 'string') return value;
  throw createError('BAD_REQUEST', `The parameter ${name} is not a string.`);
}

const nothing: Readonly<Record<string, unknown>> = Object.freeze({});

function toObject(params: Record<string, unknown>, name: string): Readonly<Record<string, unknown>> {
  const value = params[name] ?? nothing;
  if (isObject(value)) return value;
  throw createError('BAD_REQUEST', `The parameter ${name} is not an object.`);
}

function assertVariables(variables: Readonly<Record<string, unknown>>, { variablesBytes, variablesDepth }: Limits): void {
  if (Object.keys(variables).length === 0) return;
  // Depth first: what follows recurses
  if (isDeeper(variables, variablesDepth)) {
    throw createError('LIMIT_EXCEEDED', `The variables are nested deeper than ${variablesDepth} levels.`, {
      details: { limit: 'variablesDepth' },
    });
  }
  if (Buffer.byteLength(JSON.stringify(variables)) > variablesBytes) {
    throw createError('LIMIT_EXCEEDED', `The variables are larger than ${variablesBytes} bytes.`, { details: { limit: 'variablesBytes' } });
  }
}

/** Recurses no deeper than `levels`. The variables object itself is the first level. */
function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((child) => isDeeper(child, levels - 1));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
