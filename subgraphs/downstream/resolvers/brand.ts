// Brands: what they say in public is for all; the place they want in people's minds is for those who run them.
import type { PageArgs } from '../../../subgraph-kit/page.ts';
import { maySee } from '../../../subgraph-kit/table.ts';
import { stylesOfBrand } from '../data/lists.ts';
import type { BrandRow } from '../data/rows.ts';
import { brands, styles } from '../data/tables.ts';
import { segmentsOfBrand } from '../loaders/segments-of.ts';
import { memberOf, type Context } from './parts.ts';

export const brandQueries = {
  brand: (_: unknown, { brandId }: { brandId: string }, { loaders }: Context) => loaders.row(brands, brandId),
};

export const brandTypes = {
  Brand: {
    __resolveReference: ({ brandId }: { brandId: string }, { loaders }: Context) => loaders.row(brands, brandId),
    member: memberOf,
    positioning: (brand: BrandRow, _: unknown, { principal }: Context) => (maySee(principal, brand) ? brand.positioning : null),
    segments: ({ brandId }: BrandRow, _: unknown, context: Context) => context.loaders.batch(segmentsOfBrand, brandId, context),
    styles: ({ brandId }: BrandRow, args: PageArgs, { loaders }: Context) => loaders.page(styles, stylesOfBrand, brandId, args),
  },
};
