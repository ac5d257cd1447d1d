/**
 * The open views of one attempt at choosing: opening a view opens whatever it stands on, cheapest first. An attempt replays a
 * list of choices; where the list ends it takes the best-looking alternative, and notes how many there were (search.ts).
 */
import { EngineError } from '../supergraph/engine-error.ts';
import type { Derivation, Position, Slot, View } from './model.ts';
import type { Run } from './run.ts';

/** A view in use, with the support chosen for it. */
export type Open = {
  readonly view: View;
  readonly derivation: Derivation;
  /** Where each leaf of its key and requirement is read. */
  readonly reads: Map<Slot, View>;
  /** Where the runtime types it needs are read. */
  readonly types: Map<Position, View>;
  level: number;
};

export type State = {
  readonly run: Run;
  readonly open: Map<View, Open>;
  readonly sources: Map<Slot, View>;
  readonly choices: readonly number[];
  /** Number of alternatives at each choice point met so far. */
  readonly alternatives: number[];
  readonly requests: Set<string>;
  maxLevel: number;
  readonly cover: Map<View, number>;
  /** Positions with an open view. */
  readonly held: Set<Position>;
  /** Views whose support is being opened: they cannot support themselves. */
  readonly opening: Set<View>;
  readonly paid: Paid | null;
};

/**
 * What an attempt before has paid for (prune.ts). Its requests cost nothing, nor do levels up to its last one: so views may be entered one
 * level later than they could be.
 */
export type Paid = { readonly requests: ReadonlySet<string>; readonly levels: number; readonly avoided: ReadonlySet<string> };

export function createState(run: Run, choices: readonly number[], cover: Map<View, number>, paid: Paid | null = null): State {
  return {
    run,
    open: new Map(),
    sources: new Map(),
    choices,
    alternatives: [],
    requests: new Set(),
    maxLevel: 0,
    cover,
    held: new Set(),
    opening: new Set(),
    paid,
  };
}

export type Entrance = Exclude<Derivation['kind'], 'field'>;

/** Entrances of one graph and level share a request, but for those by a query root below the first: each place has its own. */
export function requestKey(kind: Entrance, { cls, graph }: View, level: number): string {
  if (kind === 'reentry') return `q${cls.position.id}:${graph}:${level}`;
  return `${kind === 'key' ? 'e' : 'r'}${graph}:${level}`;
}

type Price = { readonly cost: number; readonly level: number };

const LEVEL = 400;
const REQUEST = 100;
const PLACE = 10;
/** Of a request that an attempt is to do without. */
const AVOIDED = 100_000;
/** At most so many alternatives are tried at one point. */
const MAX_ALTERNATIVES = 4;

/** Derivations of a view's own rank never lead in circles; those of the next may, so they are taken only to join what is paid for. */
function usableDerivations(state: State, view: View): readonly Derivation[] {
  const most = view.rank + (state.paid === null ? 0 : 1);
  if (view.derivations[0]?.kind === 'reentry') {
    // Any graph's query root will do: one that is held anyway, though there be too many to remember all.
    for (const from of view.cls.views.values()) {
      const kind = state.open.get(from)?.derivation.kind;
      if (kind !== undefined && kind !== 'reentry' && from.rank < most) return [{ kind: 'reentry', rank: from.rank + 1, from }];
    }
  }
  return view.derivations.filter((derivation) => derivation.rank <= most);
}

function costOfRequest(state: State, kind: Entrance, view: View, level: number): number {
  const key = requestKey(kind, view, level);
  if (state.paid?.avoided.has(key) === true) return AVOIDED;
  return state.requests.has(key) || state.paid?.requests.has(key) === true ? 0 : REQUEST;
}

function weigh(state: State, { cost, level }: Price): number {
  return cost + (state.paid === null ? LEVEL * level : LEVEL * Math.max(0, level - state.paid.levels) + level);
}

