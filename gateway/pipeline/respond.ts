/**
 * Stage `respond`: result or error becomes the answer. Every error carries a code of the catalogue; what a client may not see is masked
 * with the request id, and suggestions ("Did you mean") leave the gateway in development only.
 */
import { GraphQLError } from 'graphql';
import { printPlan } from '../../engine/plan/index.ts';
import { errorCatalogue, isHubError, type ErrorCode, type HubError } from '../../lib/errors/errors.ts';
import type { ExecutionResult, FetchTrace, ResponseError } from '../execute/index.ts';
import { PluginRefusal, type PluginRequest } from '../plugins/plugin.ts';
import type { Hub } from './hub.ts';
import { toCostExtension, type Costed } from './limit-cost.ts';
import { mapErrors } from './plugin-stages.ts';
import type { KnownPlan, LoadedGraph } from './supergraph/loaded-graph.ts';
import { mapPayloads } from './on-end.ts';
import { toFirstMembers, toLaterText, type Payload } from './payload-text.ts';
import type { Answer, AnswerError, GatewayRequest } from './request.ts';
import type { Params } from './read-params.ts';

/** These say that a well-formed GraphQL request cannot be executed; all others end the HTTP request as such. */
const refusals: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'OPERATION_NOT_FOUND',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
  'PERSISTED_QUERY_MISMATCH',
  'DOCUMENT_NOT_TRUSTED',
  'INTROSPECTION_DISABLED',
  'LIMIT_EXCEEDED',
  'PLAN_UNREACHABLE_FIELD',
  'PLAN_TOO_COMPLEX',
  'CURSOR_INVALID',
]);

type Executed = {
  request: GatewayRequest;
  params: Params;
  graph: LoadedGraph;
  plan: KnownPlan['plan'];
  result: ExecutionResult;
  traces: readonly FetchTrace[];
  pluginRequest: PluginRequest | null;
} & Costed;

type Rim = Pick<Hub, 'development' | 'plugins'>;

export function toDataAnswer(executed: Executed, hub: Hub): Answer {
  const { result, request, pluginRequest } = executed;
  const { requestId, payloads: form = 'ids' } = request;
  // Of every payload alike: what may not be seen in the first may not be seen later.
  const mask = (errors: readonly ResponseError[]): readonly AnswerError[] => toShownErrors(errors, hub, { requestId, pluginRequest });
  const extensions = toExtensionsOfData(executed, hub);
  // Their text is made from the bytes, for transports that send text.
  if (result.body !== undefined && extensions === null) return new ByteAnswer(result.body);
  const rest = [`"data":${result.data}`];
  if (extensions) rest.push(`"extensions":${JSON.stringify(extensions)}`);
  const { later } = result;
  if (later === undefined) return toAnswer('data', 200, mask(result.errors ?? []), rest.join(','));
  rest.push(toFirstMembers(form, later.pending));
  const first = toAnswer('data', 200, mask(result.errors ?? []), rest.join(','));
  const errorCodes = [...first.errorCodes];
  const more = mapPayloads(later.payloads, ({ pending, pieces, completed, hasNext }) => {
    const payload: Payload = {
      pending,
      pieces: pieces.map((piece) => ({ ...piece, errors: mask(piece.errors) })),
      completed: completed.map((one) => ({ ...one, errors: one.errors === null ? null : mask(one.errors) })),
      hasNext,
    };
    for (const { errors } of [...payload.pieces, ...payload.completed])
      for (const {
        extensions: { code },
      } of errors ?? [])
        errorCodes.push(code);
    return toLaterText(form, payload);
  });
  return { ...first, errorCodes, more };
}

/** Errors of an execution as a client may see them. */
export function toShownErrors(
  errors: readonly ResponseError[],
  { plugins }: Pick<Hub, 'plugins'>,
  { requestId, pluginRequest }: Refused,
): readonly AnswerError[] {
  return mapErrors(
    errors.map((error) => maskError(error, requestId)),
    { pluginRequest, plugins, mask: () => toMasked(requestId) },
  );
}

/** What the client asked to be told besides data; null: nothing. */
function toExtensionsOfData(executed: Executed, hub: Hub): object | null {
  const { params, graph, plan, result, traces } = executed;
  const wantsPlan = hub.development && params.extensions['plan'] === true;
  const wantsCost = hub.tellsCost && params.extensions['cost'] === true;
  if (!wantsPlan && !wantsCost) return null;
  return {
    ...(wantsPlan ? { plan: { text: printPlan(plan, graph.supergraph), fetches: traces } } : {}),
    // What is deferred is not there yet to be counted
    ...(wantsCost ? { cost: toCostExtension(executed, result.later === undefined ? result.data : null, hub) } : {}),
  };
}

/** Of a request that plugins know of, or of one that they do not: null. */
export function toRefusal(error: unknown, hub: Rim & Pick<Hub, 'log'>, { requestId, pluginRequest }: Refused): Answer {
  const map = (errors: readonly AnswerError[]) =>
    mapErrors(errors, { pluginRequest, plugins: hub.plugins, mask: () => toMasked(requestId) });
  if (error instanceof PluginRefusal)
    return toAnswer('failed', error.status, map([{ message: error.message, extensions: { code: error.code } }]), '');
  const hubError = isHubError(error) ? error : undefined;
  if (!hubError?.visible) hub.log.error({ err: error, requestId }, 'request failed');
  const kind = hubError && refusals.has(hubError.code) ? 'refused' : 'failed';
  const answer = toAnswer(kind, hubError?.status ?? 500, map(toErrors(error, hub, requestId)), '');
  const seconds = hubError?.details['retryAfterSeconds'];
  return typeof seconds === 'number' ? { ...answer, retryAfterSeconds: seconds } : answer;
}

type Refused = { readonly requestId: string; readonly pluginRequest: PluginRequest | null };

const decoder = new TextDecoder();
const noCodes: readonly string[] = Object.freeze([]);

/** Text only for who asks for it. */
class ByteAnswer implements Answer {
  readonly kind = 'data';
  readonly status = 200;
  readonly bytes: Uint8Array;
  readonly errorCodes = noCodes;
  readonly more = null;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get text(): string {
    return decoder.decode(this.bytes);
  }
}

/** `rest`: the members of the body after `errors`, already written. */
function toAnswer(kind: Answer['kind'], status: number, errors: readonly AnswerError[], rest: string): Answer {
  const errorCodes = errors.map(({ extensions }) => extensions.code);
  if (errors.length === 0) return { kind, status, text: `{${rest}}`, errorCodes, more: null };
  return { kind, status, text: `{"errors":${JSON.stringify(errors)}${rest === '' ? '' : `,${rest}`}}`, errorCodes, more: null };
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
function maskError(error: ResponseError, requestId: string): AnswerError {
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
