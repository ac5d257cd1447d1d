// npm run replay -- RUN_ID: solves a run again from what it read, and says whether it comes to the same objective. Changes nothing.
import { readConfig } from '../lib/config/index.ts';
import { createError } from '../lib/errors/errors.ts';
import { toFailureLine } from '../lib/lifecycle/index.ts';
import { openClient } from '../subgraphs/routing/data/client.ts';
import { solveStored } from '../subgraphs/routing/run/replay.ts';
import { createSolver } from '../subgraphs/routing/run/solver.ts';
import { openOwnerDatabase } from './import/owner-database.ts';

const DIGITS = 6;

/** Resolves to whether both objectives are the same. */
async function replay(runId: string | undefined): Promise<boolean> {
  if (runId === undefined) throw createError('BAD_USER_INPUT', 'npm run replay -- RUN_ID');
  const limitMs = readConfig(['HUB_SOLVE_SECONDS']).HUB_SOLVE_SECONDS * 1_000;
  const database = await openOwnerDatabase('routing');
  const db = openClient({ url: database.url, connections: 1 });
  try {
    const run = await db.run.findUnique({ where: { runId } });
    if (run === null) throw createError('BAD_USER_INPUT', `there is no run ${runId}; \`routingRuns\` lists them`);
    if (run.inputHash === null || run.objective === null) throw createError('BAD_USER_INPUT', `the run is ${run.status} and has no plan`);
    const plan = await solveStored(db, createSolver(), { inputHash: run.inputHash, seed: run.seed, limitMs });
    if (plan === null) throw createError('BAD_USER_INPUT', 'what this run read is not kept any more');
    const [before, now] = [run.objective.toFixed(DIGITS), plan.objective.toFixed(DIGITS)];
    process.stdout.write(
      `input ${run.inputHash}\nstored: ${run.status} ${before} ${run.currency}\nnow:    ${plan.status} ${now} ${run.currency}\n`,
    );
    return before === now;
  } finally {
    await db.$disconnect();
    await database.close();
  }
}

await replay(process.argv[2]).then(
  (same) => {
    process.exitCode = same ? 0 : 1;
  },
  (error: unknown) => {
    process.stderr.write(`${toFailureLine(error)}\n`);
    process.exitCode = 1;
  },
);
