// The closed lists of upstream: stages in the order of the work, kinds of product, states of a maker, and the code list of capabilities.
import { defineStateMachine } from '../../subgraph-kit/state-machine.ts';

export const STAGES = ['FABRIC_PREP', 'CUTTING', 'PRINTING', 'EMBROIDERY', 'SEWING', 'FINISHING', 'QC', 'PACKING'] as const;
export type Stage = (typeof STAGES)[number];

export type MakerStatus = 'ACTIVE' | 'PAUSED' | 'CLOSED';

/** A maker pauses and takes work again; closed is for good. */
export const makerStates = defineStateMachine<MakerStatus>({
  name: 'maker',
  initial: 'ACTIVE',
  moves: { ACTIVE: ['PAUSED', 'CLOSED'], PAUSED: ['ACTIVE', 'CLOSED'], CLOSED: [] },
});

/** Every capability tag by the stage it belongs to; no other tag is taken. */
const TAGS_OF_STAGE: Readonly<Record<Stage, readonly string[]>> = {
  FABRIC_PREP: ['FABRIC_INSPECT', 'FABRIC_RELAX', 'FABRIC_PRESHRINK'],
  CUTTING: ['CUT_MANUAL', 'CUT_AUTO', 'CUT_LASER', 'CUT_DIE'],
  PRINTING: ['PRINT_SCREEN', 'PRINT_DIGITAL', 'PRINT_SUBLIMATION', 'PRINT_TRANSFER'],
  EMBROIDERY: ['EMBROIDER_MULTIHEAD', 'EMBROIDER_SEQUIN', 'EMBROIDER_HAND'],
  SEWING: [
    'KNIT_OVERLOCK',
    'KNIT_COVERSTITCH',
    'KNIT_LINKING',
    'WOVEN_LOCKSTITCH',
    'WOVEN_TAILORING',
    'DENIM_HEAVY',
    'LINGERIE_FINE',
    'LEATHER_STITCH',
    'HEM_STRAIGHT',
  ],
  FINISHING: ['FINISH_PRESS', 'FINISH_WASH', 'FINISH_DYE', 'FINISH_TRIM'],
  QC: ['QC_AQL', 'QC_MEASURE', 'QC_NEEDLE'],
  PACKING: ['PACK_FLAT', 'PACK_HANGING', 'PACK_CARTON'],
};

/** The stage of each tag. */
export const CAPABILITY_TAGS: ReadonlyMap<string, Stage> = new Map(
  STAGES.flatMap((stage) => TAGS_OF_STAGE[stage].map((tag) => [tag, stage] as const)),
);

/** Null when the tag is of the list and of this stage, else words that say what was expected. */
export function explainTag(tag: string, stage: string): string | null {
  const known = CAPABILITY_TAGS.get(tag);
  if (known === stage) return null;
  if (known !== undefined) return `"${tag}" belongs to the stage ${known}, not to ${stage}`;
  const tags = Object.entries(TAGS_OF_STAGE).find(([name]) => name === stage)?.[1] ?? [];
  return `"${tag.slice(0, 40)}" is no capability; for ${stage} expected one of ${tags.join(', ')}`;
}
