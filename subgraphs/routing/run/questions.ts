// What routing asks the gateway for, and the shapes in which it takes the answers; whatever has another shape ends the run.
import { z } from 'zod';
import { STAGES } from '../model/constants.ts';

const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
const count = z.number().int();
const decimal = z.string().regex(/^-?\d+(\.\d+)?$/);
const currency = z.string().regex(/^[A-Z]{3}$/);
const stage = z.enum(STAGES);
const money = z.object({ amountMinor: count, currency });
const owner = z.object({ memberId: z.string() });

/** A list at the root that is read page by page. */
export type Question<Node> = {
  /** Words for what is read, for messages. */
  readonly name: string;
  readonly field: string;
  readonly source: string;
  readonly node: z.ZodType<Node>;
};

/** `fields` of each node; `filter` are further arguments, `variables` their declarations. */
function ask<Node>(options: {
  name: string;
  field: string;
  node: z.ZodType<Node>;
  fields: string;
  filter?: string;
  variables?: string;
}): Question<Node> {
  const { name, field, node, fields, filter = '', variables = '' } = options;
  const source = `query Routing($first: Int!, $after: String${variables}) {
  ${field}(first: $first, after: $after${filter}) { nodes { ${fields} } pageInfo { hasNextPage endCursor } }
}`;
  return { name, field, source, node };
}

const lineShape = z.object({
  demandLineId: z.string(),
  kind: z.string(),
  member: owner.nullable(),
  origin: z.string(),
  campaign: z.object({ campaignId: z.string() }).nullable(),
  quantity: count.positive(),
  dueDate: day,
  latestDate: day,
  shipToUnlocode: z.string(),
  requiredCapabilities: z.array(z.string()),
  requiredCertificates: z.array(z.string()),
  qualityFloorBps: count.nullable(),
  unitPriceCap: money.nullable(),
  unitMargin: money.nullable(),
  style: z.object({
    styleId: z.string(),
    name: z.string(),
    category: z.string(),
    hsCode: z.string().nullable(),
    unitWeightGrams: count.nullable(),
    operations: z.array(z.object({ stage, smv: z.number().nonnegative(), capability: z.string() })).nullable(),
  }),
});
export type LineNode = z.infer<typeof lineShape>;

// Pieces of a counter-offer count as placed, and yet the next plan decides about them: so lines that are placed whole are read, too.
export const openLines = ask({
  name: 'open demand',
  field: 'demandLines',
  node: lineShape,
  filter: ', status: [OPEN, PARTIAL, ALLOCATED, REFUSED]',
  fields: `demandLineId kind member { memberId } origin campaign { campaignId } quantity dueDate latestDate shipToUnlocode requiredCapabilities
    requiredCertificates qualityFloorBps unitPriceCap { amountMinor currency } unitMargin { amountMinor currency }
    style { styleId name category hsCode unitWeightGrams operations { stage smv capability } }`,
});

const makerShape = z.object({
  gln: z.string(),
  member: owner.nullable(),
  name: z.string(),
  status: z.string(),
  country: z.string(),
  unlocode: z.string().nullable(),
  capabilities: z.array(z.object({ tag: z.string(), evidence: z.string().nullable() })),
  quality: z.object({ score: z.number() }).nullable(),
  terms: z.array(
    z.object({
      category: z.string().nullable(),
      moq: count,
      acceptsShortLots: z.boolean(),
      minutePrice: decimal,
      currency,
      setupCost: money,
    }),
  ),
});
export type MakerNode = z.infer<typeof makerShape>;

export const makers = ask({
  name: 'makers',
  field: 'makers',
  node: makerShape,
  fields: `gln member { memberId } name status country unlocode capabilities { tag evidence } quality { score }
    terms { category moq acceptsShortLots minutePrice currency setupCost { amountMinor currency } }`,
});

const bucketShape = z.object({
  bucketId: z.string(),
  maker: z.object({ gln: z.string() }),
  stage,
  day,
  actualMinutes: count,
  committedMinutes: count,
  heldMinutes: count,
  efficiencyBps: count.positive(),
});
export type BucketNode = z.infer<typeof bucketShape>;

export const buckets = ask({
  name: 'capacity',
  field: 'capacityBuckets',
  node: bucketShape,
  variables: ', $from: Date!, $to: Date!, $stage: Stage',
  filter: ', from: $from, to: $to, stage: $stage',
  fields: 'bucketId maker { gln } stage day actualMinutes committedMinutes heldMinutes efficiencyBps',
});

const distributorShape = z.object({
  gln: z.string(),
  tariffs: z.array(
    z.object({
      service: z.string(),
      unit: z.string(),
      price: money,
      originUnlocode: z.string().nullable(),
      destinationUnlocode: z.string().nullable(),
      transitDays: count.nullable(),
      validFrom: day,
      validTo: day.nullable(),
    }),
  ),
});
export type DistributorNode = z.infer<typeof distributorShape>;

export const distributors = ask({
  name: 'tariffs',
  field: 'distributors',
  node: distributorShape,
  fields: `gln tariffs { service unit price { amountMinor currency } originUnlocode destinationUnlocode transitDays validFrom validTo }`,
});

const quoteShape = z.object({
  quoteId: z.string(),
  demandLine: z.object({ demandLineId: z.string() }).nullable(),
  maker: z.object({ gln: z.string() }),
  unitPrice: money.nullable(),
  setupCost: money.nullable(),
  minQty: count.nullable(),
  earliestFinish: day.nullable(),
});
export type QuoteNode = z.infer<typeof quoteShape>;

/** Newest first. */
export const quotes = ask({
  name: 'quotes',
  field: 'makerQuotes',
  node: quoteShape,
  variables: ', $validAt: DateTime!',
  filter: ', validAt: $validAt',
  fields: `quoteId demandLine { demandLineId } maker { gln } unitPrice { amountMinor currency } setupCost { amountMinor currency } minQty
    earliestFinish`,
});
