// Watches folders with all below them, also files that editors replace by renaming, and folders made later.
import { readdirSync, watch, type FSWatcher } from 'node:fs';
import { join, relative } from 'node:path';

const isSkipped = (path: string): boolean => /(^|[\\/])(generated|node_modules)([\\/]|$)/.test(path);

/** Calls back with the path of what changed, from `root`; stops with the function that is returned. */
export function watchTree(root: string, folders: readonly string[], onChange: (path: string) => void): () => void {
  const watchers = new Map<string, FSWatcher>();
  const forget = (folder: string): void => {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  };
  const add = (folder: string): void => {
    if (watchers.has(folder) || isSkipped(relative(root, folder))) return;
    let names: string[];
    try {
      names = readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
      const watcher = watch(folder, (_event, name) => {
        if (name === null) return;
        add(join(folder, name));
        onChange(relative(root, join(folder, name)));
      });
      watcher.on('error', () => forget(folder));
      watchers.set(folder, watcher);
    } catch {
      // a file, or gone meanwhile
      return;
    }
    for (const name of names) add(join(folder, name));
  };
  for (const folder of folders) add(join(root, folder));
  return () => [...watchers.keys()].forEach(forget);
}
