// What becomes of an offer: its maker accepts, declines or wants other terms; the hub or the maker freezes what was accepted.
import { toBusinessDay } from '../../../lib/clock/clock.ts';
import { checkNotPast, checkRange, checkText, INT_MOST, type MoneyInput } from '../../../subgraph-kit/checks.ts';
import { createMutationKinds, type MutationField, type MutationInput, type Write } from '../../../subgraph-kit/mutation.ts';
import { isHub } from '../../../subgraph-kit/principal.ts';
import type { Problems } from '../../../subgraph-kit/problems.ts';
import { sql, type Sql } from '../../../subgraph-kit/sql.ts';
import type { SubgraphContext } from '../../../subgraph-kit/context.ts';
import type { Tx } from '../data/client.ts';
import { allocations, type AllocationRow, type DeclineReason } from '../data/tables.ts';
import { allocationStates, type AllocationStatus } from '../state-machines.ts';
import { moveAllocations } from '../writes/allocations.ts';

const { changes } = createMutationKinds<Tx>();

type Input = MutationInput & { readonly allocationId: string; readonly note?: string | null };
type Answering<I extends Input> = Write<Tx, I> & { readonly row: AllocationRow };

const NOTE_MOST = 1_000;

type Definition<I extends Input> = {
  readonly to: AllocationStatus;
  readonly by?: readonly string[];
  readonly mayChange?: (row: AllocationRow, actor: Write<Tx, I>['actor']) => boolean;
  readonly check?: (input: I, problems: Problems, context: SubgraphContext) => void;
  /** Refuses what only the row can tell, and says which columns change with the state. */
  readonly set?: (write: Answering<I>) => Sql;
};

const moves = <I extends Input>(name: string, { to, by = ['MAKER'], mayChange, check, set }: Definition<I>): MutationField<Tx> =>
  changes<I, AllocationRow, AllocationRow, AllocationStatus>({
    name,
    by,
    answer: { field: 'allocation', table: allocations },
    row: { table: allocations, key: ({ allocationId }) => [allocationId], ...(mayChange === undefined ? {} : { mayChange }) },
    move: { machine: allocationStates, from: ({ status }) => status, to: () => to },
    check: (input, problems, context) => {
      checkText(problems, input.note, ['note'], NOTE_MOST);
      check?.(input, problems, context);
    },
    write: async (write) => {
      const { tx, emit, now, row, context } = write;
      const [moved] = await moveAllocations(
        { tx, emit, now, settings: context.settings },
        { where: sql`t."allocationId" = ${row.allocationId}`, to, set: set?.(write) ?? sql`` },
      );
      if (moved === undefined) throw new Error(`the allocation ${row.allocationId} was locked and yet it moved`);
      return moved;
    },
  });

// COUNTERED leads to ACCEPTED too, but by a run: a maker answers offers only, and in time.
function refuseLate<I extends Input>({ row, now, refuse }: Answering<I>): void {
  if (row.status !== 'OFFERED')
    refuse(
      'WRONG_STATE',
      [],
      `the allocation is ${row.status}; only one that is OFFERED can be answered, a run decides about a counter-offer`,
    );
  if (row.answerBy !== null && row.answerBy < now)
    refuse('WRONG_STATE', [], `the time for an answer ended at ${row.answerBy.toISOString()}; the next run places the pieces anew`);
}

export const acceptAllocation = moves<Input>('acceptAllocation', {
  to: 'ACCEPTED',
  set: (write) => {
    refuseLate(write);
    return sql`, "note" = ${write.input.note?.trim() ?? null}::text`;
  },
});

type DeclineInput = Input & { readonly reason: DeclineReason };

export const declineAllocation = moves<DeclineInput>('declineAllocation', {
  to: 'DECLINED',
  set: (write) => {
    refuseLate(write);
    return sql`, "declineReason" = ${write.input.reason}::text, "note" = ${write.input.note?.trim() ?? null}::text`;
  },
});

type CounterInput = Input & { readonly quantity: number; readonly unitPrice: MoneyInput; readonly promisedDate: string };

export const counterAllocation = moves<CounterInput>('counterAllocation', {
  to: 'COUNTERED',
  check: ({ quantity, unitPrice, promisedDate }, problems, { clock, settings }) => {
    checkRange(problems, quantity, ['quantity'], { from: 1, to: INT_MOST, unit: 'pieces' });
    checkRange(problems, unitPrice.amountMinor, ['unitPrice', 'amountMinor'], { from: 1 });
    checkNotPast(problems, promisedDate, toBusinessDay(clock.now(), settings.timeZone), ['promisedDate']);
  },
  set: (write) => {
    const { input, row, now, refuse } = write;
    const { quantity, unitPrice, promisedDate } = input;
    refuseLate(write);
    if (quantity > row.quantity)
      refuse('OUT_OF_RANGE', ['quantity'], `expected 1 to ${row.quantity} pieces, which were offered, got ${quantity}`);
    if (unitPrice.currency !== row.currency)
      refuse('CURRENCY_MISMATCH', ['unitPrice', 'currency'], `the offer is in ${row.currency}, got ${unitPrice.currency}`);
    return sql`, "counterQuantity" = ${quantity}::int, "counterPriceMinor" = ${unitPrice.amountMinor}::bigint,
      "counterCurrency" = ${unitPrice.currency}::text, "counterDate" = ${promisedDate}::text::date, "counterAt" = ${now}::timestamptz`;
  },
});

export const freezeAllocation = moves<Input>('freezeAllocation', {
  to: 'FROZEN',
  by: ['MAKER', 'HUB'],
  mayChange: (row, actor) => isHub(actor) || row.memberId === actor.memberId,
});
