/** What composition says of `@feed`: each refusal with its code, file, line and column, and what is taken. */
import { composeSupergraph } from '../../../engine/compose/index.ts';
import type { CompositionError, CompositionResult, EventCatalogue } from '../../../engine/compose/index.ts';

const HEAD = `
  extend schema
    @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@composeDirective", "@inaccessible", "@key", "@external", "@interfaceObject"])
    @link(url: "https://industry-router.example/feed/v1.0", import: ["@feed"])
    @composeDirective(name: "@feed")
  directive @feed(topic: String!, where: feed__Where, delivery: feed__Delivery! = ALL) on FIELD_DEFINITION
  scalar feed__Where @inaccessible
  enum feed__Delivery @inaccessible { ALL LATEST }
  enum Stage { DYE SEW }
  scalar Decimal
  scalar DateTime
  type Money { amountMinor: Int! }
  type Lot @key(fields: "no") @key(fields: "mill { id }") { no: ID! mill: Mill }
  type Mill @key(fields: "id") { id: ID! name: String }
  type Bale @key(fields: "no stage") { no: ID! stage: Stage! }
  type Fair @key(fields: "no") { no: String! }
  type Hall @key(fields: "house { id }") { house: Mill! }
  type Note @key(fields: "noteId", resolvable: false) { noteId: ID! }
  interface Job { no: ID! }
  type Repair implements Job @key(fields: "no") { no: ID! cause: String }
  type Wash implements Job @key(fields: "no") { no: ID! water: Int }
  interface Loose { no: ID! }
  type Thread implements Loose { no: ID! }
  interface Idle { no: ID! }
  type Tick { no: ID! stage: Stage price: Decimal! tags: [String!] }
  type Price { no: ID! cost: Money! }
  type Asked { no(in: String): ID! }
  type Strict { no: ID! note: String! }
  union Any = Lot | Mill
  type Query { lots: [Lot] bales: [Bale] jobs: [Job] any: [Any] fairs: [Fair] halls: [Hall] notes: [Note] loose: [Loose] idle: [Idle] thread: Thread
    ticks: [Tick] prices: [Price] asked: [Asked] strict: [Strict] }
`;

const lot = [
  { name: 'no', type: 'ID!' },
  { name: 'stage', type: 'Stage!' },
  { name: 'price', type: 'Decimal!' },
  { name: 'size', type: 'Int' },
  { name: 'weight', type: 'Float' },
  { name: 'open', type: 'Boolean!' },
  { name: 'note', type: 'String' },
  { name: 'at', type: 'DateTime!' },
  { name: 'tags', type: '[String!]!' },
  { name: 'cost', type: 'Money!' },
];
const events: EventCatalogue = {
  topics: {
    'lot.moved': { key: ['no'], payload: lot },
    'lot.closed': { key: ['no'], payload: [{ name: 'no', type: 'ID!' }] },
    'job.moved': { key: ['no'], payload: [{ name: '__typename', type: 'String!' }, ...lot] },
    'mill.seen': { key: [], payload: [{ name: 'id', type: 'ID' }] },
  },
};

const input = (sdl: string, name = 'mills') => ({ name, url: `http://${name}.test`, sdl, file: `graphs/${name}.graphql` });

function compose(sdl: string, catalogue: EventCatalogue | undefined = events): CompositionResult {
  return composeSupergraph([input(sdl)], { events: catalogue });
}

