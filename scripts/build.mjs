// Builds the tree: Prisma clients of the subgraphs, then every TypeScript file to dist/ (same folders), then GraphiQL's page.
// Does only what is stale. Exports `build()`; run as a program it builds and says what it did in one line.
// Without development dependencies it leaves an existing dist/ as it is (`npm ci --omit=dev` beside a built tree).
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { withBuildLock } from './build-lock.mjs';
import { isMain, root } from './root.mjs';

const sourceFolders = ['engine', 'gateway', 'subgraph-kit', 'subgraphs', 'lib', 'cli', 'demo'];
const outFolder = join(root, 'dist');
const manifestFile = join(outFolder, '.build.json');
const require = createRequire(import.meta.url);

/** Builds what is stale and returns what was done: `{clients, files, removed, page}`. `force` rebuilds all. */
export async function build({ force = false } = {}) {
  if (!isInstalled('esbuild')) {
    if (existsSync(manifestFile)) return { clients: [], files: 0, removed: 0, page: false };
    throw new Error('dist/ is missing and so are the development dependencies that build it: run `npm ci` once.');
  }
  return withBuildLock(async () => {
    const clients = await generateClients(force);
    const { files, removed } = await compile(force);
    const page = await buildGraphiql(force);
    return { clients, files, removed, page };
  });
}

/** Generates the Prisma clients whose schema changed; returns the names of their subgraphs. Hold the build lock. */
export async function generateClients(force = false) {
  const stale = listSubgraphs().filter((name) => force || clientHash(name) !== readOr(clientHashFile(name), ''));
  await Promise.all(stale.map(generateClient));
  return stale;
}

const dataFolder = (name) => join(root, 'subgraphs', name, 'data');
const clientHashFile = (name) => join(dataFolder(name), 'generated', '.schema-hash');

function listSubgraphs() {
  if (!existsSync(join(root, 'subgraphs'))) return [];
  return readdirSync(join(root, 'subgraphs')).filter((name) => existsSync(join(dataFolder(name), 'schema.prisma')));
}

function clientHash(name) {
  const version = require('prisma/package.json').version;
  return createHash('sha256')
    .update(version)
    .update(readFileSync(join(dataFolder(name), 'schema.prisma')))
    .digest('hex');
}

async function generateClient(name) {
  const cli = require.resolve('prisma/build/index.js');
  const schema = join(dataFolder(name), 'schema.prisma');
  const hash = clientHash(name);
  // generate needs no schema engine, but the CLI looks for its binary before any command: naming an existing file stops the download.
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, PRISMA_HIDE_UPDATE_MESSAGE: '1', CHECKPOINT_DISABLE: '1' };
  await runQuietly(process.execPath, [cli, 'generate', '--schema', schema], env, `prisma generate for subgraph ${name}`);
  writeFileSync(clientHashFile(name), hash);
}

/** Compiles file by file (nothing is bundled), so that dist/ mirrors the tree and a changed file costs one file. */
async function compile(force) {
  const settings = hashOf(readFileSync(new URL(import.meta.url)), readFileSync(join(root, 'tsconfig.json')));
  const before = readManifest(force ? null : settings);
  const now = Object.fromEntries(
    sourceFolders.flatMap((folder) => listTypeScript(join(root, folder))).map((file) => [file, stampOf(file)]),
  );
  const stale = Object.keys(now).filter((file) => before[file] !== now[file] || !existsSync(outFileOf(file)));
  const gone = Object.keys(before).filter((file) => !(file in now));
  if (stale.length === 0 && gone.length === 0 && existsSync(manifestFile)) return { files: 0, removed: 0 };
  for (const file of gone) for (const suffix of ['', '.map']) rmSync(outFileOf(file) + suffix, { force: true });
  if (stale.length > 0) await compileFiles(stale);
  writeWhole(manifestFile, JSON.stringify({ settings, files: now }));
  return { files: stale.length, removed: gone.length };
}

