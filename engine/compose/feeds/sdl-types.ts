/** Types as all subgraphs together define them. Exports `createSdlTypes`; `bare`, `nameOf`, `isList` look at type references. */
import { Kind, parse } from 'graphql';
import type { FieldDefinitionNode, FieldNode, TypeNode } from 'graphql';
import { fieldsOf, hasDirective, textOf, valueOf } from '../subgraph-document.ts';
import type { SubgraphDocument, TypeNodeInSdl } from '../subgraph-document.ts';

export type SdlField = { readonly document: SubgraphDocument; readonly node: FieldDefinitionNode };

export type SdlTypes = {
  /** Null: no subgraph defines it. A type that is an interface anywhere is one (`@interfaceObject` elsewhere). */
  kindOf(name: string): SdlKind | null;
  /** Of an enum: the values that some subgraph knows. */
  valuesOf(name: string): ReadonlySet<string>;
  /** Of an object or interface: each definition of each field that its subgraph resolves and shows. */
  fieldsOf(name: string): readonly SdlField[];
  /** Names of the fields of each key that some subgraph resolves; a key that looks into objects is left out. */
  keysOf(name: string): readonly (readonly string[])[];
  /** True where a subgraph gives the type a key, of whatever form. */
  isEntity(name: string): boolean;
  /** Object types that some subgraph lets implement the interface. */
  implementersOf(name: string): readonly string[];
};

export type SdlKind = 'scalar' | 'enum' | 'object' | 'interface' | 'union' | 'input';

const BUILT_IN: ReadonlySet<string> = new Set(['Int', 'Float', 'String', 'Boolean', 'ID']);

type Definition = { readonly document: SubgraphDocument; readonly node: TypeNodeInSdl };

export function createSdlTypes(documents: readonly SubgraphDocument[]): SdlTypes {
  const definitions = (name: string): Definition[] =>
    documents.flatMap((document) => (document.types.get(name) ?? []).map((node) => ({ document, node })));
  const keyUses = (name: string): string[] => definitions(name).flatMap(resolvableKeys);
  return {
    kindOf: (name) => {
      if (BUILT_IN.has(name)) return 'scalar';
      const kinds = definitions(name).map(({ node }) => kindOfNode(node));
      return kinds.includes('interface') ? 'interface' : (kinds[0] ?? null);
    },
    valuesOf: (name) =>
      new Set(definitions(name).flatMap(({ node }) => ('values' in node ? (node.values ?? []) : []).map((value) => value.name.value))),
    fieldsOf: (name) => definitions(name).flatMap(shownFields),
    keysOf: (name) => keyUses(name).flatMap((key) => flatKey(key) ?? []),
    isEntity: (name) => keyUses(name).length > 0,
    implementersOf: (name) => [
      ...new Set(
        documents.flatMap((document) =>
          [...document.types].flatMap(([type, nodes]) => (nodes.some((node) => implementsAs(node, name)) ? [type] : [])),
        ),
      ),
    ],
  };
}

function kindOfNode(node: TypeNodeInSdl): SdlKind {
  switch (node.kind) {
    case Kind.SCALAR_TYPE_DEFINITION:
    case Kind.SCALAR_TYPE_EXTENSION:
      return 'scalar';
    case Kind.ENUM_TYPE_DEFINITION:
    case Kind.ENUM_TYPE_EXTENSION:
      return 'enum';
    case Kind.OBJECT_TYPE_DEFINITION:
    case Kind.OBJECT_TYPE_EXTENSION:
      return 'object';
    case Kind.INTERFACE_TYPE_DEFINITION:
    case Kind.INTERFACE_TYPE_EXTENSION:
      return 'interface';
    case Kind.UNION_TYPE_DEFINITION:
    case Kind.UNION_TYPE_EXTENSION:
      return 'union';
    case Kind.INPUT_OBJECT_TYPE_DEFINITION:
    case Kind.INPUT_OBJECT_TYPE_EXTENSION:
      return 'input';
  }
}

function shownFields({ document, node }: Definition): SdlField[] {
  const hidden = [document.directive('external'), document.directive('inaccessible')];
  return fieldsOf(node).flatMap((field) => {
    const isShown = field.kind === Kind.FIELD_DEFINITION && !hidden.some((directive) => hasDirective(field, directive));
    return isShown ? [{ document, node: field }] : [];
  });
}

function resolvableKeys({ document, node }: Definition): string[] {
  const uses = (node.directives ?? []).filter((use) => use.name.value === document.directive('key'));
  return uses.flatMap((use) => {
    const resolvable = valueOf(use, 'resolvable');
    return resolvable?.kind === Kind.BOOLEAN && !resolvable.value ? [] : [textOf(valueOf(use, 'fields'))];
  });
}

function implementsAs(node: TypeNodeInSdl, name: string): boolean {
  return kindOfNode(node) === 'object' && 'interfaces' in node && node.interfaces?.some((one) => one.name.value === name) === true;
}

/** Null for one that looks into objects, or cannot be read: the composer says so. */
function flatKey(text: string): [readonly string[]] | null {
  try {
    const [operation] = parse(`{ ${text} }`, { noLocation: true }).definitions;
    const selections = operation?.kind === Kind.OPERATION_DEFINITION ? operation.selectionSet.selections : [];
    const fields = selections.filter((one): one is FieldNode => one.kind === Kind.FIELD && one.selectionSet === undefined);
    return fields.length < selections.length ? null : [fields.map(({ name }) => name.value)];
  } catch {
    return null;
  }
}

/** Without the outermost `!`. */
export function bare(type: TypeNode): Exclude<TypeNode, { kind: Kind.NON_NULL_TYPE }> {
  return type.kind === Kind.NON_NULL_TYPE ? type.type : type;
}

export function nameOf(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : nameOf(type.type);
}

export function isList(type: TypeNode): boolean {
  return bare(type).kind === Kind.LIST_TYPE;
}
