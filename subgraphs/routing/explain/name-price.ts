// Names of limits for people: stage and day, or the style; never a maker.
import { toDay } from '../../../subgraph-kit/days.ts';
import type { PriceRow } from '../data/tables.ts';
import { WORDS } from './words.ts';

/** `styleName`: of the demand line, for a price of demand. */
export function namePrice(price: Pick<PriceRow, 'kind' | 'stage' | 'day'>, styleName: string | null): string {
  switch (price.kind) {
    case 'CAPACITY':
      return price.stage === null || price.day === null ? 'Minutes' : `${WORDS.en.stage[price.stage]} on ${toDay(price.day)}`;
    case 'SHARE_CAP':
      return 'Largest share of one maker';
    case 'DEMAND':
      return styleName === null ? 'Pieces asked for' : `Pieces of ${styleName}`;
  }
}
