/** A downstream with a creator, her brand, segment, styles and campaign, for its tests. */
import { openClient, type Tx } from '../../../subgraphs/downstream/data/client.ts';
import { downstream } from '../../../subgraphs/downstream/downstream.ts';
import { toDemoGmn, withCheckDigit } from '../../../subgraph-kit/gs1.ts';
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
  demandLine: 'demandLine { demandLineId status quantity sizes { sku { gtin } quantity } segment { segmentId } dueDate latestDate changedAt }',
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
};

/** `code path` of every problem of a payload. */
export const problemsOf = (payload: { problems: { code: string; path: string[] }[] }): string[] => payload.problems.map(({ code, path }) => [code, path.join('.')].join(' ').trim());

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

async function good(payload: Promise<any>): Promise<any> {
  const made = await payload;
  if (made.problems.length > 0) throw new Error(JSON.stringify(made.problems));
  return made;
}

export type World = { creatorId: string; brandId: string; segmentId: string; styleId: string; gtins: string[]; campaignId: string };

/** A creator with a segment, a brand, a style in three sizes and a campaign in DRAFT, all of one member. */
export async function makeWorld(d: Downstream, as: Principal = creator): Promise<World> {
  const { creatorId } = (await good(call(d, as, 'registerCreator', { displayName: 'Ada', tier: 'KOC', country: 'CN' }))).creator;
  const { segmentId } = (await good(call(d, as, 'defineSegment', { creatorId, name: 'Slim waists', size: 1_000, sizeCurve: curve }))).segment;
  const brand = { name: 'Ada', positioning: 'first', promise: 'fits', slogan: 'It fits', segmentIds: [segmentId] };
  const { brandId } = (await good(call(d, as, 'registerBrand', brand))).brand;
  const style = newStyle({ creatorId, brandId });
  const { styleId } = (await good(call(d, as, 'proposeStyles', { styles: [style] }))).styles[0];
  const campaign = { creatorId, brandId, title: 'Launch', startsAt: '2026-11-25T00:00:00.000Z', endsAt: '2026-12-05T00:00:00.000Z', cpsRateBps: 1_500, slotFee: cny(0), styleIds: [styleId], segmentIds: [segmentId] };
  const { campaignId } = (await good(call(d, as, 'createCampaign', campaign))).campaign;
  return { creatorId, brandId, segmentId, styleId, gtins: style.skus.map((sku) => sku.gtin), campaignId };
}

/** Moves the campaign of a world to PRESALE, and on to LIVE when asked. */
export async function open(d: Downstream, campaignId: string, live = true, as: Principal = creator): Promise<void> {
  await good(call(d, as, 'openPresale', { campaignId }));
  if (live) await good(call(d, as, 'closePresale', { campaignId }));
}

/** Topics that wait in the outbox. */
export const topicsOf = async (d: Downstream): Promise<string[]> => (await d.events()).map(({ topic }) => topic);
