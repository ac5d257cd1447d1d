// Rows of downstream as the database holds them; the types come from schema.prisma.
export type {
  AudienceSegmentModel as SegmentRow,
  BrandModel as BrandRow,
  CampaignModel as CampaignRow,
  CreatorModel as CreatorRow,
  DemandLineModel as DemandLineRow,
  DemandSignalModel as SignalRow,
  DemandSizeModel as DemandSizeRow,
  McnModel as McnRow,
  SaleModel as SaleRow,
  SegmentSizeModel as SegmentSizeRow,
  SkuModel as SkuRow,
  StyleModel as StyleRow,
  TrafficReadingModel as ReadingRow,
  TrafficSourceModel as SourceRow,
} from './generated/models.ts';
export { CampaignStatus, DemandStatus, StyleLife } from './generated/enums.ts';
export type {
  AllocationStatus,
  CancelReason,
  CreatorTier,
  DecisionOutcome,
  DemandKind,
  LotStatus,
  Platform,
  SaleKind,
  StyleCategory,
  TrafficDomain,
} from './generated/enums.ts';
