/** 200 random settlements through the mutations: nothing is lost, nothing appears, and a repeated call changes nothing. */
import { query, sql } from '../../../../subgraph-kit/sql.ts';
import { codes, faults, openRouting, type Routing } from './_kit.ts';
import { checksumsOf, isMade, liveThrough, repeatAll, type Call } from './_random.ts';

let r: Routing;
let calls: Call[];

beforeAll(async () => {
  r = await openRouting();
  calls = await liveThrough(r, { seed: 20_261_122, count: 200 });
}, 240_000);
afterAll(() => r.close());

describe('200 random settlements', () => {
  it('live through every state, and most are closed', async () => {
    const rows = await query<{ status: string; n: number }>(r.db, sql`SELECT "status", count(*)::int AS n FROM "Settlement" GROUP BY 1`);
    const counts = Object.fromEntries(rows.map(({ status, n }) => [status, n]));
    expect(counts['CLOSED']).toBeGreaterThan(100);
    expect(Object.values(counts).reduce((a, b) => a + b, 0)).toBe(200);
  });

  it('are refused only for reasons that can be', () => {
    const problems = calls.flatMap(({ answer }) => codes(answer));
    expect([...new Set(problems)].toSorted()).toEqual(['NOTHING_DUE', 'NO_EXCHANGE_RATE', 'OUT_OF_RANGE', 'WRONG_STATE']);
  });

  it('have splits that add up to the gross and a ledger that balances, each posting and each account', async () => {
    expect(await faults(r)).toEqual([]);
    const [entries] = await query<{ n: number }>(r.db, sql`SELECT count(*)::int AS n FROM "LedgerEntry"`);
    expect(entries?.n).toBeGreaterThan(2_000);
  });

  it('are told as they are: the last event of each settlement says its state and gross', async () => {
    const rows = await query(
      r.db,
      sql`SELECT s."settlementId" FROM "Settlement" s JOIN LATERAL (SELECT o."event" -> 'payload' AS p FROM "Outbox" o
            WHERE o."topic" = 'settlement.posted' AND o."event" -> 'payload' ->> 'settlementId' = s."settlementId" ORDER BY o."position" DESC LIMIT 1) e ON true
          WHERE e.p ->> 'status' <> s."status" OR (e.p -> 'gross' ->> 'amountMinor')::bigint <> (SELECT sum(x."amountMinor") FROM "Split" x WHERE x."settlementId" = s."settlementId")
            OR e.p ->> 'balanced' <> 'true'`,
    );
    expect(rows).toEqual([]);
  });

  it('stay as they are, to the last row, when every call is made again with its key', async () => {
    const before = await checksumsOf(r);
    const made = calls.filter(isMade);
    expect(made.length).toBeGreaterThan(600);
    expect(await repeatAll(r, made)).toEqual([]);
    expect(await checksumsOf(r)).toEqual(before);
  }, 120_000);
});
