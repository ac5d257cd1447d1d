/**
 * The pipeline: what happens to one request, in this order, for every transport. A known document passes parse, measure and validate
 * by what is remembered of it. Exports `answerRequest` and `explainRequest`.
 */
import { printPlan } from '../../engine/plan/index.ts';
import { isHubError } from '../../lib/errors/errors.ts';
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
import { askOnOperation, askOnRequest, tellAnswer, tellOnPlan, toPluginRequest, type Hooked } from './plugin-stages.ts';
import type { LoadedGraph } from './supergraph/loaded-graph.ts';
import { validateDocument } from './validate-document.ts';

/** The request keeps the supergraph it began with. */
type Start = { request: GatewayRequest; graph: LoadedGraph } & Hooked;

const planning = Pipeline.startingWith<Start, Hub>()
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
  .add(askOnOperation) //   plugins
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
  const beganAt = performance.now();
  const pluginRequest = toPluginRequest(request, hub);
  let start: Start | undefined;
  let answer: Answer;
  try {
    start = toStart(request, hub.graphs.current(), pluginRequest);
    answer = toDataAnswer(await running.run(start, hub), hub);
  } catch (error) {
    answer = toRefusal(error, hub, { requestId: request.requestId, pluginRequest });
    if (isHubError(error, 'REQUEST_TIMEOUT')) hub.log.warn({ requestId: request.requestId }, 'request ended at its time limit');
  }
  const count = (): void => {
    const ms = performance.now() - beganAt;
    // one line a request: never a document, a variable or a header
    logRequest({ requestId: request.requestId, status: answer.status, ms: Math.round(ms) }, hub);
    countUse({ findings: start ?? {}, answer, seconds: ms / 1_000 }, hub);
    tellAnswer(answer, ms, { pluginRequest, plugins: hub.plugins });
  };
  if (answer.more !== null) return { ...answer, more: onEnd(answer.more, count) };
  count();
  return answer;
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
    const { plan, graph } = await planning.run(toStart(request, hub.graphs.current(), pluginRequest), hub);
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

export const stageNames: readonly string[] = [...running.stageNames, 'respond', 'count'];
