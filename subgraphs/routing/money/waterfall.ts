// The waterfall: who gets what of a gross amount, in the order of the list. Whole minor units only; the splits add up to the gross exactly.
import { cutTo, shareOut } from './share-out.ts';

export type PayeeKind = 'MAKER' | 'DISTRIBUTOR' | 'CREATOR' | 'MCN' | 'MEMBER';

/** Who is paid: a party by its id, and the member that owns it. */
export type Payee = { readonly kind: PayeeKind; readonly id: string; readonly memberId: string };

export type SplitBasis =
  | 'TAX'
  | 'PAYMENT_FEE'
  | 'RETURN_RESERVE'
  | 'MAKER_PRICE'
  | 'FREIGHT'
  | 'CREATOR_COMMISSION'
  | 'MCN_SHARE'
  | 'HUB_FEE'
  | 'OWNER_MARGIN';

export type ReleaseRule = 'ON_ACCEPTANCE' | 'ON_RECEIPT' | 'AFTER_RETURN_WINDOW' | 'ON_CLOSE';

/** How a claim came into the currency of the hub. */
export type Conversion = {
  readonly originalMinor: bigint;
  readonly originalCurrency: string;
  readonly rate: string;
  readonly rateDate: string;
};

/** The shares of a fee schedule, in basis points. */
export type FeeShares = {
  readonly taxBps: number;
  readonly paymentFeeBps: number;
  readonly returnReserveBps: number;
  readonly hubFeeBps: number;
};

/** A fixed amount that somebody is owed. */
export type FixedClaim = {
  readonly payee: Payee;
  readonly rule: ReleaseRule;
  readonly claim: bigint;
  readonly conversion: Conversion | null;
};

export type Commission = {
  readonly rateBps: number;
  readonly creator: Payee;
  readonly agency: { readonly payee: Payee; readonly takeRateBps: number } | null;
};

/** One payee's part. `claim`: what it would be if enough were there; for shares of the gross the amount itself. */
export type SplitPart = {
  readonly basis: SplitBasis;
  readonly payee: Payee;
  readonly shareBps: number | null;
  readonly rule: ReleaseRule;
  readonly conversion: Conversion | null;
  readonly claim: bigint;
  readonly amount: bigint;
};

export type WaterfallInput = {
  /** Paid by buyers less refunds, not below zero. */
  readonly gross: bigint;
  readonly fees: FeeShares;
  readonly hub: Payee;
  readonly owner: Payee;
  /** Makers' parts, those paid on acceptance first: a group is served before the next one. */
  readonly makers: readonly (readonly FixedClaim[])[];
  readonly freight: readonly FixedClaim[];
  /** Null when there is no campaign, or it is not known here yet. */
  readonly commission: Commission | null;
  /** What was paid out already; it cannot be taken back. All of it together is not above the gross. */
  readonly released: readonly { readonly part: Omit<SplitPart, 'claim' | 'amount'>; readonly amount: bigint }[];
};

const WHOLE_BPS = 10_000;

/** The name of a part within its settlement. */
export const keyOfPart = (part: Pick<SplitPart, 'basis' | 'payee' | 'rule' | 'conversion'>): string =>
  [part.basis, part.payee.kind, part.payee.id, part.rule, part.conversion?.originalCurrency ?? ''].join(' ');

type Draft = Omit<SplitPart, 'amount'>;

/** All parts in the order of the waterfall; those of nothing stand there with zero. */
export function shareGross(input: WaterfallInput): SplitPart[] {
  const { fees, hub, owner, commission } = input;
  const shares = cutShares(input);
  const share = (basis: SplitBasis, payee: Payee, shareBps: number, rule: ReleaseRule, claim: bigint): Draft => ({
    basis,
    payee,
    shareBps,
    rule,
    claim,
    conversion: null,
  });
  const fixed =
    (basis: SplitBasis) =>
    (claim: FixedClaim): Draft => ({ basis, shareBps: null, ...claim });
  const groups: Draft[][] = [
    [share('TAX', hub, fees.taxBps, 'ON_RECEIPT', shares.tax)],
    [share('PAYMENT_FEE', hub, fees.paymentFeeBps, 'ON_RECEIPT', shares.payment)],
    [share('RETURN_RESERVE', owner, fees.returnReserveBps, 'AFTER_RETURN_WINDOW', shares.reserve)],
    ...input.makers.map((group) => group.map(fixed('MAKER_PRICE'))),
    input.freight.map(fixed('FREIGHT')),
    commission === null ? [] : shareCommission(commission, shares.commission),
    [share('HUB_FEE', hub, fees.hubFeeBps, 'ON_CLOSE', shares.hub)],
  ];
  let left = input.gross;
  const parts = groups.flatMap((group) => {
    const amounts = cutTo(
      left,
      group.map(({ claim }) => claim),
    );
    left -= amounts.reduce((a, b) => a + b, 0n);
    return group.map((draft, i): SplitPart => ({ ...draft, amount: amounts[i] ?? 0n }));
  });
  const margin: SplitPart = {
    basis: 'OWNER_MARGIN',
    payee: owner,
    shareBps: null,
    rule: 'AFTER_RETURN_WINDOW',
    conversion: null,
    claim: left,
    amount: left,
  };
  return keepReleased([...parts, margin], input.released);
}

