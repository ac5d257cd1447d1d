// reportMilestone: where a shipment is, and when it is expected.
import { checkBps, checkNotFuture, checkOrder, checkText } from '../../../subgraph-kit/checks.ts';
import { createMutationKinds, type MutationInput, type Write } from '../../../subgraph-kit/mutation.ts';
import { explainMove, isLegalMove } from '../../../subgraph-kit/state-machine.ts';
import type { Tx } from '../data/client.ts';
import { MILESTONES_MOST, shipments, type MilestoneCode, type MilestoneRow, type ShipmentRow } from '../data/shipment-tables.ts';
import { insertMilestones, nextPlace, readMilestones, reportMove, updateShipment } from '../data/shipments.ts';
import { isOnTheWay, lastReported, reportedBy, stateAfter } from '../milestones.ts';
import { shipmentStates } from '../state-machines.ts';

const { changes } = createMutationKinds<Tx>();

type Input = MutationInput & {
  readonly gsin: string;
  readonly code: MilestoneCode;
  readonly at: Date;
  readonly source: string;
  readonly eta?: Date | null;
  readonly etaConfidenceBps?: number | null;
  readonly note?: string | null;
};

const NOTE_MOST = 1_000;

export const reportMilestone = changes<Input, ShipmentRow>({
  name: 'reportMilestone',
  by: ['DISTRIBUTOR'],
  answer: { field: 'shipment', table: shipments },
  row: { table: shipments, key: (input) => [input.gsin] },
  check: (input, problems, { clock }) => {
    checkNotFuture(problems, input.at, clock.now(), ['at']);
    checkOrder(problems, input.at, input.eta, ['eta']);
    checkBps(problems, input.etaConfidenceBps, ['etaConfidenceBps']);
    checkText(problems, input.note, ['note'], NOTE_MOST);
  },
  write: async (write) => {
    const { tx, input, emit, row, changedAt } = write;
    const { gsin, code, at, source } = input;
    checkState(write, row);
    const known = await readMilestones(tx, gsin);
    checkPlace(write, known);
    await insertMilestones(tx, [{ gsin, position: nextPlace(known), code, at, planned: null, source, note: input.note?.trim() ?? null }]);
    const after = await updateShipment(tx, gsin, { status: stateAfter(code, row.status), ...expectedArrival(input, row), changedAt });
    reportMove({ emit }, { before: row, after, code });
    return after;
  },
});

function checkState({ input, refuse }: Write<Tx, Input>, { status }: ShipmentRow): void {
  const mutation = reportedBy(input.code);
  if (mutation !== null) refuse('WRONG_STATE', ['code'], `${input.code} is reported by ${mutation}`);
  if (!isOnTheWay(status)) refuse('WRONG_STATE', [], `the shipment is ${status}; milestones are reported between pick-up and receipt`);
  const next = stateAfter(input.code, status);
  if (next !== status && !isLegalMove(shipmentStates, status, next))
    refuse('WRONG_STATE', ['code'], explainMove(shipmentStates, status, next));
}

// The delivery stands among the milestones from the beginning, so that there is always room for it.
function checkPlace({ input, refuse }: Write<Tx, Input>, known: readonly MilestoneRow[]): void {
  if (known.length >= MILESTONES_MOST) refuse('TOO_MANY', [], `expected at most ${MILESTONES_MOST} milestones of one shipment`);
  const last = lastReported(known);
  if (last !== null && input.at < last)
    refuse('DATES_REVERSED', ['at'], `${input.at.toISOString()} lies before the last milestone at ${last.toISOString()}`);
}

// A new expectation without a chance has an unknown one.
function expectedArrival({ eta, etaConfidenceBps }: Input, row: ShipmentRow): Pick<ShipmentRow, 'eta' | 'etaConfidenceBps'> {
  if (eta) return { eta, etaConfidenceBps: etaConfidenceBps ?? null };
  return { eta: row.eta, etaConfidenceBps: etaConfidenceBps ?? row.etaConfidenceBps };
}
