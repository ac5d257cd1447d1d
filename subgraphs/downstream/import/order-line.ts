// One line of the order file "Online Retail" (UCI 352): the checks of its values, and what they mean. The number of the customer is not read.
import type { ParsedRow } from '../../../subgraph-kit/import/format.ts';
import { toInstant } from '../../../subgraph-kit/import/zoned-time.ts';
import { PIECES_MOST } from '../cut-demand.ts';
import { findCountry } from './countries.ts';

export const columns = [
  'invoice_no',
  'stock_code',
  'description',
  'quantity',
  'invoice_time',
  'unit_price_gbp',
  'customer_id',
  'country',
] as const;

/** The seller's clock. */
export const FILE_TIME_ZONE = 'Europe/London';
/** Days the published data covers ("Online Retail II" begins in 2009). */
export const FIRST_DAY = '2009-12-01';
export const LAST_DAY = '2011-12-09';

export type OrderLine = {
  /** In capitals: the file writes a code now with `e`, now with `E`. */
  readonly stockCode: string;
  readonly description: string;
  readonly quantity: number;
  /** By the clock of the file, not shifted. */
  readonly orderedAt: Date;
  readonly unitPriceMinor: bigint;
  /** UN/LOCODE. */
  readonly shipTo: string;
};

type Values = Readonly<Record<(typeof columns)[number], string>>;
/** A value that was read, or what is wrong with it. */
type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

const good = <T>(value: T): Read<T> => ({ ok: true, value });
const bad = (reason: string): Read<never> => ({ ok: false, reason });

/** Reads a line; what was ordered after `historyEnds` is not taken. */
export function parseOrderLine(record: Readonly<Record<string, string>>, historyEnds: string): ParsedRow<OrderLine> {
  // the runner hands in every column of the header
  const values = record as Values;
  const read = {
    invoice_no: readInvoice(values.invoice_no),
    stock_code: readCode(values.stock_code),
    description: readText(values.description),
    quantity: readQuantity(values.quantity),
    invoice_time: readTime(values.invoice_time, historyEnds),
    unit_price_gbp: readPrice(values.unit_price_gbp),
    country: readPlace(values.country),
  };
  const { stock_code: code, description, quantity, invoice_time: time, unit_price_gbp: price, country: place } = read;
  if (read.invoice_no.ok && code.ok && description.ok && quantity.ok && time.ok && price.ok && place.ok) {
    const row = {
      stockCode: code.value,
      description: description.value,
      quantity: quantity.value,
      orderedAt: time.value,
      unitPriceMinor: price.value,
      shipTo: place.value,
    };
    return { kind: 'row', row };
  }
  for (const column of columns) {
    const found = column === 'customer_id' ? null : read[column];
    if (found?.ok === false) return { kind: 'bad', column, value: values[column], reason: found.reason };
  }
  throw new Error('a line that is not good has a column that is not');
}

function readInvoice(text: string): Read<string> {
  if (/^C\d{6}$/.test(text)) return bad('a cancellation, not an order');
  return /^[A-Z]?\d{1,12}$/.test(text) ? good(text) : bad('expected the number of an invoice, for example 536370');
}

function readCode(text: string): Read<string> {
  const code = text.trim().toUpperCase();
  return /^[A-Z0-9][A-Z0-9 _-]{0,19}$/.test(code)
    ? good(code)
    : bad('expected a stock code of 1 to 20 letters and digits, for example 85099B');
}

const DESCRIPTION_MOST = 200;

function readText(text: string): Read<string> {
  const words = text.trim().replace(/\s+/g, ' ');
  if (words === '') return bad('the description is empty');
  return words.length <= DESCRIPTION_MOST ? good(words) : bad(`the description is longer than ${DESCRIPTION_MOST} characters`);
}

function readQuantity(text: string): Read<number> {
  if (!/^-?\d+$/.test(text)) return bad('expected a whole number of pieces');
  const quantity = Number(text);
  return quantity >= 1 && quantity <= PIECES_MOST ? good(quantity) : bad(`expected 1 to ${PIECES_MOST} pieces`);
}

function readTime(text: string, historyEnds: string): Read<Date> {
  const at = toInstant(text, FILE_TIME_ZONE);
  if (at === null) return bad('expected a time like 2010-12-01 08:45:00');
  const day = text.slice(0, 10);
  if (day < FIRST_DAY || day > LAST_DAY) return bad(`expected a day from ${FIRST_DAY} to ${LAST_DAY}, which the published data covers`);
  return day <= historyEnds ? good(at) : bad(`it lies after ${historyEnds}, with which the history was told to end`);
}

const PRICE_MOST_MINOR = 10_000_000n;

// Pounds to pence, rounded half-even, without floating numbers.
function readPrice(text: string): Read<bigint> {
  const parts = /^(\d{1,9})(?:\.(\d{1,6}))?$/.exec(text);
  if (parts === null) return bad('expected a price in pounds like 2.95');
  const millionths = BigInt(parts[1] ?? '0') * 1_000_000n + BigInt((parts[2] ?? '').padEnd(6, '0'));
  const [whole, rest] = [millionths / 10_000n, millionths % 10_000n];
  const pence = rest > 5_000n || (rest === 5_000n && whole % 2n === 1n) ? whole + 1n : whole;
  return pence >= 1n && pence <= PRICE_MOST_MINOR ? good(pence) : bad('expected a price from 0.01 to 100000 pounds');
}

function readPlace(text: string): Read<string> {
  const found = findCountry(text.trim());
  return found === null ? bad('no country of this format; docs/data.md lists them') : good(found.place);
}
