// quoteDemand: a maker binds itself to a price and a day for a demand line that waits. The newest quote of a maker for a line counts.
import { createId } from '../../../lib/ids.ts';
import { toBusinessDay } from '../../../lib/clock/clock.ts';
import { checkAmount, checkNotPast, checkOneCurrency, checkRange, INT_MOST, type MoneyInput } from '../../../subgraph-kit/checks.ts';
import { toDate } from '../../../subgraph-kit/days.ts';
import { createMutationKinds, type MutationInput } from '../../../subgraph-kit/mutation.ts';
import type { Tx } from '../data/client.ts';
import { makers, quotes, type MakerRow, type QuoteRow } from '../data/tables.ts';

const { changes } = createMutationKinds<Tx>();

type Input = MutationInput & {
  readonly demandLineId: string;
  readonly gln: string;
  readonly unitPrice: MoneyInput;
  readonly setupCost: MoneyInput;
  readonly minQty: number;
  readonly earliestFinish: string;
  readonly validUntil: Date;
};

const WAITING = ['OPEN', 'PARTIAL'];

export const quoteDemand = changes<Input, MakerRow, QuoteRow>({
  name: 'quoteDemand',
  by: ['MAKER'],
  answer: { field: 'quote', table: quotes },
  row: { table: makers, key: ({ gln }) => [gln] },
  check: (input, problems, { clock, settings }) => {
    const now = clock.now();
    checkAmount(problems, input.unitPrice, ['unitPrice']);
    checkAmount(problems, input.setupCost, ['setupCost']);
    checkOneCurrency(problems, [input.unitPrice, input.setupCost], ['setupCost', 'currency']);
    checkRange(problems, input.minQty, ['minQty'], { from: 1, to: INT_MOST, unit: 'pieces' });
    checkNotPast(problems, input.earliestFinish, toBusinessDay(now, settings.timeZone), ['earliestFinish']);
    if (input.validUntil <= now)
      problems.add('DAY_IN_PAST', ['validUntil'], `${input.validUntil.toISOString()} has passed, now is ${now.toISOString()}`);
  },
  write: async ({ tx, input, row: maker, actor, origin, now, emit, refuse, context }) => {
    const { demandLineId, gln } = input;
    if (maker.status !== 'ACTIVE')
      return refuse('WRONG_STATE', ['gln'], `the maker ${gln} is ${maker.status}; only an ACTIVE one may quote`);
    const demand = await tx.demandCopy.findUnique({ where: { demandLineId } });
    if (demand === null) return refuse('NOT_FOUND', ['demandLineId'], `no DemandLine ${demandLineId} is known here`);
    // what has become of a line that waits no more is hidden from makers
    if (!WAITING.includes(demand.status))
      return refuse(
        'WRONG_STATE',
        ['demandLineId'],
        `the demand line waits no more; only one that is ${WAITING.join(' or ')} can be quoted`,
      );
    const row = await tx.makerQuote.create({
      data: {
        quoteId: createId('quo', context.clock),
        demandLineId,
        gln,
        memberId: actor.memberId,
        demandMemberId: demand.memberId,
        origin,
        unitPriceMinor: BigInt(input.unitPrice.amountMinor),
        setupCostMinor: BigInt(input.setupCost.amountMinor),
        currency: input.unitPrice.currency,
        minQty: input.minQty,
        earliestFinish: toDate(input.earliestFinish),
        validUntil: input.validUntil,
        givenAt: now,
      },
    });
    emit('quote.given', { ...row, unitPrice: { ...input.unitPrice } });
    return row;
  },
});
