// updateMaker: its owner changes a facility's data, terms or state. A closed facility stays as it is.
import { createMutationKinds, type MutationInput } from '../../../subgraph-kit/mutation.ts';
import type { Tx } from '../data/client.ts';
import { makers, type MakerRow } from '../data/tables.ts';
import { checkMaker, type MakerInput } from '../maker-rules.ts';
import { makerStates, type MakerStatus } from '../words.ts';
import { replaceCapabilities, replaceTerms } from '../writes/makers.ts';

const { changes } = createMutationKinds<Tx>();

type Input = MutationInput & MakerInput & { readonly gln: string; readonly status?: MakerStatus | null; readonly unlocode?: string | null };

// What is left out, or null, stays.
function newValues({ name, status, address, region, unlocode, supplierGroup, lineWorkers }: Input) {
  return {
    ...(name ? { name: name.trim() } : {}),
    ...(status ? { status } : {}),
    ...(address ? { address: address.trim() } : {}),
    ...(region ? { province: region.province.trim(), county: region.county?.trim() ?? null } : {}),
    ...(unlocode ? { unlocode } : {}),
    ...(supplierGroup ? { supplierGroup: supplierGroup.trim() } : {}),
    ...(typeof lineWorkers === 'number' ? { lineWorkers } : {}),
  };
}

export const updateMaker = changes<Input, MakerRow, MakerRow, MakerStatus>({
  name: 'updateMaker',
  by: ['MAKER'],
  answer: { field: 'maker', table: makers },
  row: { table: makers, key: ({ gln }) => [gln] },
  move: { machine: makerStates, from: (row) => row.status, to: ({ status }) => status ?? null },
  check: checkMaker,
  write: async ({ tx, input, row, changedAt, emit, refuse }) => {
    const { gln, capabilities, terms } = input;
    if (row.status === 'CLOSED') return refuse('WRONG_STATE', ['gln'], `the maker ${gln} is CLOSED, which is final`);
    if (capabilities) await replaceCapabilities(tx, gln, capabilities);
    if (terms) await replaceTerms(tx, gln, terms);
    const changed = await tx.maker.update({ where: { gln }, data: { ...newValues(input), changedAt } });
    emit('maker.changed', changed);
    // the columns of status hold words of the SDL only
    return changed as MakerRow;
  },
});
