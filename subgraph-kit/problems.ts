// Problems: expected refusals of a change. One catalogue of codes; docs/errors.md is made from it.

/** Every code of a problem, with what it means and what to try. */
export const PROBLEMS = {
  NOT_FOUND:
    'The row does not exist, or is not known here yet. Check the id; a row made a moment ago in another subgraph may need a second.',
  NOT_YOURS: 'The row belongs to another member. Only its owner may change it.',
  WRONG_KIND: 'Members of this kind may not make this change. Ask a member of the kind named in the message.',
  STALE: 'The row was changed after you read it. Read it again, then repeat the change with its new `changedAt` and a new key.',
  WRONG_STATE: 'The row is in a state from which this move is not allowed. The message names the moves that are.',
  IDEMPOTENCY_MISMATCH: 'This key was used before with another input. Use a new key for a new change.',
  IDEMPOTENCY_KEY_INVALID: 'A key has 1 to 64 characters. Use for example a UUID.',
  DUPLICATE: 'A row with this key exists already, or the input names it twice.',
  TOO_MANY: 'The list is longer than allowed. Send it in parts.',
  TOO_FEW: 'The list is shorter than allowed.',
  TOO_LONG: 'The text is longer than allowed, or empty.',
  OUT_OF_RANGE: 'The number is outside the range named in the message.',
  BAD_CHECK_DIGIT: 'The GS1 key has a wrong length or check digit. The message says which digit was expected.',
  BAD_CODE: 'The code is not of the list or form named in the message.',
  DATES_REVERSED: 'The last day or time lies before the first.',
  DAY_IN_PAST: 'The day has passed.',
  DAY_IN_FUTURE: 'The day or time has not come yet.',
  CURRENCY_MISMATCH: 'The amounts of one row must have one currency.',
  SUM_MISMATCH: 'The parts do not add up to the whole named in the message.',
  BELOW_COMMITTED: 'Fewer minutes than are already committed or held. Offer at least those.',
  BELOW_PLACED: 'Fewer pieces than allocations already hold. Ask for at least those, or withdraw the line.',
  STOCK_SHORT: 'The stock would fall below zero or below what is reserved.',
  NOT_OF_STYLE: 'The trade item does not belong to the style.',
  SIZE_MISSING: 'The style has no trade item of this colour for a size of the curve.',
  READ_FAILED: 'A run could not read demand and capacity through the gateway. It is tried again by itself, three times in all.',
  SOLVE_FAILED: 'A run was read but not solved. Its input is kept; the message says what happened.',
  NO_EXCHANGE_RATE:
    'There is no exchange rate of the day, nor of the seven days before it. Record one, or give the amount in the currency of the hub.',
  NOTHING_DUE: 'Nothing can be paid out now: no rule of release is met by a part that is not paid yet.',
} as const satisfies Record<string, string>;

/** A code of the catalogue. */
export type ProblemCode = keyof typeof PROBLEMS;

/** Why a change was not made. `path` leads into the input, list positions as numbers in text. */
export type Problem = { readonly code: ProblemCode; readonly path: readonly string[]; readonly message: string };

/** Ends a change with problems: the transaction is rolled back and the caller gets them. */
export class Refusal extends Error {
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super(problems.map((p) => `${p.code}: ${p.message}`).join('; '));
    this.name = 'Refusal';
    this.problems = problems;
  }
}

/** Collects the problems of one input. `at(...path)` is the same list seen from further inside the input. */
export type Problems = {
  readonly list: readonly Problem[];
  add(code: ProblemCode, path: readonly (string | number)[], message: string): void;
  at(...path: readonly (string | number)[]): Problems;
};

/** A new, empty collection. */
export function createProblems(list: Problem[] = [], base: readonly string[] = []): Problems {
  return {
    list,
    add: (code, path, message) => void list.push({ code, path: [...base, ...path.map(String)], message }),
    at: (...path) => createProblems(list, [...base, ...path.map(String)]),
  };
}
