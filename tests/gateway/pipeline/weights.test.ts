import { planOperation } from '../../../engine/plan/index.ts';
import { loadSupergraph } from '../../../engine/supergraph/index.ts';
import { parse } from 'graphql';
import { weighDocument, weighPlan } from '../../../gateway/pipeline/weights.ts';
import { composeShop } from '../kit.ts';

const supergraph = loadSupergraph(composeShop());
const weigh = (query: string) =>
  weighPlan(planOperation({ supergraph, document: parse(query), operationName: null, conditions: new Map() }), query);

describe('weights', () => {
  it('grow with the text, also where it has few tokens', () => {
    expect(weighDocument('x'.repeat(1_000_000), 3)).toBeGreaterThan(10_000);
    expect(weighDocument('{ a }', 3)).toBeLessThan(20);
  });

  it('grow with what a plan is, not with how short its operation was', () => {
    const fragments = Array.from(
      { length: 8 },
      (_, i) =>
        `fragment F${i} on Crate { a: inside { id ${i < 7 ? `...F${i + 1}` : ''} } b: inside { id ${i < 7 ? `...F${i + 1}` : ''} } }`,
    );
    expect(weigh(`{ crate(id: 1) { ...F0 } } ${fragments.join(' ')}`)).toBeGreaterThan(50 * weigh('{ crate(id: 1) { id } }'));
  });
});
