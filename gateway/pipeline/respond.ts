/**
 * Stage `respond`: result or error becomes the answer. Every error carries a code of the catalogue; what a client may not see is masked
 * with the request id, and suggestions ("Did you mean") leave the gateway in development only.
 */
import { GraphQLError } from 'graphql';
import { printPlan } from '../../engine/plan/index.ts';
import { errorCatalogue, isHubError, type ErrorCode, type HubError } from '../../lib/errors/errors.ts';
import type { ExecutionResult, FetchTrace } from '../execute/index.ts';
import type { Hub } from './hub.ts';
import type { KnownPlan, LoadedGraph } from './supergraph/loaded-graph.ts';
import type { Answer, AnswerError } from './request.ts';
import type { Params } from './read-params.ts';

/** These say that a well-formed GraphQL request cannot be executed; all others end the HTTP request as such. */
const refusals: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'OPERATION_NOT_FOUND',
  'PERSISTED_QUERY_NOT_FOUND',
  'INTROSPECTION_DISABLED',
  'LIMIT_EXCEEDED',
  'PLAN_UNREACHABLE_FIELD',
  'PLAN_TOO_COMPLEX',
]);

type Executed = {
  params: Params;
  graph: LoadedGraph;
  plan: KnownPlan['plan'];
  result: ExecutionResult;
  traces: readonly FetchTrace[];
};

export function toDataAnswer({ params, graph, plan, result, traces }: Executed, hub: Pick<Hub, 'development'>, requestId: string): Answer {
  const errors = result.errors?.map((error) => maskError(error, requestId));
  const wantsPlan = hub.development && params.extensions['plan'] === true;
  const extensions = wantsPlan ? { plan: { text: printPlan(plan, graph.supergraph), fetches: traces } } : undefined;
  return {
    kind: 'data',
    status: 200,
    body: { ...(errors && errors.length > 0 ? { errors } : {}), data: result.data, ...(extensions ? { extensions } : {}) },
  };
}

export function toRefusal(error: unknown, hub: Pick<Hub, 'development' | 'log'>, requestId: string): Answer {
  const hubError = isHubError(error) ? error : undefined;
  if (!hubError?.visible) hub.log.error({ err: error, requestId }, 'request failed');
  const kind = hubError && refusals.has(hubError.code) ? 'refused' : 'failed';
  return { kind, status: hubError?.status ?? 500, body: { errors: toErrors(error, hub, requestId) } };
}

function toErrors(error: unknown, { development }: Pick<Hub, 'development'>, requestId: string): AnswerError[] {
  if (!isHubError(error) || !error.visible) return [toMasked(requestId)];
  const causes = error.cause instanceof AggregateError ? error.cause.errors : [error.cause];
  const graphqlErrors = causes.filter((cause): cause is GraphQLError => cause instanceof GraphQLError);
  const extensions = toExtensions(error);
  if (graphqlErrors.length === 0) return [{ message: error.message, extensions }];
  return graphqlErrors.map(({ message, locations }) => ({
    message: development ? message : withoutSuggestion(message),
    ...(locations ? { locations } : {}),
    extensions,
  }));
}

function toExtensions({ code, details }: HubError): AnswerError['extensions'] {
  return { code, ...details };
}

/** Errors of an execution: those of a subgraph pass with its code, unless that is one of our own that nobody may see. */
function maskError(error: NonNullable<ExecutionResult['errors']>[number], requestId: string): AnswerError {
  const { message, path, extensions } = error;
  const place = path ? { path } : {};
  if (isErrorCode(extensions.code) && !errorCatalogue[extensions.code].visible) return { ...toMasked(requestId), ...place };
  return { message, ...place, extensions };
}

function toMasked(requestId: string): AnswerError {
  return { message: `Internal error, request ${requestId}.`, extensions: { code: 'INTERNAL', requestId } };
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCatalogue, code);
}

function withoutSuggestion(message: string): string {
  const at = message.indexOf(' Did you mean');
  return at === -1 ? message : message.slice(0, at);
}
