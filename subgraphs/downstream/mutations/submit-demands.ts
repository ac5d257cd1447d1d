// submitDemands: new demand lines, at most 100, each standing or falling alone.
import { toBusinessDay } from '../../../lib/clock/clock.ts';
import { createId } from '../../../lib/ids.ts';
import type { BulkWrite } from '../../../subgraph-kit/bulk-mutation.ts';
import {
  checkAmount,
  checkBps,
  checkCount,
  checkForm,
  checkGln,
  checkNotFuture,
  checkNotPast,
  checkOneCurrency,
  checkOrder,
  checkText,
  checkUnique,
  type MoneyInput,
} from '../../../subgraph-kit/checks.ts';
import type { SubgraphContext } from '../../../subgraph-kit/context.ts';
import { toDate } from '../../../subgraph-kit/days.ts';
import type { MutationInput } from '../../../subgraph-kit/mutation.ts';
import { createProblems, type Problems } from '../../../subgraph-kit/problems.ts';
import { query, sql } from '../../../subgraph-kit/sql.ts';
import { checkCut, cutDemand, totalOf, type CutInput, type CutKnowledge } from '../cut-demand.ts';
import type { Tx } from '../data/client.ts';
import type { CampaignRow, DemandKind, DemandLineRow, StyleRow } from '../data/rows.ts';
import { demandLines, styles } from '../data/tables.ts';
import { readCutKnowledge } from '../writes/cut-knowledge.ts';
import { writeDemand, type NewDemand } from '../writes/demand.ts';
import { bulk, SELLERS } from './kinds.ts';
import { findRows, requireOwn, requireRow, type Found } from './references.ts';

const LINES_MOST = 100;
const CODES_MOST = 50;
/** How long ago a buyer may have ordered what is submitted now. */
const ORDERED_DAYS_MOST = 90;

type DemandInput = {
  readonly campaignId?: string | null;
  readonly siteGln?: string | null;
  readonly styleId: string;
  readonly kind: DemandKind;
  readonly orderedAt?: Date | null;
  readonly cut: CutInput;
  readonly dueDate: string;
  readonly latestDate: string;
  readonly shipToUnlocode: string;
  readonly requiredCapabilities?: readonly string[] | null;
  readonly requiredCertificates?: readonly string[] | null;
  readonly qualityFloorBps?: number | null;
  readonly unitPriceCap?: MoneyInput | null;
  readonly unitMargin: MoneyInput;
  readonly depositPaid?: MoneyInput | null;
};
type Input = MutationInput & { readonly demands: readonly DemandInput[] };
type Known = { readonly styles: Found<StyleRow>; readonly campaigns: Found<CampaignRow>; readonly cuts: CutKnowledge };

function checkDemand(line: DemandInput, problems: Problems, { clock, settings }: SubgraphContext): void {
  checkGln(problems, line.siteGln, ['siteGln']);
  checkOrdered(line.orderedAt, problems, clock.now());
  checkCut(line.cut, problems.at('cut'));
  checkNotPast(problems, line.dueDate, toBusinessDay(clock.now(), settings.timeZone), ['dueDate']);
  checkOrder(problems, line.dueDate, line.latestDate, ['latestDate']);
  checkCodes(line, problems);
  checkBps(problems, line.qualityFloorBps, ['qualityFloorBps']);
  const amounts = ['unitPriceCap', 'unitMargin', 'depositPaid'] as const;
  for (const field of amounts) checkAmount(problems, line[field], [field]);
  checkOneCurrency(
    problems,
    amounts.map((field) => line[field]),
    ['unitMargin', 'currency'],
  );
}

function checkOrdered(orderedAt: Date | null | undefined, problems: Problems, now: Date): void {
  checkNotFuture(problems, orderedAt, now, ['orderedAt']);
  const first = new Date(now.getTime() - ORDERED_DAYS_MOST * 86_400_000);
  if (orderedAt && orderedAt < first)
    problems.add('OUT_OF_RANGE', ['orderedAt'], `expected at most ${ORDERED_DAYS_MOST} days ago, got ${orderedAt.toISOString()}`);
}

