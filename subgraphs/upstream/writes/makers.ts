// Writes makers with what they can do and their terms: one at a time for a mutation, hundreds at a time for an import.
import type { Emit } from '../../../subgraph-kit/outbox.ts';
import { execute, sql } from '../../../subgraph-kit/sql.ts';
import type { Tx } from '../data/client.ts';
import type { MakerRow } from '../data/tables.ts';

/** The transaction of a change, as mutations and imports have it. */
export type Change = { readonly tx: Tx; readonly emit: Emit; readonly now: Date };

export type CapabilityInput = { readonly tag: string; readonly stage: string; readonly evidence?: string | null };

export type TermInput = {
  readonly category?: string | null;
  readonly moq: number;
  readonly acceptsShortLots: boolean;
  readonly leadTimeDays: number;
  /** Decimal text, major units of `currency`. */
  readonly minutePrice: string;
  readonly currency: string;
  readonly setupCost: { readonly amountMinor: number; readonly currency: string };
};

export type NewMaker = Omit<MakerRow, 'changedAt'> & {
  readonly capabilities: readonly CapabilityInput[];
  readonly terms: readonly TermInput[];
};

type Lists = { readonly gln: string; readonly capabilities: readonly CapabilityInput[]; readonly terms: readonly TermInput[] };

/**
 * Enters makers and notes one `maker.changed` for each. Left out are those whose GLN or source is there already; the rows that were
 * written come back. A constant number of statements.
 */
export async function writeMakers(change: Change, makers: readonly NewMaker[]): Promise<MakerRow[]> {
  const data = makers.map(({ capabilities: _capabilities, terms: _terms, ...row }) => ({ ...row, changedAt: change.now }));
  const written = await change.tx.maker.createManyAndReturn({ data, skipDuplicates: true });
  // with the same GLN twice in the list only the first one went in
  const lists = new Map(makers.toReversed().map((maker) => [maker.gln, maker]));
  const fresh = written.flatMap(({ gln }) => lists.get(gln) ?? []);
  await writeCapabilities(change.tx, fresh);
  await writeTerms(change.tx, fresh);
  for (const row of written) change.emit('maker.changed', row);
  // the columns of status are written by this file and mutations only, which take the words of the SDL
  return written as MakerRow[];
}

/** Puts new capabilities in the place of the old ones. */
export async function replaceCapabilities(tx: Tx, gln: string, capabilities: readonly CapabilityInput[]): Promise<void> {
  await tx.capability.deleteMany({ where: { gln } });
  await writeCapabilities(tx, [{ gln, capabilities, terms: [] }]);
}

/** Puts new terms in the place of the old ones. */
export async function replaceTerms(tx: Tx, gln: string, terms: readonly TermInput[]): Promise<void> {
  await tx.makerTerm.deleteMany({ where: { gln } });
  await writeTerms(tx, [{ gln, capabilities: [], terms }]);
}

// One statement with arrays, however many rows: a statement with a parameter for each value would have to be split and is slow to prepare.
async function writeCapabilities(tx: Tx, makers: readonly Lists[]): Promise<void> {
  const rows = makers.flatMap(({ gln, capabilities }) => capabilities.map((capability, position) => ({ ...capability, gln, position })));
  if (rows.length === 0) return;
  await execute(
    tx,
    sql`INSERT INTO "Capability" ("gln", "position", "tag", "stage", "evidence")
        SELECT * FROM unnest(${rows.map((row) => row.gln)}::text[], ${rows.map((row) => row.position)}::int[], ${rows.map((row) => row.tag)}::text[],
          ${rows.map((row) => row.stage)}::text[], ${rows.map((row) => row.evidence?.trim() ?? null)}::text[])`,
  );
}

async function writeTerms(tx: Tx, makers: readonly Lists[]): Promise<void> {
  const rows = makers.flatMap(({ gln, terms }) => terms.map((term, position) => ({ ...term, gln, position })));
  if (rows.length === 0) return;
  const column = <K extends keyof (typeof rows)[number]>(name: K) => rows.map((row) => row[name] ?? null);
  await execute(
    tx,
    sql`INSERT INTO "MakerTerm" ("gln", "position", "category", "moq", "acceptsShortLots", "leadTimeDays", "minutePrice", "currency", "setupCostMinor")
        SELECT * FROM unnest(${column('gln')}::text[], ${column('position')}::int[], ${column('category')}::text[], ${column('moq')}::int[],
          ${column('acceptsShortLots')}::boolean[], ${column('leadTimeDays')}::int[], ${column('minutePrice')}::text[]::numeric[],
          ${column('currency')}::text[], ${rows.map((row) => row.setupCost.amountMinor)}::bigint[])`,
  );
}
