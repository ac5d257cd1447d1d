// From the facts of a settlement to the input of its waterfall: what each maker and carrier is owed, in the currency of the hub.
import { convert, type DatedRate } from './convert.ts';
import { shareOut } from './share-out.ts';
import type { FixedClaim, Payee } from './waterfall.ts';

/** A live allocation, as money sees it. */
export type PaidWork = {
  readonly maker: Payee;
  readonly status: string;
  readonly quantity: number;
  readonly receivedGood: number;
  readonly unitPriceMinor: bigint;
  readonly currency: string;
};

export type PaidFreight = { readonly carrier: Payee; readonly amountMinor: bigint; readonly currency: string };

/** States in which a maker has agreed. */
const AGREED: readonly string[] = ['ACCEPTED', 'FROZEN', 'COMPLETED'];

/** True when the maker agreed to all that it makes for the settlement. */
export function hasAgreed(work: readonly PaidWork[], gln: string): boolean {
  const own = work.filter(({ maker }) => maker.id === gln);
  return own.length > 0 && own.every(({ status }) => AGREED.includes(status));
}

/** Pieces that are paid: those allocated, and once all were received those in good condition. */
const paidPieces = ({ status, quantity, receivedGood }: PaidWork): number => (status === 'COMPLETED' ? receivedGood : quantity);

/** Finds the rate of a currency; null: none holds. */
export type FindRate = (currency: string) => DatedRate | null;

const WHOLE_BPS = 10_000;

type Owed = { readonly payee: Payee; readonly currency: string; readonly amountMinor: bigint };

// One sum for each payee and currency, in the order in which they first appear.
function addUp(all: readonly Owed[]): Owed[] {
  const sums = new Map<string, Owed>();
  for (const owed of all) {
    const key = `${owed.payee.id} ${owed.currency}`;
    sums.set(key, { ...owed, amountMinor: owed.amountMinor + (sums.get(key)?.amountMinor ?? 0n) });
  }
  return [...sums.values()];
}

/** Without a rate there is no claim yet. */
function toClaim({ payee, currency, amountMinor }: Owed, rule: FixedClaim['rule'], to: { currency: string; find: FindRate }): FixedClaim[] {
  if (currency === to.currency) return [{ payee, rule, claim: amountMinor, conversion: null }];
  const rate = to.find(currency);
  if (rate === null) return [];
  const { amountMinor: claim, conversion } = convert(amountMinor, rate);
  return [{ payee, rule, claim, conversion }];
}

/** What makers are owed: first the parts paid on acceptance, then those paid on receipt. */
export function claimsOfMakers(
  work: readonly PaidWork[],
  options: { depositBps: number; currency: string; find: FindRate },
): FixedClaim[][] {
  const owed = addUp(
    work.map((one) => ({ payee: one.maker, currency: one.currency, amountMinor: one.unitPriceMinor * BigInt(paidPieces(one)) })),
  ).map((one) => {
    const [deposit = 0n, rest = 0n] = shareOut(one.amountMinor, [BigInt(options.depositBps), BigInt(WHOLE_BPS - options.depositBps)]);
    return { ...one, deposit, rest };
  });
  return [
    owed.flatMap((one) => toClaim({ ...one, amountMinor: one.deposit }, 'ON_ACCEPTANCE', options)),
    owed.flatMap((one) => toClaim({ ...one, amountMinor: one.rest }, 'ON_RECEIPT', options)),
  ];
}

/** What carriers are owed. */
export const claimsOfFreight = (freight: readonly PaidFreight[], options: { currency: string; find: FindRate }): FixedClaim[] =>
  addUp(freight.map(({ carrier, ...rest }) => ({ payee: carrier, ...rest }))).flatMap((one) => toClaim(one, 'ON_RECEIPT', options));
