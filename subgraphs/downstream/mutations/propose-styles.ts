// proposeStyles: new models with their trade items, at most 100, each standing or falling alone.
import { createId } from '../../../lib/ids.ts';
import { checkAmount, checkCount, checkGmn, checkGtin, checkText, checkUnique, type MoneyInput } from '../../../subgraph-kit/checks.ts';
import type { MutationInput } from '../../../subgraph-kit/mutation.ts';
import type { Problems } from '../../../subgraph-kit/problems.ts';
import { execute, sql } from '../../../subgraph-kit/sql.ts';
import type { BrandRow, CreatorRow, SkuRow, StyleCategory, StyleRow } from '../data/rows.ts';
import { brands, creators, skus, styles, stylesByGmn } from '../data/tables.ts';
import { writeStyles, type NewStyle } from '../writes/styles.ts';
import { bulk, SELLERS } from './kinds.ts';
import { findRows, requireOwn, type Found } from './references.ts';

const STYLES_MOST = 100;
const SKUS_MOST = 200;

type StyleInput = {
  readonly gmn: string;
  readonly name: string;
  readonly category: StyleCategory;
  readonly creatorId?: string | null;
  readonly brandId?: string | null;
  readonly retailPrice: MoneyInput;
  readonly skus: readonly { readonly gtin: string; readonly colour: string; readonly size: string }[];
};
type Input = MutationInput & { readonly styles: readonly StyleInput[] };
type Known = {
  readonly creators: Found<CreatorRow>;
  readonly brands: Found<BrandRow>;
  readonly gmns: Found<StyleRow>;
  readonly gtins: Found<SkuRow>;
  /** How many styles of this input name a trade item. */
  readonly uses: ReadonlyMap<string, number>;
};

function checkStyle(style: StyleInput, problems: Problems): void {
  checkGmn(problems, style.gmn, ['gmn']);
  checkText(problems, style.name, ['name']);
  checkAmount(problems, style.retailPrice, ['retailPrice']);
  checkCount(problems, style.skus, ['skus'], SKUS_MOST, 1);
  checkUnique(problems, style.skus, ['skus'], ({ gtin }) => gtin);
  checkUnique(problems, style.skus, ['skus'], ({ colour, size }) => `${colour} ${size}`);
  style.skus.forEach(({ gtin, colour, size }, i) => {
    checkGtin(problems, gtin, ['skus', i, 'gtin']);
    checkText(problems, colour, ['skus', i, 'colour'], 60);
    checkText(problems, size, ['skus', i, 'size'], 40);
  });
}

function judgeStyle(style: StyleInput, known: Known, problems: Problems, memberId: string): void {
  requireOwn(problems, known.creators, { id: style.creatorId, path: ['creatorId'], owners: [memberId] });
  requireOwn(problems, known.brands, { id: style.brandId, path: ['brandId'], owners: [memberId] });
  if (known.gmns.has(style.gmn)) problems.add('DUPLICATE', ['gmn'], `a style has the GMN ${style.gmn} already`);
  style.skus.forEach(({ gtin }, i) => {
    if (known.gtins.has(gtin)) problems.add('DUPLICATE', ['skus', i, 'gtin'], `a trade item has the GTIN ${gtin} already`);
    else if ((known.uses.get(gtin) ?? 0) > 1)
      problems.add('DUPLICATE', ['skus', i, 'gtin'], `several styles of this input name the GTIN ${gtin}`);
  });
}

export const proposeStyles = bulk<Input, StyleInput, Known, StyleRow>({
  name: 'proposeStyles',
  by: SELLERS,
  answer: { field: 'styles', table: styles },
  items: (input) => input.styles,
  path: 'styles',
  most: STYLES_MOST,
  identity: ({ gmn }) => gmn,
  check: checkStyle,
  prepare: async ({ tx }, items) => {
    // two proposals at a time could take the same GMN or GTIN unseen: one waits for the other
    await execute(tx, sql`SELECT pg_advisory_xact_lock(hashtext('downstream.styles'))`);
    const values = items.map(({ value }) => value);
    const gtins = values.flatMap((style) => style.skus.map(({ gtin }) => gtin));
    const uses = new Map<string, number>();
    for (const gtin of gtins) uses.set(gtin, (uses.get(gtin) ?? 0) + 1);
    return {
      creators: await findRows(
        tx,
        creators,
        values.map(({ creatorId }) => creatorId),
      ),
      brands: await findRows(
        tx,
        brands,
        values.map(({ brandId }) => brandId),
      ),
      gmns: await findRows(
        tx,
        stylesByGmn,
        values.map(({ gmn }) => gmn),
      ),
      gtins: await findRows(tx, skus, gtins),
      uses,
    };
  },
  judge: (style, known, problems, { actor }) => judgeStyle(style, known, problems, actor.memberId),
  write: async ({ tx, emit, items, actor, origin, now, context }) => {
    const made = items.map(({ value }): NewStyle => {
      const styleId = createId('sty', context.clock);
      const { gmn, category, retailPrice } = value;
      return {
        row: {
          styleId,
          gmn,
          memberId: actor.memberId,
          origin,
          name: value.name.trim(),
          category,
          brandId: value.brandId ?? null,
          creatorId: value.creatorId ?? null,
          retailPriceMinor: BigInt(retailPrice.amountMinor),
          retailPriceCurrency: retailPrice.currency,
          life: 'PROPOSED',
          proposedAt: now,
          changedAt: now,
        },
        skus: value.skus.map(({ gtin, colour, size }, place) => ({ gtin, styleId, colour, size, place })),
      };
    });
    await writeStyles({ tx, emit }, made);
    return made.map(({ row }) => row);
  },
});
