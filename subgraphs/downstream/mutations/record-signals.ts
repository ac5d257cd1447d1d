// recordSignals: what audiences did in short windows, at most 1,000, by the owner of the source, the style or the campaign.
import { createId } from '../../../lib/ids.ts';
import { checkNotFuture, checkRange, INT_MOST } from '../../../subgraph-kit/checks.ts';
import type { MutationInput } from '../../../subgraph-kit/mutation.ts';
import type { Problems } from '../../../subgraph-kit/problems.ts';
import type { Tx } from '../data/client.ts';
import type { CampaignRow, SignalRow, SourceRow, StyleRow } from '../data/rows.ts';
import { campaigns, signals, sources, styles } from '../data/tables.ts';
import { writeSignals, type NewSignal } from '../writes/signals.ts';
import { bulk, SELLERS } from './kinds.ts';
import { findRows, requireOwn, requireRow, withoutDrafts, type Found } from './references.ts';
import { toLong } from './traffic.ts';

const SIGNALS_MOST = 1_000;
const WINDOW_MOST = 7 * 86_400;

type SignalInput = {
  readonly styleId?: string | null;
  readonly sourceId?: string | null;
  readonly campaignId?: string | null;
  readonly at: Date;
  readonly windowSeconds: number;
  readonly views?: number | null;
  readonly reactions?: number | null;
  readonly addToCarts?: number | null;
  readonly deposits?: number | null;
  readonly orders?: number | null;
};
type Input = MutationInput & { readonly signals: readonly SignalInput[] };
type Known = {
  readonly styles: Found<StyleRow>;
  readonly sources: Found<SourceRow>;
  readonly campaigns: Found<CampaignRow>;
  /** `campaignId styleId` of all that the campaigns sell. */
  readonly offered: ReadonlySet<string>;
};

function checkSignal(signal: SignalInput, problems: Problems, now: Date): void {
  if (!signal.styleId && !signal.sourceId)
    problems.add('TOO_FEW', [], 'expected the style that was looked at, the source it came from, or both; got neither');
  checkNotFuture(problems, signal.at, now, ['at']);
  checkRange(problems, signal.windowSeconds, ['windowSeconds'], { from: 1, to: WINDOW_MOST, unit: 'seconds' });
  for (const field of ['views', 'reactions', 'addToCarts'] as const) checkRange(problems, signal[field], [field], { from: 0 });
  for (const field of ['deposits', 'orders'] as const) checkRange(problems, signal[field], [field], { from: 0, to: INT_MOST });
}

async function readKnown(tx: Tx, list: readonly SignalInput[], memberId: string): Promise<Known> {
  const campaignIds = list.map(({ campaignId }) => campaignId);
  const foundCampaigns = withoutDrafts(await findRows(tx, campaigns, campaignIds), memberId);
  const offers = await tx.campaignStyle.findMany({ where: { campaignId: { in: [...foundCampaigns.keys()] } } });
  return {
    styles: await findRows(
      tx,
      styles,
      list.map(({ styleId }) => styleId),
    ),
    sources: await findRows(
      tx,
      sources,
      list.map(({ sourceId }) => sourceId),
    ),
    campaigns: foundCampaigns,
    offered: new Set(offers.map(({ campaignId, styleId }) => `${campaignId} ${styleId}`)),
  };
}

// Anybody may show anybody's style: on a source or in a campaign of their own, or when the style is theirs.
function judgeSignal(signal: SignalInput, known: Known, problems: Problems, memberId: string): void {
  const { styleId, sourceId, campaignId } = signal;
  requireOwn(problems, known.sources, { id: sourceId, path: ['sourceId'], owners: [memberId] });
  requireOwn(problems, known.campaigns, { id: campaignId, path: ['campaignId'], owners: [memberId] });
  const style = requireRow(problems, known.styles, styleId, ['styleId']);
  if (style === undefined || problems.list.length > 0) return;
  if (campaignId && !known.offered.has(`${campaignId} ${style.styleId}`))
    problems.add('NOT_FOUND', ['campaignId'], `campaign ${campaignId} does not sell style ${style.styleId}`);
  if (!sourceId && !campaignId && style.memberId !== memberId)
    problems.add('NOT_YOURS', ['styleId'], 'the style belongs to another member; name the own source or campaign that it was shown in');
}

export const recordSignals = bulk<Input, SignalInput, Known, SignalRow>({
  name: 'recordSignals',
  by: SELLERS,
  answer: { field: 'signals', table: signals },
  items: (input) => input.signals,
  path: 'signals',
  most: SIGNALS_MOST,
  check: (signal, problems, { clock }) => checkSignal(signal, problems, clock.now()),
  prepare: ({ tx, actor }, items) =>
    readKnown(
      tx,
      items.map(({ value }) => value),
      actor.memberId,
    ),
  judge: (signal, known, problems, { actor }) => judgeSignal(signal, known, problems, actor.memberId),
  write: ({ tx, emit, items, actor, origin, context }) =>
    writeSignals(
      { tx, emit },
      items.map(({ value }): NewSignal => ({
        signalId: createId('sig', context.clock),
        memberId: actor.memberId,
        origin,
        styleId: value.styleId ?? null,
        sourceId: value.sourceId ?? null,
        campaignId: value.campaignId ?? null,
        at: value.at,
        windowSeconds: value.windowSeconds,
        views: toLong(value.views),
        reactions: toLong(value.reactions),
        addToCarts: toLong(value.addToCarts),
        deposits: value.deposits ?? null,
        orders: value.orders ?? null,
      })),
    ),
});
