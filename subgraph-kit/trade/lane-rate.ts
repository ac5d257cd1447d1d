// What carriage on a lane costs by the published tariffs of one distributor.
//
// Units (UN/ECE Recommendation 20) that are understood: H87, EA and C62 per piece; KGM and TNE by weight; MTQ by volume, estimated from the
// weight with 167 kg to the cubic metre (the volumetric weight of 6,000 cm3 to the kilogram that carriers use); E48 per consignment. A tariff
// in another unit, and the services STORAGE, PICK_AND_PACK and RETURNS, are no part of a lane.
import { divideHalfEven } from '../money.ts';

/** A published price as the graph tells it. A null place stands for any, a null last day for an open end. */
export type TariffLine = {
  readonly service: string;
  readonly unit: string;
  readonly priceMinor: bigint;
  readonly currency: string;
  readonly originUnlocode: string | null;
  readonly destinationUnlocode: string | null;
  readonly transitDays: number | null;
  readonly validFrom: Date | string;
  readonly validTo: Date | string | null;
};

/** `currency` left out: that of the first freight tariff that covers the lane. */
export type Lane = { readonly origin: string; readonly destination: string; readonly day: string; readonly currency?: string };

/** Amounts in minor units, exact to a thousandth of one. */
export type Rate = { readonly perConsignmentMinor: number; readonly perKilogramMinor: number; readonly perPieceMinor: number };

/** The sums of freight and handling; `handling` holds what clearing customs costs on a lane between two countries. */
export type LaneRate = Rate & {
  readonly transitDays: number | null;
  readonly currency: string;
  readonly freight: Rate;
  readonly handling: Rate;
};

/** What is sent: pieces and the weight of one. */
export type Consignment = { readonly quantity: number; readonly unitWeightGrams: number };

/** Weight of a packed piece where none was recorded: between a T-shirt and a jacket. */
export const USUAL_WEIGHT_GRAMS = 300;
/** By which the cheapest of several tariffs is told. */
const TYPICAL: Consignment = { quantity: 100, unitWeightGrams: USUAL_WEIGHT_GRAMS };
const KILOGRAMS_PER_CUBIC_METRE = 167n;
const THOUSANDTHS = 1_000n;
const FREE: Rate = { perConsignmentMinor: 0, perKilogramMinor: 0, perPieceMinor: 0 };

/**
 * The cheapest freight tariff that is valid on the day and covers the lane, with the cheapest handling and, between two countries, clearing
 * of customs; null when no freight tariff covers it. A typical consignment of 100 pieces of 300 g decides what is cheapest.
 */
export function laneRate(tariffs: readonly TariffLine[], lane: Lane): LaneRate | null {
  const usable = tariffs.filter((tariff) => covers(tariff, lane) && toRate(tariff) !== null);
  const currency = lane.currency ?? usable.find((tariff) => tariff.service === 'FREIGHT')?.currency;
  const cheapest = (service: string): TariffLine | null =>
    usable
      .filter((tariff) => tariff.service === service && tariff.currency === currency)
      .reduce<TariffLine | null>((best, tariff) => (best === null || isCheaper(tariff, best) ? tariff : best), null);
  const carriage = cheapest('FREIGHT');
  if (carriage === null) return null;
  const abroad = countryOf(lane.origin) !== countryOf(lane.destination);
  const freight = toRate(carriage) ?? FREE;
  const services = [cheapest('HANDLING'), abroad ? cheapest('CUSTOMS') : null];
  const handling = services.reduce((sum, tariff) => addRates(sum, (tariff && toRate(tariff)) ?? FREE), FREE);
  return { ...addRates(freight, handling), transitDays: carriage.transitDays, currency: carriage.currency, freight, handling };
}

/** The cheapest of several distributors' rates for a consignment; of equal ones the first. */
export function cheapestRate(rates: readonly (LaneRate | null)[], consignment: Consignment): LaneRate | null {
  return rates.reduce((best, rate) => {
    if (rate === null || best === null) return best ?? rate;
    return costInThousandths(rate, consignment) < costInThousandths(best, consignment) ? rate : best;
  }, null);
}

/** What a rate makes of a consignment, in minor units, rounded half-even. */
export const costOf = (rate: Rate, consignment: Consignment): bigint =>
  divideHalfEven(costInThousandths(rate, consignment), THOUSANDTHS * 1_000n);

/** Country (ISO 3166) of a place of trade. */
export const countryOf = (unlocode: string): string => unlocode.slice(0, 2);

// In thousandths of a minor unit times grams to the kilogram, so that nothing is rounded on the way.
function costInThousandths(rate: Rate, { quantity, unitWeightGrams }: Consignment): bigint {
  const exact = (amountMinor: number): bigint => BigInt(Math.round(amountMinor * Number(THOUSANDTHS)));
  const pieces = BigInt(quantity);
  const fixed = exact(rate.perConsignmentMinor) + exact(rate.perPieceMinor) * pieces;
  return fixed * 1_000n + exact(rate.perKilogramMinor) * pieces * BigInt(unitWeightGrams);
}

function isCheaper(one: TariffLine, other: TariffLine): boolean {
  const cost = (tariff: TariffLine): bigint => costInThousandths(toRate(tariff) ?? FREE, TYPICAL);
  const days = (tariff: TariffLine): number => tariff.transitDays ?? Number.MAX_SAFE_INTEGER;
  return cost(one) < cost(other) || (cost(one) === cost(other) && days(one) < days(other));
}

const toDay = (day: Date | string): string => (typeof day === 'string' ? day : day.toISOString()).slice(0, 10);

const covers = (tariff: TariffLine, { origin, destination, day }: Lane): boolean =>
  (tariff.originUnlocode ?? origin) === origin &&
  (tariff.destinationUnlocode ?? destination) === destination &&
  toDay(tariff.validFrom) <= day &&
  (tariff.validTo === null || day <= toDay(tariff.validTo));

function toRate({ unit, priceMinor }: TariffLine): Rate | null {
  switch (unit) {
    case 'H87':
    case 'EA':
    case 'C62':
      return { ...FREE, perPieceMinor: Number(priceMinor) };
    case 'KGM':
      return { ...FREE, perKilogramMinor: Number(priceMinor) };
    case 'TNE':
      return { ...FREE, perKilogramMinor: Number(priceMinor) / 1_000 };
    case 'MTQ':
      return { ...FREE, perKilogramMinor: Number(divideHalfEven(priceMinor * THOUSANDTHS, KILOGRAMS_PER_CUBIC_METRE)) / 1_000 };
    case 'E48':
      return { ...FREE, perConsignmentMinor: Number(priceMinor) };
    default:
      return null;
  }
}

// Sums in thousandths, so that they stay exact.
function addRates(one: Rate, other: Rate): Rate {
  const sum = (a: number, b: number): number => (Math.round(a * 1_000) + Math.round(b * 1_000)) / 1_000;
  return {
    perConsignmentMinor: sum(one.perConsignmentMinor, other.perConsignmentMinor),
    perKilogramMinor: sum(one.perKilogramMinor, other.perKilogramMinor),
    perPieceMinor: sum(one.perPieceMinor, other.perPieceMinor),
  };
}
