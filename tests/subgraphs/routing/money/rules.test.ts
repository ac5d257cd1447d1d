/** The pure rules of money: shares, the waterfall, conversions, postings, states, pools and cash-to-cash days. */
import fc from 'fast-check';
import { isLegalMove } from '../../../../subgraph-kit/state-machine.ts';
import { ledgerDaysOf, cashToCashOf, type TradeDay } from '../../../../subgraphs/routing/money/cash-to-cash.ts';
import { divideHalfEven } from '../../../../subgraph-kit/money.ts';
import { convert, rateOf } from '../../../../subgraphs/routing/money/convert.ts';
import { balanceOf, postBuyers, postRelease, postSplits } from '../../../../subgraphs/routing/money/ledger.ts';
import { financersOf, lowest, seriesOf } from '../../../../subgraphs/routing/money/pool.ts';
import { settlementStates, statusByMoney, type SettlementStatus } from '../../../../subgraphs/routing/money/settlement-states.ts';
import { cutTo, shareOut } from '../../../../subgraphs/routing/money/share-out.ts';
import { keyOfPart, shareGross, type FixedClaim, type Payee, type SplitPart } from '../../../../subgraphs/routing/money/waterfall.ts';

const sum = (values: readonly bigint[]): bigint => values.reduce((a, b) => a + b, 0n);
const total = (parts: readonly SplitPart[]): bigint => sum(parts.map(({ amount }) => amount));
const payee = (kind: Payee['kind'], id: string): Payee => ({ kind, id, memberId: `mbr_${id}` });
const hub = payee('MEMBER', 'hub');
const owner = payee('MEMBER', 'owner');

describe('shareOut', () => {
  it('gives parts that add up to the whole, each less than one unit from its exact share', () => {
    const weights = fc.array(fc.bigInt(0n, 10n ** 6n), { minLength: 1, maxLength: 12 }).filter((all) => sum(all) > 0n);
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 18n), weights, (whole, all) => {
        const parts = shareOut(whole, all);
        expect(sum(parts)).toBe(whole);
        parts.forEach((part, i) => {
          const off = part * sum(all) - whole * (all[i] ?? 0n);
          expect(off < sum(all) && off > -sum(all)).toBe(true);
        });
      }),
    );
  });

  it('gives the larger remainder the unit that is left, and the earlier weight when remainders are equal', () => {
    expect(shareOut(10n, [1n, 1n, 1n])).toEqual([4n, 3n, 3n]);
    expect(shareOut(101n, [3_333n, 3_333n, 3_334n])).toEqual([34n, 33n, 34n]);
    expect(() => shareOut(1n, [0n])).toThrow(RangeError);
  });

  it('cuts claims only when there is too little', () => {
    expect(cutTo(10n, [3n, 7n])).toEqual([3n, 7n]);
    expect(cutTo(5n, [3n, 7n])).toEqual([2n, 3n]);
    expect(cutTo(0n, [3n, 7n])).toEqual([0n, 0n]);
  });
});

const bps = fc.integer({ min: 0, max: 4_000 });
const claim = (n: number, rule: FixedClaim['rule']) =>
  fc
    .bigInt(0n, 10n ** 9n)
    .map((amount): FixedClaim => ({ payee: payee(n < 9 ? 'MAKER' : 'DISTRIBUTOR', `p${n}`), rule, claim: amount, conversion: null }));
const claims = (rule: FixedClaim['rule'], ...ns: number[]) => fc.tuple(...ns.map((n) => claim(n, rule)));
const settlement = fc.record({
  gross: fc.bigInt(0n, 10n ** 10n),
  fees: fc.record({ taxBps: bps, paymentFeeBps: bps, returnReserveBps: bps, hubFeeBps: bps }),
  makers: fc.tuple(claims('ON_ACCEPTANCE', 1, 2, 3), claims('ON_RECEIPT', 1, 2, 3)),
  freight: claims('ON_RECEIPT', 9, 10),
  commission: fc.option(
    fc.record({
      rateBps: bps,
      creator: fc.constant(payee('CREATOR', 'creator')),
      agency: fc.option(fc.record({ payee: fc.constant(payee('MCN', 'agency')), takeRateBps: fc.integer({ min: 0, max: 10_000 }) })),
    }),
  ),
});

