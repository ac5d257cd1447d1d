// The thread of the solver: one input in, one plan out. The only place of the process in which the model and its solver are loaded.
import { parentPort, workerData } from 'node:worker_threads';
import { toMessage } from '../../../lib/errors/errors.ts';
import { solveRouting } from '../model/index.ts';
import type { RoutingInput } from '../model/types.ts';
import type { SolverJob, SolverMessage } from './solver.ts';

const tell = (message: SolverMessage): void => parentPort?.postMessage(message);

// handed over by solver.ts, and by nothing else
const { text, seed, limitMs } = workerData as SolverJob;
// printed by this subgraph, from an input of this type
const input = JSON.parse(text) as RoutingInput;
await solveRouting(input, { seed, limitMs }).then(
  (plan) => tell({ kind: 'done', plan }),
  (error: unknown) => tell({ kind: 'failed', message: toMessage(error) }),
);
