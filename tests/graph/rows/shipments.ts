/** Shipments: booked, handed over, on their way, received, called off. */
import type { Piece } from '../chain.ts';
import type { World } from '../world.ts';
import type { Entry } from './entry.ts';

const fields = 'shipment { gsin status }';

const changedAt = async (world: World, { gsin }: Piece): Promise<Record<string, unknown>> => {
  const { data } = await world.hub.ask(
    world.distributor,
    `{ distributors(first: 200) { nodes { shipments(first: 200) { nodes { gsin changedAt } } } } }`,
  );
  const all: { gsin: string; changedAt: string }[] = data.distributors.nodes.flatMap((node: any) => node.shipments.nodes);
  return { ifChangedAt: all.find((shipment) => shipment.gsin === gsin)?.changedAt };
};
const left = { code: 'DEPARTED', source: 'CARRIER', eta: '2026-11-25T09:00:00Z', etaConfidenceBps: 8_000 };
const called = { note: 'the lorry broke down' };

export const shipmentRows: Readonly<Record<string, Entry>> = {
  bookShipment: {
    works: async (w) => ({ player: w.distributor, input: await w.chain.bookInput(await w.chain.take('accepted')) }),
    fields,
    topics: ['shipment.booked', 'allocation.changed', 'settlement.posted'],
    other: (w) => w.otherDistributor,
    forbidden: async (w) => {
      const piece = await w.chain.take('accepted');
      await w.done(w.creator, 'cancelDemand', { demandLineId: piece.demandLineId, reason: 'TOO_LATE' }, 'demandLine { status }');
      await w.hub.settle();
      return { player: w.distributor, input: await w.chain.bookInput(piece) };
    },
  },
  despatchShipment: {
    works: async (w) => {
      const piece = await w.chain.take('booked');
      return { player: w.distributor, input: { ...(await w.chain.despatchInput(piece)), ...(await changedAt(w, piece)) } };
    },
    fields: 'shipment { gsin status } document { documentId type }',
    topics: ['shipment.moved', 'document.issued', 'demand.changed'],
    other: (w) => w.otherDistributor,
    forbidden: async (w) => ({ player: w.distributor, input: await w.chain.despatchInput(await w.chain.take('despatched')) }),
  },
  reportMilestone: {
    works: async (w) => {
      const piece = await w.chain.take('despatched');
      return {
        player: w.distributor,
        input: { gsin: piece.gsin, ...left, at: w.chain.at(), note: 'by night', ...(await changedAt(w, piece)) },
      };
    },
    fields,
    topics: ['shipment.moved'],
    other: (w) => w.otherDistributor,
    forbidden: async (w) => ({ player: w.distributor, input: { gsin: (await w.chain.take('booked')).gsin, ...left, at: w.chain.at() } }),
  },
  receiveShipment: {
    works: async (w) => {
      const piece = await w.chain.take('despatched');
      return { player: w.distributor, input: { ...(await w.chain.receiveInput(piece)), ...(await changedAt(w, piece)) } };
    },
    fields: 'shipment { gsin status otif } document { documentId type }',
    topics: [
      'shipment.moved',
      'receipt.recorded',
      'document.issued',
      'inventory.changed',
      'allocation.changed',
      'demand.changed',
      'settlement.posted',
    ],
    other: (w) => w.otherDistributor,
    forbidden: async (w) => ({ player: w.distributor, input: await w.chain.receiveInput(await w.chain.take('received')) }),
  },
  cancelShipment: {
    works: async (w) => {
      const piece = await w.chain.take('booked');
      return { player: w.distributor, input: { gsin: piece.gsin, ...called, ...(await changedAt(w, piece)) } };
    },
    fields,
    topics: ['shipment.moved'],
    other: (w) => w.otherDistributor,
    forbidden: async (w) => ({ player: w.distributor, input: { gsin: (await w.chain.take('despatched')).gsin, ...called } }),
  },
};
