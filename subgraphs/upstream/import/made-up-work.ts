// The work on one piece that is made up for an imported style, which nobody has engineered: rough trade figures for its kind, varied by
// its id and the same in every run. A maker that records the work takes its place.
import { toNumber } from '../../../subgraph-kit/import/derived-number.ts';
import type { OperationInput } from '../writes/operations.ts';

/** Minutes of sewing and the tag of the sewing that is usual for each kind of product. */
const USUAL: Readonly<Record<string, { readonly minutes: number; readonly tag: string }>> = {
  T_SHIRT: { minutes: 6, tag: 'KNIT_OVERLOCK' },
  SHIRT: { minutes: 18, tag: 'WOVEN_LOCKSTITCH' },
  SWEATER: { minutes: 16, tag: 'KNIT_LINKING' },
  JACKET: { minutes: 42, tag: 'WOVEN_TAILORING' },
  DRESS: { minutes: 26, tag: 'WOVEN_LOCKSTITCH' },
  SKIRT: { minutes: 14, tag: 'WOVEN_LOCKSTITCH' },
  TROUSERS: { minutes: 22, tag: 'WOVEN_LOCKSTITCH' },
  SPORTSWEAR: { minutes: 9, tag: 'KNIT_COVERSTITCH' },
  UNDERWEAR: { minutes: 15, tag: 'LINGERIE_FINE' },
  BAG: { minutes: 8, tag: 'HEM_STRAIGHT' },
  HOME_TEXTILE: { minutes: 5, tag: 'HEM_STRAIGHT' },
  ACCESSORY: { minutes: 7, tag: 'HEM_STRAIGHT' },
};
const OTHER = { minutes: 10, tag: 'HEM_STRAIGHT' };

/** Operations with minutes of two decimals; sewing is within 15 % of the usual. */
export function makeOperations(styleId: string, category: string): OperationInput[] {
  const { minutes, tag } = USUAL[category] ?? OTHER;
  const sewing = (minutes * (85 + toNumber(styleId, 31))) / 100;
  const step = (stage: string, smv: number, capability: string): OperationInput => ({ stage, smv: Number(smv.toFixed(2)), capability });
  return [
    step('CUTTING', 0.3 + sewing * 0.12, 'CUT_AUTO'),
    step('SEWING', sewing, tag),
    step('FINISHING', 0.5 + sewing * 0.1, 'FINISH_PRESS'),
    step('QC', 0.3 + sewing * 0.05, 'QC_AQL'),
    step('PACKING', 0.5, 'PACK_CARTON'),
  ];
}
