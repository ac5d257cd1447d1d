/** Errors of graphs find the place in the answer that they strike; leaves are checked by kind. */
import { toAnswer } from '../../../engine/compile/index.ts';
import { INVALID, compileCoerce } from '../../../engine/compile/leaf.ts';
import { compose } from '../../gateway/execute/in-memory-graphs.ts';

describe('an answer', () => {
  const data = { looms: [{ name: null, maker: null }, null] };
  const read = (errors: unknown) => toAnswer('mill', { data, errors }, 'DEFAULT');

  it('hangs an error on the null where its path ends, and keeps the rest of the path', () => {
    const answer = read([{ message: 'a', path: ['looms', 0, 'maker', 'name'], extensions: { code: 'X' } }]);
    expect(answer.struck.get(data.looms[0] ?? {})?.get('maker')).toEqual([{ message: 'a', code: 'X', graph: 'mill', tail: ['name'] }]);
  });

  it('hangs an error of a list item on the list', () => {
    expect(
      read([{ message: 'b', path: ['looms', 1] }])
        .struck.get(data.looms)
        ?.get(1),
    ).toEqual([{ message: 'b', code: 'DEFAULT', graph: 'mill', tail: [] }]);
  });

  it.each([[undefined], [[]], [['nobody']], [['looms', 7]], [['looms', 'x']], [[{}]], [['__proto__', 'x']], ['looms']])(
    'keeps an error whose path is %j for the first null without a reason',
    (path) => {
      const answer = read([{ message: 'c', path }]);
      expect(answer.struck.size).toBe(0);
      expect(answer.loose).toHaveLength(1);
    },
  );

  it('takes very many errors in time that grows with their number', () => {
    const beganAt = performance.now();
    const answer = read(Array.from({ length: 100_000 }, () => ({ message: 'd', path: ['looms', 0, 'name'] })));
    expect(answer.struck.get(data.looms[0] ?? {})?.get('name')).toHaveLength(100_000);
    expect(performance.now() - beganAt).toBeLessThan(5_000);
  });

  it('takes errors of any shape', () => {
    expect(read([null, 7, {}, { message: 5, extensions: 'x' }]).loose.map(({ code }) => code)).toEqual([
      'DEFAULT',
      'DEFAULT',
      'DEFAULT',
      'DEFAULT',
    ]);
    expect(read('nonsense').loose).toEqual([]);
  });

  it.each([[{}], [{ data: null }], [{ data: [] }], [{ data: 'x' }], [null], ['text']])('is lost as a whole when it is %j', (body) => {
    expect(toAnswer('mill', body, 'DEFAULT').data).toMatchObject({ kind: 'fetch', errors: [{ code: 'DEFAULT', graph: 'mill' }] });
  });
});

describe('leaves', () => {
  const supergraph = compose({ a: 'scalar Blob enum Kind { A B @inaccessible } type Query { k: Kind blob: Blob }' });
  const coerce = (name: string, value: unknown): unknown =>
    compileCoerce(supergraph, { text: name, name, nonNull: false, of: null })(value);

  it.each([
    ['Int', 2_147_483_647, true],
    ['Int', -2_147_483_648, true],
    ['Int', 2_147_483_648, false],
    ['Int', 1.5, false],
    ['Int', '1', false],
    ['Float', 1.5, true],
    ['Float', '1.5', false],
    ['String', 'x', true],
    ['String', 1, false],
    ['Boolean', true, true],
    ['Boolean', 'true', false],
    ['ID', 'x', true],
    ['ID', true, false],
    ['Kind', 'A', true],
    ['Kind', 'B', false],
    ['Kind', 'C', false],
    ['Kind', 1, false],
    ['Blob', 1, true],
  ] as const)('of type %s take %j: %s', (name, value, taken) => {
    expect(coerce(name, value)).toBe(taken ? value : INVALID);
  });

  it('print numbers of ids as text, and pass custom scalars unread', () => {
    expect(coerce('ID', 12)).toBe('12');
    const blob = { deep: [{ a: 1 }] };
    expect(coerce('Blob', blob)).toBe(blob);
  });
});