/** `«` in the text is the place that the first error is to name. */
function refused(text: string): { errors: readonly CompositionError[]; line: number; column: number } {
  const before = text.slice(0, text.indexOf('«')).split('\n');
  const result = compose(text.replace('«', ''));
  if (result.kind === 'ok') throw new Error('it composed');
  return { errors: result.errors, line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

/** A field of the subscription root on a line of its own. */
const subscription = (field: string): string => `${HEAD}\ntype Subscription {\n  ${field}\n}\n`;
const where = (condition: string, args = '(no: ID)'): string =>
  subscription(`lotMoved${args}: Lot @feed(topic: "lot.moved", where: ${condition})`);
const returning = (type: string, topic = 'lot.moved'): string => subscription(`«lotMoved: ${type} @feed(topic: "${topic}")`);

describe('@feed', () => {
  it.each<[string, string, string, string]>([
    [
      'an unknown topic',
      subscription('lotMoved: Lot @feed(topic: «"lot.moves")'),
      'FEED_TOPIC_UNKNOWN',
      'names the topic "lot.moves", which the catalogue of events does not have: there is lot.moved, lot.closed.',
    ],
    ['an empty topic', subscription('lotMoved: Lot @feed(topic: «"")'), 'FEED_TOPIC_UNKNOWN', 'names no topic.'],
    [
      'an unknown delivery',
      subscription('lotMoved: Lot @feed(topic: "lot.moved", delivery: «SOME)'),
      'FEED_DELIVERY_INVALID',
      'has the delivery SOME: expected ALL or LATEST.',
    ],
    [
      'a field that the event does not have',
      where('{ «lotNo: { eq: "$no" } }'),
      'FEED_FIELD_UNKNOWN',
      'asks for "lotNo", which events of "lot.moved" do not have: they have no, stage, price, size, weight, open, note, at, tags, cost.',
    ],
    [
      'a field that the event does not have, deep inside',
      where('{ or: [{ no: { eq: "$no" } }, { not: { and: [{ «toString: { eq: "1" } }] } }] }'),
      'FEED_FIELD_UNKNOWN',
      'asks for "toString"',
    ],
    [
      'a variable that is no argument',
      where('{ no: { eq: «"$lotNo" } }'),
      'FEED_ARGUMENT_UNKNOWN',
      'compares "no" with $lotNo, but the field\'s arguments are no.',
    ],
    [
      'a variable of a field without arguments',
      where('{ no: { eq: «"$no" } }', ''),
      'FEED_ARGUMENT_UNKNOWN',
      "the field's arguments are none.",
    ],
    [
      'an argument of another type',
      where('{ size: { eq: «"$no" } }'),
      'FEED_TYPE_MISMATCH',
      'compares "size" (Int in the event) by eq with $no, which is ID: expected Int.',
    ],
    [
      'an argument of another type, of a scalar of its own',
      where('{ at: { gt: «"$no" } }', '(no: Decimal)'),
      'FEED_TYPE_MISMATCH',
      'which is Decimal: expected DateTime.',
    ],
    ['one value where in takes a list', where('{ no: { in: «"$no" } }'), 'FEED_TYPE_MISMATCH', 'which is ID: expected [ID!].'],
    [
      'a list where eq takes one value',
      where('{ no: { eq: «"$no" } }', '(no: [ID!])'),
      'FEED_TYPE_MISMATCH',
      'which is [ID!]: expected ID.',
    ],
    [
      'a text for a number',
      where('{ size: { lt: «"9" } }', ''),
      'FEED_TYPE_MISMATCH',
      'compares "size" with "9", but it is Int in the event.',
    ],
    ['a fraction for a whole number', where('{ size: { lt: «1.5 } }', ''), 'FEED_TYPE_MISMATCH', 'compares "size" with 1.5'],
    ['a number for a text', where('{ note: { eq: «1 } }', ''), 'FEED_TYPE_MISMATCH', 'compares "note" with 1'],
    ['an enum value for a scalar of its own', where('{ price: { eq: «LOW } }', ''), 'FEED_TYPE_MISMATCH', 'compares "price" with LOW'],
    [
      'a value that the enum does not have',
      where('{ stage: { in: [DYE, «KNIT] } }', ''),
      'FEED_TYPE_MISMATCH',
      'compares "stage" with KNIT',
    ],
    ['an order of enum values', where('{ stage: { «gte: DYE } }', ''), 'FEED_TYPE_MISMATCH', 'by gte, but Stage has no order.'],
    ['an order of truth values', where('{ open: { «lt: true } }', ''), 'FEED_TYPE_MISMATCH', 'by lt, but Boolean has no order.'],
    ['an order with null', where('{ size: { lt: «null } }', ''), 'FEED_TYPE_MISMATCH', 'by lt with null, which has no order.'],
    ['a list of the event', where('{ tags: «{ eq: "a" } }', ''), 'FEED_TYPE_MISMATCH', 'compares "tags", which is [String!]! in the event'],
    ['an object of the event', where('{ cost: «{ eq: "a" } }', ''), 'FEED_TYPE_MISMATCH', 'compares "cost", which is Money! in the event'],
    ['an unknown comparison', where('{ no: { «like: "a" } }', ''), 'FEED_WHERE_INVALID', 'expected eq, not, in, lt, lte, gt, gte.'],
    ['a condition that is none', where('{ no: «"a" }', ''), 'FEED_WHERE_INVALID', 'in which "no" has no comparison: write { eq: … }.'],
    ['no comparison', where('{ no: «{} }', ''), 'FEED_WHERE_INVALID', 'in which "no" has no comparison'],
    ['or of one', where('{ or: «{ no: { eq: "a" } } }', ''), 'FEED_WHERE_INVALID', 'in which or is no list.'],
    ['no object', where('«"no"', ''), 'FEED_WHERE_INVALID', 'has "no" where an object of conditions was expected.'],
    ['in with one value', where('{ no: { in: «"a" } }', ''), 'FEED_WHERE_INVALID', 'compares "no" by in with "a", which is no list.'],
    ['an argument within a list', where('{ no: { in: [«"$no"] } }'), 'FEED_WHERE_INVALID', 'write in: "$no".'],
    ['a list where one value is due', where('{ no: { eq: «["a"] } }', ''), 'FEED_WHERE_INVALID', 'expected one value.'],
    [
      'an entity whose key is not in the event',
      returning('Mill'),
      'FEED_KEY_NOT_IN_EVENT',
      'returns Mill, whose key "id" is not in events of "lot.moved": they have no, stage,',
    ],
    [
      'an entity of which the event has half a key',
      returning('Bale', 'lot.closed'),
      'FEED_KEY_NOT_IN_EVENT',
      'whose key "no stage" is not in events of "lot.closed"',
    ],
    ['an entity whose keys look into objects', returning('Hall'), 'FEED_KEY_NOT_IN_EVENT', 'whose key of plain fields is not in events'],
    [
      'a key that may be null in the event',
      returning('Mill', 'mill.seen'),
      'FEED_TYPE_MISMATCH',
      'whose key "id" is ID in events of "mill.seen": expected ID!.',
    ],
    ['a key of another type', returning('Fair'), 'FEED_TYPE_MISMATCH', 'whose key "no" is ID! in events of "lot.moved": expected String!.'],
    ['an interface without __typename in the event', returning('Job'), 'FEED_KEY_NOT_IN_EVENT', 'have no __typename: String!.'],
    ['an interface of what has no key', returning('Loose', 'job.moved'), 'FEED_TYPE_INVALID', 'which is also Thread, without a key'],
    ['an interface of nothing', returning('Idle', 'job.moved'), 'FEED_TYPE_INVALID', 'which nothing implements'],
    ['a list', returning('[Lot]'), 'FEED_TYPE_INVALID', 'returns a list: an event is one object.'],
    ['a scalar', returning('Decimal'), 'FEED_TYPE_INVALID', 'returns Decimal, which is no object'],
    ['a union', returning('Any'), 'FEED_TYPE_INVALID', 'returns Any, which is no object'],
    [
      'a type without a key of which the event lacks a field',
      returning('Tick', 'mill.seen'),
      'FEED_TYPE_INVALID',
      'returns Tick, which has no key, and events of "mill.seen" do not have its no, stage, price, tags.',
    ],
    ['a type whose only key nobody resolves', returning('Note'), 'FEED_TYPE_INVALID', 'do not have its noteId.'],
    ['a type with an object inside', returning('Price'), 'FEED_TYPE_INVALID', 'Price.cost is an object: events hold scalars and enums.'],
    ['a type with an argument inside', returning('Asked'), 'FEED_TYPE_INVALID', 'Asked.no takes arguments.'],
    [
      'a field that may be null in the event and not in the SDL',
      returning('Strict'),
      'FEED_TYPE_MISMATCH',
      'whose "note" is String!, but String in events of "lot.moved".',
    ],
    [
      'a field that is not followed',
      `${HEAD}\nextend type Mill {\n  lots: [Lot] @«feed(topic: "lot.moved") }`,
      'FEED_MISPLACED',
      'it belongs on fields of the subscription root.',
    ],
    [
      'a directive that is not composed',
      subscription('lotMoved: Lot @«feed(topic: "lot.moved")').replace('@composeDirective(name: "@feed")', ''),
      'FEED_NOT_COMPOSED',
      'is lost in composition: the schema lacks @composeDirective(name: "@feed").',
    ],
  ])('is refused with %s, at its place', (_name, text, code, message) => {
    const { errors, line, column } = refused(text);
    const error = errors.find((one) => one.code === code);
    expect(error).toMatchObject({ subgraphs: ['mills'], locations: [{ subgraph: 'mills', file: 'graphs/mills.graphql', line, column }] });
    expect(error?.message).toMatch(/^@feed of "\w+\.\w+" in subgraph "mills" /);
    expect(error?.message).toContain(message);
    expect(error?.wayOut).not.toMatch(/^Compare the definitions/);
  });

  it('is refused under a name of its namespace, which composition does not know either', () => {
    const text = returning('Lot').replaceAll('@feed', '@news').replace('import: ["@news"]', 'as: "news"').replace('«', '');
    const result = compose(text.replaceAll('feed__', 'news__').replace('@composeDirective(name: "@news")', ''));
    expect(result).toMatchObject({ kind: 'failed', errors: [{ code: 'FEED_NOT_COMPOSED' }] });
  });

  it('is refused without a link to its specification', () => {
    const sdl = `directive @feed(topic: String!) on FIELD_DEFINITION
type Lot @key(fields: "no") { no: ID! }
type Query { lots: [Lot] }
type Subscription { lotMoved: Lot @feed(topic: "lot.moved") }`;
    expect(compose(sdl)).toMatchObject({
      kind: 'failed',
      errors: [
        {
          code: 'FEED_NOT_COMPOSED',
          locations: [{ line: 4, column: 36 }],
          wayOut: expect.stringContaining('industry-router.example/feed/v1.0'),
        },
      ],
    });
  });

  it.each([
    ['every comparison', where('{ no: { eq: "$no", not: 7, in: ["a"] }, size: { lt: 9, lte: 9, gt: 1, gte: 1 }, weight: { gt: 1 } }')],
    ['arguments', where('{ at: { gt: "$since" }, stage: { in: "$stages" } }', '(since: DateTime!, stages: [Stage!]!)')],
    [
      'null, truth values, enum values as names and texts',
      where('{ note: { eq: null }, open: { eq: true }, stage: { in: [DYE, "SEW"] } }', ''),
    ],
    ['what scalars of its own are written as', where('{ price: { gte: "10.5" }, at: { lt: "2026-11-22T09:00:00Z" } }', '')],
    ['no condition', where('{}', '')],
    ['null for conditions', where('null', '')],
    ['one of several keys', returning('Lot')],
    ['a key of several fields', returning('Bale')],
    ['an interface of entities', returning('Job', 'job.moved')],
    ['a type that the event holds whole, also where it may be null', returning('Tick')],
    ['an entity that must be there', returning('Lot!')],
    [
      'both ways of delivery',
      subscription('a: Lot @feed(topic: "lot.moved", delivery: LATEST) b: Lot @feed(topic: "lot.moved", delivery: ALL)'),
    ],
    [
      'another name',
      `${returning('Lot')}`.replaceAll('@feed', '@told').replace('import: ["@told"]', 'import: [{ name: "@feed", as: "@told" }]'),
    ],
    [
      'another subscription root',
      `${returning('Lot')}`
        .replace('extend schema', 'schema')
        .replace('"@feed")\n', '"@feed") { query: Query subscription: News }\n')
        .replace('type Subscription', 'type News'),
    ],
  ])('is composed with %s', (_name, text) => {
    const result = compose(text.replace('«', ''));
    expect(result.kind === 'failed' ? result.errors.map(({ message }) => message) : []).toEqual([]);
  });

  it('reads keys and fields of all subgraphs', () => {
    const other = input(
      'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"]) type Mill @key(fields: "no") @key(fields: "id") { id: ID! no: ID! }',
      'names',
    );
    const text = returning('Mill').replace('«', '');
    expect(compose(text).kind).toBe('failed');
    expect(composeSupergraph([input(text), other], { events }).kind).toBe('ok');
  });

  it('of another specification is left alone', () => {
    const text = subscription('lotMoved: Lot @feed(topic: "none")').replace('industry-router.example/feed', 'other.example/feed');
    expect(compose(text).kind).toBe('ok');
  });

  it('is not looked at without a catalogue', () => {
    expect(composeSupergraph([input(subscription('lotMoved: Lot @feed(topic: "none")'))]).kind).toBe('ok');
  });

  it('notes arguments that no condition reads', () => {
    const result = compose(where('{ or: [{ no: { eq: "$no" } }, { stage: { in: "$stages" } }] }', '(no: ID, stages: [Stage!], size: Int)'));
    expect(result).toMatchObject({ kind: 'ok', hints: ['Subscription.lotMoved(size:) is part of no condition of its @feed.'] });
  });

  it('is refused beside what the composer refuses', () => {
    const text = returning('Mill').replace('«', '').replace('scalar Decimal', 'scalar Decimal\n  type Bad { x: Nowhere }');
    expect(compose(text)).toMatchObject({ kind: 'failed', errors: [{ code: 'INVALID_GRAPHQL' }, { code: 'FEED_KEY_NOT_IN_EVENT' }] });
  });

  it.each([
    [
      'a type that is none',
      { key: [], payload: [{ name: 'no', type: 'ID!!' }] },
      'says of "no" in "lot.moved" the type "ID!!", which is none',
    ],
    [
      'a field twice',
      {
        key: [],
        payload: [
          { name: 'no', type: 'ID' },
          { name: 'no', type: 'ID' },
        ],
      },
      'says of "no" in "lot.moved" two things.',
    ],
    ['a key that is not in the payload', { key: ['no'], payload: [] }, 'has "no" in the key of "lot.moved", but not in its payload.'],
  ])('needs a catalogue that can be read: %s', (_name, topic, message) => {
    const result = compose(returning('Lot').replace('«', ''), { topics: { 'lot.moved': topic } });
    expect(result).toMatchObject({ kind: 'failed', errors: [{ code: 'FEED_CATALOGUE_INVALID', subgraphs: [], locations: [] }] });
    expect(result.kind === 'failed' ? result.errors[0]?.message : '').toContain(`The catalogue of events ${message}`);
  });
});
