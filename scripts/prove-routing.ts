/**
 * npx tsx scripts/prove-routing.ts FOLDER
 * Solves instances of the generalised assignment problem (OR-Library; FOLDER holds the .txt files and optima.json) with the model of routing
 * and checks that its bound is no greater than the proven minimum. An agent is a maker with one day, a job a line of one piece; its cost is
 * carriage. In the model the work on a piece does not depend on the maker, so a job counts with its least resource: a relaxation, as whole pieces
 * are. Exit code 1 when a bound is too high.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { solveRouting } from '../subgraphs/routing/model/index.ts';
import type { RoutingInput } from '../subgraphs/routing/model/types.ts';

type Instance = { readonly cost: readonly number[][]; readonly resource: readonly number[][]; readonly capacity: readonly number[] };

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('expected the folder of the instances, for example: npx tsx scripts/prove-routing.ts gap');
const DAY = '2026-11-23';
const LAST = '2026-12-23';

function parseInstance(text: string): Instance {
  const numbers = text.trim().split(/\s+/).map(Number);
  const [makers = 0, jobs = 0] = numbers;
  const matrix = (from: number): number[][] =>
    Array.from({ length: makers }, (_, maker) => numbers.slice(from + maker * jobs, from + (maker + 1) * jobs));
  return { cost: matrix(2), resource: matrix(2 + makers * jobs), capacity: numbers.slice(2 + 2 * makers * jobs) };
}

const POLICY: RoutingInput['policy'] = {
  version: 'proof',
  hash: '',
  weights: { EX_WORKS: 1, FREIGHT: 1, DUTY: 1, SETUP: 1, QUALITY_RISK: 1, LATENESS: 1 },
  hhiLimit: 1,
  maxShareBps: 10_000,
  frozenDays: 0,
  unservedPenalty: 10_000,
  latenessPenalty: 0,
  candidateLimit: 12,
};

function toInput(instance: Instance): RoutingInput {
  return {
    version: 1,
    currency: 'EUR',
    horizonFrom: DAY,
    horizonTo: DAY,
    policy: POLICY,
    ...toIndustry(instance),
  };
}

function toIndustry({ cost, resource, capacity }: Instance): Pick<RoutingInput, 'lines' | 'makers' | 'buckets' | 'lanes'> {
  const glns = cost.map((_, maker) => `maker ${maker}`);
  const jobs = cost[0]?.map((_, job) => job) ?? [];
  return {
    lines: jobs.map((job) => ({
      id: `job ${job}`,
      memberId: '',
      origin: 'REPORTED',
      styleId: '',
      styleName: '',
      campaignId: null,
      quantity: 1,
      dueDay: LAST,
      latestDay: LAST,
      shipTo: `job ${job}`,
      requiredCapabilities: [],
      requiredCertificates: [],
      qualityFloorBps: null,
      priceCap: null,
      margin: 0,
      category: '',
      unitWeightGrams: null,
      hsCode: null,
      declinedBy: [],
      bids: [],
      work: [{ stage: 'SEWING', minutes: Math.min(...resource.map((row) => row[job] ?? Infinity)), tags: [] }],
    })),
    makers: glns.map((gln) => ({
      gln,
      memberId: '',
      name: gln,
      status: 'ACTIVE',
      country: 'DE',
      unlocode: gln,
      daysKnown: 0,
      capabilities: [],
      certificates: [],
      qualityScore: 1,
      terms: [{ category: null, moq: 1, acceptsShortLots: true, minutePrice: 0, setupCost: null }],
    })),
    buckets: glns.map((gln, i) => ({ id: gln, gln, stage: 'SEWING', day: DAY, freeMinutes: capacity[i] ?? 0, efficiencyBps: 10_000 })),
    lanes: glns.flatMap((gln, maker) =>
      jobs.map((job) => ({
        origin: gln,
        destination: `job ${job}`,
        transitDays: 1,
        perConsignment: 0,
        perKilogram: 0,
        perPiece: cost[maker]?.[job] ?? 0,
      })),
    ),
  };
}

// the file comes with the instances
const optima = JSON.parse(await readFile(join(folder, 'optima.json'), 'utf8')) as { gap: Record<string, { min: number }> };
let broken = 0;
for (const [name, { min }] of Object.entries(optima.gap)) {
  const input = toInput(parseInstance(await readFile(join(folder, `${name}.txt`), 'utf8')));
  const { bound, objective, status, solveMs } = await solveRouting(input, { seed: name, limitMs: 10_000 });
  const holds = bound <= min + 1e-6;
  if (!holds) broken += 1;
  console.log(
    `${holds ? 'ok    ' : 'BROKEN'} ${name}: bound ${bound.toFixed(2)}, proven ${min}, plan of the relaxation ${objective} ${status}, ${solveMs} ms`,
  );
}
process.exitCode = broken > 0 ? 1 : 0;
