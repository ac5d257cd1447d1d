// bookShipment: a distributor takes an accepted allocation to its destination.
import { createId } from '../../../lib/ids.ts';
import { toBusinessDay } from '../../../lib/clock/clock.ts';
import { checkText } from '../../../subgraph-kit/checks.ts';
import { toDemoGsin } from '../../../subgraph-kit/gs1.ts';
import type { Money } from '../../../subgraph-kit/money.ts';
import { createMutationKinds, type MutationInput, type Write } from '../../../subgraph-kit/mutation.ts';
import { costOf, laneRate, USUAL_WEIGHT_GRAMS } from '../../../subgraph-kit/trade/landed-cost.ts';
import type { Tx } from '../data/client.ts';
import { lockAllocation } from '../data/copies.ts';
import { LAST_MILESTONE, shipments, type AllocationCopyRow, type ShipmentRow } from '../data/shipment-tables.ts';
import { insertMilestones, readDelivered } from '../data/shipments.ts';
import { toTariffLine } from '../tariff-line.ts';

const { creates } = createMutationKinds<Tx>();

type Input = MutationInput & {
  readonly allocationId: string;
  readonly distributorGln: string;
  readonly carrier: string;
  readonly plannedArrival: Date;
};

/** The most that the freight of one shipment may be, in minor units: what one payment of a settlement may be at most. */
const FREIGHT_MOST = 1_000_000_000_000n;

const BOOKABLE = ['ACCEPTED', 'FROZEN'];

export const bookShipment = creates<Input, ShipmentRow>({
  name: 'bookShipment',
  by: ['DISTRIBUTOR'],
  answer: { field: 'shipment', table: shipments },
  check: (input, problems, { clock }) => {
    checkText(problems, input.carrier, ['carrier']);
    if (input.plannedArrival < clock.now())
      problems.add(
        'DAY_IN_PAST',
        ['plannedArrival'],
        `${input.plannedArrival.toISOString()} has passed, it is ${clock.now().toISOString()}`,
      );
  },
  write: async (write) => {
    const { tx, input, actor, now, emit } = write;
    await checkDistributor(write);
    const allocation = await findAllocation(write);
    const freight = await priceFreight(write, allocation);
    const row = toRow(write, allocation);
    await tx.shipment.create({ data: row });
    const both = { gsin: row.gsin, source: 'DISTRIBUTOR', note: null };
    await insertMilestones(tx, [
      { ...both, position: 0, code: 'BOOKED', at: now, planned: null },
      { ...both, position: LAST_MILESTONE, code: 'DELIVERED', at: null, planned: input.plannedArrival },
    ]);
    emit('shipment.booked', { ...row, distributorMemberId: actor.memberId, freight });
    return row;
  },
});

function toRow({ input, actor, origin, now, context }: Write<Tx, Input>, allocation: AllocationCopyRow): ShipmentRow {
  const { allocationId, originUnlocode, destinationUnlocode, demandMemberId } = allocation;
  return {
    gsin: toDemoGsin(createId('shp', context.clock)),
    memberId: actor.memberId,
    origin,
    distributorGln: input.distributorGln,
    carrier: input.carrier.trim(),
    allocationId,
    makerMemberId: allocation.memberId,
    demandMemberId,
    demandOrigin: allocation.origin,
    originUnlocode,
    destinationUnlocode,
    status: 'BOOKED',
    plannedArrival: input.plannedArrival,
    eta: input.plannedArrival,
    etaConfidenceBps: null,
    otif: null,
    despatchAdviceId: null,
    receiptAdviceId: null,
    bookedAt: now,
    changedAt: now,
  };
}

async function checkDistributor({ tx, input, actor, refuse }: Write<Tx, Input>): Promise<void> {
  const gln = input.distributorGln;
  const found = await tx.distributor.findUnique({ where: { gln } });
  if (found === null) return refuse('NOT_FOUND', ['distributorGln'], `no distributor has the GLN ${gln}`);
  if (found.memberId !== actor.memberId) return refuse('NOT_YOURS', ['distributorGln'], `the distributor ${gln} belongs to another member`);
}

// Locked, so that of two distributors who book at once the second sees the shipment of the first.
async function findAllocation({ tx, input, refuse }: Write<Tx, Input>): Promise<AllocationCopyRow> {
  const { allocationId, distributorGln } = input;
  const allocation = await lockAllocation(tx, allocationId);
  if (allocation === null)
    return refuse('NOT_FOUND', ['allocationId'], `no allocation that was answered is known by the id ${allocationId}`);
  if (!BOOKABLE.includes(allocation.status))
    return refuse('WRONG_STATE', ['allocationId'], `the allocation is ${allocation.status}; expected ${BOOKABLE.join(' or ')}`);
  const other = await tx.shipment.findFirst({
    where: { allocationId, status: { not: 'CANCELLED' }, distributorGln: { not: distributorGln } },
  });
  if (other !== null) return refuse('WRONG_STATE', ['allocationId'], 'another distributor delivers this allocation');
  return allocation;
}

// For the pieces that have not left yet.
async function priceFreight({ tx, input, now, context, refuse }: Write<Tx, Input>, allocation: AllocationCopyRow): Promise<Money | null> {
  const tariffs = await tx.tariff.findMany({ where: { gln: input.distributorGln }, orderBy: { position: 'asc' } });
  const lines = tariffs.map(toTariffLine);
  const lane = {
    origin: allocation.originUnlocode,
    destination: allocation.destinationUnlocode,
    day: toBusinessDay(now, context.settings.timeZone),
  };
  const rate = laneRate(lines, { ...lane, currency: allocation.currency }) ?? laneRate(lines, lane);
  if (rate === null) return null;
  const classified = await tx.classification.findUnique({ where: { styleId: allocation.styleId } });
  const { shipped } = await readDelivered(tx, allocation.allocationId);
  const quantity = Math.max(0, allocation.quantity - shipped);
  const cost = costOf(rate, { quantity, unitWeightGrams: classified?.unitWeightGrams ?? USUAL_WEIGHT_GRAMS });
  if (cost > FREIGHT_MOST) {
    const words = `by the tariffs of this distributor the freight is ${cost} minor units, more than ${FREIGHT_MOST}; correct the tariffs first`;
    return refuse('OUT_OF_RANGE', ['distributorGln'], words);
  }
  // a number: it travels in the event, as JSON
  return { amountMinor: Number(cost), currency: rate.currency };
}
