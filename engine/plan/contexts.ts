/**
 * Arguments that clients never see: `@fromContext` fills them from the nearest ancestor whose type carries the context. Such a field is
 * read only in an entity call of its own, whose variables hold what the ancestor says.
 */
import { isSubset } from '../supergraph/bits.ts';
import type { CompositeType, ContextArgument, FieldSet, Supergraph } from '../supergraph/types.ts';
import type { ClassNode, ContextNeed, Need } from './model.ts';
import { needsOf } from './needs.ts';
import { applies, isComposite } from './rows.ts';
import type { Run } from './run.ts';

/** Null when no ancestor carries one of the contexts here, or its selection is nested too deep: then the field cannot be asked for. */
export function contextNeedsOf(run: Run, cls: ClassNode, args: readonly ContextArgument[]): ContextNeed[] | null {
  const needs: ContextNeed[] = [];
  for (const argument of args) {
    const carrier = carrierOf(run, cls, argument.context);
    const value = carrier === null ? undefined : valueAt(run, carrier, argument.selection);
    if (carrier === null || value === undefined) return null;
    needs.push({ argument, cls: carrier, value });
  }
  return needs;
}

/** What has to be fetched for them. */
export function valuesOf(contexts: readonly ContextNeed[]): Need[] {
  return contexts.flatMap(({ value }) => (value === null || value === 'typename' ? [] : [value]));
}

function carrierOf(run: Run, cls: ClassNode, context: string): ClassNode | null {
  const carriers = carriersOf(run.supergraph, context);
  for (let slot = cls.position.slot; slot !== null; slot = slot.owner.position.slot) {
    const { owner } = slot;
    // Classes are made so that it is all of their types or none: alike.ts.
    if (carriers.some((type) => type === owner.type || (owner.types !== 0n && isSubset(owner.types, type.possible)))) return owner;
  }
  return null;
}

/** One alternative for each type: the first that applies. Undefined when it is nested deeper than needs may be. */
function valueAt(run: Run, carrier: ClassNode, selection: FieldSet): ContextNeed['value'] | undefined {
  for (const node of selection) {
    if (node.kind === 'field') {
      if (node.name === '__typename') return 'typename';
      const needs = needsOf(run, carrier, [node], false);
      if (needs === null) return undefined;
      const [need] = needs;
      if (need !== undefined) return need;
    } else if (carrier.types === 0n ? carrier.type.name === node.on : applies(run.supergraph, carrier.types, node.on)) {
      const value = valueAt(run, carrier, node.selections);
      if (value !== null) return value;
    }
  }
  return null;
}

const known = new WeakMap<Supergraph, ReadonlyMap<string, readonly CompositeType[]>>();

/** Types that carry a context; made once for each supergraph. */
function carriersOf(supergraph: Supergraph, context: string): readonly CompositeType[] {
  let carriers = known.get(supergraph);
  if (carriers === undefined) {
    const types = [...supergraph.types.values()].filter(isComposite);
    carriers = new Map(supergraph.contexts.map((name) => [name, types.filter((type) => type.contexts.includes(name))]));
    known.set(supergraph, carriers);
  }
  return carriers.get(context) ?? [];
}
