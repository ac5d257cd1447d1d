/** The limit of the estimated cost, and what who asks is told of it. */
import { readFileSync } from 'node:fs';
import { Kind, parse } from 'graphql';
import { compileCost } from '../../../engine/cost/index.ts';
import { loadSupergraph } from '../../../engine/supergraph/index.ts';
import { readExamples } from '../../../gateway/edge/graphiql/examples.ts';
import { defaultLimits } from '../../../gateway/pipeline/limits.ts';
import { fromRoot } from '../../../lib/paths.ts';
import { startShopGateway } from '../kit.ts';

const query = 'query Q($n: Int) { crates(first: $n) { id inside { id } } }';

describe('the limit of cost', () => {
  it('takes what is at it and refuses one more, by POST and by GET, and asks nothing of a subgraph then', async () => {
    const gateway = await startShopGateway({ limits: { cost: 10 } });
    try {
      expect((await gateway.post({ query, variables: { n: 5 } })).status).toBe(200);
      const asked = gateway.shop.bodies.length;
      expect(await gateway.post({ query, variables: { n: 6 } })).toMatchObject({ status: 400, code: 'LIMIT_EXCEEDED', limit: 'cost' });
      const get = async (n: number) => {
        const search = new URLSearchParams({ query, variables: JSON.stringify({ n }) });
        return (await fetch(`${gateway.graphqlUrl}?${search.toString()}`, { headers: { accept: 'application/graphql-response+json' } }))
          .status;
      };
      expect([await get(6), gateway.shop.bodies.length, await get(5)]).toEqual([400, asked, 200]);
    } finally {
      await gateway.stop();
    }
  });

  it('tells who asks what was estimated and what the data did cost', async () => {
    const gateway = await startShopGateway();
    const asked = { query, variables: { n: 3 }, extensions: { cost: true } };
    expect((await gateway.post(asked)).body.extensions).toEqual({ cost: { estimated: 6, actual: 6 } });
    expect((await gateway.post({ ...asked, extensions: {} })).body.extensions).toBeUndefined();
    await gateway.stop();
    for (const tellsCost of [true, false]) {
      const inProduction = await startShopGateway({ development: false, tellsCost });
      expect((await inProduction.post(asked)).body.extensions !== undefined).toBe(tellsCost);
      await inProduction.stop();
    }
  });

  it('is far above the examples and the spine query', async () => {
    const supergraph = loadSupergraph(readFileSync(fromRoot('schema', 'supergraph.graphql'), 'utf8'));
    const texts = (await readExamples()).map((example) => example.query ?? '');
    for (const text of [...texts, readFileSync(fromRoot('schema', 'spine-query.graphql'), 'utf8')]) {
      const document = parse(text);
      const operation = document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
      if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('an example holds an operation');
      const options = { listSize: defaultLimits.costListSize, pageArguments: defaultLimits.pageArguments };
      const estimated = compileCost(supergraph, { document, operation }, options).estimate({});
      expect(estimated).toBeGreaterThan(0);
      expect(estimated).toBeLessThan(defaultLimits.cost / 100);
    }
  });
});
