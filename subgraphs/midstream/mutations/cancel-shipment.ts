// cancelShipment: calls a shipment off before it is picked up.
import { checkText } from '../../../subgraph-kit/checks.ts';
import { createMutationKinds, type MutationInput } from '../../../subgraph-kit/mutation.ts';
import type { Tx } from '../data/client.ts';
import { shipments, type ShipmentRow, type ShipmentStatus } from '../data/shipment-tables.ts';
import { reportMove, updateShipment } from '../data/shipments.ts';
import { shipmentStates } from '../state-machines.ts';

const { changes } = createMutationKinds<Tx>();

type Input = MutationInput & { readonly gsin: string; readonly note: string };

const NOTE_MOST = 1_000;

export const cancelShipment = changes<Input, ShipmentRow, ShipmentRow, ShipmentStatus>({
  name: 'cancelShipment',
  by: ['DISTRIBUTOR'],
  answer: { field: 'shipment', table: shipments },
  row: { table: shipments, key: (input) => [input.gsin] },
  move: { machine: shipmentStates, from: (row) => row.status, to: () => 'CANCELLED' },
  check: (input, problems) => checkText(problems, input.note, ['note'], NOTE_MOST),
  write: async ({ tx, input, emit, row, changedAt }) => {
    // the reason stays with the delivery that will not be
    await tx.milestone.updateMany({ where: { gsin: row.gsin, code: 'DELIVERED' }, data: { note: input.note.trim() } });
    const after = await updateShipment(tx, row.gsin, { status: 'CANCELLED', changedAt });
    reportMove({ emit }, { before: row, after, code: null });
    return after;
  },
});
