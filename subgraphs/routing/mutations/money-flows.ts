// recordCashFlow: the hub records what buyers pay, or get back. Payments to everybody else are made by releaseSettlement.
import { toBusinessDay } from '../../../lib/clock/clock.ts';
import { checkNotFuture, checkRange, checkText, type MoneyInput } from '../../../subgraph-kit/checks.ts';
import { toDate } from '../../../subgraph-kit/days.ts';
import { createMutationKinds, type MutationInput, type Write } from '../../../subgraph-kit/mutation.ts';
import type { Problems } from '../../../subgraph-kit/problems.ts';
import { query, sql } from '../../../subgraph-kit/sql.ts';
import type { Tx } from '../data/client.ts';
import { cashFlows, type CashFlowKind, type CashFlowRow } from '../data/money-tables.ts';
import { convert, RATE_DAYS, rateOf } from '../money/convert.ts';
import { postBuyers } from '../money/ledger.ts';
import type { Conversion } from '../money/waterfall.ts';
import { tellMoved, writeFlows, writePostings } from '../writes/cash-flows.ts';
import { explainMissing, findParty, PARTY_FIELDS, type PartyInput } from '../writes/cash-parties.ts';
import { newId, type Change } from '../writes/change.ts';
import { dayOf, readFacts, readRates, type SettlementFacts } from '../writes/settlement-facts.ts';
import { flowOf, toColumns } from '../writes/settlement-rows.ts';
import { postFacts } from '../writes/settlements.ts';

const { creates } = createMutationKinds<Tx>();

type Input = MutationInput & {
  readonly settlementId: string;
  readonly kind: CashFlowKind;
  readonly direction: 'IN' | 'OUT';
  readonly amount: MoneyInput;
  readonly party: PartyInput;
  readonly due: string;
  readonly at?: Date | null;
  readonly documentId?: string | null;
};

/** The most that one payment may be, and all payments of one settlement together, in minor units of the currency of the hub. */
const AMOUNT_MOST = 1_000_000_000_000;
const GROSS_MOST = 100n * BigInt(AMOUNT_MOST);
const ID_MOST = 100;

const directions: Partial<Readonly<Record<CashFlowKind, 'IN' | 'OUT'>>> = { DEPOSIT: 'IN', BALANCE: 'IN', REFUND: 'OUT' };

function checkKind({ kind, direction }: Input, problems: Problems): void {
  const expected = directions[kind];
  if (expected === undefined) {
    problems.add('BAD_CODE', ['kind'], `expected DEPOSIT, BALANCE or REFUND, got ${kind}; payees are paid by releaseSettlement`);
  } else if (expected !== direction) {
    problems.add('BAD_CODE', ['direction'], `expected ${expected} for ${kind}, got ${direction}`);
  }
}

async function toHubCurrency(write: Write<Tx, Input>, change: Change): Promise<{ amountMinor: bigint; conversion: Conversion | null }> {
  const { amount, at } = write.input;
  const amountMinor = BigInt(amount.amountMinor);
  const { currency, timeZone } = change.settings;
  if (amount.currency === currency) return { amountMinor, conversion: null };
  const day = at ? toBusinessDay(at, timeZone) : dayOf(change);
  const rate = rateOf(await readRates(change.tx, [amount.currency], { currency, day }), amount.currency, currency, day);
  if (rate === null) {
    const words = `no rate from ${amount.currency} to ${currency} of ${day} or the ${RATE_DAYS} days before it was recorded`;
    return write.refuse('NO_EXCHANGE_RATE', ['amount', 'currency'], words);
  }
  const converted = convert(amountMinor, rate);
  if (converted.amountMinor >= 1n && converted.amountMinor <= BigInt(AMOUNT_MOST)) return converted;
  const words = `expected 1 to ${AMOUNT_MOST} minor units of ${currency} after conversion, got ${converted.amountMinor}`;
  return write.refuse('OUT_OF_RANGE', ['amount', 'amountMinor'], words);
}

