/**
 * What each coordinate of a supergraph demands of whoever reads it: its own demand, its parent type's and its return type's, all of
 * which must be met. Exports `demandsOf` and `deniedBy`.
 */
import { idsOf } from '../supergraph/bits.ts';
import type { Access, CompositeType, Field, InterfaceType, ObjectType, Supergraph } from '../supergraph/types.ts';
import { implies } from './implies.ts';

export type Demands = {
  /** Every different demand of the supergraph, each once, in the order in which the types name them. */
  readonly list: readonly Access[];
  /** `Type.field` to the positions in `list` of all that must be met. Only coordinates that demand something. */
  readonly of: ReadonlyMap<string, readonly number[]>;
};

const known = new WeakMap<Supergraph, Demands>();

/** One per supergraph. */
export function demandsOf(supergraph: Supergraph): Demands {
  let demands = known.get(supergraph);
  if (demands === undefined) known.set(supergraph, (demands = collect(supergraph)));
  return demands;
}

/** The coordinates that may not be read by somebody who does not meet these demands (positions in `list`). */
export function deniedBy({ of }: Demands, unmet: ReadonlySet<number>): ReadonlySet<string> {
  const denied = new Set<string>();
  for (const [coordinate, demands] of of) if (demands.some((one) => unmet.has(one))) denied.add(coordinate);
  return denied;
}

function collect(supergraph: Supergraph): Demands {
  const list: Access[] = [];
  const positions = new Map<string, number>();
  const of = new Map<string, readonly number[]>();
  const intern = (access: Access): number => {
    const text = JSON.stringify(access);
    const found = positions.get(text) ?? list.length;
    if (found === list.length) list.push(access);
    positions.set(text, found);
    return found;
  };
  for (const type of supergraph.types.values()) {
    if (type.kind !== 'object' && type.kind !== 'interface') continue;
    for (const field of type.fields.values()) {
      const demands = new Set(demandsOfField(supergraph, type, field).map(intern));
      if (demands.size > 0) of.set(field.coordinate, [...demands]);
    }
  }
  return { list, of };
}

function demandsOfField(supergraph: Supergraph, type: CompositeType, field: Field): Access[] {
  const returned = supergraph.types.get(field.type.name);
  const own = [field.access, type.access, returned !== undefined && returned.kind !== 'input' ? returned.access : null];
  return [...own.filter((access) => access !== null), ...inherited(supergraph, type, field)];
}

/**
 * What interfaces demand of a field that is read on the object itself. A composer writes on an interface what its implementers demand
 * together; that binds only who asks the interface. A demand that no implementer explains was made of the interface itself, and a
 * value that only an interface object gives is the interface's: both bind the objects too, or naming the object would get round them.
 */
function inherited(supergraph: Supergraph, type: CompositeType, field: Field): Access[] {
  if (type.kind !== 'object') return [];
  return type.interfaces.flatMap((name) => {
    const above = supergraph.types.get(name);
    const theirs = above?.kind === 'interface' ? above.fields.get(field.name) : undefined;
    if (above?.kind !== 'interface' || theirs === undefined) return [];
    const fromThere = field.fromInterfaceObjects.some((entry) => entry.interface === name);
    const implementers = implementersOf(supergraph, above);
    const binding = [
      { access: theirs.access, below: implementers.map((object) => object.fields.get(field.name)?.access ?? null) },
      { access: above.access, below: implementers.map((object) => object.access) },
    ];
    return binding.flatMap(({ access, below }) => (access !== null && (fromThere || !implies(below, access)) ? [access] : []));
  });
}

function implementersOf(supergraph: Supergraph, type: InterfaceType): ObjectType[] {
  return idsOf(type.possible).flatMap((id) => supergraph.objects[id] ?? []);
}