/** Opens the view and its support, in the way given or else the cheapest. */
export function openView(state: State, view: View, way?: Derivation): Open {
  const found = state.open.get(view);
  if (found !== undefined) return found;
  if (state.opening.has(view)) throw new EngineError('PLAN_UNREACHABLE_FIELD', 'A view would have to support itself.');
  state.opening.add(view);
  state.run.budget.note('searchNodes');
  const derivation = way ?? pickDerivation(state, view, usableDerivations(state, view));
  const open: Open = { view, derivation, reads: new Map(), types: new Map(), level: 1 };
  switch (derivation.kind) {
    case 'root':
      break;
    case 'field':
      open.level = openView(state, derivation.parent).level;
      break;
    case 'reentry':
      open.level = 1 + openView(state, derivation.from).level;
      break;
    case 'key':
      openSupport(state, open, derivation.rank - 1, derivation.rule.slots, derivation.rule.types);
      break;
  }
  state.opening.delete(view);
  state.open.set(view, open);
  state.held.add(view.cls.position);
  state.maxLevel = Math.max(state.maxLevel, open.level);
  if (derivation.kind !== 'field') state.requests.add(requestKey(derivation.kind, view, open.level));
  return open;
}

/** Its objects come by the field itself, no later than in any other way. */
export function isBrought(view: View): boolean {
  return view.derivations.some(({ kind, rank }) => kind === 'field' && rank <= view.rank);
}

/** Opens such a view by the field, though there be a cheaper way to enter it. */
export function openBrought(state: State, view: View): Open {
  const found = state.open.get(view);
  const ways = usableDerivations(state, view).filter(({ kind }) => kind === 'field');
  return found ?? openView(state, view, pickDerivation(state, view, ways));
}

function openSupport(state: State, open: Open, bound: number, slots: readonly Slot[], types: readonly Position[]): void {
  for (const slot of slots) {
    if (slot.child !== null) continue;
    const source = pickSource(state, slot, bound);
    open.level = Math.max(open.level, 1 + openView(state, source).level);
    open.reads.set(slot, source);
  }
  for (const position of types) open.level = Math.max(open.level, 1 + addType(state, open, position, bound));
}

/** Reads the type at a position before the view is entered; returns the level at which it is known. */
export function addType(state: State, open: Open, position: Position, bound: number): number {
  const source = pickAmong(state, position.typeFact.sources, bound, position.type.name);
  open.types.set(position, source);
  return openView(state, source).level;
}

/** The view in which a leaf of a need is read. */
function pickSource(state: State, slot: Slot, bound: number): View {
  const chosen = state.sources.get(slot);
  if (chosen !== undefined && chosen.rank <= bound && state.open.has(chosen)) return chosen;
  return pickAmong(state, slot.sources, bound, slot.field.coordinate);
}

function pickAmong(state: State, sources: readonly View[], bound: number, what: string): View {
  const usable = sources.filter((view) => view.rank <= bound);
  const [first] = usable;
  if (first === undefined) throw new EngineError('PLAN_UNREACHABLE_FIELD', `No way through the graphs leads to ${what}.`);
  if (usable.length === 1) return first;
  const priced = usable.map((view) => ({ view, price: priceOf(state, view) }));
  priced.sort((a, b) => weigh(state, a.price) - weigh(state, b.price));
  return decide(state, priced);
}

/** A choice point, unless the first alternative costs next to nothing. */
function decide<T extends { readonly price: Price; readonly view: View }>(state: State, sorted: readonly T[]): View {
  const [best] = sorted;
  if (best === undefined) throw new EngineError('PLAN_UNREACHABLE_FIELD', 'Nothing to choose from.');
  const dearer = best.price.cost >= PLACE || sorted.some(({ price }) => price.level < best.price.level);
  const count = dearer ? Math.min(sorted.length, MAX_ALTERNATIVES) : 1;
  return (sorted[chooseIndex(state, count)] ?? best).view;
}

function chooseIndex(state: State, count: number): number {
  if (count < 2) return 0;
  const index = state.choices[state.alternatives.length] ?? 0;
  state.alternatives.push(count);
  return index;
}

function pickDerivation(state: State, view: View, usable: readonly Derivation[]): Derivation {
  const [first] = usable;
  if (first === undefined) throw new EngineError('PLAN_UNREACHABLE_FIELD', `No way leads to ${view.cls.type.name} in ${view.graph}.`);
  if (usable.length === 1) return first;
  const priced = usable.map((derivation) => ({ derivation, price: priceOfDerivation(state, view, derivation) }));
  priced.sort((a, b) => weigh(state, a.price) - weigh(state, b.price));
  const count = (priced[0]?.price.cost ?? 0) >= PLACE ? Math.min(priced.length, MAX_ALTERNATIVES) : 1;
  return (priced[chooseIndex(state, count)] ?? priced[0])?.derivation ?? first;
}

