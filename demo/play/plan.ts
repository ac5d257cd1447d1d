// From demand to accepted work: the hub plans and commits, makers answer their offers.
import { z } from 'zod';
import type { Player } from '../client.ts';
import { forEachOf, type Stage } from '../stage.ts';

/** One allocation with what the actors need to take it further. */
export type Job = {
  readonly allocationId: string;
  readonly demandLineId: string;
  /** The same for the same seed, other than ids. */
  readonly name: string;
  readonly quantity: number;
  readonly owner: string;
  readonly maker: Player;
  readonly unitPrice: { readonly amountMinor: number; readonly currency: string };
  readonly promisedDate: string;
  readonly sizes: readonly { readonly gtin: string; readonly quantity: number }[];
  readonly retailPrice: { readonly amountMinor: number; readonly currency: string };
  readonly settlementId: string;
};

export type Answer = 'accept' | 'decline' | 'counter' | 'wait';

const RUN_PATIENCE_MS = 60_000;
const POLL_MS = 100;
// Allocations with all they lead to, in pages that stay within the limits of the gateway.
const PAGE = 50;

const moneyShape = z.object({ amountMinor: z.number(), currency: z.string() });
const jobShape = z.object({
  allocationId: z.string(),
  status: z.string(),
  quantity: z.number(),
  promisedDate: z.string(),
  unitPrice: moneyShape,
  maker: z.object({ member: z.object({ memberId: z.string() }) }),
  settlement: z.object({ settlementId: z.string() }).nullable(),
  demandLine: z.object({
    demandLineId: z.string(),
    member: z.object({ memberId: z.string() }),
    sizes: z.array(z.object({ quantity: z.number(), sku: z.object({ gtin: z.string() }) })),
    style: z.object({ retailPrice: moneyShape }),
  }),
});
const pageShape = z.object({
  routingRun: z.object({
    allocations: z.object({ nodes: z.array(jobShape), pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }) }),
  }),
});

const jobsQuery = `query Jobs($runId: ID!, $first: Int!, $after: String) {
  routingRun(runId: $runId) {
    allocations(first: $first, after: $after) {
      nodes {
        allocationId status quantity promisedDate unitPrice { amountMinor currency }
        maker { member { memberId } }
        settlement { settlementId }
        demandLine { demandLineId member { memberId } sizes { quantity sku { gtin } } style { retailPrice { amountMinor currency } } }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}`;

/** Plans what is open, makes the plan the plan, and gives the offers; `name` tells one planning of a play from the next. */
export async function planAndOffer(stage: Stage, name: string): Promise<Job[]> {
  const started = await stage.client.change(
    stage.hub,
    'reroute',
    { note: `demo: ${name}`, idempotencyKey: stage.key('reroute', name) },
    'run { runId }',
  );
  const { runId } = z.object({ runId: z.string() }).parse(started['run']);
  await waitForRun(stage, runId);
  await stage.client.change(stage.hub, 'commitRun', { runId, idempotencyKey: stage.key('commit', name) }, 'run { runId }');
  return readJobs(stage, runId);
}

async function waitForRun(stage: Stage, runId: string): Promise<void> {
  const shape = z.object({
    routingRun: z.object({ status: z.string(), problems: z.array(z.object({ code: z.string(), message: z.string() })) }),
  });
  const deadline = performance.now() + RUN_PATIENCE_MS;
  while (performance.now() < deadline) {
    const answer = await stage.client.ask(
      stage.hub,
      'query Run($runId: ID!) { routingRun(runId: $runId) { status problems { code message } } }',
      { runId },
    );
    const { status, problems } = shape.parse(answer).routingRun;
    if (status === 'FAILED') throw new Error(`the run failed: ${problems.map((p) => `${p.code}: ${p.message}`).join('; ')}`);
    if (status !== 'RUNNING') return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error('the run did not end in time');
}

async function readJobs(stage: Stage, runId: string): Promise<Job[]> {
  const found: z.infer<typeof jobShape>[] = [];
  for (let after: string | null = null; ;) {
    const answer: z.infer<typeof pageShape> = pageShape.parse(await stage.client.ask(stage.hub, jobsQuery, { runId, first: PAGE, after }));
    const { nodes, pageInfo } = answer.routingRun.allocations;
    found.push(...nodes);
    if (!pageInfo.hasNextPage) break;
    after = pageInfo.endCursor;
  }
  // what a play before took further is an offer still: keys make its steps safe to repeat
  return Promise.all(found.filter(({ settlement }) => settlement !== null).map((node) => toJob(stage, node)));
}

const toJob = async (stage: Stage, node: z.infer<typeof jobShape>): Promise<Job> => ({
  allocationId: node.allocationId,
  demandLineId: node.demandLine.demandLineId,
  name: `${node.demandLine.sizes[0]?.sku.gtin ?? ''}:${node.quantity}`,
  quantity: node.quantity,
  owner: node.demandLine.member.memberId,
  maker: await stage.client.enter(node.maker.member.memberId, ['MAKER']),
  unitPrice: node.unitPrice,
  promisedDate: node.promisedDate,
  sizes: node.demandLine.sizes.map(({ quantity, sku }) => ({ gtin: sku.gtin, quantity })),
  retailPrice: node.demandLine.style.retailPrice,
  settlementId: node.settlement?.settlementId ?? '',
});

/** Makers answer; gives the jobs that were accepted. */
export async function answerOffers(stage: Stage, jobs: readonly Job[], answerOf: (job: Job) => Answer): Promise<Job[]> {
  const answers = await forEachOf(jobs, 6, async (job) => {
    const answer = answerOf(job);
    const { allocationId } = job;
    const idempotencyKey = stage.key(answer, allocationId);
    if (answer === 'accept')
      await stage.client.change(job.maker, 'acceptAllocation', { allocationId, idempotencyKey }, 'allocation { status }');
    if (answer === 'decline') {
      const input = { allocationId, reason: 'NO_CAPACITY', note: 'A machine is down this week.', idempotencyKey };
      await stage.client.change(job.maker, 'declineAllocation', input, 'allocation { status }');
    }
    if (answer === 'counter') {
      const { amountMinor, currency } = job.unitPrice;
      const unitPrice = { amountMinor: Math.round(amountMinor * 1.08), currency };
      const input = { allocationId, quantity: job.quantity, unitPrice, promisedDate: job.promisedDate, idempotencyKey };
      await stage.client.change(job.maker, 'counterAllocation', input, 'allocation { status }');
    }
    return answer;
  });
  return jobs.filter((_, i) => answers[i] === 'accept');
}
