// Completes package-lock.json: `npm ci` refuses a lock without the packages for other systems, and npm leaves those out that the registry
// at hand did not serve when the lock was written. Adds them with the version that their parent names.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../root.mjs';

export const lockFile = 'package-lock.json';

const systems = { darwin: 'darwin', linux: 'linux', win32: 'win32', android: 'android', freebsd: 'freebsd', openharmony: 'openharmony' };
const processors = { 'arm-eabi': 'arm', 'arm-gnueabihf': 'arm', 'arm-musleabihf': 'arm', arm64: 'arm64', x64: 'x64', ia32: 'ia32' };
const rareProcessors = { ppc64: 'ppc64', s390x: 's390x', riscv64: 'riscv64', loong64: 'loong64' };

/** The optional packages that the lock lacks: `[{place, name, version, parent}]`. */
function listMissing(packages) {
  return Object.entries(packages).flatMap(([parent, entry]) =>
    Object.entries(entry.optionalDependencies ?? {})
      .filter(([name]) => !isLocked(packages, parent, name))
      .map(([name, version]) => ({ place: `node_modules/${name}`, name, version, parent })),
  );
}

/** Node's rule: the nearest node_modules folder, going up. */
function isLocked(packages, from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))) {
    if (packages[`${folder === '' ? '' : `${folder}/`}node_modules/${name}`] !== undefined) return true;
    if (folder === '') return false;
  }
}

/** `@oxlint/binding-linux-arm-gnueabihf` → linux, arm, glibc: npm installs it there and nowhere else. */
function toPlatform(name) {
  const has = ([part]) => new RegExp(`(^|[-/])${part}(-|$)`).test(name);
  const os = Object.entries(systems).find(has)?.[1];
  const cpu = Object.entries({ ...processors, ...rareProcessors }).find(has)?.[1];
  if (os === undefined || cpu === undefined)
    throw new Error(`${name}: cannot tell its system from its name; add it to package-lock.json by hand`);
  const libc = os !== 'linux' ? {} : { libc: [/musl/.test(name) ? 'musl' : 'glibc'] };
  return { cpu: [cpu], ...libc, os: [os] };
}

/** The lock's text with what is missing; the same text when nothing is. */
export function printLock() {
  const text = readFileSync(join(root, lockFile), 'utf8');
  const lock = JSON.parse(text);
  const missing = listMissing(lock.packages);
  if (missing.length === 0) return text;
  for (const { place, name, version, parent } of missing) {
    const { license, dev } = lock.packages[parent];
    lock.packages[place] = { version, ...toPlatform(name), ...(dev ? { dev } : {}), license, optional: true };
  }
  const [own, ...others] = Object.entries(lock.packages);
  lock.packages = Object.fromEntries([own, ...others.sort(([a], [b]) => a.localeCompare(b, 'en'))]);
  return `${JSON.stringify(lock, null, 2)}\n`;
}