describe('the waterfall', () => {
  it('splits any gross exactly, never below zero and never above what is claimed', () => {
    fc.assert(
      fc.property(settlement, (given) => {
        const parts = shareGross({ ...given, hub, owner, released: [] });
        expect(total(parts)).toBe(given.gross);
        // the margin claims what is left
        expect(parts.filter(({ amount, claim: claimed }) => amount < 0n || amount > claimed)).toEqual([]);
        expect(new Set(parts.map(keyOfPart)).size).toBe(parts.length);
      }),
      { numRuns: 1_000 },
    );
  });

  it('cuts in its order: a part is cut only when nothing is left for those after it', () => {
    fc.assert(
      fc.property(settlement, (given) => {
        const parts = shareGross({ ...given, hub, owner, released: [] });
        const cut = parts.findIndex(({ amount, claim: claimed }) => amount < claimed);
        if (cut < 0) return;
        // those of one group share what there is
        const { basis, rule } = parts[cut] ?? {};
        const group = ['CREATOR_COMMISSION', 'MCN_SHARE'];
        const after = parts
          .slice(cut)
          .filter((part) => (group.includes(basis ?? '') ? !group.includes(part.basis) : part.basis !== basis || part.rule !== rule));
        expect(total(after)).toBe(0n);
      }),
      { numRuns: 1_000 },
    );
  });

  it('keeps what was paid out whatever changes afterwards, and still adds up', () => {
    fc.assert(
      fc.property(
        settlement,
        settlement,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 20, maxLength: 20 }),
        (first, then, shares) => {
          const before = shareGross({ ...first, hub, owner, released: [] });
          const released = before.map((part, i) => ({
            part,
            amount: (part.amount * BigInt(Math.floor((shares[i] ?? 0) * 1_000))) / 1_000n,
          }));
          const paid = sum(released.map(({ amount }) => amount));
          const gross = then.gross < paid ? paid : then.gross;
          const after = shareGross({ ...then, gross, hub, owner, released });
          expect(total(after)).toBe(gross);
          for (const { part, amount } of released) {
            const now = after.find((one) => keyOfPart(one) === keyOfPart(part));
            expect((now?.amount ?? 0n) >= amount).toBe(true);
          }
          expect(after.every(({ amount }) => amount >= 0n)).toBe(true);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('takes what a maker got beyond its first part out of its second one', () => {
    const fees = { taxBps: 0, paymentFeeBps: 0, returnReserveBps: 0, hubFeeBps: 0 };
    const parts = (first: bigint, second: bigint, paid: bigint) => {
      const maker = payee('MAKER', 'maker');
      const part = { basis: 'MAKER_PRICE', payee: maker, shareBps: null, rule: 'ON_ACCEPTANCE', conversion: null } as const;
      const of = (rule: FixedClaim['rule'], amount: bigint): FixedClaim => ({ payee: maker, rule, claim: amount, conversion: null });
      const makers = [[of('ON_ACCEPTANCE', first)], [of('ON_RECEIPT', second)]];
      const released = [{ part, amount: paid }];
      return shareGross({ gross: 1_000n, fees, hub, owner, makers, freight: [], commission: null, released })
        .filter(({ basis }) => basis === 'MAKER_PRICE' || basis === 'OWNER_MARGIN')
        .map(({ amount }) => amount);
    };
    expect(parts(30n, 70n, 0n)).toEqual([30n, 70n, 900n]);
    expect(parts(27n, 63n, 30n)).toEqual([30n, 60n, 910n]);
    expect(parts(3n, 7n, 30n)).toEqual([30n, 0n, 970n]);
  });

  it('refuses a gross below what was paid out', () => {
    const fees = { taxBps: 0, paymentFeeBps: 0, returnReserveBps: 0, hubFeeBps: 0 };
    const common = { fees, hub, owner, makers: [], freight: [], commission: null };
    const [part] = shareGross({ ...common, gross: 10n, released: [] }).slice(-1);
    if (part === undefined) throw new Error('there is no margin');
    expect(() => shareGross({ ...common, gross: 9n, released: [{ part, amount: 10n }] })).toThrow(RangeError);
  });

  it('takes the part of the agency out of the commission and nothing else', () => {
    const fees = { taxBps: 0, paymentFeeBps: 0, returnReserveBps: 0, hubFeeBps: 0 };
    const creator = payee('CREATOR', 'creator');
    const of = (takeRateBps: number) =>
      shareGross({
        gross: 10001n,
        fees,
        hub,
        owner,
        makers: [],
        freight: [],
        released: [],
        commission: {
          rateBps: 3e3,
          creator,
          agency: {
            payee: payee('MCN', 'agency'),
            takeRateBps,
          },
        },
      }).filter(({ basis }) => basis === 'CREATOR_COMMISSION' || basis === 'MCN_SHARE');
    expect(of(2_000).map(({ amount }) => amount)).toEqual([2_400n, 600n]);
    expect(of(10_000).map(({ amount }) => amount)).toEqual([0n, 3_000n]);
    expect(of(0).map(({ amount }) => amount)).toEqual([3_000n, 0n]);
  });
});

describe('a conversion', () => {
  const rate = (from: string, decimal: string, date = '2026-11-22') => ({ date, from, to: 'CNY', rate: decimal });

  it('rounds half to the even neighbour, once, and keeps what it was made of', () => {
    expect(convert(1n, rate('USD', '0.5')).amountMinor).toBe(0n);
    expect(convert(3n, rate('USD', '0.5')).amountMinor).toBe(2n);
    expect(convert(5n, rate('USD', '0.5')).amountMinor).toBe(2n);
    expect(convert(10_000n, rate('USD', '7.085049999999'))).toEqual({
      amountMinor: 70_850n,
      conversion: { originalMinor: 10_000n, originalCurrency: 'USD', rate: '7.085049999999', rateDate: '2026-11-22' },
    });
  });

  it('knows how many decimals a currency has', () => {
    expect(convert(1_000n, rate('JPY', '0.0465')).amountMinor).toBe(4_650n);
    expect(convert(1_000n, rate('KWD', '23.5')).amountMinor).toBe(2_350n);
  });

  it('divides as exact arithmetic does', () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 20n), 10n ** 20n), fc.bigInt(1n, 10n ** 9n), (over, under) => {
        const twice = 2n * (over - divideHalfEven(over, under) * under);
        expect(twice <= under && twice >= -under).toBe(true);
        const isHalf = twice === under || twice === -under;
        expect(isHalf && divideHalfEven(over, under) % 2n !== 0n).toBe(false);
      }),
    );
  });

  it('takes the rate of the day, else the latest of the seven days before it, never a later one', () => {
    const rates = [
      rate('USD', '7.3', '2026-11-23'),
      rate('USD', '7.1', '2026-11-15'),
      rate('USD', '7.2', '2026-11-16'),
      rate('EUR', '8', '2026-11-22'),
    ];
    expect(rateOf(rates, 'USD', 'CNY', '2026-11-22')?.rate).toBe('7.2');
    expect(rateOf(rates, 'USD', 'CNY', '2026-11-23')?.rate).toBe('7.3');
    expect(rateOf(rates, 'USD', 'CNY', '2026-11-14')).toBeNull();
    expect(rateOf(rates.slice(1), 'USD', 'CNY', '2026-11-24')).toBeNull();
  });
});

