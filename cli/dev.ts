// npm run dev: the hub, and whatever is edited is served within seconds. A broken SDL keeps the old graph and is shown with file and line.
import { watch } from 'node:fs';
import { copyFile, mkdir, rename } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { readConfig } from '../lib/config/index.ts';
import { toMessage } from '../lib/errors/errors.ts';
import { runMain, type Service } from '../lib/lifecycle/index.ts';
import { fromRoot } from '../lib/paths.ts';
import { runCompose } from './compose.ts';
import { fillWhenEmpty } from './hub/demo-fill.ts';
import { openHub, type OpenHub } from './hub/open-hub.ts';
import { subgraphNames, toDataFolder, usualGatewayPort } from './hub/layout.ts';
import { toWelcome } from './hub/screen.ts';

const QUIET_MS = 60;
const watched = ['schema', 'subgraphs', 'subgraph-kit', 'gateway', 'engine', 'lib'];

// The build is a plain program beside the sources; only its `build` is used.
const builderShape = z.object({ build: z.custom<() => Promise<unknown>>((value) => typeof value === 'function') });

async function rebuild(): Promise<void> {
  const module: unknown = await import(pathToFileURL(fromRoot('scripts', 'build.mjs')).href);
  await builderShape.parse(module).build();
}

/** Composes the SDL files; true when the supergraph was written. */
async function recompose(hub: OpenHub, file: string): Promise<boolean> {
  const lines: string[] = [];
  if (runCompose(['--out', `${file}.new`], (line) => lines.push(line)) !== 0) {
    hub.screen.say('schema', 'does not compose; the graph stays as it was');
    for (const line of lines) hub.screen.print(line);
    return false;
  }
  await rename(`${file}.new`, file);
  return true;
}

// Which children serve what was edited.
function affected(files: ReadonlySet<string>, all: readonly string[]): string[] {
  const hit = new Set<string>();
  for (const file of files) {
    const [folder = '', second = ''] = file.split(sep);
    if (folder === 'lib' || folder === 'engine') all.forEach((name) => hit.add(name));
    else if (folder === 'gateway') hit.add('gateway');
    else if (folder === 'subgraphs') hit.add(second);
    else if (folder === 'schema') hit.add(second.replace(/\.graphql$/, ''));
    else if (folder === 'subgraph-kit') subgraphNames.forEach((name) => hit.add(name));
  }
  return all.filter((name) => hit.has(name));
}

function createWatcher(hub: OpenHub, supergraphFile: string): { start: () => void; stop: () => Promise<void> } {
  const stopped = new AbortController();
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<void> = Promise.resolve();

  const apply = async (): Promise<void> => {
    const files = new Set(changed);
    changed.clear();
    const began = performance.now();
    try {
      const touchesSchema = [...files].some((file) => file.startsWith('schema') && file.endsWith('.graphql') && !file.endsWith('supergraph.graphql'));
      if (touchesSchema && !(await recompose(hub, supergraphFile))) return;
      await rebuild();
      const names = affected(files, [...hub.supervisor.children.keys()]);
      await Promise.all(names.map((name) => hub.supervisor.children.get(name)?.restart()));
      if (names.length > 0) hub.screen.say('dev', `${[...files].join(', ')} → ${names.join(', ')} in ${Math.round(performance.now() - began)} ms`);
    } catch (error) {
      hub.screen.say('dev', `not served, the old code stays: ${toMessage(error)}`);
    }
  };
  const note = (folder: string, name: string | null): void => {
    if (name === null || /generated|node_modules|~$|\.new$/.test(name) || !/\.(ts|graphql|prisma|json|css|html)$/.test(name)) return;
    changed.add(join(folder, name));
    clearTimeout(timer);
    timer = setTimeout(() => {
      working = working.then(apply);
    }, QUIET_MS);
  };
  return {
    start: () => {
      for (const folder of watched) watch(fromRoot(folder), { recursive: true, signal: stopped.signal }, (_event, name) => note(folder, name));
    },
    stop: async () => {
      stopped.abort();
      clearTimeout(timer);
      await working;
    },
  };
}

async function build(): Promise<Service> {
  const folder = toDataFolder(readConfig(['HUB_DATA']).HUB_DATA).path;
  await mkdir(folder, { recursive: true, mode: 0o711 });
  const supergraphFile = join(folder, 'supergraph.graphql');
  const hub = openHub({ together: false, supergraphFile });
  if (!(await recompose(hub, supergraphFile))) await copyFile(fromRoot('schema', 'supergraph.graphql'), supergraphFile);
  const watcher = createWatcher(hub, supergraphFile);
  return {
    ...hub.supervisor,
    start: async () => {
      await hub.supervisor.start();
      await fillWhenEmpty(hub);
      watcher.start();
      hub.screen.print(toWelcome({ url: hub.supervisor.gatewayUrl(), production: false, usualPort: usualGatewayPort }));
      hub.screen.say('dev', `watching ${watched.join(', ')}`);
    },
    stop: async () => {
      await watcher.stop();
      await hub.supervisor.stop();
    },
  };
}

await runMain(build, { stopLimitMs: 9_500 });
