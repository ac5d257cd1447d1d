import { migrationDrift } from '../../../lib/postgres/drift.ts';
import { fromRoot } from '../../../lib/paths.ts';
import { listSubgraphs, readServerUrl } from '../../_kit/postgres.ts';

describe('the migrations of each subgraph', () => {
  it('are those of all four', () => {
    expect(listSubgraphs().toSorted()).toEqual(['downstream', 'midstream', 'routing', 'upstream']);
  });

  it.each(listSubgraphs())(
    '%s make exactly its schema.prisma (else: npm run migration)',
    async (subgraph) => {
      const data = fromRoot('subgraphs', subgraph, 'data');
      expect(await migrationDrift({ schemaFile: `${data}/schema.prisma`, migrationsDir: `${data}/migrations`, url: readServerUrl() })).toBe(
        '',
      );
    },
    120_000,
  );
});
