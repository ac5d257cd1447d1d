// Files of the project's folders, relative to the root, sorted; generated ones left out.
import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from '../root.mjs';

const generated = /(^|\/)(node_modules|dist|coverage|generated)\//;

export function listFiles(folders, ...endings) {
  return folders
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => readdirSync(join(root, folder), { withFileTypes: true, recursive: true }))
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((file) => !generated.test(`${file}`))
    .sort();
}
