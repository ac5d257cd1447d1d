import { errorsOf, startGuardedHub } from './guarded-hub.ts';

type Hub = Awaited<ReturnType<typeof startGuardedHub>>;
type Row = Record<string, unknown>;
const self = (row: Row) => row;

let stops = 0;
const mills = {
  sdl: `
    type Query { mill: Mill mills: [Mill!] fabrics: [Fabric] fabric: Fabric things: [Thing] vault: Vault box: Box open: String day: Day }
    type Mutation { stop: String @requiresScopes(scopes: [["stop"]]) go: String }
    type Mill @key(fields: "id") @key(fields: "code") { id: ID! code: String name: String rank: Int @shareable @requiresScopes(scopes: [["a"]]) secret: Int }
    interface Fabric { id: ID! width: Int }
    type Silk implements Fabric { id: ID! width: Int @requiresScopes(scopes: [["silk"]]) shine: Int }
    type Wool implements Fabric { id: ID! width: Int }
    type Vault @authenticated { gold: Int }
    type Box { must: Int! @requiresScopes(scopes: [["must"], ["admin"]]) other: Int }
    scalar Day @authenticated
    union Thing = Vault | Wool`,
  resolvers: {
    Query: {
      mill: () => ({ id: 'm1', code: 'c1', name: 'North', rank: 3, secret: 42 }),
      mills: () => [1, 2].map((n) => ({ id: `m${n}`, code: `c${n}`, name: `mill ${n}`, rank: n, secret: 40 + n })),
      fabrics: () => [
        { __typename: 'Silk', id: 's1', width: 140, shine: 9 },
        { __typename: 'Wool', id: 'w1', width: 150 },
      ],
      fabric: () => ({ __typename: 'Silk', id: 's1', width: 140, shine: 9 }),
      things: () => [
        { __typename: 'Vault', gold: 7 },
        { __typename: 'Wool', id: 'w1', width: 150 },
      ],
      vault: () => ({ gold: 7 }),
      box: () => ({ must: 1, other: 2 }),
      open: () => 'open',
      day: () => '2026-01-02',
    },
    Mutation: { stop: () => `stopped ${(stops += 1)}`, go: () => 'gone' },
    Mill: { __resolveReference: ({ id }: Row) => ({ id, code: 'c1', secret: 42, rank: 3 }) },
  },
};
const ratings = {
  sdl: `
    type Query { best: Mill @provides(fields: "secret") }
    type Mill @key(fields: "id") @key(fields: "code") { id: ID! code: String secret: Int @external score: Int @requires(fields: "secret") stars: Int rank: Int @shareable @requiresScopes(scopes: [["b"]]) }`,
  resolvers: {
    Query: { best: () => ({ id: 'm1', code: 'c1', secret: 42 }) },
    Mill: { __resolveReference: self, score: () => 5, stars: () => 4, rank: () => 3 },
  },
};
const graphs = { mills, ratings };
const secretScope = { 'Mill.secret': [['secret']] };

