// Bundles GraphiQL's page from gateway/edge/graphiql/browser/ to dist/graphiql/: everything a browser needs, so that no other host is asked.
// Exports `inputs`, `output` and `build()` for build.mjs; run as a program it builds.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isMain, root } from './root.mjs';

const source = join(root, 'gateway', 'edge', 'graphiql', 'browser');
const packageFile = (name) => join(root, 'node_modules', name, 'package.json');

export const inputs = [source, packageFile('graphiql'), packageFile('@graphiql/react'), packageFile('react')];
export const output = join(root, 'dist', 'graphiql');

export async function build() {
  const { build: esbuild } = await import('esbuild');
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output, { recursive: true });
  await esbuild({
    entryPoints: { page: join(source, 'main.tsx') },
    outdir: output,
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
