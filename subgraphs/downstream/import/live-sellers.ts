// What the file of live sellers does not say, made up from the number of their page: who they are. `origin: GENERATED` for the creator,
// `IMPORTED` for the page, which is real; the same on every hub.
import { toDerivedId } from '../../../subgraph-kit/import/derived-id.ts';
import { toNumber } from '../../../subgraph-kit/import/derived-number.ts';
import type { CreatorRow, SourceRow } from '../data/rows.ts';
import { writeCreators } from '../writes/parties.ts';
import { writeSources } from '../writes/traffic.ts';
import type { Writer } from '../writes/writer.ts';

const SEED = 'live-sellers-1';

const names = [
  'Anong', 'Boonsri', 'Chailai', 'Dara', 'Fai', 'Ging', 'Hansa', 'Intira', 'Jintana', 'Kanya', 'Lawan', 'Malee',
  'Nisa', 'Orathai', 'Ploy', 'Ratana', 'Suda', 'Tida', 'Ubon', 'Wanida', 'Yada', 'Benja', 'Kwan', 'Prapa',
]; // prettier-ignore
const tiers = ['KOL', 'KOC', 'KOC', 'KOC', 'AMATEUR'] as const;

const choose = <T>(list: readonly T[], what: string): T => {
  const found = list[toNumber(`${SEED} ${what}`, list.length)];
  if (found === undefined) throw new RangeError('a number below the length of a list is a place in it');
  return found;
};

/** The page as a source of traffic, the same whichever file it comes from. */
export function toSource(page: string, now: Date): SourceRow {
  return {
    sourceId: toDerivedId('src', `${SEED} page ${page}`),
    memberId: toDerivedId('mbr', `${SEED} member ${page}`),
    origin: 'IMPORTED',
    creatorId: toDerivedId('crt', `${SEED} creator ${page}`),
    platform: 'FACEBOOK',
    handle: page,
    domain: 'PUBLIC',
    changedAt: now,
  };
}

const toCreator = ({ creatorId, memberId, handle }: SourceRow, now: Date): CreatorRow => ({
  creatorId,
  memberId,
  origin: 'GENERATED',
  displayName: `${choose(names, `name ${handle}`)} live ${handle.slice(-4)}`,
  tier: choose(tiers, `tier ${handle}`),
  country: 'TH',
  mcnId: null,
  changedAt: now,
});

/** Enters the pages that are not there yet, each with its creator; gives all of them by their numbers. The caller holds the lock of the import. */
export async function enterPages(writer: Writer, pages: readonly string[], now: Date): Promise<ReadonlyMap<string, SourceRow>> {
  const wanted = [...new Set(pages)].map((page) => toSource(page, now));
  const known = await writer.tx.trafficSource.findMany({ where: { sourceId: { in: wanted.map(({ sourceId }) => sourceId) } } });
  const byPage = new Map(known.map((source) => [source.handle, source]));
  const fresh = wanted.filter(({ handle }) => !byPage.has(handle));
  await writeCreators(
    writer,
    fresh.map((source) => toCreator(source, now)),
  );
  await writeSources(writer, fresh);
  for (const source of fresh) byPage.set(source.handle, source);
  return byPage;
}
