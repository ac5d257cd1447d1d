// Bundles GraphiQL's page from gateway/edge/graphiql/browser/ to dist/graphiql/: everything a browser needs, so that no other host is asked.
// Exports `inputs`, `output` and `build()` for build.mjs; run as a program it builds.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isMain, root } from './root.mjs';

const source = join(root, 'gateway', 'edge', 'graphiql', 'browser');
const packageFile = (name) => join(root, 'node_modules', name, 'package.json');

export const inputs = [source, packageFile('graphiql'), packageFile('@graphiql/react'), packageFile('react')];
export const output = join(root, 'dist', 'graphiql');

/** Each file appears whole, the entry files after the chunks they name; what is no longer named goes last. */
export async function build() {
  const { build: esbuild } = await import('esbuild');
  const { outputFiles } = await esbuild({
    entryPoints: { page: join(source, 'main.tsx') },
    outdir: output,
    write: false,
    bundle: true,
    minify: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    chunkNames: 'chunk-[hash]',
    plugins: [withoutFonts],
    legalComments: 'linked',
    logLevel: 'error',
    define: {
      'process.env.NODE_ENV': '"production"',
      // Libraries that add a style element ask for the nonce under this name
      __webpack_nonce__: 'document.documentElement.dataset.nonce',
    },
  });
  mkdirSync(output, { recursive: true });
  const isEntry = ({ path }) => Number(basename(path).startsWith('page.'));
  for (const { path, contents } of outputFiles.toSorted((a, b) => isEntry(a) - isEntry(b))) writeWhole(path, contents);
  const made = new Set(outputFiles.map(({ path }) => basename(path)));
  for (const name of readdirSync(output)) if (!made.has(name) && !name.startsWith('.')) rmSync(join(output, name), { force: true });
}

function writeWhole(file, contents) {
  const beside = join(dirname(file), `.${basename(file)}.${process.pid}`);
  writeFileSync(beside, contents);
  renameSync(beside, file);
}

/** GraphiQL's stylesheet carries 340 KB of fonts; the reader's own do as well. */
const withoutFonts = {
  name: 'without-fonts',
  setup({ onLoad }) {
    onLoad({ filter: /graphiql[\\/]dist[\\/]style\.css$/ }, ({ path }) => {
      const contents = readFileSync(path, 'utf8').replace(/@font-face\s*\{[^}]*\}/g, '');
      return { contents, loader: 'css' };
    });
  },
};

if (isMain(import.meta.url)) await build();
