import { readFileSync } from 'node:fs';
import { variables } from '../../../lib/config/index.ts';
import { errorCatalogue } from '../../../lib/errors/errors.ts';
import { fromRoot } from '../../../lib/paths.ts';
import { PROBLEMS } from '../../../subgraph-kit/problems.ts';

type Pages = { printConfigPage(table: object): string; printErrorPage(catalogue: object, problems: object): string };

describe('the generated pages', () => {
  // plain JavaScript, without types of its own
  const load = async (): Promise<Pages> => import(fromRoot('scripts/generate/pages.mjs'));
  const read = (page: string) => readFileSync(fromRoot('docs', page), 'utf8');

  it('docs/config.md is fresh (else: npm run generate)', async () => {
    expect(read('config.md')).toBe((await load()).printConfigPage(variables));
  });

  it('docs/errors.md is fresh (else: npm run generate)', async () => {
    expect(read('errors.md')).toBe((await load()).printErrorPage(errorCatalogue, PROBLEMS));
  });

  it('would not be fresh with one variable more', async () => {
    const more = { ...variables, HUB_MORE: { ...variables.HUB_HOST, meaning: 'more' } };
    expect(read('config.md')).not.toBe((await load()).printConfigPage(more));
  });
});
