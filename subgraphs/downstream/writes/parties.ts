// Writes creators, agencies, brands and segments, each with its event; many rows in a constant number of statements.
import type { BrandRow, CreatorRow, McnRow, SegmentRow } from '../data/rows.ts';
import { toLinks, type Writer } from './writer.ts';

export async function writeCreators({ tx, emit }: Writer, rows: readonly CreatorRow[]): Promise<void> {
  await tx.creator.createMany({ data: [...rows] });
  for (const row of rows) emit('creator.changed', row);
}

export async function writeMcns({ tx, emit }: Writer, rows: readonly McnRow[]): Promise<void> {
  await tx.mcn.createMany({ data: [...rows] });
  for (const row of rows) emit('mcn.changed', row);
}

export type NewBrand = { readonly row: BrandRow; readonly segmentIds: readonly string[] };

export async function writeBrands({ tx, emit }: Writer, brands: readonly NewBrand[]): Promise<void> {
  await tx.brand.createMany({ data: brands.map(({ row }) => row) });
  const links = brands.flatMap(({ row, segmentIds }) => toLinks('brandId', 'segmentId', row.brandId, segmentIds));
  if (links.length > 0) await tx.brandSegment.createMany({ data: links });
  for (const { row } of brands) emit('brand.changed', row);
}

export type CurvePart = { readonly size: string; readonly shareBps: number };
export type NewSegment = { readonly row: SegmentRow; readonly sizeCurve: readonly CurvePart[] };

export async function writeSegments({ tx, emit }: Writer, segments: readonly NewSegment[]): Promise<void> {
  await tx.audienceSegment.createMany({ data: segments.map(({ row }) => row) });
  await tx.segmentSize.createMany({ data: segments.flatMap(({ row, sizeCurve }) => toCurveRows(row.segmentId, sizeCurve)) });
  for (const { row } of segments) emit('segment.changed', row);
}

export const toCurveRows = (segmentId: string, sizeCurve: readonly CurvePart[]) =>
  sizeCurve.map(({ size, shareBps }, place) => ({ segmentId, size, shareBps, place }));
