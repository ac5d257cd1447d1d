import fc from 'fast-check';
import { checkDigit, explainKey, toDemoGln, toDemoGsin, toDemoGtin, withCheckDigit } from '../../subgraph-kit/gs1.ts';

const digits = (length: number) => fc.stringMatching(new RegExp(`^[0-9]{${length}}$`));

describe('a GS1 key', () => {
  // The first three are printed in GS1's own documents, the fourth on a pen
  it.each([
    ['629104150021', 3],
    ['061414100001', 2],
    ['952110153000', 1],
    ['400638133393', 1],
    ['0000000', 0],
  ])('with the digits %s ends in %i', (body, digit) => {
    expect(checkDigit(body)).toBe(digit);
    expect(explainKey(`${body}${digit}`, [body.length + 1])).toBeNull();
  });

  it('is refused with any one digit changed', () => {
    fc.assert(
      fc.property(digits(12), fc.nat(12), fc.integer({ min: 1, max: 9 }), (body, place, more) => {
        const key = withCheckDigit(body);
        const changed = key.slice(0, place) + String((Number(key[place]) + more) % 10) + key.slice(place + 1);
        return explainKey(changed, [13]) !== null;
      }),
    );
  });

  it('says what was expected: the right digit, or the right number of digits', () => {
    expect(explainKey('4006381333930', [13])).toBe('expected 1 as the last digit of 4006381333930');
    for (const key of ['', '400638133393', '40063813339311', '400638133393x', ' 4006381333931'])
      expect(explainKey(key, [13])).toMatch(/^expected 13 digits, got/);
    expect(explainKey('12', [8, 13])).toMatch(/^expected 8 or 13 digits/);
  });

  it('of the demonstration is right, begins with the prefix for examples, and is the same for the same text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const toKey of [toDemoGln, toDemoGtin]) {
          expect(explainKey(toKey(text), [13])).toBeNull();
          expect(toKey(text)).toMatch(/^952/);
          expect(toKey(text)).toBe(toKey(text));
        }
        expect(toDemoGln(text)).not.toBe(toDemoGtin(text));
        expect(explainKey(toDemoGsin(text), [17])).toBeNull();
        expect(toDemoGsin(text)).toMatch(/^952/);
      }),
    );
  });
});
