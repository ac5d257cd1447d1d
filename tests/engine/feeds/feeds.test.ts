import { parse } from 'graphql';
import { composeSupergraph } from '../../../engine/compose/index.ts';
import { compileFilter } from '../../../engine/compile/index.ts';
import { loadSupergraph } from '../../../engine/supergraph/index.ts';
import type { Supergraph } from '../../../engine/supergraph/index.ts';

const HEAD = `
  extend schema
    @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@composeDirective", "@inaccessible", "@key"])
    @link(url: "https://industry-router.example/feed/v1.0", import: [IMPORT])
    @composeDirective(name: "@NAME")
  directive @NAME(topic: String!, where: feed__Where, delivery: feed__Delivery! = ALL) on FIELD_DEFINITION
  scalar feed__Where @inaccessible
  enum feed__Delivery @inaccessible { ALL LATEST }
  type Lot @key(fields: "no") { no: ID! size: Int }
  type Query { lots: [Lot] }
`;

/** One field of the subscription root: its arguments and what stands behind `@feed`. */
function load(args: string, feed: string, name = 'feed'): Supergraph {
  const head = HEAD.replaceAll('NAME', name).replace('IMPORT', name === 'feed' ? '"@feed"' : `{ name: "@feed", as: "@${name}" }`);
  const sdl = `${head} type Subscription { lotMoved${args}: Lot @${name}(topic: "lot.moved"${feed}) }`;
  const composed = composeSupergraph([{ name: 'upstream', url: 'http://upstream.test', sdl }]);
  if (composed.kind === 'failed') throw new Error(composed.errors.map(({ message }) => message).join('\n'));
  return loadSupergraph(composed.supergraphSdl);
}

function filter(where: string, args: Readonly<Record<string, unknown>> = {}, declared = '') {
  const feed = load(declared, `, where: ${where}`).feeds.get('lotMoved');
  if (feed === undefined) throw new Error('no feed');
  return compileFilter(feed, args);
}

describe('a field that a feed answers', () => {
  it('is composed through and read, and clients see nothing of it', () => {
    const supergraph = load('(no: ID)', ', where: { no: { eq: "$no" } }, delivery: LATEST');
    expect(supergraph.feeds.get('lotMoved')).toEqual({
      name: 'lotMoved',
      coordinate: 'Subscription.lotMoved',
      topic: 'lot.moved',
      delivery: 'LATEST',
      typeName: 'Lot',
      where: [{ kind: 'compare', field: 'no', comparison: 'eq', operand: { kind: 'argument', name: 'no' } }],
    });
    expect(supergraph.publicSchema.getDirective('feed')).toBeUndefined();
    expect(supergraph.publicSchema.getType('feed__Where')).toBeUndefined();
    expect(supergraph.publicSchema.getType('feed__Delivery')).toBeUndefined();
    expect(supergraph.publicSchema.getSubscriptionType()?.getFields()['lotMoved']?.astNode?.directives).toEqual([]);
  });

  it('is found by the specification, whatever the directive is called here', () => {
    expect(load('', '', 'streamed').feeds.get('lotMoved')).toMatchObject({ topic: 'lot.moved', delivery: 'ALL', where: [] });
  });

  it('is frozen', () => {
    const feed = load('', '').feeds.get('lotMoved');
    expect([Object.isFrozen(feed), Object.isFrozen(feed?.where)]).toEqual([true, true]);
  });

  it.each([
    ['a condition that is none', '{ no: 1 }', 'has a where: in which no has no comparison'],
    ['no comparison', '{ no: {} }', 'has a where: in which no has no comparison'],
    ['an unknown comparison', '{ no: { like: "a" } }', 'has a where: that compares no by like: expected eq, not, in, lt, lte, gt, gte'],
    ['a list that is none', '{ or: { no: { eq: 1 } } }', 'has a where: in which or is no list'],
    ['no object', '"x"', 'has a where: that is no object of conditions'],
    ['an unknown argument', '{ no: { eq: "$other" } }', 'is compared with $other, which is no argument of the field'],
    ['in with one value', '{ no: { in: 3 } }', 'is compared by in with what is no list'],
    ['an object as a value', '{ no: { eq: { a: 1 } } }', 'is compared with a ObjectValue'],
  ])('is refused with %s', (_name, where, message) => {
    expect(() => load('(no: ID)', `, where: ${where}`)).toThrow(message);
  });

  it('of an unknown version of the specification is refused', () => {
    const text = composedText().replace('feed/v1.0', 'feed/v9.0');
    expect(() => loadSupergraph(text)).toThrow('Known versions of https://industry-router.example/feed: v1.0; the supergraph uses v9.0.');
  });

  it('is none where the specification is another one of that name', () => {
    expect(loadSupergraph(composedText().replace('industry-router.example/feed', 'other.example/feed')).feeds.size).toBe(0);
  });
});

function composedText(): string {
  const sdl = `${HEAD.replaceAll('NAME', 'feed').replace('IMPORT', '"@feed"')} type Subscription { lotMoved: Lot @feed(topic: "lot.moved") }`;
  parse(sdl);
  const composed = composeSupergraph([{ name: 'upstream', url: 'http://upstream.test', sdl }]);
  if (composed.kind === 'failed') throw new Error('does not compose');
  return composed.supergraphSdl;
}

