/**
 * What a hostile or careless client may send: wrong cursors, unwritable text, days and numbers at the edge, and many changes at once.
 * The answer is a problem or BAD_USER_INPUT, never a failure of ours; and nobody can bring the hub's own work to a stop.
 */
import { query, sql } from '../../subgraph-kit/sql.ts';
import { toDemoGln, toDemoGtin } from '../../subgraph-kit/gs1.ts';
import { startTestHub, type HubAnswer, type TestHub } from '../_kit/hub.ts';
import { createWorld, yuan, type World } from './world.ts';

let hub: TestHub;
let world: World;

beforeAll(async () => {
  hub = await startTestHub();
  world = await createWorld(hub, (player, mutation, input, fields) => hub.change(player, mutation, input, fields));
}, 60_000);
afterAll(() => hub.stop());

/** The gateway itself refuses half a surrogate pair, in JSON and in a document. */
const refusals = ['BAD_USER_INPUT', 'BAD_REQUEST', 'GRAPHQL_PARSE_FAILED'];
const codesOf = ({ errors }: HubAnswer): unknown[] => (errors ?? []).map((error) => error.extensions?.['code']);
const problemsOf = (payload: { problems: { code: string }[] }): string[] => payload.problems.map(({ code }) => code);

describe('a cursor', () => {
  const DAYS = 'from: "2026-11-22", to: "2026-12-31"';
  /** Every list, and the types of its order. */
  const lists: readonly (readonly [question: string, columns: readonly ('text' | 'day' | 'instant' | 'number')[]])[] = [
    ['makers(after: $after)', ['text', 'text']],
    [`capacityBuckets(${DAYS}, after: $after)`, ['day', 'text', 'number']],
    ['distributors(after: $after)', ['text', 'text']],
    ['sites(after: $after)', ['text', 'text']],
    ['creators(after: $after)', ['text', 'text']],
    ['segments(after: $after)', ['number', 'text']],
    ['styles(after: $after)', ['instant', 'text']],
    ['demandLines(after: $after)', ['day', 'text']],
    ['members(after: $after)', ['text', 'text']],
    ['makerQuotes(after: $after)', ['instant', 'text']],
    ['lots(after: $after)', ['instant', 'text']],
    ['shipments(after: $after)', ['instant', 'text']],
    ['allocations(after: $after)', ['instant', 'text']],
    ['decisions(after: $after)', ['instant', 'text']],
    ['routingRuns(after: $after)', ['instant', 'text']],
    ['policies(after: $after)', ['instant', 'text']],
    ['settlements(after: $after)', ['instant', 'text']],
    [`scarcity(${DAYS}, after: $after)`, ['number', 'text']],
  ];
  it('stands in the table for every list at the root', async () => {
    const { data } = await hub.ask(hub.hub, '{ __schema { queryType { fields { name type { name } } } } }');
    const all = data.__schema.queryType.fields.filter(({ type }: any) => String(type.name).endsWith('Connection'));
    const listed = lists.map(([question]) => question.split('(')[0]);
    expect(new Set(listed)).toEqual(new Set(all.map(({ name }: any) => name)));
  });
  const right = { text: 'a', day: '2026-11-22', instant: '2026-11-22T09:00:00.000Z', number: '1' };
  const toCursor = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const read = (question: string, after: string) => hub.ask(hub.hub, `query ($after: String) { ${question} { totalCount } }`, { after });

  it.each(lists)('of anybody’s making is refused by %s', async (question, columns) => {
    const values = columns.map((column) => right[column]);
    const wrong: unknown[] = [
      null,
      'x',
      {},
      [],
      values,
      values.slice(1),
      [...values, 'a'],
      values.map(() => 1),
      values.map(() => '\u0000'),
      values.map(() => 'x'),
    ];
    const texts = [...wrong.map(toCursor), '', '!', 'a'.repeat(5_000), toCursor(values).slice(0, -3)];
    for (const after of texts) expect({ after, codes: codesOf(await read(question, after)) }).toEqual({ after, codes: ['BAD_USER_INPUT'] });
  });

  it('of one list is refused by another, though both go by name', async () => {
    await world.newMaker();
    await world.newMaker();
    const { data } = await hub.ask(hub.hub, '{ makers(first: 1) { pageInfo { endCursor } } }');
    const after: string = data.makers.pageInfo.endCursor;
    expect(codesOf(await read('makers(after: $after)', after))).toEqual([]);
    for (const question of ['sites(after: $after)', 'creators(after: $after)', 'members(after: $after)'])
      expect({ question, codes: codesOf(await read(question, after)) }).toEqual({ question, codes: ['BAD_USER_INPUT'] });
  });

  it('that was damaged within one of its values is refused', async () => {
    const style = await world.newStyle();
    await world.done(world.creator, 'submitDemands', { demands: [world.demandInput(style)] }, 'demandLines { demandLineId }');
    const { data } = await hub.ask(hub.hub, '{ demandLines(first: 1) { edges { cursor } } }');
    const values: unknown = JSON.parse(Buffer.from(String(data.demandLines.edges[0].cursor), 'base64url').toString());
    const places = Array.isArray(values) ? values.map((_, i) => i) : [];
    expect(places.length).toBeGreaterThan(1);
    for (const place of places.slice(0, -1)) {
      for (const bad of ['2026-02-30', '0000-01-01', 'x', '', '\u0000']) {
        const after = toCursor((values as string[]).map((value, i) => (i === place ? bad : value)));
        expect({ bad, codes: codesOf(await read('demandLines(after: $after)', after)) }).toEqual({ bad, codes: ['BAD_USER_INPUT'] });
      }
    }
  });
});

