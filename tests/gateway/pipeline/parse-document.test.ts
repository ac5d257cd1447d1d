import { parseDocument } from '../../../gateway/pipeline/parse-document.ts';
import { defaultLimits, type Limits } from '../../../gateway/pipeline/limits.ts';
import type { Hub } from '../../../gateway/pipeline/hub.ts';

const run = (text: string, limits: Partial<Limits> = {}) => {
  // The stage reads nothing of the hub but its limits
  const hub = { limits: { ...defaultLimits, ...limits } } as Hub;
  try {
    void parseDocument.run({ text, known: undefined }, hub);
    return 'passed';
  } catch (error) {
    return error instanceof Error && 'code' in error && 'details' in error
      ? `${String(error.code)} ${(error.details as { limit?: string }).limit ?? ''}`.trim()
      : error;
  }
};

describe('parsing', () => {
  it('takes tokens at the limit and refuses one more', () => {
    expect(run('{ a b c }', { tokens: 5 })).toBe('passed');
    expect(run('{ a b c d }', { tokens: 5 })).toBe('LIMIT_EXCEEDED tokens');
  });

  it('does not count commas and comments', () => {
    expect(run('{ a, # one\n b, # two\n c }', { tokens: 5 })).toBe('passed');
  });

  it('takes nesting at the limit and refuses one more, of brackets of any kind', () => {
    expect(run('{ a(x: [{ y: 1 }]) }', { nesting: 4 })).toBe('passed');
    expect(run('{ a(x: [[{ y: 1 }]]) }', { nesting: 4 })).toBe('LIMIT_EXCEEDED nesting');
  });

  it.each([
    ['selections', '{a'.repeat(20_000)],
    ['lists', `{ a(x: ${'['.repeat(20_000)}`],
    ['objects', `{ a(x: ${'{a:'.repeat(20_000)}`],
    ['types', `query ($v: ${'['.repeat(20_000)}`],
    ['a million tokens', `{ ${'a '.repeat(1_000_000)} }`],
  ])('refuses %s without end before the parser sees them', (_, text) => {
    expect(run(text)).toMatch(/^LIMIT_EXCEEDED/);
  });

  it.each(['{', '', '{ a(', '{ "a" }', '{ a @ }', '\u0000', '{ a(x: "\n") }', '{ a(x: 0123) }', '...', '{ a }}'])(
    'refuses what is not GraphQL: %j',
    (text) => {
      expect(run(text)).toBe('GRAPHQL_PARSE_FAILED');
    },
  );
});
