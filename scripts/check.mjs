// `npm run check`: every check that needs no test, one line each with its time. `npm run check layers lint` runs those two only.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { checkGenerated } from './generate.mjs';
import { checkLayers } from './check/layers.mjs';
import { checkLicences } from './check/licences.mjs';
import { checkRules } from './check/rules.mjs';
import { runTool } from './check/run-tool.mjs';
import { root } from './root.mjs';

/** What runs in a browser has types of its own. */
const typedProjects = ['.', join('gateway', 'edge', 'graphiql', 'browser')];

/** Name → a function that returns what is wrong, one text each; none when all is well. */
const parts = {
  types: async () =>
    (await Promise.all(typedProjects.filter((project) => existsSync(join(root, project, 'tsconfig.json'))).map(checkTypes))).flat(),
  lint: () => runTool('oxlint', 'bin/oxlint', ['--type-aware', '--deny-warnings', '--report-unused-disable-directives', '-f', 'unix']),
  format: () => runTool('oxfmt', 'bin/oxfmt', ['--list-different']),
  layers: checkLayers,
  rules: checkRules,
  'dead-code': () => runTool('knip', 'bin/knip.js', ['--no-progress', '--no-config-hints']),
  licences: checkLicences,
  generated: checkGenerated,
};

function checkTypes(project) {
  return runTool('typescript', 'bin/tsc', ['--noEmit', '--pretty', 'false', '-p', project]);
}

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in parts));
if (unknown.length > 0) {
  console.error(`No such part: ${unknown.join(', ')}. The parts are ${Object.keys(parts).join(', ')}.`);
  process.exit(2);
}

let failed = 0;
const names = asked.length > 0 ? asked : Object.keys(parts);
// Types, lint and dead code read the generated Prisma clients.
await runPart('build', () => build().then(() => []));
for (const name of names) await runPart(name, parts[name]);
console.log(failed === 0 ? `check: ${names.length} parts passed` : `check: ${failed} of ${names.length} parts failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function runPart(name, run) {
  const startedAt = performance.now();
  const problems = await Promise.resolve()
    .then(run)
    .catch((error) => [error.stack ?? String(error)]);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${problems.length === 0 ? 'ok    ' : 'FAILED'} ${name.padEnd(10)} ${seconds.padStart(5)} s`);
  for (const problem of problems) console.log(problem.replace(/^/gm, '         '));
  if (problems.length > 0) failed += 1;
}
