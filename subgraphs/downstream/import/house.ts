// What no order file says, made up from a fixed seed: an agency with its creators, a brand, and an audience for each creator. They hold
// the styles of the file. `origin: GENERATED`; the same on every hub.
import { toDerivedId } from '../../../subgraph-kit/import/derived-id.ts';
import { toNumber } from '../../../subgraph-kit/import/derived-number.ts';
import type { BrandRow, CreatorRow, McnRow, SegmentRow } from '../data/rows.ts';
import { writeBrands, writeCreators, writeMcns, writeSegments } from '../writes/parties.ts';
import type { Writer } from '../writes/writer.ts';

export const ONE_SIZE = 'ONE SIZE';
const SEED = 'orders-house-1';

const names = [
  'Ada Fairholm', 'Bea Lockhart', 'Cleo Marsh', 'Dot Winterley', 'Edie Calloway', 'Fern Ashdown', 'Greta Moss', 'Hattie Quill',
  'Iris Penhale', 'June Thackray', 'Kit Barrow', 'Lottie Sands', 'Maud Hartnell', 'Nell Oakes', 'Olive Trent', 'Peggy Lark',
  'Queenie Holt', 'Rosa Denby', 'Sylvie Crane', 'Tess Wilding', 'Una Birch', 'Vera Stanhope', 'Winnie Frost', 'Yara Fielding',
]; // prettier-ignore

const idOf = (prefix: string, what: string): string => toDerivedId(prefix, `${SEED} ${what}`);

export type Keeper = { readonly creatorId: string; readonly memberId: string; readonly segmentId: string; readonly name: string };

/** Those who hold the styles, in a fixed order. */
export const keepers: readonly Keeper[] = names.map((name) => ({
  name,
  creatorId: idOf('crt', `creator ${name}`),
  memberId: idOf('mbr', `member ${name}`),
  segmentId: idOf('seg', `segment ${name}`),
}));

/** Who holds a style: the same one for the same stock code, whichever file it comes from. */
export function keeperOf(stockCode: string): Keeper {
  const keeper = keepers[toNumber(`${SEED} keeper ${stockCode}`, keepers.length)];
  if (keeper === undefined) throw new RangeError('a number below the length of a list is a place in it');
  return keeper;
}

export const brandId = idOf('brd', 'brand');
const mcnId = idOf('mcn', 'agency');
const agencyMemberId = idOf('mbr', 'agency');

/** Enters the house when it is not there; the caller holds the lock of the import. */
export async function enterHouse(writer: Writer, now: Date): Promise<void> {
  if ((await writer.tx.mcn.findUnique({ where: { mcnId } })) !== null) return;
  const agency: McnRow = {
    mcnId,
    memberId: agencyMemberId,
    origin: 'GENERATED',
    name: 'Millrace Talent',
    takeRateBps: 1_500,
    changedAt: now,
  };
  await writeMcns(writer, [agency]);
  await writeCreators(
    writer,
    keepers.map((keeper) => toCreator(keeper, now)),
  );
  await writeSegments(
    writer,
    keepers.map((keeper) => ({ row: toSegment(keeper, now), sizeCurve: [{ size: ONE_SIZE, shareBps: 10_000 }] })),
  );
  const brand: BrandRow = {
    brandId,
    memberId: agencyMemberId,
    name: 'Millrace Goods',
    positioning: 'Cheerful things for the home that are made once they are wanted',
    promise: 'Sewn after you order, with you in two weeks',
    slogan: 'Made because you asked',
    changedAt: now,
  };
  await writeBrands(writer, [{ row: brand, segmentIds: keepers.map(({ segmentId }) => segmentId) }]);
}

const tiers = ['KOL', 'KOC', 'KOC', 'KOC', 'AMATEUR'] as const;

const toCreator = ({ creatorId, memberId, name }: Keeper, now: Date): CreatorRow => ({
  creatorId,
  memberId,
  origin: 'GENERATED',
  displayName: name,
  tier: tiers[toNumber(`${SEED} tier ${name}`, tiers.length)] ?? 'KOC',
  country: 'GB',
  mcnId,
  changedAt: now,
});

const toSegment = ({ segmentId, memberId, creatorId, name }: Keeper, now: Date): SegmentRow => ({
  segmentId,
  memberId,
  origin: 'GENERATED',
  creatorId,
  name: `Home and gift buyers of ${name}`,
  size: BigInt(2_000 + toNumber(`${SEED} size ${name}`, 48_000)),
  priceFromMinor: 50n,
  priceToMinor: 2_500n,
  priceCurrency: 'GBP',
  changedAt: now,
});
