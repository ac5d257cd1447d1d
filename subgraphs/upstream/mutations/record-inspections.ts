// recordInspections: the hub records results of inspected lots; the quality of the makers follows from them.
import { createId } from '../../../lib/ids.ts';
import { toBusinessDay } from '../../../lib/clock/clock.ts';
import { createBulkMutationKind } from '../../../subgraph-kit/bulk-mutation.ts';
import { checkNotFuture, checkRange } from '../../../subgraph-kit/checks.ts';
import type { MutationInput } from '../../../subgraph-kit/mutation.ts';
import { query, sql } from '../../../subgraph-kit/sql.ts';
import type { Tx } from '../data/client.ts';
import { makers, type MakerRow } from '../data/tables.ts';
import { writeInspections } from '../writes/inspections.ts';

const bulk = createBulkMutationKind<Tx>();

type InspectionInput = {
  readonly gln: string;
  readonly day: string;
  readonly pieces: number;
  readonly firstPassPieces: number;
  readonly rejected: boolean;
  readonly onTime: boolean;
};

type Input = MutationInput & { readonly inspections: readonly InspectionInput[] };
type Known = ReadonlyMap<string, MakerRow>;

const MOST = 1_000;
const PIECES_MOST = 10_000_000;

export const recordInspections = bulk<Input, InspectionInput, Known, MakerRow>({
  name: 'recordInspections',
  by: ['HUB'],
  answer: { field: 'makers', table: makers },
  items: (input) => input.inspections,
  path: 'inspections',
  most: MOST,
  check: (value, problems, { clock, settings }) => {
    checkNotFuture(problems, value.day, toBusinessDay(clock.now(), settings.timeZone), ['day']);
    checkRange(problems, value.pieces, ['pieces'], { from: 1, to: PIECES_MOST, unit: 'pieces' });
    checkRange(problems, value.firstPassPieces, ['firstPassPieces'], { from: 0, to: Math.max(0, value.pieces), unit: 'pieces' });
  },
  prepare: async ({ tx }, items) => {
    // in the order of the keys, so that two calls never wait for each other in a ring
    const rows = await query<MakerRow>(
      tx,
      sql`SELECT t.* FROM "Maker" t WHERE t."gln" = ANY(${items.map(({ value }) => value.gln)}::text[]) ORDER BY t."gln" FOR NO KEY UPDATE`,
    );
    return new Map(rows.map((row) => [row.gln, row]));
  },
  judge: (value, known, problems) => {
    if (!known.has(value.gln)) problems.add('NOT_FOUND', ['gln'], `no Maker has the key ${value.gln}`);
  },
  write: async (write) => {
    const { origin, known, context } = write;
    // the makers are known: `judge` has seen them
    const inspected = write.items.flatMap(({ value }) => {
      const maker = known.get(value.gln);
      return maker === undefined
        ? []
        : [{ maker, lot: { ...value, inspectionId: createId('ins', context.clock), memberId: maker.memberId, origin } }];
    });
    await writeInspections(
      write,
      inspected.map(({ lot }) => lot),
    );
    return inspected.map(({ maker }) => maker);
  },
});