describe.each(['post', 'get'] as const)('what somebody may not read, asked by %s', (door) => {
  let hub: Hub;
  beforeAll(async () => {
    hub = await startGuardedHub(graphs, { guards: secretScope });
  });
  afterAll(() => hub.stop());
  const ask = (query: string, scopes: readonly string[] | null = []) => hub[door](query, scopes);
  const sentText = () => hub.sent.map(({ query, variables }) => query + variables).join('\n');

  it('A1 a denied field is null with FORBIDDEN at every place, and is not asked for', async () => {
    const body = await ask('{ mills { id secret } mill { secret } }');
    expect(body.data).toEqual({
      mills: [
        { id: 'm1', secret: null },
        { id: 'm2', secret: null },
      ],
      mill: { secret: null },
    });
    expect(errorsOf(body)).toEqual({ 'mills.0.secret': 'FORBIDDEN', 'mills.1.secret': 'FORBIDDEN', 'mill.secret': 'FORBIDDEN' });
    expect(sentText()).not.toContain('secret');
    expect((await ask('{ mill { secret } }', ['secret'])).data).toEqual({ mill: { secret: 42 } });
  });

  it('A1 a denied object type is denied where a field returns it, without a token and not with one', async () => {
    const body = await ask('{ vault { gold } day open }', null);
    expect(body.data).toEqual({ vault: null, day: null, open: 'open' });
    expect(errorsOf(body)).toEqual({ vault: 'FORBIDDEN', day: 'FORBIDDEN' });
    expect(sentText()).not.toMatch(/vault|day/);
    expect((await ask('{ vault { gold } day }')).data).toEqual({ vault: { gold: 7 }, day: '2026-01-02' });
  });

  it('A1 a field asked of an interface is denied by the interface; asked of each type, by that type', async () => {
    const byInterface = await ask('{ fabrics { id width } }');
    expect(byInterface.data).toEqual({
      fabrics: [
        { id: 's1', width: null },
        { id: 'w1', width: null },
      ],
    });
    expect(sentText()).not.toContain('width');
    const byType = await ask('{ fabrics { ... on Silk { width } ... on Wool { width } } }');
    expect(byType.data).toEqual({ fabrics: [{ width: null }, { width: 150 }] });
    expect(errorsOf(byType)).toEqual({ 'fabrics.0.width': 'FORBIDDEN' });
    expect(sentText()).not.toMatch(/on Silk \{[^}]*width/);
    expect((await ask('{ fabrics { width } }', ['silk'])).data).toEqual({ fabrics: [{ width: 140 }, { width: 150 }] });
  });

  it('A1 a denied member of a union keeps its fields to itself, in inline and in named fragments', async () => {
    for (const query of [
      '{ things { ... on Vault { gold } ... on Wool { width } } }',
      'fragment V on Vault { gold } fragment T on Thing { ...V ... on Wool { width } } { things { ...T } }',
    ]) {
      const body = await ask(query, null);
      expect(body.data).toEqual({ things: [{ gold: null }, { width: 150 }] });
      expect(errorsOf(body)).toEqual({ 'things.0.gold': 'FORBIDDEN' });
      expect(sentText()).not.toContain('gold');
    }
  });

  it('A3 what is denied is not fetched for a requirement: what needs it is denied as well', async () => {
    const body = await ask('{ mill { id score stars } }');
    expect(body.data).toEqual({ mill: { id: 'm1', score: null, stars: 4 } });
    expect(errorsOf(body)).toEqual({ 'mill.score': 'FORBIDDEN' });
    expect(sentText()).not.toMatch(/secret|score/);
    expect((await ask('{ mill { score } }', ['secret'])).data).toEqual({ mill: { score: 5 } });
  });

  it('A3 what is denied is not read where a path provides it', async () => {
    const body = await ask('{ best { id secret } }');
    expect(body.data).toEqual({ best: { id: 'm1', secret: null } });
    expect(sentText()).not.toContain('secret');
    expect((await ask('{ best { secret } }', ['secret'])).data).toEqual({ best: { secret: 42 } });
  });

  it('A4 what two subgraphs demand of one field must both be met', async () => {
    for (const scopes of [[], ['a'], ['b']]) expect((await ask('{ mill { rank } }', scopes)).data).toEqual({ mill: { rank: null } });
    expect((await ask('{ mill { rank } }', ['a', 'b'])).data).toEqual({ mill: { rank: 3 } });
  });

  it('A5 aliases, fragments, conditions and spellings give the same verdict', async () => {
    const spellings = [
      '{ x: mill { id: secret } }',
      '{ mill { ... { secret } } }',
      'query($yes: Boolean = true) { mill { secret @include(if: $yes) } }',
      'query($no: Boolean = false) { mill { ... @skip(if: $no) { s: secret } } }',
      'fragment F on Mill { a: secret b: secret } { mill { ...F } }',
      '{ mill { name secret name } }',
    ];
    for (const query of spellings) {
      const body = await ask(query);
      expect(JSON.stringify(body)).not.toContain('42');
      expect(Object.values(errorsOf(body))).toContain('FORBIDDEN');
      expect(sentText()).not.toContain('secret');
    }
  });

  it('A6 allowed siblings survive; a field that may not be null takes its object with it', async () => {
    const body = await ask('{ box { must other } open mill { name } }');
    expect(body.data).toEqual({ box: null, open: 'open', mill: { name: 'North' } });
    expect(errorsOf(body)).toEqual({ 'box.must': 'FORBIDDEN' });
    expect((await ask('{ box { other } }')).data).toEqual({ box: { other: 2 } });
    expect((await ask('{ box { must } }', ['admin'])).data).toEqual({ box: { must: 1 } });
  });
});

describe('a key that somebody may not read', () => {
  it('A3 is not fetched: another key is tried, and without one what lies behind it is denied', async () => {
    const other = await startGuardedHub(graphs, { guards: { 'Mill.id': [['id']] } });
    expect((await other.post('{ mill { stars } }')).data).toEqual({ mill: { stars: 4 } });
    expect(other.sent.map(({ variables }) => variables).join()).toContain('"code":"c1"');
    expect(other.sent.map(({ query, variables }) => query + variables).join()).not.toMatch(/\bid\b/);
    await other.stop();
    const none = await startGuardedHub(graphs, { guards: { 'Mill.id': [['id']], 'Mill.code': [['code']] } });
    const body = await none.post('{ mill { name stars } }');
    expect(body.data).toEqual({ mill: { name: 'North', stars: null } });
    expect(errorsOf(body)).toEqual({ 'mill.stars': 'FORBIDDEN' });
    expect(none.sent).toHaveLength(1);
    await none.stop();
  });
});

