// Runs one program of the project: `node scripts/run.mjs cli/token --as maker` runs dist/cli/token.js after building what is stale.
// The program runs in this process, so signals, the exit code and the terminal are its own. Must parse under an old Node, to say so.
const [wantedMajor, wantedMinor] = [20, 19];
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < wantedMajor || (major === wantedMajor && minor < wantedMinor)) {
  console.error(
    `Node ${process.versions.node} is too old: the industry router needs Node ${wantedMajor}.${wantedMinor} or newer (20 LTS is fine).`,
  );
  process.exit(1);
}

const { join } = await import('node:path');
const { pathToFileURL } = await import('node:url');
const { root } = await import('./root.mjs');
const { build } = await import('./build.mjs');

const [program, ...args] = process.argv.slice(2);
try {
  await build();
} catch (error) {
  console.error(`build: ${error.message}`);
  process.exit(1);
}
const file = join(root, 'dist', `${program}.js`);
process.argv = [process.argv[0], file, ...args];
await import(pathToFileURL(file).href);
