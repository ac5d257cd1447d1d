// Who pays or is paid: found among the parties that are known here.
import type { Write } from '../../../subgraph-kit/mutation.ts';
import { query, sql, type SqlRunner } from '../../../subgraph-kit/sql.ts';
import type { Tx } from '../data/client.ts';
import type { Payee } from '../money/waterfall.ts';

export const PARTY_FIELDS = ['makerGln', 'distributorGln', 'creatorId', 'mcnId', 'memberId'] as const;
export type PartyInput = Readonly<Partial<Record<(typeof PARTY_FIELDS)[number], string | null>>>;

/** The party with the member that owns it; null when it is not known here. A distributor is known by its first job. */
export async function findParty(tx: SqlRunner, party: PartyInput): Promise<Payee | null> {
  const id = (field: keyof PartyInput): string | null => party[field] ?? null;
  const [row] = await query<Payee>(
    tx,
    sql`SELECT 'MAKER' AS "kind", t."gln" AS "id", t."memberId" FROM "MakerCopy" t WHERE t."gln" = ${id('makerGln')}
        UNION ALL SELECT 'CREATOR', t."creatorId", t."memberId" FROM "CreatorCopy" t WHERE t."creatorId" = ${id('creatorId')}
        UNION ALL SELECT 'MCN', t."mcnId", t."memberId" FROM "McnCopy" t WHERE t."mcnId" = ${id('mcnId')}
        UNION ALL SELECT 'MEMBER', t."memberId", t."memberId" FROM "Member" t WHERE t."memberId" = ${id('memberId')}
        UNION ALL (SELECT 'DISTRIBUTOR', t."distributorGln", t."distributorMemberId" FROM "Allocation" t
          WHERE t."distributorGln" = ${id('distributorGln')} AND t."distributorMemberId" IS NOT NULL LIMIT 1)
        LIMIT 1`,
  );
  return row ?? null;
}

/** Why an open settlement was not found. */
export async function explainMissing(
  tx: SqlRunner,
  settlementId: string,
): Promise<Parameters<Write<Tx, { idempotencyKey: string }>['refuse']>> {
  const [row] = await query(tx, sql`SELECT 1 FROM "Settlement" t WHERE t."settlementId" = ${settlementId}`);
  return row === undefined
    ? ['NOT_FOUND', ['settlementId'], `no Settlement has the key ${settlementId}`]
    : ['WRONG_STATE', ['settlementId'], 'the settlement is CLOSED; it takes no more payments'];
}
