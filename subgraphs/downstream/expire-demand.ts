// The job that lets demand lapse: an open line whose latest day has passed is of no use any more.
import { toBusinessDay } from '../../lib/clock/clock.ts';
import type { Job } from '../../subgraph-kit/job.ts';
import type { Tx } from './data/client.ts';
import { expireDemand } from './writes/demand.ts';

const EVERY_MS = 60_000;
const MOST = 500;

export const expiresDemand: Job<Tx> = {
  name: 'expiry of demand',
  everyMs: EVERY_MS,
  run: async ({ tx, emit, now, settings }) =>
    (await expireDemand({ tx, emit }, { today: toBusinessDay(now, settings.timeZone), now, most: MOST })) === MOST,
};
