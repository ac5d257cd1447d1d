// Segments that a creator holds, or that a brand or campaign is linked to: those the viewer may see, for all parents at once.
import type { SubgraphContext } from '../../../subgraph-kit/context.ts';
import type { Batch } from '../../../subgraph-kit/loaders.ts';
import { query, sql, type Sql } from '../../../subgraph-kit/sql.ts';
import type { SegmentRow } from '../data/rows.ts';
import { segments } from '../data/tables.ts';

type SegmentsOf = Batch<string, readonly SegmentRow[], SubgraphContext>;

// `from` joins a parent (`l.parent`) with its segments (`t`); every such list is short (at most 100).
const defineSegmentsOf = (name: string, from: Sql, order: Sql): SegmentsOf => ({
  name,
  load: async (parents, { db, principal }) => {
    const rows = await query<SegmentRow & { $parent: string }>(
      db,
      sql`SELECT l.parent AS "$parent", t.* FROM ${from} WHERE l.parent = ANY(${parents}::text[]) AND ${segments.fence(principal)} ORDER BY l.parent, ${order}`,
    );
    const byParent = new Map<string, SegmentRow[]>(parents.map((parent) => [parent, []]));
    for (const row of rows) byParent.get(row.$parent)?.push(row);
    return parents.map((parent) => byParent.get(parent) ?? []);
  },
});

export const segmentsOfCreator = defineSegmentsOf(
  'segments of creators',
  sql`(SELECT "creatorId" AS parent, "segmentId" FROM "AudienceSegment") l JOIN "AudienceSegment" t ON t."segmentId" = l."segmentId"`,
  sql`t."name", t."segmentId"`,
);
export const segmentsOfBrand = defineSegmentsOf(
  'segments of brands',
  sql`(SELECT "brandId" AS parent, "segmentId", "place" FROM "BrandSegment") l JOIN "AudienceSegment" t ON t."segmentId" = l."segmentId"`,
  sql`l."place"`,
);
export const segmentsOfCampaign = defineSegmentsOf(
  'segments of campaigns',
  sql`(SELECT "campaignId" AS parent, "segmentId", "place" FROM "CampaignSegment") l JOIN "AudienceSegment" t ON t."segmentId" = l."segmentId"`,
  sql`l."place"`,
);
