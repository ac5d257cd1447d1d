// Questions about the plan that are no row and no list: each is read for all keys of a request at once.
import type { SubgraphContext } from '../../../subgraph-kit/context.ts';
import type { Batch } from '../../../subgraph-kit/loaders.ts';
import { isHub, isVisitor } from '../../../subgraph-kit/principal.ts';
import { query, sql } from '../../../subgraph-kit/sql.ts';
import { ownerFence } from '../../../subgraph-kit/table.ts';
import { decisions, type DecisionRow, type PriceRow } from '../data/tables.ts';
import { AT_WORK, LIVE } from '../state-machines.ts';

type Context = SubgraphContext;

const inOrder = <Row, Value>(
  keys: readonly string[],
  rows: readonly Row[],
  read: { readonly key: (row: Row) => string; readonly value: (row: Row) => Value },
): (Value | null)[] => {
  const byKey = new Map(rows.map((row) => [read.key(row), read.value(row)]));
  return keys.map((key) => byKey.get(key) ?? null);
};

/** The latest decision about a demand line that the viewer may see. */
export const latestDecision: Batch<string, DecisionRow | null, Context> = {
  name: 'latestDecision',
  load: async (lines, { db, principal }) => {
    const rows = await query<DecisionRow>(
      db,
      sql`SELECT DISTINCT ON (t."demandLineId") t.* FROM "Decision" t WHERE t."demandLineId" = ANY(${lines}::text[]) AND ${decisions.fence(principal)}
          ORDER BY t."demandLineId", t."decidedAt" DESC, t."decisionId" DESC`,
    );
    return inOrder(lines, rows, { key: ({ demandLineId }) => demandLineId, value: (row) => row });
  },
};

// How much of a line waits is known to its owner.
const lineFence = ownerFence({ owner: 'demandMemberId' });

/** Pieces of a demand line that no maker has; null before a plan was committed that decided about it. */
export const unservedPieces: Batch<string, number | null, Context> = {
  name: 'unservedPieces',
  load: async (lines, { db, principal }) => {
    const rows = await query<{ demandLineId: string; pieces: number }>(
      db,
      sql`SELECT t."demandLineId", greatest(0, coalesce((SELECT c."quantity" FROM "DemandCopy" c WHERE c."demandLineId" = t."demandLineId"), t."wanted")
            - coalesce((SELECT sum(a."quantity") FROM "Allocation" a WHERE a."demandLineId" = t."demandLineId" AND a."status" = ANY(${[...LIVE]}::text[])), 0)
          )::int AS "pieces"
          FROM (SELECT DISTINCT ON (d."demandLineId") d.* FROM "Decision" d JOIN "Run" r ON r."runId" = d."runId" AND r."committedAt" IS NOT NULL
            WHERE d."demandLineId" = ANY(${lines}::text[]) ORDER BY d."demandLineId", d."decidedAt" DESC, d."decisionId" DESC) t
          WHERE ${lineFence(principal)}`,
    );
    return inOrder(lines, rows, { key: ({ demandLineId }) => demandLineId, value: ({ pieces }) => pieces });
  },
};

/** A maker's share of all minutes that are planned and not yet done, basis points; null for its competitors. */
export const loadShare: Batch<string, number | null, Context> = {
  name: 'loadShare',
  load: async (glns, { db, principal }) => {
    const mayKnow =
      isHub(principal) || isVisitor(principal)
        ? sql`true`
        : sql`EXISTS (SELECT FROM "MakerCopy" m WHERE m."gln" = w."gln" AND m."memberId" = ${principal.memberId})`;
    const rows = await query<{ gln: string; shareBps: number }>(
      db,
      sql`WITH loads AS MATERIALIZED (SELECT a."gln", sum(s."minutes") AS "minutes" FROM "Allocation" a
            JOIN "AllocationSlot" s ON s."allocationId" = a."allocationId" WHERE a."status" = ANY(${[...AT_WORK]}::text[]) GROUP BY a."gln")
          SELECT w."gln", coalesce(round(10000 * l."minutes" / nullif((SELECT sum("minutes") FROM loads), 0)), 0)::int AS "shareBps"
          FROM unnest(${glns}::text[]) AS w("gln") LEFT JOIN loads l ON l."gln" = w."gln" WHERE ${mayKnow}`,
    );
    return inOrder(glns, rows, { key: ({ gln }) => gln, value: ({ shareBps }) => shareBps });
  },
};

/** The price of a bucket by the committed plan; null when it is not scarce. */
export const priceOfBucket: Batch<string, PriceRow | null, Context> = {
  name: 'priceOfBucket',
  load: async (buckets, { db }) => {
    const rows = await query<PriceRow>(
      db,
      sql`SELECT t.* FROM "ShadowPrice" t WHERE t."bucketId" = ANY(${buckets}::text[]) AND t."current" AND t."price" > 0`,
    );
    return inOrder(buckets, rows, { key: ({ bucketId }) => bucketId ?? '', value: (row) => row });
  },
};

/** True while what the run read is kept. */
export const isInputKept: Batch<string, boolean, Context> = {
  name: 'isInputKept',
  load: async (hashes, { db }) => {
    const rows = await query<{ inputHash: string }>(
      db,
      sql`SELECT t."inputHash" FROM "RunInput" t WHERE t."inputHash" = ANY(${hashes}::text[])`,
    );
    const kept = new Set(rows.map(({ inputHash }) => inputHash));
    return hashes.map((hash) => kept.has(hash));
  },
};

/** Name of the style of a demand line, as a run read it. */
export const styleNameOfLine: Batch<string, string | null, Context> = {
  name: 'styleNameOfLine',
  load: async (lines, { db }) => {
    const rows = await query<{ demandLineId: string; styleName: string }>(
      db,
      sql`SELECT DISTINCT ON (t."demandLineId") t."demandLineId", t."facts"->>'styleName' AS "styleName" FROM "Decision" t
          WHERE t."demandLineId" = ANY(${lines}::text[]) ORDER BY t."demandLineId", t."decidedAt" DESC`,
    );
    return inOrder(lines, rows, { key: ({ demandLineId }) => demandLineId, value: ({ styleName }) => styleName });
  },
};
