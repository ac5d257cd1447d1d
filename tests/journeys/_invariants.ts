/** What holds over the rows of all four subgraphs once every event is applied, said in plain SQL: each query names rows that break it. */
import pg from 'pg';
import { deriveStatus, findMoves, type AllocationFacts } from '../../subgraphs/downstream/standing.ts';
import type { TestHub } from '../_kit/hub.ts';

const LIVE = `('OFFERED', 'COUNTERED', 'ACCEPTED', 'FROZEN', 'COMPLETED')`;
const FIRM = `('ACCEPTED', 'FROZEN', 'COMPLETED')`;
const GROSS = `coalesce((SELECT sum(CASE f.direction WHEN 'IN' THEN f."amountMinor" ELSE -f."amountMinor" END)
  FROM routing."CashFlow" f WHERE f."settlementId" = s."settlementId" AND f.at IS NOT NULL AND f.part IS NULL), 0)`;

/** Names what must be empty. */
const broken: Readonly<Record<string, string>> = {
  'minutes of a bucket are those of the allocations that take them': `
    SELECT b."bucketId", b."heldMinutes", b."committedMinutes", w.held, w.committed FROM upstream."CapacityBucket" b
    LEFT JOIN (SELECT t."bucketId", sum(t.minutes) FILTER (WHERE a.status IN ('OFFERED', 'COUNTERED')) AS held,
        sum(t.minutes) FILTER (WHERE a.status IN ${FIRM}) AS committed
      FROM routing."AllocationSlot" t JOIN routing."Allocation" a USING ("allocationId") GROUP BY 1) w USING ("bucketId")
    WHERE b."heldMinutes" <> coalesce(w.held, 0) OR b."committedMinutes" <> coalesce(w.committed, 0)`,
  'figures of capacity are those of its buckets': `
    SELECT b."bucketId" FROM upstream."CapacityBucket" b LEFT JOIN routing."CapacityFact" f USING ("bucketId")
    WHERE (b."actualMinutes", b."heldMinutes", b."committedMinutes") IS DISTINCT FROM (f."actualMinutes", f."heldMinutes", f."committedMinutes")`,
  'an accepted allocation has one lot of its pieces': `
    SELECT a."allocationId", count(l.*) FROM routing."Allocation" a LEFT JOIN upstream."ProductionLot" l
      ON l."allocationId" = a."allocationId" AND l."plannedQty" = a.quantity WHERE a.status IN ${FIRM} GROUP BY 1 HAVING count(l.*) <> 1`,
  'a lot belongs to an allocation that was accepted, and waits only while it is': `
    SELECT l."lotId", a.status FROM upstream."ProductionLot" l LEFT JOIN routing."Allocation" a USING ("allocationId")
    WHERE a.status IS NULL OR a.status NOT IN ('ACCEPTED', 'FROZEN', 'COMPLETED', 'SUPERSEDED')
      OR (a.status = 'SUPERSEDED' AND l.status IN ('PLANNED', 'RELEASED'))`,
  'work that began is frozen': `
    SELECT l."lotId", a.status FROM upstream."ProductionLot" l JOIN routing."Allocation" a USING ("allocationId")
    WHERE l.status NOT IN ('PLANNED', 'SCRAPPED') AND a.status = 'ACCEPTED'`,
  'copies of allocations are as routing has them': `
    SELECT a."allocationId" FROM routing."Allocation" a LEFT JOIN downstream."AllocationCopy" d USING ("allocationId")
      LEFT JOIN upstream."AllocationCopy" u USING ("allocationId") LEFT JOIN midstream."AllocationCopy" m USING ("allocationId")
    WHERE a."answerBy" IS NOT NULL AND ((a.status, a.quantity) IS DISTINCT FROM (d.status::text, d.quantity)
      OR (a.status, a.quantity) IS DISTINCT FROM (u.status, u.quantity) OR (a.status, a.quantity) IS DISTINCT FROM (m.status, m.quantity))`,
  'copies of demand are as downstream has it': `
    SELECT l."demandLineId" FROM downstream."DemandLine" l LEFT JOIN routing."DemandCopy" r USING ("demandLineId")
      LEFT JOIN upstream."DemandCopy" u USING ("demandLineId")
    WHERE (l.status::text, l.quantity) IS DISTINCT FROM (r.status, r.quantity) OR (l.status::text, l.quantity) IS DISTINCT FROM (u.status, u.quantity)`,
  'copies of lots are as upstream has them': `
    SELECT l."lotId", l.status, d."lotStatus" FROM upstream."ProductionLot" l LEFT JOIN routing."LotFact" r USING ("lotId")
      LEFT JOIN midstream."LotCopy" m USING ("lotId") LEFT JOIN downstream."AllocationCopy" d ON d."allocationId" = l."allocationId"
    WHERE (l.status, l."goodQty") IS DISTINCT FROM (r.status, r."goodQty") OR (l.status <> 'PLANNED' AND (l.status, l."goodQty") IS DISTINCT FROM (m.status, m."goodQty"))
      OR (l.status IN ('RELEASED', 'IN_PROGRESS', 'ON_HOLD', 'COMPLETED') AND (l.status, l."goodQty") IS DISTINCT FROM (d."lotStatus"::text, d."lotGoodQty"))`,
  'no line has more pieces with makers than it asks for': `
    SELECT l."demandLineId", l.quantity, sum(a.quantity) AS placed FROM downstream."DemandLine" l JOIN routing."Allocation" a USING ("demandLineId")
    WHERE a.status IN ${LIVE} GROUP BY 1, 2 HAVING sum(a.quantity) > l.quantity`,
  'what serves a withdrawn line is what was frozen before': `
    SELECT a."allocationId", a.status FROM routing."Allocation" a JOIN downstream."DemandLine" l USING ("demandLineId")
    WHERE l.status = 'CANCELLED' AND a.status IN ('PROPOSED', 'OFFERED', 'COUNTERED', 'ACCEPTED')`,
  'received pieces are those of the receipts': `
    SELECT a."allocationId" FROM routing."Allocation" a LEFT JOIN (SELECT s."allocationId", sum(l.good) AS good, sum(l.damaged) AS damaged
      FROM midstream."Shipment" s JOIN midstream."ReceiptLine" l USING (gsin) GROUP BY 1) w USING ("allocationId")
    WHERE (a."receivedGood", a."receivedDamaged") IS DISTINCT FROM (coalesce(w.good, 0)::int, coalesce(w.damaged, 0)::int)`,
  'what has arrived whole is complete': `
    SELECT a."allocationId", a.status FROM routing."Allocation" a LEFT JOIN upstream."ProductionLot" l USING ("allocationId")
    WHERE a.status IN ('ACCEPTED', 'FROZEN') AND a."receivedGood" + a."receivedDamaged" > 0 AND a."receivedGood" + a."receivedDamaged" >= CASE
      WHEN l.status IN ('COMPLETED', 'CLOSED') THEN least(a.quantity, l."goodQty") ELSE a.quantity END`,
  'the history of an allocation is a chain that ends in what it is': `
    SELECT "allocationId" FROM (SELECT p.*, lag(p."toStatus") OVER w AS before, lead(p."toStatus") OVER w AS after
      FROM routing."PlanChange" p WINDOW w AS (PARTITION BY p."allocationId" ORDER BY p.position)) p
      JOIN routing."Allocation" a USING ("allocationId")
    WHERE p."fromStatus" IS DISTINCT FROM p.before OR (p.after IS NULL AND (p."toStatus", p."toQuantity") IS DISTINCT FROM (a.status, a.quantity))`,
  'splits add up to what buyers paid': `
    SELECT s."settlementId", s.status, w.total, ${GROSS} AS gross FROM routing."Settlement" s
      LEFT JOIN (SELECT "settlementId", sum("amountMinor") AS total FROM routing."Split" GROUP BY 1) w USING ("settlementId")
    WHERE coalesce(w.total, 0) <> ${GROSS}`,
  'no split is below zero, or paid out beyond what it is': `
    SELECT * FROM routing."Split" WHERE "amountMinor" < 0 OR "releasedMinor" < 0 OR "releasedMinor" > "amountMinor"`,
  'payments are what was paid out of splits, each once': `
    SELECT * FROM (SELECT "settlementId", "payeeId", sum("releasedMinor") AS released FROM routing."Split" GROUP BY 1, 2) s
    FULL JOIN (SELECT "settlementId", "partyId" AS "payeeId", sum("amountMinor") AS paid FROM routing."CashFlow"
      WHERE at IS NOT NULL AND part IS NOT NULL GROUP BY 1, 2) f USING ("settlementId", "payeeId")
    WHERE coalesce(s.released, 0) <> coalesce(f.paid, 0)`,
  'postings add up to zero': `SELECT "postingId" FROM routing."LedgerEntry" GROUP BY 1 HAVING sum("amountMinor") <> 0`,
  'the pool holds what came in and did not go out': `
    SELECT s."settlementId" FROM routing."Settlement" s WHERE ${GROSS} - (SELECT coalesce(sum(x."releasedMinor"), 0) FROM routing."Split" x
        WHERE x."settlementId" = s."settlementId") <> (SELECT coalesce(sum(e."amountMinor"), 0) FROM routing."LedgerEntry" e
        WHERE e."settlementId" = s."settlementId" AND e.account = 'POOL')`,
  'what payees are owed stands in their accounts': `
    SELECT * FROM (SELECT "settlementId", 'PAYABLE:' || basis || ':' || "payeeId" AS account, sum("amountMinor" - "releasedMinor") AS owed
      FROM routing."Split" GROUP BY 1, 2) s FULL JOIN (SELECT "settlementId", account, -sum("amountMinor") AS booked FROM routing."LedgerEntry"
      WHERE account LIKE 'PAYABLE:%' GROUP BY 1, 2) e USING ("settlementId", account) WHERE coalesce(s.owed, 0) <> coalesce(e.booked, 0)`,
  'buyers have paid what they were asked for': `
    SELECT "settlementId" FROM routing."LedgerEntry" WHERE account = 'BUYERS' GROUP BY 1 HAVING sum("amountMinor") <> 0`,
  'live allocations stand in the settlement of their campaign or line': `
    SELECT a."allocationId" FROM routing."Allocation" a LEFT JOIN routing."Settlement" s USING ("settlementId")
    WHERE a.status IN ${LIVE} AND coalesce(s."campaignId", s."demandLineId") IS DISTINCT FROM coalesce(a."campaignId", a."demandLineId")`,
};

