// Tables of downstream and who may see their rows.
import { isHub, isVisitor, type Principal } from '../../../subgraph-kit/principal.ts';
import { or, sql, type Sql } from '../../../subgraph-kit/sql.ts';
import { defineTable, openToAll, ownerFence } from '../../../subgraph-kit/table.ts';
import type { BrandRow, CampaignRow, CreatorRow, DemandLineRow, McnRow, SegmentRow, SkuRow, StyleRow } from './rows.ts';

/** Rows of the viewer; all for the hub, demonstration rows for a visitor. */
export const ownOrDemo = ownerFence();

// Those who could serve a line see it while it waits; who asks and what is paid stays hidden (resolvers/demand.ts).
function demandFence(viewer: Principal): Sql {
  const serves = !isHub(viewer) && !isVisitor(viewer) && viewer.kinds.some((kind) => kind === 'MAKER' || kind === 'DISTRIBUTOR');
  return serves ? or(ownOrDemo(viewer), sql`t."status" IN ('OPEN', 'PARTIAL')`) : ownOrDemo(viewer);
}

export const creators = defineTable<CreatorRow>({ table: 'Creator', key: ['creatorId'], fence: openToAll });
export const mcns = defineTable<McnRow>({ table: 'Mcn', key: ['mcnId'], fence: openToAll });
export const brands = defineTable<BrandRow>({ table: 'Brand', key: ['brandId'], fence: openToAll });
export const segments = defineTable<SegmentRow>({ table: 'AudienceSegment', key: ['segmentId'], fence: ownOrDemo });
export const styles = defineTable<StyleRow>({ table: 'Style', key: ['styleId'], fence: openToAll });
export const stylesByGmn = defineTable<StyleRow>({ table: 'Style', key: ['gmn'], fence: openToAll });
export const skus = defineTable<SkuRow>({ table: 'Sku', key: ['gtin'], fence: openToAll });
/** A campaign in preparation is its owner's business. */
export const campaigns = defineTable<CampaignRow>({
  table: 'Campaign',
  key: ['campaignId'],
  fence: (viewer) => or(sql`t."status" <> 'DRAFT'`, ownOrDemo(viewer)),
});
export const demandLines = defineTable<DemandLineRow>({ table: 'DemandLine', key: ['demandLineId'], fence: demandFence });
