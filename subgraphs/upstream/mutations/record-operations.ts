// recordOperations: a maker records the work on one piece of a style, whole. The first that does it owns it.
import { checkCount, checkRange, checkUnique } from '../../../subgraph-kit/checks.ts';
import { createMutationKinds, type MutationInput } from '../../../subgraph-kit/mutation.ts';
import type { Tx } from '../data/client.ts';
import { OPERATIONS_MOST, styleWorks, type StyleWorkRow } from '../data/tables.ts';
import { explainTag } from '../words.ts';
import { SMV_DIGITS, writeOperations, type OperationInput } from '../writes/operations.ts';

const { creates } = createMutationKinds<Tx>();

type Input = MutationInput & { readonly styleId: string; readonly operations: readonly OperationInput[] };

const SMV_MOST = 10_000;

export const recordOperations = creates<Input, StyleWorkRow>({
  name: 'recordOperations',
  by: ['MAKER'],
  answer: { field: 'style', table: styleWorks },
  check: ({ operations }, problems) => {
    checkCount(problems, operations, ['operations'], OPERATIONS_MOST, 1);
    checkUnique(problems, operations, ['operations'], ({ stage }) => stage);
    operations.forEach(({ stage, smv, capability }, i) => {
      const wrong = explainTag(capability, stage);
      if (wrong !== null) problems.add('BAD_CODE', ['operations', i, 'capability'], wrong);
      checkRange(problems, smv, ['operations', i, 'smv'], { from: 10 ** -SMV_DIGITS, to: SMV_MOST, unit: 'minutes' });
    });
  },
  write: async (write) => {
    const { tx, input, actor, origin, refuse } = write;
    const { styleId, operations } = input;
    const style = await tx.styleCopy.findUnique({ where: { styleId } });
    if (style === null) return refuse('NOT_FOUND', ['styleId'], `no Style ${styleId} is known here`);
    const row = await writeOperations(write, { styleId, memberId: actor.memberId, origin, operations });
    return row ?? refuse('NOT_YOURS', ['styleId'], `the work on Style ${styleId} was recorded by another member, who owns it`);
  },
});
