/** Who sees what of money: owner and hub all, a payee its own splits and payments, everybody else nothing, a visitor demonstration rows. */
import { hub, visitor } from '../../../_kit/subgraph.ts';
import {
  act,
  agency,
  allocation,
  carrier,
  codes,
  enterCampaign,
  gln,
  maker,
  move,
  open,
  openRouting,
  owner,
  pay,
  star,
  stranger,
  type Routing,
} from './_kit.ts';

let r: Routing;
let secret = '';
let demo = '';
// one amount for each party, so that an answer that holds it has leaked
const canaries = { maker1: 123_457, maker2: 765_431, freight: 19_937, deposit: 9_991_117 };

beforeAll(async () => {
  r = await openRouting();
  await enterCampaign(r, 'cmp_secret', 1_000);
  await enterCampaign(r, 'cmp_demo', 1_000, 'crt_2');
  const price = (amount: number) => ({ quantity: 1, unitPriceMinor: BigInt(amount) });
  const hidden = [1, 2].map((n) => allocation(r, { n, campaignId: 'cmp_secret', ...price(n === 1 ? canaries.maker1 : canaries.maker2) }));
  const shown = [allocation(r, { n: 3, campaignId: 'cmp_demo', origin: 'GENERATED' })];
  [secret = ''] = await open(r, hidden);
  [demo = ''] = await open(r, shown);
  await r.db.$executeRawUnsafe(
    `INSERT INTO "Freight" VALUES ('gsin_1', $1, '${gln(9)}', 'mbr_carrier', ${canaries.freight}, 'CNY')`,
    hidden[0]?.allocationId,
  );
  await pay(r, secret, canaries.deposit, { party: { creatorId: 'crt_1' } });
  await pay(r, demo, 1_000_000);
  await move(
    r,
    [...hidden, ...shown].map(({ allocationId }) => allocationId),
    { status: 'ACCEPTED' },
  );
  await act(r, 'releaseSettlement', secret);
}, 60_000);
afterAll(() => r.close());

const seen = `settlementId gross { amountMinor } returnsReserve { amountMinor } balanced splits { basis amount { amountMinor } payee { __typename } }
  cashFlows(first: 200) { totalCount nodes { cashFlowId kind amount { amountMinor } party { __typename } settlement { settlementId } } }`;
const read = async (as: typeof hub, id: string): Promise<any> => {
  const { data, errors } = await r.ask(as, `{ settlement(settlementId: "${id}") { ${seen} } }`);
  expect(errors).toBeUndefined();
  return data.settlement;
};
const basesOf = (settlement: any): string[] => settlement.splits.map((split: { basis: string }) => split.basis);
const kindsOf = (settlement: any): string[] => settlement.cashFlows.nodes.map((flow: { kind: string }) => flow.kind);

