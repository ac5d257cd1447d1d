import { jest } from '@jest/globals';
import { parseStrictJson } from '../../../gateway/edge/strict-json.ts';

const parse = (text: string, nesting = 8, keys = 10) => parseStrictJson(text, { nesting, keys });
const codeOf = (text: string, nesting?: number, keys?: number) => {
  try {
    parse(text, nesting, keys);
    return 'passed';
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  }
};

describe('parseStrictJson', () => {
  it.each([
    '{"query":"{ a }","variables":{"a":[1,-2.5e3,true,null,"x"]}}',
    '{"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]}',
    '"😀 \\ud83d\\ude00"',
    '[0, 1e308, -1e-400]',
    ' { "a" : "b\\"c" , "d" : "e" } ',
    '{"a":"{\\"a\\":1}","b":"a"}',
    '{"constructor":1,"toString":2}',
  ])('gives what JSON.parse gives for %s', (text) => {
    expect(parse(text)).toEqual(JSON.parse(text));
  });

  it.each([
    ['text cut off', '{"query": "{ a'],
    ['a byte order mark', '\uFEFF{}'],
    ['NaN', '{"a":NaN}'],
    ['a comment', '{} // a'],
    ['a key twice', '{"a":1,"a":2}'],
    ['a key twice, once with an escape', '{"a":1,"\\u0061":2}'],
    ['a key twice deep inside', '{"x":[{"a":1},{"b":2,"c":{},"b":3}]}'],
    ['a number beyond doubles', '{"a":1e999}'],
    ['a very long number beyond doubles', `{"a":${'9'.repeat(400)}}`],
    ['half of a surrogate pair', '{"a":"\\ud800"}'],
    ['the other half of a surrogate pair, in a key', '{"\\udc00":1}'],
    ['the key __proto__', '{"__proto__":{"admin":true}}'],
    ['the key __proto__ with an escape', '{"__pr\\u006fto__":{"admin":true}}'],
    ['nothing', ''],
  ])('refuses %s', (_, text) => {
    expect(codeOf(text)).toBe('BAD_REQUEST');
  });

  it('takes nesting at the limit and refuses one level more', () => {
    const nest = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
    expect(codeOf(nest(8), 8)).toBe('passed');
    expect(codeOf(nest(9), 8)).toBe('LIMIT_EXCEEDED');
    expect(codeOf(nest(400_000), 8)).toBe('LIMIT_EXCEEDED');
  });

  it('takes keys at the limit and refuses one more, of all objects together', () => {
    const objects = (count: number) => `{"list":[${Array.from({ length: count - 1 }, (_, index) => `{"a${index}":["b"]}`).join(',')}]}`;
    expect(codeOf(objects(50), 8, 50)).toBe('passed');
    expect(codeOf(objects(51), 8, 50)).toBe('LIMIT_EXCEEDED');
  });

  it('counts keys before it makes any, and colons in strings are none', () => {
    const many = `{${Array.from({ length: 51 }, (_, index) => `"a${index}":1`).join(',')}}`;
    const parsed = jest.spyOn(JSON, 'parse');
    try {
      expect(codeOf(many, 8, 50)).toBe('LIMIT_EXCEEDED');
      expect(parsed).not.toHaveBeenCalled();
    } finally {
      parsed.mockRestore();
    }
    expect(codeOf(JSON.stringify({ a: `${':'.repeat(400)}\\":::` }), 8, 50)).toBe('passed');
    expect(codeOf(`{"a":"${':'.repeat(400)}`, 8, 50)).toBe('BAD_REQUEST');
  });

  it('passes on nothing of the text in its message', () => {
    expect(() => parse('{"password": hunter2}')).toThrow(/^The request is not valid JSON\.$/);
  });
});
