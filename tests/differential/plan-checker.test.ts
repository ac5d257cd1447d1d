import { parse } from 'graphql';
import { planOperation } from '../../engine/plan/index.ts';
import type { Plan } from '../../engine/plan/index.ts';
import { loadSupergraph } from '../../engine/supergraph/index.ts';
import { checkPlan } from '../_kit/plan-checker.ts';
import { createForeign } from '../_kit/supergraphs/index.ts';
import type { ForeignName } from '../_kit/supergraphs/index.ts';

/** Plans as plain data that a test may damage anywhere. */
type Loose = any;
type Draft = { fetches: Loose[]; nodes: Loose[]; positions: Loose[]; parts: Loose[] };

function damaged(name: ForeignName, query: string, damage: (plan: Draft) => void): string[] {
  const supergraph = loadSupergraph(createForeign(name).supergraphSdl);
  const document = parse(query);
  const plan = planOperation({ supergraph, document, operationName: null, conditions: new Map() });
  expect(checkPlan(plan, supergraph, document)).toEqual([]);
  const draft = structuredClone(plan) as unknown as Draft; // damaged on purpose
  damage(draft);
  return checkPlan(draft as unknown as Plan, supergraph, document);
}

const BOOKS = '{ books { title weight loans { days } } }';
const BERTHS = '{ berths { load { __typename ... on Vessel { name fee } ... on Ferry { room } } } }';
const entity = (plan: Draft): Loose[] => plan.fetches.filter((fetch) => fetch.kind === 'entity');

describe('the plan checker', () => {
  it.each<[string, ForeignName, string, (plan: Draft) => void, RegExp]>([
    [
      'a fetch that does not wait',
      'library',
      BOOKS,
      (plan) => entity(plan).forEach((fetch) => (fetch.dependsOn = [])),
      /depends on nothing|without waiting/,
    ],
    ['a cycle', 'library', BOOKS, (plan) => plan.fetches[0].dependsOn.push(plan.fetches.length - 1), /at level/],
    ['a document that is not valid', 'library', BOOKS, (plan) => (plan.fetches[0].document = '{ books { titel } }'), /not valid/],
    [
      'a field that another graph has',
      'library',
      BOOKS,
      (plan) => (plan.fetches[0].document = plan.fetches[0].document.replace('title', 'title loans { days }')),
      /does not define/,
    ],
    ['a document that does not parse', 'library', BOOKS, (plan) => (plan.fetches[0].document = '{'), /Syntax Error/],
    [
      'an external field that nothing provides',
      'library',
      '{ atShelf(hall: "A", no: 1) { isbn } }',
      (plan) => (plan.fetches[0].document = plan.fetches[0].document.replace('isbn', 'isbn pages')),
      /external/,
    ],
    [
      'an overridden field',
      'harbour',
      '{ vessels { ... on Tug { call } } }',
      (plan) => (plan.fetches[0].document = plan.fetches[0].document.replace('call', 'call pull')),
      /overridden/,
    ],
    [
      'a field without its requirement',
      'library',
      BOOKS,
      (plan) =>
        entity(plan).forEach((fetch) =>
          fetch.calls.forEach((call: Loose) =>
            call.paths.forEach((path: Loose) => path.entries.forEach((entry: Loose) => (entry.requires = []))),
          ),
        ),
      /without its requirement/,
    ],
    [
      'a requirement that is not sent',
      'library',
      BOOKS,
      (plan) =>
        entity(plan).forEach((fetch) =>
          fetch.calls[0].paths[0].entries.forEach((entry: Loose) => entry.requires.forEach((one: Loose) => (one.needs = []))),
        ),
      /requires pages/,
    ],
    [
      'a requirement with other arguments',
      'harbour',
      '{ vessels { fee } }',
      (plan) => (plan.fetches[0].document = plan.fetches[0].document.replaceAll('FOOT', 'METRE')),
      /requires draught/,
    ],
    [
      'a key that is not one',
      'library',
      BOOKS,
      (plan) => entity(plan).forEach((fetch) => fetch.calls[0].paths[0].entries.forEach((entry: Loose) => entry.key.splice(0, 1))),
      /no resolvable key/,
    ],
    [
      'a type name the graph does not know',
      'harbour',
      '{ berths { load { ... on Ferry { entries } } } }',
      (plan) => entity(plan).forEach((fetch) => fetch.calls[0].paths[0].entries.forEach((entry: Loose) => (entry.typeName = 'Ferry'))),
      /does not know Ferry/,
    ],
    [
      'types that nobody reads',
      'harbour',
      BERTHS,
      (plan) => plan.nodes.forEach((node) => (node.readsType = false)),
      /does not read __typename|nobody reads/,
    ],
    [
      'a source under another name',
      'library',
      BOOKS,
      (plan) =>
        plan.positions.forEach((position) =>
          position.classes.forEach((cls: Loose) =>
            cls.lanes[0]?.forEach(
              (entry: Loose) => (entry.source = entry.source?.kind === 'leaf' ? { ...entry.source, name: 'nothing' } : entry.source),
            ),
          ),
        ),
      /has no nothing/,
    ],
    [
      'a key left out of the answer',
      'library',
      BOOKS,
      (plan) => plan.positions.forEach((position) => position.classes[0].lanes[0]?.pop()),
      /the client asks for/,
    ],
    [
      'answers in another order',
      'library',
      BOOKS,
      (plan) => plan.positions.forEach((position) => position.classes[0].lanes[0]?.reverse()),
      /the client asks for/,
    ],
    [
      'a variable that is not given',
      'library',
      BOOKS,
      (plan) => entity(plan).forEach((fetch) => (fetch.calls[0].variable = 'other')),
      /declares/,
    ],
    [
      'a mutation sent twice',
      'library',
      'mutation { lend(hall: "A", no: 1, days: 1) { days } }',
      (plan) =>
        (plan.fetches[0].document = plan.fetches[0].document.replace('lend(', 'again: lend(hall: "A", no: 1, days: 1) { days } lend(')),
      /1 mutation fields are asked, 2 sent/,
    ],
    [
      'a fetch that nobody reads',
      'library',
      BOOKS,
      (plan) => plan.fetches.push({ ...plan.fetches[0], id: plan.fetches.length }),
      /read by nobody/,
    ],
  ])('finds %s', (_name, supergraph, query, damage, message) => {
    expect(damaged(supergraph, query, damage).join('\n')).toMatch(message);
  });
});