async function compileFiles(files) {
  const { build: esbuild } = await import('esbuild');
  const { outputFiles } = await esbuild({
    absWorkingDir: root,
    entryPoints: files,
    outdir: outFolder,
    outbase: root,
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    treeShaking: false,
    sourcemap: 'linked',
    sourcesContent: false,
    logLevel: 'error',
    plugins: [keepImportsOutside],
  });
  for (const { path, contents } of outputFiles) writeWhole(path, contents);
}

/** Every import stays an import; `./x.ts` becomes `./x.js`, as TypeScript's rewriteRelativeImportExtensions would write it. */
const keepImportsOutside = {
  name: 'keep-imports-outside',
  setup({ onResolve }) {
    onResolve({ filter: /.*/ }, ({ path, kind }) => {
      if (kind === 'entry-point') return undefined;
      return { path: path.startsWith('.') ? path.replace(/\.ts$/, '.js') : path, external: true };
    });
  },
};

/** GraphiQL's page has its own build; it exports `inputs` (files or folders), `output` and `build()`. */
async function buildGraphiql(force) {
  const script = join(root, 'scripts', 'build-graphiql.mjs');
  if (!existsSync(script)) return false;
  const { inputs, output, build: buildPage } = await import('./build-graphiql.mjs');
  const hash = hashOf(
    readFileSync(script),
    ...inputs.flatMap(listAll).map((file) => `${relative(root, file)} ${hashOf(readFileSync(file))}`),
  );
  const hashFile = join(output, '.inputs-hash');
  if (!force && readOr(hashFile, '') === hash) return false;
  await buildPage();
  writeWhole(hashFile, hash);
  return true;
}

function listAll(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  const entries = readdirSync(path, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
  return entries.map((entry) => join(entry.parentPath, entry.name)).sort();
}

function listTypeScript(folder) {
  return listAll(folder)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts') && !isForBrowsers(file))
    .map((file) => relative(root, file).replaceAll('\\', '/'));
}

/** GraphiQL's page bundles what lies in browser/. */
const isForBrowsers = (file) => /[\\/]browser[\\/]/.test(relative(root, file));

const outFileOf = (file) => join(outFolder, file.replace(/\.ts$/, '.js'));
const hashOf = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest('hex');

function stampOf(file) {
  const { mtimeMs, size } = statSync(join(root, file));
  return `${mtimeMs}:${size}`;
}

function readManifest(settings) {
  const manifest = JSON.parse(readOr(manifestFile, '{}'));
  return manifest.settings === settings && settings !== null ? manifest.files : {};
}

function readOr(file, otherwise) {
  return existsSync(file) ? readFileSync(file, 'utf8') : otherwise;
}

/** Writes beside and renames, so that a process starting at this moment reads the old file or the new one, never half of one. */
function writeWhole(file, contents) {
  mkdirSync(dirname(file), { recursive: true });
  const beside = `${file}.${process.pid}`;
  writeFileSync(beside, contents);
  renameSync(beside, file);
}

function isInstalled(name) {
  return existsSync(join(root, 'node_modules', name, 'package.json'));
}

function runQuietly(command, args, env, what) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = [];
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => output.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`${what} failed:\n${Buffer.concat(output)}`))));
  });
}

if (isMain(import.meta.url)) {
  const startedAt = performance.now();
  // `npm ci --omit=dev` runs `prepare` too; there is nothing to build with, and a tree that was built elsewhere may be laid in later.
  if (!isInstalled('esbuild')) console.log('build: skipped, development dependencies are not installed');
  else {
    const { clients, files, removed, page } = await build({ force: process.argv.includes('--force') }).catch((error) => {
      console.error(`build: ${error.message}`);
      process.exit(1);
    });
    const parts = [
      `${clients.length} Prisma clients`,
      `${files} files`,
      ...(removed ? [`${removed} removed`] : []),
      ...(page ? ['GraphiQL'] : []),
    ];
    console.log(`build: ${parts.join(', ')} in ${Math.round(performance.now() - startedAt)} ms`);
  }
}
