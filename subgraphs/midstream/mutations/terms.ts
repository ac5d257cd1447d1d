// Inputs of promises and tariffs: their checks, and the rows they become.
import { toDate } from '../../../subgraph-kit/days.ts';
import { checkAmount, checkBps, checkCount, checkOrder, checkRange, checkUnique, type MoneyInput } from '../../../subgraph-kit/checks.ts';
import type { Problems } from '../../../subgraph-kit/problems.ts';
import { SLAS_MOST, TARIFFS_MOST, type SlaRow, type TariffRow } from '../data/tables.ts';

export type SlaInput = { readonly measure: string; readonly targetBps: number; readonly penalty?: MoneyInput | null };

export type TariffInput = {
  readonly service: string;
  readonly unit: string;
  readonly price: MoneyInput;
  readonly originUnlocode?: string | null;
  readonly destinationUnlocode?: string | null;
  readonly transitDays?: number | null;
  readonly validFrom: string;
  readonly validTo?: string | null;
};

const TRANSIT_DAYS_MOST = 365;

export function checkSlas(problems: Problems, slas: readonly SlaInput[] | null | undefined): void {
  checkCount(problems, slas, ['slas'], SLAS_MOST);
  checkUnique(problems, slas, ['slas'], (sla) => sla.measure);
  slas?.forEach((sla, i) => {
    checkBps(problems, sla.targetBps, ['slas', i, 'targetBps']);
    checkAmount(problems, sla.penalty, ['slas', i, 'penalty']);
  });
}

export function checkTariffs(problems: Problems, tariffs: readonly TariffInput[]): void {
  checkCount(problems, tariffs, ['tariffs'], TARIFFS_MOST);
  tariffs.forEach((tariff, i) => {
    checkAmount(problems, tariff.price, ['tariffs', i, 'price']);
    checkRange(problems, tariff.transitDays, ['tariffs', i, 'transitDays'], { from: 0, to: TRANSIT_DAYS_MOST, unit: 'days' });
    checkOrder(problems, tariff.validFrom, tariff.validTo, ['tariffs', i, 'validTo']);
  });
}

export const toSlaRows = (gln: string, slas: readonly SlaInput[]): SlaRow[] =>
  slas.map((sla, position) => ({
    gln,
    position,
    measure: sla.measure,
    targetBps: sla.targetBps,
    penaltyMinor: sla.penalty ? BigInt(sla.penalty.amountMinor) : null,
    penaltyCurrency: sla.penalty?.currency ?? null,
  }));

export const toTariffRows = (gln: string, tariffs: readonly TariffInput[]): TariffRow[] =>
  tariffs.map((tariff, position) => ({
    gln,
    position,
    service: tariff.service,
    unit: tariff.unit,
    priceMinor: BigInt(tariff.price.amountMinor),
    priceCurrency: tariff.price.currency,
    originUnlocode: tariff.originUnlocode ?? null,
    destinationUnlocode: tariff.destinationUnlocode ?? null,
    transitDays: tariff.transitDays ?? null,
    validFrom: toDate(tariff.validFrom),
    validTo: tariff.validTo ? toDate(tariff.validTo) : null,
  }));
