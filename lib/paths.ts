/** Where the project lies on disk: the folder with its package.json, whether the code runs from source or from dist/. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const projectName = 'industry-router';

/** The folder that holds package.json, README.md, schema/ and all sources. */
export const projectRoot: string = findProjectRoot(dirname(fileURLToPath(import.meta.url)));

/** An absolute path below the project's root. */
export function fromRoot(...parts: readonly string[]): string {
  return join(projectRoot, ...parts);
}

function findProjectRoot(from: string): string {
  const candidate = join(from, 'package.json');
  if (existsSync(candidate) && isThisProject(candidate)) return from;
  const parent = dirname(from);
  if (parent === from)
    throw new Error(`No package.json of ${projectName} above ${fileURLToPath(import.meta.url)}: run from a whole copy of the project.`);
  return findProjectRoot(parent);
}

function isThisProject(packageFile: string): boolean {
  const content: unknown = JSON.parse(readFileSync(packageFile, 'utf8'));
  return typeof content === 'object' && content !== null && 'name' in content && content.name === projectName;
}
