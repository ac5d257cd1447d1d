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
  const answerOf = (job: Job): Answer => (isRunning(job) ? 'accept' : stage.random('answer', job.name).pick(coming));
  const first = await planAndOffer(stage, 'first plan');
  const accepted = await answerOffers(stage, first, answerOf);
  // a second plan finds another maker for what was declined, and takes or leaves the counter-offers
  const second = await planAndOffer(stage, 'second plan');
  const now = (jobs: readonly Job[]) => answerOffers(stage, jobs, (job) => (isRunning(job) ? 'accept' : 'wait'));
  const jobs = [...accepted, ...(await now(second))];
  await takeDeposits(stage, [...first, ...second], jobs);

  const lots = await makeLots(stage, jobs, (job, stages) => (isRunning(job) ? stages : stage.random('lot', job.name).int(0, stages)));
  const carriers = sites.map(({ player, distributorGln, siteGln }): Carrier => ({ player, gln: distributorGln, siteGln }));
  const received = await deliverLots(stage, lots, carriers, ({ job }): Until => {
    if (isRunning(job)) return 'received';
    return stage.random('shipment', job.name).pick(['booked', 'on its way']);
  });
  await settleUp(
    stage,
    [...first, ...second],
    received.map(({ job }) => job),
  );
}
