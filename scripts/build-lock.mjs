// One build at a time: two commands started together must not write the same Prisma client. The lock is a file that names its holder.
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { root } from './root.mjs';

const lock = join(root, 'node_modules', '.cache', 'build.lock');
const waitLimitMs = 120_000;
const pauseMs = 50;
const namingLimitMs = 5_000;

/** Runs `work` while holding the lock; waits for another holder, and takes over the lock of one that is gone. */
export async function withBuildLock(work) {
  const until = Date.now() + waitLimitMs;
  while (!take()) {
    if (Date.now() > until) throw new Error(`another build has held ${lock} for ${waitLimitMs / 1000} s: end it, or delete that file.`);
    await wait(pauseMs);
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function take() {
  mkdirSync(dirname(lock), { recursive: true });
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (!isHeld()) rmSync(lock, { force: true });
    return false;
  }
}

function isHeld() {
  try {
    const pid = readFileSync(lock, 'utf8');
    // Empty: its holder is about to name itself, unless it died in between.
    if (pid === '') return Date.now() - statSync(lock).mtimeMs < namingLimitMs;
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
