// Mutations, declared: who may, which row, which move, what to check, what to write. The order of the steps stands here, once:
// member → kind → key → claim of the key → checks → row (found, owned, not stale, right state) → write → events → answer.
import type { SubgraphContext } from './context.ts';
import { nextChangedAt, runChange } from './change.ts';
import { createError } from '../lib/errors/errors.ts';
import { readEventContract } from '../lib/feed/event-contract.ts';
import { checkKey, claimKey, hashInput, keepAnswer, type Attempt } from './idempotency.ts';
import type { Emit } from './outbox.ts';
import { isMember, originOf, type Actor, type DataOrigin } from './principal.ts';
import { createProblems, Refusal, type Problem, type Problems } from './problems.ts';
import { and, name, query, sql, type SqlRunner } from './sql.ts';
import { explainMove, isLegalMove, type StateMachine } from './state-machine.ts';
import { keyOf, type Table } from './table.ts';

/** What every input has. */
export type MutationInput = { readonly idempotencyKey: string; readonly ifChangedAt?: Date | null };

/** What a write gets. */
export type Write<Tx, Input> = {
  readonly tx: Tx;
  readonly input: Input;
  readonly actor: Actor;
  readonly origin: DataOrigin;
  readonly now: Date;
  readonly emit: Emit;
  readonly context: SubgraphContext;
  /** Ends the change with one problem. */
  readonly refuse: (code: Problem['code'], path: readonly (string | number)[], message: string) => never;
};

/** Who may: members of these kinds, or any member. The hub may do what is said to be the hub's. */
export type Kinds = readonly string[] | 'ANY';

/** The columns that the kit reads of a row that is changed. */
export type OwnedRow = { readonly memberId: string | null; readonly changedAt: Date };

/** A row that a mutation changes: its table, and where in the input its key stands. */
export type Target<Row, Input> = {
  readonly table: Table<Row>;
  readonly key: (input: Input) => readonly string[];
  readonly path?: readonly string[];
  /** Who may change it; left out: the member that owns it. */
  readonly mayChange?: (row: Row, actor: Actor) => boolean;
};

/** A move of a state machine; `to` gives null when the input asks for no move. */
export type Move<Row, Input, S extends string> = {
  readonly machine: StateMachine<S>;
  readonly from: (row: Row) => S;
  readonly to: (input: Input) => S | null;
};

/** What stands in the payload: a node of a table, or a plain value. `listed`: in bulk the plain values themselves, not their number. */
export type Answer<Row> = { readonly field: string; readonly table?: Table<Row>; readonly listed?: true };

/** A mutation as resolvers and tests see it. */
export type MutationField<Tx extends SqlRunner> = {
  readonly name: string;
  readonly by: Kinds;
  readonly topics: readonly string[];
  readonly machine?: StateMachine<string>;
  readonly resolve: (parent: unknown, args: { input: never }, context: SubgraphContext<Tx>) => Promise<Record<string, unknown>>;
};

/** Answer as kept under the idempotency key: keys of nodes instead of nodes. */
export type Kept = { readonly value: unknown; readonly problems: readonly Problem[] };

/** The topics a mutation may write, from the contract of events. */
export function topicsOf(mutation: string): string[] {
  for (const writes of Object.values(readEventContract().writes)) {
    const topics = writes[mutation];
    if (topics !== undefined) return topics;
  }
  throw new Error(`schema/events.json does not say what the mutation "${mutation}" writes`);
}

const deny = (kinds: Kinds): Problem => ({
  code: 'WRONG_KIND',
  path: [],
  message: `this change is for members of the kind ${kinds === 'ANY' ? 'of any company' : kinds.join(' or ')}`,
});

export const mayCall = (by: Kinds, actor: Actor): boolean => by === 'ANY' || by.some((kind) => actor.kinds.includes(kind));

type Steps<Tx extends SqlRunner, Input> = {
  readonly name: string;
  readonly by: Kinds;
  /** Checks and writes within the transaction; gives what is answered and what is kept. */
  readonly run: (write: Write<Tx, Input>) => Promise<{ answer: Record<string, unknown>; kept: Kept }>;
  /** The payload when nothing was changed. */
  readonly refused: (input: Input, problems: readonly Problem[]) => Record<string, unknown>;
  /** The payload again from what was kept. */
  readonly again: (kept: Kept, context: SubgraphContext<Tx>) => Promise<Record<string, unknown>>;
};

/** The frame around single and bulk mutations alike. */
export function toMutationField<Tx extends SqlRunner, Input extends MutationInput>(steps: Steps<Tx, Input>): MutationField<Tx>['resolve'] {
  const topics = topicsOf(steps.name);
  return async (_parent, args, context) => {
    // graphql has coerced the arguments to the input type of the SDL
    const input = args.input as Input;
    const { principal } = context;
    if (!isMember(principal)) throw createError('FORBIDDEN', 'a visitor may only read; send the token of a member');
    try {
      if (!mayCall(steps.by, principal)) throw new Refusal([deny(steps.by)]);
      checkKey(input.idempotencyKey);
      const attempt: Attempt = {
        memberId: principal.memberId,
        mutation: steps.name,
        key: input.idempotencyKey,
        inputHash: hashInput(input),
      };
      const cause = { actorId: principal.memberId, causeId: null, requestId: context.requestId };
      const done = await runChange(
        { db: context.db, clock: context.clock, cause, topics, wakeRelay: context.wakeRelay },
        async (change) => {
          const known = await claimKey(change.tx, attempt, change.now);
          // the answer was kept by this very mutation
          if (known !== null) return { kept: known.answer as Kept };
          const refuse: Write<Tx, Input>['refuse'] = (code, path, message) => {
            throw new Refusal([{ code, path: path.map(String), message }]);
          };
          const result = await steps.run({ ...change, input, actor: principal, origin: originOf(principal), context, refuse });
          await keepAnswer(change.tx, attempt, result.kept);
          return result;
        },
      );
      context.loaders.clear();
      return 'answer' in done ? done.answer : await steps.again(done.kept, context);
    } catch (error) {
      if (error instanceof Refusal) return steps.refused(input, error.problems);
      throw error;
    }
  };
}

