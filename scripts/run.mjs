// Runs one program of the project: `node scripts/run.mjs cli/token --as maker` runs dist/cli/token.js after building what is stale.
// The program runs in this process, so signals, the exit code and the terminal are its own. Must parse under an old Node, to say so:
// no `await` at the top.
const [wantedMajor, wantedMinor] = [20, 19];
const parentCheckMs = 500;

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < wantedMajor || (major === wantedMajor && minor < wantedMinor)) {
  console.error(
    `Node ${process.versions.node} is too old: the industry router needs Node ${wantedMajor}.${wantedMinor} or newer (20 LTS is fine).`,
  );
  process.exitCode = 1;
} else {
  stopWithNpm();
  void run();
}

async function run() {
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
}

/** npm starts us by way of a shell that does not pass SIGTERM on: when that shell is gone, the program is told to stop. */
function stopWithNpm() {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, parentCheckMs);
  timer.unref();
}
