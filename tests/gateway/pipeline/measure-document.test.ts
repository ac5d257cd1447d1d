import { parse } from 'graphql';
import { defaultLimits, type Limits } from '../../../gateway/pipeline/limits.ts';
import { assertMeasures } from '../../../gateway/pipeline/measure-document.ts';

const refusalOf = (text: string, limits: Partial<Limits> = {}) => {
  try {
    assertMeasures(parse(text), { ...defaultLimits, ...limits });
    return null;
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    const details = 'details' in error ? (error.details as { limit?: string }) : {};
    return details.limit ?? error.code;
  }
};

const repeat = (count: number, of: (index: number) => string) => Array.from({ length: count }, (_, index) => of(index)).join(' ');
const nest = (levels: number) => '{ a '.repeat(levels) + '}'.repeat(levels);

describe('limits on the expanded operation', () => {
  it.each<[string, Partial<Limits>, string, string, string]>([
    ['depth', { depth: 3 }, nest(3), nest(4), 'depth'],
    [
      'depth through fragments',
      { depth: 3 },
      '{ a { ...F } } fragment F on T { b { c } }',
      '{ a { ...F } } fragment F on T { b { c { d } } }',
      'depth',
    ],
    [
      'depth below a fragment that is used twice',
      { depth: 3 },
      '{ ...F a { ...F } } fragment F on T { b { c } }',
      '{ ...F a { x { ...F } } } fragment F on T { b { c } }',
      'depth',
    ],
    ['aliases', { aliases: 2 }, '{ x: a y: a }', '{ x: a y: a z: a }', 'aliases'],
    [
      'aliases through fragments',
      { aliases: 2 },
      '{ ...F b { ...F } } fragment F on T { x: a }',
      '{ ...F b { ...F } c { ...F } } fragment F on T { x: a }',
      'aliases',
    ],
    ['root fields', { rootFields: 3 }, '{ a b c }', '{ a b c d }', 'rootFields'],
    [
      'root fields through fragments',
      { rootFields: 3 },
      '{ a ... { b ...F } } fragment F on T { c }',
      '{ a ... { b ...F } } fragment F on T { c d }',
      'rootFields',
    ],
    [
      'directives',
      { directives: 3 },
      'query @x { a @x ...F @x } fragment F on T { b }',
      'query @x { a @x ...F @x } fragment F on T @x { b }',
      'directives',
    ],
    ['directives on variables', { directives: 1 }, 'query ($v: Int @x) { a }', 'query ($v: Int @x) { a @x }', 'directives'],
    ['fields', { fields: 4 }, '{ a { b } ...F } fragment F on T { c d }', '{ a { b } ...F } fragment F on T { c d e }', 'fields'],
    ['fields of all operations together', { fields: 3 }, 'query A { a b } query B { c }', 'query A { a b } query B { c d }', 'fields'],
    ['overlaps', { overlaps: 10 }, `{ ${repeat(5, () => 'a')} }`, `{ ${repeat(6, () => 'a')} }`, 'overlaps'],
    ['overlaps after merging', { overlaps: 13 }, '{ a { b b } a { b b } a { b } }', '{ a { b b } a { b b } a { b b } }', 'overlaps'],
    [
      'nesting through fragments',
      { nesting: 3 },
      '{ ...F } fragment F on T { ...G } fragment G on T { a }',
      '{ ...F } fragment F on T { ...G } fragment G on T { ... { a } }',
      'nesting',
    ],
  ])('%s: at the limit it passes, one more is refused', (_, limits, fits, exceeds, limit) => {
    expect(refusalOf(fits, limits)).toBeNull();
    expect(refusalOf(exceeds, limits)).toBe(limit);
  });

  it('sees through names: a fragment or operation called like something of the language counts like any other', () => {
    for (const name of ['__schema', '__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      expect(refusalOf(`query ${name} { ...${name} } fragment ${name} on T { a { b { c } } }`, { depth: 2 })).toBe('depth');
      expect(refusalOf(`{ ${name}: a }`)).toBeNull();
    }
  });

  it('refuses a fragment that contains itself, near or far, and one that is never used', () => {
    expect(refusalOf('{ ...A } fragment A on T { ...A }')).toBe('GRAPHQL_VALIDATION_FAILED');
    expect(refusalOf('{ ...A } fragment A on T { a { ...B } } fragment B on T { b { ...A } }')).toBe('GRAPHQL_VALIDATION_FAILED');
    expect(refusalOf('{ a } fragment A on T { a }')).toBe('GRAPHQL_VALIDATION_FAILED');
  });

  it('leaves an unknown fragment to validation', () => {
    expect(refusalOf('{ ...Nowhere }')).toBeNull();
  });

  it.each<[string, string]>([
    [
      'a fragment bomb of 2^200 fields',
      `{ ...F0 } ${repeat(150, (i) => `fragment F${i} on T { a { ...F${i + 1} } b { ...F${i + 1} } }`)} fragment F150 on T { a }`,
    ],
    [
      'a fragment bomb without depth',
      `{ ...F0 } ${repeat(150, (i) => `fragment F${i} on T { ...F${i + 1} ...F${i + 1} }`)} fragment F150 on T { a }`,
    ],
    ['a chain of 3,000 fragments', `{ ...F0 } ${repeat(3_000, (i) => `fragment F${i} on T { ...F${i + 1} }`)} fragment F3000 on T { a }`],
    ['200 × 100 inline fragments', `{ ${repeat(200, () => `... { ${repeat(100, () => 'a')} }`)} }`],
    ['9,999 times the same field', `{ o { ${repeat(9_999, () => 'a')} } }`],
    ['fields that only overlap once merged', `{ ${repeat(30, () => `a { ${repeat(30, () => `b { ${repeat(11, () => 'c')} }`)} }`)} }`],
    ['1,000 fragments that overlap', `{ o { ${repeat(1_000, (i) => `...F${i}`)} } } ${repeat(1_000, (i) => `fragment F${i} on T { a }`)}`],
  ])('refuses %s within 250 ms', (_, text) => {
    const document = parse(text);
    // Of this process: the machine may be busy with others
    const before = process.cpuUsage();
    expect(() => assertMeasures(document, defaultLimits)).toThrow(/more than/);
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(250);
  });
});
