import { printSchema, validateSchema } from 'graphql';
import { demandsOf, deniedBy, meets, touchedBy, visibleSchema } from '../../engine/access/index.ts';
import { composeSupergraph } from '../../engine/compose/index.ts';
import { loadSupergraph } from '../../engine/supergraph/index.ts';
import type { Supergraph } from '../../engine/supergraph/index.ts';
import { supergraphText } from './supergraph/text.ts';

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@external", "@requires", "@interfaceObject", "@authenticated", "@requiresScopes", "@policy"])\n`;
const ACCESS =
  '@link(url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY) @link(url: "https://specs.apollo.dev/requiresScopes/v0.1", for: SECURITY)';
const nobody = { authenticated: false, scopes: new Set<string>() };

function compose(graphs: Readonly<Record<string, string>>): { sdl: string; supergraph: Supergraph } {
  const result = composeSupergraph(Object.entries(graphs).map(([name, sdl]) => ({ name, url: `http://${name}.test`, sdl: LINK + sdl })));
  if (result.kind === 'failed') throw new Error(result.errors.map(({ message }) => message).join('\n'));
  return { sdl: result.supergraphSdl, supergraph: loadSupergraph(result.supergraphSdl) };
}

function deniedFor(supergraph: Supergraph, scopes: readonly string[] = [], authenticated = scopes.length > 0): string[] {
  const demands = demandsOf(supergraph);
  const reader = { authenticated, scopes: new Set(scopes) };
  const unmet = new Set(demands.list.flatMap((access, position) => (meets(access, reader, () => false) ? [] : [position])));
  return [...deniedBy(demands, unmet)].toSorted();
}

describe('what a coordinate demands', () => {
  const { supergraph } = compose({
    a: `type Query { mill: Mill size: Size at: Day open: Int looms: [Loom] @authenticated any: Thing }
      type Mill @key(fields: "id") @requiresScopes(scopes: [["mill"]]) { id: ID! name: String loom: Loom }
      type Loom @key(fields: "id") { id: ID! speed: Int @requiresScopes(scopes: [["speed", "all"], ["admin"]]) mill: Mill }
      enum Size @requiresScopes(scopes: [["size"]]) { S L } scalar Day @authenticated union Thing = Mill | Loom`,
  });

  it('is its own demand, its parent type’s and its return type’s, of objects, enums and scalars', () => {
    expect(deniedFor(supergraph)).toEqual([
      'Loom.mill',
      'Loom.speed',
      'Mill.id',
      'Mill.loom',
      'Mill.name',
      'Query.at',
      'Query.looms',
      'Query.mill',
      'Query.size',
    ]);
    expect(deniedFor(supergraph, [], true)).not.toContain('Query.at');
    expect(deniedFor(supergraph, ['mill', 'size'])).toEqual(['Loom.speed']);
  });

  it('is met by one group of scopes as a whole', () => {
    expect(deniedFor(supergraph, ['mill', 'size', 'speed'])).toEqual(['Loom.speed']);
    expect(deniedFor(supergraph, ['mill', 'size', 'all', 'speed'])).toEqual([]);
    expect(deniedFor(supergraph, ['mill', 'size', 'admin'])).toEqual([]);
  });

  it('is merged over subgraphs so that each one’s demand must be met', () => {
    const merged = compose({
      a: `type Query { mill: Mill } type Mill @key(fields: "id") @requiresScopes(scopes: [["t"]]) { id: ID! name: String @shareable @requiresScopes(scopes: [["a"], ["b"]]) rank: Int @shareable @policy(policies: [["p"], ["q"]]) }`,
      b: `type Mill @key(fields: "id") @authenticated { id: ID! name: String @shareable @requiresScopes(scopes: [["c"], ["d"]]) rank: Int @shareable @policy(policies: [["r"]]) }`,
    }).supergraph;
    const type = merged.types.get('Mill');
    const fields = type?.kind === 'object' ? type.fields : new Map<string, never>();
    expect(type?.kind === 'object' && type.access).toMatchObject({ authenticated: true, scopes: [['t']] });
    expect(
      fields
        .get('name')
        ?.access?.scopes.map((group) => group.toSorted().join('&'))
        .toSorted(),
    ).toEqual(['a&c', 'a&d', 'b&c', 'b&d']);
    expect(
      fields
        .get('rank')
        ?.access?.policies.map((group) => group.toSorted().join('&'))
        .toSorted(),
    ).toEqual(['p&r', 'q&r']);
  });

  it('of an interface binds those who ask the interface, and leaves an implementer that demands nothing to those who ask it', () => {
    const { supergraph: abstract } = compose({
      a: `type Query { all: [Fabric] } interface Fabric { width: Int } type Silk implements Fabric { width: Int @requiresScopes(scopes: [["silk"]]) } type Wool implements Fabric { width: Int }`,
    });
    expect(deniedFor(abstract)).toEqual(['Fabric.width', 'Silk.width']);
  });

  it('of an interface alone binds its implementers too: naming the type does not get round it', () => {
    const byHand = loadSupergraph(
      supergraphText(
        `type Query @join__type(graph: A_ID) { all: [Fabric] }
         interface Fabric @join__type(graph: A_ID) { width: Int @authenticated }
         type Silk implements Fabric @join__type(graph: A_ID) @join__implements(graph: A_ID, interface: "Fabric") { width: Int }
         type Wool implements Fabric @join__type(graph: A_ID) @join__implements(graph: A_ID, interface: "Fabric") { width: Int }`,
        { links: ACCESS },
      ),
    );
    expect(deniedFor(byHand)).toEqual(['Fabric.width', 'Silk.width', 'Wool.width']);
  });

  it('of a field that an interface object gives is the interface’s', () => {
    const byHand = loadSupergraph(
      supergraphText(
        `type Query @join__type(graph: A_ID) @join__type(graph: B_ID) { all: [Fabric] @join__field(graph: A_ID) }
         interface Fabric @join__type(graph: A_ID, key: "id") @join__type(graph: B_ID, key: "id", isInterfaceObject: true) { id: ID! rating: Int @join__field(graph: B_ID) @requiresScopes(scopes: [["r"]]) }
         type Silk implements Fabric @join__type(graph: A_ID, key: "id") @join__implements(graph: A_ID, interface: "Fabric") { id: ID! rating: Int @join__field @requiresScopes(scopes: [["r"]]) }
         type Wool implements Fabric @join__type(graph: A_ID, key: "id") @join__implements(graph: A_ID, interface: "Fabric") { id: ID! rating: Int @join__field }`,
        { links: ACCESS },
      ),
    );
    expect(deniedFor(byHand)).toEqual(['Fabric.rating', 'Silk.rating', 'Wool.rating']);
  });

  it('is found by the specification, whatever the directive is called here', () => {
    const renamed = loadSupergraph(
      supergraphText('type Query @join__type(graph: A_ID) { open: Int a: Int @member c: Int @needs(scopes: [["x"]]) }', {
        links:
          '@link(url: "https://specs.apollo.dev/authenticated/v0.1", import: [{name: "@authenticated", as: "@member"}], for: SECURITY) @link(url: "https://specs.apollo.dev/requiresScopes/v0.1", as: "needs", for: SECURITY)',
      }),
    );
    expect(deniedFor(renamed)).toEqual(['Query.a', 'Query.c']);
  });

  it.each([
    ['an unknown version', '@link(url: "https://specs.apollo.dev/authenticated/v9.0", for: SECURITY)', 'v9.0'],
    ['an unknown specification for SECURITY', '@link(url: "https://specs.example.com/authenticated/v0.1", for: SECURITY)', 'does not know'],
    ['no link at all', '', 'without a @link'],
    [
      'two links of one specification',
      `${ACCESS} @link(url: "https://specs.apollo.dev/authenticated/v0.1", as: "second", for: SECURITY)`,
      'twice',
    ],
  ])('refuses to load with %s', (_, links, message) => {
    expect(() => loadSupergraph(supergraphText('type Query @join__type(graph: A_ID) { a: Int @authenticated }', { links }))).toThrow(
      message,
    );
  });
});

