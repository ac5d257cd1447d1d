/**
 * npm run prove-ledger -- [--short] [--count N] [--seed N]
 * Lets random settlements (10,000, or 300 with --short) live from offer to close through the mutations of the hub, on a database of its
 * own: an embedded one, or one on the server of DATABASE_URL. Then checks that the splits of each add up to its gross, that every posting
 * and every account balances, and that each call made again with its key changes no row. Exit code 1 when a promise is broken.
 */
import { parseArgs } from 'node:util';
import { query, sql } from '../subgraph-kit/sql.ts';
import globalSetup from '../tests/_kit/global-setup.ts';
import globalTeardown from '../tests/_kit/global-teardown.ts';
import { faults, openRouting, type Routing } from '../tests/subgraphs/routing/money/_kit.ts';
import { checksumsOf, isMade, liveThrough, repeatAll, type Call } from '../tests/subgraphs/routing/money/_random.ts';

const COUNT = 10_000;
const COUNT_SHORT = 300;

const { values } = parseArgs({ options: { short: { type: 'boolean' }, count: { type: 'string' }, seed: { type: 'string' } } });
const count = Number(values.count ?? (values.short === true ? COUNT_SHORT : COUNT));
const seed = Number(values.seed ?? 1);

let broken = 0;
/** Says one promise and whether it was kept. */
function check(promise: string, kept: boolean, found: unknown = ''): void {
  if (!kept) broken += 1;
  const words = typeof found === 'string' ? found : JSON.stringify(found);
  console.log(`${kept ? 'ok    ' : 'BROKEN'} ${promise}${words === '' ? '' : ` (${words})`}`);
}

const number = (value: number): string => value.toLocaleString('en');
const since = (beganMs: number): string => `${((performance.now() - beganMs) / 1_000).toFixed(1)} s`;

async function countsBy(r: Routing, table: string, column: string): Promise<string> {
  const rows = await r.db.$queryRawUnsafe<{ value: string; n: number }[]>(
    `SELECT "${column}" AS "value", count(*)::int AS "n" FROM "${table}" GROUP BY 1 ORDER BY 1`,
  );
  return rows.map(({ value, n }) => `${number(n)} ${value}`).join(', ');
}

function problemsOf(calls: readonly Call[]): string {
  const counts = new Map<string, number>();
  for (const { code } of calls.flatMap(({ answer }) => answer.problems)) counts.set(code, (counts.get(code) ?? 0) + 1);
  return [...counts].map(([code, n]) => `${number(n)} ${code}`).join(', ');
}

async function prove(r: Routing): Promise<void> {
  const beganMs = performance.now();
  const calls = await liveThrough(r, { seed, count });
  const made = calls.filter(isMade);
  console.log(`${number(count)} settlements, ${number(calls.length)} calls in ${since(beganMs)}; refused: ${problemsOf(calls)}`);
  console.log(`payments: ${await countsBy(r, 'CashFlow', 'kind')}`);
  console.log(`settlements: ${await countsBy(r, 'Settlement', 'status')}`);
  const [ledger] = await query<{ postings: number; entries: number; trial: bigint }>(
    r.db,
    sql`SELECT count(DISTINCT "postingId")::int AS "postings", count(*)::int AS "entries", coalesce(sum("amountMinor"), 0)::bigint AS "trial" FROM "LedgerEntry"`,
  );
  const found = `${number(ledger?.entries ?? 0)} entries in ${number(ledger?.postings ?? 0)} postings`;
  check('the trial balance is zero', ledger?.trial === 0n, found);
  const wrong = await faults(r);
  check(
    'splits add up to gross; postings, pool and payables balance; nothing is below what was paid',
    wrong.length === 0,
    wrong.slice(0, 3),
  );
  const before = await checksumsOf(r);
  const againMs = performance.now();
  const different = await repeatAll(r, made);
  check(`each of ${number(made.length)} calls made again gets its answer again`, different.length === 0, since(againMs));
  check(
    'and changes no row of any table',
    JSON.stringify(await checksumsOf(r)) === JSON.stringify(before),
    `${Object.keys(before).length} tables`,
  );
}

await globalSetup();
try {
  const r = await openRouting();
  try {
    await prove(r);
  } finally {
    await r.close();
  }
} finally {
  await globalTeardown();
}
console.log(broken === 0 ? 'every promise was kept' : `${broken} promises were broken`);
process.exitCode = broken === 0 ? 0 : 1;
