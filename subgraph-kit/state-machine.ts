// State machines: one table each, from which checks, messages and tests are made.

/** Legal moves: for each state, the states that may follow. */
export type StateMachine<S extends string> = {
  readonly name: string;
  readonly initial: S;
  readonly moves: Readonly<Record<S, readonly S[]>>;
};

/** Fixes a table of moves; every state must be listed, final ones with an empty list. */
export const defineStateMachine = <S extends string>(machine: StateMachine<S>): StateMachine<S> => Object.freeze(machine);

/** True when the table allows the move. */
export const isLegalMove = <S extends string>(machine: StateMachine<S>, from: S, to: S): boolean => machine.moves[from].includes(to);

/** States from which `to` can be reached in one move. */
export const statesBefore = <S extends string>(machine: StateMachine<S>, to: S): S[] =>
  // the keys of `moves` are exactly the states: its type says so
  (Object.keys(machine.moves) as S[]).filter((from) => isLegalMove(machine, from, to));

/** Words for a move that is refused. */
export function explainMove<S extends string>(machine: StateMachine<S>, from: S, to: S): string {
  const next = machine.moves[from];
  const may = next.length === 0 ? 'it is final' : `from there it may move to ${next.join(', ')}`;
  return `the ${machine.name} is ${from}; ${may}, not to ${to}`;
}