/** Every invariant that is broken, with the first rows that break it. */
export async function findBroken(hub: TestHub): Promise<Record<string, unknown>> {
  const client = new pg.Client({ connectionString: hub.database.url });
  await client.connect();
  try {
    const found: Record<string, unknown> = {};
    for (const [name, text] of Object.entries(broken)) {
      const { rows } = await client.query(text);
      if (rows.length > 0) found[name] = rows.slice(0, 3);
    }
    const lines = await findMisplaced(client);
    if (lines.length > 0) found['a line stands where its allocations say'] = lines.slice(0, 3);
    return found;
  } finally {
    await client.end();
  }
}

// The rule of states is downstream's own, the facts are those of the subgraphs that own them; that a lot was given up is not told to it.
async function findMisplaced(client: pg.Client): Promise<unknown[]> {
  const { rows } = await client.query(`
    SELECT l."demandLineId", l.status::text AS status, l.quantity, coalesce(d.outcome = 'REFUSED', false) AS refused, (
      SELECT coalesce(json_agg(json_build_object('quantity', a.quantity, 'status', a.status,
        'lotStatus', CASE p.status WHEN 'SCRAPPED' THEN d."lotStatus"::text ELSE p.status END, 'lotGoodQty', p."goodQty",
        'shipped', (SELECT sum(c.quantity) FROM midstream."Shipment" s JOIN midstream."UnitContent" c USING (gsin) WHERE s."allocationId" = a."allocationId"),
        'received', (SELECT sum(r.good + r.damaged) FROM midstream."Shipment" s JOIN midstream."ReceiptLine" r USING (gsin)
          WHERE s."allocationId" = a."allocationId"))), '[]')
      FROM routing."Allocation" a LEFT JOIN upstream."ProductionLot" p USING ("allocationId")
        LEFT JOIN downstream."AllocationCopy" d USING ("allocationId")
      WHERE a."demandLineId" = l."demandLineId" AND a."answerBy" IS NOT NULL) AS allocations
    FROM downstream."DemandLine" l LEFT JOIN downstream."DecisionCopy" d USING ("demandLineId")`);
  return rows.filter((row: { status: any; quantity: number; refused: boolean; allocations: AllocationFacts[] }) => {
    const wanted = deriveStatus(row.quantity, row);
    return wanted !== row.status && findMoves(row.status, wanted).length > 0;
  });
}
