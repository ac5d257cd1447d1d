// Demo GLNs for rows of files, which have none of their own.
import { toDemoGln } from '../../../subgraph-kit/gs1.ts';
import { execute, sql } from '../../../subgraph-kit/sql.ts';
import type { Tx } from '../data/client.ts';

// Of a thousand million demo GLNs a row finds a free one among its first few.
const SALTS = 5;

/** A free demo GLN for each identity, always the same; a salt makes the next one where another facility has it. Two statements. */
export async function findDemoGlns(tx: Tx, identities: readonly string[]): Promise<string[]> {
  // two imports at once must not choose the same free GLN
  await execute(tx, sql`SELECT pg_advisory_xact_lock(hashtext('upstream.import.glns'))`);
  const choices = identities.map((identity) =>
    Array.from({ length: SALTS }, (_, salt) => toDemoGln(salt === 0 ? identity : `${identity} ${salt}`)),
  );
  const known = await tx.maker.findMany({ where: { gln: { in: choices.flat() } }, select: { gln: true } });
  const taken = new Set(known.map(({ gln }) => gln));
  return choices.map((wanted, i) => {
    const gln = wanted.find((one) => !taken.has(one));
    if (gln === undefined) throw new Error(`no free demo GLN for ${identities[i] ?? i} among ${wanted.join(', ')}`);
    taken.add(gln);
    return gln;
  });
}
