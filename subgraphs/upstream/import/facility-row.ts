// One record of a list of facilities with coordinates, as Open Supply Hub and brands publish them.
import type { ParsedRow } from '../../../subgraph-kit/import/format.ts';
import { ADDRESS_MOST, NAME_MOST } from '../maker-rules.ts';
import { toCountryCode } from './countries.ts';

export const columns = ['source_list', 'country', 'name', 'address', 'sector', 'lat', 'lng'] as const;
type Column = (typeof columns)[number];

export type FacilityRow = {
  readonly country: string;
  readonly name: string;
  readonly address: string;
  readonly lat: number;
  readonly lng: number;
};

const SECTOR_MOST = 200;

// Line breaks were lost on the way of these lists and stand there as control characters or as □.
const toLine = (text: string): string => text.replace(/[\p{Cc}\u25a1\ufffd\s]+/gu, ' ').trim();

// A degree with a point, as text of a number; null for anything else.
const toDegrees = (text: string): number | null => (/^-?\d{1,3}(\.\d{1,15})?$/.test(text) ? Number(text) : null);

/** Reads one record; the first column that is wrong is named. */
export function parseFacility(record: Readonly<Record<string, string>>): ParsedRow<FacilityRow> {
  const text = (column: Column): string => toLine(record[column] ?? '');
  const bad = (column: Column, reason: string): ParsedRow<FacilityRow> => ({ kind: 'bad', column, value: record[column] ?? '', reason });
  const [country, name, address, sector] = [toCountryCode(text('country')), text('name'), text('address'), text('sector')];
  const [lat, lng] = [toDegrees(text('lat')), toDegrees(text('lng'))];
  if (!/^\d{1,9}$/.test(text('source_list'))) return bad('source_list', 'expected the number of a list');
  if (country === null) return bad('country', 'expected a country by its ISO 3166 code or English name');
  if (name.length === 0 || name.length > NAME_MOST) return bad('name', `expected 1 to ${NAME_MOST} characters, got ${name.length}`);
  if (address.length === 0 || address.length > ADDRESS_MOST)
    return bad('address', `expected 1 to ${ADDRESS_MOST} characters, got ${address.length}`);
  if (sector.length === 0 || sector.length > SECTOR_MOST)
    return bad('sector', `expected 1 to ${SECTOR_MOST} characters, got ${sector.length}`);
  if (lat === null) return bad('lat', 'expected a number of degrees like 27.96542');
  if (lng === null) return bad('lng', 'expected a number of degrees like 120.65768');
  if (Math.abs(lat) > 90) return bad('lat', 'expected -90 to 90 degrees');
  if (Math.abs(lng) > 180) return bad('lng', 'expected -180 to 180 degrees');
  if (lat === 0 && lng === 0) return bad('lat', 'expected a place; 0, 0 stands for an address that was not found');
  return { kind: 'row', row: { country, name, address, lat, lng } };
}
