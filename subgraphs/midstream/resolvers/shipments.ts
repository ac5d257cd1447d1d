// Shipments with their units, milestones, receipts and documents.
import type { SubgraphContext } from '../../../subgraph-kit/context.ts';
import type { PageArgs } from '../../../subgraph-kit/page.ts';
import type { Resolver, Resolvers } from '../../../subgraph-kit/schema.ts';
import {
  contentsOfUnit,
  documents,
  linesOfReceipt,
  milestonesOfShipment,
  referencesOfDocument,
  shipments,
  shipmentsByTime,
  shipmentsOfDistributor,
  units,
  unitsOfShipment,
  type ContentRow,
  type DocumentRow,
  type ReceiptLineRow,
  type ShipmentRow,
  type ShipmentsArgs,
  type UnitRow,
} from '../data/shipment-tables.ts';
import { distributors, type DistributorRow } from '../data/tables.ts';

type Context = SubgraphContext;

const documentOf = (documentId: string | null | undefined, { loaders }: Context): Promise<DocumentRow | null> | null =>
  documentId ? loaders.row(documents, documentId) : null;

// The document that a mutation issued stands beside the shipment in its payload.
const issued = (column: 'despatchAdviceId' | 'receiptAdviceId'): Resolver => {
  return ({ shipment }: { shipment: ShipmentRow | null }, _: unknown, context: Context) => documentOf(shipment?.[column], context);
};

export const shipmentResolvers: Resolvers = {
  Query: {
    shipment: (_: unknown, { gsin }: { gsin: string }, { loaders }: Context) => loaders.row(shipments, gsin),
    shipments: (_: unknown, args: ShipmentsArgs, { loaders }: Context) => loaders.rootPage(shipments, shipmentsByTime, args),
    document: (_: unknown, { documentId }: { documentId: string }, { loaders }: Context) => loaders.row(documents, documentId),
  },
  Shipment: {
    __resolveReference: ({ gsin }: { gsin: string }, { loaders }: Context) => loaders.row(shipments, gsin),
    member: ({ memberId }: ShipmentRow) => ({ memberId }),
    distributor: ({ distributorGln }: ShipmentRow, _: unknown, { loaders }: Context) => loaders.row(distributors, distributorGln),
    allocation: ({ allocationId }: ShipmentRow) => ({ allocationId }),
    units: ({ gsin }: ShipmentRow, args: PageArgs, { loaders }: Context) => loaders.page(units, unitsOfShipment, gsin, args),
    milestones: ({ gsin }: ShipmentRow, _: unknown, { loaders }: Context) => loaders.children(milestonesOfShipment, gsin),
    despatchAdvice: ({ despatchAdviceId }: ShipmentRow, _: unknown, context: Context) => documentOf(despatchAdviceId, context),
    receiptAdvice: ({ receiptAdviceId }: ShipmentRow, _: unknown, context: Context) => documentOf(receiptAdviceId, context),
    receivedLines: ({ gsin }: ShipmentRow, _: unknown, { loaders }: Context) => loaders.children(linesOfReceipt, gsin),
  },
  Distributor: {
    shipments: ({ gln }: DistributorRow, args: ShipmentsArgs, { loaders }: Context) =>
      loaders.page(shipments, shipmentsOfDistributor, gln, args),
  },
  LogisticUnit: {
    __resolveReference: ({ sscc }: { sscc: string }, { loaders }: Context) => loaders.row(units, sscc),
    parent: ({ parentSscc }: UnitRow, _: unknown, { loaders }: Context) => (parentSscc === null ? null : loaders.row(units, parentSscc)),
    contents: ({ sscc }: UnitRow, _: unknown, { loaders }: Context) => loaders.children(contentsOfUnit, sscc),
  },
  UnitContent: {
    sku: ({ gtin }: ContentRow) => ({ gtin }),
    lot: ({ lotId }: ContentRow) => ({ lotId }),
  },
  ReceiptLine: {
    sku: ({ gtin }: ReceiptLineRow) => ({ gtin }),
    lot: ({ lotId }: ReceiptLineRow) => ({ lotId }),
  },
  Document: {
    __resolveReference: ({ documentId }: { documentId: string }, { loaders }: Context) => loaders.row(documents, documentId),
    issuer: ({ memberId }: DocumentRow) => ({ memberId }),
    receiver: ({ receiverMemberId }: DocumentRow) => ({ memberId: receiverMemberId }),
    shipment: ({ gsin }: DocumentRow, _: unknown, { loaders }: Context) => loaders.row(shipments, gsin),
    references: ({ documentId }: DocumentRow, _: unknown, { loaders }: Context) => loaders.children(referencesOfDocument, documentId),
  },
  DespatchShipmentPayload: { document: issued('despatchAdviceId') },
  ReceiveShipmentPayload: { document: issued('receiptAdviceId') },
};
