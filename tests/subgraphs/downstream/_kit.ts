/** A downstream with a creator, her brand, segment, styles and campaign, for its tests. */
import { openClient, type Tx } from '../../../subgraphs/downstream/data/client.ts';
import { downstream } from '../../../subgraphs/downstream/downstream.ts';
import { runChange } from '../../../subgraph-kit/change.ts';
import { toDemoGmn, withCheckDigit } from '../../../subgraph-kit/gs1.ts';
import { originOf } from '../../../subgraph-kit/principal.ts';
import { writeCampaigns } from '../../../subgraphs/downstream/writes/campaigns.ts';
import { writeBrands, writeCreators, writeSegments } from '../../../subgraphs/downstream/writes/parties.ts';
import { writeStyles } from '../../../subgraphs/downstream/writes/styles.ts';
import type { Principal } from '../../../lib/identity/principal.ts';
import { member, openTestSubgraph, type TestSubgraph } from '../../_kit/subgraph.ts';

export type Downstream = TestSubgraph<Tx, ReturnType<typeof openClient>>;
export const settings = { timeZone: 'Asia/Shanghai', currency: 'CNY', pseudonymKey: 'a secret of the tests' };
export const openDownstream = (): Promise<Downstream> => openTestSubgraph(downstream, openClient, settings);

let count = 0;
/** A number that no other row uses. */
export const next = (): number => (count += 1);
export const newKey = (): string => `key-${next()}`;
export const gtin = (n: number): string => withCheckDigit(`9522${String(n).padStart(8, '0')}`);
export const gmn = (n: number): string => toDemoGmn(`style ${n}`);
export const gln = withCheckDigit('952100000001');
export const cny = (amountMinor: number) => ({ amountMinor, currency: 'CNY' });

export const creator = member('mbr_creator', 'CREATOR');
export const rival = member('mbr_rival', 'CREATOR', 'MCN');
export const agency = member('mbr_agency', 'MCN');
export const maker = member('mbr_maker', 'MAKER');
export const carrier = member('mbr_carrier', 'DISTRIBUTOR');

export const nodes = {
  creator: 'creator { creatorId displayName tier country mcn { mcnId } changedAt }',
  mcn: 'mcn { mcnId name takeRateBps changedAt }',
  brand: 'brand { brandId name positioning promise slogan segments { segmentId } changedAt }',
  segment: 'segment { segmentId name size priceBand { from { amountMinor } to { amountMinor } } sizeCurve { size shareBps } changedAt }',
  styles: 'styles { styleId gmn name life skus { nodes { gtin colour size } } changedAt }',
  style: 'style { styleId name life brand { brandId } retailPrice { amountMinor currency } changedAt }',
  campaign: 'campaign { campaignId title status startsAt endsAt styles { nodes { styleId } } segments { segmentId } changedAt }',
  demandLines: 'demandLines { demandLineId status quantity sizes { sku { gtin } quantity } segment { segmentId } changedAt }',
  trafficSource: 'trafficSource { sourceId creator { creatorId } origin platform handle domain changedAt }',
  sources: 'sources { sourceId followers followersAsOf reach7d conversionRateBps privateConversionBps changedAt }',
  signals:
    'signals { signalId style { styleId } source { sourceId } campaign { campaignId } origin at windowSeconds views reactions addToCarts deposits orders ewmaRate }',
  demandLine:
    'demandLine { demandLineId status quantity sizes { sku { gtin } quantity } segment { segmentId } dueDate latestDate changedAt }',
} as const;

type Input = Record<string, unknown>;

/** Calls a mutation with a new key, unless `input` has one. */
export function call(d: Downstream, as: Principal, name: string, input: Input): Promise<any> {
  const field = answers[name];
  if (field === undefined) throw new Error(`unknown mutation ${name}`);
  return d.change(as, name, { idempotencyKey: newKey(), ...input }, field);
}

/** What each mutation answers with. */
const answers: Readonly<Record<string, string>> = {
  registerCreator: nodes.creator,
  updateCreator: nodes.creator,
  registerMcn: nodes.mcn,
  registerBrand: nodes.brand,
  updateBrand: nodes.brand,
  defineSegment: nodes.segment,
  proposeStyles: nodes.styles,
  updateStyle: nodes.style,
  createCampaign: nodes.campaign,
  updateCampaign: nodes.campaign,
  openPresale: nodes.campaign,
  closePresale: nodes.campaign,
  closeCampaign: nodes.campaign,
  cancelCampaign: nodes.campaign,
  recordSales: 'recorded',
  submitDemands: nodes.demandLines,
  reviseDemand: nodes.demandLine,
  cancelDemand: nodes.demandLine,
  addTrafficSource: nodes.trafficSource,
  recordTraffic: nodes.sources,
  recordSignals: nodes.signals,
};

/** `code path` of every problem of a payload. */
export const problemsOf = (payload: { problems: { code: string; path: string[] }[] }): string[] =>
  payload.problems.map(({ code, path }) => [code, path.join('.')].join(' ').trim());

export const curve = [
  { size: 'S', shareBps: 2_500 },
  { size: 'M', shareBps: 5_000 },
  { size: 'L', shareBps: 2_500 },
];

