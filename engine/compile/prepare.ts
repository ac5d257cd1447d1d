/** The request body of a fetch: prepared text around what only the run knows (representations and variables of the client). */
import type { Plan, PlanFetch } from '../plan/index.ts';
import { Lost } from './answers.ts';
import { compileContextual } from './contextual.ts';
import { dataOf, placesOf } from './places.ts';
import type { Join } from './places.ts';
import { isObject } from './answers.ts';
import { compileRepresent } from './represent.ts';
import type { Represent } from './represent.ts';

/**
 * A JSON body, the number of representations, and the bodies that are to be sent after it where one request cannot hold all calls
 * (contextual.ts). Null when there is nothing to ask.
 */
export type Prepared = { readonly body: string; readonly representations: number; readonly further?: readonly string[] } | null;
export type Prepare = (join: Join, variables: Readonly<Record<string, unknown>>) => Prepared;

export function compilePrepare(plan: Plan, fetch: PlanFetch): Prepare {
  const head = `{"query":${JSON.stringify(fetch.document)}`;
  const own = fetch.variables.map((name) => ({ name, prefix: `${JSON.stringify(name)}:` }));
  const pick = (variables: Readonly<Record<string, unknown>>): string[] =>
    own.flatMap(({ name, prefix }) =>
      Object.hasOwn(variables, name) && variables[name] !== undefined ? [prefix + JSON.stringify(variables[name])] : [],
    );
  const close = (parts: readonly string[]): string => (parts.length === 0 ? `${head}}` : `${head},"variables":{${parts.join(',')}}}`);
  switch (fetch.kind) {
    case 'root':
      return (_join, variables) => ({ body: close(pick(variables)), representations: 0 });
    case 'reentry': {
      const position = fetch.at === null ? undefined : plan.positions[fetch.at];
      return (join, variables) => {
        const present = position !== undefined && placesOf(join, position).some((place) => isObject(dataOf(join, place, position.primary)));
        return present ? { body: close(pick(variables)), representations: 0 } : null;
      };
    }
    case 'entity': {
      if (fetch.calls.some((call) => call.contexts.length > 0)) return compileContextual(plan, fetch);
      const calls = compileCalls(plan, fetch);
      return (join, variables) => {
        const filled = calls.map(({ variable, fill }) => ({ variable, texts: fill(join) }));
        const counts = filled.map(({ texts }) => texts.length);
        join.counts[fetch.id] = counts;
        const count = counts.reduce((sum, one) => sum + one, 0);
        const parts = filled.map(({ variable, texts }) => `${JSON.stringify(variable)}:[${texts.join(',')}]`);
        return count === 0 ? null : { body: close([...parts, ...pick(variables)]), representations: count };
      };
    }
  }
}

/** Each call fills its list, first seen first, over all its paths; each place remembers its index. */
function compileCalls(plan: Plan, fetch: PlanFetch): { readonly variable: string; fill(join: Join): string[] }[] {
  return fetch.calls.map((call) => {
    const paths = call.paths.map((path) => ({
      position: plan.positions[path.position],
      node: path.node,
      represent: compileRepresent(path),
    }));
    return {
      variable: call.variable,
      fill(join) {
        const seen = new Map<string, number>();
        for (const { position, node, represent } of paths) {
          if (position === undefined) continue;
          for (const place of placesOf(join, position)) place.sent.set(node, indexFor(represent, join, place, seen));
        }
        return [...seen.keys()];
      },
    };
  });
}

function indexFor(represent: Represent, join: Join, place: Parameters<Represent>[1], seen: Map<string, number>): number | null | Lost {
  const text = represent(join, place);
  if (text === null || text instanceof Lost) return text;
  const known = seen.get(text);
  if (known !== undefined) return known;
  seen.set(text, seen.size);
  return seen.size - 1;
}
