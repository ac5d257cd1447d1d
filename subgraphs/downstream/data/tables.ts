// Tables of downstream and who may see their rows.
import { isHub, isVisitor, type Principal } from '../../../subgraph-kit/principal.ts';
import { or, sql, type Sql } from '../../../subgraph-kit/sql.ts';
import { defineTable, openToAll, ownerFence } from '../../../subgraph-kit/table.ts';
import { LIVE } from '../standing.ts';
import type {
  BrandRow,
  CampaignRow,
  CreatorRow,
  DemandLineRow,
  McnRow,
  SegmentRow,
  SignalRow,
  SkuRow,
  SourceRow,
  StyleRow,
} from './rows.ts';

/** Rows of the viewer; all for the hub, demonstration rows for a visitor. */
export const ownOrDemo = ownerFence();

/** Lines of which the viewer has live pieces to make or to deliver. */
export const servedLines = ({ memberId }: Principal): Sql =>
  sql`(SELECT a."demandLineId" FROM "AllocationCopy" a
       WHERE (a."memberId" = ${memberId} OR a."distributorMemberId" = ${memberId}) AND a."status" = ANY(${LIVE}::"AllocationStatus"[]))`;

// Those who could serve a line see it while it waits, and those who do serve it as long as they do. What of it they see: resolvers/demand.ts.
function demandFence(viewer: Principal): Sql {
  if (isHub(viewer) || isVisitor(viewer)) return ownOrDemo(viewer);
  const couldServe = viewer.kinds.some((kind) => kind === 'MAKER' || kind === 'DISTRIBUTOR');
  return or(
    ownOrDemo(viewer),
    couldServe ? sql`t."status" IN ('OPEN', 'PARTIAL')` : undefined,
    sql`t."demandLineId" IN ${servedLines(viewer)}`,
  );
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
/** Who reaches people where is known to all; the numbers are their owner's (resolvers/traffic.ts). */
export const sources = defineTable<SourceRow>({ table: 'TrafficSource', key: ['sourceId'], fence: openToAll });
export const signals = defineTable<SignalRow>({ table: 'DemandSignal', key: ['signalId'], fence: ownOrDemo });
