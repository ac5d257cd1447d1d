// The hub records what buyers paid and pays out what is due.
import { z } from 'zod';
import { forEachOf, type Stage } from '../stage.ts';
import type { Job } from './plan.ts';

/** Part of the price that buyers pay before anything is made, percent. */
const DEPOSIT_PERCENT = 30;
const SETTLED_PATIENCE_MS = 20_000;

type Due = { readonly settlementId: string; readonly owner: string; readonly currency: string; readonly amountMinor: number };

function addUp(jobs: readonly Job[]): Due[] {
  const sums = new Map<string, Due>();
  for (const { settlementId, owner, quantity, retailPrice } of jobs) {
    const before = sums.get(settlementId)?.amountMinor ?? 0;
    const { currency } = retailPrice;
    sums.set(settlementId, { settlementId, owner, currency, amountMinor: before + quantity * retailPrice.amountMinor });
  }
  return [...sums.values()];
}

/** Deposits for all that was accepted; a maker that agreed to all it was offered of a settlement gets its part of them. */
export async function takeDeposits(stage: Stage, offered: readonly Job[], accepted: readonly Job[]): Promise<void> {
  const partOf = ({ settlementId, maker }: Job): string => `${settlementId} ${maker.memberId}`;
  const agreed = new Set(accepted.map((job) => job.allocationId));
  const waiting = new Set(offered.filter((job) => !agreed.has(job.allocationId)).map(partOf));
  const due = new Set(accepted.filter((job) => !waiting.has(partOf(job))).map((job) => job.settlementId));
  await forEachOf(addUp(accepted), 6, async (sum) => {
    await record(stage, sum, 'DEPOSIT', Math.floor((sum.amountMinor * DEPOSIT_PERCENT) / 100));
    if (due.has(sum.settlementId)) await release(stage, sum.settlementId, 'first release');
  });
}

/** The rest of the price for settlements all of whose goods were received, and all is paid out whose time has come. */
export async function settleUp(stage: Stage, jobs: readonly Job[], received: readonly Job[]): Promise<void> {
  const arrived = new Set(received.map((job) => job.allocationId));
  const open = new Set(jobs.filter((job) => !arrived.has(job.allocationId)).map((job) => job.settlementId));
  const whole = received.filter((job) => !open.has(job.settlementId));
  await forEachOf(addUp(whole), 6, async (due) => {
    await record(stage, due, 'BALANCE', due.amountMinor - Math.floor((due.amountMinor * DEPOSIT_PERCENT) / 100));
    await release(stage, due.settlementId, 'second release');
  });
}

async function record(stage: Stage, due: Due, kind: string, amountMinor: number): Promise<void> {
  const input = {
    settlementId: due.settlementId,
    kind,
    direction: 'IN',
    amount: { amountMinor, currency: due.currency },
    party: { memberId: due.owner },
    due: stage.today,
    at: stage.clock.now().toISOString(),
    idempotencyKey: stage.key(kind, due.settlementId),
  };
  await stage.client.change(stage.hub, 'recordCashFlow', input, 'cashFlow { cashFlowId }');
}

// What is due follows events of acceptance and receipt, which come a moment later.
async function release(stage: Stage, settlementId: string, name: string): Promise<void> {
  const input = { settlementId, idempotencyKey: stage.key(name, settlementId) };
  const payload = await stage.client.change(stage.hub, 'releaseSettlement', input, 'settlement { status }', ['NOTHING_DUE']);
  z.object({ status: z.string() }).parse(payload['settlement'], { error: () => `no answer within ${SETTLED_PATIENCE_MS} ms` });
}
