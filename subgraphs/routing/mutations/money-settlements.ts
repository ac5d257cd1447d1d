// Settlements move: paid out, disputed, resolved and closed. Each move is posted with its payments in one transaction.
import { checkText } from '../../../subgraph-kit/checks.ts';
import { createMutationKinds, type MutationInput, type Target, type Write } from '../../../subgraph-kit/mutation.ts';
import { execute, query, sql, type SqlRunner } from '../../../subgraph-kit/sql.ts';
import { explainMove } from '../../../subgraph-kit/state-machine.ts';
import type { Tx } from '../data/client.ts';
import { settlements, type SettlementRow } from '../data/money-tables.ts';
import { isDue, windowEnd } from '../money/due.ts';
import { PAYING, settlementStates, type SettlementStatus } from '../money/settlement-states.ts';
import { tellMoved } from '../writes/cash-flows.ts';
import { payOut, unpaidParts, type Paid } from '../writes/cash-release.ts';
import type { Change } from '../writes/change.ts';
import { readFacts, type SettlementFacts } from '../writes/settlement-facts.ts';
import { progressOf, type StoredPart } from '../writes/settlement-splits.ts';
import { postFacts } from '../writes/settlements.ts';

const { changes } = createMutationKinds<Tx>();

type Input = MutationInput & { readonly settlementId: string };
type NoteInput = Input & { readonly note: string };
type Writing = Write<Tx, Input> & { readonly row: SettlementRow };

const NOTE_MOST = 4_000;

// Who may is said by the kind of the member, or found out in the write.
const target: Target<SettlementRow, Input> = { table: settlements, key: ({ settlementId }) => [settlementId], mayChange: () => true };
const answer = { field: 'settlement', table: settlements } as const;

const toChange = ({ tx, emit, now, context }: Writing): Change => ({ tx, emit, now, settings: context.settings });

async function readRow(tx: SqlRunner, settlementId: string): Promise<SettlementRow> {
  const [row] = await query<SettlementRow>(tx, sql`SELECT t.* FROM "Settlement" t WHERE t."settlementId" = ${settlementId}`);
  if (row === undefined) throw new Error(`the settlement ${settlementId} is gone`);
  return row;
}

async function readOneFacts(change: Change, settlementId: string): Promise<SettlementFacts> {
  const [facts] = await readFacts(change, [settlementId]);
  if (facts === undefined) throw new Error(`the settlement ${settlementId} is closed`);
  return facts;
}

// Posts the settlement after its payments, tells both, and gives the row as it is now.
async function finish(change: Change, { facts, flows }: Paid, status?: SettlementStatus): Promise<SettlementRow> {
  const { settlementId, status: before } = facts.row;
  await postFacts(change, [facts], { told: new Map([[settlementId, before]]), ...(status === undefined ? {} : { status }) });
  await tellMoved(change, flows);
  return readRow(change.tx, settlementId);
}

async function finishWithoutPayment(write: Writing, status: SettlementStatus): Promise<SettlementRow> {
  const change = toChange(write);
  return finish(change, { facts: await readOneFacts(change, write.row.settlementId), flows: [] }, status);
}

export const releaseSettlement = changes<Input, SettlementRow>({
  name: 'releaseSettlement',
  by: ['HUB'],
  answer,
  row: target,
  write: async (write) => {
    const { row, refuse, now } = write;
    if (!PAYING.includes(row.status)) {
      refuse('WRONG_STATE', [], `the settlement is ${row.status}; it pays out while it is ${PAYING.join(' or ')}`);
    }
    const change = toChange(write);
    const facts = await readOneFacts(change, row.settlementId);
    const progress = progressOf(facts);
    const due = unpaidParts(facts, (part) => isDue(part, progress, now));
    if (due.length === 0) refuse('NOTHING_DUE', ['settlementId'], explainNothing(unpaidParts(facts, () => true)));
    return finish(change, await payOut(change, facts, due));
  },
});

function explainNothing(unpaid: readonly StoredPart[]): string {
  const rules = [...new Set(unpaid.map(({ rule }) => rule))];
  return rules.length === 0 ? 'every part was paid out' : `what is not paid yet waits for ${rules.join(', ')}`;
}

export const closeSettlement = changes<Input, SettlementRow, SettlementRow, SettlementStatus>({
  name: 'closeSettlement',
  by: ['HUB'],
  answer,
  row: target,
  move: { machine: settlementStates, from: ({ status }) => status, to: () => 'CLOSED' },
  write: async (write) => {
    const change = toChange(write);
    const facts = await readOneFacts(change, write.row.settlementId);
    const end = windowEnd(progressOf(facts));
    if (end === null || end > write.now) {
      const words = end === null ? 'before all goods are received' : `before ${end.toISOString()}`;
      write.refuse('WRONG_STATE', [], `buyers may still return: the return window does not end ${words}`);
    }
    const last = unpaidParts(facts, ({ rule }) => rule === 'ON_CLOSE');
    return finish(change, await payOut(change, facts, last), 'CLOSED');
  },
});

const isPayee = async ({ tx, actor }: Write<Tx, Input>, settlementId: string): Promise<boolean> =>
  (await query(tx, sql`SELECT 1 FROM "Split" t WHERE t."settlementId" = ${settlementId} AND t."payeeMemberId" = ${actor.memberId} LIMIT 1`))
    .length > 0;

export const disputeSettlement = changes<NoteInput, SettlementRow>({
  name: 'disputeSettlement',
  by: 'ANY',
  answer,
  row: target,
  check: (input, problems) => checkText(problems, input.note, ['note'], NOTE_MOST),
  write: async (write) => {
    const { row, actor, refuse, tx, input } = write;
    if (row.memberId !== actor.memberId && !(await isPayee(write, row.settlementId))) {
      refuse('NOT_YOURS', ['settlementId'], `Settlement ${row.settlementId} neither belongs to you nor pays you`);
    }
    if (!settlementStates.moves[row.status].includes('DISPUTED')) {
      refuse('WRONG_STATE', [], explainMove(settlementStates, row.status, 'DISPUTED'));
    }
    await execute(
      tx,
      sql`UPDATE "Settlement" SET "statusBefore" = "status", "disputeNote" = ${input.note.trim()} WHERE "settlementId" = ${row.settlementId}`,
    );
    return finishWithoutPayment(write, 'DISPUTED');
  },
});

export const resolveDispute = changes<NoteInput, SettlementRow>({
  name: 'resolveDispute',
  by: ['HUB'],
  answer,
  row: target,
  check: (input, problems) => checkText(problems, input.note, ['note'], NOTE_MOST),
  write: async (write) => {
    const { row, refuse, tx } = write;
    const { statusBefore } = row;
    if (row.status !== 'DISPUTED' || statusBefore === null) {
      return refuse('WRONG_STATE', [], `the settlement is ${row.status}, not DISPUTED: there is no dispute to resolve`);
    }
    await execute(tx, sql`UPDATE "Settlement" SET "statusBefore" = NULL, "disputeNote" = NULL WHERE "settlementId" = ${row.settlementId}`);
    return finishWithoutPayment(write, statusBefore);
  },
});
