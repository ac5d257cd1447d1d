// Runs the tests: `npm test -- tests/engine -t 'a name'` hands its arguments to jest. The last line is `N passed, N failed, N skipped`.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './build.mjs';
import { root } from './root.mjs';

const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
const folder = mkdtempSync(join(tmpdir(), 'ir-tests-'));
const countsFile = join(folder, 'counts.json');

try {
  await build();
  const code = await runJest(process.argv.slice(2));
  const { passed, failed, skipped } = readCounts();
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exitCode = code === 0 && failed > 0 ? 1 : code;
} catch (error) {
  console.error(error.message);
  console.log('0 passed, 1 failed, 0 skipped');
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function runJest(args) {
  const reporters = ['--reporters=default', `--reporters=${join(root, 'scripts', 'count-tests.mjs')}`];
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const child = spawn(process.execPath, [...flags, jest, ...args, ...reporters], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, IR_TEST_COUNTS: countsFile },
  });
  const passOn = (signal) => child.kill(signal);
  process.on('SIGINT', passOn).on('SIGTERM', passOn);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}

/** jest that ended before its reporter did has failed once. */
function readCounts() {
  try {
    return JSON.parse(readFileSync(countsFile, 'utf8'));
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
