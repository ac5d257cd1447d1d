// registerCreator, updateCreator, registerMcn: creators and the agencies that work for them.
import { createId } from '../../../lib/ids.ts';
import { checkBps, checkText } from '../../../subgraph-kit/checks.ts';
import type { MutationInput } from '../../../subgraph-kit/mutation.ts';
import type { Tx } from '../data/client.ts';
import type { CreatorRow, CreatorTier, McnRow } from '../data/rows.ts';
import { creators, mcns } from '../data/tables.ts';
import { writeCreators, writeMcns } from '../writes/parties.ts';
import { changes, creates, PERFORMERS } from './kinds.ts';
import { findRows, refuseOn, requireRow } from './references.ts';

type RegisterInput = MutationInput & {
  readonly displayName: string;
  readonly tier: CreatorTier;
  readonly country?: string | null;
  readonly mcnId?: string | null;
};

async function requireMcn(tx: Tx, mcnId: string | null | undefined): Promise<void> {
  const found = await findRows(tx, mcns, [mcnId]);
  refuseOn((problems) => requireRow(problems, found, mcnId, ['mcnId']));
}

export const registerCreator = creates<RegisterInput, CreatorRow>({
  name: 'registerCreator',
  by: PERFORMERS,
  answer: { field: 'creator', table: creators },
  check: ({ displayName }, problems) => checkText(problems, displayName, ['displayName']),
  write: async ({ tx, emit, input, actor, origin, now, context }) => {
    await requireMcn(tx, input.mcnId);
    const row: CreatorRow = {
      creatorId: createId('crt', context.clock),
      memberId: actor.memberId,
      origin,
      displayName: input.displayName.trim(),
      tier: input.tier,
      country: input.country ?? null,
      mcnId: input.mcnId ?? null,
      changedAt: now,
    };
    await writeCreators({ tx, emit }, [row]);
    return row;
  },
});

type UpdateInput = MutationInput & {
  readonly creatorId: string;
  readonly displayName?: string | null;
  readonly tier?: CreatorTier | null;
  readonly mcnId?: string | null;
};

export const updateCreator = changes<UpdateInput, CreatorRow>({
  name: 'updateCreator',
  by: 'ANY',
  answer: { field: 'creator', table: creators },
  row: { table: creators, key: ({ creatorId }) => [creatorId] },
  check: ({ displayName }, problems) => checkText(problems, displayName, ['displayName']),
  write: async ({ tx, emit, input, row, changedAt }) => {
    await requireMcn(tx, input.mcnId);
    const changed = await tx.creator.update({
      where: { creatorId: row.creatorId },
      data: {
        displayName: input.displayName?.trim() ?? row.displayName,
        tier: input.tier ?? row.tier,
        // null given: no agency
        mcnId: input.mcnId === undefined ? row.mcnId : input.mcnId,
        changedAt,
      },
    });
    emit('creator.changed', changed);
    return changed;
  },
});

type McnInput = MutationInput & { readonly name: string; readonly takeRateBps: number };

export const registerMcn = creates<McnInput, McnRow>({
  name: 'registerMcn',
  by: ['MCN'],
  answer: { field: 'mcn', table: mcns },
  check: ({ name, takeRateBps }, problems) => {
    checkText(problems, name, ['name']);
    checkBps(problems, takeRateBps, ['takeRateBps']);
  },
  write: async ({ tx, emit, input, actor, origin, now, context }) => {
    const row: McnRow = {
      mcnId: createId('mcn', context.clock),
      memberId: actor.memberId,
      origin,
      name: input.name.trim(),
      takeRateBps: input.takeRateBps,
      changedAt: now,
    };
    await writeMcns({ tx, emit }, [row]);
    return row;
  },
});
