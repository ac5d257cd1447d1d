/**
 * Large operations are planned in a thread of their own, so that the event loop goes on serving everybody else. One thread for a gateway,
 * started when it is first needed, that plans one operation after the other. Exports `createPlanElsewhere`.
 */
import { Worker } from 'node:worker_threads';
import type { Plan } from '../../engine/plan/index.ts';
import { deepFreeze } from '../../engine/supergraph/index.ts';
import { createError } from '../../lib/errors/errors.ts';
import { fromRoot } from '../../lib/paths.ts';
import type { ClientSignal } from './request.ts';

/** What the thread is told: the supergraph only with the first of its operations. */
export type PlanJob = {
  readonly schemaHash: string;
  readonly sdl: string | null;
  readonly text: string;
  readonly operationName: string | null;
  readonly conditions: ReadonlyMap<string, boolean>;
  readonly denied: ReadonlySet<string>;
  readonly activeLabels: ReadonlySet<string>;
  readonly defer: boolean;
};

/** `code`: null for what should never happen. */
export type PlanReply =
  | { readonly kind: 'plan'; readonly plan: Plan }
  | { readonly kind: 'refused'; readonly code: string | null; readonly message: string };

export type PlanElsewhere = {
  /** Operations of at least so many fields, fragments expanded, are planned here: it takes longer than others should wait. */
  readonly fromFields: number;
  /**
   * Rejects with PLANNING_OVERLOADED, REQUEST_TIMEOUT, REQUEST_ABORTED, or INTERNAL when the thread ends; the reply is a refusal where
   * planning refuses. Equal keys that wait at the same time are planned once.
   */
  plan(key: string, job: PlanJob, signal: ClientSignal): Promise<PlanReply>;
  stop(): Promise<void>;
};

export type PlanElsewhereOptions = {
  readonly requestMs: number;
  readonly fromFields?: number;
  /** Operations that wait while another is planned. */
  readonly queue?: number;
  readonly file?: string;
};

/** Measured: fewer fields are planned in less than some 50 ms, even those chosen to be slow. */
const defaultFromFields = 500;
const defaultQueue = 100;
/** Supergraphs that the thread remembers: while a new one takes over, both are asked for. */
export const maxSupergraphs = 2;

type Waiter = { readonly resolve: (reply: PlanReply) => void; readonly reject: (error: Error) => void };
type Waiting = { readonly key: string; readonly job: PlanJob; readonly waiters: Set<Waiter> };
type Thread = { readonly worker: Worker; readonly known: string[] };

export function createPlanElsewhere({ requestMs, fromFields, queue, file }: PlanElsewhereOptions): PlanElsewhere {
  const waiting = new Map<string, Waiting>();
  const limit = queue ?? defaultQueue;
  let thread: Thread | null = null;
  let running: Waiting | null = null;

  const settle = (tell: (waiter: Waiter) => void) => {
    const done = running;
    running = null;
    for (const waiter of done?.waiters ?? []) tell(waiter);
    next();
  };

  const open = (): Thread => {
    const worker = new Worker(file ?? fromRoot('dist', 'gateway', 'pipeline', 'plan-worker.js'));
    const opened: Thread = { worker, known: [] };
    let cause: unknown;
    worker.on('message', (reply: PlanReply) => settle(({ resolve }) => resolve(reply.kind === 'plan' ? deepFreeze(reply) : reply)));
    worker.on('error', (error) => (cause = error));
    worker.on('exit', () => {
      if (thread !== opened) return;
      thread = null;
      settle(({ reject }) => reject(createError('INTERNAL', 'The thread that plans ended.', { cause })));
    });
    worker.unref();
    return opened;
  };

  const next = () => {
    const [first] = waiting.values();
    if (running !== null || first === undefined) return;
    waiting.delete(first.key);
    running = first;
    thread ??= open();
    const { worker, known } = thread;
    const { schemaHash } = first.job;
    const isKnown = known.includes(schemaHash);
    if (!isKnown) known.push(schemaHash);
    if (known.length > maxSupergraphs) known.shift();
    worker.postMessage(isKnown ? { ...first.job, sdl: null } : first.job);
  };

  const enter = (key: string, job: PlanJob): Waiting => {
    const found = running?.key === key ? running : waiting.get(key);
    if (found !== undefined) return found;
    if (running !== null && waiting.size >= limit)
      throw createError('PLANNING_OVERLOADED', `More than ${limit} large operations wait to be planned.`);
    const entered = { key, job, waiters: new Set<Waiter>() };
    waiting.set(key, entered);
    return entered;
  };

  return {
    fromFields: fromFields ?? defaultFromFields,
    async plan(key, job, signal) {
      const entry = enter(key, job);
      return withDeadline({ requestMs, signal, leave: leaveOf(entry, waiting) }, (waiter) => {
        entry.waiters.add(waiter);
        next();
      });
    },
    async stop() {
      const stopped = thread;
      thread = null;
      waiting.clear();
      await stopped?.worker.terminate();
    },
  };
}

/** Who gives up is told nothing later; what nobody waits for any more is not planned. */
function leaveOf(entry: Waiting, waiting: Map<string, Waiting>): (waiter: Waiter) => void {
  return (waiter) => {
    entry.waiters.delete(waiter);
    if (entry.waiters.size === 0 && waiting.get(entry.key) === entry) waiting.delete(entry.key);
  };
}

type Deadline = { readonly requestMs: number; readonly signal: ClientSignal; readonly leave: (waiter: Waiter) => void };

function withDeadline({ requestMs, signal, leave }: Deadline, begin: (waiter: Waiter) => void): Promise<PlanReply> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onGone);
    };
    const waiter: Waiter = { resolve: (reply) => (end(), resolve(reply)), reject: (error) => (end(), reject(error)) };
    const giveUp = (error: Error) => {
      leave(waiter);
      waiter.reject(error);
    };
    const onGone = () => giveUp(createError('REQUEST_ABORTED', 'The client went away.'));
    const timer = setTimeout(
      () => giveUp(createError('REQUEST_TIMEOUT', `The request took longer than ${requestMs} ms.`, { details: { limit: 'requestMs' } })),
      requestMs,
    );
    signal.addEventListener('abort', onGone);
    if (signal.aborted) onGone();
    else begin(waiter);
  });
}
