/**
 * Events → frames: filter, rights, one execution for the whole batch, one payload for each event. Exports `createResolver`, `RightsChanged`.
 *
 * An event of an entity that the viewer may not read is left out: a null in its place would tell how much happens elsewhere. While the owner
 * of the entity does not answer nobody knows, and the batch is tried again until `patienceMs` are over; then each event comes as null with
 * the error.
 */
import { executeSync, parse, type DocumentNode } from 'graphql';
import type { Filter } from '../../engine/compile/index.ts';
import { createError, isHubError } from '../../lib/errors/errors.ts';
import type { StoredEvent } from '../../lib/feed/index.ts';
import type { Principal } from '../../lib/identity/index.ts';
import { executePlan, Stop, type ExecutionResult, type ResponseError, type SubgraphFetcher } from '../execute/index.ts';
import { createFetcher } from '../pipeline/ask-subgraph.ts';
import type { HeaderLookup } from '../pipeline/forwarding.ts';
import type { Hub } from '../pipeline/hub.ts';
import { toPluginRequest } from '../pipeline/plugin-stages.ts';
import type { AnswerError, GatewayRequest } from '../pipeline/request.ts';
import { toShownErrors } from '../pipeline/respond.ts';
import type { CheckedOperation } from '../pipeline/subscription.ts';
import type { Frame } from './frame-log.ts';
import type { LivePlan } from './live-plan.ts';
import { splitItems, withoutFirst } from './split-items.ts';

/** Whoever shares the cohort may no longer read what it was planned for, or may read more. */
export class RightsChanged extends Error {}

export type ResolverOptions = {
  readonly plan: LivePlan;
  readonly operation: CheckedOperation;
  readonly filter: Filter;
  /** Of one who is in the cohort: all others are like it, in all that is read of it. */
  readonly principal: Principal;
  readonly header: HeaderLookup;
  /** Stands in logs and in what subgraphs are told. */
  readonly id: string;
  readonly hub: Hub;
};

type Values = Readonly<Record<string, unknown>>;
/** An event with what its graph answers for it. */
type Meant = { readonly seq: number; readonly key: string; readonly item: Values };

/** For a batch whose entities' owner does not answer. */
const patienceMs = 30_000;
const firstPauseMs = 100;
const longestPauseMs = 3_000;

/** Throws RightsChanged; whatever else it throws is a fault. */
export function createResolver(
  options: ResolverOptions,
): (events: readonly StoredEvent[], signal: AbortSignal) => Promise<readonly Frame[]> {
  const { plan, operation, filter, principal, hub } = options;
  let batches = 0;
  return async (events, signal) => {
    const meant = events.flatMap((event) => toMeant(event, plan, { filter, hub }));
    if (meant.length === 0) return [];
    const denied = await hub.access.judge({ supergraph: operation.graph.supergraph, operation: operation.operation, principal });
    if (denied.id !== operation.denied.id) throw new RightsChanged();
    batches += 1;
    const request = toRequest(options, `${options.id}.${batches}`);
    const answer = await ask(options, { meant, request, signal });
    return meant.flatMap((event, index) => toFrame(event, answer[index] ?? null, plan.responseName));
  };
}

/** Nothing for an event that is not meant, or that nobody can read. */
function toMeant({ seq, id, payload: envelope }: StoredEvent, plan: LivePlan, { filter, hub }: { filter: Filter; hub: Hub }): Meant[] {
  const payload = isRecord(envelope) ? envelope['payload'] : undefined;
  if (!isRecord(payload)) {
    hub.log.error({ topic: plan.feed.topic, event: id, seq }, 'an event has no payload: nobody gets it');
    return [];
  }
  if (!filter(payload)) return [];
  const item = toItem(payload, plan);
  if (item === null) {
    hub.log.error({ topic: plan.feed.topic, event: id, seq }, `an event does not name what ${plan.feed.coordinate} is of: nobody gets it`);
    return [];
  }
  return [{ seq, key: JSON.stringify(item.key), item: item.values }];
}

/** The type, the key and what else the event carries; null where it does not say of what type it is. */
function toItem(payload: Values, { events, feed }: LivePlan): { key: readonly unknown[]; values: Values } | null {
  const { types } = events.source;
  const name = types.length === 1 ? types[0]?.name : payload['__typename'];
  const type = types.find((one) => one.name === name);
  if (type === undefined || type.key.some((field) => (payload[field] ?? null) === null)) return null;
  const values = Object.fromEntries([...type.key, ...type.carried].map((field) => [field, payload[field] ?? null]));
  return { key: [feed.topic, type.name, ...type.key.map((field) => payload[field])], values: { __typename: type.name, ...values } };
}

type Batch = { readonly meant: readonly Meant[]; readonly request: GatewayRequest; readonly signal: AbortSignal };

/** What an event came to: `text` is JSON. */
type Item = { readonly text: string; readonly errors: readonly AnswerError[] };

async function ask(options: ResolverOptions, batch: Batch): Promise<readonly (Item | null)[]> {
  const beganAt = performance.now();
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    const result = await execute(options, batch);
    const isLast = performance.now() - beganAt + pauseMs > patienceMs;
    const items = toItems(result, options, { batch, isLast });
    if (items !== null) return items;
    await pause(pauseMs, batch.signal);
    if (batch.signal.aborted) throw createError('REQUEST_ABORTED', 'The cohort has ended.');
  }
}

