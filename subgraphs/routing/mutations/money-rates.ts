// recordFxRates: exchange rates by day. publishFees: the fees of settlements opened from then on.
import { toBusinessDay } from '../../../lib/clock/clock.ts';
import { createBulkMutationKind } from '../../../subgraph-kit/bulk-mutation.ts';
import { checkBps, checkForm, checkNotFuture, checkRange, checkText } from '../../../subgraph-kit/checks.ts';
import { toDate } from '../../../subgraph-kit/days.ts';
import { createMutationKinds, type MutationInput } from '../../../subgraph-kit/mutation.ts';
import { execute, sql } from '../../../subgraph-kit/sql.ts';
import type { Tx } from '../data/client.ts';
import { feeSchedules, type FeeRow } from '../data/money-tables.ts';
import { writeFees, type NewFees } from '../writes/fees.ts';

const bulk = createBulkMutationKind<Tx>();
const { creates } = createMutationKinds<Tx>();

type Rate = { readonly date: string; readonly from: string; readonly to: string; readonly rate: string };
type RatesInput = MutationInput & { readonly rates: readonly Rate[] };

const RATES_MOST = 1_000;
const VERSION_MOST = 40;
const WINDOW_MOST = 365;

export const recordFxRates = bulk<RatesInput, Rate, null, Rate>({
  name: 'recordFxRates',
  by: ['HUB'],
  answer: { field: 'rates', listed: true },
  items: (input) => input.rates,
  path: 'rates',
  most: RATES_MOST,
  identity: ({ from, to, date }) => `${from} ${to} ${date}`,
  check: ({ date, from, to, rate }, problems, { clock, settings }) => {
    if (from === to) problems.add('BAD_CODE', ['to'], `expected a currency other than ${from}`);
    checkNotFuture(problems, date, toBusinessDay(clock.now(), settings.timeZone), ['date']);
    // twelve digits before the point and twelve after it are what the table holds
    checkForm(problems, rate, ['rate'], /^\d{1,12}(\.\d{1,12})?$/, 'a rate with at most 12 digits and 12 decimals');
    if (/^[0.]+$/.test(rate)) problems.add('OUT_OF_RANGE', ['rate'], `expected more than 0, got ${rate}`);
  },
  prepare: () => Promise.resolve(null),
  // amounts that were converted keep the rate they were converted by
  write: async ({ tx, emit, now, items }) => {
    await execute(
      tx,
      sql`INSERT INTO "FxRate" AS t ("date", "from", "to", "rate", "recordedAt")
          SELECT w.*, ${now}::timestamptz FROM unnest(${items.map(({ value }) => toDate(value.date))}::date[], ${items.map(({ value }) => value.from)}::text[],
            ${items.map(({ value }) => value.to)}::text[], ${items.map(({ value }) => value.rate)}::numeric[]) AS w
          ON CONFLICT ("from", "to", "date") DO UPDATE SET "rate" = EXCLUDED."rate", "recordedAt" = EXCLUDED."recordedAt"`,
    );
    return items.map(({ value: { date, from, to, rate } }) => {
      const row: Rate = { date, from, to, rate };
      emit('rate.recorded', row);
      return row;
    });
  },
});

type FeesInput = MutationInput & NewFees;

export const publishFees = creates<FeesInput, FeeRow>({
  name: 'publishFees',
  by: ['HUB'],
  answer: { field: 'fees', table: feeSchedules },
  check: (input, problems) => {
    checkText(problems, input.version, ['version'], VERSION_MOST);
    checkBps(problems, input.taxBps, ['taxBps']);
    checkBps(problems, input.paymentFeeBps, ['paymentFeeBps']);
    checkBps(problems, input.returnReserveBps, ['returnReserveBps']);
    checkBps(problems, input.makerDepositBps, ['makerDepositBps']);
    checkBps(problems, input.hubFeeBps, ['hubFeeBps']);
    checkRange(problems, input.returnWindowDays, ['returnWindowDays'], { from: 0, to: WINDOW_MOST, unit: 'days' });
    const sum = input.taxBps + input.paymentFeeBps + input.returnReserveBps + input.hubFeeBps;
    if (sum > 10_000) problems.add('OUT_OF_RANGE', [], `expected shares of at most 10000 basis points together, got ${sum}`);
  },
  write: async ({ tx, emit, now, input, context, refuse }) => {
    const { idempotencyKey: _idempotencyKey, ...fees } = input;
    const row = await writeFees({ tx, emit, now, settings: context.settings }, { ...fees, version: input.version.trim() });
    return row ?? refuse('DUPLICATE', ['version'], `the version ${input.version} was used before; choose a new one`);
  },
});
