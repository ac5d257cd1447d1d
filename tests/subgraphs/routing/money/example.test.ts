/** The worked example of docs/settlement.md, computed. */
import { readPage } from '../../../docs/pages.ts';
import { claimsOfFreight, claimsOfMakers, type PaidWork } from '../../../../subgraphs/routing/money/claims.ts';
import { lowest } from '../../../../subgraphs/routing/money/pool.ts';
import { shareGross, type Payee, type SplitPart } from '../../../../subgraphs/routing/money/waterfall.ts';

const payee = (kind: Payee['kind'], id: string): Payee => ({ kind, id, memberId: id });
const into = { currency: 'CNY', find: () => null };
const fees = { taxBps: 0, paymentFeeBps: 60, returnReserveBps: 500, hubFeeBps: 100 };
const work = (id: string, unitPriceMinor: bigint, status: string, receivedGood: number): PaidWork => ({
  maker: payee('MAKER', id),
  status,
  quantity: 100,
  receivedGood,
  unitPriceMinor,
  currency: 'CNY',
});

function share(gross: bigint, status: string, paid: readonly SplitPart[]): SplitPart[] {
  const makers = [work('Maker A', 5_000n, status, 100), work('Maker B', 3_333n, status, 90)];
  return shareGross({
    gross,
    fees,
    hub: payee('MEMBER', 'hub'),
    owner: payee('MEMBER', 'owner'),
    makers: claimsOfMakers(makers, { ...into, depositBps: 3_000 }),
    freight: claimsOfFreight([{ carrier: payee('DISTRIBUTOR', 'Carrier'), amountMinor: 20_000n, currency: 'CNY' }], into),
    commission: {
      rateBps: 1_000,
      creator: payee('CREATOR', 'Creator'),
      agency: { payee: payee('MCN', 'Agency'), takeRateBps: 2_000 },
    },
    released: paid.map((part) => ({ part, amount: part.amount })),
  });
}

const money = (amount: bigint): string => (Number(amount) / 100).toLocaleString('en', { minimumFractionDigits: 2 });

describe('the worked example of docs/settlement.md', () => {
  const page = readPage('docs/settlement.md');
  const deposits = share(370_000n, 'ACCEPTED', []);
  const whole = share(
    1_234_567n,
    'COMPLETED',
    deposits.filter(({ rule }) => rule === 'ON_ACCEPTANCE'),
  );

  it('has a row for each part, with the amounts that the rules give', () => {
    const rows = whole.map(
      ({ basis, payee: { id }, rule, amount }, i) =>
        `| ${basis} | ${id} | ${rule} | ${money(deposits[i]?.amount ?? 0n)} | ${money(amount)} |`,
    );
    const total = (parts: readonly SplitPart[]): string => money(parts.reduce((sum, { amount }) => sum + amount, 0n));
    rows.push(`| **gross** | | | **${total(deposits)}** | **${total(whole)}** |`);
    const table = page.split('\n').filter((line) => /^\| ([A-Z_]+|\*\*gross\*\*) \|.*\|.*\|.*\|.*\|$/.test(line));
    expect(table).toEqual(rows);
  });

  it('says how deep its pool falls when makers deliver before buyers pay the rest', () => {
    const due = deposits.filter(({ basis }) => basis !== 'MAKER_PRICE' && basis !== 'FREIGHT').map(({ amount }) => amount);
    const days = [
      { day: '2026-11-22', cashIn: 370_000n, cashOut: 150_000n + 99_990n },
      { day: '2026-12-01', cashIn: 0n, cashOut: 350_000n + 233_310n + 20_000n + (due[1] ?? 0n) },
      { day: '2026-12-08', cashIn: 0n, cashOut: due[2] ?? 0n },
    ];
    expect(page).toContain(`falls to −${money(-lowest(days).balance)}`);
  });
});
