/** The thread of plan-elsewhere.ts: takes one operation at a time and answers with its plan, or why there is none. */
import { parentPort } from 'node:worker_threads';
import { parse } from 'graphql';
import { planOperation } from '../../engine/plan/index.ts';
import { isEngineError, loadSupergraph, type Supergraph } from '../../engine/supergraph/index.ts';
import { maxSupergraphs, type PlanJob, type PlanReply } from './plan-elsewhere.ts';

const supergraphs = new Map<string, Supergraph>();

parentPort?.on('message', (job: PlanJob) => parentPort?.postMessage(reply(job)));

function reply(job: PlanJob): PlanReply {
  try {
    const { text, operationName, conditions, denied, activeLabels, defer } = job;
    const document = parse(text, { noLocation: true });
    return {
      kind: 'plan',
      plan: planOperation({ supergraph: supergraphOf(job), document, operationName, conditions, denied, activeLabels, defer }),
    };
  } catch (error) {
    return {
      kind: 'refused',
      code: isEngineError(error) ? error.code : null,
      message: error instanceof Error ? error.message : String(error),
    };
  }
}

/** The main thread counts as this does which are known here. */
function supergraphOf({ schemaHash, sdl }: PlanJob): Supergraph {
  const known = supergraphs.get(schemaHash);
  if (known !== undefined) return known;
  if (sdl === null) throw new Error('The thread was not told the supergraph.');
  const supergraph = loadSupergraph(sdl);
  supergraphs.set(schemaHash, supergraph);
  const [oldest] = supergraphs.keys();
  if (supergraphs.size > maxSupergraphs && oldest !== undefined) supergraphs.delete(oldest);
  return supergraph;
}