// Shares of the gross are rounded together, with what is left of the whole, so that no unit appears or is lost. Shares of more than the
// whole are rounded among themselves and cut afterwards, in their order, like all claims.
function cutShares({ gross, fees, commission }: WaterfallInput) {
  const rates = [fees.taxBps, fees.paymentFeeBps, fees.returnReserveBps, commission?.rateBps ?? 0, fees.hubFeeBps];
  const sum = rates.reduce((a, b) => a + b, 0);
  const weights = [...rates, Math.max(0, WHOLE_BPS - sum)].map(BigInt);
  const whole = sum <= WHOLE_BPS ? gross : (gross * BigInt(sum)) / BigInt(WHOLE_BPS);
  const [tax = 0n, payment = 0n, reserve = 0n, creators = 0n, hub = 0n] = shareOut(whole, weights);
  return { tax, payment, reserve, commission: creators, hub };
}

// The agency's part comes out of the creator's.
function shareCommission({ rateBps, creator, agency }: Commission, whole: bigint): Draft[] {
  const takeRateBps = agency?.takeRateBps ?? 0;
  const [own = 0n, taken = 0n] = shareOut(whole, [BigInt(WHOLE_BPS - takeRateBps), BigInt(takeRateBps)]);
  const common = { rule: 'AFTER_RETURN_WINDOW', conversion: null } as const;
  const parts: Draft[] = [{ ...common, basis: 'CREATOR_COMMISSION', payee: creator, shareBps: rateBps, claim: own }];
  if (agency !== null) parts.push({ ...common, basis: 'MCN_SHARE', payee: agency.payee, shareBps: takeRateBps, claim: taken });
  return parts;
}

// What was paid out stays paid: a part that fell below it is lifted to it, and the difference is taken from what others have not got yet:
// from other parts of the same price first, then from the end of the waterfall upwards.
function keepReleased(parts: readonly SplitPart[], released: WaterfallInput['released']): SplitPart[] {
  const paid = new Map<string, bigint>();
  for (const { part, amount } of released) paid.set(keyOfPart(part), (paid.get(keyOfPart(part)) ?? 0n) + amount);
  const known = new Set(parts.map(keyOfPart));
  const gone = released.filter(({ part, amount }) => amount > 0n && !known.has(keyOfPart(part)));
  const all = [...parts, ...gone.map(({ part }): SplitPart => ({ ...part, claim: 0n, amount: 0n }))]
    .toSorted((a, b) => ORDER.indexOf(a.basis) - ORDER.indexOf(b.basis))
    .map((part) => ({ part, amount: part.amount, paid: paid.get(keyOfPart(part)) ?? 0n }));
  const take = (from: typeof all, wanted: bigint): bigint => {
    let left = wanted;
    for (const one of from.toReversed()) {
      const free = one.amount > one.paid ? one.amount - one.paid : 0n;
      const taken = free < left ? free : left;
      one.amount -= taken;
      left -= taken;
    }
    return left;
  };
  let missing = 0n;
  for (const one of all.filter(({ amount, paid: floor }) => amount < floor)) {
    const lack = one.paid - one.amount;
    one.amount = one.paid;
    missing += take(
      all.filter((other) => accountOf(other.part) === accountOf(one.part)),
      lack,
    );
  }
  if (take(all, missing) > 0n) throw new RangeError('more was paid out than came in');
  return all.map(({ part, amount }) => ({ ...part, amount }));
}

const accountOf = ({ basis, payee }: SplitPart): string => `${basis} ${payee.kind} ${payee.id}`;

const ORDER: readonly SplitBasis[] = [
  'TAX',
  'PAYMENT_FEE',
  'RETURN_RESERVE',
  'MAKER_PRICE',
  'FREIGHT',
  'CREATOR_COMMISSION',
  'MCN_SHARE',
  'HUB_FEE',
  'OWNER_MARGIN',
];
