// Solves in a thread of its own, so that requests are answered meanwhile. The thread begins with a run and ends with it: its memory, that of
// the solver included, is given back. What goes wrong in it, even running out of memory, ends the run and nothing else.
import { Worker } from 'node:worker_threads';
import { createError, toErrorCode } from '../../../lib/errors/errors.ts';
import { fromRoot } from '../../../lib/paths.ts';
import type { RoutingPlan, SolveOptions } from '../model/types.ts';

/** `text`: the input as stored. */
export type SolverJob = SolveOptions & { readonly text: string };

export type SolverMessage = { readonly kind: 'done'; readonly plan: RoutingPlan } | { readonly kind: 'failed'; readonly message: string };

/** Rejects with SOLVE_FAILED, whose message members may read and whose cause is for the log; with the signal's reason when that fires. */
export type Solve = (job: SolverJob, signal: AbortSignal) => Promise<RoutingPlan>;

// An industry of a thousand makers and two thousand lines needs a third of it.
const resourceLimits = { maxOldGenerationSizeMb: 384, maxYoungGenerationSizeMb: 16 };
/** Building the model and reading the answer take time too, besides the time of solving. */
const GRACE_MS = 30_000;

// The built file, wherever this one runs from: a thread needs JavaScript.
const ownFile = fromRoot('dist', 'subgraphs', 'routing', 'run', 'worker.js');

/** `file`: another program for the thread; `graceMs`: how long it may take beyond the time of solving. */
export const createSolver =
  ({ file = ownFile, graceMs = GRACE_MS }: { file?: string | URL; graceMs?: number } = {}): Solve =>
  async (job, signal) => {
    signal.throwIfAborted();
    const worker = new Worker(file, { workerData: job, resourceLimits });
    try {
      return await outcomeOf(worker, signal, job.limitMs + graceMs);
    } finally {
      await worker.terminate();
    }
  };

const fail = (words: string, cause?: unknown): Error => createError('SOLVE_FAILED', words, { cause });

const isOutOfMemory = (cause: unknown): boolean => toErrorCode(cause) === 'ERR_WORKER_OUT_OF_MEMORY';

function outcomeOf(worker: Worker, signal: AbortSignal, limitMs: number): Promise<RoutingPlan> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(fail(`solving did not end within ${limitMs} ms`)), limitMs);
    const onAbort = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error('stopped'));
    signal.addEventListener('abort', onAbort);
    worker.once('message', (message: SolverMessage) => {
      if (message.kind === 'done') resolve(message.plan);
      else reject(fail('the solver found no plan; the log of routing knows why', new Error(message.message)));
    });
    worker.once('error', (cause) =>
      reject(fail(isOutOfMemory(cause) ? 'the solver ran out of memory' : 'the solver broke off; the log of routing knows why', cause)),
    );
    worker.once('exit', (code) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      reject(fail(`the solver ended with code ${code}`));
    });
  });
}
