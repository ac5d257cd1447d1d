import { GraphQLEnumType, buildSchema, isInterfaceType, isObjectType, parse, printSchema, printType, validate } from 'graphql';
import { EngineError, idsOf, loadSupergraph } from '../../../engine/supergraph/index.ts';
import type { CompositeType, Field, FieldSet, Supergraph } from '../../../engine/supergraph/index.ts';
import { supergraphText } from './text.ts';

function composite(supergraph: Supergraph, name: string): CompositeType {
  const type = supergraph.types.get(name);
  if (type?.kind !== 'object' && type?.kind !== 'interface' && type?.kind !== 'union') throw new Error(`${name} is not composite`);
  return type;
}

function field(supergraph: Supergraph, coordinate: string): Field {
  const [type = '', name = ''] = coordinate.split('.');
  const found = composite(supergraph, type).fields.get(name);
  if (found === undefined) throw new Error(`${coordinate} is missing`);
  return found;
}

function names(supergraph: Supergraph, bits: bigint | undefined): string[] {
  return idsOf(bits ?? 0n).map((id) => supergraph.objects[id]?.name ?? '?');
}

/** A field set as text, with the type of each field. */
function shape(set: FieldSet | null | undefined): string {
  return (set ?? [])
    .map((node) => {
      const inner = node.selections.length === 0 ? '' : ` { ${shape(node.selections)} }`;
      return node.kind === 'field' ? `${node.parent}.${node.name}${node.argsText}${inner}` : `... on ${node.on}${inner}`;
    })
    .join(' ');
}

