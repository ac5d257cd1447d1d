/** What is remembered of bodies: never what a member's variables hold, and nothing that anybody could change. */
import { createParamsReader } from '../../../gateway/edge/params-reader.ts';

describe('the reader of bodies', () => {
  const read = createParamsReader({ nesting: 8, keys: 100 });
  const again = (text: string) => read(text) === read(text);

  it('reads a short body without variables once', () => {
    expect(read('{"query":"{ a }","operationName":null}')).toEqual({ query: '{ a }', operationName: null });
    expect(again('{"query":"{ a }","operationName":null}')).toBe(true);
    expect(Object.isFrozen(read('{"query":"{ a }"}'))).toBe(true);
  });

  it.each([
    ['with variables', '{"query":"{ a }","variables":{"pin":1234}}'],
    ['with extensions', '{"query":"{ a }","extensions":{}}'],
    ['that is an array', '[{"query":"{ a }"}]'],
    ['that is long', JSON.stringify({ query: `{ a } #${'x'.repeat(3_000)}` })],
  ])('does not keep one %s', (_, text) => {
    expect(read(text)).toEqual(JSON.parse(text));
    expect(again(text)).toBe(false);
  });

  it('refuses what is no strict JSON, every time', () => {
    for (let turn = 0; turn < 2; turn += 1) expect(() => read('{"query":"a","query":"b"}')).toThrow('twice');
  });

  it('forgets when it holds too many, and goes on', () => {
    for (let index = 0; index < 1_100; index += 1) expect(read(`{"query":"{ f${index} }"}`)).toEqual({ query: `{ f${index} }` });
    expect(again('{"query":"{ f0 }"}')).toBe(true);
  });
});
