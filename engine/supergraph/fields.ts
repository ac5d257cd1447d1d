/** Third step: the rows of every field, what each graph can do with it; field sets parsed into trees. */
import { Kind } from 'graphql';
import type { ConstDirectiveNode, FieldDefinitionNode, InputValueDefinitionNode } from 'graphql';
import { readAccess } from './access.ts';
import { compareNames } from './canonical.ts';
import type { Definitions } from './definitions.ts';
import { joinGraphOf } from './definitions.ts';
import { argumentOf, booleanArgument, directivesOf, listArgument, stringArgument, stringField } from './directives.ts';
import { EngineError } from './engine-error.ts';
import { parseFieldSet, topFields } from './field-set.ts';
import type { FieldTypeLookup } from './field-set.ts';
import type { Membership } from './membership.ts';
import { parseTypeRef, toTypeRef } from './type-ref.ts';
import type { Argument, ContextArgument, Field, FieldInGraph, FieldSet, GraphId, TypeRef } from './types.ts';

/** A field as the text states it, before its field sets can be understood. */
type FieldDraft = {
  readonly node: FieldDefinitionNode;
  readonly coordinate: string;
  readonly parent: string;
  readonly type: TypeRef;
  readonly rows: readonly (RowDraft | undefined)[];
};

type RowDraft = Omit<FieldInGraph, 'requires' | 'provides' | 'contextArguments'> & { readonly use: ConstDirectiveNode | null };

export type FieldsReader = {
  fieldsOf(type: string): ReadonlyMap<string, Field>;
  /** Named types of fields as `graph` declares them. */
  lookupIn(graph: GraphId): FieldTypeLookup;
};

export function readFields(
  definitions: Definitions,
  membership: Membership,
  carriers: ReadonlyMap<string, readonly string[]>,
): FieldsReader {
  const drafts = new Map<string, ReadonlyMap<string, FieldDraft>>();
  for (const node of definitions.types.values()) {
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION && node.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    const parent = node.name.value;
    drafts.set(parent, new Map((node.fields ?? []).map((field) => [field.name.value, readDraft(definitions, membership, parent, field)])));
  }
  const lookupIn =
    (graph: GraphId): FieldTypeLookup =>
    (parent, name) => {
      const draft = drafts.get(parent)?.get(name);
      return draft === undefined ? null : (draft.rows[graph]?.type ?? draft.type).name;
    };
  const sets: SetReader = { lookupIn, carriers };
  return {
    lookupIn,
    fieldsOf: (type) => {
      const fields = [...(drafts.get(type)?.values() ?? [])].map((draft) =>
        toField(definitions, membership, draft, {
          sets,
          hasRow: (name, field, graph) => drafts.get(name)?.get(field)?.rows[graph] !== undefined,
        }),
      );
      return new Map(markUnsaidExternals(fields, membership.rows(type)).map((field) => [field.name, field]));
    },
  };
}

function readDraft(definitions: Definitions, membership: Membership, parent: string, node: FieldDefinitionNode): FieldDraft {
  const coordinate = `${parent}.${node.name.value}`;
  const type = toTypeRef(node.type);
  const uses = directivesOf(node, definitions.features.directive('join', 'field'));
  const known = membership.rows(parent);
  if (uses.length === 0) {
    const row: RowDraft = { type, external: false, usable: 'yes', use: null };
    return { node, coordinate, parent, type, rows: known.map((member) => (member === undefined ? undefined : row)) };
  }
  const rows: (RowDraft | undefined)[] = known.map(() => undefined);
  for (const use of uses) {
    if (argumentOf(use, 'graph') === null) continue;
    const graph = joinGraphOf(definitions, use, coordinate);
    if (known[graph] === undefined) {
      throw new EngineError(
        'SUPERGRAPH_INVALID',
        `${coordinate} is said to be in graph ${definitions.graphs[graph]?.name ?? ''}, which does not know ${parent}.`,
      );
    }
    rows[graph] = readRow(use, type, coordinate);
  }
  return {
    node,
    coordinate,
    parent,
    type,
    rows: rows.map((row) => (row === undefined ? undefined : withoutLabel(definitions, rows, row))),
  };
}

/** A label decides between two graphs: where the one that is overridden is gone, or no longer has the field, it decides nothing. */
function withoutLabel(definitions: Definitions, rows: readonly (RowDraft | undefined)[], row: RowDraft): RowDraft {
  if (typeof row.usable === 'string' || !row.usable.active || row.use === null) return row;
  const loser = stringArgument(row.use, 'override');
  const from = definitions.graphs.find(({ name }) => name === loser);
  return from === undefined || rows[from.id] === undefined ? { ...row, usable: 'yes' } : row;
}

function readRow(use: ConstDirectiveNode, type: TypeRef, coordinate: string): RowDraft {
  const own = stringArgument(use, 'type');
  const label = stringArgument(use, 'overrideLabel');
  const overrides = stringArgument(use, 'override') !== null;
  const overridden = booleanArgument(use, 'usedOverridden', false);
  return {
    type: own === null || own === type.text ? type : parseTypeRef(own, coordinate),
    external: booleanArgument(use, 'external', false),
    usable: label !== null ? { label, active: overrides } : overridden ? 'no' : 'yes',
    use,
  };
}

