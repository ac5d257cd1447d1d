// Duty on garments, made-up textiles and bags, approximately.
//
// Typical most-favoured-nation rates of four chapters of the Harmonised System, rounded, as known in November 2026: of the kind that national
// schedules and the World Tariff Profiles show, written down by hand and not read from them line by line. Without preferences, quotas or extra
// duties. Good for comparing lanes; no basis for a declaration.

const EU = new Set('AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK'.split(' '));

/** Basis points for chapters 61 (knitted), 62 (woven), 63 (made-ups) and 42 (bags). */
type Rates = readonly [knitted: number, woven: number, madeUps: number, bags: number];

const CHAPTERS = ['61', '62', '63', '42'];

const RATES: ReadonlyMap<string, Rates> = new Map<string, Rates>([
  ['AU', [500, 500, 500, 500]],
  ['CA', [1_800, 1_700, 1_700, 1_000]],
  ['CN', [700, 700, 600, 800]],
  ['EU', [1_200, 1_200, 1_000, 400]],
  ['GB', [1_200, 1_200, 1_000, 400]],
  ['HK', [0, 0, 0, 0]],
  ['IN', [2_000, 2_000, 1_500, 1_500]],
  ['JP', [1_000, 1_000, 600, 1_000]],
  ['KR', [1_300, 1_300, 1_000, 800]],
  ['SG', [0, 0, 0, 0]],
  ['US', [1_600, 1_300, 700, 1_000]],
  ['VN', [2_000, 2_000, 1_200, 2_000]],
]);
const ELSEWHERE: Rates = [1_500, 1_500, 1_200, 1_000];

// The European Union is one customs territory.
const territoryOf = (country: string): string => (EU.has(country) ? 'EU' : country);

/**
 * Share of the customs value, basis points: 0 within one country or the European Union. A style that was not classified, or not in one of
 * the four chapters, counts as knitted.
 */
export function dutyBps(hsCode: string | null, originCountry: string, destinationCountry: string): number {
  const destination = territoryOf(destinationCountry);
  if (territoryOf(originCountry) === destination) return 0;
  const chapter = CHAPTERS.indexOf(hsCode?.slice(0, 2) ?? '');
  const rates = RATES.get(destination) ?? ELSEWHERE;
  return rates[Math.max(0, chapter)] ?? 0;
}
