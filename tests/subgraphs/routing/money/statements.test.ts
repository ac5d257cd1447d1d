/** However many settlements there are, opening, posting and reading them takes the same number of statements. */
import { hub } from '../../../_kit/subgraph.ts';
import { allocation, enterCampaign, move, open, openRouting, pay, type Routing } from './_kit.ts';

let r: Routing;

beforeAll(async () => {
  r = await openRouting();
}, 60_000);
afterAll(() => r.close());

let count = 0;
/** Allocations of new campaigns of several makers. */
async function campaigns(n: number) {
  const ids = Array.from({ length: n }, () => `cmp_${(count += 1)}`);
  for (const id of ids) await enterCampaign(r, id, 500);
  return ids.flatMap((campaignId) => [1, 2].map((maker) => allocation(r, { n: maker, campaignId })));
}

it('opening and posting', async () => {
  const one = await campaigns(1);
  const many = await campaigns(60);
  expect(await r.countStatements(() => open(r, many))).toBe(await r.countStatements(() => open(r, one)));
  const idsOf = (rows: typeof one) => rows.map(({ allocationId }) => allocationId);
  const accepting = (rows: typeof one) => r.countStatements(() => move(r, idsOf(rows), { status: 'ACCEPTED' }));
  expect(await accepting(many)).toBe(await accepting(one));
  const again = (rows: typeof one) => r.countStatements(() => move(r, idsOf(rows), { quantity: 50 }));
  expect(await again(many)).toBe(await again(one));
});

it('reading', async () => {
  const ids = [...new Set(await open(r, await campaigns(20)))];
  for (const id of ids) await pay(r, id, 100_000);
  const read = (first: number): Promise<number> =>
    r.countStatements(async () => {
      const { errors } = await r.ask(
        hub,
        `{ settlements(first: ${first}) { totalCount nodes { member { name } campaign { campaignId cash { balance { amountMinor } minBalance { amountMinor } dio ledgerCashToCashDays } }
          allocations { nodes { allocationId } } gross { amountMinor } returnsReserve { amountMinor } splits { payee { __typename ... on Member { name } } amount { amountMinor } }
          cashFlows { totalCount nodes { party { __typename } settlement { status } } } balanced fees { version } } } }`,
      );
      expect(errors).toBeUndefined();
    });
  expect(await read(20)).toBe(await read(1));
});