function refusal(text: string): EngineError {
  try {
    loadSupergraph(text);
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
  throw new Error('the supergraph loaded');
}

const LOOM = supergraphText(`
  type Query @join__type(graph: A_ID) @join__type(graph: B_ID) {
    looms: [Loom!]! @join__field(graph: A_ID, provides: "maker { years }")
    both: Int
  }
  type Loom @join__type(graph: A_ID, key: "id") @join__type(graph: B_ID, key: "id") @join__type(graph: B_ID, key: "no maker { id }", resolvable: false) {
    id: ID!
    no: Int @join__field(graph: B_ID, type: "Int!")
    weight: Int @join__field(graph: A_ID) @join__field(graph: B_ID, external: true)
    cost(unit: Unit = EUR, of: In): Int @join__field(graph: B_ID, requires: "weight maker { years(of: {b: 1, a: [2]}) ... on Maker { id } }")
    moved: Int @join__field(graph: A_ID, usedOverridden: true) @join__field(graph: B_ID, override: "a")
    maker: Maker
  }
  type Maker @join__type(graph: A_ID, key: "id") @join__type(graph: B_ID, key: "id") {
    id: ID!
    years(of: In): Int @join__field(graph: A_ID, external: true) @join__field(graph: B_ID)
  }
  enum Unit @join__type(graph: B_ID) @join__type(graph: A_ID) { EUR @join__enumValue(graph: B_ID) @join__enumValue(graph: A_ID) CNY @join__enumValue(graph: B_ID) }
  input In @join__type(graph: B_ID) @join__type(graph: A_ID) { a: [Int] b: Int @join__field(graph: B_ID, type: "Int!") }
`);

/** Clients of every graph may use it. */
const DEFER = 'directive @defer(if: Boolean! = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT';

describe('the index of a supergraph', () => {
  it('lists the graphs by name, whatever the order in the text', () => {
    const supergraph = loadSupergraph(supergraphText('type Query @join__type(graph: B_ID) { x: Int }', { graphs: ['c', 'b', 'a'] }));
    expect(supergraph.graphs.map(({ id, name, url, enumValue }) => [id, name, url, enumValue])).toEqual([
      [0, 'a', 'http://a.test/graphql', 'A_ID'],
      [1, 'b', 'http://b.test/graphql', 'B_ID'],
      [2, 'c', 'http://c.test/graphql', 'C_ID'],
    ]);
  });

  it('knows a field without @join__field in every graph of its type', () => {
    const supergraph = loadSupergraph(LOOM);
    expect(field(supergraph, 'Query.both').in.map((row) => row !== undefined)).toEqual([true, true, false]);
    expect(field(supergraph, 'Query.looms').in.map((row) => row !== undefined)).toEqual([true, false, false]);
  });

  it('reads keys of several fields, nested and not resolvable, as trees that know their types', () => {
    const keys = composite(loadSupergraph(LOOM), 'Loom').in.map((row) => row?.keys.map((key) => [shape(key.fields), key.resolvable]));
    expect(keys).toEqual([
      [['Loom.id', true]],
      [
        ['Loom.id', true],
        ['Loom.no Loom.maker { Maker.id }', false],
      ],
      undefined,
    ]);
  });

  it('reads requires with arguments in canonical order and folds fragments on the same type', () => {
    const row = field(loadSupergraph(LOOM), 'Loom.cost').in[1];
    expect(shape(row?.requires)).toBe('Loom.weight Loom.maker { Maker.years(of: {a: [2], b: 1}) Maker.id }');
  });

  it('reads provides against the type of the field', () => {
    expect(shape(field(loadSupergraph(LOOM), 'Query.looms').in[0]?.provides)).toBe('Loom.maker { Maker.years }');
  });

  it('tells external, overridden and differently typed rows apart', () => {
    const supergraph = loadSupergraph(LOOM);
    expect(field(supergraph, 'Loom.weight').in.map((row) => row?.external)).toEqual([false, true, undefined]);
    expect(field(supergraph, 'Loom.moved').in.map((row) => row?.usable)).toEqual(['no', 'yes', undefined]);
    expect(field(supergraph, 'Loom.no').in[1]?.type).toMatchObject({ text: 'Int!', nonNull: true, name: 'Int' });
    expect(field(supergraph, 'Loom.no').type).toMatchObject({ text: 'Int', nonNull: false });
  });

  it('gives both sides of a labelled override, also when the loser is marked as overridden', () => {
    const supergraph = loadSupergraph(
      supergraphText(
        `type Query @join__type(graph: A_ID) @join__type(graph: B_ID) {
          x: Int @join__field(graph: A_ID, overrideLabel: "percent(5)", usedOverridden: true) @join__field(graph: B_ID, override: "a", overrideLabel: "percent(5)")
        }`,
        { join: 'v0.4' },
      ),
    );
    expect(field(supergraph, 'Query.x').in.map((row) => row?.usable)).toEqual([
      { label: 'percent(5)', active: false },
      { label: 'percent(5)', active: true },
      undefined,
    ]);
    expect(supergraph.labels).toEqual(['percent(5)']);
  });

  it('knows enum values and input fields per graph', () => {
    const supergraph = loadSupergraph(LOOM);
    const unit = supergraph.types.get('Unit');
    const input = supergraph.types.get('In');
    expect(unit?.kind === 'enum' && [...unit.values.values()].map((value) => [value.name, idsOf(value.in)])).toEqual([
      ['EUR', [0, 1]],
      ['CNY', [1]],
    ]);
    expect(input?.kind === 'input' && [...input.fields.values()].map((value) => [value.name, value.in.map((type) => type?.text)])).toEqual([
      ['a', ['[Int]', '[Int]', undefined]],
      ['b', [undefined, 'Int!', undefined]],
    ]);
  });

  it('changes its hash with any character of the text and with nothing else', () => {
    expect(loadSupergraph(LOOM).hash).toBe(loadSupergraph(LOOM).hash);
    expect(loadSupergraph(`${LOOM} `).hash).not.toBe(loadSupergraph(LOOM).hash);
    expect(loadSupergraph(LOOM).hash).toMatch(/^[0-9a-f]{32}$/);
  });

  it('cannot be written, Maps included', () => {
    const supergraph = loadSupergraph(LOOM);
    const loom = composite(supergraph, 'Loom');
    expect(() => (supergraph.types as Map<string, unknown>).set('X', 1)).toThrow('frozen');
    expect(() => (loom.fields as Map<string, unknown>).delete('id')).toThrow('frozen');
    expect(() => Object.assign(field(supergraph, 'Loom.id').in, { 0: null })).toThrow(TypeError);
    expect(() => Object.assign(loom.in[0]?.keys[0]?.fields[0] ?? {}, { name: 'x' })).toThrow(TypeError);
  });
});

describe('abstract types', () => {
  const FABRIC = supergraphText(
    `type Query @join__type(graph: A_ID) @join__type(graph: B_ID) @join__type(graph: C_ID) { fabrics: [Fabric] @join__field(graph: A_ID) goods: [Goods] @join__field(graph: B_ID) }
     interface Fabric @join__type(graph: A_ID, key: "id") @join__type(graph: B_ID) @join__type(graph: C_ID, key: "id", isInterfaceObject: true) {
       id: ID! @join__field(graph: A_ID) @join__field(graph: B_ID) @join__field(graph: C_ID)
       rating: Int @join__field(graph: C_ID)
       base: Int @join__field(graph: A_ID) @join__field(graph: C_ID)
       score: Int @join__field(graph: C_ID, requires: "base")
     }
     type Silk implements Fabric @join__implements(graph: A_ID, interface: "Fabric") @join__type(graph: A_ID, key: "id") @join__type(graph: B_ID) {
       id: ID!  rating: Int @join__field  score: Int @join__field  base: Int @join__field(graph: A_ID)
     }
     type Jute implements Fabric @join__implements(graph: A_ID, interface: "Fabric") @join__implements(graph: B_ID, interface: "Fabric") @join__type(graph: A_ID, key: "id") @join__type(graph: B_ID) {
       id: ID!  rating: Int @join__field  score: Int @join__field base: Int @join__field(graph: A_ID)
     }
     type Rope @join__type(graph: B_ID) { m: Int }
     union Goods @join__type(graph: A_ID) @join__type(graph: B_ID) @join__unionMember(graph: A_ID, member: "Silk") @join__unionMember(graph: B_ID, member: "Rope") @join__unionMember(graph: B_ID, member: "Jute") = Silk | Rope | Jute`,
  );

  it('have possible types in all and per graph', () => {
    const supergraph = loadSupergraph(FABRIC);
    const fabric = composite(supergraph, 'Fabric');
    const goods = composite(supergraph, 'Goods');
    expect(names(supergraph, fabric.possible)).toEqual(['Jute', 'Silk']);
    expect(fabric.possibleIn.map((bits) => names(supergraph, bits))).toEqual([['Jute', 'Silk'], ['Jute'], ['Jute', 'Silk']]);
    expect(names(supergraph, goods.possible)).toEqual(['Jute', 'Rope', 'Silk']);
    expect(goods.possibleIn.map((bits) => names(supergraph, bits))).toEqual([['Silk'], ['Jute', 'Rope'], []]);
    expect(composite(supergraph, 'Rope').possibleIn.map((bits) => names(supergraph, bits))).toEqual([[], ['Rope'], []]);
  });

  it('take every member in every graph when an old text has no @join__unionMember', () => {
    const supergraph = loadSupergraph(
      supergraphText(`type Query @join__type(graph: A_ID) @join__type(graph: B_ID) { u: U }
        union U @join__type(graph: A_ID) @join__type(graph: B_ID) = X | Y
        type X @join__type(graph: A_ID) @join__type(graph: B_ID) { x: Int } type Y @join__type(graph: B_ID) { y: Int }`),
    );
    expect(composite(supergraph, 'U').possibleIn.map((bits) => names(supergraph, bits))).toEqual([['X'], ['X', 'Y'], []]);
  });

  it('know their interface objects and which fields come from them', () => {
    const supergraph = loadSupergraph(FABRIC);
    expect(composite(supergraph, 'Fabric').in.map((row) => row?.interfaceObject)).toEqual([false, false, true]);
    expect(composite(supergraph, 'Silk').interfaceObjects).toEqual([{ interface: 'Fabric', graph: 2 }]);
    expect(field(supergraph, 'Silk.rating').in).toEqual([undefined, undefined, undefined]);
    expect(field(supergraph, 'Silk.rating').fromInterfaceObjects).toEqual([{ interface: 'Fabric', graph: 2 }]);
  });

  it('take what an interface object requires as external there when the composer forgot to say so', () => {
    const supergraph = loadSupergraph(FABRIC);
    expect(field(supergraph, 'Fabric.base').in.map((row) => row?.external)).toEqual([false, undefined, true]);
    expect(field(supergraph, 'Fabric.id').in.map((row) => row?.external)).toEqual([false, false, false]);
  });

  it('appear in a view of a graph as that graph declares them', () => {
    const supergraph = loadSupergraph(FABRIC);
    expect(isInterfaceType(supergraph.graphView(0).getType('Fabric'))).toBe(true);
    expect(isObjectType(supergraph.graphView(2).getType('Fabric'))).toBe(true);
    expect(supergraph.graphView(2).getType('Silk')).toBeUndefined();
    const wrong = validate(supergraph.graphView(1), parse('{ goods { ... on Silk { id } ... on Jute { id } } }'));
    expect(wrong.map((error) => error.message)).toEqual([expect.stringContaining('"Silk"')]);
  });
});

describe('the view of one graph', () => {
  it('is entered by representations where a key is resolvable', () => {
    const view = loadSupergraph(LOOM).graphView(1);
    const document = parse(
      'query ($r: [_Any!]!) { _entities(representations: $r) { __typename ... on Loom { no cost(unit: CNY, of: {b: 1}) } } }',
    );
    expect(validate(view, document)).toEqual([]);
    expect(view.getType('_Entity')?.toString()).toBe('_Entity');
    expect(loadSupergraph(LOOM).graphView(2).getType('_Entity')).toBeUndefined();
  });

  it('has the types, values and input fields of that graph only', () => {
    const supergraph = loadSupergraph(LOOM);
    expect(validate(supergraph.graphView(0), parse('{ looms { no } }'))).toHaveLength(1);
    expect(printType(supergraph.graphView(1).getType('Unit') ?? new GraphQLEnumType({ name: 'None', values: {} }))).toContain('CNY');
    expect(printSchema(supergraph.graphView(0))).not.toContain('CNY');
    expect(printSchema(supergraph.graphView(0))).toContain('a: [Int]');
    expect(printSchema(supergraph.graphView(0))).not.toContain('b: Int');
  });

  it('has the extra arguments that are filled from a context', () => {
    const supergraph = loadSupergraph(
      supergraphText(
        `type Query @join__type(graph: A_ID) { mill: Mill }
         type Mill @join__type(graph: A_ID, key: "id") @context(name: "a__unit") { id: ID! unit: String looms: [Loom] }
         type Dyer @join__type(graph: A_ID, key: "id") @context(name: "a__unit") { id: ID! unit: String }
         type Loom @join__type(graph: A_ID, key: "id") { id: ID! speed: Int @join__field(graph: A_ID, contextArguments: [{context: "a__unit", name: "in", type: "String", selection: "{ unit }"}]) }`,
        { join: 'v0.5', links: '@link(url: "https://specs.apollo.dev/context/v0.1", for: SECURITY)' },
      ),
    );
    const argument = field(supergraph, 'Loom.speed').in[0]?.contextArguments[0];
    expect(argument).toMatchObject({ name: 'in', context: 'a__unit', type: { text: 'String' } });
    expect(shape(argument?.selection)).toBe('... on Dyer { Dyer.unit } ... on Mill { Mill.unit }');
    expect(composite(supergraph, 'Mill').contexts).toEqual(['a__unit']);
    expect(validate(supergraph.graphView(0), parse('{ mill { looms { speed(in: "x") } } }'))).toEqual([]);
    expect(validate(supergraph.publicSchema, parse('{ mill { looms { speed(in: "x") } } }'))).toHaveLength(1);
  });
});

describe('the public schema', () => {
  const HIDDEN = supergraphText(
    `"The way in."
     type Query @join__type(graph: A_ID) { "All mills." mills(hidden: Int @hidden, size: Size = BIG): [Mill] old: Int @deprecated(reason: "gone") secret: Secret @hidden }
     type Mill @join__type(graph: A_ID, key: "id") { id: ID! @hidden name: String at: Instant }
     type Secret @join__type(graph: A_ID) @hidden { x: Int }
     union Place @join__type(graph: A_ID) @join__unionMember(graph: A_ID, member: "Mill") @join__unionMember(graph: A_ID, member: "Secret") = Mill | Secret
     enum Size @join__type(graph: A_ID) { BIG @join__enumValue(graph: A_ID) HUGE @join__enumValue(graph: A_ID) @hidden }
     scalar Instant @join__type(graph: A_ID) @specifiedBy(url: "https://example.test/instant")
     input Pick @join__type(graph: A_ID) @oneOf { a: Int b: Int c: Int @hidden }
     directive @oneOf on INPUT_OBJECT
     directive @traced on FIELD
     directive @hidden on FIELD_DEFINITION`,
    {
      links:
        '@link(url: "https://specs.apollo.dev/inaccessible/v0.2", as: "hidden", for: SECURITY) @link(url: "https://specs.apollo.dev/tag/v0.3")',
    },
  );

  it('has no machinery and nothing inaccessible, and keeps descriptions and directives of the language', () => {
    const expected = buildSchema(`
      ${DEFER}
      directive @traced on FIELD
      "The way in."
      type Query { "All mills." mills(size: Size = BIG): [Mill] old: Int @deprecated(reason: "gone") }
      type Mill { name: String at: Instant }
      union Place = Mill
      enum Size { BIG }
      scalar Instant @specifiedBy(url: "https://example.test/instant")
      input Pick @oneOf { a: Int b: Int }`);
    expect(printSchema(loadSupergraph(HIDDEN).publicSchema)).toBe(printSchema(expected));
  });

  it('leaves hidden things in the full schema and in the index', () => {
    const supergraph = loadSupergraph(HIDDEN);
    expect(printSchema(supergraph.fullSchema)).toContain('secret: Secret');
    expect([supergraph.types.get('Secret')?.public, supergraph.types.get('Mill')?.public]).toEqual([false, true]);
    expect([field(supergraph, 'Mill.id').public, field(supergraph, 'Query.mills').args.get('hidden')?.public]).toEqual([false, false]);
  });

  it('has renamed root types', () => {
    const supergraph = loadSupergraph(
      supergraphText('type Root @join__type(graph: A_ID) { x: Int } type Doing @join__type(graph: B_ID) { y: Int }', {
        roots: 'query: Root mutation: Doing',
      }),
    );
    expect(supergraph.roots).toEqual({ query: 'Root', mutation: 'Doing', subscription: null });
    expect(supergraph.publicSchema.getMutationType()?.name).toBe('Doing');
    expect(validate(supergraph.graphView(1), parse('mutation { y }'))).toEqual([]);
  });

  it('is refused when hiding left it broken', () => {
    const text = supergraphText(
      'type Query @join__type(graph: A_ID) { x: Secret } type Secret @join__type(graph: A_ID) @inaccessible { x: Int }',
      {
        links: '@link(url: "https://specs.apollo.dev/inaccessible/v0.2", for: SECURITY)',
      },
    );
    expect(refusal(text)).toMatchObject({ code: 'SUPERGRAPH_INVALID', message: expect.stringContaining('Secret') });
  });
});

describe('specifications', () => {
  it('are found by URL when every name is changed by as: and import:', () => {
    const supergraph = loadSupergraph(`
      schema @verbinde(url: "https://specs.apollo.dev/link/v1.0", as: "verbinde")
        @verbinde(url: "https://specs.apollo.dev/join/v0.3", as: "j", for: EXECUTION, import: [{name: "@type", as: "@typ"}, "@field", {name: "Graph", as: "Graphen"}])
        @verbinde(url: "https://specs.apollo.dev/requiresScopes/v0.1", import: [{name: "@requiresScopes", as: "@darf"}], for: SECURITY)
        @verbinde(url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY)
      { query: Query }
      enum Graphen { A @j__graph(name: "a", url: "") B @j__graph(name: "b", url: "") }
      scalar j__FieldSet
      type Query @typ(graph: A) @typ(graph: B) { x: Int @field(graph: B) @darf(scopes: [["read", "x"], ["all"]]) y: Int @authenticated join__type: Int }`);
    expect(field(supergraph, 'Query.x').in.map((row) => row !== undefined)).toEqual([false, true]);
    expect(field(supergraph, 'Query.x').access).toEqual({ authenticated: false, scopes: [['read', 'x'], ['all']], policies: [] });
    expect(field(supergraph, 'Query.y').access).toEqual({ authenticated: true, scopes: [], policies: [] });
    expect([...supergraph.types.keys()].filter((name) => name.includes('_') || name === 'Graphen')).toEqual([]);
  });

  it.each([
    [
      'an unknown one for SECURITY',
      { links: '@link(url: "https://example.test/armour/v1.0", for: SECURITY)' },
      'SUPERGRAPH_UNSUPPORTED',
      'https://example.test/armour/v1.0',
    ],
    [
      'an unknown one for EXECUTION',
      { links: '@link(url: "https://example.test/wires/v1.0", for: EXECUTION)' },
      'SUPERGRAPH_UNSUPPORTED',
      'wires',
    ],
    ['an unknown version of join', { join: 'v0.2' }, 'SUPERGRAPH_UNSUPPORTED', 'v0.3, v0.4, v0.5'],
    ['a future version of join', { join: 'v0.6' }, 'SUPERGRAPH_UNSUPPORTED', 'v0.6'],
    [
      'an unknown version of what hides things',
      { links: '@link(url: "https://specs.apollo.dev/inaccessible/v9.0")' },
      'SUPERGRAPH_UNSUPPORTED',
      'v9.0',
    ],
  ])('refuse to load: %s', (_name, head, code, message) => {
    expect(refusal(supergraphText('type Query @join__type(graph: A_ID) { x: Int }', head))).toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });

  it('load when an unknown one serves neither execution nor security', () => {
    const text = supergraphText('type Query @join__type(graph: A_ID) { x: Int @note__here } directive @note__here on FIELD_DEFINITION', {
      links: '@link(url: "https://example.test/note/v1.0")',
    });
    expect(printSchema(loadSupergraph(text).publicSchema)).toBe(`${DEFER}\n\ntype Query {\n  x: Int\n}`);
  });

  it.each([
    ['a broken text', 'type Query {', 'SUPERGRAPH_SYNTAX', 'line 1'],
    ['the SDL of a subgraph', 'type Query { x: Int }', 'SUPERGRAPH_INVALID', 'Compose it first'],
    [
      'a text without join',
      'schema @link(url: "https://specs.apollo.dev/link/v1.0") { query: Query } type Query { x: Int }',
      'SUPERGRAPH_INVALID',
      'Compose it first',
    ],
    ['a graph that is not listed', supergraphText('type Query @join__type(graph: NOWHERE) { x: Int }'), 'SUPERGRAPH_INVALID', 'NOWHERE'],
    [
      'a key that names no field',
      supergraphText('type Query @join__type(graph: A_ID) { x: T } type T @join__type(graph: A_ID, key: "nix") { id: ID }'),
      'SUPERGRAPH_INVALID',
      '"nix"',
    ],
    [
      'a key that is no field set',
      supergraphText('type Query @join__type(graph: A_ID) { x: T } type T @join__type(graph: A_ID, key: "id {") { id: ID }'),
      'SUPERGRAPH_INVALID',
      'Key of T',
    ],
    [
      'a field in a graph that lacks its type',
      supergraphText('type Query @join__type(graph: A_ID) { x: Int @join__field(graph: B_ID) }'),
      'SUPERGRAPH_INVALID',
      'Query.x',
    ],
    ['a missing query root', supergraphText('type Other @join__type(graph: A_ID) { x: Int }'), 'SUPERGRAPH_INVALID', 'Query'],
    ['an unknown type', supergraphText('type Query @join__type(graph: A_ID) { x: Nix }'), 'SUPERGRAPH_INVALID', 'Nix'],
  ])('refuse %s with a code and a way out', (_name, text, code, message) => {
    expect(refusal(text)).toMatchObject({ code, message: expect.stringContaining(message) });
  });
});
