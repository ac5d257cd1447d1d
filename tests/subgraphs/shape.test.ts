/** The four subgraphs have one shape, and nothing in common but the kit. */
import { existsSync, readdirSync } from 'node:fs';
import { fromRoot } from '../../lib/paths.ts';
import { listSubgraphs } from '../_kit/postgres.ts';
import { readPage } from '../docs/pages.ts';
import { downstream } from '../../subgraphs/downstream/downstream.ts';
import { midstream } from '../../subgraphs/midstream/midstream.ts';
import { routing } from '../../subgraphs/routing/routing.ts';
import { upstream } from '../../subgraphs/upstream/upstream.ts';

const definitions = { downstream, midstream, routing, upstream };
const names = Object.keys(definitions);
// pure rules of the hub's own part: the model and what is told of its answers, money, figures, and what runs it
const ownFolders: Record<string, string[]> = { routing: ['explain', 'figures', 'model', 'money', 'run'] };

describe('the subgraphs', () => {
  it('are four', () => {
    expect(readdirSync(fromRoot('subgraphs')).toSorted()).toEqual(names);
    expect(listSubgraphs().toSorted()).toEqual(names);
  });

  it('run on mercurius, downstream on Apollo Server', () => {
    expect(Object.values(definitions).map(({ name, library }) => [name, library])).toEqual([
      ['downstream', 'apollo'],
      ['midstream', 'mercurius'],
      ['routing', 'mercurius'],
      ['upstream', 'mercurius'],
    ]);
  });

  it('have a just-in-time compiler where they run on mercurius', () => {
    expect(readPage('subgraph-kit/server/mercurius.ts')).toMatch(/^ +jit: [1-9]/m);
  });

  it.each(names)('%s has its own program, resolvers, database schema, migrations and client', (name) => {
    const parts = [
      'main.ts',
      'config.ts',
      `${name}.ts`,
      'resolvers',
      'mutations',
      'data/schema.prisma',
      'data/migrations',
      'data/client.ts',
    ];
    expect(parts.filter((part) => !existsSync(fromRoot('subgraphs', name, part)))).toEqual([]);
    expect(existsSync(fromRoot('schema', `${name}.graphql`))).toBe(true);
    const known = [...parts.map((part) => part.split('/')[0]), 'loaders', 'consume', 'import', 'writes', ...(ownFolders[name] ?? [])];
    const folders = readdirSync(fromRoot('subgraphs', name), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map((folder) => folder.name).filter((folder) => !known.includes(folder))).toEqual([]);
    expect(readPage(`subgraphs/${name}/data/client.ts`)).toMatch(/from '\.\/generated\//);
  });
});
