/** Deferred fragments through planner and executor: what is in which payload, what is asked when, what becomes of nulls and errors. */
import { parse, validate } from 'graphql';
import { deferRules } from '../../../gateway/pipeline/defer-rules.ts';
import { toFirstMembers, toLaterText } from '../../../gateway/pipeline/payload-text.ts';
import type { PayloadForm } from '../../../gateway/pipeline/payload-text.ts';
import { mergeIncremental } from '../../_kit/merge-incremental.ts';
import type { WirePayload } from '../../_kit/merge-incremental.ts';
import { createHub } from './in-memory-graphs.ts';

type Row = Record<string, unknown>;
const same = (row: unknown): unknown => row;
const mills = [
  { id: '1', name: 'Old', town: 'Lille', looms: [{ code: 'a' }, { code: 'b' }] },
  { id: '2', name: 'New', town: null, looms: [] },
];
const deeds: string[] = [];

const hub = createHub({
  mill: {
    sdl: `type Query { mill(id: ID): Mill mills: [Mill] fabrics: [Fabric] none: Mill }
      type Mutation { start(id: ID): Mill stop(id: ID): Mill }
      type Mill @key(fields: "id") { id: ID! name: String town: String looms: [Loom] fails: Int must: Int! }
      type Loom @key(fields: "code") { code: ID! }
      union Fabric = Linen | Silk
      type Linen @key(fields: "code") { code: ID! thread: String }
      type Silk @key(fields: "code") { code: ID! }`,
    resolvers: {
      Query: {
        mill: (_: unknown, { id }: Row) => mills.find((one) => one.id === id) ?? mills[0],
        mills: () => mills,
        none: () => null,
        fabrics: () => [
          { __typename: 'Linen', code: 'l', thread: 'thin' },
          { __typename: 'Silk', code: 's' },
        ],
      },
      Mutation: {
        start: (_: unknown, { id }: Row) => (deeds.push(`start ${String(id)}`), mills[0]),
        stop: (_: unknown, { id }: Row) => (deeds.push(`stop ${String(id)}`), mills[1]),
      },
      Mill: {
        fails: () => {
          throw new Error('no');
        },
        must: () => 1,
      },
    },
  },
  owner: {
    sdl: `type Mill @key(fields: "id") { id: ID! owner: Owner tax: Int bad: Int strict: Int! }
      type Owner @key(fields: "ref") { ref: ID! name: String }
      type Silk @key(fields: "code") { code: ID! worm: String }`,
    resolvers: {
      Mill: {
        __resolveReference: same,
        owner: ({ id }: Row) => ({ ref: id, name: `owner ${String(id)}` }),
        tax: ({ id }: Row) => Number(id) * 10,
        bad: () => {
          throw new Error('bad');
        },
        strict: () => 5,
      },
      Silk: { __resolveReference: same, worm: () => 'fat' },
    },
  },
  rate: {
    sdl: 'type Owner @key(fields: "ref") { ref: ID! rating: Int } type Loom @key(fields: "code") { code: ID! speed: Int }',
    resolvers: {
      Owner: { __resolveReference: same, rating: () => 9 },
      Loom: { __resolveReference: same, speed: ({ code }: Row) => String(code).charCodeAt(0) },
    },
  },
});

type Options = Parameters<typeof hub.defer>[1];

async function payloadsOf(query: string, form: PayloadForm = 'ids', options: Options = {}): Promise<WirePayload[]> {
  const { data, errors, pending, payloads } = await hub.defer(query, options);
  const members = payloads === null ? '' : `,${toFirstMembers(form, pending)}`;
  const told = errors === undefined ? '' : `,"errors":${JSON.stringify(errors)}`;
  const texts = [`{"data":${JSON.stringify(data)}${told}${members}}`];
  for await (const payload of payloads ?? []) {
    const text = toLaterText(form, payload);
    if (text !== null) texts.push(text);
  }
  return texts.map((text) => JSON.parse(text) as WirePayload); // the hub's own
}

/** Both forms come together as the same operation without `@defer`; gives the payloads by id. */
async function expectSame(query: string, options: Options = {}): Promise<WirePayload[]> {
  const whole = await hub.run(query, options);
  for (const form of ['ids', 'paths'] as const)
    expect(mergeIncremental(await payloadsOf(query, form, options)).data).toEqual(JSON.parse(JSON.stringify(whole.data)));
  return payloadsOf(query, 'ids', options);
}