describe('a settlement', () => {
  it('is whole for its owner and the hub', async () => {
    for (const as of [owner, hub]) {
      const settlement = await read(as, secret);
      expect(settlement).toMatchObject({ gross: { amountMinor: canaries.deposit }, balanced: true });
      expect(new Set(basesOf(settlement)).size).toBe(9);
      expect(settlement.splits.reduce((sum: number, split: any) => sum + split.amount.amountMinor, 0)).toBe(canaries.deposit);
      expect(settlement.cashFlows.totalCount).toBe(settlement.cashFlows.nodes.length);
      expect(kindsOf(settlement)).toEqual(expect.arrayContaining(['DEPOSIT', 'MAKER_PAYMENT', 'FREIGHT_PAYMENT', 'COMMISSION']));
    }
  });

  it.each([
    ['a maker', () => maker(1), ['MAKER_PRICE', 'MAKER_PRICE'], ['MAKER_PAYMENT', 'MAKER_PAYMENT'], canaries.maker1],
    ['a distributor', () => carrier, ['FREIGHT'], ['FREIGHT_PAYMENT'], canaries.freight],
    ['a creator', () => star, ['CREATOR_COMMISSION'], ['COMMISSION', 'DEPOSIT'], null],
    ['an agency', () => agency, ['MCN_SHARE'], ['COMMISSION'], null],
  ])('shows %s its own part and payments, and nothing of the whole', async (_, as, bases, kinds, total) => {
    const settlement = await read(as(), secret);
    expect(settlement).toMatchObject({ gross: null, returnsReserve: null, balanced: true });
    expect(basesOf(settlement)).toEqual(bases);
    expect(kindsOf(settlement).toSorted()).toEqual(kinds.toSorted());
    expect(settlement.cashFlows.totalCount).toBe(kinds.length);
    const own = settlement.splits.reduce((sum: number, split: any) => sum + split.amount.amountMinor, 0);
    expect([own, null]).toContain(total);
  });

  it('of others is nowhere: by id, in lists, through entities, in counts and payments', async () => {
    const flows = (await read(hub, secret)).cashFlows.nodes.map(({ cashFlowId }: { cashFlowId: string }) => cashFlowId);
    const pools = await r.db.$queryRawUnsafe<{ positionId: string }[]>('SELECT "positionId" FROM "CashPool"');
    const entity = (representation: object) => JSON.stringify(representation).replace(/"(\w+)":/g, '$1:');
    const references = [
      { __typename: 'Settlement', settlementId: secret },
      { __typename: 'Campaign', campaignId: 'cmp_secret' },
      { __typename: 'Creator', creatorId: 'crt_1' },
      { __typename: 'Mcn', mcnId: 'mcn_1' },
      ...flows.map((cashFlowId: string) => ({ __typename: 'CashFlow', cashFlowId })),
      ...pools.map(({ positionId }) => ({ __typename: 'CashPosition', positionId })),
    ];
    const everything = `{ settlements(first: 200) { totalCount nodes { ${seen} } } settlement(settlementId: "${secret}") { ${seen} }
      ${pools.map(({ positionId }, i) => `p${i}: cashPosition(positionId: "${positionId}") { balance { amountMinor } }`).join(' ')}
      _entities(representations: [${references.map(entity).join(', ')}]) { __typename
        ... on Settlement { ${seen} } ... on Campaign { settlement { ${seen} } cash { balance { amountMinor } } }
        ... on Creator { cash { balance { amountMinor } } } ... on Mcn { cash { balance { amountMinor } } }
        ... on CashFlow { kind amount { amountMinor } } ... on CashPosition { balance { amountMinor } minBalance { amountMinor } } } }`;
    const { data } = await r.ask(stranger, everything);
    expect(data.settlement).toBeNull();
    expect(data.settlements).toEqual({ totalCount: 0, nodes: [] });
    const told = JSON.stringify(data);
    expect(told).not.toMatch(/"amountMinor"/);
    const rival = JSON.stringify((await r.ask(maker(2), everything)).data);
    expect(rival).toContain(String(Math.round(canaries.maker2 * 0.3)));
    for (const amount of [canaries.maker1, Math.round(canaries.maker1 * 0.3), canaries.freight, canaries.deposit])
      expect(rival).not.toContain(String(amount));
  });

  it('leaves a maker when it is no payee any more', async () => {
    const row = allocation(r, { n: 2 });
    const [id = ''] = await open(r, [row]);
    expect(await read(maker(2), id)).not.toBeNull();
    await move(r, [row.allocationId], { status: 'DECLINED' });
    expect(await read(maker(2), id)).toBeNull();
  });

  it('is whole for a visitor when it is a demonstration, and not there when it is not', async () => {
    expect(await read(visitor, secret)).toBeNull();
    expect(await read(visitor, demo)).toMatchObject({ gross: { amountMinor: 1_000_000 } });
    const { data } = await r.ask(visitor, '{ settlements { nodes { settlementId } totalCount } }');
    expect(data.settlements).toEqual({ nodes: [{ settlementId: demo }], totalCount: 1 });
  });
});

describe('a pool', () => {
  const cash = async (as: typeof hub, representation: object): Promise<unknown> => {
    const source =
      'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Campaign { cash { kind: __typename } } ... on Creator { cash { kind: __typename } } ... on Mcn { cash { kind: __typename } } } }';
    const { data } = await r.ask(as, source, { r: [representation] });
    return data._entities[0].cash;
  };
  const campaign = { __typename: 'Campaign', campaignId: 'cmp_secret' };
  const creator = { __typename: 'Creator', creatorId: 'crt_1' };
  const mcn = { __typename: 'Mcn', mcnId: 'mcn_1' };

  it.each([
    ['of a campaign', campaign, () => [owner, hub], () => [star, agency, maker(1), carrier, stranger, visitor]],
    ['of a creator', creator, () => [star, hub], () => [owner, agency, maker(1), carrier, stranger, visitor]],
    ['of an agency', mcn, () => [agency, hub], () => [owner, star, maker(1), carrier, stranger, visitor]],
    ['of a demonstration', { __typename: 'Campaign', campaignId: 'cmp_demo' }, () => [owner, hub, visitor], () => [star, stranger]],
  ])('%s is for its owner and the hub', async (_, representation, who, others) => {
    for (const as of who()) expect(await cash(as, representation)).not.toBeNull();
    for (const as of others()) expect(await cash(as, representation)).toBeNull();
  });

  it('of a creator is hidden from visitors as soon as one payment of it is no demonstration', async () => {
    const demoCreator = { __typename: 'Creator', creatorId: 'crt_2' };
    expect(await cash(visitor, demoCreator)).not.toBeNull();
    await enterCampaign(r, 'cmp_real', 500, 'crt_2');
    const [id = ''] = await open(r, [allocation(r, { campaignId: 'cmp_real' })]);
    expect(codes(await pay(r, id, 1_000))).toEqual([]);
    expect(await cash(visitor, demoCreator)).toBeNull();
    expect(await cash(star, demoCreator)).not.toBeNull();
  });
});
