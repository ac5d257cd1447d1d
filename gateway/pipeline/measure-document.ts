/**
 * Stage `measure`: bounds what the operation is when its fragments are expanded, before validation spends time on it. Counting is
 * linear in the text (each fragment once), so a fragment bomb costs nothing. Names mean nothing here.
 */
import { GraphQLError, Kind, type DocumentNode, type FragmentDefinitionNode, type SelectionNode, type SelectionSetNode } from 'graphql';
import { createError, type HubError } from '../../lib/errors/errors.ts';
import { countOverlaps } from './count-overlaps.ts';
import type { Hub } from './hub.ts';
import type { KnownDocument } from './known-document.ts';
import type { Limits } from './limits.ts';
import type { Stage } from './stage.ts';

type Needs = { document: DocumentNode; known: KnownDocument | undefined };

export const measureDocument: Stage<Needs, { fieldCount: number }, Hub> = {
  name: 'measure',
  run({ document, known }, { limits }) {
    return { fieldCount: known?.fieldCount ?? assertMeasures(document, limits) };
  },
};

/** Sums over an expanded selection. They may grow beyond all bounds (up to Infinity), never below the truth. */
type Measures = {
  readonly fields: number;
  readonly aliases: number;
  readonly directives: number;
  /** Fields at its own level. */
  readonly width: number;
  /** Fields below each other. */
  readonly depth: number;
  /** Selection sets inside each other, fragments included. */
  readonly height: number;
};

const nothing: Measures = Object.freeze({ fields: 0, aliases: 0, directives: 0, width: 0, depth: 0, height: 0 });

/** The number of fields. Throws LIMIT_EXCEEDED, or GRAPHQL_VALIDATION_FAILED for a fragment that contains itself or is never used. */
export function assertMeasures(document: DocumentNode, limits: Limits): number {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  const measure = createMeasure(fragments, limits);
  let fields = 0;
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const measures = measure.selectionSet(definition.selectionSet, 1);
    fields += measures.fields;
    const onVariables = (definition.variableDefinitions ?? []).reduce((sum, { directives = [] }) => sum + directives.length, 0);
    assertOperation({ ...measures, directives: measures.directives + onVariables + (definition.directives ?? []).length }, limits);
    if (fields > limits.fields) throw toRefusal('fields', limits.fields, 'fields, its fragments expanded');
  }
  for (const fragment of fragments.values()) if (!measure.isUsed(fragment.name.value)) throw toUnusedRefusal(fragment);
  assertOverlaps(document, fragments, limits);
  return fields;
}

function assertOperation(measures: Measures, limits: Limits): void {
  if (measures.depth > limits.depth) throw toRefusal('depth', limits.depth, 'levels of fields');
  if (measures.width > limits.rootFields) throw toRefusal('rootFields', limits.rootFields, 'root fields');
  if (measures.aliases > limits.aliases) throw toRefusal('aliases', limits.aliases, 'aliases');
  if (measures.directives > limits.directives) throw toRefusal('directives', limits.directives, 'directives');
}

/** The operations' expanded size is bounded by now, and every fragment is used by one of them. */
function assertOverlaps(document: DocumentNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>, limits: Limits): void {
  let left = limits.overlaps;
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    left -= countOverlaps(definition.selectionSet, fragments, left);
    if (left < 0) throw toRefusal('overlaps', limits.overlaps, 'pairs of fields with the same response name');
  }
}

function toRefusal(limit: string, value: number, what: string): HubError {
  return createError('LIMIT_EXCEEDED', `The operation has more than ${value} ${what}.`, { details: { limit } });
}

function createMeasure(fragments: ReadonlyMap<string, FragmentDefinitionNode>, { nesting, fields }: Limits) {
  const done = new Map<string, Measures>();
  const open = new Set<string>();

  function fragment(name: string, level: number): Measures {
    const known = done.get(name);
    if (known) {
      if (level + known.height > nesting) throw toRefusal('nesting', nesting, 'selection sets inside each other');
      return known;
    }
    const definition = fragments.get(name);
    if (!definition) return nothing;
    if (open.has(name)) throw toCycleRefusal(definition);
    open.add(name);
    const inner = selectionSet(definition.selectionSet, level);
    open.delete(name);
    const measures = { ...inner, directives: inner.directives + (definition.directives ?? []).length };
    done.set(name, measures);
    return measures;
  }

  function selectionSet({ selections }: SelectionSetNode, level: number): Measures {
    if (level > nesting) throw toRefusal('nesting', nesting, 'selection sets inside each other');
    let sum = nothing;
    for (const selection of selections) {
      sum = addMeasures(sum, measureSelection(selection, level));
      if (sum.fields > fields) throw toRefusal('fields', fields, 'fields, its fragments expanded');
    }
    return sum;
  }

  function measureSelection(selection: SelectionNode, level: number): Measures {
    const directives = (selection.directives ?? []).length;
    if (selection.kind === Kind.FIELD) {
      const inner = selection.selectionSet ? selectionSet(selection.selectionSet, level + 1) : nothing;
      return {
        fields: inner.fields + 1,
        aliases: inner.aliases + (selection.alias ? 1 : 0),
        directives: inner.directives + directives,
        width: 1,
        depth: inner.depth + 1,
        height: inner.height,
      };
    }
    const inner =
      selection.kind === Kind.INLINE_FRAGMENT ? selectionSet(selection.selectionSet, level + 1) : fragment(selection.name.value, level + 1);
    return { ...inner, directives: inner.directives + directives };
  }

  return { selectionSet, isUsed: (name: string) => done.has(name) };
}

function addMeasures(a: Measures, b: Measures): Measures {
  return {
    fields: a.fields + b.fields,
    aliases: a.aliases + b.aliases,
    directives: a.directives + b.directives,
    width: a.width + b.width,
    depth: Math.max(a.depth, b.depth),
    height: Math.max(a.height, b.height + 1),
  };
}

/** Such fragments would be refused by validation too; here they are refused before anything walks through them. */
function toCycleRefusal({ name }: FragmentDefinitionNode): HubError {
  const cause = new GraphQLError(`Cannot spread fragment "${name.value}" within itself.`, { nodes: name });
  return createError('GRAPHQL_VALIDATION_FAILED', cause.message, { cause });
}

function toUnusedRefusal({ name }: FragmentDefinitionNode): HubError {
  const cause = new GraphQLError(`Fragment "${name.value}" is never used.`, { nodes: name });
  return createError('GRAPHQL_VALIDATION_FAILED', cause.message, { cause });
}