// The list of capabilities is the makers': a tag that none has leads to a refusal that says so. Here only its form is checked.
function checkCodes(line: DemandInput, problems: Problems): void {
  const { requiredCapabilities, requiredCertificates } = line;
  checkCount(problems, requiredCapabilities, ['requiredCapabilities'], CODES_MOST);
  checkUnique(problems, requiredCapabilities, ['requiredCapabilities'], String);
  requiredCapabilities?.forEach((tag, i) =>
    checkForm(problems, tag, ['requiredCapabilities', i], /^[A-Za-z][A-Za-z0-9_.:-]{0,59}$/, 'a tag of the code list of capabilities'),
  );
  checkCount(problems, requiredCertificates, ['requiredCertificates'], CODES_MOST);
  checkUnique(problems, requiredCertificates, ['requiredCertificates'], String);
  requiredCertificates?.forEach((certificate, i) => checkText(problems, certificate, ['requiredCertificates', i]));
}

// A campaign that demand is submitted for cannot be called off meanwhile: its row stays locked until the lines are written.
async function readCampaigns(tx: Tx, ids: readonly (string | null | undefined)[]): Promise<Found<CampaignRow>> {
  const wanted = [...new Set(ids.filter((id) => typeof id === 'string'))];
  if (wanted.length === 0) return new Map();
  const rows = await query<CampaignRow>(
    tx,
    sql`SELECT * FROM "Campaign" WHERE "campaignId" = ANY(${wanted}::text[]) ORDER BY "campaignId" FOR SHARE`,
  );
  return new Map(rows.map((row) => [row.campaignId, row]));
}

function judgeDemand(line: DemandInput, known: Known, problems: Problems, memberId: string): void {
  const style = requireRow(problems, known.styles, line.styleId, ['styleId']);
  if (style?.life === 'RETIRED')
    problems.add('WRONG_STATE', ['styleId'], `style ${line.styleId} is RETIRED; nobody may ask for it any more`);
  const campaign = requireOwn(problems, known.campaigns, { id: line.campaignId, path: ['campaignId'], owners: [memberId] });
  if (campaign?.status === 'CLOSED' || campaign?.status === 'CANCELLED') {
    problems.add('WRONG_STATE', ['campaignId'], `the campaign is ${campaign.status}; it raises no demand any more`);
  }
  if (style !== undefined) cutDemand({ styleId: line.styleId, memberId, cut: line.cut }, known.cuts, problems.at('cut'));
}

function toNewDemand(line: DemandInput, write: BulkWrite<Tx, Input, DemandInput, Known>): NewDemand {
  const { known, actor, origin, now, context } = write;
  const cut = cutDemand({ styleId: line.styleId, memberId: actor.memberId, cut: line.cut }, known.cuts, createProblems());
  const row: DemandLineRow = {
    demandLineId: createId('dln', context.clock),
    memberId: actor.memberId,
    origin,
    campaignId: line.campaignId ?? null,
    siteGln: line.siteGln ?? null,
    styleId: line.styleId,
    kind: line.kind,
    quantity: totalOf(cut),
    segmentId: cut.segmentId,
    dueDate: toDate(line.dueDate),
    latestDate: toDate(line.latestDate),
    shipToUnlocode: line.shipToUnlocode,
    requiredCapabilities: [...(line.requiredCapabilities ?? [])],
    requiredCertificates: [...(line.requiredCertificates ?? [])],
    qualityFloorBps: line.qualityFloorBps ?? null,
    unitPriceCapMinor: line.unitPriceCap ? BigInt(line.unitPriceCap.amountMinor) : null,
    unitMarginMinor: BigInt(line.unitMargin.amountMinor),
    depositPaidMinor: BigInt(line.depositPaid?.amountMinor ?? 0),
    currency: line.unitMargin.currency,
    status: 'OPEN',
    cancelReason: null,
    submittedAt: line.orderedAt ?? now,
    changedAt: now,
  };
  return { row, sizes: cut.sizes };
}

export const submitDemands = bulk<Input, DemandInput, Known, DemandLineRow>({
  name: 'submitDemands',
  by: SELLERS,
  answer: { field: 'demandLines', table: demandLines },
  items: (input) => input.demands,
  path: 'demands',
  most: LINES_MOST,
  check: checkDemand,
  prepare: async ({ tx }, items) => {
    const lines = items.map(({ value }) => value);
    return {
      campaigns: await readCampaigns(
        tx,
        lines.map(({ campaignId }) => campaignId),
      ),
      styles: await findRows(
        tx,
        styles,
        lines.map(({ styleId }) => styleId),
      ),
      cuts: await readCutKnowledge(tx, lines),
    };
  },
  judge: (line, known, problems, { actor }) => judgeDemand(line, known, problems, actor.memberId),
  write: async (write) => {
    const made = write.items.map(({ value }) => toNewDemand(value, write));
    await writeDemand(write, made);
    return made.map(({ row }) => row);
  },
});
