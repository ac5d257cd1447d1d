// What goods cost at their destination, delivered duty paid: ex works + freight + duty + handling. Pure; whole minor units.
import { divideHalfEven } from '../money.ts';
import { costOf, type Consignment, type LaneRate } from './lane-rate.ts';

export { dutyBps } from './duty.ts';
export { cheapestRate, costOf, countryOf, laneRate, USUAL_WEIGHT_GRAMS, type LaneRate, type TariffLine } from './lane-rate.ts';

/** Pieces with their price ex works; the rate is in the currency of the price. */
export type LandedCostInput = Consignment & { readonly unitPriceMinor: bigint; readonly rate: LaneRate; readonly dutyBps: number };

export type LandedCost = {
  readonly exWorksMinor: bigint;
  readonly freightMinor: bigint;
  readonly dutyMinor: bigint;
  readonly handlingMinor: bigint;
  readonly totalMinor: bigint;
  readonly incoterm: 'DDP';
};

/** Each part is rounded half-even, once; the total is their sum. The customs value is the price and the freight (CIF). */
export function landedCost(input: LandedCostInput): LandedCost {
  const exWorksMinor = input.unitPriceMinor * BigInt(input.quantity);
  const freightMinor = costOf(input.rate.freight, input);
  const dutyMinor = divideHalfEven((exWorksMinor + freightMinor) * BigInt(input.dutyBps), 10_000n);
  const handlingMinor = costOf(input.rate.handling, input);
  const totalMinor = exWorksMinor + freightMinor + dutyMinor + handlingMinor;
  return { exWorksMinor, freightMinor, dutyMinor, handlingMinor, totalMinor, incoterm: 'DDP' };
}
