// Lanes between the places of makers and those that demand goes to, each by the cheapest distributor.
import type { Money } from '../../../subgraph-kit/money.ts';
import { cheapestRate, laneRate, USUAL_WEIGHT_GRAMS, type LaneRate, type TariffLine } from '../../../subgraph-kit/trade/landed-cost.ts';
import type { InputLane } from '../model/types.ts';
import type { Exchange } from './exchange.ts';
import type { DistributorNode } from './questions.ts';

/** By which the cheapest of several distributors is told. */
const TYPICAL = { quantity: 100, unitWeightGrams: USUAL_WEIGHT_GRAMS };
const LEFT_OUT = 'tariffs of distributors';

type Places = { readonly origins: ReadonlySet<string>; readonly destinations: ReadonlySet<string>; readonly day: string };

/** Only lanes that a distributor serves, and that say how long they take. */
export function findLanes(distributors: readonly DistributorNode[], places: Places, exchange: Exchange): InputLane[] {
  const tariffs = distributors.map(({ tariffs: all }) => all.flatMap((tariff) => toLine(tariff, places, exchange) ?? []));
  const lanes: InputLane[] = [];
  for (const destination of places.destinations) {
    const leading = tariffs.map((lines) => lines.filter((line) => (line.destinationUnlocode ?? destination) === destination));
    for (const origin of places.origins) {
      const rates = leading.map((lines) => laneRate(lines, { origin, destination, day: places.day }));
      const best = cheapestRate(
        rates.filter((rate) => rate !== null && rate.transitDays !== null),
        TYPICAL,
      );
      if (best !== null) lanes.push(toLane(origin, destination, best));
    }
  }
  return lanes;
}

// Of all distributors in one currency, so that they compare: `priceMinor` is in millionths of its unit.
const SCALE = 1e6;

function toLine(tariff: DistributorNode['tariffs'][number], { day }: Places, exchange: Exchange): TariffLine | null {
  if (tariff.validFrom > day || (tariff.validTo !== null && tariff.validTo < day)) return null;
  const price: Money = tariff.price;
  const amount = exchange.money(price, LEFT_OUT);
  return amount === null ? null : { ...tariff, priceMinor: BigInt(Math.round(amount * SCALE)), currency: 'HUB' };
}

const toLane = (origin: string, destination: string, rate: LaneRate): InputLane => ({
  origin,
  destination,
  transitDays: rate.transitDays ?? 0,
  perConsignment: toUnits(rate.perConsignmentMinor),
  perKilogram: toUnits(rate.perKilogramMinor),
  perPiece: toUnits(rate.perPieceMinor),
});

const toUnits = (amount: number): number => Math.round((amount / SCALE) * 1e6) / 1e6;
