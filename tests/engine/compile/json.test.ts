/** JSON keeps the digits of numbers that a double cannot hold; everything else is as JSON.parse and JSON.stringify have it. */
import fc from 'fast-check';
import { isTooDeep, maxValueDepth } from '../../../engine/compile/depth.ts';
import { ExactNumber, integerText, isNested, parseExact, writeExact } from '../../../engine/compile/json.ts';

/** Makes the careful way necessary, whatever the rest is. */
const LONG = '12345678901234567890';
const again = (text: string): string => writeExact(parseExact(text));

describe('JSON with exact numbers', () => {
  it('is read and written as JSON.parse and JSON.stringify do, for any value, with and without a long number beside it', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(undefined, 1, '\t'), (value, space) => {
        const text = JSON.stringify(value, null, space);
        const parsed: unknown = JSON.parse(text);
        expect(parseExact(text)).toStrictEqual(parsed);
        expect(again(text)).toBe(JSON.stringify(parsed));
        const beside: unknown = parseExact(`[${text},${LONG}]`);
        expect(Array.isArray(beside) && beside[0]).toStrictEqual(parsed);
        expect(writeExact(beside)).toBe(`[${JSON.stringify(parsed)},${LONG}]`);
      }),
      { numRuns: 1_000 },
    );
  });

  it('writes every character as JSON.stringify does', () => {
    const wrong: string[] = [];
    for (let unit = 0; unit < 65_536; unit += 1) {
      const text = `a${String.fromCharCode(unit)}b`;
      if (writeExact(text) !== JSON.stringify(text)) wrong.push(unit.toString(16));
    }
    expect(wrong).toEqual([]);
    for (const value of ['🧵', '', -0, 1e21, 1e-7, 0.1, 5e-324, true]) expect(writeExact(value)).toBe(JSON.stringify(value));
  });

  it('keeps every number of many digits, and writes those that a double holds as JSON.stringify does', () => {
    const digits = fc.stringMatching(/^-?(0|[1-9]\d{0,25})(\.\d{1,25})?([eE][-+]?\d{1,3})?$/);
    fc.assert(
      fc.property(digits, (text) => {
        const usual = JSON.stringify(JSON.parse(text));
        expect(again(`{"a":${text}}`)).toBe(`{"a":${usual !== 'null' && isEqualDecimal(text, usual) ? usual : text}}`);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['1e400', '1e400'],
    ['-1E+400', '-1E+400'],
    ['1e-400', '1e-400'],
    ['0e-400', '0'],
    ['-0', '0'],
    ['9007199254740992', '9007199254740992'],
    ['9007199254740993', '9007199254740993'],
    ['0.1000000000000000055511151231257827', '0.1000000000000000055511151231257827'],
    ['0.10000000000000000000000', '0.1'],
    ['123456789.123456789012', '123456789.123456789012'],
    ['1e3', '1000'],
    ['100000000000000000000000', '1e+23'],
  ])('writes %s as %s', (text, written) => {
    expect(again(text)).toBe(written);
    expect(again(` [ ${text} , {"a" :${text}\n}]`)).toBe(`[${written},{"a":${written}}]`);
  });

  it.each([
    ['keys that come twice: the last counts', `{"a":1,"b":${LONG},"a":[]}`, `{"a":[],"b":${LONG}}`],
    ['keys like __proto__', `{"__proto__":{"toJSON":${LONG}},"constructor":null}`, `{"__proto__":{"toJSON":${LONG}},"constructor":null}`],
    ['keys that are numbers', `{"b":${LONG},"1":false}`, `{"1":false,"b":${LONG}}`],
    ['escapes', `["\\u0041\\\\","\\"","\\\\\\"",${LONG}]`, `["A\\\\","\\"","\\\\\\"",${LONG}]`],
    ['what looks like a number in a string', '{"a":"b: 1e5, 12345678901234567890"}', '{"a":"b: 1e5, 12345678901234567890"}'],
  ])('takes %s', (_, text, written) => {
    expect(again(text)).toBe(written);
  });

  it('writes a key like __proto__ to no prototype', () => {
    const value = parseExact(`{"__proto__":{"x":${LONG}}}`);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.hasOwn(value ?? {}, '__proto__')).toBe(true);
  });

  it.each([
    '',
    `[${LONG}`,
    `[${LONG},]`,
    `{${LONG}:1}`,
    `[0${LONG}]`,
    `[+${LONG}]`,
    `[${LONG}.]`,
    `[.${LONG}]`,
    `"\t${LONG}"`,
    `[${LONG}] x`,
    '[1e]',
    '[1e5.5]',
  ])('refuses %j as JSON.parse does', (text) => {
    expect(() => parseExact(text)).toThrow(SyntaxError);
  });

  it('reads what is nested deeper than recursion could go', () => {
    const depth = 200_000;
    let at: unknown = parseExact('['.repeat(depth) + LONG + ']'.repeat(depth));
    for (let level = 0; level < depth; level += 1) at = Array.isArray(at) ? at[0] : null;
    expect(at).toBeInstanceOf(ExactNumber);
  });

  it('counts a number as no level of its own, and as no object', () => {
    expect(isTooDeep(parseExact('['.repeat(maxValueDepth) + LONG + ']'.repeat(maxValueDepth)))).toBe(false);
    expect(isTooDeep(parseExact('['.repeat(maxValueDepth + 1) + LONG + ']'.repeat(maxValueDepth + 1)))).toBe(true);
    expect(isNested(parseExact(LONG))).toBe(false);
  });

  it.each([
    ['12', '12'],
    ['-0', '0'],
    ['1.5', null],
    ['9007199254740992', '9007199254740992'],
    [LONG, LONG],
    [`-${LONG}`, `-${LONG}`],
    ['100000000000000000000000', '100000000000000000000000'],
    ['-1e21', '-1000000000000000000000'],
    ['1e400', null],
    [`${LONG}.5`, null],
    ['"12"', null],
    ['null', null],
  ])('has the digits of %s as a whole number: %s', (text, digits) => {
    expect(integerText(parseExact(text))).toBe(digits);
  });
});

/** By whole numbers: slow, and right without rounding. */
function isEqualDecimal(one: string, other: string): boolean {
  const scale = 1_200;
  const toBig = (text: string): bigint => {
    const [number = '', power = '0'] = text.toLowerCase().replace(/^-/, '').split('e');
    const [whole = '', fraction = ''] = number.split('.');
    return BigInt(whole + fraction) * 10n ** BigInt(scale + Number(power) - fraction.length);
  };
  return toBig(one) === toBig(other);
}
