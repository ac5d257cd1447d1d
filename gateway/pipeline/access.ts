/**
 * What somebody may not read of what an operation touches. Exports `createAccess`.
 *
 * What an operation does not touch counts as denied: its policies need not be asked, all who are equal in what it touches share a plan,
 * and were `touchedBy` ever wrong, that would deny too much and never too little.
 */
import { demandsOf, deniedBy, meets, policiesOf, touchedBy, visibleSchema, type Demands, type Reader } from '../../engine/access/index.ts';
import type { Supergraph } from '../../engine/supergraph/index.ts';
import type { GraphQLSchema } from 'graphql';
import { isAuthenticated, type Principal } from '../../lib/identity/index.ts';
import { BoundedCache } from './bounded-cache.ts';
import type { KnownOperation } from './known-document.ts';
import type { PolicyBook } from './policies.ts';

/** `id`: short text, equal for equal sets of one operation on one supergraph. */
export type Denied = { readonly coordinates: ReadonlySet<string>; readonly id: string };

export type Access = {
  judge(asking: Asking): Denied | Promise<Denied>;
  /** All of the principal that its policies may decide by; '' where none is asked. Equal texts: equal verdicts, now and later. */
  readBy(asking: Asking): string;
  /** The public schema without what is denied. */
  view(supergraph: Supergraph, denied: Denied): GraphQLSchema;
};

type Asking = { readonly supergraph: Supergraph; readonly operation: KnownOperation; readonly principal: Principal };

/** Sets of denied coordinates and schemas made of them, each for one supergraph. */
const maxSets = 500;
const maxCoordinates = 500_000;
const maxViews = 50;

const nothingDenied: Denied = Object.freeze({ coordinates: Object.freeze(new Set<string>()), id: '' });

export function createAccess(policies: PolicyBook): Access {
  const touched = new WeakMap<KnownOperation, readonly number[]>();
  const ofGraph = new WeakMap<Supergraph, Caches>();
  const cachesOf = (supergraph: Supergraph): Caches => {
    const caches = ofGraph.get(supergraph) ?? createCaches();
    ofGraph.set(supergraph, caches);
    return caches;
  };
  const touchedDemands = ({ supergraph, operation }: Asking, demands: Demands): readonly number[] => {
    const found = touched.get(operation) ?? listTouched(supergraph, operation, demands);
    touched.set(operation, found);
    return found;
  };
  return {
    readBy(asking) {
      const demands = demandsOf(asking.supergraph);
      const reader = toReader(asking.principal);
      const names = new Set(touchedDemands(asking, demands).flatMap((position) => namesOf(demands, position, reader)));
      return [...names].map((name) => policies.subjectOf(name, asking.principal)).join('\n');
    },
    judge(asking) {
      const demands = demandsOf(asking.supergraph);
      if (demands.list.length === 0) return nothingDenied;
      const positions = touchedDemands(asking, demands);
      const reader = toReader(asking.principal);
      const { sets } = cachesOf(asking.supergraph);
      const finish = (verdicts: ReadonlyMap<string, boolean>) => toDenied(demands, positions, { sets, reader, verdicts });
      const names = new Set(positions.flatMap((position) => namesOf(demands, position, reader)));
      return names.size === 0 ? finish(new Map()) : askAll(policies, names, asking.principal).then(finish);
    },
    view(supergraph, { coordinates }) {
      if (coordinates.size === 0) return supergraph.publicSchema;
      const { views } = cachesOf(supergraph);
      const key = [...coordinates].join(' ');
      const known = views.get(key);
      if (known) return known;
      const view = visibleSchema(supergraph.publicSchema, coordinates);
      views.set(key, view, 1);
      return view;
    },
  };
}

function toReader(principal: Principal): Reader {
  return { authenticated: isAuthenticated(principal), scopes: new Set(principal.scopes) };
}

type Caches = { readonly sets: BoundedCache<ReadonlySet<string>>; readonly views: BoundedCache<GraphQLSchema> };

function createCaches(): Caches {
  return {
    sets: new BoundedCache({ maxEntries: maxSets, maxWeight: maxCoordinates }),
    views: new BoundedCache({ maxEntries: maxViews, maxWeight: maxViews }),
  };
}

/** Introspection shows everything that may be had, so it touches everything. */
function listTouched(supergraph: Supergraph, operation: KnownOperation, { list, of }: Demands): readonly number[] {
  if (operation.introspects) return list.map((_, position) => position);
  const found = new Set<number>();
  for (const coordinate of touchedBy(supergraph, operation.coordinates))
    for (const position of of.get(coordinate) ?? []) found.add(position);
  return [...found].toSorted((a, b) => a - b);
}

function namesOf({ list }: Demands, position: number, reader: Reader): readonly string[] {
  const access = list[position];
  return access === undefined ? [] : policiesOf(access, reader);
}

async function askAll(policies: PolicyBook, names: ReadonlySet<string>, principal: Principal): Promise<ReadonlyMap<string, boolean>> {
  return new Map(await Promise.all([...names].map(async (name) => [name, await policies.allows(name, principal)] as const)));
}

type Judging = {
  readonly sets: BoundedCache<ReadonlySet<string>>;
  readonly reader: Reader;
  readonly verdicts: ReadonlyMap<string, boolean>;
};

function toDenied(demands: Demands, touched: readonly number[], { sets, reader, verdicts }: Judging): Denied {
  const allows = (policy: string) => verdicts.get(policy) === true;
  const met = new Set(
    touched.filter((position) => {
      const access = demands.list[position];
      return access !== undefined && meets(access, reader, allows);
    }),
  );
  const id = touched.filter((position) => !met.has(position)).join(' ');
  const key = [...met].join(' ');
  const known = sets.get(key);
  if (known) return { coordinates: known, id };
  const unmet = new Set(demands.list.flatMap((_, position) => (met.has(position) ? [] : [position])));
  const coordinates = deniedBy(demands, unmet);
  sets.set(key, coordinates, coordinates.size);
  return { coordinates, id };
}
