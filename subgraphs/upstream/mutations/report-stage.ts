// reportStage: a maker reports pieces at one stage of a lot. The first report moves it to IN_PROGRESS.
import { checkNotFuture, checkRange, INT_MOST } from '../../../subgraph-kit/checks.ts';
import { createMutationKinds, type MutationInput } from '../../../subgraph-kit/mutation.ts';
import { explainMove } from '../../../subgraph-kit/state-machine.ts';
import type { Tx } from '../data/client.ts';
import { lots, type LotRow } from '../data/tables.ts';
import { applyReport, goodOf, scrapOf, type StageReport } from '../lot-work.ts';
import { lotStates } from '../lot-states.ts';
import { emitProgress, readStages, writeStages } from '../writes/lots.ts';

const { changes } = createMutationKinds<Tx>();

type Input = MutationInput & StageReport & { readonly lotId: string };

export const reportStage = changes<Input, LotRow>({
  name: 'reportStage',
  by: ['MAKER'],
  answer: { field: 'lot', table: lots },
  row: { table: lots, key: ({ lotId }) => [lotId] },
  check: ({ qtyIn, qtyOut, scrap, at }, problems, { clock }) => {
    for (const [name, pieces] of Object.entries({ qtyIn, qtyOut, scrap }))
      checkRange(problems, pieces, [name], { from: 0, to: INT_MOST, unit: 'pieces' });
    if (qtyIn + qtyOut + scrap === 0) problems.add('OUT_OF_RANGE', ['qtyOut'], 'expected at least one piece in, out or scrapped');
    checkNotFuture(problems, at, clock.now(), ['at']);
  },
  write: async (write) => {
    const { tx, input, row, changedAt, refuse, context } = write;
    const { stage, qtyIn, qtyOut, scrap, at } = input;
    const previousStatus = row.status;
    if (previousStatus !== 'RELEASED' && previousStatus !== 'IN_PROGRESS')
      return refuse(
        'WRONG_STATE',
        [],
        `${explainMove(lotStates, previousStatus, 'IN_PROGRESS')}; pieces are reported of one that is RELEASED or IN_PROGRESS`,
      );
    const before = await readStages(tx, row.lotId);
    const result = applyReport(before, row.plannedQty, { stage, qtyIn, qtyOut, scrap, at });
    if (result.kind === 'refused') return refuse(result.code, [result.path], result.message);
    const { stages } = result;
    await writeStages(tx, row.lotId, stages);
    const lot: LotRow = { ...row, status: 'IN_PROGRESS', goodQty: goodOf(stages), scrapQty: scrapOf(stages), changedAt };
    const { status, goodQty, scrapQty } = lot;
    await tx.productionLot.update({ where: { lotId: row.lotId }, data: { status, goodQty, scrapQty, changedAt } });
    const { timeZone } = context.settings;
    emitProgress(write, lot, { previousStatus, stages, timeZone, report: { stage, qtyOut, scrap } });
    // the last scrap of one stage completes those after it that wait for nothing more: nobody else would tell
    const completed = stages.filter((one, i) => one.stage !== stage && one.completedAt !== null && before[i]?.completedAt === null);
    for (const one of completed)
      emitProgress(write, lot, { previousStatus: status, stages, timeZone, report: { stage: one.stage, qtyOut: 0, scrap: 0 } });
    return lot;
  },
});
