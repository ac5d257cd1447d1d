// reroute: any member starts a run. commitRun: the hub makes the newest plan the plan.
import { checkText } from '../../../subgraph-kit/checks.ts';
import { createMutationKinds, type MutationInput } from '../../../subgraph-kit/mutation.ts';
import type { Tx } from '../data/client.ts';
import { runs, type RunRow } from '../data/tables.ts';
import type { Change } from '../writes/change.ts';
import { commitPlan, explainStale } from '../writes/commit-plan.ts';
import { countRunning, startRun, WAITING_MOST } from '../writes/runs.ts';
import { openSettlements } from '../writes/settlements.ts';

const { creates, changes } = createMutationKinds<Tx>();

const NOTE_MOST = 1_000;

type RerouteInput = MutationInput & { readonly note?: string | null };

export const reroute = creates<RerouteInput, RunRow>({
  name: 'reroute',
  by: 'ANY',
  answer: { field: 'run', table: runs },
  check: ({ note }, problems) => checkText(problems, note, ['note'], NOTE_MOST),
  write: async ({ tx, emit, now, input, actor, context, refuse }) => {
    const change: Change = { tx, emit, now, settings: context.settings };
    const running = await countRunning(change);
    if (running >= WAITING_MOST)
      return refuse(
        'TOO_MANY',
        [],
        `${running} runs wait or are being solved, at most ${WAITING_MOST} may; read \`routingRuns\` and ask later`,
      );
    return startRun(change, { trigger: 'MANUAL', memberId: actor.memberId, note: input.note?.trim() ?? null });
  },
});

type CommitInput = MutationInput & { readonly runId: string };

export const commitRun = changes<CommitInput, RunRow>({
  name: 'commitRun',
  by: ['HUB'],
  answer: { field: 'run', table: runs },
  row: { table: runs, key: ({ runId }) => [runId], mayChange: () => true },
  write: async ({ tx, emit, now, row, context, refuse }) => {
    const change: Change = { tx, emit, now, settings: context.settings };
    const stale = await explainStale(change, row);
    if (stale !== null) return refuse('WRONG_STATE', ['runId'], stale);
    const { run, placed } = await commitPlan(change, row);
    await openSettlements(change, placed);
    return run;
  },
});
