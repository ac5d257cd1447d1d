/**
 * Chooses how answers are joined: by splicing bytes where plan and answers are of the expected form, else as objects. When an answer
 * is not, all that was prepared and taken so far is told again to the joiner that takes everything; both prepare the same bodies.
 * Exports `joinAnswers`.
 */
import { NotSpliced, createObjectJoiner, createSpliceJoiner } from '../../engine/compile/index.ts';
import type { JoinInputs, Joined, Joiner, Outcome, SpliceJoiner } from '../../engine/compile/index.ts';

/** How an answer was made in the end. 'fallback': splicing was tried. */
export type JoinPath = 'splice' | 'object' | 'fallback';

export type AnswerJoiner = Joiner & { path(): JoinPath };

/** `only` 'object': never splice. */
export function joinAnswers(inputs: JoinInputs, only?: 'object'): AnswerJoiner {
  const splice = only === 'object' ? null : inputs.compiled.splice();
  if (splice === null) return { ...createObjectJoiner(inputs), path: () => 'object' };
  return trySplicing(inputs, createSpliceJoiner(splice, inputs.variables));
}

type Told =
  | { readonly kind: 'prepare'; readonly fetch: number }
  | { readonly kind: 'take'; readonly fetch: number; readonly outcome: Outcome };

function trySplicing(inputs: JoinInputs, splice: SpliceJoiner): AnswerJoiner {
  const told: Told[] = [];
  let body: Uint8Array | null = null;
  let object: Joiner | null = null;

  const fallBack = (): Joiner => {
    const joiner = (object = createObjectJoiner(inputs));
    for (const one of told) {
      if (one.kind === 'prepare') joiner.prepare(one.fetch);
      else joiner.take(one.fetch, one.outcome);
    }
    return joiner;
  };

  /** What splicing cannot do is done by the other. */
  const either = <T>(bySplice: () => T, byObject: (joiner: Joiner) => T): T => {
    if (object !== null) return byObject(object);
    try {
      return bySplice();
    } catch (error) {
      if (error instanceof NotSpliced) return byObject(fallBack());
      throw error;
    }
  };

  return {
    later: null,
    prepare(fetch) {
      const prepared = either(
        () => splice.prepare(fetch),
        (joiner) => joiner.prepare(fetch),
      );
      told.push({ kind: 'prepare', fetch });
      return prepared;
    },
    take(fetch, outcome) {
      either(
        () => splice.take(fetch, outcome),
        (joiner) => void joiner.take(fetch, outcome),
      );
      told.push({ kind: 'take', fetch, outcome });
      return true;
    },
    emit: (part) =>
      either(
        () => {
          body = splice.emit();
          return true;
        },
        (joiner) => joiner.emit(part),
      ),
    finish: () => (object === null && body !== null ? new Spliced(body) : (object ?? fallBack()).finish()),
    path: () => (object === null ? 'splice' : 'fallback'),
  };
}

const decoder = new TextDecoder();
const HEAD_BYTES = '{"data":'.length;

/** Text only for who asks for it. */
class Spliced implements Joined {
  readonly errors = [];
  readonly body: Uint8Array;

  constructor(body: Uint8Array) {
    this.body = body;
  }

  get data(): string {
    return decoder.decode(this.body.subarray(HEAD_BYTES, -1));
  }
}