export const newStyle = (extra: Input = {}): Input & { gmn: string; skus: { gtin: string }[] } => ({
  gmn: gmn(next()),
  name: 'Summer shirt',
  category: 'SHIRT',
  retailPrice: cny(9_900),
  skus: ['S', 'M', 'L'].map((size) => ({ gtin: gtin(next()), colour: 'blue', size })),
  ...extra,
});

export const newDemand = (styleId: string, sku: string, extra: Input = {}): Input => ({
  styleId,
  kind: 'PRESALE',
  cut: { sizes: [{ gtin: sku, quantity: 120 }] },
  dueDate: '2026-12-01',
  latestDate: '2026-12-10',
  shipToUnlocode: 'CNHGH',
  unitMargin: cny(3_000),
  ...extra,
});

export const newSale = (sku: string, extra: Input = {}): Input => ({
  kind: 'SALE',
  gtin: sku,
  quantity: 1,
  unitPrice: cny(9_900),
  soldAt: '2026-11-22T08:00:00.000Z',
  ...extra,
});

export type World = { creatorId: string; brandId: string; segmentId: string; styleId: string; gtins: string[]; campaignId: string };

/** A creator with a segment, a brand, a style in three sizes and a campaign in DRAFT, all of one member; by the writes that importers use. */
export async function makeWorld(d: Downstream, as: Principal = creator): Promise<World> {
  const [n, changedAt, memberId] = [next(), d.clock.now(), as.memberId ?? ''];
  const origin = originOf(as);
  const [creatorId, segmentId, brandId, styleId, campaignId] = [`crt_${n}`, `seg_${n}`, `brd_${n}`, `sty_${n}`, `cmp_${n}`];
  const gtins = ['S', 'M', 'L'].map(() => gtin(next()));
  const topics = ['creator.changed', 'segment.changed', 'brand.changed', 'style.proposed', 'campaign.changed'];
  await runChange({ db: d.db, clock: d.clock, cause: { actorId: memberId, causeId: null, requestId: null }, topics }, async (change) => {
    await writeCreators(change, [{ creatorId, memberId, origin, displayName: 'Ada', tier: 'KOC', country: 'CN', mcnId: null, changedAt }]);
    const segment = {
      segmentId,
      memberId,
      origin,
      creatorId,
      name: 'Slim waists',
      size: 1_000n,
      priceFromMinor: null,
      priceToMinor: null,
      priceCurrency: null,
      changedAt,
    };
    await writeSegments(change, [{ row: segment, sizeCurve: curve }]);
    await writeBrands(change, [
      {
        row: { brandId, memberId, name: 'Ada', positioning: 'first', promise: 'fits', slogan: 'It fits', changedAt },
        segmentIds: [segmentId],
      },
    ]);
    const style = {
      styleId,
      gmn: gmn(n),
      memberId,
      origin,
      name: 'Summer shirt',
      category: 'SHIRT' as const,
      brandId,
      creatorId,
      retailPriceMinor: 9_900n,
      retailPriceCurrency: 'CNY',
      life: 'PROPOSED' as const,
      proposedAt: changedAt,
      changedAt,
    };
    await writeStyles(change, [
      { row: style, skus: gtins.map((item, place) => ({ gtin: item, styleId, colour: 'blue', size: 'SML'.charAt(place), place })) },
    ]);
    const [startsAt, endsAt] = [new Date('2026-11-25T00:00:00Z'), new Date('2026-12-05T00:00:00Z')];
    const campaign = {
      campaignId,
      memberId,
      origin,
      creatorId,
      brandId,
      title: 'Launch',
      status: 'DRAFT' as const,
      startsAt,
      endsAt,
      cpsRateBps: 1_500,
      slotFeeMinor: 0n,
      slotFeeCurrency: 'CNY',
      currency: 'CNY',
      cancelReason: null,
      changedAt,
    };
    await writeCampaigns(change, [{ row: campaign, styleIds: [styleId], segmentIds: [segmentId] }]);
  });
  return { creatorId, brandId, segmentId, styleId, gtins, campaignId };
}

/** Brings the campaign of a world into PRESALE, or on into LIVE. */
export const open = (d: Downstream, campaignId: string, live = true): Promise<unknown> =>
  d.db.campaign.update({ where: { campaignId }, data: { status: live ? 'LIVE' : 'PRESALE' } });

/** Topics that wait in the outbox. */
export const topicsOf = async (d: Downstream): Promise<string[]> => (await d.events()).map(({ topic }) => topic);

/** An event of routing about an allocation of a line; OFFERED to the member `maker`, unless `extra` says otherwise. */
export const allocationChanged = (demandLineId: string, extra: Input = {}): { topic: string; payload: Input } => ({
  topic: 'allocation.changed',
  payload: {
    allocationId: `alc_${demandLineId}`,
    demandLineId,
    memberId: maker.memberId,
    distributorMemberId: null,
    origin: 'REPORTED',
    quantity: 120,
    status: 'OFFERED',
    changedAt: new Date(Date.parse('2026-11-22T09:00:00.000Z') + next()).toISOString(),
    ...extra,
  },
});