describe('a deferred fragment', () => {
  it('at an entity border comes after the rest, with its label', async () => {
    const payloads = await expectSame('{ mill(id: 1) { name ... @defer(label: "later") { tax } } }');
    expect(payloads).toEqual([
      { data: { mill: { name: 'Old' } }, pending: [{ id: '0', path: ['mill'], label: 'later' }], hasNext: true },
      { incremental: [{ id: '0', data: { tax: 10 } }], completed: [{ id: '0' }], hasNext: false },
    ]);
  });

  it('of the same graph costs no request of its own', async () => {
    await expectSame('{ mill(id: 1) { name ... @defer { town } } }');
    expect(hub.sent).toHaveLength(1);
  });

  it('inside a list is pending for each of its objects', async () => {
    const [first] = await expectSame('{ mills { name ... @defer { owner { name } } } }');
    expect(first?.pending?.map(({ path }) => path)).toEqual([
      ['mills', 0],
      ['mills', 1],
    ]);
    expect(hub.sent).toHaveLength(2);
  });

  it('inside another is announced once that one is complete', async () => {
    const payloads = await expectSame(
      '{ mill(id: 1) { name ... @defer(label: "a") { tax ... @defer(label: "b") { owner { rating } } } } }',
    );
    expect(payloads.map(({ pending = [] }) => pending.map(({ label }) => label))).toEqual([['a'], ['b'], []]);
  });

  it('that shares a field with a sibling waits for it with that one; the field is sent and asked once', async () => {
    const payloads = await expectSame(
      '{ mill(id: 1) { ... @defer(label: "a") { owner { name } } ... @defer(label: "b") { owner { rating } } } }',
    );
    expect(payloads[0]?.pending).toHaveLength(2);
    expect(hub.sent.filter(({ graph }) => graph === 'owner')).toHaveLength(1);
  });

  it('may hold everything, at the root too', async () => {
    const [first] = await expectSame('{ ... @defer { mill(id: 1) { name tax } t: __typename __type(name: "Mill") { name } } }');
    expect(first?.data).toEqual({});
  });

  it('adds nothing where the rest asks the same', async () => {
    const payloads = await expectSame('{ mill(id: 1) { name ... @defer { name } } }');
    expect(payloads).toHaveLength(1);
  });

  it('is plain with if: false, and as its variable says otherwise', async () => {
    expect(await payloadsOf('{ mill(id: 1) { name ... @defer(if: false) { tax } } }')).toEqual([
      { data: { mill: { name: 'Old', tax: 10 } } },
    ]);
    const query = 'query ($later: Boolean!) { mill(id: 1) { name ... @defer(if: $later) { tax } } }';
    expect(await payloadsOf(query, 'ids', { variables: { later: false } })).toHaveLength(1);
    expect(await payloadsOf(query, 'ids', { variables: { later: true } })).toHaveLength(2);
  });

  it('goes with @include and @skip', async () => {
    const query = 'query ($in: Boolean!) { mill(id: 1) { name ... @defer @include(if: $in) { tax town @skip(if: $in) } } }';
    const payloads = await expectSame(query, { variables: { in: true } });
    expect(payloads[1]?.incremental?.[0]?.data).toEqual({ tax: 10 });
    expect(await payloadsOf(query, 'ids', { variables: { in: false } })).toHaveLength(1);
  });

  it('on one type of several is only for objects of that type', async () => {
    const [first] = await expectSame('{ fabrics { __typename ... on Silk @defer { worm } ... on Linen { thread } } }');
    expect(first?.pending?.map(({ path }) => path)).toEqual([['fabrics', 1]]);
  });

  it('may use any alias', async () => {
    const query = '{ __proto__: mill(id: 1) { then: name ... @defer { __proto__: tax constructor: owner { toString: name } } } }';
    const [, later] = await payloadsOf(query);
    expect(JSON.stringify(later?.incremental)).toBe('[{"id":"0","data":{"__proto__":10,"constructor":{"toString":"owner 1"}}}]');
    expect(later?.hasNext).toBe(false);
  });

  it('of an object that is null is never heard of', async () => {
    expect(await payloadsOf('{ none { name ... @defer { tax } } }')).toEqual([{ data: { none: null } }]);
  });
});

