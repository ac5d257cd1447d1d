// npm run dev: the hub, and whatever is edited is served within seconds. A broken SDL keeps the old graph and is shown with file and line;
// code that does not build or does not start keeps the old code.
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { request } from 'undici';
import { z } from 'zod';
import { hashText } from '../engine/supergraph/index.ts';
import { readConfig } from '../lib/config/index.ts';
import { createError, toMessage } from '../lib/errors/errors.ts';
import { runMain, type Service } from '../lib/lifecycle/index.ts';
import { fromRoot } from '../lib/paths.ts';
import { runCompose } from './compose.ts';
import { fillWhenEmpty } from './hub/demo-fill.ts';
import { subgraphNames, toDataFolder, usualGatewayPort, type SubgraphName } from './hub/layout.ts';
import { openHub, type OpenHub } from './hub/open-hub.ts';
import { toWelcome } from './hub/screen.ts';
import type { SubgraphUrls } from './hub/subgraphs.ts';
import { watchTree } from './hub/watch-tree.ts';

const QUIET_MS = 60;
const TAKEN_LIMIT_MS = 5_000;
const LOOK_MS = 50;
const watched = ['schema', 'subgraphs', 'subgraph-kit', 'gateway', 'engine', 'lib'];

// The build is a plain program beside the sources; only its `build` is used.
const builderShape = z.object({ build: z.custom<() => Promise<unknown>>((value) => typeof value === 'function') });
const healthShape = z.object({ schemaHash: z.string().nullish() });

async function rebuild(): Promise<void> {
  const module: unknown = await import(pathToFileURL(fromRoot('scripts', 'build.mjs')).href);
  await builderShape.parse(module).build();
}

/** The lines that say what is wrong; none when the SDLs compose. Without addresses nothing is written. */
async function compose(file: string, urls?: SubgraphUrls): Promise<string[]> {
  const lines: string[] = [];
  const beside = `${file}.new`;
  const named = Object.entries(urls ?? {}).flatMap(([name, url]) => [
    '--subgraph',
    `${name}=${url}=${fromRoot('schema', `${name}.graphql`)}`,
  ]);
  if (runCompose(['--out', beside, ...named], (line) => lines.push(line)) !== 0) return lines;
  if (urls === undefined) await rm(beside);
  else await rename(beside, file);
  return [];
}

/** Resolves when the gateway serves what stands in the file. */
async function untilTaken(url: string, file: string): Promise<void> {
  const wanted = hashText(await readFile(file, 'utf8'));
  for (const began = performance.now(); performance.now() - began < TAKEN_LIMIT_MS; await sleep(LOOK_MS)) {
    const answer = await request(`${url}/health`).catch(() => null);
    if (healthShape.safeParse(await answer?.body.json().catch(() => null)).data?.schemaHash === wanted) return;
  }
  throw new Error('the gateway did not take the new graph');
}

type Affected = { readonly subgraphs: readonly SubgraphName[]; readonly gateway: boolean };

/** Which processes serve what was edited. */
function findAffected(files: ReadonlySet<string>): Affected {
  const hit = new Set<string>();
  for (const file of files) {
    const [folder = '', second = ''] = file.split(sep);
    if (folder === 'lib' || folder === 'engine' || folder === 'gateway') hit.add('gateway');
    if (folder === 'lib' || folder === 'subgraph-kit') subgraphNames.forEach((name) => hit.add(name));
    if (folder === 'subgraphs') hit.add(second);
    if (folder === 'schema') hit.add(second.replace(/\.graphql$/, ''));
  }
  return { subgraphs: subgraphNames.filter((name) => hit.has(name)), gateway: hit.has('gateway') };
}

const isSource = (file: string): boolean => /\.(ts|graphql|prisma|json|css|html)$/.test(file) && !file.endsWith('supergraph.graphql');

function createEditor(hub: OpenHub, supergraphFile: string): { start: () => void; stop: () => Promise<void> } {
  // What is not served yet: after a failure it comes back, and the next edit tries it again.
  const pending = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<void> = Promise.resolve();
  let unwatch: () => void = () => undefined;

  /** False when the SDLs do not compose; rejects when the code does not build or start. */
  const serve = async (files: ReadonlySet<string>): Promise<boolean> => {
    const began = performance.now();
    const problems = [...files].some((file) => file.endsWith('.graphql') || file.endsWith('events.json'))
      ? await compose(supergraphFile)
      : [];
    if (problems.length > 0) {
      hub.screen.say('schema', 'does not compose; the graph stays as it was');
      problems.forEach(hub.screen.print);
      return false;
    }
    await rebuild();
    const affected = findAffected(files);
    if (affected.subgraphs.length > 0) await hub.supervisor.renew(affected.subgraphs);
    if (affected.gateway && (await hub.supervisor.children.get('gateway')?.restart()) === false)
      throw new Error('the gateway does not come up');
    const names = [...affected.subgraphs, ...(affected.gateway ? ['gateway'] : [])];
    if (names.length > 0) {
      hub.screen.say('dev', `${[...files].join(', ')} → ${names.join(', ')}, served after ${Math.round(performance.now() - began)} ms`);
    }
    return true;
  };
  const work = async (): Promise<void> => {
    const files = new Set(pending);
    pending.clear();
    if (files.size === 0) return;
    const isServed = await serve(files).catch((error: unknown) => {
      hub.screen.say('dev', `not served, the old code stays: ${toMessage(error)}`);
      return false;
    });
    if (!isServed) files.forEach((file) => pending.add(file));
  };
  const note = (file: string): void => {
    if (!isSource(file)) return;
    pending.add(file);
    clearTimeout(timer);
    timer = setTimeout(() => {
      working = working.then(work);
    }, QUIET_MS);
  };
  return {
    start: () => {
      unwatch = watchTree(fromRoot(), watched, note);
    },
    stop: async () => {
      unwatch();
      clearTimeout(timer);
      await Promise.race([working, sleep(LOOK_MS)]);
    },
  };
}

async function build(): Promise<Service> {
  const folder = toDataFolder(readConfig(['HUB_DATA']).HUB_DATA).path;
  const supergraphFile = join(folder, 'supergraph.graphql');
  let isServing = false;
  const hub: OpenHub = openHub({
    together: false,
    supergraphFile,
    writeSupergraph: async (urls) => {
      await mkdir(folder, { recursive: true, mode: 0o711 });
      const problems = await compose(supergraphFile, urls);
      problems.forEach(hub.screen.print);
      if (problems.length > 0) throw createError('START_FAILED', 'the SDLs in schema/ do not compose; correct what is named above');
      if (isServing) await untilTaken(hub.supervisor.gatewayUrl(), supergraphFile);
    },
  });
  const editor = createEditor(hub, supergraphFile);
  return {
    ...hub.supervisor,
    start: async () => {
      await hub.supervisor.start();
      isServing = true;
      if (!process.argv.includes('--no-demo')) await fillWhenEmpty(hub);
      editor.start();
      hub.screen.print(
        toWelcome({ url: hub.supervisor.gatewayUrl(), production: false, askedPort: hub.port, usualPort: usualGatewayPort }),
      );
      hub.screen.say('dev', `watching ${watched.join(', ')}`);
    },
    stop: async () => {
      await editor.stop();
      await hub.supervisor.stop();
    },
  };
}

await runMain(build, { stopLimitMs: 9_500 });
