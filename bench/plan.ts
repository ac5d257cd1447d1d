/**
 * `npm run bench:plan`: what cold planning costs, in milliseconds of CPU (several processes may share the machine).
 *
 *   --operations n   how many of the fuzz's operations (default 4000)      --from n   first seed of the cuts (default 1)
 *
 * Prints the fuzz's operations, 1,000 aliased root fields with two hops each, and how soon a fragment bomb is refused.
 */
import { cpus, platform, release } from 'node:os';
import { parseArgs } from 'node:util';
import { parse } from 'graphql';
import type { DocumentNode } from 'graphql';
import { composeSupergraph } from '../engine/compose/index.ts';
import { LIMITS, conditionVariables, planOperation } from '../engine/plan/index.ts';
import type { PlanRequest } from '../engine/plan/index.ts';
import { isEngineError, loadSupergraph } from '../engine/supergraph/index.ts';
import type { Supergraph } from '../engine/supergraph/index.ts';
import { planFor } from '../tests/differential/compare.ts';
import { composeCut } from '../tests/differential/compose-cut.ts';
import type { Operation } from '../tests/differential/operations.ts';
import { operationOf } from '../tests/differential/run.ts';
import { startShopGateway } from '../tests/gateway/kit.ts';

const text = { type: 'string' } as const;
const { values } = parseArgs({ options: { operations: text, from: text } });
const wanted = Number(values.operations ?? 4_000);
const from = Number(values.from ?? 1);
const OPERATIONS_PER_CUT = 100;
type Merge = NonNullable<PlanRequest['merge']>;

console.log(`${cpus()[0]?.model ?? 'unknown CPU'} x ${cpus().length}, ${platform()} ${release()}, Node ${process.version}`);
console.log(`${new Date().toISOString()}  npm run bench:plan -- --operations ${wanted} --from ${from}\n`);
benchFuzz();
benchMerge();
benchWide();
await benchBomb();

/** Milliseconds of CPU that the work took, all threads of the process together. */
function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

function benchFuzz(): void {
  const times: { ms: number; what: string }[] = [];
  for (let seed = from; times.length < wanted; seed += 1) {
    const ready = composeCut(seed);
    if (!('cut' in ready)) continue;
    for (let number = 1; number <= OPERATIONS_PER_CUT && times.length < wanted; number += 1) {
      const operation = operationOf(ready, number);
      if (operation === null) continue;
      const ms = cpuMs(() => {
        try {
          planFor(ready, operation);
        } catch (error) {
          if (!isEngineError(error)) throw error;
        }
      });
      times.push({ ms, what: `--cut ${seed} --operation ${number}` });
    }
  }
  const sorted = times.toSorted((a, b) => a.ms - b.ms);
  const at = (share: number): string => (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]?.ms ?? 0).toFixed(2);
  console.log(`operations of the fuzz (${sorted.length}): median ${at(0.5)}  p95 ${at(0.95)}  p99 ${at(0.99)}  max ${at(1)} ms`);
  for (const { ms, what } of sorted.toReversed().slice(0, 3)) console.log(`  ${ms.toFixed(1)} ms: ${what}`);
}

/** What the switch `merge` of the planner is worth, in requests; levels are the same. */
function benchMerge(): void {
  let [operations, byLevel, bySameDeps, differing] = [0, 0, 0, 0];
  for (let seed = from; operations < Math.min(wanted, 2_000); seed += 1) {
    const ready = composeCut(seed);
    if (!('cut' in ready)) continue;
    for (let number = 1; number <= OPERATIONS_PER_CUT; number += 1) {
      const operation = operationOf(ready, number);
      const requests = operation === null ? null : countRequests(ready.supergraph, operation);
      if (requests === null) continue;
      operations += 1;
      byLevel += requests.level;
      bySameDeps += requests.sameDeps;
      if (requests.sameDeps !== requests.level) differing += 1;
    }
  }
  const mean = (sum: number): string => (sum / operations).toFixed(2);
  const share = ((100 * differing) / operations).toFixed(1);
  console.log(
    `requests per operation (${operations}): merged by level ${mean(byLevel)}, by what they wait for ${mean(bySameDeps)}; ${share} % differ`,
  );
}

function countRequests(supergraph: Supergraph, { document, variables, labels }: Operation): Record<Merge, number> | null {
  const conditions = new Map(conditionVariables(document, 'Q').map((name) => [name, variables[name] === true]));
  const count = (merge: Merge): number =>
    planOperation({ supergraph, document, operationName: 'Q', conditions, activeLabels: labels, merge }).fetches.length;
  try {
    return { level: count('level'), sameDeps: count('sameDeps') };
  } catch (error) {
    if (isEngineError(error)) return null;
    throw error;
  }
}

function compose(sources: Readonly<Record<string, string>>): Supergraph {
  const head = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key"])\n';
  const result = composeSupergraph(Object.entries(sources).map(([name, sdl]) => ({ name, url: `http://${name}.test`, sdl: head + sdl })));
  if (result.kind === 'failed') throw new Error(result.errors.map(({ message }) => message).join('\n'));
  return loadSupergraph(result.supergraphSdl);
}

function benchWide(): void {
  const supergraph = compose({
    mill: 'type Query { loom(id: ID!): Loom } type Loom @key(fields: "id") { id: ID! }',
    dye: 'type Loom @key(fields: "id") @key(fields: "code") { id: ID! code: ID! shade: String }',
    store: 'type Loom @key(fields: "code") { code: ID! width: Int rolls: Int }',
  });
  const wide = (count: number): DocumentNode =>
    parse(`{ ${Array.from({ length: count }, (_, index) => `a${index}: loom(id: "${index}") { shade width rolls }`).join(' ')} }`);
  const limits = { ...LIMITS, positions: 1e6, facts: 1e7, fetches: 1e5, representationLeaves: 1e6, occurrences: 1e7 };
  const run = (document: DocumentNode): void => void planOperation({ supergraph, document, conditions: new Map(), limits });
  const document = wide(1_000);
  for (let round = 0; round < 20; round += 1) run(document);
  const rounds = Array.from({ length: 15 }, () => cpuMs(() => run(document))).toSorted((a, b) => a - b);
  const double = wide(2_000);
  const doubled = Array.from({ length: 9 }, () => cpuMs(() => run(double))).toSorted((a, b) => a - b);
  const fresh = `median ${(rounds[7] ?? 0).toFixed(1)}  max ${(rounds[14] ?? 0).toFixed(1)} ms`;
  console.log(`1,000 root fields with two hops, limits lifted: ${fresh}; 2,000: median ${(doubled[4] ?? 0).toFixed(1)} ms`);
}

/** 2^30 fields written as thirty fragments, sent to a gateway as a client would. */
async function benchBomb(): Promise<void> {
  const fragments = Array.from({ length: 30 }, (_, index) => `fragment F${index} on Query { ...F${index + 1} ...F${index + 1} }`);
  const bomb = JSON.stringify({ query: `{ ...F0 } ${fragments.join(' ')} fragment F30 on Query { echo }` });
  const { post, stop } = await startShopGateway();
  const answers: { ms: number; code: string | undefined }[] = [];
  for (let round = 0; round < 5; round += 1) {
    const beganAt = performance.now();
    const { code } = await post(bomb);
    answers.push({ ms: performance.now() - beganAt, code });
  }
  await stop();
  const times = answers.map(({ ms, code }) => `${ms.toFixed(1)} ms ${code ?? 'not refused'}`);
  console.log(`fragment bomb of 2^30, from request to refusal, five times over HTTP: ${times.join(', ')}`);
}
