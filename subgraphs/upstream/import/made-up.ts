// What no public file says of a facility: what it can do, its terms and its free minutes. Made up from the identity of its row, the same
// in every run; it says nothing about the real company. Of certificates, workers and quality nothing is made up.
import { addDays } from '../../../lib/clock/clock.ts';
import { toDerivedId } from '../../../subgraph-kit/import/derived-id.ts';
import { toNumber } from '../../../subgraph-kit/import/derived-number.ts';
import { CAPABILITY_TAGS, STAGES, type Stage } from '../words.ts';
import type { Offer } from '../writes/buckets.ts';
import type { CapabilityInput, TermInput } from '../writes/makers.ts';

/** Working days of capacity that a facility gets: two weeks, the window in which a week of demand is planned. */
const DAYS = 10;
/** Minutes of one worker in one shift. */
const SHIFT_MINUTES = 480;

/** Stages that every facility does, and the tag of each; what differs is sewing and the secondary processes. */
const COMMON: readonly string[] = [
  'FABRIC_INSPECT',
  'FABRIC_RELAX',
  'CUT_AUTO',
  'CUT_MANUAL',
  'FINISH_PRESS',
  'FINISH_TRIM',
  'QC_AQL',
  'QC_MEASURE',
  'PACK_FLAT',
  'PACK_CARTON',
];

const tagsOf = (stage: Stage): readonly string[] => [...CAPABILITY_TAGS].flatMap(([tag, of]) => (of === stage ? [tag] : []));
const sewing = tagsOf('SEWING');
const secondary = [...tagsOf('PRINTING'), ...tagsOf('EMBROIDERY'), 'FINISH_WASH'];

/** `count` different items, chosen by the text. */
function choose(items: readonly string[], count: number, text: string): string[] {
  const start = toNumber(text, items.length);
  return Array.from({ length: count }, (_, i) => items[(start + i) % items.length] ?? '');
}

/** Three to five kinds of sewing, and up to two secondary processes. */
export function makeCapabilities(identity: string): CapabilityInput[] {
  const tags = [
    ...COMMON,
    ...choose(sewing, 3 + toNumber(`${identity} sewing count`, 3), `${identity} sewing`),
    ...choose(secondary, toNumber(`${identity} secondary count`, 3), `${identity} secondary`),
  ];
  return tags.flatMap((tag) => {
    const stage = CAPABILITY_TAGS.get(tag);
    return stage === undefined ? [] : [{ tag, stage }];
  });
}

/** One term for all kinds of product: lots from 50 to 400 pieces, 7 to 21 days, 0.30 to 0.79 a minute. */
export function makeTerms(identity: string, currency: string): TermInput[] {
  return [
    {
      moq: 50 * (1 + toNumber(`${identity} moq`, 8)),
      acceptsShortLots: toNumber(`${identity} short`, 4) === 0,
      leadTimeDays: 7 + toNumber(`${identity} lead`, 15),
      minutePrice: `0.${30 + toNumber(`${identity} price`, 50)}`,
      currency,
      setupCost: { amountMinor: 10_000 * (1 + toNumber(`${identity} setup`, 10)), currency },
    },
  ];
}

type Facility = { readonly gln: string; readonly memberId: string; readonly country: string; readonly identity: string };

/** Monday to Friday, from `today` on. */
function workingDays(today: string): string[] {
  const days: string[] = [];
  for (let day = today; days.length < DAYS; day = addDays(day, 1)) {
    const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
    if (weekday >= 1 && weekday <= 5) days.push(day);
  }
  return days;
}

/** Minutes of the stages that its capabilities are of, on each of the next working days; sewing has the most workers. */
export function makeOffers({ identity, ...facility }: Facility, capabilities: readonly CapabilityInput[], today: string): Offer[] {
  const stages = STAGES.filter((stage) => capabilities.some((capability) => capability.stage === stage));
  const workers = 5 + toNumber(`${identity} workers`, 36);
  const efficiencyBps = 7_000 + 100 * toNumber(`${identity} efficiency`, 26);
  return workingDays(today).flatMap((day) =>
    stages.map((stage) => {
      const actualMinutes = SHIFT_MINUTES * (stage === 'SEWING' ? workers : Math.ceil(workers / 4));
      const bucketId = toDerivedId('bkt', `${identity} ${stage} ${day}`);
      return {
        ...facility,
        bucketId,
        origin: 'GENERATED',
        stage,
        day,
        actualMinutes,
        maximumMinutes: Math.round(actualMinutes * 1.25),
        efficiencyBps,
      };
    }),
  );
}
