// The clock's work on the plan: what begins soon is frozen, and an offer that nobody answered in time is taken back.
import { addDays, toBusinessDay } from '../../lib/clock/clock.ts';
import type { Job } from '../../subgraph-kit/job.ts';
import { sql } from '../../subgraph-kit/sql.ts';
import type { Tx } from './data/client.ts';
import { moveAllocations } from './writes/allocations.ts';
import { findPolicy } from './writes/policy.ts';

const EVERY_MS = 60_000;
const MOST = 500;

/** Freezes what is accepted and whose first minutes lie within the days that the policy does not move. */
export const freezesNearWork: Job<Tx> = {
  name: 'freezing of near work',
  everyMs: EVERY_MS,
  run: async (change) => {
    const policy = await findPolicy(change.tx);
    if (policy === null) return false;
    const lastDay = addDays(toBusinessDay(change.now, change.settings.timeZone), policy.frozenDays);
    const rows = await moveAllocations(change, {
      where: sql`t."allocationId" IN (SELECT a."allocationId" FROM "Allocation" a WHERE a."status" = 'ACCEPTED'
        AND (SELECT min(s."day") FROM "AllocationSlot" s WHERE s."allocationId" = a."allocationId") <= ${lastDay}::text::date
        ORDER BY a."allocationId" LIMIT ${MOST}::int)`,
      to: 'FROZEN',
    });
    return rows.length === MOST;
  },
};

/** Takes back offers whose time for an answer has passed, so that the next run can place their pieces. */
export const lapsesOffers: Job<Tx> = {
  name: 'lapse of offers',
  everyMs: EVERY_MS,
  run: async (change) => {
    const rows = await moveAllocations(change, {
      where: sql`t."allocationId" IN (SELECT a."allocationId" FROM "Allocation" a WHERE a."status" = 'OFFERED'
        AND a."answerBy" < ${change.now}::timestamptz ORDER BY a."allocationId" LIMIT ${MOST}::int)`,
      to: 'SUPERSEDED',
    });
    return rows.length === MOST;
  },
};
