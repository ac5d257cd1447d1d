// The input of a run as one text: keys sorted, lists in a fixed order. The same industry has the same text, in whatever order it was read;
// the text is what is hashed, stored and solved.
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { execute, query, sql, type SqlRunner } from '../../../subgraph-kit/sql.ts';
import { STAGES } from '../model/constants.ts';
import type { InputLine, InputMaker, RoutingInput } from '../model/types.ts';

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

// Equal keys are told apart by all that the item holds.
const sortBy = <T>(items: readonly T[], keyOf: (item: T) => readonly (string | number | null)[]): T[] =>
  items
    .map((item) => ({ item, key: JSON.stringify(keyOf(item)), text: () => print(item) }))
    .toSorted((a, b) => compare(a.key, b.key) || compare(a.text(), b.text()))
    .map(({ item }) => item);

const sortTexts = (texts: readonly string[]): string[] => texts.toSorted(compare);

const print = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => compare(a, b)))
      : inner,
  );

const toCanonicalLine = (line: InputLine): InputLine => ({
  ...line,
  requiredCapabilities: sortTexts(line.requiredCapabilities),
  requiredCertificates: sortTexts(line.requiredCertificates),
  work: sortBy(line.work, ({ stage }) => [STAGES.indexOf(stage)]).map((work) => ({ ...work, tags: sortTexts(work.tags) })),
  declinedBy: sortTexts(line.declinedBy),
  bids: sortBy(line.bids, ({ id }) => [id]),
});

const toCanonicalMaker = (maker: InputMaker): InputMaker => ({
  ...maker,
  capabilities: sortTexts(maker.capabilities),
  certificates: sortTexts(maker.certificates),
  terms: sortBy(maker.terms, ({ category }) => [category]),
});

/** The input as text; equal for inputs that differ in the order of lists only. */
export function toCanonicalText(input: RoutingInput): string {
  return print({
    ...input,
    lines: sortBy(input.lines.map(toCanonicalLine), ({ id }) => [id]),
    makers: sortBy(input.makers.map(toCanonicalMaker), ({ gln }) => [gln]),
    buckets: sortBy(input.buckets, ({ gln, day, stage, id }) => [gln, day, STAGES.indexOf(stage), id]),
    lanes: sortBy(input.lanes, ({ origin, destination }) => [origin, destination]),
  });
}

export const hashText = (text: string): string => createHash('sha256').update(text).digest('hex');

/** SHA-256 of the canonical text. */
export const hashInput = (input: RoutingInput): string => hashText(toCanonicalText(input));

/** Keeps the text, once however many runs share it. */
export async function storeInput(db: SqlRunner, text: string, now: Date): Promise<string> {
  const inputHash = hashText(text);
  const packed = await promisify(gzip)(text);
  await execute(
    db,
    sql`INSERT INTO "RunInput" ("inputHash", "input", "storedAt") VALUES (${inputHash}, ${packed}, ${now}::timestamptz) ON CONFLICT DO NOTHING`,
  );
  return inputHash;
}

/** The text as it was stored; null when it is not kept. */
export async function readStoredText(db: SqlRunner, inputHash: string): Promise<string | null> {
  const [row] = await query<{ input: Uint8Array }>(db, sql`SELECT "input" FROM "RunInput" WHERE "inputHash" = ${inputHash}`);
  return row === undefined ? null : (await promisify(gunzip)(row.input)).toString('utf8');
}
