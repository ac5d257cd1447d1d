import { createHash } from 'node:crypto';
import fc from 'fast-check';
import {
  bitsOf,
  canonicalArguments,
  countBits,
  deepFreeze,
  firstBit,
  hasBit,
  hashText,
  idsOf,
  isSubset,
} from '../../../engine/supergraph/index.ts';
import { parseConstValue } from 'graphql';

const ids = fc.array(fc.nat(600)).map((list) => [...new Set(list)].toSorted((a, b) => a - b));

describe('bit sets', () => {
  it('give back the numbers that were put in, in order', () => {
    fc.assert(
      fc.property(ids, (list) => {
        const bits = bitsOf(list);
        expect(idsOf(bits)).toEqual(list);
        expect(countBits(bits)).toBe(list.length);
        expect(firstBit(bits)).toBe(list[0] ?? -1);
        expect(list.every((id) => hasBit(bits, id))).toBe(true);
      }),
    );
  });

  it('tell subsets', () => {
    fc.assert(fc.property(ids, ids, (a, b) => isSubset(bitsOf(a), bitsOf(b)) === a.every((id) => b.includes(id))));
  });
});

describe('the hash of a text', () => {
  it('is the start of its SHA-256', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
        expect(hashText(text)).toBe(createHash('sha256').update(text).digest('hex').slice(0, 32));
      }),
    );
  });
});

describe('canonical arguments', () => {
  it('are equal for equal arguments in any order, and only for those', () => {
    const text = (...pairs: [string, string][]): string =>
      canonicalArguments(pairs.map(([name, value]) => ({ name, value: parseConstValue(value) })));
    expect(text(['b', '{y: [1, "q\\"", null], x: E}'], ['a', 'true'])).toBe('(a: true, b: {x: E, y: [1, "q\\"", null]})');
    expect(text(['a', '1'])).not.toBe(text(['a', '"1"']));
    expect(text()).toBe('');
  });
});

describe('deep freezing', () => {
  it('reaches into arrays, objects and Maps', () => {
    const value = deepFreeze({ list: [{ n: 1 }], map: new Map([['k', { n: 1 }]]) });
    expect(() => Object.assign(value.list[0] ?? {}, { n: 2 })).toThrow(TypeError);
    expect(() => Object.assign(value.map.get('k') ?? {}, { n: 2 })).toThrow(TypeError);
    expect(() => value.map.set('k', { n: 2 })).toThrow('frozen');
  });
});
