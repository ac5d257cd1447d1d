// The state machines of midstream: what may follow what.
import { defineStateMachine } from '../../subgraph-kit/state-machine.ts';
import type { ShipmentStatus } from './data/shipment-tables.ts';

/** What is held up may go on from any place on the way; a receiver may report goods whose arrival no carrier reported. */
export const shipmentStates = defineStateMachine<ShipmentStatus>({
  name: 'shipment',
  initial: 'BOOKED',
  moves: {
    BOOKED: ['PICKED_UP', 'CANCELLED'],
    PICKED_UP: ['IN_TRANSIT', 'DELIVERED', 'EXCEPTION'],
    IN_TRANSIT: ['CUSTOMS', 'ARRIVED', 'DELIVERED', 'EXCEPTION'],
    CUSTOMS: ['IN_TRANSIT', 'EXCEPTION'],
    ARRIVED: ['DELIVERED', 'EXCEPTION'],
    EXCEPTION: ['IN_TRANSIT', 'CUSTOMS', 'ARRIVED', 'DELIVERED'],
    DELIVERED: [],
    CANCELLED: [],
  },
});
