// Landed cost of allocations by the tariffs of the day, for many at once.
import { toBusinessDay } from '../../../lib/clock/clock.ts';
import type { SubgraphContext } from '../../../subgraph-kit/context.ts';
import type { Batch } from '../../../subgraph-kit/loaders.ts';
import type { Money } from '../../../subgraph-kit/money.ts';
import { query, sql, type SqlRunner } from '../../../subgraph-kit/sql.ts';
import {
  cheapestRate,
  countryOf,
  dutyBps,
  landedCost,
  laneRate,
  USUAL_WEIGHT_GRAMS,
  type LaneRate,
  type TariffLine,
} from '../../../subgraph-kit/trade/landed-cost.ts';
import type { ClassificationRow, TariffRow } from '../data/tables.ts';
import { toTariffLine } from '../tariff-line.ts';

/** What the gateway hands in of an allocation. */
export type CostedAllocation = {
  readonly allocationId: string;
  readonly quantity: number;
  readonly unitPrice: { readonly amountMinor: number; readonly currency: string };
  readonly originUnlocode: string;
  readonly destinationUnlocode: string;
  readonly style: { readonly styleId: string } | null;
};

export type LandedCostAnswer = {
  readonly exWorks: Money;
  readonly freight: Money;
  readonly duty: Money;
  readonly handling: Money;
  readonly total: Money;
  readonly incoterm: 'DDP';
};

/** By the distributor who is cheapest for the allocation; null when no tariff in the currency of the price covers the lane today. */
export const landedCosts: Batch<CostedAllocation, LandedCostAnswer | null, SubgraphContext> = {
  name: 'landedCosts',
  toText: (allocation) => JSON.stringify(allocation),
  load: async (allocations, { db, clock, settings }) => {
    const day = toBusinessDay(clock.now(), settings.timeZone);
    const [tariffs, classified] = await Promise.all([
      readTariffs(db, allocations, day),
      readClassifications(
        db,
        allocations.flatMap(({ style }) => style?.styleId ?? []),
      ),
    ]);
    const ratesOf = rateLanes(tariffs, day);
    return allocations.map((allocation) => cost(allocation, ratesOf(allocation), classified.get(allocation.style?.styleId ?? '')));
  },
};

type Rates = readonly (LaneRate | null)[];

// The rates of each lane, a rate for each distributor, worked out once.
function rateLanes(tariffs: readonly (readonly TariffLine[])[], day: string): (allocation: CostedAllocation) => Rates {
  const known = new Map<string, Rates>();
  return ({ originUnlocode: origin, destinationUnlocode: destination, unitPrice: { currency } }) => {
    const key = JSON.stringify([origin, destination, currency]);
    const rates = known.get(key) ?? tariffs.map((lines) => laneRate(lines, { origin, destination, day, currency }));
    known.set(key, rates);
    return rates;
  };
}

function cost(
  { quantity, unitPrice, originUnlocode: origin, destinationUnlocode: destination }: CostedAllocation,
  rates: Rates,
  classified: ClassificationRow | undefined,
): LandedCostAnswer | null {
  const { currency } = unitPrice;
  const consignment = { quantity, unitWeightGrams: classified?.unitWeightGrams ?? USUAL_WEIGHT_GRAMS };
  const rate = cheapestRate(rates, consignment);
  if (rate === null) return null;
  const duty = dutyBps(classified?.hsCode ?? null, countryOf(origin), countryOf(destination));
  const parts = landedCost({ ...consignment, unitPriceMinor: BigInt(unitPrice.amountMinor), rate, dutyBps: duty });
  const money = (amountMinor: bigint): Money => ({ amountMinor, currency });
  return {
    exWorks: money(parts.exWorksMinor),
    freight: money(parts.freightMinor),
    duty: money(parts.dutyMinor),
    handling: money(parts.handlingMinor),
    total: money(parts.totalMinor),
    incoterm: parts.incoterm,
  };
}

// Tariffs that touch one of the lanes, a list for each distributor.
async function readTariffs(db: SqlRunner, allocations: readonly CostedAllocation[], day: string): Promise<TariffLine[][]> {
  const rows = await query<TariffRow>(
    db,
    sql`SELECT t.* FROM "Tariff" t WHERE t."service" IN ('FREIGHT', 'HANDLING', 'CUSTOMS')
          AND (t."originUnlocode" IS NULL OR t."originUnlocode" = ANY(${allocations.map((a) => a.originUnlocode)}::text[]))
          AND (t."destinationUnlocode" IS NULL OR t."destinationUnlocode" = ANY(${allocations.map((a) => a.destinationUnlocode)}::text[]))
          AND t."validFrom" <= ${day}::date AND (t."validTo" IS NULL OR t."validTo" >= ${day}::date)
        ORDER BY t."gln", t."position"`,
  );
  const byDistributor = new Map<string, TariffLine[]>();
  for (const row of rows) {
    const lines = byDistributor.get(row.gln) ?? [];
    byDistributor.set(row.gln, lines);
    lines.push(toTariffLine(row));
  }
  return [...byDistributor.values()];
}

async function readClassifications(db: SqlRunner, styleIds: readonly string[]): Promise<Map<string, ClassificationRow>> {
  const rows = await query<ClassificationRow>(db, sql`SELECT t.* FROM "Classification" t WHERE t."styleId" = ANY(${styleIds}::text[])`);
  return new Map(rows.map((row) => [row.styleId, row]));
}