/** Finds and locks the row, and refuses what is unknown, of another member, or stale. */
export async function lockTarget<Row extends OwnedRow, Input extends MutationInput>(
  tx: SqlRunner,
  target: Target<Row, Input>,
  input: Input,
  actor: Actor,
): Promise<Row> {
  const key = target.key(input);
  const path = target.path ?? [target.table.key[0] ?? ''];
  const same = and(...target.table.key.map((column, i) => sql`t.${name(column)} = ${key[i]}`));
  const [row] = await query<Row>(tx, sql`SELECT t.* FROM ${name(target.table.table)} t WHERE ${same} FOR UPDATE`);
  const fail = (code: Problem['code'], at: readonly string[], message: string): never => {
    throw new Refusal([{ code, path: at, message }]);
  };
  if (row === undefined) return fail('NOT_FOUND', path, `no ${target.table.table} has the key ${key.join(', ')}`);
  const isTheirs = target.mayChange?.(row, actor) ?? row.memberId === actor.memberId;
  if (!isTheirs) return fail('NOT_YOURS', path, `${target.table.table} ${key.join(', ')} belongs to another member`);
  const seen = input.ifChangedAt;
  if (seen && seen.getTime() !== row.changedAt.getTime()) {
    return fail(
      'STALE',
      ['ifChangedAt'],
      `it was changed at ${row.changedAt.toISOString()}, you read ${seen.toISOString()}; read it again`,
    );
  }
  return row;
}

function checkMove<Row, Input, S extends string>(move: Move<Row, Input, S>, row: Row, input: Input): void {
  const to = move.to(input);
  if (to === null || isLegalMove(move.machine, move.from(row), to)) return;
  throw new Refusal([{ code: 'WRONG_STATE', path: [], message: explainMove(move.machine, move.from(row), to) }]);
}

function throwProblems(problems: Problems): void {
  if (problems.list.length > 0) throw new Refusal(problems.list);
}

async function readAgain<Row>(answer: Answer<Row>, kept: Kept, context: SubgraphContext): Promise<Record<string, unknown>> {
  if (answer.table === undefined) return { [answer.field]: kept.value, problems: kept.problems };
  // a node is kept as its key
  const key = kept.value as string[] | null;
  return { [answer.field]: key === null ? null : await context.loaders.row(answer.table, ...key), problems: kept.problems };
}

const toKept = <Row>(answer: Answer<Row>, node: unknown): Kept => ({
  // with a table the node is a row of it
  value: answer.table === undefined ? node : keyOf(answer.table, node as Row),
  problems: [],
});

/** A mutation that makes a new row, or one that `row` does not describe. */
export type CreateDefinition<Tx, Input, Node> = {
  readonly name: string;
  readonly by: Kinds;
  readonly answer: Answer<Node>;
  /** Pure checks of the input. */
  readonly check?: (input: Input, problems: Problems, context: SubgraphContext) => void;
  readonly write: (write: Write<Tx, Input>) => Promise<Node>;
};

/** A mutation that changes one row of the calling member. */
export type UpdateDefinition<Tx, Input, Row, Node, S extends string> = {
  readonly name: string;
  readonly by: Kinds;
  readonly answer: Answer<Node>;
  readonly row: Target<Row, Input>;
  readonly move?: Move<Row, Input, S>;
  readonly check?: (input: Input, problems: Problems, context: SubgraphContext) => void;
  /** `row` is locked; `changedAt` is the new time of the row. */
  readonly write: (write: Write<Tx, Input> & { readonly row: Row; readonly changedAt: Date }) => Promise<Node>;
};

/** The two single kinds of mutation, for the transactions of one subgraph. */
export function createMutationKinds<Tx extends SqlRunner>() {
  const creates = <Input extends MutationInput, Node>(definition: CreateDefinition<Tx, Input, Node>): MutationField<Tx> => ({
    name: definition.name,
    by: definition.by,
    topics: topicsOf(definition.name),
    resolve: toMutationField<Tx, Input>({
      name: definition.name,
      by: definition.by,
      run: async (write) => {
        const problems = createProblems();
        definition.check?.(write.input, problems, write.context);
        throwProblems(problems);
        const node = await definition.write(write);
        return { answer: { [definition.answer.field]: node, problems: [] }, kept: toKept(definition.answer, node) };
      },
      refused: (_input, problems) => ({ [definition.answer.field]: null, problems }),
      again: (kept, context) => readAgain(definition.answer, kept, context),
    }),
  });
  const changes = <Input extends MutationInput, Row extends OwnedRow, Node = Row, S extends string = string>(
    definition: UpdateDefinition<Tx, Input, Row, Node, S>,
  ): MutationField<Tx> => ({
    ...creates<Input, Node>({
      name: definition.name,
      by: definition.by,
      answer: definition.answer,
      ...(definition.check === undefined ? {} : { check: definition.check }),
      write: async (write) => {
        const row = await lockTarget(write.tx, definition.row, write.input, write.actor);
        if (definition.move !== undefined) checkMove(definition.move, row, write.input);
        return definition.write({ ...write, row, changedAt: nextChangedAt(write.now, row.changedAt) });
      },
    }),
    ...(definition.move === undefined ? {} : { machine: definition.move.machine }),
  });
  return { creates, changes };
}
