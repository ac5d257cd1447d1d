/**
 * A joiner holds the answers of one running operation and makes of them what is asked next and what the client gets. It knows nothing
 * of time: the executor says what has come. Exports the joiner that takes any answer (`createObjectJoiner`).
 */
import { failedAnswer, joinAnswers, toAnswer } from './answers.ts';
import type { Answer } from './answers.ts';
import { BUBBLE } from './emit.ts';
import type { AnswerError, EmitContext } from './emit.ts';
import { errorsWithoutNull } from './answers.ts';
import { createDelivery } from './delivery.ts';
import type { Delivery, News, Waiting } from './delivery.ts';
import { parseExact, writeExact } from './json.ts';
import { createJoin } from './places.ts';
import { EmptyRecord } from './record.ts';
import type { CompiledPlan } from './index.ts';
import type { Prepared } from './prepare.ts';

/** What came of one request: a response with a body, or a failure that says why there is none. The same object for all that share it. */
export type Outcome =
  | { readonly kind: 'response'; readonly status: number; readonly text: string }
  | { readonly kind: 'failure'; readonly code: string; readonly message: string };

export type Joiner = {
  /** The request body of a fetch, once all it depends on has been taken; null when there is nothing to ask. */
  prepare(fetch: number): Prepared;
  /**
   * Takes what came of a fetch, and of the further requests of it in their order. False: this joiner cannot read it, and has changed
   * nothing.
   */
  take(fetch: number, outcome: Outcome, further?: readonly Outcome[]): boolean;
  /** Emits a part of the plan. False: nothing of the whole answer may stand. */
  emit(part: number): boolean;
  finish(): Joined;
  /** What is sent after the first payload; null when the plan defers nothing. */
  readonly later: LaterJoin | null;
};

/** Used once all parts are emitted. */
export type LaterJoin = {
  /** Groups of the plan that wait to be emitted. */
  groups(): number[];
  /** Emits a group, once all fetches it reads have settled. */
  emit(group: number): void;
  news(): News | null;
  fail(error: AnswerError): void;
};

/**
 * `data`: JSON text. `body`: UTF-8 of the whole response `{"data":…}`, when it was made as bytes; there are no errors then. Errors in the
 * order in which they were met.
 */
export type Joined = { readonly data: string; readonly body?: Uint8Array; readonly errors: readonly AnswerError[] };

export type JoinInputs = {
  readonly compiled: CompiledPlan;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Answer to the introspection part of the plan. */
  readonly local: EmitContext['local'];
  /** Names of the subgraphs by id. */
  readonly graphNames: readonly string[];
};

const DEFAULT_CODE = 'SUBGRAPH_ERROR';

/** Takes every outcome: what cannot be read becomes an answer that says what is lost. */
export function createObjectJoiner({ compiled, variables, local, graphNames }: JoinInputs): Joiner {
  const { plan } = compiled;
  const join = createJoin(plan);
  const context: EmitContext = { join, errors: [], told: new Set(), toldEntities: new Set(), local, found: [] };
  const data = new EmptyRecord();
  let stands = true;
  const delivery = plan.deferred === null ? null : createDelivery({ ...plan, deferred: plan.deferred });
  return {
    later: delivery === null ? null : createLater(context, delivery),
    prepare: (fetch) => compiled.prepare[fetch]?.(join, variables) ?? null,
    take(fetch, outcome, further = []) {
      const name = graphNames[plan.fetches[fetch]?.graph ?? -1] ?? '';
      const first = readOutcome(name, outcome);
      join.taken += 1;
      join.answers[fetch] =
        further.length === 0
          ? first
          : joinAnswers(
              first,
              further.map((one) => readOutcome(name, one)),
            );
      return true;
    },
    emit(part) {
      const root = join.roots.get(plan.parts[part]?.position ?? -1);
      const value = root === undefined ? null : (compiled.emit[part]?.(context, root, null) ?? null);
      if (value === BUBBLE || value === null) return (stands = false);
      for (const [key, one] of Object.entries(value)) data[key] = one;
      return true;
    },
    finish() {
      if (stands) delivery?.begin(context.found);
      // Where something of an answer is shown later, so may be the null that its errors explain.
      const reads = plan.deferred?.groups.slice(1).flatMap((group) => group.reads) ?? [];
      const isLast = delivery === null || delivery.groups().length === 0;
      const errors = [...context.errors, ...untold(context, isLast ? [] : reads)];
      return { data: stands ? writeExact(data) : 'null', errors };
    },
  };
}

/** What was reported, and found no null to explain, is still said. */
function untold({ join, told }: EmitContext, except: readonly number[]): AnswerError[] {
  const errors: AnswerError[] = [];
  for (const [fetch, answer] of join.answers.entries()) {
    if (answer === undefined || except.includes(fetch)) continue;
    for (const error of errorsWithoutNull(answer)) {
      if (told.has(error)) continue;
      told.add(error);
      errors.push({ ...error, path: null });
    }
  }
  return errors;
}

/** Each piece is emitted with errors of its own; what has been told is told for all. */
function createLater(context: EmitContext, delivery: Delivery): LaterJoin {
  const emitOne = ({ emit, place, path }: Waiting): { data: string | null; own: EmitContext } => {
    const own: EmitContext = { ...context, errors: [], found: [] };
    const value = emit(own, place, path);
    return { data: value === BUBBLE || value === null ? null : writeExact(value), own };
  };
  return {
    groups: () => delivery.groups(),
    emit(group) {
      let last: EmitContext | null = null;
      for (const waiting of delivery.take(group)) {
        const { data, own } = emitOne(waiting);
        delivery.settle(waiting, { data, errors: own.errors, found: own.found });
        last = own;
      }
      if (last !== null && delivery.groups().length === 0) last.errors.push(...untold(context, []));
    },
    news: () => delivery.news(),
    fail: (error) => delivery.fail(error),
  };
}

function readOutcome(name: string, outcome: Outcome): Answer {
  return outcome.kind === 'failure' ? failedAnswer(name, outcome.code, outcome.message) : readResponse(name, outcome);
}

function readResponse(name: string, { status, text }: Outcome & { kind: 'response' }): Answer {
  const body = parseJson(text);
  const isResponse =
    typeof body === 'object' && body !== null && !Array.isArray(body) && (Object.hasOwn(body, 'data') || Object.hasOwn(body, 'errors'));
  if (isResponse && isTakenAtItsWord(status, body)) return toAnswer(name, body, DEFAULT_CODE);
  if (status >= 400) return failedAnswer(name, 'SUBGRAPH_REFUSED', `The subgraph ${name} answered with HTTP status ${status}.`);
  return failedAnswer(name, 'SUBGRAPH_INVALID_RESPONSE', `The subgraph ${name} answered something that is not a GraphQL response.`);
}

/** Some servers answer valid GraphQL with 4xx or 5xx: a body with data counts whatever the status. */
function isTakenAtItsWord(status: number, body: object): boolean {
  return status < 500 || Object.hasOwn(body, 'data');
}

function parseJson(text: string): unknown {
  try {
    return parseExact(text);
  } catch {
    return undefined;
  }
}