describe('text that no database can write', () => {
  const texts = [
    ['the character U+0000', 'a\u0000b'],
    ['half of a surrogate pair', 'a\ud800b'],
  ] as const;
  it.each(texts)('%s is refused in a question, as variable and as literal', async (_, text) => {
    for (const question of ['maker(gln: $text) { gln }', 'site(siteGln: $text) { name }', 'style(styleId: $text) { name }'])
      expect(refusals).toContain(codesOf(await hub.ask(null, `query ($text: ID!) { ${question} }`, { text }))[0]);
    const provinces = await hub.ask(null, 'query ($text: String!) { makers(province: $text) { totalCount } }', { text });
    expect(refusals).toContain(codesOf(provinces)[0]);
    const literal = JSON.stringify(text);
    expect(refusals).toContain(codesOf(await hub.ask(null, `{ creator(creatorId: ${literal}) { displayName } }`))[0]);
  });
  it.each(texts)('%s is refused in a change, however deep it stands', async (_, text) => {
    const style = await world.newStyle();
    const line = { ...world.demandInput(style), requiredCertificates: [text] };
    const changes: [string, Record<string, unknown>][] = [
      ['registerCreator', { displayName: text, tier: 'KOC', idempotencyKey: world.key() }],
      ['registerCreator', { displayName: 'Ann', tier: 'KOC', idempotencyKey: text }],
      ['registerBrand', { name: 'x', positioning: text, promise: 'x', slogan: 'x', idempotencyKey: world.key() }],
      ['submitDemands', { demands: [line], idempotencyKey: world.key() }],
    ];
    for (const [name, input] of changes) {
      const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input!`;
      const answer = await hub.ask(world.creator, `mutation ($input: ${type}) { ${name}(input: $input) { problems { code } } }`, { input });
      expect(refusals).toContain(codesOf(answer)[0]);
    }
  });
  it('long ids find nothing, and long text is refused, also when most of it is blank', async () => {
    const long = 'x'.repeat(50_000);
    expect((await hub.ask(null, 'query ($id: ID!) { maker(gln: $id) { gln } }', { id: long })).data).toEqual({ maker: null });
    const blank = `a${' '.repeat(5_000)}`;
    const input = { name: blank, positioning: 'x', promise: 'x', slogan: 'x', idempotencyKey: world.key() };
    expect(problemsOf(await hub.change(world.creator, 'registerBrand', input, 'brand { name }'))).toEqual(['TOO_LONG']);
  });
});

describe('days and times at the edge', () => {
  const capacity = (from: string, to: string) =>
    hub.ask(null, 'query ($from: Date!, $to: Date!) { capacityBuckets(from: $from, to: $to) { totalCount } }', { from, to });
  it('a day that no calendar of the hub has is refused', async () => {
    for (const day of ['0000-01-01', '0001-01-01', '2026-02-29', '2026-13-01', '10000-01-01', '+010000-01-01'])
      expect({ day, codes: codesOf(await capacity(day, '2026-12-31')) }).toEqual({ day, codes: ['BAD_USER_INPUT'] });
    expect(codesOf(await capacity('1000-01-01', '9999-12-31'))).toEqual([]);
  });
  it('so is a time that its offset takes out of the calendar', async () => {
    const { gln } = await world.newMaker();
    for (const ifChangedAt of ['0000-01-01T00:00:00Z', '0999-12-31T23:59:59Z', '1000-01-01T00:00:00+14:00', '9999-12-31T23:59:59-14:00']) {
      const input = { gln, name: 'x', ifChangedAt, idempotencyKey: world.key() };
      const answer = await hub.ask(
        world.maker,
        'mutation ($input: UpdateMakerInput!) { updateMaker(input: $input) { problems { code } } }',
        { input },
      );
      expect({ ifChangedAt, codes: codesOf(answer) }).toEqual({ ifChangedAt, codes: ['BAD_USER_INPUT'] });
    }
  });
  it('demand until the end of time is judged like any other', async () => {
    const style = await world.newStyle();
    const line = { ...world.demandInput(style), latestDate: '9999-12-31' };
    const fields = 'demandLines { latestDate feasibleMakers { infeasibleBecause } }';
    const { demandLines } = await world.done(world.creator, 'submitDemands', { demands: [line] }, fields);
    expect(demandLines[0]).toEqual({ latestDate: '9999-12-31', feasibleMakers: expect.any(Array) });
  });
});

describe('numbers at the edge', () => {
  it('stock that adds up to more than a number can say is shown as the most it can say', async () => {
    const { gtins } = await world.newStyle();
    const sites = [await world.newSite(), await world.newSite(), await world.newSite()];
    for (const { siteGln } of sites)
      await world.done(
        world.distributor,
        'adjustInventory',
        { siteGln, gtin: gtins[0], delta: 1_000_000_000, reason: 'COUNT' },
        'position { onHand }',
      );
    const answer = await hub.ask(
      world.creator,
      'query ($gtin: ID!) { availableToPromise(gtin: $gtin) sku(gtin: $gtin) { availableToPromise } }',
      {
        gtin: gtins[0],
      },
    );
    expect(answer).toEqual({ data: { availableToPromise: 2_147_483_647, sku: { availableToPromise: 2_147_483_647 } } });
  });

  it('a sale of more money than a number can say is refused', async () => {
    const { gtins } = await world.newStyle();
    const most = { amountMinor: Number.MAX_SAFE_INTEGER, currency: 'CNY' };
    const sale = { kind: 'SALE', gtin: gtins[0], quantity: 2, unitPrice: most, soldAt: '2026-11-22T08:00:00Z' };
    const payload = await hub.change(world.creator, 'recordSales', { sales: [sale], idempotencyKey: world.key() }, 'recorded');
    expect({ recorded: payload.recorded, codes: problemsOf(payload) }).toEqual({ recorded: 0, codes: ['OUT_OF_RANGE'] });
  });

  it('no number of returns stops those who follow sales: what comes after them is still counted', async () => {
    const bad = await world.newStyle();
    const good = await world.newStyle();
    const { siteGln } = await world.newSite();
    const one = { kind: 'RETURN', quantity: 1_000_000, unitPrice: yuan(0.01), soldAt: '2026-11-22T08:00:00Z', siteGln };
    const returns = Array.from({ length: 1_000 }, () => ({ ...one, gtin: bad.gtins[0] }));
    for (let i = 0; i < 3; i += 1) await world.done(world.creator, 'recordSales', { sales: returns }, 'recorded');
    await world.done(world.creator, 'recordSales', { sales: [{ ...one, gtin: good.gtins[0], quantity: 7 }] }, 'recorded');
    await hub.settle();
    const question =
      'query ($siteGln: ID!, $gtin: ID!) { inventoryPosition(siteGln: $siteGln, gtin: $gtin) { onHand availableToPromise daysOfSupply } }';
    expect((await hub.ask(world.distributor, question, { siteGln, gtin: good.gtins[0] })).data.inventoryPosition.onHand).toBe(7);
    const { data, errors } = await hub.ask(world.distributor, question, { siteGln, gtin: bad.gtins[0] });
    expect({ errors, stock: data.inventoryPosition.onHand }).toEqual({ errors: undefined, stock: 2_147_483_647 });
    const sales = await hub.ask(
      world.creator,
      'query ($id: ID!) { style(styleId: $id) { sales { piecesReturned netGmv { amountMinor } } } }',
      {
        id: bad.styleId,
      },
    );
    expect(sales).toEqual({ data: { style: { sales: { piecesReturned: 2_147_483_647, netGmv: { amountMinor: -3_000_000_000 } } } } });
  });
});

describe('a sale at a store', () => {
  it('is for the owner of the style to record: who only runs a campaign with it moves nobody’s stock', async () => {
    const { styleId, gtins } = await world.newStyle();
    const { siteGln } = await world.newSite();
    await world.done(world.distributor, 'adjustInventory', { siteGln, gtin: gtins[0], delta: 9, reason: 'COUNT' }, 'position { onHand }');
    const player = world.otherCreator;
    const { creator } = await world.done(player, 'registerCreator', { displayName: 'Bo', tier: 'KOC' }, 'creator { creatorId }');
    const plan = world.campaignInput(creator.creatorId, [styleId]);
    const { campaign } = await world.done(player, 'createCampaign', plan, 'campaign { campaignId }');
    const { campaignId } = campaign;
    await world.done(player, 'openPresale', { campaignId }, 'campaign { status }');
    const online = { kind: 'SALE', gtin: gtins[0], quantity: 5, unitPrice: yuan(1), soldAt: '2026-11-22T08:00:00Z', campaignId };
    const sales = [{ ...online, siteGln }, online];
    const payload = await hub.change(player, 'recordSales', { sales, idempotencyKey: world.key() }, 'recorded');
    expect(payload).toEqual({ recorded: 1, problems: [expect.objectContaining({ code: 'NOT_YOURS', path: ['sales', '0', 'siteGln'] })] });
    await world.done(world.creator, 'recordSales', { sales: [{ ...online, siteGln, quantity: 2 }] }, 'recorded');
    await hub.settle();
    const { data } = await hub.ask(world.distributor, `{ inventoryPosition(siteGln: "${siteGln}", gtin: "${gtins[0]}") { onHand } }`);
    expect(data.inventoryPosition.onHand).toBe(7);
  });
});

it('a subgraph’s door stands before every spelling of its path', async () => {
  for (const { subgraph } of Object.values(hub.running)) {
    for (const path of ['/%67raphql', '/graphql/', '//graphql', '/GRAPHQL', '/graphql?x', '/./graphql', '/graphiql', '/graphql%2f']) {
      const answer = await fetch(`${new URL(subgraph.url()).origin}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: '{ __typename _service { sdl } }' }),
      });
      const text = await answer.text();
      expect({ path, ok: answer.ok, tells: /"Query"|type /.test(text) }).toEqual({ path, ok: false, tells: false });
    }
  }
});

