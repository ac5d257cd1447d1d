/**
 * The pipeline: what happens to one request, in this order, for every transport. A known document passes parse, measure and validate
 * by what is remembered of it. A subscription leaves it after the checks: the live core goes on with it. Exports `answerRequest`,
 * `beginRequest`, `checkSubscription` and `explainRequest`.
 */
import { OperationTypeNode } from 'graphql';
import { printPlan } from '../../engine/plan/index.ts';
import { createError, isHubError } from '../../lib/errors/errors.ts';
import { authorise } from './authorise.ts';
import { chooseOperation } from './choose-operation.ts';
import { chooseLabels } from './override-labels.ts';
import { countUse } from './count-use.ts';
import { executeStage } from './execute-operation.ts';
import { findDocument, keepDocument } from './find-document.ts';
import type { Hub } from './hub.ts';
import { identify } from './identify.ts';
import { limitCost } from './limit-cost.ts';
import { measureDocument } from './measure-document.ts';
import { onEnd } from './on-end.ts';
import { parseDocument } from './parse-document.ts';
import { compileStage, planStage, recallStage } from './plan-operation.ts';
import { limitRate } from './rates.ts';
import { readParams } from './read-params.ts';
import type { Answer, GatewayRequest } from './request.ts';
import { toDataAnswer, toRefusal } from './respond.ts';
import { Pipeline } from './stage.ts';
import type { Subscription } from './subscription.ts';
import { askOnOperation, askOnRequest, tellAnswer, tellOnPlan, toPluginRequest, type Hooked } from './plugin-stages.ts';
import type { LoadedGraph } from './supergraph/loaded-graph.ts';
import { validateDocument } from './validate-document.ts';

/** The request keeps the supergraph it began with. */
type Start = { request: GatewayRequest; graph: LoadedGraph } & Hooked;

const checking = Pipeline.startingWith<Start, Hub>()
  .add(askOnRequest) //     plugins
  .add(readParams) //       parameters of the right types, variables within their limits
  .add(identify) //         token → principal
  .add(limitRate) //        requests a second of one member
  .add(findDocument) //     text of the operation; what is known of it
  .add(parseDocument) //    tokens and nesting bounded, then parsed
  .add(measureDocument) //  bounded as expanded
  .add(validateDocument) // against the public schema
  .add(keepDocument) //     a text that came with its hash is remembered
  .add(chooseOperation) //  operation and variables; pages, introspection
  .add(authorise) //        what the principal may not have
  .add(chooseLabels) //     which override labels are active
  .add(limitCost) //        what it may cost
  .add(askOnOperation); //  plugins

type Checked = Awaited<ReturnType<typeof checking.run>>;

const planning = Pipeline.startingWith<Checked, Hub>()
  .add(recallStage) //      the plan, if it is known
  .add(planStage) //        operation → plan
  .add(compileStage) //     plan → something that runs
  .add(tellOnPlan); //      plugins

const running = planning.add(executeStage); // subgraphs are asked

type Found = Omit<Awaited<ReturnType<typeof running.run>>, keyof Start>;

/** Names what the stages will find: V8 reads and writes an object faster that has all its names from the beginning. */
function toStart(request: GatewayRequest, graph: LoadedGraph, pluginRequest: Hooked['pluginRequest']): Start {
  const start: Start & { [Name in keyof Found]: undefined } = {
    request,
    graph,
    pluginRequest,
    params: undefined,
    principal: undefined,
    text: undefined,
    known: undefined,
    toKeep: undefined,
    document: undefined,
    tokenCount: undefined,
    fieldCount: undefined,
    checked: undefined,
    operation: undefined,
    variables: undefined,
    denied: undefined,
    activeLabels: undefined,
    estimatedCost: undefined,
    planKey: undefined,
    conditions: undefined,
    labelsKey: undefined,
    defer: undefined,
    knownPlan: undefined,
    plan: undefined,
    compiled: undefined,
    result: undefined,
    traces: undefined,
  };
  return start;
}

/** Never rejects. Respond and count come after the stages, whether all of them ran or one refused; count after the last payload. */
export async function answerRequest(request: GatewayRequest, hub: Hub): Promise<Answer> {
  const begun = await beginRequest(request, hub);
  if (begun.kind !== 'subscription') return begun;
  return begun.refuse(createError('BAD_REQUEST', 'Subscriptions are not served here.'));
}