describe('a supergraph with demands', () => {
  it('A2 is enforced under renamed directives, and refused with an unknown version', async () => {
    const rename = (sdl: string) =>
      sdl
        .replaceAll(/@requiresScopes\(/g, '@needs(')
        .replace(
          /requiresScopes\/v0.1", for: SECURITY/,
          'requiresScopes/v0.1", import: [{name: "@requiresScopes", as: "@needs"}], for: SECURITY',
        );
    const renamed = await startGuardedHub(graphs, { guards: secretScope, patch: rename });
    const body = await renamed.post('{ mill { secret name } }');
    expect([body.data, errorsOf(body)]).toEqual([{ mill: { secret: null, name: 'North' } }, { 'mill.secret': 'FORBIDDEN' }]);
    await renamed.stop();
    const unknown = await startGuardedHub(graphs, { patch: (sdl) => sdl.replace('requiresScopes/v0.1', 'requiresScopes/v9.9') });
    expect((await unknown.post('{ open }')).errors?.[0]?.extensions.code).toBe('NOT_READY');
    await unknown.stop();
  });

  it('A8 never sends a denied mutation; those beside it run', async () => {
    const hub = await startGuardedHub(graphs);
    const before = stops;
    const body = await hub.post('mutation { a: go stop b: go }');
    expect([body.data, errorsOf(body)]).toEqual([{ a: 'gone', stop: null, b: 'gone' }, { stop: 'FORBIDDEN' }]);
    expect([stops, hub.sent.filter(({ query }) => query.includes('stop'))]).toEqual([before, []]);
    expect((await hub.post('mutation { stop }', ['stop'])).data).toEqual({ stop: `stopped ${before + 1}` });
    await hub.stop();
  });

  it('asks the policies that an operation touches, and no others', async () => {
    const asked: string[] = [];
    const policy = (name: string, allowed: boolean) => [name, { claims: [], decide: () => asked.push(name) > 0 && allowed }] as const;
    const sdl =
      'type Query { yes: Int @policy(policies: [["yes"]]) no: Int @policy(policies: [["no"]]) gone: Int @policy(policies: [["gone"]]) }';
    const one = { sdl, resolvers: { Query: { yes: () => 1, no: () => 2, gone: () => 3 } } };
    const hub = await startGuardedHub({ one }, { policies: new Map([policy('yes', true), policy('no', false)]) });
    expect([(await hub.post('{ yes }')).data, asked]).toEqual([{ yes: 1 }, ['yes']]);
    expect((await hub.post('{ yes no gone }')).data).toEqual({ yes: 1, no: null, gone: null });
    expect([asked, hub.sent.map(({ query }) => query)]).toEqual([['yes', 'no'], ['{ yes }']]);
    await hub.stop();
  });

  it('gives each principal its own plan: what one may read is never taken for what another may', async () => {
    const hub = await startGuardedHub(graphs, { guards: secretScope });
    const query = '{ mill { secret name } }';
    for (const [scopes, secret] of [
      [['secret'], 42],
      [[], null],
      [['secret', 'x'], 42],
      [['y'], null],
    ] as const)
      expect((await hub.post(query, scopes)).data).toEqual({ mill: { secret, name: 'North' } });
    await hub.stop();
  });

  it('is shown by introspection without what the principal may not read', async () => {
    const hub = await startGuardedHub(graphs, { guards: secretScope });
    const query =
      '{ __schema { mutationType { fields { name } } types { name } } mill: __type(name: "Mill") { fields { name } } vault: __type(name: "Vault") { name } }';
    const little = JSON.stringify((await hub.post(query, null)).data);
    expect(little).not.toMatch(/secret|Vault|"stop"/);
    expect(little).toContain('"name":"name"');
    const much = JSON.stringify((await hub.post(query, ['secret', 'stop'])).data);
    for (const name of ['"secret"', '"Vault"', '"stop"']) expect(much).toContain(name);
    await hub.stop();
  });

  it('says nothing of rights when a document is not valid: what is denied and what is not there differ in nothing but being there', async () => {
    const hub = await startGuardedHub(graphs, { guards: secretScope, development: false });
    const wrong = await hub.post('{ mill { secrt } }');
    expect(wrong.errors?.map(({ message }) => message)).toEqual(['Cannot query field "secrt" on type "Mill".']);
    expect((await hub.post('{ mill { secret { x } } }')).errors?.[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
    await hub.stop();
  });
});
