// receiveShipment: what reached a place, by whom it was brought or who ordered it; raises the stock and issues the receipt advice.
import { toBusinessDay } from '../../../lib/clock/clock.ts';
import { checkNotFuture } from '../../../subgraph-kit/checks.ts';
import { toDay } from '../../../subgraph-kit/days.ts';
import { createMutationKinds, type MutationInput, type Write } from '../../../subgraph-kit/mutation.ts';
import { createProblems, Refusal } from '../../../subgraph-kit/problems.ts';
import type { Tx } from '../data/client.ts';
import { lockAllocation } from '../data/copies.ts';
import { moveStock } from '../data/move-stock.ts';
import { shipments, type ShipmentRow, type ShipmentStatus } from '../data/shipment-tables.ts';
import {
  insertReceipt,
  issueDocument,
  readDelivered,
  readDespatched,
  readMilestones,
  reportMove,
  updateShipment,
} from '../data/shipments.ts';
import { lastReported } from '../milestones.ts';
import { checkAgainstDespatch, checkLines, judgeReceipt, type LineInput, type Outcome } from '../receipt.ts';
import { shipmentStates } from '../state-machines.ts';

const { changes } = createMutationKinds<Tx>();

type Input = MutationInput & {
  readonly gsin: string;
  readonly siteGln: string;
  readonly lines: readonly LineInput[];
  readonly at: Date;
};

export const receiveShipment = changes<Input, ShipmentRow, ShipmentRow, ShipmentStatus>({
  name: 'receiveShipment',
  by: 'ANY',
  answer: { field: 'shipment', table: shipments },
  row: {
    table: shipments,
    key: (input) => [input.gsin],
    mayChange: (row, { memberId }) => memberId === row.memberId || memberId === row.demandMemberId,
  },
  move: { machine: shipmentStates, from: (row) => row.status, to: () => 'DELIVERED' },
  check: (input, problems, { clock }) => {
    checkNotFuture(problems, input.at, clock.now(), ['at']);
    checkLines(problems, input.lines);
  },
  write: async (write) => {
    const { tx, input, emit, row, changedAt, now } = write;
    await checkSite(write, row);
    const outcome = await judge(write, row);
    const { gsin, siteGln, at } = input;
    await insertReceipt(
      tx,
      input.lines.map(({ gtin, lotId, good, damaged }, position) => ({ gsin, position, gtin, lotId, good, damaged })),
    );
    await closeMilestones(write, row);
    const receiptAdviceId = await issueAdvice(write, row);
    const arrived = { eta: at, etaConfidenceBps: 10_000, otif: outcome.otif };
    const after = await updateShipment(tx, gsin, { status: 'DELIVERED', ...arrived, receiptAdviceId, changedAt });
    reportMove({ emit }, { before: row, after, code: 'DELIVERED' });
    emit('receipt.recorded', { ...after, ...outcome, siteGln, at, lines: input.lines });
    await moveStock({ tx, emit }, goodByItem(input), now);
    return after;
  },
});

// Goods are received at a place of who brings them or of who ordered them, or at another place of the destination.
async function checkSite({ tx, input, actor, refuse }: Write<Tx, Input>, row: ShipmentRow): Promise<void> {
  const { siteGln } = input;
  const site = await tx.site.findUnique({ where: { siteGln } });
  if (site === null) return refuse('NOT_FOUND', ['siteGln'], `no place has the GLN ${siteGln}`);
  const isTheirs = site.memberId === actor.memberId;
  const isDelivered =
    actor.memberId === row.memberId && (site.memberId === row.demandMemberId || site.unlocode === row.destinationUnlocode);
  if (!isTheirs && !isDelivered)
    return refuse(
      'NOT_YOURS',
      ['siteGln'],
      `the place ${siteGln} belongs to another member and does not lie in ${row.destinationUnlocode}`,
    );
}

async function judge({ tx, input, context, refuse }: Write<Tx, Input>, row: ShipmentRow): Promise<Outcome> {
  // locked, so that of two shipments received at once one sees the other
  const allocation = await lockAllocation(tx, row.allocationId);
  if (allocation === null) return refuse('NOT_FOUND', ['gsin'], `no allocation is known by the id ${row.allocationId}`);
  const despatched = await readDespatched(tx, row.gsin);
  const problems = createProblems();
  checkAgainstDespatch(problems, input.lines, despatched);
  if (problems.list.length > 0) throw new Refusal(problems.list);
  const { good: goodBefore } = await readDelivered(tx, row.allocationId);
  return judgeReceipt(input.lines, despatched, {
    quantity: allocation.quantity,
    goodBefore,
    promisedDay: toDay(allocation.promisedDate),
    day: toBusinessDay(input.at, context.settings.timeZone),
  });
}

async function closeMilestones({ tx, input, actor, refuse }: Write<Tx, Input>, { gsin, memberId }: ShipmentRow): Promise<void> {
  const last = lastReported(await readMilestones(tx, gsin));
  if (last !== null && input.at < last)
    refuse('DATES_REVERSED', ['at'], `${input.at.toISOString()} lies before the last milestone at ${last.toISOString()}`);
  const source = memberId === actor.memberId ? 'DISTRIBUTOR' : 'RECEIVER';
  await tx.milestone.updateMany({ where: { gsin, code: 'DELIVERED' }, data: { at: input.at, source } });
}

// From who records it to the other side; it answers the despatch advice.
async function issueAdvice({ tx, emit, actor, context }: Write<Tx, Input>, row: ShipmentRow): Promise<string> {
  const receiverMemberId = actor.memberId === row.memberId ? row.demandMemberId : row.memberId;
  const references = row.despatchAdviceId === null ? [] : [row.despatchAdviceId];
  const issuing = { type: 'RECEIPT_ADVICE', gsin: row.gsin, memberId: actor.memberId, receiverMemberId, references } as const;
  return (await issueDocument({ tx, emit }, issuing, context.clock)).documentId;
}

function goodByItem({ siteGln, lines }: Input): { siteGln: string; gtin: string; taken: number; brought: number }[] {
  const sums = new Map<string, number>();
  for (const { gtin, good } of lines) sums.set(gtin, (sums.get(gtin) ?? 0) + good);
  return [...sums].filter(([, good]) => good > 0).map(([gtin, brought]) => ({ siteGln, gtin, taken: 0, brought }));
}
