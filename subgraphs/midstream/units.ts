// Rules of units: how they are packed into each other, and what they hold together.
import { explainKey } from '../../subgraph-kit/gs1.ts';
import { checkCount, checkGtin, checkRange, checkUnique, INT_MOST } from '../../subgraph-kit/checks.ts';
import type { Problems } from '../../subgraph-kit/problems.ts';
import { CONTENTS_MOST, LINES_MOST, UNITS_MOST } from './data/shipment-tables.ts';

export type ContentInput = { readonly gtin: string; readonly lotId: string; readonly quantity: number };
export type UnitInput = { readonly sscc: string; readonly parentSscc?: string | null; readonly contents: readonly ContentInput[] };

const SSCC_DIGITS = 18;
/** Lines of all units of one shipment. */
const ALL_CONTENTS_MOST = 10_000;

/** Pieces of one trade item and lot. */
export const lineKey = ({ gtin, lotId }: { readonly gtin: string; readonly lotId: string }): string => `${gtin} of ${lotId}`;

export function checkUnits(problems: Problems, units: readonly UnitInput[]): void {
  checkCount(problems, units, ['units'], UNITS_MOST, 1);
  const all = units.flatMap((unit) => unit.contents);
  checkCount(problems, all, ['units'], ALL_CONTENTS_MOST);
  if (units.length > UNITS_MOST || all.length > ALL_CONTENTS_MOST) return;
  checkUnique(problems, units, ['units'], (unit) => unit.sscc);
  const parents = new Set(units.map((unit) => unit.parentSscc));
  units.forEach((unit, i) => checkUnit(problems.at('units', i), unit, parents.has(unit.sscc)));
  checkNesting(problems, units);
  const lines = new Set(all.map(lineKey)).size;
  if (lines > LINES_MOST)
    problems.add('TOO_MANY', ['units'], `expected at most ${LINES_MOST} trade items and lots in one shipment, got ${lines}`);
  checkRange(problems, sumOf(all), ['units'], { from: 1, to: INT_MOST, unit: 'pieces in one shipment' });
}

function checkUnit(problems: Problems, { sscc, contents }: UnitInput, holdsUnits: boolean): void {
  const wrong = explainKey(sscc, [SSCC_DIGITS]);
  if (wrong !== null) problems.add('BAD_CHECK_DIGIT', ['sscc'], wrong);
  checkCount(problems, contents, ['contents'], CONTENTS_MOST, holdsUnits ? 0 : 1);
  checkUnique(problems, contents, ['contents'], lineKey);
  contents.forEach((content, j) => {
    checkGtin(problems, content.gtin, ['contents', j, 'gtin']);
    checkRange(problems, content.quantity, ['contents', j, 'quantity'], { from: 1, unit: 'pieces' });
  });
}

function checkNesting(problems: Problems, units: readonly UnitInput[]): void {
  const known = new Set(units.map((unit) => unit.sscc));
  const rooted = new Set(findRooted(units));
  units.forEach(({ sscc, parentSscc }, i) => {
    const path = ['units', i, 'parentSscc'];
    if (!parentSscc) return;
    if (!known.has(parentSscc)) problems.add('NOT_FOUND', path, `no unit of this shipment has the SSCC ${parentSscc}`);
    else if (!rooted.has(sscc))
      problems.add('BAD_CODE', path, `expected a unit that does not stand within ${sscc} itself, got ${parentSscc}`);
  });
}

/** Units that stand alone or, by however many steps, within one that does (or within an unknown one); outermost first. */
function findRooted(units: readonly UnitInput[]): string[] {
  const known = new Set(units.map((unit) => unit.sscc));
  const found: string[] = [];
  const within = new Map<string, string[]>();
  for (const { sscc, parentSscc } of units) {
    if (!parentSscc || !known.has(parentSscc)) found.push(sscc);
    else within.set(parentSscc, [...(within.get(parentSscc) ?? []), sscc]);
  }
  const seen = new Set(found);
  // the list grows while it is walked
  for (const sscc of found) {
    for (const inner of within.get(sscc) ?? []) {
      if (!seen.has(inner)) found.push(inner);
      seen.add(inner);
    }
  }
  return found;
}

/** Pieces in each unit, those of the units within it included. The nesting was checked. */
export function countPieces(units: readonly UnitInput[]): Map<string, number> {
  const pieces = new Map(units.map((unit) => [unit.sscc, sumOf(unit.contents)]));
  const parentOf = new Map(units.map((unit) => [unit.sscc, unit.parentSscc ?? null]));
  // innermost first, so that each is complete before it is added to its parent
  for (const sscc of findRooted(units).toReversed()) {
    const parent = parentOf.get(sscc) ?? null;
    if (parent !== null) pieces.set(parent, (pieces.get(parent) ?? 0) + (pieces.get(sscc) ?? 0));
  }
  return pieces;
}

/** Pieces by lot, in the order in which the lots are named. */
export function sumByLot(units: readonly UnitInput[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { lotId, quantity } of units.flatMap((unit) => unit.contents)) sums.set(lotId, (sums.get(lotId) ?? 0) + quantity);
  return sums;
}

const sumOf = (contents: readonly ContentInput[]): number => contents.reduce((sum, content) => sum + content.quantity, 0);
