// updateStyle: name, brand, price and step of life of a style.
import { checkAmount, checkText, type MoneyInput } from '../../../subgraph-kit/checks.ts';
import type { MutationInput } from '../../../subgraph-kit/mutation.ts';
import type { StyleLife, StyleRow } from '../data/rows.ts';
import { brands, styles } from '../data/tables.ts';
import { styleLife } from '../state-machines.ts';
import { toStyleEvent } from '../writes/styles.ts';
import { changes } from './kinds.ts';
import { findRows, refuseOn, requireOwn } from './references.ts';

type Input = MutationInput & {
  readonly styleId: string;
  readonly name?: string | null;
  readonly brandId?: string | null;
  readonly retailPrice?: MoneyInput | null;
  readonly life?: StyleLife | null;
};

export const updateStyle = changes<Input, StyleRow, StyleRow, StyleLife>({
  name: 'updateStyle',
  by: 'ANY',
  answer: { field: 'style', table: styles },
  row: { table: styles, key: ({ styleId }) => [styleId] },
  move: { machine: styleLife, from: ({ life }) => life, to: ({ life }) => life ?? null },
  check: ({ name, retailPrice }, problems) => {
    checkText(problems, name, ['name']);
    checkAmount(problems, retailPrice, ['retailPrice']);
  },
  write: async ({ tx, emit, input, row, actor, changedAt, refuse }) => {
    const { brandId, retailPrice } = input;
    const found = await findRows(tx, brands, [brandId]);
    refuseOn((problems) => requireOwn(problems, found, { id: brandId, path: ['brandId'], owners: [actor.memberId] }));
    // its sales are summed in one currency
    if (retailPrice && retailPrice.currency !== row.retailPriceCurrency) {
      refuse(
        'CURRENCY_MISMATCH',
        ['retailPrice', 'currency'],
        `a style keeps its currency: expected ${row.retailPriceCurrency}, got ${retailPrice.currency}`,
      );
    }
    const changed = await tx.style.update({
      where: { styleId: row.styleId },
      data: {
        name: input.name?.trim() ?? row.name,
        brandId: brandId ?? row.brandId,
        retailPriceMinor: retailPrice ? BigInt(retailPrice.amountMinor) : row.retailPriceMinor,
        life: input.life ?? row.life,
        changedAt,
      },
    });
    emit('style.changed', toStyleEvent(changed));
    return changed;
  },
});
