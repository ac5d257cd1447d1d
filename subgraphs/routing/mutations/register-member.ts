// registerMember: the hub enters a member.
import { createId } from '../../../lib/ids.ts';
import { checkCount, checkText, checkUnique } from '../../../subgraph-kit/checks.ts';
import { createMutationKinds, type MutationInput } from '../../../subgraph-kit/mutation.ts';
import type { Tx } from '../data/client.ts';
import { members, type MemberRow } from '../data/tables.ts';

const { creates } = createMutationKinds<Tx>();

type Input = MutationInput & { readonly name: string; readonly kinds: readonly string[] };

export const registerMember = creates<Input, MemberRow>({
  name: 'registerMember',
  by: ['HUB'],
  answer: { field: 'member', table: members },
  check: (input, problems) => {
    checkText(problems, input.name, ['name']);
    checkCount(problems, input.kinds, ['kinds'], 6, 1);
    checkUnique(problems, input.kinds, ['kinds'], String);
  },
  write: async ({ tx, input, now, emit, context }) => {
    const row = await tx.member.create({
      data: { memberId: createId('mbr', context.clock), name: input.name.trim(), kinds: [...input.kinds], changedAt: now },
    });
    emit('member.changed', row);
    return row;
  },
});
