/**
 * Requests whose arguments ancestors fill. Objects are grouped by the tuple of values that their ancestors have; each tuple is an aliased
 * `_entities` call with variables of its own, at most `CONTEXT_CALLS` of them in one request, the others in the requests that follow it.
 */
import type { Plan, PlanCall, PlanContextSource, PlanFetch } from '../plan/index.ts';
import { Lost } from './answers.ts';
import { writeEntityDocument } from './code.ts';
import { placesOf } from './places.ts';
import type { Join, Place, SentCall } from './places.ts';
import type { Prepare } from './prepare.ts';
import { compileRepresent, compileValue } from './represent.ts';
import type { Value } from './represent.ts';

/** Such calls in one request. */
export const CONTEXT_CALLS = 50;

/** One call as it is sent: the representations of one tuple. */
type Unit = {
  readonly call: PlanCall;
  readonly number: number;
  readonly values: readonly string[];
  readonly seen: Map<string, number>;
} & SentCall;

type Variables = Readonly<Record<string, unknown>>;

export function compileContextual(plan: Plan, fetch: PlanFetch): Prepare {
  const fills = fetch.calls.map((call) => compileFill(plan, call));
  return (join, variables) => {
    const requests = pack(fills.flatMap((fill) => fill(join)));
    const [body, ...further] = requests.map((units) => writeBody(fetch, units, variables));
    if (body === undefined) return null;
    const representations = requests.flat().reduce((sum, { seen }) => sum + seen.size, 0);
    return further.length === 0 ? { body, representations } : { body, representations, further };
  };
}

function compileFill(plan: Plan, call: PlanCall): (join: Join) => Unit[] {
  const paths = call.paths.map((path) => ({
    position: plan.positions[path.position],
    node: path.node,
    represent: compileRepresent(path),
    values: path.contexts.map(compileSource),
  }));
  return (join) => {
    const units = new Map<string, Unit>();
    for (const { position, node, represent, values } of paths) {
      if (position === undefined) continue;
      for (const place of placesOf(join, position)) {
        const text = represent(join, place);
        const tuple = text === null || text instanceof Lost ? text : tupleOf(join, place, values);
        if (typeof text !== 'string' || tuple === null || tuple instanceof Lost) {
          place.sent.set(node, tuple instanceof Lost ? tuple : null);
          continue;
        }
        const key = tuple.join(',');
        const unit = units.get(key) ?? { call, number: units.size, values: tuple, seen: new Map<string, number>(), request: 0, alias: '' };
        units.set(key, unit);
        const index = unit.seen.get(text) ?? unit.seen.size;
        unit.seen.set(text, index);
        place.sent.set(node, { call: unit, index });
      }
    }
    return [...units.values()];
  };
}

/** JSON texts; or why one of them is not known: then nothing is asked, because the graph would compute from nothing. */
function tupleOf(join: Join, place: Place, values: readonly Value[]): string[] | Lost {
  const texts: string[] = [];
  for (const value of values) {
    const text = value(join, place);
    if (text instanceof Lost) return text.asNeed();
    texts.push(text ?? 'null');
  }
  return texts;
}

function compileSource({ position, value }: PlanContextSource): Value {
  const read = value === null ? null : compileValue(value);
  // The nearest ancestor stands above the place, whatever lists lie between.
  return (join, place) => {
    let at: Place | null = place;
    while (at !== null && at.position.id !== position) at = at.parent;
    return at === null || read === null ? null : read(join, at);
  };
}

/** Calls without contexts go with the first request. */
function pack(units: readonly Unit[]): Unit[][] {
  const requests: Unit[][] = [];
  let count = 0;
  for (const unit of units) {
    unit.request = unit.values.length === 0 ? 0 : Math.floor(count++ / CONTEXT_CALLS);
    unit.alias = numbered(unit.call.alias, unit);
    (requests[unit.request] ??= []).push(unit);
  }
  return requests;
}

/** The first has the names of the plan. */
function numbered(name: string, { number }: Unit): string {
  return number === 0 ? name : `${name}_${number}`;
}

function writeBody(fetch: PlanFetch, units: readonly Unit[], variables: Variables): string {
  const used = new Set(units.flatMap(({ call }) => call.uses));
  const calls = units.map((unit) => ({
    alias: unit.alias,
    variable: numbered(unit.call.variable, unit),
    contexts: unit.call.contexts.map(({ variable, type }) => ({ variable: numbered(variable, unit), type })),
    pieces: unit.values.length === 0 ? [unit.call.selection] : unit.call.pieces,
  }));
  const document = writeEntityDocument(
    calls,
    fetch.declarations.filter((_, index) => used.has(fetch.variables[index] ?? '')),
  );
  const filled = units.flatMap(({ seen, values }, index) => [
    `${JSON.stringify(calls[index]?.variable)}:[${[...seen.keys()].join(',')}]`,
    ...values.map((text, at) => `${JSON.stringify(calls[index]?.contexts[at]?.variable)}:${text}`),
  ]);
  const own = fetch.variables.flatMap((name) =>
    used.has(name) && Object.hasOwn(variables, name) && variables[name] !== undefined
      ? [`${JSON.stringify(name)}:${JSON.stringify(variables[name])}`]
      : [],
  );
  return `{"query":${JSON.stringify(document)},"variables":{${[...filled, ...own].join(',')}}}`;
}