describe('the ledger', () => {
  it('balances every posting, and holds what is owed to each payee', () => {
    fc.assert(
      fc.property(settlement, settlement, (first, then) => {
        const before = shareGross({ ...first, hub, owner, released: [] });
        const after = shareGross({ ...then, hub, owner, released: [] });
        const postings = [
          postBuyers('csh_1', first.gross),
          postSplits([], before),
          postBuyers('csh_2', then.gross - first.gross),
          postSplits(before, after),
          ...after.map((part) => postRelease('csh_3', part, part.amount)),
        ].flatMap((posting) => posting ?? []);
        for (const { entries } of postings) expect(balanceOf(entries)).toBe(0n);
        const accounts = new Map<string, bigint>();
        for (const { account, amountMinor } of postings.flatMap(({ entries }) => entries))
          accounts.set(account, (accounts.get(account) ?? 0n) + amountMinor);
        // all was paid out: nothing is left anywhere
        expect([...accounts.values()].filter((amount) => amount !== 0n)).toEqual([]);
      }),
    );
  });

  it('posts nothing when nothing changed', () => {
    const [given] = fc.sample(settlement, 1);
    if (given === undefined) throw new Error('no sample');
    const parts = shareGross({ ...given, hub, owner, released: [] });
    expect(postSplits(parts, parts)).toBeNull();
  });
});

