// Imports against .dependency-cruiser.mjs. Fails as well when the cruiser saw fewer files than there are: with a compiler that it does
// not understand it finds no module at all and would report no violation.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import settings from '../../.dependency-cruiser.mjs';
import { root } from '../root.mjs';
import { listFiles } from './list-files.mjs';

const folders = ['engine', 'gateway', 'subgraph-kit', 'subgraphs', 'lib', 'cli', 'demo'];

export async function checkLayers() {
  const present = folders.filter((folder) => existsSync(join(root, folder)));
  const { options, forbidden } = settings;
  const rules = { ...options, baseDir: root, ruleSet: { forbidden }, validate: true };
  const { output } = await cruise(present, rules, undefined, { tsConfig: extractTSConfig(join(root, 'tsconfig.json')) });
  const seen = new Set(output.modules.map(({ source }) => source));
  const unseen = listFiles(present, '.ts').filter((file) => !file.endsWith('.d.ts') && !seen.has(file));
  const violations = output.summary.violations
    .filter(({ rule }) => rule.severity === 'error')
    .map(({ from, to, rule }) => `${from} imports ${to}: ${rule.name}. ${forbidden.find(({ name }) => name === rule.name)?.comment ?? ''}`);
  return [...violations, ...unseen.map((file) => `${file} was not looked at by dependency-cruiser`)];
}
