// A tariff of the database as the rules of trade read it.
import type { TariffLine } from '../../subgraph-kit/trade/landed-cost.ts';
import type { TariffRow } from './data/tables.ts';

export const toTariffLine = ({ priceCurrency, ...tariff }: TariffRow): TariffLine => ({ ...tariff, currency: priceCurrency });
