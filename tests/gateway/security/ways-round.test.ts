/** Ways round a demand: what leads to a denied value without naming it where it is denied. Whatever is tried, no subgraph is asked for it. */
import { errorsOf, startGuardedHub, type Guards, type Subgraph } from './guarded-hub.ts';

type Row = Record<string, unknown>;
type Hub = Awaited<ReturnType<typeof startGuardedHub>>;
const self = (row: Row) => row;

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function start(graphs: Readonly<Record<string, Subgraph>>, options: Parameters<typeof startGuardedHub>[1] = {}): Promise<Hub> {
  const hub = await startGuardedHub(graphs, options);
  stops.push(() => hub.stop());
  return hub;
}

const sentText = ({ sent }: Hub) => sent.map(({ query, variables }) => query + variables).join('\n');

describe('a requirement of a requirement', () => {
  const graphs = {
    a: {
      sdl: 'type Query { mill: Mill } type Mill @key(fields: "id") { id: ID! weight: Int cut: Int }',
      resolvers: { Query: { mill: () => ({ id: 'm1' }) }, Mill: { __resolveReference: self, weight: () => 7, cut: () => 1 } },
    },
    b: {
      sdl: 'type Mill @key(fields: "id") { id: ID! weight: Int @external tax: Int @requires(fields: "weight") }',
      resolvers: { Mill: { __resolveReference: self, tax: ({ weight }: Row) => Number(weight) * 2 } },
    },
    c: {
      sdl: 'type Mill @key(fields: "id") { id: ID! tax: Int @external cut: Int @external price: Int @requires(fields: "tax cut") stars: Int }',
      resolvers: { Mill: { __resolveReference: self, price: ({ tax }: Row) => Number(tax) + 1, stars: () => 4 } },
    },
  };
  const query = '{ mill { id price stars } }';

  it.each<[string, Guards, RegExp]>([
    ['at its end', { 'Mill.weight': [['w']] }, /weight|tax|cut|price/],
    ['in its middle', { 'Mill.tax': [['w']] }, /weight|tax|cut|price/],
    ['beside another', { 'Mill.cut': [['w']] }, /weight|tax|cut|price/],
  ])('A3 a value denied %s denies what is made of it, and nothing on the way is fetched', async (_, guards, forbidden) => {
    const hub = await start(graphs, { guards });
    const body = await hub.post(query);
    expect([body.data, errorsOf(body)]).toEqual([{ mill: { id: 'm1', price: null, stars: 4 } }, { 'mill.price': 'FORBIDDEN' }]);
    expect(sentText(hub)).not.toMatch(forbidden);
    expect((await hub.post(query, ['w'])).data).toEqual({ mill: { id: 'm1', price: 15, stars: 4 } });
    expect(sentText(hub)).toContain('tax');
  });

  it('A3 the way is shut for who may read the end but not the middle, under aliases and fragments too', async () => {
    const hub = await start(graphs, { guards: { 'Mill.tax': [['t']], 'Mill.weight': [['w']] } });
    for (const scopes of [[], ['t'], ['w']]) {
      const body = await hub.post('fragment F on Mill { tax: price weight: stars } { mill { ...F } }', scopes);
      expect(body.data).toEqual({ mill: { tax: null, weight: 4 } });
      expect(sentText(hub)).not.toContain('price');
    }
    expect((await hub.post('{ mill { price } }', ['t', 'w'])).data).toEqual({ mill: { price: 15 } });
  });
});

