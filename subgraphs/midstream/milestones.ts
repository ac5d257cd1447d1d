// Rules of milestones: which state each leads to, and in which order they may come.
import type { MilestoneCode, ShipmentStatus } from './data/shipment-tables.ts';

const ON_THE_WAY: ReadonlySet<ShipmentStatus> = new Set<ShipmentStatus>(['PICKED_UP', 'IN_TRANSIT', 'CUSTOMS', 'ARRIVED', 'EXCEPTION']);

/** True between pick-up and receipt. */
export const isOnTheWay = (status: ShipmentStatus): boolean => ON_THE_WAY.has(status);

/** The mutation that reports this milestone; null for those of `reportMilestone`. */
export function reportedBy(code: MilestoneCode): string | null {
  switch (code) {
    case 'BOOKED':
      return 'bookShipment';
    case 'PICKED_UP':
      return 'despatchShipment';
    case 'DELIVERED':
      return 'receiveShipment';
    default:
      return null;
  }
}

/** The state after a milestone: the last leg begins at the destination or leads there, each other one names a state. */
export function stateAfter(code: MilestoneCode, from: ShipmentStatus): ShipmentStatus {
  switch (code) {
    case 'BOOKED':
    case 'PICKED_UP':
    case 'ARRIVED':
    case 'DELIVERED':
      return code;
    case 'DEPARTED':
    case 'CUSTOMS_CLEARED':
      return 'IN_TRANSIT';
    case 'CUSTOMS_ENTERED':
      return 'CUSTOMS';
    case 'OUT_FOR_DELIVERY':
      return from === 'ARRIVED' ? 'ARRIVED' : 'IN_TRANSIT';
    case 'DELAYED':
    case 'DAMAGED':
      return 'EXCEPTION';
  }
}

/** The latest time that was reported since the pick-up; a booking may be entered after the goods have left. */
export function lastReported(milestones: readonly { readonly code: string; readonly at: Date | null }[]): Date | null {
  const times = milestones.flatMap(({ code, at }) => (code === 'BOOKED' || at === null ? [] : [at]));
  return times.reduce<Date | null>((latest, at) => (latest === null || at > latest ? at : latest), null);
}
