/**
 * What must not change a plan: names, fragments, order, listings, and what was planned before. More operations of each cut:
 * `OPERATIONS=40 npm test -- tests/engine/plan/metamorphic`
 */
import { Kind, parse, print, visit } from 'graphql';
import type { DocumentNode, FieldNode, FragmentDefinitionNode, SelectionNode } from 'graphql';
import { composeSupergraph } from '../../../engine/compose/index.ts';
import { isEngineError, loadSupergraph } from '../../../engine/supergraph/index.ts';
import { printPlan } from '../../../engine/plan/index.ts';
import { planFor } from '../../differential/compare.ts';
import { composeCut } from '../../differential/compose-cut.ts';
import type { ReadyCut } from '../../differential/compose-cut.ts';
import { graphSdl } from '../../differential/graph-sdl.ts';
import type { Operation } from '../../differential/operations.ts';
import { createRandom } from '../../differential/random.ts';
import { operationOf } from '../../differential/run.ts';

const SEEDS = [1, 4, 9, 11];
const OPERATIONS = Number(process.env['OPERATIONS'] ?? 20);

/** Graph and level of every request, with the paths of its calls: what a plan costs, whatever its names. */
function requestsOf(ready: ReadyCut, operation: Operation): string[] {
  try {
    const { plan } = planFor(ready, operation);
    return plan.fetches
      .map((fetch) => `${fetch.graph} ${fetch.level} ${fetch.kind} ${fetch.calls.reduce((sum, { paths }) => sum + paths.length, 0)}`)
      .toSorted();
  } catch (error) {
    if (isEngineError(error)) return [error.code];
    throw error;
  }
}

function textOf(ready: ReadyCut, operation: Operation): string {
  try {
    return printPlan(planFor(ready, operation).plan, ready.supergraph);
  } catch (error) {
    if (isEngineError(error)) return error.message;
    throw error;
  }
}

const withDocument = (operation: Operation, document: DocumentNode): Operation => ({ ...operation, document, text: print(document) });

/** The same new name for the same old one, so that fields which merge go on merging. */
function renameAliases(document: DocumentNode): DocumentNode {
  const names = new Map<string, string>();
  return visit(document, {
    Field(node: FieldNode): FieldNode {
      const key = node.alias?.value ?? node.name.value;
      const value = names.get(key) ?? `n${names.size}`;
      names.set(key, value);
      return { ...node, alias: { kind: Kind.NAME, value } };
    },
  });
}

function inlineFragments(document: DocumentNode): DocumentNode {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  const [operation] = document.definitions;
  if (operation === undefined) throw new Error('A document has an operation.');
  const inlined = visit(operation, {
    FragmentSpread(node): SelectionNode {
      const fragment = fragments.get(node.name.value);
      if (fragment === undefined) throw new Error(`No fragment ${node.name.value}`);
      const { typeCondition, selectionSet } = fragment;
      return { kind: Kind.INLINE_FRAGMENT, typeCondition, selectionSet, ...(node.directives ? { directives: node.directives } : {}) };
    },
  });
  return { ...document, definitions: [inlined] };
}

/** Fields of mutations run in the order in which they stand: the roots stay. */
function reorderFields(document: DocumentNode, seed: number): DocumentNode {
  const random = createRandom(seed);
  return visit(document, {
    SelectionSet: (node) => ({ ...node, selections: random.sample(node.selections, node.selections.length) }),
  });
}

/** The same graphs and types, listed in another order. */
function shuffled(ready: ReadyCut): ReadyCut {
  const random = createRandom(ready.cut.seed);
  const graphs = ready.cut.graphs.map((graph) => {
    const document = parse(graphSdl(ready.cut, graph));
    const definitions = random.sample(document.definitions, document.definitions.length);
    return { name: graph.name, url: `http://${graph.name}.test/graphql`, sdl: print({ ...document, definitions }) };
  });
  const result = composeSupergraph(random.sample(graphs, graphs.length));
  if (result.kind === 'failed') throw new Error(result.errors.map(({ message }) => message).join('\n'));
  const document = parse(result.supergraphSdl);
  return {
    ...ready,
    supergraph: loadSupergraph(print({ ...document, definitions: random.sample(document.definitions, document.definitions.length) })),
  };
}

type Case = { readonly ready: ReadyCut; readonly operation: Operation; readonly number: number };

const cases: Case[] = SEEDS.flatMap((seed) => {
  const ready = composeCut(seed);
  if (!('cut' in ready)) return [];
  return Array.from({ length: OPERATIONS }, (_, index) => index + 1).flatMap((number) => {
    const operation = operationOf(ready, number);
    return operation === null ? [] : [{ ready, operation, number }];
  });
});

const isQuery = ({ operation }: Case): boolean => operation.text.startsWith('query');

const plain = new Map<Case, string[]>();
/** The requests of the operation as it stands, planned once. */
function plainRequests(one: Case): string[] {
  const found = plain.get(one) ?? requestsOf(one.ready, one.operation);
  plain.set(one, found);
  return found;
}

describe('the requests of a plan stay the same', () => {
  it('is tried with many operations', () => {
    expect(cases.length).toBeGreaterThanOrEqual(70);
  });

  it('when aliases are renamed', () => {
    for (const one of cases) {
      const { ready, operation } = one;
      expect(requestsOf(ready, withDocument(operation, renameAliases(operation.document)))).toEqual(plainRequests(one));
    }
  });

  it('when fragments are written out', () => {
    for (const one of cases) {
      const { ready, operation } = one;
      expect(requestsOf(ready, withDocument(operation, inlineFragments(operation.document)))).toEqual(plainRequests(one));
    }
  });

  it('when fields of a query are asked in another order', () => {
    for (const one of cases.filter(isQuery)) {
      const { ready, operation, number } = one;
      const reordered = withDocument(operation, reorderFields(operation.document, number));
      expect([number, requestsOf(ready, reordered)]).toEqual([number, plainRequests(one)]);
    }
  });
});

describe('the text of a plan stays the same', () => {
  it('when graphs and types are listed in another order', () => {
    const others = new Map<ReadyCut, ReadyCut>();
    for (const { ready, operation } of cases) {
      const other = others.get(ready) ?? shuffled(ready);
      others.set(ready, other);
      expect(textOf(other, operation)).toBe(textOf(ready, operation));
    }
  });

  it('whatever was planned before', () => {
    const forward = cases.map(({ ready, operation }) => textOf(ready, operation));
    const backward = cases.toReversed().map(({ ready, operation }) => textOf(ready, operation));
    expect(backward.toReversed()).toEqual(forward);
  });
});