async function execute({ plan, operation, principal, hub }: ResolverOptions, { meant, request, signal }: Batch): Promise<ExecutionResult> {
  const pluginRequest = toPluginRequest(request, hub);
  const elsewhere = createFetcher({ request, principal, graph: operation.graph, pluginRequest }, hub);
  const events = answerEvents(plan, meant);
  const fetcher: SubgraphFetcher = (asked) => (asked.graph.name === plan.events.source.graph ? events(asked.body) : elsewhere(asked));
  const stop = new Stop();
  const end = (): void => stop.abort(createError('REQUEST_ABORTED', 'The cohort has ended.'));
  signal.addEventListener('abort', end);
  const deadline = hub.deadlines.begin(() => stop.abort(createError('REQUEST_TIMEOUT', 'The events took too long.')));
  try {
    const { compiled, events: graph } = plan;
    const { limits, metrics } = hub;
    return await executePlan({
      compiled,
      supergraph: graph.view,
      variables: operation.variables,
      fetcher,
      signal: stop,
      maxErrors: limits.errors * meant.length,
      onJoin: metrics.countAnswer,
    });
  } catch (error) {
    if (!isHubError(error, 'REQUEST_TIMEOUT')) throw error;
    return { data: 'null', errors: [{ message: error.message, extensions: { code: error.code } }] };
  } finally {
    deadline.end();
    signal.removeEventListener('abort', end);
  }
}

/** The graph of the events: answered here, from what the feed holds. */
function answerEvents({ events, feed }: LivePlan, meant: readonly Meant[]): (body: string) => ReturnType<SubgraphFetcher> {
  const rootValue = { [feed.name]: meant.map(({ item }) => item) };
  return async (body) => {
    const result = executeSync({ schema: events.schema, document: documentOf(body), rootValue });
    return { kind: 'response', status: 200, text: JSON.stringify(result) };
  };
}

const documents = new Map<string, DocumentNode>();
const maxDocuments = 500;

function documentOf(body: string): DocumentNode {
  const known = documents.get(body);
  if (known !== undefined) return known;
  const { query } = JSON.parse(body) as { query: string }; // the planner wrote it
  const document = parse(query, { noLocation: true });
  if (documents.size >= maxDocuments) documents.clear();
  documents.set(body, document);
  return document;
}

/** An owner that says no more than this has answered: the entity is not there for this viewer. */
const isAnswer: ReadonlySet<string> = new Set(['NULL_FOR_NON_NULL', 'FORBIDDEN', 'UNAUTHENTICATED']);

/** By event; null for one that is left out. Null for all: to be asked again. */
function toItems(
  result: ExecutionResult,
  options: ResolverOptions,
  { batch, isLast }: { batch: Batch; isLast: boolean },
): (Item | null)[] | null {
  const { meant, request } = batch;
  const { hub, plan } = options;
  const texts = splitItems(result.data) ?? meant.map(() => 'null');
  const errors = sortErrors(result.errors ?? [], meant.length);
  const items: (Item | null)[] = [];
  for (const [index, text] of texts.entries()) {
    const own = errors.of[index] ?? [];
    const all = [...own, ...errors.common];
    if (text === 'null' && plan.proof !== null) {
      if (all.every(({ extensions }) => isAnswer.has(extensions.code))) {
        items.push(null);
        continue;
      }
      if (!isLast) return null;
    }
    const shown = toShownErrors(
      all.map((error) => toOwnPath(error, plan)),
      hub,
      { requestId: request.requestId, pluginRequest: toPluginRequest(request, hub) },
    );
    items.push({ text: plan.proof === null || text === 'null' ? text : withoutFirst(text), errors: shown });
  }
  return items;
}

type Sorted = { readonly of: readonly (readonly ResponseError[])[]; readonly common: readonly ResponseError[] };

function sortErrors(errors: readonly ResponseError[], count: number): Sorted {
  const of: ResponseError[][] = Array.from({ length: count }, () => []);
  const common: ResponseError[] = [];
  for (const error of errors) {
    const index = error.path?.[1];
    const list = typeof index === 'number' ? of[index] : common;
    list?.push(error);
  }
  return { of, common };
}

/** The client's field is no list, and it has not asked for a proof. */
function toOwnPath(error: ResponseError, { responseName, proof }: LivePlan): ResponseError {
  const rest = (error.path ?? []).slice(2);
  return { ...error, path: [responseName, ...(rest[0] === proof ? [] : rest)] };
}

function toFrame({ seq, key }: Meant, item: Item | null, responseName: string): Frame[] {
  if (item === null) return [];
  const errors = item.errors.length === 0 ? '' : `,"errors":${JSON.stringify(item.errors)}`;
  return [{ seq, key, body: Buffer.from(`{"data":{"${responseName}":${item.text}}${errors}`) }];
}

const never = Object.freeze({ aborted: false, addEventListener: () => undefined, removeEventListener: () => undefined });

/** Asks for the cohort: nothing of one client but what all in it have in common. */
function toRequest({ header }: ResolverOptions, requestId: string): GatewayRequest {
  return { params: null, readOnly: true, token: null, fromLoopback: false, address: '', requestId, header, signal: never };
}

function isRecord(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
