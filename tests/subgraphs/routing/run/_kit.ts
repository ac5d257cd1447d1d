/** An industry of plain objects behind a stand-in for the gateway that hands it out page by page, and rows of routing's own. */
import { openClient, type Tx } from '../../../../subgraphs/routing/data/client.ts';
import type { RunRow } from '../../../../subgraphs/routing/data/tables.ts';
import { routing } from '../../../../subgraphs/routing/routing.ts';
import type { BucketNode, DistributorNode, LineNode, MakerNode, QuoteNode } from '../../../../subgraphs/routing/run/questions.ts';
import type { Change } from '../../../../subgraphs/routing/writes/change.ts';
import { preparePolicy } from '../../../../subgraphs/routing/writes/policy.ts';
import { startRun } from '../../../../subgraphs/routing/writes/runs.ts';
import type { AskHub } from '../../../../subgraph-kit/ask-hub.ts';
import { runChange } from '../../../../subgraph-kit/change.ts';
import { openTestSubgraph, type TestSubgraph } from '../../../_kit/subgraph.ts';

export const today = '2026-11-22';

export type Nodes = {
  readonly demandLines: readonly LineNode[];
  readonly makers: readonly MakerNode[];
  readonly capacityBuckets: readonly BucketNode[];
  readonly distributors: readonly DistributorNode[];
  readonly makerQuotes: readonly QuoteNode[];
};

export type Question = { readonly field: keyof Nodes; readonly variables: Readonly<Record<string, unknown>> };

const name = (prefix: string, i: number): string => `${prefix}_${String(i).padStart(5, '0')}`;

export const lineNode = (i: number, more: Partial<LineNode> = {}): LineNode => ({
  demandLineId: name('dln', i),
  kind: 'ORDER',
  member: { memberId: 'mbr_creator' },
  origin: 'REPORTED',
  campaign: { campaignId: 'cmp_1' },
  quantity: 100,
  dueDate: '2026-12-05',
  latestDate: '2026-12-12',
  shipToUnlocode: 'CNSHA',
  requiredCapabilities: ['KNIT_OVERLOCK', 'CUT_AUTO'],
  requiredCertificates: [],
  qualityFloorBps: null,
  unitPriceCap: { amountMinor: 6_000, currency: 'CNY' },
  unitMargin: { amountMinor: 3_000, currency: 'CNY' },
  style: {
    styleId: name('sty', i % 7),
    name: `Tee ${i % 7}`,
    category: 'T_SHIRT',
    hsCode: '610910',
    unitWeightGrams: 180,
    operations: [
      { stage: 'SEWING', smv: 4.5, capability: 'KNIT_OVERLOCK' },
      { stage: 'CUTTING', smv: 1.25, capability: 'CUT_AUTO' },
      { stage: 'SEWING', smv: 1.5, capability: 'LOCKSTITCH' },
    ],
  },
  ...more,
});

export const makerNode = (i: number, more: Partial<MakerNode> = {}): MakerNode => ({
  gln: name('gln', i),
  member: { memberId: name('mbr', i) },
  name: `Works ${i}`,
  status: 'ACTIVE',
  country: 'CN',
  unlocode: i % 2 === 0 ? 'CNHGH' : 'CNNGB',
  capabilities: [
    { tag: 'KNIT_OVERLOCK', evidence: 'ISO 9001' },
    { tag: 'CUT_AUTO', evidence: null },
    { tag: 'LOCKSTITCH', evidence: 'ISO 9001' },
  ],
  quality: { score: 0.9 },
  terms: [
    {
      category: null,
      moq: 50,
      acceptsShortLots: true,
      minutePrice: '1.25',
      currency: 'CNY',
      setupCost: { amountMinor: 10_000, currency: 'CNY' },
    },
  ],
  ...more,
});

export const bucketNode = (maker: number, day: string, stage: BucketNode['stage'], more: Partial<BucketNode> = {}): BucketNode => ({
  bucketId: `bkt_${name('m', maker)}_${day}_${stage}`,
  maker: { gln: name('gln', maker) },
  stage,
  day,
  actualMinutes: 1_000,
  committedMinutes: 100,
  heldMinutes: 50,
  efficiencyBps: 8_000,
  ...more,
});

export const distributorNode = (i: number, tariffs: DistributorNode['tariffs']): DistributorNode => ({ gln: name('dis', i), tariffs });

export const tariff = (
  amountMinor: number,
  currency: string,
  transitDays: number | null,
  more: Partial<DistributorNode['tariffs'][number]> = {},
): DistributorNode['tariffs'][number] => ({
  service: 'FREIGHT',
  unit: 'KGM',
  price: { amountMinor, currency },
  originUnlocode: null,
  destinationUnlocode: 'CNSHA',
  transitDays,
  validFrom: '2026-01-01',
  validTo: null,
  ...more,
});

