// The files that are written from others: the lock's other systems, notices, configuration and error references. `npm run generate` writes those
// that are stale; `npm run check generated` names them.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from './build.mjs';
import { noticesFile, printNotices } from './check/licences.mjs';
import { lockFile, printLock } from './generate/lock.mjs';
import { printConfigPage, printErrorPage } from './generate/pages.mjs';
import { isMain, root } from './root.mjs';

const generated = [
  { file: lockFile, print: printLock },
  { file: noticesFile, print: () => printNotices() },
  { file: 'docs/config.md', print: async () => printConfigPage((await load('lib/config/variables')).variables) },
  {
    file: 'docs/errors.md',
    print: async () => printErrorPage((await load('lib/errors/catalogue')).errorCatalogue, (await load('subgraph-kit/problems')).PROBLEMS),
  },
];

const load = (module) => import(pathToFileURL(join(root, 'dist', `${module}.js`)).href);

/** Names the files that `npm run generate` would change. */
export async function checkGenerated() {
  return (await listStale()).map(({ file }) => `${file} is stale: run \`npm run generate\``);
}

/** Writes what is stale and returns the names. */
export async function writeGenerated() {
  const stale = await listStale();
  for (const { file, text } of stale) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  return stale.map(({ file }) => file);
}

async function listStale() {
  await build();
  const texts = await Promise.all(generated.map(async ({ file, print }) => ({ file, text: await print() })));
  return texts.filter(({ file, text }) => !existsSync(join(root, file)) || readFileSync(join(root, file), 'utf8') !== text);
}

if (isMain(import.meta.url)) {
  const written = await writeGenerated();
  console.log(written.length === 0 ? 'generate: all files are fresh' : `generate: wrote ${written.join(', ')}`);
}
