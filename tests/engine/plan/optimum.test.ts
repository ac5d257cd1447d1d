/** For small cuts and operations: every assignment of sources is tried, and none is cheaper than what the planner chose. */
import { choose } from '../../../engine/plan/choose.ts';
import { conditionVariables } from '../../../engine/plan/conditions.ts';
import { costOf } from '../../../engine/plan/cost.ts';
import { demandAll } from '../../../engine/plan/demand.ts';
import type { Derivation, Position, Slot, View } from '../../../engine/plan/model.ts';
import { normalise } from '../../../engine/plan/normalise.ts';
import { findUnreachable } from '../../../engine/plan/reach.ts';
import { createRun, labelsOf } from '../../../engine/plan/run.ts';
import type { Run } from '../../../engine/plan/run.ts';
import { saturate } from '../../../engine/plan/saturate.ts';
import { createState } from '../../../engine/plan/selection-state.ts';
import type { Open, State } from '../../../engine/plan/selection-state.ts';
import { composeCut } from '../../differential/compose-cut.ts';
import type { ReadyCut } from '../../differential/compose-cut.ts';
import { operationOf } from '../../differential/run.ts';
import type { Operation } from '../../differential/operations.ts';

const MOST_SLOTS = 8;
const MOST_STEPS = 10_000;

/** Something that an assignment must still settle. */
type Duty =
  | { readonly kind: 'slot'; readonly slot: Slot }
  | { readonly kind: 'view'; readonly view: View }
  | { readonly kind: 'read'; readonly open: Open; readonly slot: Slot }
  | { readonly kind: 'type'; readonly open: Open; readonly position: Position };

type Search = { readonly state: State; best: number; tried: number; steps: number };

function prepare(ready: ReadyCut, { document, variables }: Operation): { run: Run; roots: Position[] } {
  const conditions = new Map(conditionVariables(document, 'Q').map((name) => [name, variables[name] === true]));
  const request = { supergraph: ready.supergraph, document, operationName: 'Q', conditions };
  const run = createRun({ request, labels: labelsOf(request), stage: 0, fold: true });
  const roots = normalise(run, []);
  demandAll(run);
  saturate(run, roots);
  return { run, roots };
}

/** Tries everything for the duties, the last first; what was set is taken back before the next try. */
function tryAll(search: Search, duties: readonly Duty[]): void {
  search.steps += 1;
  if (search.steps > MOST_STEPS) return;
  const { state } = search;
  const duty = duties.at(-1);
  const rest = duties.slice(0, -1);
  if (duty === undefined) return evaluate(search);
  switch (duty.kind) {
    case 'slot':
      for (const view of duty.slot.sources) {
        state.sources.set(duty.slot, view);
        tryAll(search, [...rest, { kind: 'view', view }]);
      }
      state.sources.delete(duty.slot);
      return;
    case 'read':
      for (const view of duty.slot.sources) {
        duty.open.reads.set(duty.slot, view);
        tryAll(search, [...rest, { kind: 'view', view }]);
      }
      duty.open.reads.delete(duty.slot);
      return;
    case 'type':
      for (const view of duty.position.typeFact.sources) {
        duty.open.types.set(duty.position, view);
        tryAll(search, [...rest, { kind: 'view', view }]);
      }
      duty.open.types.delete(duty.position);
      return;
    case 'view':
      if (state.open.has(duty.view)) return tryAll(search, rest);
      for (const derivation of duty.view.derivations) {
        const open: Open = { view: duty.view, derivation, reads: new Map(), types: new Map(), level: 1 };
        state.open.set(duty.view, open);
        tryAll(search, [...rest, ...dutiesOf(open, derivation)]);
      }
      state.open.delete(duty.view);
  }
}

function dutiesOf(open: Open, derivation: Derivation): Duty[] {
  switch (derivation.kind) {
    case 'root':
      return [];
    case 'field':
      return [{ kind: 'view', view: derivation.parent }];
    case 'reentry':
      return [{ kind: 'view', view: derivation.from }];
    case 'key':
      return [
        ...derivation.rule.slots.filter((slot) => slot.child === null).map((slot): Duty => ({ kind: 'read', open, slot })),
        ...derivation.rule.types.map((position): Duty => ({ kind: 'type', open, position })),
      ];
  }
}

