// Parts that the types of money share.
import { createError } from '../../../lib/errors/errors.ts';
import { addDays } from '../../../lib/clock/clock.ts';
import { toMoney } from '../../../subgraph-kit/money.ts';
import type { ConvertedColumns } from '../data/money-tables.ts';
import { members } from '../data/tables.ts';
import type { PayeeKind } from '../money/waterfall.ts';
import { decimal, type Context } from './parts.ts';

/** A payee as the union of the graph wants it: a reference, or the member itself. */
export async function toPayee(kind: PayeeKind, id: string, { loaders }: Context): Promise<object | null> {
  switch (kind) {
    case 'MAKER':
      return { __typename: 'Maker', gln: id };
    case 'DISTRIBUTOR':
      return { __typename: 'Distributor', gln: id };
    case 'CREATOR':
      return { __typename: 'Creator', creatorId: id };
    case 'MCN':
      return { __typename: 'Mcn', mcnId: id };
    case 'MEMBER': {
      const member = await loaders.row(members, id);
      return member === null ? null : { __typename: 'Member', ...member };
    }
  }
}

/** How an amount was converted; null when it was not. */
export const toConversion = ({ originalMinor, originalCurrency, rate, rateDate }: ConvertedColumns): object | null =>
  originalMinor === null ? null : { original: toMoney(originalMinor, originalCurrency), rate: decimal(rate), rateDate };

const DAYS_MOST = 366;

/** Refuses a range of days that is reversed or longer than a leap year. */
export function checkDays(from: string, to: string): void {
  if (from > to) throw createError('BAD_USER_INPUT', `the last day ${to} lies before the first day ${from}`);
  if (to > addDays(from, DAYS_MOST - 1)) throw createError('BAD_USER_INPUT', `at most ${DAYS_MOST} days can be read at a time`);
}
