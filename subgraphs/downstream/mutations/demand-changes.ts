// reviseDemand and cancelDemand: a line may be changed or withdrawn until pieces of it are frozen with a maker. What makers have said yes to
// stays theirs: a revision leaves them their pieces.
import { toBusinessDay } from '../../../lib/clock/clock.ts';
import { checkNotPast, checkOrder } from '../../../subgraph-kit/checks.ts';
import { toDate, toDay } from '../../../subgraph-kit/days.ts';
import type { MutationInput } from '../../../subgraph-kit/mutation.ts';
import { checkCut, cutDemand, totalOf, type Cut, type CutInput } from '../cut-demand.ts';
import type { Tx } from '../data/client.ts';
import type { CancelReason, DemandLineRow, DemandStatus } from '../data/rows.ts';
import { demandLines } from '../data/tables.ts';
import { deriveStatus, findMoves, frozenOf, placedOf, type Standing } from '../standing.ts';
import { demandStates } from '../state-machines.ts';
import { emitSteps, readStandings, toSteps } from '../writes/advance-demand.ts';
import { readCutKnowledge } from '../writes/cut-knowledge.ts';
import { forgetDecision, toSizeRows, withdrawable } from '../writes/demand.ts';
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
  write: async ({ tx, emit, input, row, now, changedAt, refuse }) => {
    const { demandLineId } = row;
    if (!withdrawable.includes(row.status))
      refuse('WRONG_STATE', [], `the demand line is ${row.status}; it may be revised while it is ${withdrawable.join(', ')}`);
    const dueDate = input.dueDate ?? toDay(row.dueDate);
    const latestDate = input.latestDate ?? toDay(row.latestDate);
    refuseOn((problems) => checkOrder(problems, dueDate, latestDate, ['latestDate']));
    const standing = (await readStandings(tx, [demandLineId]))(demandLineId);
    const cut = input.cut ? await replaceCut(tx, row, input.cut, standing) : null;
    const quantity = cut === null ? row.quantity : totalOf(cut);
    // what a run decided about the line as it was counts no more: a line that was refused is offered to routing again
    await forgetDecision(tx, demandLineId, now);
    const revised: DemandLineRow = {
      ...row,
      quantity,
      segmentId: cut === null ? row.segmentId : cut.segmentId,
      dueDate: toDate(dueDate),
      latestDate: toDate(latestDate),
    };
    const moves = findMoves(row.status, deriveStatus(quantity, { ...standing, refused: false }));
    const steps = moves.length === 0 ? [{ ...revised, changedAt }] : toSteps(revised, moves, now);
    emitSteps(emit, row.status, steps);
    const { segmentId, status, changedAt: lastAt } = steps.at(-1) ?? revised;
    return tx.demandLine.update({
      where: { demandLineId },
      data: { quantity, segmentId, dueDate: revised.dueDate, latestDate: revised.latestDate, status, changedAt: lastAt },
    });
  },
});

async function replaceCut(tx: Tx, row: DemandLineRow, wish: CutInput, standing: Standing): Promise<Cut> {
  const { demandLineId, styleId, memberId } = row;
  const known = await readCutKnowledge(tx, [{ styleId, cut: wish }]);
  const cut = refuseOn((problems) => {
    if (frozenOf(standing) > 0) problems.add('WRONG_STATE', ['cut'], `${sayFrozen(standing)}; only the days may still be changed`);
    const made = cutDemand({ styleId, memberId, cut: wish }, known, problems.at('cut'));
    const placed = placedOf(standing);
    if (problems.list.length === 0 && totalOf(made) < placed)
      problems.add(
        'BELOW_PLACED',
        ['cut'],
        `${placed} pieces are placed with makers, got ${totalOf(made)}; withdraw the line or ask for at least those`,
      );
    return made;
  });
  await tx.demandSize.deleteMany({ where: { demandLineId } });
  await tx.demandSize.createMany({ data: toSizeRows(demandLineId, cut.sizes) });
  return cut;
}

const sayFrozen = (standing: Standing): string => `${frozenOf(standing)} pieces of the line are frozen with makers`;

type CancelInput = MutationInput & { readonly demandLineId: string; readonly reason: CancelReason };

export const cancelDemand = changes<CancelInput, DemandLineRow, DemandLineRow, DemandStatus>({
  name: 'cancelDemand',
  by: 'ANY',
  answer: { field: 'demandLine', table: demandLines },
  row: { table: demandLines, key: ({ demandLineId }) => [demandLineId] },
  move: { machine: demandStates, from: ({ status }) => status, to: () => 'CANCELLED' },
  write: async ({ tx, emit, input, row, changedAt, refuse }) => {
    const standing = (await readStandings(tx, [row.demandLineId]))(row.demandLineId);
    if (frozenOf(standing) > 0) refuse('WRONG_STATE', [], `${sayFrozen(standing)}; it cannot be withdrawn any more`);
    const changed = await tx.demandLine.update({
      where: { demandLineId: row.demandLineId },
      data: { status: 'CANCELLED', cancelReason: input.reason, changedAt },
    });
    emit('demand.cancelled', { ...changed, reason: input.reason });
    return changed;
  },
});
