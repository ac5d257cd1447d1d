// The whole way of demand: planned and offered, accepted, made, delivered, settled. What is under way comes to its end; of what is coming
// some is answered, some begun, some still open, and what nobody can make stays refused with its reasons.
import type { Stage } from '../stage.ts';
import { deliverLots, type Carrier, type Until } from './deliver.ts';
import { makeLots } from './make.ts';
import { settleUp, takeDeposits } from './pay.ts';
import { answerOffers, planAndOffer, type Answer, type Job } from './plan.ts';
import type { Trade } from './trade.ts';

const coming: readonly Answer[] = ['accept', 'accept', 'accept', 'decline', 'counter', 'wait', 'wait'];

/** `running`: demand lines that are taken to their end. */
export async function playFlow(stage: Stage, { sites }: Trade, running: ReadonlySet<string>): Promise<void> {
  const isRunning = ({ demandLineId }: Job): boolean => running.has(demandLineId);
  const offered = await planAndOffer(stage, 'first plan');
  // what is declined or countered here waits for the next plan
  const jobs = await answerOffers(stage, offered, (job) => (isRunning(job) ? 'accept' : stage.random('answer', job.name).pick(coming)));
  await takeDeposits(stage, offered, jobs);

  const lots = await makeLots(stage, jobs, (job, stages) => {
    if (isRunning(job)) return stages;
    const random = stage.random('lot', job.name);
    return random.pick([null, 0, random.int(1, stages - 1), random.int(1, stages - 1), stages, stages, stages]);
  });
  const carriers = sites.map(({ player, distributorGln, siteGln }): Carrier => ({ player, gln: distributorGln, siteGln }));
  const received = await deliverLots(stage, lots, carriers, ({ job }): Until => {
    if (isRunning(job)) return 'received';
    return stage.random('shipment', job.name).pick(['booked', 'on its way']);
  });
  await settleUp(
    stage,
    offered,
    received.map(({ job }) => job),
  );
}