function evaluate(search: Search): void {
  search.tried += 1;
  if (!isCircular(search.state)) search.best = Math.min(search.best, costOf(search.state).total);
}

function isCircular({ open }: State): boolean {
  const done = new Set<View>();
  const visit = (view: View, above: ReadonlySet<View>): boolean => {
    if (above.has(view)) return true;
    const found = open.get(view);
    if (found === undefined || done.has(view)) return false;
    const { derivation } = found;
    const below = new Set([...above, view]);
    const next = [
      ...found.reads.values(),
      ...found.types.values(),
      ...(derivation.kind === 'field' ? [derivation.parent] : derivation.kind === 'reentry' ? [derivation.from] : []),
    ];
    done.add(view);
    return next.some((one) => visit(one, below));
  };
  return [...open.keys()].some((view) => visit(view, new Set()));
}

/** Leaves that the client asks for; null when the case is not small, or when more than its leaves has to be chosen. */
function leavesOf(run: Run): Slot[] | null {
  const leaves: Slot[] = [];
  for (const position of run.positions) {
    if (position.laneCount === 0) continue;
    if (position.interfaceObjects.length > 0 || position.classes.length > 1) return null;
    for (const slot of position.classes[0]?.slots.values() ?? []) if (slot.client && slot.child === null) leaves.push(slot);
    if (position.slot !== null && ![...(position.classes[0]?.slots.values() ?? [])].some(({ client }) => client)) return null;
  }
  return leaves.length > 0 && leaves.length <= MOST_SLOTS ? leaves : null;
}

type Tally = { compared: number; chosen: number; readonly dearer: string[] };

function compare(ready: ReadyCut, number: number, tally: Tally): void {
  const operation = operationOf(ready, number);
  if (operation === null || !operation.text.startsWith('query')) return;
  const { run, roots } = prepare(ready, operation);
  const leaves = leavesOf(run);
  if (leaves === null || findUnreachable(run).length > 0) return;
  const search: Search = { state: createState(run, [], new Map()), best: Number.MAX_SAFE_INTEGER, tried: 0, steps: 0 };
  tryAll(search, leaves.map((slot): Duty => ({ kind: 'slot', slot })).toReversed());
  if (search.steps > MOST_STEPS) return;
  tally.compared += 1;
  if (search.tried > 1) tally.chosen += 1;
  const { cost } = choose(run, roots);
  if (cost.total !== search.best)
    tally.dearer.push(`--cut ${ready.cut.seed} --operation ${number}: ${cost.total} instead of ${search.best}`);
}

/** 0: the cuts below. */
const wanted = Number(process.env['OPTIMUM_CASES'] ?? 0);

/** Cuts with many choices in few graphs: found by `OPTIMUM_CASES=1000 npm test -- tests/engine/plan/optimum`, which goes through all seeds. */
const CUTS = [10, 17, 113, 122, 139, 144, 210, 301];
const OPERATIONS = wanted === 0 ? 150 : 60;
const FEWEST = 150;
describe('the choice of sources', () => {
  it(
    'is the cheapest of all, for cuts of at most three graphs and operations of at most eight leaves',
    () => {
      const tally: Tally = { compared: 0, chosen: 0, dearer: [] };
      const seeds = wanted === 0 ? CUTS : Array.from({ length: wanted }, (_, index) => index + 1);
      for (const seed of seeds) {
        if (wanted > 0 && tally.compared >= wanted) break;
        const ready = composeCut(seed);
        if (!('cut' in ready) || ready.supergraph.graphs.length > 3) continue;
        // Those that go to no construct: they are smaller.
        for (let number = 1; number <= OPERATIONS; number += 1) compare(ready, 4 * number, tally);
      }
      expect(tally.dearer).toEqual([]);
      expect(tally.compared).toBeGreaterThanOrEqual(FEWEST);
      expect(tally.chosen).toBeGreaterThanOrEqual(FEWEST / 2);
    },
    30_000 + 1_000 * wanted,
  );
});
