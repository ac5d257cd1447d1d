/** Root fields of one shape are decided once; what comes of it must be what planning each by itself would give. */
import { parse, validate } from 'graphql';
import type { FieldNode } from 'graphql';
import { print } from 'graphql';
import { LIMITS, planOperation } from '../../../engine/plan/index.ts';
import type { Limits, Plan } from '../../../engine/plan/index.ts';
import { compareOperation } from '../../differential/compare.ts';
import { composeCut } from '../../differential/compose-cut.ts';
import type { ReadyCut } from '../../differential/compose-cut.ts';
import { operationOf } from '../../differential/run.ts';
import type { Operation } from '../../differential/operations.ts';
import { compose, plan } from '../../gateway/execute/in-memory-graphs.ts';

const supergraph = compose({
  mill: 'type Query { loom(id: ID!): Loom } type Loom @key(fields: "id") { id: ID! }',
  dye: 'type Loom @key(fields: "id") @key(fields: "code") { id: ID! code: ID! shade: String }',
  store: 'type Loom @key(fields: "code") { code: ID! width: Int rolls: Int }',
});

const many = (count: number): string =>
  `{ ${Array.from({ length: count }, (_, index) => `a${index}: loom(id: "${index}") { shade width rolls }`).join(' ')} }`;

const pathsOf = (made: Plan): number[] => made.fetches.map(({ calls }) => calls.reduce((sum, { paths }) => sum + paths.length, 0));

/** The first root field with arguments, three times under nasty names with other values; null when the operation has none. */
function threefold({ document, variables }: Operation): Operation | null {
  const [definition, ...fragments] = document.definitions;
  if (definition?.kind !== 'OperationDefinition' || definition.operation !== 'query') return null;
  const field = definition.selectionSet.selections.find(
    (node): node is FieldNode => node.kind === 'Field' && node.selectionSet !== undefined && node.arguments?.[0]?.name.value === 'id',
  );
  if (field === undefined) return null;
  const type = field.name.value.replace(/^one/, '');
  const copies = ['__proto__', 'then', 'again'].map(
    (alias, index) =>
      `${alias}: ${field.name.value}(id: "${type}-${index}") ${field.selectionSet === undefined ? '' : print(field.selectionSet)}`,
  );
  const head = print({ ...definition, selectionSet: { ...definition.selectionSet, selections: [] } }).replace(/\s*\{\s*\}\s*$/, '');
  const text = `${head} { ${copies.join(' ')} }\n${fragments.map(print).join('\n')}`;
  return { text, document: parse(text), variables };
}

function threefoldOperations(ready: ReadyCut): Operation[] {
  return Array.from({ length: 60 }, (_, number) => operationOf(ready, number + 1))
    .flatMap((operation) => (operation === null ? [] : (threefold(operation) ?? [])))
    .filter(({ document }) => validate(ready.supergraph.publicSchema, document).every(({ message }) => /never used/.test(message)));
}

describe('root fields of one shape', () => {
  it('take the requests of one and a path each, and are shown in the order in which they were asked', () => {
    const one = plan(supergraph, many(1));
    const three = plan(supergraph, many(3).replace('{ a0', '{ t: __typename a0'));
    expect(three.fetches).toHaveLength(one.fetches.length);
    expect(pathsOf(three)).toEqual(pathsOf(one).map((paths) => 3 * paths));
    expect(three.positions[0]?.classes[0]?.lanes[0]?.map(({ responseKey }) => responseKey)).toEqual(['t', 'a0', 'a1', 'a2']);
    expect(three.cost.levels).toBe(one.cost.levels);
  });

  it('are decided once: the steps of the search do not grow with their number', () => {
    const steps = (count: number, searchNodes: number): unknown =>
      planOperation({ supergraph, document: parse(many(count)), conditions: new Map(), limits: { ...LIMITS, facts: searchNodes } });
    const least = (count: number): number => {
      for (let facts = 1; ; facts += 1) {
        try {
          steps(count, facts);
          return facts;
        } catch {
          continue;
        }
      }
    };
    expect(least(40)).toBe(least(2));
  });

  it.each<[keyof Limits, number]>([
    ['positions', 21],
    ['representationLeaves', 40],
  ])('count towards %s each by itself', (what, needed) => {
    const document = parse(many(20));
    const run = (limit: number): unknown =>
      planOperation({ supergraph, document, conditions: new Map(), limits: { ...LIMITS, [what]: limit } });
    expect(() => run(needed)).not.toThrow();
    expect(() => run(needed - 1)).toThrow(expect.objectContaining({ code: 'PLAN_TOO_COMPLEX' }));
  });

  it('give the answers of the monolith, in as many requests as one of them', async () => {
    let compared = 0;
    for (const seed of [3, 5, 8]) {
      const ready = composeCut(seed);
      if (!('cut' in ready)) continue;
      for (const operation of threefoldOperations(ready)) {
        expect((await compareOperation(ready, operation)).difference).toBeNull();
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(30);
  }, 60_000);

  it('are all denied where one of them is', () => {
    const denied = plan(
      supergraph,
      '{ a: loom(id: 1) { shade } t: __typename b: loom(id: 2) { shade } }',
      {},
      { denied: new Set(['Query.loom']) },
    );
    const entries = denied.positions[0]?.classes[0]?.lanes[0]?.map((entry) => [
      entry.responseKey,
      entry.kind === 'field' ? entry.source.kind : '',
    ]);
    expect(entries).toEqual([
      ['a', 'denied'],
      ['t', ''],
      ['b', 'denied'],
    ]);
    expect(denied.fetches).toEqual([]);
  });

  it('stay apart where they share an argument, a response key or have a condition', () => {
    const ready = plan(supergraph, '{ a: loom(id: 1) { shade } b: loom(id: 1) { shade } c: loom(id: 2) @include(if: true) { shade } }');
    expect(ready.positions).toHaveLength(3);
    expect(ready.fetches).toHaveLength(2);
  });
});
