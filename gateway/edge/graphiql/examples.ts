/** Example queries for GraphiQL's tabs: data, read from files beside the schema. Exports `readExamples`. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fromRoot } from '../../../lib/paths.ts';

export type Example = {
  readonly query: string;
  /** JSON text. */
  readonly variables: string | null;
};

const folder = fromRoot('schema', 'examples');
const maxExamples = 12;

/** `name.graphql`, with variables in `name.json` if there are any; in the order of their names. No folder, no examples. */
export async function readExamples(from: string = folder): Promise<Example[]> {
  const files = await readdir(from).catch(() => []);
  const queries = files
    .filter((file) => file.endsWith('.graphql'))
    .toSorted()
    .slice(0, maxExamples);
  return Promise.all(
    queries.map(async (file) => ({
      query: await readFile(join(from, file), 'utf8'),
      variables: await readFile(join(from, file.replace(/\.graphql$/, '.json')), 'utf8').catch(() => null),
    })),
  );
}