describe('the states of a settlement', () => {
  const legal: Record<SettlementStatus, string> = {
    DRAFT: 'DEPOSIT_HELD DISPUTED',
    DEPOSIT_HELD: 'PARTIALLY_RELEASED RELEASED DISPUTED',
    PARTIALLY_RELEASED: 'RELEASED DISPUTED',
    RELEASED: 'PARTIALLY_RELEASED CLOSED DISPUTED',
    DISPUTED: 'DRAFT DEPOSIT_HELD PARTIALLY_RELEASED RELEASED',
    CLOSED: '',
  };
  // the keys of `legal` are exactly the states
  const states = Object.keys(legal) as SettlementStatus[];

  it.each(states.flatMap((from) => states.map((to) => [from, to] as const)))('%s to %s is allowed or not', (from, to) => {
    expect(isLegalMove(settlementStates, from, to)).toBe(legal[from].split(' ').includes(to));
  });

  it('follow from the money by legal moves only', () => {
    const part = fc.record({ rule: fc.constantFrom('ON_RECEIPT', 'ON_CLOSE'), amount: fc.bigInt(0n, 9n), released: fc.constant(0n) });
    const parts = fc.array(part.chain((one) => fc.bigInt(0n, one.amount).map((released) => ({ ...one, released }))));
    fc.assert(
      fc.property(
        fc.constantFrom<SettlementStatus>('DRAFT', 'DEPOSIT_HELD', 'PARTIALLY_RELEASED', 'RELEASED'),
        fc.boolean(),
        parts,
        (from, hasMoney, all) => {
          const to = statusByMoney(from, hasMoney, all);
          expect(to === from || isLegalMove(settlementStates, from, to)).toBe(true);
        },
      ),
    );
  });
});

describe('a pool', () => {
  const days = [
    { day: '2026-11-01', cashIn: 100n, cashOut: 0n },
    { day: '2026-11-03', cashIn: 0n, cashOut: 250n },
    { day: '2026-11-10', cashIn: 400n, cashOut: 50n },
  ];

  it('is lowest on the first day of its lowest balance', () => {
    expect(lowest(days)).toEqual({ balance: -150n, day: '2026-11-03' });
    expect(lowest([])).toEqual({ balance: 0n, day: null });
  });

  it('has a point for each day, also before, between and after its flows', () => {
    expect(seriesOf(days, '2026-10-31', '2026-11-04').map(({ balance }) => balance)).toEqual([0n, 100n, 100n, -150n, -150n]);
    expect(seriesOf(days, '2026-11-10', '2026-11-11').map(({ balance }) => balance)).toEqual([200n, 200n]);
  });

  it('is carried by payees who wait, and by the owner for what they do not cover', () => {
    const gap = { memberId: 'owner', balance: -100n, overdue: 0n, waiting: [] };
    expect(financersOf([gap])).toEqual(['owner']);
    expect(financersOf([{ ...gap, overdue: 100n, waiting: ['maker'] }])).toEqual(['maker']);
    expect(financersOf([{ ...gap, overdue: 99n, waiting: ['maker'] }])).toEqual(['maker', 'owner']);
    expect(financersOf([{ ...gap, balance: 0n }])).toEqual([]);
  });
});

describe('cash-to-cash', () => {
  const day = (d: string, values: Partial<TradeDay>): TradeDay => ({
    day: d,
    received: 0,
    soldCost: 0,
    revenue: 0,
    buyersPaid: 0,
    makersPaid: 0,
    ...values,
  });

  it('is inventory and receivables less payables in days, by hand', () => {
    // received on the 1st for 100, half sold on the 3rd for 80, all sold on the 5th for 80; buyers paid 40 on the 1st, makers got 100 on the 5th
    const days = [
      day('2026-11-01', { received: 100, buyersPaid: 40 }),
      day('2026-11-03', { soldCost: 50, revenue: 80 }),
      day('2026-11-05', { soldCost: 50, revenue: 80, makersPaid: 100 }),
    ];
    const figures = cashToCashOf(days, '2026-11-06');
    // inventory 100 100 50 50 0 0 over 100; receivables -40 -40 40 40 120 120 over 160; payables 100 100 100 100 0 0 over 100
    expect(figures).toEqual({ dio: 3, dso: 1.5, dpo: 4, cashToCashDays: 0.5 });
  });

  it('is null without sales or purchases', () => {
    expect(cashToCashOf([], '2026-11-06')).toEqual({ dio: null, dso: null, dpo: null, cashToCashDays: null });
    expect(cashToCashOf([day('2026-11-01', { revenue: 10, soldCost: 0 })], '2026-11-02').dpo).toBeNull();
    expect(cashToCashOf([day('2026-11-09', { revenue: 10, soldCost: 5, received: 5 })], '2026-11-02').dso).toBeNull();
  });

  it('of the ledger is below zero when buyers pay first', () => {
    const money = [
      { day: '2026-11-01', cashIn: 100, cashOut: 0 },
      { day: '2026-11-04', cashIn: 0, cashOut: 30 },
      { day: '2026-11-11', cashIn: 0, cashOut: 60 },
    ];
    expect(ledgerDaysOf(money)).toBeCloseTo(-(30 * 3 + 60 * 10) / 90, 12);
    expect(ledgerDaysOf(money.slice(0, 1))).toBeNull();
  });
});
