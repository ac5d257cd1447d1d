/**
 * Plans as text. Each folder of tests/plans holds subgraphs (*.subgraph.graphql), operations (*.graphql, the values of conditions in
 * a first comment) and their plans (*.plan). A plan that is meant to change: delete its file, run, look at what was written.
 */
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse, validate } from 'graphql';
import { fromRoot } from '../../../lib/paths.ts';
import { LINK, compose, plan, planText } from '../../gateway/execute/in-memory-graphs.ts';
import { checkPlan } from '../../_kit/plan-checker.ts';

const folder = fromRoot('tests', 'plans');

function subgraphsOf(set: string): [string, string][] {
  return readdirSync(join(folder, set))
    .filter((file) => file.endsWith('.subgraph.graphql'))
    .toSorted()
    .map((file) => [file.replace('.subgraph.graphql', ''), readFileSync(join(folder, set, file), 'utf8')]);
}

function operationsOf(set: string): string[] {
  return readdirSync(join(folder, set))
    .filter((file) => file.endsWith('.graphql') && !file.endsWith('.subgraph.graphql'))
    .map((file) => file.replace('.graphql', ''))
    .toSorted();
}

function readOperation(set: string, name: string): { text: string; conditions: Record<string, boolean> } {
  const text = readFileSync(join(folder, set, `${name}.graphql`), 'utf8');
  const [first = ''] = text.split('\n');
  return { text, conditions: first.startsWith('# {') ? JSON.parse(first.slice(2)) : {} };
}

describe.each(readdirSync(folder))('the plans of %s', (set) => {
  const supergraph = compose(Object.fromEntries(subgraphsOf(set)));

  it.each(operationsOf(set))('%s is planned as its text says, every document valid in its graph', (name) => {
    const file = join(folder, set, `${name}.plan`);
    const { text, conditions } = readOperation(set, name);
    const planned = planText(supergraph, text, conditions);
    if (!existsSync(file)) {
      writeFileSync(file, planned);
      throw new Error(`${file} was written: look at it and run again.`);
    }
    expect(planned).toBe(readFileSync(file, 'utf8'));
  });

  it('are sound, and every document is valid in the schema that its subgraph has of itself', () => {
    const schemas = new Map(subgraphsOf(set).map(([name, sdl]) => [name, buildSubgraphSchema(parse(LINK + sdl))]));
    for (const name of operationsOf(set)) {
      const { text, conditions } = readOperation(set, name);
      const made = plan(supergraph, text, conditions, { defer: true });
      expect([name, checkPlan(made, supergraph, parse(text))]).toEqual([name, []]);
      for (const { graph, document } of made.fetches) {
        const schema = schemas.get(supergraph.graphs[graph]?.name ?? '');
        expect([document, schema === undefined ? 'no such subgraph' : validate(schema, parse(document))]).toEqual([document, []]);
      }
    }
  });

  it('does not depend on the order of the subgraphs, nor on what was planned before', () => {
    const shuffled = compose(Object.fromEntries(subgraphsOf(set).toReversed()));
    for (const name of operationsOf(set).toReversed()) {
      const { text, conditions } = readOperation(set, name);
      expect(planText(shuffled, text, conditions)).toBe(planText(supergraph, text, conditions));
    }
  });
});
