// The format `facilities`: rows of a public list of facilities become makers, each of a member of its own, with events as if the members
// had entered them. docs/data.md says what is read and what is made up.
import { toBusinessDay } from '../../../lib/clock/clock.ts';
import { toDerivedId } from '../../../subgraph-kit/import/derived-id.ts';
import type { ImportChange, ImportFormat, ImportRow } from '../../../subgraph-kit/import/format.ts';
import type { Tx } from '../data/client.ts';
import { makerStates } from '../words.ts';
import { writeBuckets } from '../writes/buckets.ts';
import { writeMakers, type NewMaker } from '../writes/makers.ts';
import { findDemoGlns } from './demo-glns.ts';
import { columns, parseFacility, type FacilityRow } from './facility-row.ts';
import { makeCapabilities, makeOffers, makeTerms } from './made-up.ts';

/** Buckets in one statement: what a batch of facilities needs at once stays small. */
const BUCKETS_AT_ONCE = 500;

export const facilitiesFormat: ImportFormat<Tx, FacilityRow> = {
  name: 'facilities',
  columns,
  // a facility brings some seventy rows of capacity
  rowsAtOnce: 10,
  topics: ['maker.changed', 'capacity.published'],
  parse: parseFacility,
  write: async (change, rows) => {
    const fresh = await withoutKnown(change, rows);
    const glns = await findDemoGlns(
      change.tx,
      fresh.map((row) => identityOf(change, row)),
    );
    const makers = fresh.map((row, i) => toMaker(change, row, glns[i] ?? ''));
    const written = await writeMakers(change, makers);
    const entered = new Set(written.map(({ gln }) => gln));
    const today = toBusinessDay(change.now, change.settings.timeZone);
    const offers = makers.flatMap(({ sourceKey, gln, memberId, country, capabilities }) =>
      sourceKey !== null && entered.has(gln) ? makeOffers({ gln, memberId, country, identity: sourceKey }, capabilities, today) : [],
    );
    for (let start = 0; start < offers.length; start += BUCKETS_AT_ONCE)
      await writeBuckets(change, offers.slice(start, start + BUCKETS_AT_ONCE));
    return written.length;
  },
};

const identityOf = ({ fileHash }: ImportChange<Tx>, { rowNumber }: ImportRow<FacilityRow>): string => `${fileHash} ${rowNumber}`;

async function withoutKnown(change: ImportChange<Tx>, rows: readonly ImportRow<FacilityRow>[]): Promise<ImportRow<FacilityRow>[]> {
  const sourceKeys = rows.map((row) => identityOf(change, row));
  const known = await change.tx.maker.findMany({ where: { sourceKey: { in: sourceKeys } }, select: { sourceKey: true } });
  const there = new Set(known.map((row) => row.sourceKey));
  return rows.filter((row) => !there.has(identityOf(change, row)));
}

function toMaker(change: ImportChange<Tx>, source: ImportRow<FacilityRow>, gln: string): NewMaker {
  const identity = identityOf(change, source);
  return {
    ...source.row,
    gln,
    memberId: toDerivedId('mbr', identity),
    origin: 'IMPORTED',
    sourceKey: identity,
    status: makerStates.initial,
    osId: null,
    province: null,
    county: null,
    unlocode: null,
    supplierGroup: null,
    lineWorkers: null,
    capabilities: makeCapabilities(identity),
    terms: makeTerms(identity, change.settings.currency),
  };
}
