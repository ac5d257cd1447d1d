// reviseDemand and cancelDemand: a line may be changed or withdrawn until production begins.
import { toBusinessDay } from '../../../lib/clock/clock.ts';
import { checkNotPast, checkOrder } from '../../../subgraph-kit/checks.ts';
import { toDate, toDay } from '../../../subgraph-kit/days.ts';
import type { MutationInput } from '../../../subgraph-kit/mutation.ts';
import { checkCut, cutDemand, totalOf, type Cut, type CutInput } from '../cut-demand.ts';
import type { Tx } from '../data/client.ts';
import type { CancelReason, DemandLineRow, DemandStatus } from '../data/rows.ts';
import { demandLines } from '../data/tables.ts';
import { demandStates } from '../state-machines.ts';
import { readCutKnowledge } from '../writes/cut-knowledge.ts';
import { toSizeRows, withdrawable } from '../writes/demand.ts';
import { changes } from './kinds.ts';
import { refuseOn } from './references.ts';

type ReviseInput = MutationInput & {
  readonly demandLineId: string;
  readonly cut?: CutInput | null;
  readonly dueDate?: string | null;
  readonly latestDate?: string | null;
};

export const reviseDemand = changes<ReviseInput, DemandLineRow>({
  name: 'reviseDemand',
  by: 'ANY',
  answer: { field: 'demandLine', table: demandLines },
  row: { table: demandLines, key: ({ demandLineId }) => [demandLineId] },
  check: ({ cut, dueDate }, problems, { clock, settings }) => {
    if (cut) checkCut(cut, problems.at('cut'));
    checkNotPast(problems, dueDate, toBusinessDay(clock.now(), settings.timeZone), ['dueDate']);
  },
  write: async ({ tx, emit, input, row, changedAt, refuse }) => {
    const { demandLineId } = row;
    if (!withdrawable.includes(row.status))
      refuse('WRONG_STATE', [], `the demand line is ${row.status}; it may be revised while it is ${withdrawable.join(', ')}`);
    const dueDate = input.dueDate ?? toDay(row.dueDate);
    const latestDate = input.latestDate ?? toDay(row.latestDate);
    refuseOn((problems) => checkOrder(problems, dueDate, latestDate, ['latestDate']));
    const cut = input.cut ? await replaceCut(tx, row, input.cut) : null;
    // a line that was refused is offered to routing again
    const status: DemandStatus = row.status === 'REFUSED' ? 'OPEN' : row.status;
    const changed = await tx.demandLine.update({
      where: { demandLineId },
      data: {
        ...(cut === null ? {} : { quantity: totalOf(cut), segmentId: cut.segmentId }),
        dueDate: toDate(dueDate),
        latestDate: toDate(latestDate),
        status,
        changedAt,
      },
    });
    emit('demand.changed', { ...changed, previousStatus: row.status });
    return changed;
  },
});

async function replaceCut(tx: Tx, row: DemandLineRow, wish: CutInput): Promise<Cut> {
  const { demandLineId, styleId, memberId } = row;
  const known = await readCutKnowledge(tx, [{ styleId, cut: wish }]);
  const cut = refuseOn((problems) => cutDemand({ styleId, memberId, cut: wish }, known, problems.at('cut')));
  await tx.demandSize.deleteMany({ where: { demandLineId } });
  await tx.demandSize.createMany({ data: toSizeRows(demandLineId, cut.sizes) });
  return cut;
}

type CancelInput = MutationInput & { readonly demandLineId: string; readonly reason: CancelReason };

export const cancelDemand = changes<CancelInput, DemandLineRow, DemandLineRow, DemandStatus>({
  name: 'cancelDemand',
  by: 'ANY',
  answer: { field: 'demandLine', table: demandLines },
  row: { table: demandLines, key: ({ demandLineId }) => [demandLineId] },
  move: { machine: demandStates, from: ({ status }) => status, to: () => 'CANCELLED' },
  write: async ({ tx, emit, input, row, changedAt }) => {
    const changed = await tx.demandLine.update({
      where: { demandLineId: row.demandLineId },
      data: { status: 'CANCELLED', cancelReason: input.reason, changedAt },
    });
    emit('demand.cancelled', { ...changed, reason: input.reason });
    return changed;
  },
});
