// Makers make what they accepted: the lot is released, goes through its stages one by one, and is packed.
import { z } from 'zod';
import { forEachOf, type Stage } from '../stage.ts';
import type { Job } from './plan.ts';

export type Lot = { readonly job: Job; readonly lotId: string; readonly goodQty: number };

const HOUR_MS = 3_600_000;
// Hours that a lot is at one stage, and hours it waits before the next: a week from cloth to carton.
const [STAGE_HOURS, WAIT_HOURS] = [14, 4];
const LOT_PATIENCE_MS = 20_000;

const lotShape = z.object({
  allocation: z.object({ lot: z.object({ lotId: z.string(), progress: z.array(z.object({ stage: z.string() })) }).nullable() }),
});

// The lot is opened by the event that the allocation was accepted.
async function findLot(stage: Stage, { allocationId }: Job): Promise<{ lotId: string; stages: readonly string[] }> {
  const deadline = performance.now() + LOT_PATIENCE_MS;
  for (;;) {
    const answer = await stage.client.ask(
      stage.hub,
      'query Lot($allocationId: ID!) { allocation(allocationId: $allocationId) { lot { lotId progress { stage } } } }',
      { allocationId },
    );
    const { lot } = lotShape.parse(answer).allocation;
    if (lot !== null) return { lotId: lot.lotId, stages: lot.progress.map((progress) => progress.stage) };
    if (performance.now() > deadline) throw new Error(`no lot was opened for ${allocationId}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Takes each job through its lot; `stagesOf` says how many of its stages are done (all: it is packed, too; null: it is not released yet). */
export async function makeLots(stage: Stage, jobs: readonly Job[], stagesOf: (job: Job, stages: number) => number | null): Promise<Lot[]> {
  const lots = await forEachOf(jobs, 6, async (job) => {
    const { lotId, stages } = await findLot(stage, job);
    const upTo = stagesOf(job, stages.length);
    if (upTo === null) return null;
    await stage.client.change(job.maker, 'releaseLot', { lotId, idempotencyKey: stage.key('release', lotId) }, 'lot { status }');
    const goodQty = await workThrough(stage, job, { lotId, stages, upTo });
    if (upTo < stages.length) {
      if (upTo > 0 && stage.random('hold', job.name).chance(0.3)) await hold(stage, job, lotId);
      return null;
    }
    await stage.client.change(job.maker, 'completeLot', { lotId, goodQty, idempotencyKey: stage.key('complete', lotId) }, 'lot { status }');
    return { job, lotId, goodQty };
  });
  return lots.filter((lot) => lot !== null);
}

// Here and there work stops for a reason.
async function hold(stage: Stage, job: Job, lotId: string): Promise<void> {
  const input = { lotId, reason: 'MATERIAL_MISSING', idempotencyKey: stage.key('hold', lotId) };
  await stage.client.change(job.maker, 'holdLot', input, 'lot { status }');
}

type Work = { readonly lotId: string; readonly stages: readonly string[]; readonly upTo: number };

async function workThrough(stage: Stage, job: Job, { lotId, stages, upTo }: Work): Promise<number> {
  const random = stage.random('work', job.name);
  let pieces = job.quantity;
  for (const [i, name] of stages.slice(0, upTo).entries()) {
    // a piece in some hundred is spoilt in sewing; a lot of few pieces is looked after
    const scrap = name === 'SEWING' && job.quantity > 100 && random.chance(0.3) ? 1 : 0;
    const began = stage.now.getTime() - (upTo - i) * (STAGE_HOURS + WAIT_HOURS) * HOUR_MS;
    const report = (at: number, counts: Record<string, number>, what: string) =>
      stage.client.change(
        job.maker,
        'reportStage',
        { lotId, stage: name, ...counts, at: new Date(at).toISOString(), idempotencyKey: stage.key(what, name, lotId) },
        'lot { status }',
      );
    await report(began, { qtyIn: pieces, qtyOut: 0 }, 'in');
    await report(began + (STAGE_HOURS - 2 + random.next() * 4) * HOUR_MS, { qtyOut: pieces - scrap, scrap }, 'out');
    pieces -= scrap;
  }
  return pieces;
}