export const quoteNode = (i: number, line: number, maker: number, more: Partial<QuoteNode> = {}): QuoteNode => ({
  quoteId: name('quo', i),
  demandLine: { demandLineId: name('dln', line) },
  maker: { gln: name('gln', maker) },
  unitPrice: { amountMinor: 880, currency: 'CNY' },
  setupCost: { amountMinor: 5_000, currency: 'CNY' },
  minQty: 20,
  earliestFinish: '2026-12-01',
  ...more,
});

/** Two makers, three lines, a week of capacity. */
export function smallIndustry(more: Partial<Nodes> = {}): Nodes {
  const days = ['2026-11-23', '2026-11-24', '2026-11-25', '2026-11-26'];
  return {
    demandLines: [1, 2, 3].map((i) => lineNode(i)),
    makers: [1, 2].map((i) => makerNode(i)),
    capacityBuckets: [1, 2].flatMap((maker) =>
      days.flatMap((day) => [bucketNode(maker, day, 'SEWING'), bucketNode(maker, day, 'CUTTING')]),
    ),
    distributors: [distributorNode(1, [tariff(500, 'CNY', 2)])],
    makerQuotes: [],
    ...more,
  };
}

/** Answers as the gateway does, of whatever `nodes` holds at the moment, and notes what it was asked. */
export function createAskHub(nodes: () => Nodes): { askHub: AskHub; asked: Question[] } {
  const asked: Question[] = [];
  const askHub: AskHub = async (source, variables = {}) => {
    const { first, after, from } = variables as { first: number; after: string | null; from?: string };
    const field = /\n {2}(\w+)\(/.exec(source)?.[1] as keyof Nodes;
    asked.push({ field, variables });
    const all: readonly object[] = nodes()[field].filter((node) => from === undefined || !('day' in node) || node.day === from);
    const start = after === null ? 0 : Number(after);
    const end = Math.min(all.length, start + first);
    return {
      [field]: { nodes: all.slice(start, end), pageInfo: { hasNextPage: end < all.length, endCursor: end === 0 ? null : String(end) } },
    };
  };
  return { askHub, asked };
}

export type Open = TestSubgraph<Tx, ReturnType<typeof openClient>>;

/** Routing on a database of its own, with its first policy. */
export async function openRouting(): Promise<Open & { change: Open['change']; write: Write; run: (runId: string) => Promise<RunRow> }> {
  const subgraph = await openTestSubgraph(routing, openClient);
  const write: Write = (work) =>
    runChange(
      {
        db: subgraph.db,
        clock: subgraph.clock,
        cause: { actorId: null, causeId: null, requestId: null },
        topics: ['policy.published', 'run.started', 'run.completed'],
      },
      (change) => work({ ...change, settings: subgraph.settings }),
    );
  await write((change) => preparePolicy(change));
  const run = async (runId: string): Promise<RunRow> =>
    (await subgraph.db.run.findUniqueOrThrow({ where: { runId } })) as unknown as RunRow;
  return { ...subgraph, write, run };
}

type Write = <T>(work: (change: Change) => Promise<T>) => Promise<T>;

/** A run that waits, as `reroute` enters it. */
export const enterRun = (write: Write): Promise<RunRow> =>
  write((change) => startRun(change, { trigger: 'MANUAL', memberId: 'mbr_creator' }));

type Piece = { line: number; gln: string; status: string; quantity: number; bucketId?: string; minutes?: number; counter?: Counter };
type Counter = { quantity: number; priceMinor: bigint; currency: string; day: string };

/** Allocations as earlier plans left them. */
export async function enterAllocations(db: Open['db'], pieces: readonly Piece[]): Promise<string[]> {
  const at = new Date('2026-11-20T00:00:00Z');
  const ids: string[] = [];
  for (const [i, { line, gln, status, quantity, bucketId, minutes, counter }] of pieces.entries()) {
    const allocationId = name('alc', i);
    ids.push(allocationId);
    await db.allocation.create({
      data: {
        allocationId,
        runId: 'run_before',
        decisionId: 'dec_before',
        demandLineId: name('dln', line),
        demandMemberId: 'mbr_creator',
        memberId: 'mbr_maker',
        origin: 'REPORTED',
        gln,
        styleId: 'sty_1',
        quantity,
        unitPriceMinor: 1_000n,
        currency: 'CNY',
        originUnlocode: 'CNHGH',
        destinationUnlocode: 'CNSHA',
        promisedDate: new Date('2026-12-01'),
        status,
        ...(counter === undefined
          ? {}
          : {
              counterQuantity: counter.quantity,
              counterPriceMinor: counter.priceMinor,
              counterCurrency: counter.currency,
              counterDate: new Date(counter.day),
              counterAt: at,
            }),
        proposedAt: at,
        changedAt: at,
      },
    });
    if (bucketId !== undefined)
      await db.allocationSlot.create({
        data: {
          allocationId,
          position: 0,
          stage: 'SEWING',
          day: new Date('2026-11-23'),
          bucketId,
          minutes: minutes ?? 0,
          pieces: quantity,
        },
      });
  }
  return ids;
}