describe('what goes wrong in a deferred fragment', () => {
  it('stays in its payload: a field that fails is null there', async () => {
    const query = '{ mill(id: 1) { name ... @defer { bad tax } } }';
    const [first, later] = await expectSame(query);
    expect(first?.errors).toBeUndefined();
    expect(later?.incremental?.[0]).toMatchObject({ data: { bad: null, tax: 10 }, errors: [{ path: ['mill', 'bad'] }] });
  });

  it('ends at its edge: a null that may not stand leaves it without data', async () => {
    const query = '{ mill(id: 1) { name ... @defer(label: "x") { strict } } }';
    const intercept: NonNullable<Options>['intercept'] = ({ graph }) =>
      graph === 'owner' ? { status: 200, text: '{"data":{"_entities":[{"strict":null}]}}' } : undefined;
    const [first, later] = await payloadsOf(query, 'ids', { intercept });
    expect(first?.data).toEqual({ mill: { name: 'Old' } });
    expect(later).toMatchObject({ completed: [{ id: '0', errors: [{ path: ['mill', 'strict'] }] }], hasNext: false });
    expect(later?.incremental).toBeUndefined();
    const [, older] = await payloadsOf(query, 'paths', { intercept });
    expect(older?.incremental).toMatchObject([{ label: 'x', path: ['mill'], data: null, errors: [{ path: ['mill', 'strict'] }] }]);
  });

  it('is told of each of its fields when the graph fails', async () => {
    const intercept: NonNullable<Options>['intercept'] = ({ graph }) => (graph === 'owner' ? { status: 500, text: 'no' } : undefined);
    const [, later] = await payloadsOf('{ mill(id: 1) { name ... @defer { tax owner { name } } } }', 'ids', { intercept });
    expect(later?.incremental?.[0]?.data).toEqual({ tax: null, owner: null });
    expect(later?.incremental?.[0]?.errors).toHaveLength(2);
  });

  it('is told where the field may not be read', async () => {
    const denied = new Set(['Mill.tax']);
    const [first, later] = await payloadsOf('{ mill(id: 1) { name ... @defer { tax owner { name } } } }', 'ids', { denied });
    expect(first?.errors).toBeUndefined();
    expect(later?.incremental?.[0]).toMatchObject({
      data: { tax: null, owner: { name: 'owner 1' } },
      errors: [{ extensions: { code: 'FORBIDDEN' } }],
    });
  });
});

describe('the order of things', () => {
  it('does not let the first payload wait for a deferred request', async () => {
    let release: (value: undefined) => void = () => undefined;
    const held = new Promise<undefined>((resolve) => (release = resolve));
    const { data, payloads } = await hub.defer('{ mill(id: 1) { name ... @defer { tax } } }', {
      intercept: ({ graph }) => (graph === 'owner' ? held : undefined),
    });
    expect(JSON.stringify(data)).toBe('{"mill":{"name":"Old"}}');
    release(undefined);
    const rest: unknown[] = [];
    for await (const payload of payloads ?? []) rest.push(payload);
    expect(rest).toHaveLength(1);
  });

  it('runs the next field of a mutation without what is deferred in the one before', async () => {
    let release: (value: undefined) => void = () => undefined;
    const held = new Promise<undefined>((resolve) => (release = resolve));
    deeds.length = 0;
    const { payloads } = await hub.defer('mutation { start(id: 1) { name ... @defer { tax } } stop(id: 2) { name } }', {
      intercept: ({ graph }) => (graph === 'owner' ? held : undefined),
    });
    expect(deeds).toEqual(['start 1', 'stop 2']);
    release(undefined);
    for await (const { hasNext } of payloads ?? []) expect(hasNext).toBe(false);
  });
});

describe('validation', () => {
  const errorsOf = (text: string): string[] => validate(hub.supergraph.publicSchema, parse(text), deferRules).map(({ message }) => message);

  it('knows the directive, whatever the supergraph declares', () => {
    expect(hub.supergraph.publicSchema.getDirective('defer')?.locations).toEqual(['FRAGMENT_SPREAD', 'INLINE_FRAGMENT']);
  });

  it('wants labels that are plain and unique', () => {
    expect(errorsOf('query ($l: String) { mill { ... @defer(label: $l) { name } } }')).toHaveLength(1);
    expect(errorsOf('{ mill { ... @defer(label: "a") { name } ... @defer(label: "a") { town } } }')).toHaveLength(1);
    expect(errorsOf('{ mill { ... @defer(label: "a") { name } ... @defer(label: "b") { town } } }')).toEqual([]);
  });

  it('refuses it at the root of a mutation, not below', () => {
    expect(errorsOf('mutation { ... @defer { start(id: 1) { name } } }')).toHaveLength(1);
    expect(errorsOf('mutation { start(id: 1) { ... @defer { name } } }')).toEqual([]);
    expect(errorsOf('mutation { ...M @defer } fragment M on Mutation { start(id: 1) { name } }')).toHaveLength(1);
  });
});