type SetReader = { readonly lookupIn: (graph: GraphId) => FieldTypeLookup; readonly carriers: ReadonlyMap<string, readonly string[]> };
type Surroundings = { readonly sets: SetReader; readonly hasRow: (type: string, field: string, graph: GraphId) => boolean };

function toField(definitions: Definitions, membership: Membership, draft: FieldDraft, { sets, hasRow }: Surroundings): Field {
  const { node, coordinate, parent } = draft;
  const name = node.name.value;
  return {
    name,
    parent,
    coordinate,
    type: draft.type,
    args: new Map((node.arguments ?? []).map((argument) => [argument.name.value, toArgument(definitions, argument)])),
    public: !definitions.isInaccessible(node),
    in: draft.rows.map((row, graph) => (row === undefined ? undefined : toRow(draft, row, graph, sets))),
    fromInterfaceObjects: membership.interfaceObjectsOf(parent).filter((entry) => hasRow(entry.interface, name, entry.graph)),
    access: readAccess(definitions, node),
  };
}

function toRow(draft: FieldDraft, row: RowDraft, graph: GraphId, sets: SetReader): FieldInGraph {
  const { use, ...facts } = row;
  const typeOf = sets.lookupIn(graph);
  const setOf = (argument: 'requires' | 'provides', parent: string): FieldSet | null => {
    const text = use === null ? null : stringArgument(use, argument);
    return text === null ? null : parseFieldSet(text, { parent, typeOf, where: `${draft.coordinate} @${argument}` });
  };
  return {
    ...facts,
    requires: setOf('requires', draft.parent),
    provides: setOf('provides', row.type.name),
    contextArguments: use === null ? [] : readContextArguments(use, draft.coordinate, typeOf, sets.carriers),
  };
}

export function toArgument(definitions: Definitions, node: InputValueDefinitionNode): Argument {
  return {
    name: node.name.value,
    type: toTypeRef(node.type),
    defaultValue: node.defaultValue ?? null,
    public: !definitions.isInaccessible(node),
  };
}

function readContextArguments(
  use: ConstDirectiveNode,
  coordinate: string,
  typeOf: FieldTypeLookup,
  carriers: ReadonlyMap<string, readonly string[]>,
): ContextArgument[] {
  return listArgument(use, 'contextArguments').map((value) => {
    const [name, type, context, selection] = ['name', 'type', 'context', 'selection'].map((key) => stringField(value, key));
    if (!name || !type || !context || !selection) {
      throw new EngineError('SUPERGRAPH_INVALID', `${coordinate}: a context argument needs name, type, context and selection.`);
    }
    const where = `${coordinate} context ${context}`;
    return {
      name,
      type: parseTypeRef(type, where),
      context,
      selection: readContextSelection(selection, carriers.get(context) ?? [], where, typeOf),
    };
  });
}

/** One fragment per type that carries the context, so that every field knows its parent. */
function readContextSelection(text: string, carriers: readonly string[], where: string, typeOf: FieldTypeLookup): FieldSet {
  const nodes: FieldSet[number][] = [];
  for (const carrier of carriers.toSorted(compareNames)) {
    // A selection may name fields that only some carriers have, below a condition or not: each takes what it has.
    const known: FieldTypeLookup = (parent, field) => typeOf(parent, field) ?? (carriers.includes(parent) ? '' : null);
    const selections = parseFieldSet(text, { parent: carrier, typeOf: known, where }).filter((node) => isOn(node, carrier, typeOf));
    if (selections.length > 0) nodes.push({ kind: 'fragment', on: carrier, selections });
  }
  return nodes;
}

function isOn(node: FieldSet[number], carrier: string, typeOf: FieldTypeLookup): boolean {
  return node.kind === 'fragment' || node.name === '__typename' || typeOf(carrier, node.name) !== null;
}

/**
 * Composers drop `external: true` on interface objects. There a leaf that this graph's own `requires` lists, that is no key
 * field of it and that another graph resolves, can only be external: composition demands it.
 */
function markUnsaidExternals(fields: readonly Field[], rows: ReturnType<Membership['rows']>): readonly Field[] {
  const unsaid = rows.flatMap((row, graph) => (row?.interfaceObject === true ? [graph] : []));
  if (unsaid.length === 0) return fields;
  return fields.map((field) => {
    const graphs = unsaid.filter((graph) => {
      const own = field.in[graph];
      if (own === undefined || own.external || own.requires !== null) return false;
      const required = fields.some((other) =>
        topFields(other.in[graph]?.requires ?? []).some((leaf) => leaf.name === field.name && leaf.selections.length === 0),
      );
      const inKey = rows[graph]?.keys.some((key) => key.text.split(/[\s{},]+/).includes(field.name)) ?? false;
      return required && !inKey && field.in.some((row, other) => other !== graph && row !== undefined && !row.external);
    });
    if (graphs.length === 0) return field;
    return { ...field, in: field.in.map((row, graph) => (row !== undefined && graphs.includes(graph) ? { ...row, external: true } : row)) };
  });
}
