/**
 * `npm run planted`: bugs that gateways are known for, planted one at a time into a copy of the sources; each must be caught by the
 * fuzz, with a small case. Nothing in the product knows of them: a bug is a change of text that must fit exactly.
 *
 *   --short     fewer cuts for each bug        --only text   only bugs whose name contains it
 */
import { parseArgs } from 'node:util';
import { PLANTED } from '../tests/differential/planted.ts';
import { runPlanted } from './planted/run-planted.ts';
import type { Planted } from './planted/run-planted.ts';

const { values } = parseArgs({ options: { short: { type: 'boolean' }, only: { type: 'string' } } });
const COPIED = [
  'engine',
  'gateway',
  'lib',
  'tests/differential',
  'tests/_kit',
  'tests/gateway',
  'scripts/fuzz.ts',
  'package.json',
  'tsconfig.json',
];
const SEARCH = values.short === true ? ['--cuts', '30', '--operations', '60'] : ['--cuts', '80', '--operations', '200'];
const LIMIT_MS = 600_000;
// Demands are another fuzz.
SEARCH.push('--cases', '0');

const bugs = PLANTED.filter(({ name }) => name.includes(values.only ?? ''));
const missed = bugs.filter((bug) => !isCaught(bug));
console.log(`${bugs.length - missed.length} passed, ${missed.length} failed, 0 skipped`);
process.exitCode = missed.length === 0 ? 0 : 1;

function isCaught(bug: Planted): boolean {
  const { stdout, stderr } = runPlanted(bug, {
    copied: COPIED,
    script: 'scripts/fuzz.ts',
    args: ['--first', ...SEARCH],
    limitMs: LIMIT_MS,
  });
  const at = stdout.indexOf('npm run fuzz --');
  const count = /(\d+) passed, 1 failed/.exec(stdout)?.[1];
  const found = count === undefined ? `NOT CAUGHT\n${stderr.slice(-1_000)}` : `caught after ${count} operations`;
  const end = stdout.indexOf('\n     met  construct', at);
  console.log(`\n== ${bug.name}: ${found}\n${at === -1 ? '' : stdout.slice(at, end).trim()}`);
  return count !== undefined;
}
