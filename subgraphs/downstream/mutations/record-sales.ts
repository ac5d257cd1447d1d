// recordSales: sales and returns, at most 1,000, by the owner of the style or of the campaign.
import { createId } from '../../../lib/ids.ts';
import { checkAmount, checkGln, checkGtin, checkNotFuture, checkRange, checkText, type MoneyInput } from '../../../subgraph-kit/checks.ts';
import type { BulkWrite } from '../../../subgraph-kit/bulk-mutation.ts';
import type { MutationInput } from '../../../subgraph-kit/mutation.ts';
import type { Problems } from '../../../subgraph-kit/problems.ts';
import { PIECES_MOST } from '../cut-demand.ts';
import type { Tx } from '../data/client.ts';
import type { CampaignRow, Platform, SaleKind, SaleRow, SegmentRow, SkuRow, StyleRow } from '../data/rows.ts';
import { campaigns, segments, skus, styles } from '../data/tables.ts';
import { hashBuyer, writeSales } from '../writes/sales.ts';
import { bulk, SELLERS } from './kinds.ts';
import { findRows, requireOwn, requireRow, withoutDrafts, type Found } from './references.ts';

const SALES_MOST = 1_000;
/** Ten billion in a currency of two decimals: a full input still adds up exactly. */
const AMOUNT_MOST = 1_000_000_000_000;

type SaleInput = {
  readonly kind: SaleKind;
  readonly gtin: string;
  readonly quantity: number;
  readonly unitPrice: MoneyInput;
  readonly soldAt: Date;
  readonly campaignId?: string | null;
  readonly siteGln?: string | null;
  readonly segmentId?: string | null;
  readonly platform?: Platform | null;
  readonly buyerPseudonym?: string | null;
};
type Input = MutationInput & { readonly sales: readonly SaleInput[] };
type Known = {
  readonly skus: Found<SkuRow>;
  readonly styles: Found<StyleRow>;
  readonly campaigns: Found<CampaignRow>;
  readonly segments: Found<SegmentRow>;
  /** `campaignId styleId` of all that the campaigns sell. */
  readonly offered: ReadonlySet<string>;
};

function checkSale(sale: SaleInput, problems: Problems, now: Date): void {
  checkGtin(problems, sale.gtin, ['gtin']);
  checkRange(problems, sale.quantity, ['quantity'], { from: 1, to: PIECES_MOST, unit: 'pieces' });
  checkAmount(problems, sale.unitPrice, ['unitPrice']);
  const amount = sale.quantity * sale.unitPrice.amountMinor;
  if (amount > AMOUNT_MOST)
    problems.add(
      'OUT_OF_RANGE',
      ['unitPrice', 'amountMinor'],
      `expected at most ${AMOUNT_MOST} minor units for all its pieces, got ${amount}`,
    );
  checkNotFuture(problems, sale.soldAt, now, ['soldAt']);
  checkGln(problems, sale.siteGln, ['siteGln']);
  checkText(problems, sale.buyerPseudonym, ['buyerPseudonym']);
}

async function readKnown(tx: Tx, sales: readonly SaleInput[], memberId: string): Promise<Known> {
  const foundSkus = await findRows(
    tx,
    skus,
    sales.map(({ gtin }) => gtin),
  );
  const campaignIds = sales.map(({ campaignId }) => campaignId);
  const foundCampaigns = withoutDrafts(await findRows(tx, campaigns, campaignIds), memberId);
  const offers = await tx.campaignStyle.findMany({ where: { campaignId: { in: [...foundCampaigns.keys()] } } });
  return {
    skus: foundSkus,
    styles: await findRows(
      tx,
      styles,
      [...foundSkus.values()].map(({ styleId }) => styleId),
    ),
    campaigns: foundCampaigns,
    segments: await findRows(
      tx,
      segments,
      sales.map(({ segmentId }) => segmentId),
    ),
    offered: new Set(offers.map(({ campaignId, styleId }) => `${campaignId} ${styleId}`)),
  };
}

function judgeSale(sale: SaleInput, known: Known, problems: Problems, memberId: string): void {
  const sku = requireRow(problems, known.skus, sale.gtin, ['gtin']);
  const campaign = requireRow(problems, known.campaigns, sale.campaignId, ['campaignId']);
  const style = known.styles.get(sku?.styleId ?? '');
  if (style === undefined) return;
  const owners = campaign === undefined ? [style.memberId] : [style.memberId, campaign.memberId];
  if (!owners.includes(memberId))
    return problems.add('NOT_YOURS', ['gtin'], 'only the owner of the style or of the campaign records its sales');
  // it moves the stock there, and anybody may run a campaign with anybody's styles
  if (sale.siteGln && style.memberId !== memberId)
    problems.add('NOT_YOURS', ['siteGln'], 'only the owner of the style records what is sold at a place');
  requireOwn(problems, known.segments, { id: sale.segmentId, path: ['segmentId'], owners });
  if (campaign !== undefined) judgeCampaign(campaign, style, known, problems);
  if (sale.unitPrice.currency !== style.retailPriceCurrency) {
    problems.add(
      'CURRENCY_MISMATCH',
      ['unitPrice', 'currency'],
      `the style is sold in ${style.retailPriceCurrency}, got ${sale.unitPrice.currency}`,
    );
  }
}

function judgeCampaign(campaign: CampaignRow, style: StyleRow, known: Known, problems: Problems): void {
  const { campaignId, status } = campaign;
  if (status === 'DRAFT' || status === 'CANCELLED')
    problems.add('WRONG_STATE', ['campaignId'], `the campaign is ${status}; it sells nothing`);
  if (!known.offered.has(`${campaignId} ${style.styleId}`))
    problems.add('NOT_FOUND', ['campaignId'], `campaign ${campaignId} does not sell style ${style.styleId}`);
}

function toRow(sale: SaleInput, { known, actor, origin, context }: BulkWrite<Tx, Input, SaleInput, Known>): SaleRow {
  return {
    saleId: createId('sal', context.clock),
    memberId: actor.memberId,
    origin,
    kind: sale.kind,
    gtin: sale.gtin,
    styleId: known.skus.get(sale.gtin)?.styleId ?? '',
    quantity: sale.quantity,
    unitPriceMinor: BigInt(sale.unitPrice.amountMinor),
    currency: sale.unitPrice.currency,
    soldAt: sale.soldAt,
    campaignId: sale.campaignId ?? null,
    siteGln: sale.siteGln ?? null,
    segmentId: sale.segmentId ?? null,
    platform: sale.platform ?? null,
    buyerHash: sale.buyerPseudonym ? hashBuyer(context.settings.pseudonymKey, actor.memberId, sale.buyerPseudonym) : null,
  };
}

export const recordSales = bulk<Input, SaleInput, Known, SaleRow>({
  name: 'recordSales',
  by: SELLERS,
  answer: { field: 'recorded' },
  items: (input) => input.sales,
  path: 'sales',
  most: SALES_MOST,
  check: (sale, problems, { clock }) => checkSale(sale, problems, clock.now()),
  prepare: ({ tx, actor }, items) =>
    readKnown(
      tx,
      items.map(({ value }) => value),
      actor.memberId,
    ),
  judge: (sale, known, problems, { actor }) => judgeSale(sale, known, problems, actor.memberId),
  write: async (write) => {
    const rows = write.items.map(({ value }) => toRow(value, write));
    await writeSales(write, rows, write.context.settings.timeZone);
    return rows;
  },
});
