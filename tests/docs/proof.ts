/**
 * Reads the pages of docs/proof. In the second column of a table stands what shows a promise: test files as code, each followed by the names
 * of the tests that are meant, in double quotes; commands as code; links to other pages.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fromRoot } from '../../lib/paths.ts';
import { readPage } from './pages.ts';

export type Proof = {
  readonly promise: string;
  readonly tests: readonly { readonly file: string; readonly names: readonly string[] }[];
  readonly commands: readonly string[];
  readonly links: readonly string[];
};

const testFolders = /^tests\/[\w./-]+$/;

/** The rows of all tables of a page, without their heads. */
export function readProofs(page: string): Proof[] {
  const rows = page.split('\n').filter((line) => line.startsWith('| ') && !/^\| (promise|---|area)/.test(line));
  return rows.map((row) => {
    const [, promise = '', shown = ''] = row.split(/(?<!\\)\|/).map((cell) => cell.trim());
    return { promise, ...readShown(shown) };
  });
}

function readShown(shown: string): Omit<Proof, 'promise'> {
  const tests: { file: string; names: string[] }[] = [];
  const commands: string[] = [];
  const links: string[] = [];
  for (const [, code, name, link] of shown.matchAll(/`([^`]+)`|"((?:[^"\\]|\\.)+)"|\]\(([^)]+)\)/g)) {
    if (code !== undefined && testFolders.test(code)) tests.push({ file: code, names: [] });
    else if (code !== undefined && /^(npm|node|npx|\.ci\/run)\b/.test(code)) commands.push(code);
    else if (name !== undefined) tests.at(-1)?.names.push(name.replaceAll('\\"', '"'));
    else if (link !== undefined) links.push(link);
  }
  return { tests, commands, links };
}

/** What a page says that is not so; empty when all is well. */
export function findWrong(page: string): string[] {
  const proofs = readProofs(page);
  if (proofs.length === 0) return ['the page has no promise'];
  return proofs.flatMap(({ promise, tests, commands, links }) => [
    ...(tests.length + commands.length + links.length === 0 ? [`nothing shows: ${promise}`] : []),
    ...tests.flatMap(({ file, names }) => findWrongTest(file, names)),
    ...commands.flatMap(findWrongCommand),
  ]);
}

function findWrongTest(file: string, names: readonly string[]): string[] {
  const isFolder = file.endsWith('/');
  if (!existsSync(fromRoot(file)) || (!isFolder && !file.endsWith('.test.ts') && !isPartOfTest(file)))
    return [`no such test file: ${file}`];
  if (isFolder) return names.length === 0 ? [] : [`a folder has no tests by name: ${file}`];
  const text = readFileSync(fromRoot(file), 'utf8');
  return names.filter((name) => !isNameIn(text, name)).map((name) => `no such test in ${file}: "${name}"`);
}

/** A file of tests that a test file beside it runs, such as tests/demo/_spine.ts. */
function isPartOfTest(file: string): boolean {
  const read = (path: string): string => readFileSync(fromRoot(path), 'utf8');
  const runners = readdirSync(fromRoot(dirname(file))).filter((name) => name.endsWith('.test.ts'));
  const isRun = runners.some((runner) => read(`${dirname(file)}/${runner}`).includes(`'./${basename(file)}'`));
  return isRun && /^\s*it(\.each)?\(/m.test(read(file));
}

/** A name is a whole text of the file: 'name', "name" or `name`, with the quotes in it escaped. */
const isNameIn = (text: string, name: string): boolean =>
  ["'", '"', '`'].some((quote) => text.includes(`${quote}${name.replaceAll(quote, `\\${quote}`)}${quote}`));

function findWrongCommand(command: string): string[] {
  const [, script] = /^npm (?:run )?([\w:-]+)/.exec(command) ?? [];
  const { scripts } = JSON.parse(readPage('package.json')) as { scripts: Record<string, string> };
  if (script !== undefined && script !== 'ci' && !(script in scripts)) return [`no such script: ${command}`];
  const files = command.split(' ').filter((word) => /^(tests|scripts|dist|\.ci)\//.test(word));
  const missing = files.filter((word) => !existsSync(fromRoot(word.replace(/^dist\/(.*)\.js$/, '$1.ts'))));
  return missing.map((word) => `no such file: ${word} (${command})`);
}
