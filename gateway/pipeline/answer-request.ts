/**
 * The pipeline: what happens to one request, in this order, for every transport. A known document passes parse, measure and validate
 * by what is remembered of it. Exports `answerRequest` and `explainRequest`.
 */
import { printPlan } from '../../engine/plan/index.ts';
import { isHubError } from '../../lib/errors/errors.ts';
import { authorise } from './authorise.ts';
import { chooseOperation } from './choose-operation.ts';
import { countUse } from './count-use.ts';
import { executeStage } from './execute-operation.ts';
import { findDocument } from './find-document.ts';
import type { Hub } from './hub.ts';
import { identify } from './identify.ts';
import { measureDocument } from './measure-document.ts';
import { parseDocument } from './parse-document.ts';
import { compileStage, planStage } from './plan-operation.ts';
import { readParams } from './read-params.ts';
import type { Answer, GatewayRequest } from './request.ts';
import { toDataAnswer, toRefusal } from './respond.ts';
import { Pipeline } from './stage.ts';
import type { LoadedGraph } from './supergraph/loaded-graph.ts';
import { validateDocument } from './validate-document.ts';

/** The request keeps the supergraph it began with. */
type Start = { request: GatewayRequest; graph: LoadedGraph };

const planning = Pipeline.startingWith<Start, Hub>()
  .add(readParams) //       parameters of the right types, variables within their limits
  .add(identify) //         token → principal
  .add(findDocument) //     text of the operation; what is known of it
  .add(parseDocument) //    tokens and nesting bounded, then parsed
  .add(measureDocument) //  bounded as expanded
  .add(validateDocument) // against the public schema
  .add(chooseOperation) //  operation and variables; pages, introspection
  .add(authorise) //        what the principal may not have
  .add(planStage) //        operation → plan
  .add(compileStage); //    plan → something that runs

const running = planning.add(executeStage); // subgraphs are asked

/** Never rejects. Respond and count come after the stages, whether all of them ran or one refused. */
export async function answerRequest(request: GatewayRequest, hub: Hub): Promise<Answer> {
  const beganAt = performance.now();
  let start: Start | undefined;
  let answer: Answer;
  try {
    start = { request, graph: hub.graphs.current() };
    answer = toDataAnswer(await running.run(start, hub), hub, request.requestId);
  } catch (error) {
    answer = toRefusal(error, hub, request.requestId);
    if (isHubError(error, 'REQUEST_TIMEOUT')) hub.log.warn({ requestId: request.requestId }, 'request ended at its time limit');
  }
  const ms = performance.now() - beganAt;
  // one line a request: never a document, a variable or a header
  hub.log.info({ requestId: request.requestId, status: answer.status, ms: Math.round(ms) }, 'request');
  countUse({ findings: start ?? {}, answer, seconds: ms / 1_000 }, hub);
  return answer;
}

/** The text of the plan, without running it. */
export async function explainRequest(request: GatewayRequest, hub: Hub): Promise<Answer> {
  try {
    const { plan, graph } = await planning.run({ request, graph: hub.graphs.current() }, hub);
    return { kind: 'data', status: 200, body: { data: { plan: printPlan(plan, graph.supergraph) } } };
  } catch (error) {
    return toRefusal(error, hub, request.requestId);
  }
}

export const stageNames: readonly string[] = [...running.stageNames, 'respond', 'count'];
