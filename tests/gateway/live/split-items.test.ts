import fc from 'fast-check';
import { splitItems, withoutFirst } from '../../../gateway/live/split-items.ts';

describe('a list in a JSON text', () => {
  it('is taken apart as it is written', () => {
    expect(splitItems('{"a":[{"x":1.0,"y":"],{\\"\\\\"},null,[1,[2]],12345678901234567890]}')).toEqual([
      '{"x":1.0,"y":"],{\\"\\\\"}',
      'null',
      '[1,[2]]',
      '12345678901234567890',
    ]);
    expect([splitItems('{"a":[]}'), splitItems('{"a":null}'), splitItems('null')]).toEqual([[], null, null]);
  });

  it('loses the first member of an object and nothing else', () => {
    expect(withoutFirst('{"p":"a\\",b","x":{"y":1}}')).toBe('{"x":{"y":1}}');
    expect(withoutFirst('{"p":{"q":[1,2]},"x":2}')).toBe('{"x":2}');
    expect(withoutFirst('{"p":1}')).toBe('{}');
  });

  it('is what JSON.parse reads, over random values', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), (items) => {
        expect(splitItems(JSON.stringify({ a: items }))).toEqual(items.map((item) => JSON.stringify(item)));
      }),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (first, second) => {
        expect(withoutFirst(JSON.stringify({ a: first, b: second }))).toBe(JSON.stringify({ b: second }));
      }),
      { numRuns: 300 },
    );
  });
});