// What was paid out cannot be paid back, and a gross of any size must fit into a number of the graph.
function checkGross(write: Write<Tx, Input>, facts: SettlementFacts, amountMinor: bigint): void {
  const released = facts.splits.reduce((sum, split) => sum + split.releasedMinor, 0n);
  const most = write.input.direction === 'IN' ? GROSS_MOST - facts.gross : facts.gross - released;
  if (amountMinor <= most) return;
  const words = write.input.direction === 'IN' ? 'a settlement holds at most that much more' : 'that is what the pool still holds';
  write.refuse('OUT_OF_RANGE', ['amount', 'amountMinor'], `expected at most ${most} minor units, got ${amountMinor}: ${words}`);
}

// A payment that was made takes the place of the same one that was expected, and its id.
async function takeExpected({ tx }: Change, flow: CashFlowRow): Promise<string | null> {
  const [taken] = await query<{ cashFlowId: string }>(
    tx,
    sql`DELETE FROM "CashFlow" t WHERE t."cashFlowId" = (SELECT x."cashFlowId" FROM "CashFlow" x WHERE x."settlementId" = ${flow.settlementId}
          AND x."at" IS NULL AND x."part" IS NULL AND x."kind" = ${flow.kind} AND x."partyKind" = ${flow.partyKind}
          AND x."partyId" = ${flow.partyId} AND x."due" = ${flow.due}::date ORDER BY x."cashFlowId" LIMIT 1)
        RETURNING t."cashFlowId"`,
  );
  return taken?.cashFlowId ?? null;
}

const signed = ({ direction, amountMinor }: CashFlowRow): bigint => (direction === 'IN' ? amountMinor : -amountMinor);

async function toDone(change: Change, flow: CashFlowRow): Promise<CashFlowRow> {
  const cashFlowId = (await takeExpected(change, flow)) ?? flow.cashFlowId;
  await writePostings(change, flow.currency, [{ settlementId: flow.settlementId, posting: postBuyers(cashFlowId, signed(flow)) }]);
  return { ...flow, cashFlowId };
}

export const recordCashFlow = creates<Input, CashFlowRow>({
  name: 'recordCashFlow',
  by: ['HUB'],
  answer: { field: 'cashFlow', table: cashFlows },
  check: (input, problems, { clock }) => {
    checkKind(input, problems);
    checkRange(problems, input.amount.amountMinor, ['amount', 'amountMinor'], { from: 1, to: AMOUNT_MOST, unit: 'minor units' });
    checkNotFuture(problems, input.at, clock.now(), ['at']);
    checkText(problems, input.documentId, ['documentId'], ID_MOST);
    const named = PARTY_FIELDS.filter((field) => input.party[field]);
    if (named.length !== 1) problems.add('BAD_CODE', ['party'], `expected exactly one of ${PARTY_FIELDS.join(', ')}`);
  },
  write: async (write) => {
    const { tx, emit, now, input, context, refuse } = write;
    const change: Change = { tx, emit, now, settings: context.settings };
    const [facts] = await readFacts(change, [input.settlementId]);
    if (facts === undefined) return refuse(...(await explainMissing(tx, input.settlementId)));
    const party = await findParty(tx, input.party);
    if (party === null) return refuse('NOT_FOUND', ['party'], 'the party is not known here');
    const { amountMinor, conversion } = await toHubCurrency(write, change);
    if (input.at) checkGross(write, facts, amountMinor);
    const given: CashFlowRow = {
      ...flowOf(facts, change),
      cashFlowId: newId(change, 'csh'),
      kind: input.kind,
      direction: input.direction,
      amountMinor,
      ...toColumns(conversion),
      partyKind: party.kind,
      partyId: party.id,
      partyMemberId: party.memberId,
      due: toDate(input.due),
      at: input.at ?? null,
      documentId: input.documentId ?? null,
      part: null,
    };
    const flow = given.at === null ? given : await toDone(change, given);
    await writeFlows(change, [flow]);
    await postFacts(change, [{ ...facts, gross: flow.at === null ? facts.gross : facts.gross + signed(flow) }], {});
    await tellMoved(change, [flow]);
    return flow;
  },
});