/** The same for a transport that can carry a subscription (`live`): that one is given back when it has passed all checks. */
export async function beginRequest(request: GatewayRequest, hub: Hub): Promise<Answer | Subscription> {
  const account = new Account(request, hub);
  let answer: Answer;
  try {
    const start = account.begin();
    const checked = await checking.run(start, hub);
    if (checked.operation.definition.operation === OperationTypeNode.SUBSCRIPTION) return toSubscription(checked, account);
    answer = toDataAnswer(await running.run(checked, hub), hub);
  } catch (error) {
    return account.refuse(error);
  }
  if (answer.more !== null) return { ...answer, more: onEnd(answer.more, () => account.close(answer)) };
  account.close(answer);
  return answer;
}

/** A subscription that has passed all checks; anything else is refused, and nothing is asked of a subgraph. */
export async function checkSubscription(request: GatewayRequest, hub: Hub): Promise<Answer | Subscription> {
  const account = new Account(request, hub);
  try {
    const checked = await checking.run(account.begin(), hub);
    if (checked.operation.definition.operation === OperationTypeNode.SUBSCRIPTION) return toSubscription(checked, account);
    throw createError('BAD_REQUEST', 'A ticket is for a subscription: send what is none with the token itself.');
  } catch (error) {
    return account.refuse(error);
  }
}

/** Of one request: what was found out about it, and that it is counted once. */
class Account {
  readonly #request: GatewayRequest;
  readonly #hub: Hub;
  readonly #beganAt = performance.now();
  readonly #pluginRequest: Hooked['pluginRequest'];
  #start: ReturnType<typeof toStart> | undefined;

  constructor(request: GatewayRequest, hub: Hub) {
    this.#request = request;
    this.#hub = hub;
    this.#pluginRequest = toPluginRequest(request, hub);
  }

  /** Throws NOT_READY. */
  begin(): ReturnType<typeof toStart> {
    return (this.#start = toStart(this.#request, this.#hub.graphs.current(), this.#pluginRequest));
  }

  refuse(error: unknown): Answer {
    const { requestId } = this.#request;
    const answer = toRefusal(error, this.#hub, { requestId, pluginRequest: this.#pluginRequest });
    if (isHubError(error, 'REQUEST_TIMEOUT')) this.#hub.log.warn({ requestId }, 'request ended at its time limit');
    this.close(answer);
    return answer;
  }

  close(answer: Answer): void {
    const ms = performance.now() - this.#beganAt;
    // one line a request: never a document, a variable or a header
    logRequest({ requestId: this.#request.requestId, status: answer.status, ms: Math.round(ms) }, this.#hub);
    countUse({ findings: this.#start ?? {}, answer, seconds: ms / 1_000 }, this.#hub);
    tellAnswer(answer, ms, { pluginRequest: this.#pluginRequest, plugins: this.#hub.plugins });
  }
}

const begunAnswer: Answer = Object.freeze({ kind: 'data', status: 200, text: '', errorCodes: Object.freeze([]), more: null });

/** Counted as an operation when it stands or is refused. */
function toSubscription(checked: Checked, account: Account): Subscription {
  return { ...checked, kind: 'subscription', refuse: (error) => account.refuse(error), stands: () => account.close(begunAnswer) };
}

function logRequest(fields: { requestId: string; status: number; ms: number }, { log }: Hub): void {
  if (log.line) log.line(`,"requestId":${JSON.stringify(fields.requestId)},"status":${fields.status},"ms":${fields.ms}`, 'request');
  else log.info(fields, 'request');
}

/** The text of the plan, without running it. */
export async function explainRequest(request: GatewayRequest, hub: Hub): Promise<Answer> {
  const beganAt = performance.now();
  const pluginRequest = toPluginRequest(request, hub);
  let answer: Answer;
  try {
    const { plan, graph } = await planning.run(await checking.run(toStart(request, hub.graphs.current(), pluginRequest), hub), hub);
    answer = {
      kind: 'data',
      status: 200,
      text: JSON.stringify({ data: { plan: printPlan(plan, graph.supergraph) } }),
      errorCodes: [],
      more: null,
    };
  } catch (error) {
    answer = toRefusal(error, hub, { requestId: request.requestId, pluginRequest });
  }
  tellAnswer(answer, performance.now() - beganAt, { pluginRequest, plugins: hub.plugins });
  return answer;
}

export const stageNames: readonly string[] = [...checking.stageNames, ...running.stageNames, 'respond', 'count'];