describe('what an operation may touch', () => {
  it('is what it asks for on every type behind it, with keys and requirements; not what lies beside', () => {
    const { supergraph } = compose({
      a: `type Query { all: [Fabric] other: Int } interface Fabric { id: ID! } type Silk implements Fabric @key(fields: "id") { id: ID! base: Int hidden: Int } type Wool implements Fabric @key(fields: "no") { id: ID! no: Int }`,
      b: `type Silk @key(fields: "id") { id: ID! base: Int @external cost: Int @requires(fields: "base") }`,
    });
    expect([...touchedBy(supergraph, ['Query.all', 'Silk.cost'])].toSorted()).toEqual([
      'Fabric.id',
      'Query.all',
      'Silk.base',
      'Silk.cost',
      'Silk.id',
      'Wool.no',
    ]);
    expect([...touchedBy(supergraph, ['Fabric.id'])].toSorted()).toEqual(['Fabric.id', 'Silk.id', 'Wool.id', 'Wool.no']);
  });
});

describe('the schema as somebody sees it who may not read everything', () => {
  const { supergraph } = compose({
    a: `type Query { mill: Mill @authenticated all: [Fabric] any: Thing open(in: In): Int }
      type Mutation { stop: Int @authenticated }
      type Mill { name: String } input In { a: Grade } enum Grade { A B }
      interface Fabric { width: Int price: Int } type Silk implements Fabric { width: Int price: Int @authenticated shine: Int }
      type Wool implements Fabric { width: Int price: Int } type Vault @authenticated { gold: Int } union Thing = Vault | Wool`,
  });
  const text = printSchema(visibleSchema(supergraph.publicSchema, new Set(deniedFor(supergraph))));

  it('lacks what is denied, and what nothing leads to any more', () => {
    for (const gone of ['mill', 'Mill', 'stop', 'Mutation', 'Vault', 'gold']) expect(text).not.toMatch(new RegExp(`\\b${gone}\\b`));
    for (const there of ['shine', 'union Thing = Wool', 'open(in: In): Int', 'enum Grade']) expect(text).toContain(there);
  });

  it('shows of an interface what all its implementers show, so that it is a valid schema', () => {
    expect(text).toMatch(/interface Fabric \{\s+width: Int\s+\}/);
    expect(text).toMatch(/type Wool implements Fabric \{\s+width: Int\s+price: Int\s+\}/);
    expect(validateSchema(visibleSchema(supergraph.publicSchema, new Set(deniedFor(supergraph))))).toEqual([]);
  });

  it('is the public schema itself when nothing is denied, and stands with nothing to read in it', () => {
    expect(visibleSchema(supergraph.publicSchema, new Set())).toBe(supergraph.publicSchema);
    const all = new Set(['Query.mill', 'Query.all', 'Query.any', 'Query.open', 'Mutation.stop']);
    expect(visibleSchema(supergraph.publicSchema, all).getQueryType()?.getFields()).toEqual({});
  });
});

it('a demand that nothing names is met by everybody', () => {
  expect(meets({ authenticated: false, scopes: [], policies: [] }, nobody, () => false)).toBe(true);
  expect(meets({ authenticated: false, scopes: [], policies: [['p', 'q'], ['r']] }, nobody, (name) => name === 'r')).toBe(true);
  expect(meets({ authenticated: false, scopes: [], policies: [['p', 'q']] }, nobody, (name) => name === 'p')).toBe(false);
});
