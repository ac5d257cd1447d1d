// Tables and lists of shipments: what a row holds, who may see it, in which order lists are read.
import { defineChildList } from '../../../subgraph-kit/loaders.ts';
import { definePagedList, type PageArgs } from '../../../subgraph-kit/page.ts';
import { isHub, isVisitor, type Principal } from '../../../subgraph-kit/principal.ts';
import { sql, type Sql } from '../../../subgraph-kit/sql.ts';
import { defineTable } from '../../../subgraph-kit/table.ts';

export type ShipmentStatus = 'BOOKED' | 'PICKED_UP' | 'IN_TRANSIT' | 'CUSTOMS' | 'ARRIVED' | 'DELIVERED' | 'EXCEPTION' | 'CANCELLED';

export type MilestoneCode =
  | 'BOOKED'
  | 'PICKED_UP'
  | 'DEPARTED'
  | 'ARRIVED'
  | 'CUSTOMS_ENTERED'
  | 'CUSTOMS_CLEARED'
  | 'OUT_FOR_DELIVERY'
  | 'DELIVERED'
  | 'DELAYED'
  | 'DAMAGED';

/** `memberId`: owner of the distributor; the others are of the allocation. */
export type ShipmentRow = {
  gsin: string;
  memberId: string;
  origin: string;
  distributorGln: string;
  carrier: string;
  allocationId: string;
  makerMemberId: string;
  demandMemberId: string;
  demandOrigin: string;
  originUnlocode: string;
  destinationUnlocode: string;
  status: ShipmentStatus;
  plannedArrival: Date;
  eta: Date;
  etaConfidenceBps: number | null;
  otif: boolean | null;
  despatchAdviceId: string | null;
  receiptAdviceId: string | null;
  bookedAt: Date;
  changedAt: Date;
};
export type UnitRow = { sscc: string; gsin: string; position: number; parentSscc: string | null; quantity: number };
export type ContentRow = { sscc: string; position: number; gsin: string; gtin: string; lotId: string; quantity: number };
export type MilestoneRow = {
  gsin: string;
  position: number;
  code: MilestoneCode;
  at: Date | null;
  planned: Date | null;
  source: string;
  note: string | null;
};
export type ReceiptLineRow = { gsin: string; position: number; gtin: string; lotId: string; good: number; damaged: number };
export type DocumentRow = {
  documentId: string;
  number: string;
  type: string;
  gsin: string;
  memberId: string;
  receiverMemberId: string;
  issuedAt: Date;
};
export type AllocationCopyRow = {
  allocationId: string;
  styleId: string;
  gln: string;
  memberId: string;
  demandMemberId: string;
  origin: string;
  quantity: number;
  unitPriceMinor: bigint;
  currency: string;
  originUnlocode: string;
  destinationUnlocode: string;
  promisedDate: Date;
  status: string;
  changedAt: Date;
};
export type LotCopyRow = { lotId: string; allocationId: string; status: string; goodQty: number; changedAt: Date };

export const UNITS_MOST = 1_000;
export const CONTENTS_MOST = 1_000;
export const LINES_MOST = 1_000;
export const MILESTONES_MOST = 100;
/** Place of the delivery, which stands among the milestones from the booking on. */
export const LAST_MILESTONE = MILESTONES_MOST - 1;

/** Shipments that a viewer may see, under an alias: who moves, made or ordered the goods; a visitor only what is demonstration throughout. */
export function seesShipment(viewer: Principal, alias: Sql): Sql {
  if (isHub(viewer)) return sql`true`;
  if (isVisitor(viewer)) return sql`(${alias}."origin" <> 'REPORTED' AND ${alias}."demandOrigin" <> 'REPORTED')`;
  return sql`${viewer.memberId} IN (${alias}."memberId", ${alias}."makerMemberId", ${alias}."demandMemberId")`;
}

const seesItsShipment = (viewer: Principal): Sql =>
  sql`EXISTS (SELECT 1 FROM "Shipment" s WHERE s."gsin" = t."gsin" AND ${seesShipment(viewer, sql`s`)})`;

export const shipments = defineTable<ShipmentRow>({ table: 'Shipment', key: ['gsin'], fence: (viewer) => seesShipment(viewer, sql`t`) });
export const units = defineTable<UnitRow>({ table: 'LogisticUnit', key: ['sscc'], fence: seesItsShipment });
export const documents = defineTable<DocumentRow>({ table: 'Document', key: ['documentId'], fence: seesItsShipment });

export type ShipmentsArgs = PageArgs & { readonly status?: readonly string[] | null };

const newestFirst = [
  { column: 'bookedAt', cast: 'timestamptz', descending: true },
  { column: 'gsin', cast: 'text', descending: true },
] as const;
const inStates = ({ status }: ShipmentsArgs): Sql => (status ? sql`t."status" = ANY(${status}::text[])` : sql`true`);

export const shipmentsByTime = definePagedList<ShipmentRow, ShipmentsArgs>({
  from: sql`"Shipment" t`,
  where: inStates,
  order: newestFirst,
});

export const shipmentsOfDistributor = definePagedList<ShipmentRow, ShipmentsArgs>({
  from: sql`"Shipment" t`,
  parent: sql`t."distributorGln"`,
  where: inStates,
  order: newestFirst,
});

export const shipmentsOfAllocation = definePagedList<ShipmentRow, PageArgs>({
  from: sql`"Shipment" t`,
  parent: sql`t."allocationId"`,
  order: newestFirst,
});

export const unitsOfShipment = definePagedList<UnitRow, PageArgs>({
  from: sql`"LogisticUnit" t`,
  parent: sql`t."gsin"`,
  order: [{ column: 'position', cast: 'int' }],
});

export const unitsOfLot = definePagedList<UnitRow, PageArgs>({
  from: sql`(SELECT u.*, c."lotId" FROM (SELECT DISTINCT "lotId", "sscc" FROM "UnitContent") c JOIN "LogisticUnit" u ON u."sscc" = c."sscc") t`,
  parent: sql`t."lotId"`,
  order: [{ column: 'sscc', cast: 'text' }],
});

// Lists of what belongs to a shipment, a unit or a document that the viewer was given.
export const contentsOfUnit = defineChildList<ContentRow>({
  from: sql`"UnitContent" t`,
  parent: sql`t."sscc"`,
  order: sql`t."position"`,
  most: CONTENTS_MOST,
});
export const milestonesOfShipment = defineChildList<MilestoneRow>({
  from: sql`"Milestone" t`,
  parent: sql`t."gsin"`,
  order: sql`coalesce(t."at", t."planned"), t."position"`,
  most: MILESTONES_MOST,
});
export const linesOfReceipt = defineChildList<ReceiptLineRow>({
  from: sql`"ReceiptLine" t`,
  parent: sql`t."gsin"`,
  order: sql`t."position"`,
  most: LINES_MOST,
});
export const referencesOfDocument = defineChildList<DocumentRow>({
  from: sql`"DocumentReference" r JOIN "Document" t ON t."documentId" = r."referenceId"`,
  parent: sql`r."documentId"`,
  order: sql`r."position"`,
  most: 50,
});
