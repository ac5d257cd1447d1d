// The moves of a lot by its maker: released, held, resumed, completed, closed, scrapped.
import { toBusinessDay } from '../../../lib/clock/clock.ts';
import { createId } from '../../../lib/ids.ts';
import { checkRange, checkText, INT_MOST } from '../../../subgraph-kit/checks.ts';
import { toDay } from '../../../subgraph-kit/days.ts';
import { createMutationKinds, type MutationInput, type Write } from '../../../subgraph-kit/mutation.ts';
import type { Problems } from '../../../subgraph-kit/problems.ts';
import type { Tx } from '../data/client.ts';
import { lots, type LotRow } from '../data/tables.ts';
import { goodOf, type StageWork } from '../lot-work.ts';
import { lotStates, type HoldReason, type LotStatus } from '../lot-states.ts';
import { writeInspections } from '../writes/inspections.ts';
import { emitProgress, readStages } from '../writes/lots.ts';

const { changes } = createMutationKinds<Tx>();

type LotInput = MutationInput & { readonly lotId: string };
type LotWrite<Input> = Write<Tx, Input> & { readonly row: LotRow; readonly changedAt: Date };

/** Columns that a move changes beside the state. */
type More = Partial<Pick<LotRow, 'holdReason' | 'scrapNote' | 'completedAt'>>;

type MoveDefinition<Input> = {
  readonly name: string;
  readonly to: LotStatus;
  readonly check?: (input: Input, problems: Problems) => void;
  /** Last checks against the lot, and what else changes with the move. */
  readonly more?: (write: LotWrite<Input>) => More | Promise<More>;
  /** Notes its events, once the lot has moved. */
  readonly report: (write: LotWrite<Input>, lot: LotRow) => void | Promise<void>;
};

const moveLot = <Input extends LotInput>({ name, to, check, more, report }: MoveDefinition<Input>) =>
  changes<Input, LotRow, LotRow, LotStatus>({
    name,
    by: ['MAKER'],
    answer: { field: 'lot', table: lots },
    row: { table: lots, key: ({ lotId }) => [lotId] },
    move: { machine: lotStates, from: (row) => row.status, to: () => to },
    ...(check === undefined ? {} : { check }),
    write: async (write) => {
      const { tx, row, changedAt } = write;
      // a lot waits for a reason only while it is on hold
      const data = { holdReason: null, ...(await more?.(write)), status: to, changedAt };
      await tx.productionLot.update({ where: { lotId: row.lotId }, data });
      const lot = { ...row, ...data };
      await report(write, lot);
      return lot;
    },
  });

async function noteProgress<Input>(write: LotWrite<Input>, lot: LotRow): Promise<void> {
  const stages = await readStages(write.tx, lot.lotId);
  emitProgress(write, lot, { previousStatus: write.row.status, stages, timeZone: write.context.settings.timeZone });
}

export const releaseLot = moveLot({ name: 'releaseLot', to: 'RELEASED', report: noteProgress });

export const holdLot = moveLot<LotInput & { readonly reason: HoldReason }>({
  name: 'holdLot',
  to: 'ON_HOLD',
  more: ({ input }) => ({ holdReason: input.reason }),
  report: noteProgress,
});

export const resumeLot = moveLot({
  name: 'resumeLot',
  to: 'IN_PROGRESS',
  // a lot that is released begins with its first report
  more: ({ row, refuse }) =>
    row.status === 'ON_HOLD' ? {} : refuse('WRONG_STATE', [], `the lot is ${row.status}, only one ON_HOLD is resumed`),
  report: noteProgress,
});

export const completeLot = moveLot<LotInput & { readonly goodQty: number }>({
  name: 'completeLot',
  to: 'COMPLETED',
  check: ({ goodQty }, problems) => checkRange(problems, goodQty, ['goodQty'], { from: 0, to: INT_MOST, unit: 'pieces' }),
  more: async (write) => {
    const { input, now, refuse } = write;
    const stages = await readStages(write.tx, input.lotId);
    const open = stages.find(({ completedAt }) => completedAt === null);
    if (open !== undefined) return refuse('WRONG_STATE', [], `the stage ${open.stage} is not complete: ${explainOpen(stages, open)}`);
    const good = goodOf(stages);
    if (input.goodQty !== good) return refuse('SUM_MISMATCH', ['goodQty'], `the last stage let out ${good} pieces, got ${input.goodQty}`);
    return { completedAt: now };
  },
  report: noteProgress,
});

function explainOpen(stages: readonly StageWork[], open: StageWork): string {
  const { qtyIn, qtyOut, scrap } = open;
  const before = stages[stages.indexOf(open) - 1];
  const source = before === undefined ? 'not all that is planned' : `${before.qtyOut} pieces came out of ${before.stage}`;
  return `${source}, ${qtyIn} came in, ${qtyOut} went out, ${scrap} were scrapped`;
}

/** A lot with more scrap than this share of its pieces counts as rejected. */
const SCRAP_MOST_BPS = 1_000;

export const closeLot = moveLot({
  name: 'closeLot',
  to: 'CLOSED',
  report: async (write, lot) => {
    write.emit('lot.closed', lot);
    const { gln, memberId, origin, goodQty, scrapQty, completedAt, neededBy } = lot;
    const { clock, settings } = write.context;
    const pieces = goodQty + scrapQty;
    const finished = toBusinessDay(completedAt ?? write.now, settings.timeZone);
    await writeInspections(write, [
      {
        inspectionId: createId('ins', clock),
        gln,
        memberId,
        origin,
        day: finished,
        pieces,
        firstPassPieces: goodQty,
        rejected: scrapQty * 10_000 > pieces * SCRAP_MOST_BPS,
        onTime: finished <= toDay(neededBy),
      },
    ]);
  },
});

const NOTE_MOST = 1_000;

export const scrapLot = moveLot<LotInput & { readonly note: string }>({
  name: 'scrapLot',
  to: 'SCRAPPED',
  check: ({ note }, problems) => checkText(problems, note, ['note'], NOTE_MOST),
  more: ({ input }) => ({ scrapNote: input.note.trim() }),
  report: ({ emit }, lot) => emit('lot.closed', lot),
});
