// Rows of downstream as the database holds them; the types come from schema.prisma.
export type {
  AudienceSegmentModel as SegmentRow,
  BrandModel as BrandRow,
  CampaignModel as CampaignRow,
  CreatorModel as CreatorRow,
  DemandLineModel as DemandLineRow,
  DemandSizeModel as DemandSizeRow,
  McnModel as McnRow,
  SaleModel as SaleRow,
  SegmentSizeModel as SegmentSizeRow,
  SkuModel as SkuRow,
  StyleModel as StyleRow,
} from './generated/models.ts';
export { CampaignStatus, DemandStatus, StyleLife } from './generated/enums.ts';
export type { CancelReason, CreatorTier, DemandKind, Platform, SaleKind, StyleCategory } from './generated/enums.ts';