/** What opening the view would add, roughly: support that is not open counts with its estimate from saturation. */
export function priceOf(state: State, view: View): Price {
  const open = state.open.get(view);
  if (open !== undefined) return { cost: 0, level: open.level };
  let best: Price | null = null;
  for (const derivation of usableDerivations(state, view)) {
    const price = priceOfDerivation(state, view, derivation);
    if (best === null || weigh(state, price) < weigh(state, best)) best = price;
  }
  return best ?? { cost: view.estimate, level: view.rank };
}

function priceOfDerivation(state: State, view: View, derivation: Derivation): Price {
  switch (derivation.kind) {
    case 'root':
      return { cost: Math.max(1, costOfRequest(state, 'root', view, 1)), level: 1 };
    case 'field': {
      const parent = priceOf(state, derivation.parent);
      return { cost: parent.cost + 1, level: parent.level };
    }
    case 'reentry': {
      const from = nearbyPrice(state, derivation.from);
      const level = 1 + from.level;
      return { cost: PLACE + from.cost + costOfRequest(state, 'reentry', view, level), level };
    }
    case 'key': {
      let level = 1;
      let cost = PLACE;
      for (const slot of derivation.rule.slots) {
        if (slot.child !== null) continue;
        const source = cheapestKnown(state, slot, derivation.rank - 1);
        level = Math.max(level, 1 + source.level);
        cost += 1 + source.cost;
      }
      level = Math.max(level, ...derivation.rule.types.map((position) => 1 + typeLevel(state, position)));
      return { cost: cost + costOfRequest(state, 'key', view, level), level };
    }
  }
}

function cheapestKnown(state: State, slot: Slot, bound: number): Price {
  let best: Price | null = null;
  for (const view of slot.sources) {
    if (view.rank > bound) continue;
    const price = nearbyPrice(state, view);
    if (best === null || weigh(state, price) < weigh(state, best)) best = price;
  }
  return best ?? { cost: 0, level: 1 };
}

/** Of a view that is open, or one field below an open one; of others what was estimated, or the search would look at every way to them. */
function nearbyPrice(state: State, view: View): Price {
  const open = state.open.get(view);
  if (open !== undefined) return { cost: 0, level: open.level };
  const [way] = view.derivations;
  const parent = way?.kind === 'field' ? state.open.get(way.parent) : undefined;
  return parent === undefined ? estimateOf(state, view) : { cost: 1, level: parent.level };
}

/** From saturation; where requests are paid for, a view below a root field costs what entering there does. */
function estimateOf(state: State, view: View): Price {
  const plain = { cost: view.estimate, level: view.rank };
  if (state.paid === null) return plain;
  let top = view;
  for (let [first] = top.derivations; first?.kind === 'field'; [first] = top.derivations) top = first.parent;
  return top.derivations[0]?.kind === 'root' ? { cost: 1 + costOfRequest(state, 'root', top, 1), level: 1 } : plain;
}

function typeLevel(state: State, position: Position): number {
  let level = Number.MAX_SAFE_INTEGER;
  for (const view of position.typeFact.sources) level = Math.min(level, state.open.get(view)?.level ?? view.rank);
  return level === Number.MAX_SAFE_INTEGER ? 1 : level;
}

/** Gives a client slot its source: an open one if there is one, else the one that costs least for what it covers. */
export function sourceSlot(state: State, slot: Slot): void {
  const source = pickForClient(state, slot.sources);
  openView(state, source);
  state.sources.set(slot, source);
}

export function pickForClient(state: State, sources: readonly View[]): View {
  const open = sources.filter((view) => state.open.has(view));
  const [first] = open.toSorted((a, b) => (state.open.get(a)?.level ?? 0) - (state.open.get(b)?.level ?? 0));
  if (first !== undefined) return first;
  // A view with requirements is never opened for a plain slot alone.
  const plain = sources.filter((view) => view.requiring === null);
  const candidates = plain.length > 0 ? plain : sources;
  const priced = candidates.map((view) => {
    const price = priceOf(state, view);
    const added = price.cost + LEVEL * Math.max(0, price.level - Math.max(state.maxLevel, state.paid?.levels ?? 0));
    return { view, price, added, cover: 1 + (state.cover.get(view) ?? 0) };
  });
  priced.sort((a, b) => a.added * b.cover - b.added * a.cover || a.added - b.added);
  return decide(state, priced);
}
