/** docs/proof is true to the tree: what it names as shown by a test or a command is there, under that name. */
import { listPages, readLinks, readPage } from './pages.ts';
import { findWrong, readProofs } from './proof.ts';

const index = 'docs/proof/README.md';
const areas = listPages().filter((page) => page.startsWith('docs/proof/') && page !== index);

describe('docs/proof', () => {
  it('lists every area in its index', () => {
    expect(areas.length).toBeGreaterThan(8);
    const listed = readLinks(readPage(index))
      .filter((target) => /^[\w-]+\.md$/.test(target))
      .map((target) => `docs/proof/${target}`);
    expect(listed.toSorted()).toEqual(areas);
  });

  it.each(areas)('%s names only tests, sentences and commands that exist, and something for each promise', (page) => {
    expect(findWrong(readPage(page))).toEqual([]);
  });

  it('makes each promise once', () => {
    const promises = areas.flatMap((page) => readProofs(readPage(page)).map(({ promise }) => promise));
    expect(promises.filter((promise, i) => promises.indexOf(promise) !== i)).toEqual([]);
  });

  it.each([
    ['a promise without proof', '| a promise | trust us |', 'nothing shows: a promise'],
    ['a test file that is not there', '| a | `tests/docs/nothing.test.ts` |', 'no such test file: tests/docs/nothing.test.ts'],
    ['a file that is no test', '| a | `tests/docs/pages.ts` |', 'no such test file: tests/docs/pages.ts'],
    ['a part that no test runs', '| a | `tests/graph/chain.ts` |', 'no such test file: tests/graph/chain.ts'],
    [
      'a test that is not there',
      '| a | `tests/docs/pages.test.ts` "the pages", "fly" |',
      'no such test in tests/docs/pages.test.ts: "fly"',
    ],
    ['a part of a name', '| a | `tests/docs/pages.test.ts` "the page" |', 'no such test in tests/docs/pages.test.ts: "the page"'],
    ['a script that is not there', '| a | `npm run nothing -- x` |', 'no such script: npm run nothing -- x'],
    [
      'a command on a file that is not there',
      '| a | `npm test -- tests/nothing` |',
      'no such file: tests/nothing (npm test -- tests/nothing)',
    ],
    ['no promise at all', 'words', 'the page has no promise'],
  ])('would be told of %s', (_what, page, wrong) => {
    expect(findWrong(page)).toEqual([wrong]);
  });
});