describe('a context', () => {
  const LOOM =
    'type Loom @key(fields: "id") { id: ID! name: String speed(unit: String @fromContext(field: "$mill { unit }"), factor: Int): String }';
  const graphs = {
    a: {
      sdl: `type Query { mill: Mill mills: [Mill] } type Mill @key(fields: "id") @context(name: "mill") { id: ID! unit: String looms: [Loom] } ${LOOM}`,
      resolvers: {
        Query: { mill: () => ({ id: 'm1', unit: 'rpm', looms: [{ id: 'l1' }] }) },
        Mill: { __resolveReference: self },
        Loom: { __resolveReference: self, name: () => 'Loom', speed: (_: Row, { unit }: Row) => `9 ${String(unit)}` },
      },
    },
    b: {
      sdl: 'type Mill @key(fields: "id") { id: ID! owner: String }',
      resolvers: { Mill: { __resolveReference: self, owner: () => 'Ann' } },
    },
  };

  it('A3 hands no denied value to a field that takes it from there, and does not fetch it', async () => {
    const hub = await start(graphs, { guards: { 'Mill.unit': [['unit']] } });
    const query = '{ mill { owner looms { name speed(factor: 2) } } }';
    const body = await hub.post(query);
    expect(body.data).toEqual({ mill: { owner: 'Ann', looms: [{ name: 'Loom', speed: null }] } });
    expect(errorsOf(body)).toEqual({ 'mill.looms.0.speed': 'FORBIDDEN' });
    expect(sentText(hub)).not.toMatch(/unit|speed|rpm/);
    expect((await hub.post(query, ['unit'])).data).toEqual({ mill: { owner: 'Ann', looms: [{ name: 'Loom', speed: '9 rpm' }] } });
  });

  it('A3 takes no value for its argument from the client instead', async () => {
    const hub = await start(graphs, { guards: { 'Mill.unit': [['unit']] } });
    const body = await hub.post('{ mill { looms { speed(unit: "kg") } } }');
    expect(body.errors?.[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
    expect(hub.sent).toEqual([]);
  });
});

describe('what a path provides', () => {
  const graphs = {
    a: {
      sdl: `type Query { best: Thing @provides(fields: "... on Mill { secret owner { tax } }") last: Mill @provides(fields: "secret") }
        union Thing = Mill | Loom type Loom { id: ID! } type Mill @key(fields: "id") { id: ID! secret: Int @external owner: Owner @external }
        type Owner @key(fields: "id") { id: ID! tax: Int @external }`,
      resolvers: {
        Query: {
          best: () => ({ __typename: 'Mill', id: 'm1', secret: 42, owner: { id: 'o1', tax: 43 } }),
          last: () => ({ id: 'm1', secret: 42 }),
        },
      },
    },
    b: {
      sdl: 'type Mill @key(fields: "id") { id: ID! secret: Int owner: Owner } type Owner @key(fields: "id") { id: ID! tax: Int }',
      resolvers: { Mill: { __resolveReference: () => ({ id: 'm1', secret: 42, owner: { id: 'o1', tax: 43 } }) } },
    },
  };

  it('A3 is neither read there nor elsewhere when it is denied: behind a union, nested, and at the root', async () => {
    const hub = await start(graphs, { guards: { 'Mill.secret': [['secret']], 'Owner.tax': [['tax']] } });
    const query = '{ best { ... on Mill { id secret owner { id tax } } } last { secret } }';
    const body = await hub.post(query);
    expect(body.data).toEqual({ best: { id: 'm1', secret: null, owner: { id: 'o1', tax: null } }, last: { secret: null } });
    expect(errorsOf(body)).toEqual({ 'best.secret': 'FORBIDDEN', 'best.owner.tax': 'FORBIDDEN', 'last.secret': 'FORBIDDEN' });
    expect(sentText(hub)).not.toMatch(/secret|tax/);
    expect((await hub.post(query, ['secret', 'tax'])).data).toEqual({
      best: { id: 'm1', secret: 42, owner: { id: 'o1', tax: 43 } },
      last: { secret: 42 },
    });
  });
});

describe('a key', () => {
  const graphs = {
    a: {
      sdl: 'type Query { mill: Mill } type Mill @key(fields: "org { code } no") { no: Int org: Org name: String } type Org { code: Int city: String }',
      resolvers: { Query: { mill: () => ({ no: 7, org: { code: 5, city: 'Bonn' }, name: 'North' }) } },
    },
    b: {
      sdl: 'type Mill @key(fields: "org { code } no") { no: Int org: Org stars: Int } type Org { code: Int }',
      resolvers: { Mill: { __resolveReference: self, stars: () => 4 } },
    },
  };

  it.each<[string, Guards]>([
    ['a part of it', { 'Mill.no': [['key']] }],
    ['a part within a part', { 'Org.code': [['key']] }],
    ['the object that holds a part', { 'Mill.org': [['key']] }],
    ['the type of that object', { Org: [['key']] }],
  ])('A3 of which %s is denied opens no door, and is in no representation', async (_, guards) => {
    const hub = await start(graphs, { guards });
    const body = await hub.post('{ mill { name stars } }');
    expect([body.data, errorsOf(body)]).toEqual([{ mill: { name: 'North', stars: null } }, { 'mill.stars': 'FORBIDDEN' }]);
    expect(hub.sent.map(({ query, variables }) => query + variables)).toEqual(['{ mill { name } }{}']);
    expect((await hub.post('{ mill { name stars } }', ['key'])).data).toEqual({ mill: { name: 'North', stars: 4 } });
  });
});

describe('an abstract type', () => {
  const graphs = {
    a: {
      sdl: `type Query { fabrics: [Fabric] things: [Thing] named: [Named] }
        interface Named { id: ID! } interface Fabric implements Named { id: ID! width: Int inner: Fabric }
        type Silk implements Fabric & Named { id: ID! width: Int inner: Fabric } type Wool implements Fabric & Named { id: ID! width: Int inner: Fabric }
        union Thing = Silk | Wool`,
      resolvers: {
        Query: Object.fromEntries(['fabrics', 'things', 'named'].map((name) => [name, () => rows])),
      },
    },
  };
  const silk = { __typename: 'Silk', id: 's1', width: 140 };
  const wool = { __typename: 'Wool', id: 'w1', width: 150, inner: silk };
  const rows = [{ ...silk, inner: wool }, wool];

  // Composers write on an interface what its implementers demand; here the interface says nothing, as after a careless one
  it.each<[string, Guards]>([
    ['a field of one implementer', { 'Silk.width': [['silk']] }],
    ['one implementer', { Silk: [['silk']] }],
  ])('A1 a demand on %s alone is met by its objects alone, whoever asks through which interface', async (_, guards) => {
    const hub = await start(graphs, { guards });
    for (const query of [
      '{ fabrics { width } }',
      '{ fabrics { ... on Fabric { ... { width } } } }',
      'fragment F on Fabric { width } { fabrics { ...F } }',
      '{ fabrics: named { ... on Fabric { width } } }',
      '{ fabrics: things { ... on Fabric { width } } }',
      '{ fabrics: things { ... on Named { ... on Silk { width } ... on Wool { width } } } }',
      '{ fabrics { ... on Silk { width } ... on Wool { width } } }',
    ]) {
      const body = await hub.post(query);
      expect([query, body.data]).toEqual([query, { fabrics: [{ width: null }, { width: 150 }] }]);
      expect(errorsOf(body)).toEqual({ 'fabrics.0.width': 'FORBIDDEN' });
      expect(sentText(hub)).not.toMatch(/on (?:Silk|Fabric) \{[^{}]*width/);
      expect((await hub.post(query, ['silk'])).data).toEqual({ fabrics: [{ width: 140 }, { width: 150 }] });
    }
  });

  it('A1 an object behind an interface behind an interface is judged as itself', async () => {
    const hub = await start(graphs, { guards: { 'Silk.width': [['silk']] } });
    const body = await hub.post('{ fabrics { __typename inner { width inner { width } } } }');
    expect(body.data).toEqual({
      fabrics: [
        { __typename: 'Silk', inner: { width: 150, inner: { width: null } } },
        { __typename: 'Wool', inner: { width: null, inner: null } },
      ],
    });
  });

  it('A1 a demand on an interface is one on every way to it and on its members', async () => {
    const hub = await start(graphs, { guards: { Fabric: [['fabric']] } });
    const body = await hub.post('{ fabrics { id } things { __typename ... on Silk { width } ... on Wool { width } } }');
    expect(body.data).toEqual({
      fabrics: null,
      things: [
        { __typename: 'Silk', width: null },
        { __typename: 'Wool', width: null },
      ],
    });
    expect(sentText(hub)).not.toMatch(/fabrics|width/);
  });
});

describe('demands on leaves', () => {
  const sdl = `type Query { mill: Mill sizes: [Size!] at(day: Day, size: Size): Day rank: Rank }
    type Mill { name: String size: Size day: Day rank: Rank }
    enum Size @policy(policies: [["grown"]]) { S L } scalar Day @requiresScopes(scopes: [["day"]]) enum Rank @authenticated { ONE TWO }`;
  const mill = { name: 'North', size: 'L', day: '2026-01-02', rank: 'ONE' };
  const graphs = { a: { sdl, resolvers: { Query: { mill: () => mill, sizes: () => ['S'], at: () => '2026-01-02', rank: () => 'TWO' } } } };
  const policies = new Map([['grown', { claims: [], decide: ({ kinds }: { kinds: readonly string[] }) => kinds.includes('MAKER') }]]);
  const query = '{ mill { name size day rank } sizes at rank }';

  it('A1 are demands on every field that returns them', async () => {
    const hub = await start(graphs, { policies });
    const body = await hub.post(query, null);
    expect(body.data).toEqual({ mill: { name: 'North', size: null, day: null, rank: null }, sizes: null, at: null, rank: null });
    expect(Object.values(errorsOf(body))).toEqual(Array.from({ length: 6 }, () => 'FORBIDDEN'));
    expect(hub.sent.map((one) => one.query)).toEqual(['{ mill { name } }']);
    expect((await hub.post(query, [])).data).toEqual({
      mill: { name: 'North', size: 'L', day: null, rank: 'ONE' },
      sizes: ['S'],
      at: null,
      rank: 'TWO',
    });
    expect((await hub.post(query, ['day'])).data).toMatchObject({ at: '2026-01-02', mill: { day: '2026-01-02' } });
  });

  it('A1 do not forbid to ask with such a value: what comes back is what is judged', async () => {
    const hub = await start(graphs, { policies });
    const body = await hub.post('query ($size: Size, $day: Day) { at(day: $day, size: $size) }', null, {
      variables: { size: 'S', day: '2026-01-02' },
    });
    expect([body.data, hub.sent]).toEqual([{ at: null }, []]);
    expect((await hub.post('{ at(size: S) }', ['day'])).data).toEqual({ at: '2026-01-02' });
  });
});

describe('A8 a denied mutation', () => {
  const calls: string[] = [];
  const graphs = {
    a: {
      sdl: 'type Query { a: Int } type Mutation { pay: Receipt @requiresScopes(scopes: [["pay"]]) note: Int give: Receipt } type Receipt @requiresScopes(scopes: [["read"]]) { sum: Int }',
      resolvers: {
        Mutation: Object.fromEntries(['pay', 'note', 'give'].map((name) => [name, () => void calls.push(name)])),
      },
    },
    b: {
      sdl: 'type Mutation { burn: Int @policy(policies: [["never"]]) }',
      resolvers: { Mutation: { burn: () => void calls.push('burn') } },
    },
  };
  beforeEach(() => void (calls.length = 0));

  it('A8 is not sent under any spelling, nor one whose answer may not be read', async () => {
    const hub = await start(graphs);
    for (const query of [
      'mutation { note: pay { sum } }',
      'mutation { ... on Mutation { a: burn b: burn } }',
      'mutation M($no: Boolean = false) { ...F @skip(if: $no) } fragment F on Mutation { pay { sum } give { sum } burn }',
      'mutation { give { __typename } }',
      'mutation { pay { __typename } }',
    ]) {
      const body = await hub.post(query);
      expect([query, hub.sent, calls]).toEqual([query, [], []]);
      expect(new Set(Object.values(errorsOf(body)))).toEqual(new Set(['FORBIDDEN']));
    }
    await hub.post('mutation { note give { sum } pay { sum } burn }', ['read']);
    expect(calls).toEqual(['note', 'give']);
  });

  it('A8 is not sent for a visitor, allowed or not', async () => {
    const hub = await start(graphs);
    expect((await hub.post('mutation { note }', null)).errors?.[0]?.extensions.code).toBe('READ_ONLY');
    expect([hub.sent, calls]).toEqual([[], []]);
  });
});