describe('conditions on events', () => {
  it.each([
    ['{ no: { eq: "7" } }', { no: '7' }, true],
    ['{ no: { eq: 7 } }', { no: '7' }, true],
    ['{ no: { eq: "7" } }', { no: '07' }, false],
    ['{ no: { eq: "7" } }', {}, false],
    ['{ no: { eq: null } }', {}, true],
    ['{ no: { not: "7" } }', { no: '8' }, true],
    ['{ no: { not: "7" } }', {}, true],
    ['{ open: { eq: true } }', { open: true }, true],
    ['{ open: { eq: true } }', { open: 'true' }, false],
    ['{ state: { in: [A, "B"] } }', { state: 'B' }, true],
    ['{ state: { in: [A, "B"] } }', { state: 'C' }, false],
    ['{ state: { in: [] } }', { state: 'C' }, false],
    ['{ price: { gte: "10.00" } }', { price: '9.99' }, false],
    ['{ price: { gte: "10.00" } }', { price: '10' }, true],
    ['{ price: { gt: "-0.5" } }', { price: '-0.49' }, true],
    ['{ price: { lt: "9007199254740993.1" } }', { price: '9007199254740993.01' }, true],
    ['{ size: { lt: 10 } }', { size: 9 }, true],
    ['{ size: { lte: 10 } }', { size: 10 }, true],
    ['{ size: { gt: 1e3 } }', { size: 1001 }, true],
    ['{ size: { gt: 10 } }', { size: null }, false],
    ['{ size: { lte: 10 } }', {}, false],
    ['{ day: { gte: "2026-11-22" } }', { day: '2026-11-23' }, true],
    ['{ day: { gte: "2026-11-22" } }', { day: '2026-02-23' }, false],
    ['{ at: { gt: "2026-11-22T17:30:00+08:00" } }', { at: '2026-11-22T10:00:00Z' }, true],
    ['{ at: { lt: "2026-11-22T10:00:00Z" } }', { at: '2026-11-22T17:30:00+08:00' }, true],
    ['{ at: { lte: "2026-11-22T09:00:00Z" } }', { at: '2026-11-22T17:00:00.000+08:00' }, true],
    ['{ at: { gte: "2026-11-22T09:00:00.000Z" } }', { at: '2026-11-22T09:00:00Z' }, true],
    ['{ at: { gt: "2026-11-22T09:00:00.100Z" } }', { at: '2026-11-22T09:00:00.1000000001Z' }, true],
    ['{ at: { lt: "2026-11-22T09:00:00.09Z" } }', { at: '2026-11-22T09:00:00.1Z' }, false],
    ['{ at: { gt: "2026-11-22T09:00:00Z" } }', { at: '2026-11-22T09:00:00.5z' }, true],
    ['{ at: { gt: "1999-12-31T23:59:59-01:00" } }', { at: '2000-01-01T00:30:00Z' }, false],
    ['{ at: { lt: "1950-01-01T00:00:00Z" } }', { at: '0050-01-01T00:00:00Z' }, true],
    ['{ at: { lte: "2026-02-30T09:00:00+08:00" } }', { at: '2026-02-30T02:00:00Z' }, true],
    ['{ at: { gt: "2026-11-22" } }', { at: '2026-11-22T00:00:00Z' }, true],
    ['{ at: { eq: "2026-11-22T09:00:00Z" } }', { at: '2026-11-22T17:00:00+08:00' }, false],
    ['{ price: { eq: "10.0" } }', { price: '10' }, false],
    ['{ size: { gte: 2, lt: 4 } }', { size: 3 }, true],
    ['{ size: { gte: 2, lt: 4 } }', { size: 4 }, false],
    ['{ a: { eq: 1 }, b: { eq: 2 } }', { a: 1, b: 3 }, false],
    ['{ or: [{ a: { eq: 1 } }, { b: { eq: 2 } }] }', { a: 0, b: 2 }, true],
    ['{ and: [{ a: { eq: 1 } }, { b: { eq: 2 } }] }', { a: 0, b: 2 }, false],
    ['{ not: { a: { eq: 1 }, b: { eq: 2 } } }', { a: 1, b: 3 }, true],
    ['{ or: [{ and: [{ a: { eq: 1 } }, { b: { eq: 2 } }] }, { not: { c: { eq: 3 } } }] }', { a: 1, b: 3, c: 3 }, false],
    ['{ toString: { eq: null } }', {}, true],
    ['{ __proto__: { eq: null } }', {}, true],
  ])('%s of %j: %s', (where, payload, expected) => {
    expect(filter(where)(payload)).toBe(expected);
  });

  it('are dropped where their argument is null or left out, with what they alone made up', () => {
    const declared = '(no: ID, states: [String!])';
    const where = '{ no: { eq: "$no" }, or: [{ state: { in: "$states" } }], not: { no: { eq: "$no" } } }';
    for (const args of [{}, { no: null, states: null }, { no: undefined }]) expect(filter(where, args, declared)({ no: 'x' })).toBe(true);
    expect(filter('{ no: { eq: "$no" } }', { no: '7' }, declared)({ no: '8' })).toBe(false);
    expect(filter('{ state: { in: "$states" } }', { states: ['A'] }, declared)({ state: 'A' })).toBe(true);
    expect(filter('{ state: { in: "$states" } }', { states: [] }, declared)({ state: 'A' })).toBe(false);
    expect(filter('{ no: { eq: "$no" } }', Object.create({ no: '7' }) as Record<string, unknown>, declared)({ no: '8' })).toBe(true);
  });
});