describe('many at once', () => {
  const times = <T>(count: number, work: (i: number) => Promise<T>): Promise<T[]> =>
    Promise.all(Array.from({ length: count }, (_, i) => work(i)));

  it('of changes that read the same row, exactly one wins', async () => {
    const { gln, changedAt } = await world.newMaker();
    const payloads = await times(8, (i) =>
      hub.change(
        world.maker,
        'updateMaker',
        { gln, name: `Works of ${i}`, ifChangedAt: changedAt, idempotencyKey: world.key() },
        'maker { name }',
      ),
    );
    const winners = payloads.filter(({ problems }) => problems.length === 0);
    expect(winners.length).toBe(1);
    expect(payloads.flatMap(problemsOf).toSorted()).toEqual(Array.from({ length: 7 }, () => 'STALE'));
    expect((await hub.ask(null, `{ maker(gln: "${gln}") { name } }`)).data.maker.name).toBe(winners[0].maker.name);
  });
  it('corrections of stock all count', async () => {
    const { siteGln } = await world.newSite();
    const gtin = toDemoGtin(`crowd ${world.next()}`);
    await times(12, () =>
      world.done(world.distributor, 'adjustInventory', { siteGln, gtin, delta: 3, reason: 'COUNT' }, 'position { onHand }'),
    );
    const { data } = await hub.ask(world.distributor, `{ inventoryPosition(siteGln: "${siteGln}", gtin: "${gtin}") { onHand } }`);
    expect(data.inventoryPosition.onHand).toBe(36);
  });
  it('calls with one key write once and answer alike; with another input they are refused', async () => {
    const idempotencyKey = world.key();
    const call = (displayName: string, player = world.creator) =>
      hub.change(player, 'registerCreator', { displayName, tier: 'KOC', idempotencyKey }, 'creator { creatorId }');
    const answers = await times(6, () => call('One'));
    expect(new Set(answers.map(({ creator }) => creator.creatorId)).size).toBe(1);
    expect(problemsOf(await call('Two'))).toEqual(['IDEMPOTENCY_MISMATCH']);
    const other = await call('One', world.otherCreator);
    expect(other.creator.creatorId).not.toBe(answers[0].creator.creatorId);
    const rows = await query<{ n: number }>(
      hub.running.downstream.db,
      sql`SELECT count(*)::int AS n FROM "Creator" WHERE "displayName" = 'One'`,
    );
    expect(rows[0]?.n).toBe(2);
  });
  it('of those that enter the same place or distributor, one does; the others are told so', async () => {
    for (const [name, key, rest, field] of [
      ['registerSite', 'siteGln', { kind: 'STORE', unlocode: 'CNSHA' }, 'site { name }'],
      ['registerDistributor', 'gln', { country: 'CN', slas: [] }, 'distributor { name }'],
    ] as const) {
      const gln = toDemoGln(`race ${world.next()}`);
      const payloads = await times(6, (i) =>
        hub.change(
          i % 2 === 0 ? world.distributor : world.otherDistributor,
          name,
          { [key]: gln, name: `Place ${i}`, ...rest, idempotencyKey: world.key() },
          field,
        ),
      );
      expect({ name, codes: payloads.flatMap(problemsOf) }).toEqual({ name, codes: Array.from({ length: 5 }, () => 'DUPLICATE') });
    }
  });
  it('facilities of one name and address without a GLN all get one of their own', async () => {
    const { gln: _gln, ...input } = world.makerInput();
    const payloads = await times(6, () =>
      hub.change(world.maker, 'registerMaker', { ...input, idempotencyKey: world.key() }, 'maker { gln }'),
    );
    expect(payloads.flatMap(problemsOf)).toEqual([]);
    expect(new Set(payloads.map(({ maker }) => maker.gln)).size).toBe(6);
  });
  it('parties of one member that enter together all add to its kinds', async () => {
    const kinds = ['MAKER', 'DISTRIBUTOR', 'CREATOR', 'MCN'];
    const members = await times(12, async (i) => hub.enter(`mbr_crowd_${i}_${world.next()}`, kinds));
    await Promise.all(
      members.flatMap((member) => [
        world.done(member, 'registerMaker', world.makerInput(), 'maker { gln }'),
        world.done(
          member,
          'registerDistributor',
          { gln: toDemoGln(`crowd ${world.next()}`), name: 'Road', country: 'CN', slas: [] },
          'distributor { gln }',
        ),
        world.done(member, 'registerCreator', { displayName: 'Ann', tier: 'KOC' }, 'creator { creatorId }'),
        world.done(member, 'registerMcn', { name: 'Stage', takeRateBps: 1 }, 'mcn { mcnId }'),
      ]),
    );
    await hub.settle();
    for (const member of members) {
      const { data } = await hub.ask(member, '{ viewer { kinds } }');
      expect(data.viewer.kinds.toSorted()).toEqual(kinds.toSorted());
    }
  });
});
