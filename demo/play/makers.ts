// Makers enter their facilities and publish minutes for three weeks; the hub records how earlier lots were inspected.
import { z } from 'zod';
import { addDays } from '../../lib/clock/clock.ts';
import type { Player } from '../client.ts';
import { toKey13 } from '../gs1.ts';
import { forEachOf, inParts, type Stage } from '../stage.ts';
import { drawProductivity } from '../shape.ts';
import { certificates, kinds, towns } from '../words.ts';
import type { Cast } from './members.ts';

export type Facility = { readonly player: Player; readonly gln: string; readonly tags: readonly string[] };

const DAYS = 21;
const LOTS = 20;
// Variables of a request may take 64 KiB.
const PART = 240;
const makerShape = z.object({ gln: z.string() });

// A facility sews one or two families of products and prepares, cuts, finishes, checks and packs like all others.
const commonTags = [
  { tag: 'FABRIC_INSPECT', stage: 'FABRIC_PREP' },
  { tag: 'CUT_AUTO', stage: 'CUTTING' },
  { tag: 'FINISH_PRESS', stage: 'FINISHING' },
  { tag: 'QC_AQL', stage: 'QC' },
  { tag: 'PACK_CARTON', stage: 'PACKING' },
];
const extraTags = [
  { tag: 'PRINT_SCREEN', stage: 'PRINTING' },
  { tag: 'PRINT_DIGITAL', stage: 'PRINTING' },
  { tag: 'EMBROIDER_MULTIHEAD', stage: 'EMBROIDERY' },
];
const sewingTags = [...new Set(kinds.map((kind) => kind.tag))];

export async function playMakers(stage: Stage, cast: Cast): Promise<Facility[]> {
  const facilities = await forEachOf(cast.makers, 6, (player, i) => register(stage, player, i));
  await forEachOf(facilities, 6, (facility, i) => publish(stage, facility, i));
  await recordHistory(stage, facilities);
  return facilities;
}

async function register(stage: Stage, player: Player & { name: string }, i: number): Promise<Facility> {
  const random = stage.random('maker', i);
  const town = random.pick(towns);
  const sewing = [sewingTags[i % sewingTags.length] ?? 'HEM_STRAIGHT', ...random.some(sewingTags, 2)];
  const capabilities = [
    ...commonTags,
    ...random.some(extraTags, random.pick([0, 2, 3, 3])),
    ...[...new Set(sewing)].map((tag) => ({ tag, stage: 'SEWING' })),
  ].map((capability) => ({
    ...capability,
    ...(random.chance(0.4) ? { evidence: random.pick(certificates) } : {}),
  }));
  const workers = Math.min(400, Math.max(12, Math.round(random.logNormal(45, 0.6))));
  const payload = await stage.client.change(
    player,
    'registerMaker',
    {
      gln: toKey13(1, i),
      name: player.name,
      country: 'CN',
      region: { province: town.province, county: town.county },
      address: `${random.int(1, 200)} Industrial Road, ${town.county}, ${town.province}`,
      location: { lat: town.lat + (random.next() - 0.5) / 10, lng: town.lng + (random.next() - 0.5) / 10 },
      unlocode: town.unlocode,
      lineWorkers: workers,
      capabilities,
      terms: [terms(stage, i, workers)],
      idempotencyKey: stage.key('maker', i),
    },
    'maker { gln }',
  );
  return { player, gln: makerShape.parse(payload['maker']).gln, tags: capabilities.map((capability) => capability.tag) };
}

function terms(stage: Stage, i: number, workers: number): Record<string, unknown> {
  const random = stage.random('terms', i);
  return {
    moq: workers > 80 ? random.pick([100, 150, 200]) : random.pick([30, 50, 100]),
    acceptsShortLots: random.chance(0.4),
    leadTimeDays: random.int(3, 9),
    minutePrice: (0.8 + random.next() * 0.9).toFixed(3),
    currency: stage.currency,
    setupCost: stage.yuan(random.int(80, 400)),
  };
}

// Share of a line's minutes that stands idle and is offered; sewing is by far the longest stage.
const shareOfStage: Readonly<Record<string, number>> = {
  FABRIC_PREP: 0.04,
  CUTTING: 0.1,
  PRINTING: 0.06,
  EMBROIDERY: 0.06,
  SEWING: 0.55,
  FINISHING: 0.1,
  QC: 0.05,
  PACKING: 0.04,
};

async function publish(stage: Stage, facility: Facility, i: number): Promise<void> {
  const random = stage.random('capacity', i);
  const workers = Math.max(12, random.logNormal(45, 0.5));
  const buckets = Array.from({ length: DAYS }, (_, day) => addDays(stage.today, day)).flatMap((day) =>
    Object.entries(shareOfStage).map(([name, share]) => {
      const actualMinutes = Math.round(workers * 600 * 0.25 * share * (0.5 + random.next()));
      return {
        gln: facility.gln,
        stage: name,
        day,
        actualMinutes,
        maximumMinutes: Math.round(actualMinutes * 1.2),
        efficiencyBps: Math.round(drawProductivity(random) * 10_000),
      };
    }),
  );
  await stage.client.change(
    facility.player,
    'publishCapacity',
    { buckets, idempotencyKey: stage.key('capacity', i, stage.today) },
    'buckets { bucketId }',
  );
}

async function recordHistory(stage: Stage, facilities: readonly Facility[]): Promise<void> {
  const inspections = facilities.flatMap(({ gln }, i) => {
    const random = stage.random('quality', i);
    const skill = 0.88 + random.next() * 0.11;
    return Array.from({ length: LOTS }, (_, lot) => {
      const pieces = Math.max(20, Math.round(random.logNormal(140, 0.7)));
      const firstPassPieces = Math.min(pieces, Math.round(pieces * (skill + (random.next() - 0.5) / 20)));
      return {
        gln,
        day: addDays(stage.today, -7 * (lot + 1)),
        pieces,
        firstPassPieces,
        rejected: random.chance((1 - skill) / 2),
        onTime: random.chance(0.7 + skill / 4),
      };
    });
  });
  for (const [part, some] of inParts(inspections, PART).entries()) {
    await stage.client.change(
      stage.hub,
      'recordInspections',
      { inspections: some, idempotencyKey: stage.key('inspections', part) },
      'makers { gln }',
    );
  }
}
