/** Second step: which graph knows which type, with which keys and interfaces, and which concrete types may stand for it there. */
import { Kind } from 'graphql';
import type { InterfaceTypeDefinitionNode, ObjectTypeDefinitionNode, TypeDefinitionNode, UnionTypeDefinitionNode } from 'graphql';
import { NO_BITS, bit, bitsOf } from './bits.ts';
import type { Bits } from './bits.ts';
import { compareNames } from './canonical.ts';
import type { Definitions } from './definitions.ts';
import { joinGraphOf } from './definitions.ts';
import { booleanArgument, directivesOf, stringArgument } from './directives.ts';
import type { InterfaceObjectEntry } from './types.ts';

export type CompositeNode = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode | UnionTypeDefinitionNode;

/** What one graph's `@join__type` rows say of one type. */
export type MemberRow = {
  readonly keys: { readonly text: string; readonly resolvable: boolean }[];
  interfaceObject: boolean;
  readonly interfaces: string[];
};

export type Membership = {
  /** Names of the concrete types; the position is the ObjectId. */
  readonly objectNames: readonly string[];
  readonly objectIds: ReadonlyMap<string, number>;
  /** By type name, then by GraphId. */
  rows(type: string): readonly (MemberRow | undefined)[];
  graphsOf(type: string): Bits;
  interfacesOf(type: string): readonly string[];
  interfaceObjectsOf(type: string): readonly InterfaceObjectEntry[];
  possible(type: string): Bits;
  possibleIn(type: string): readonly Bits[];
};

export function readMembership(definitions: Definitions): Membership {
  const { types } = definitions;
  const objectNames = [...types.values()].filter((node) => node.kind === Kind.OBJECT_TYPE_DEFINITION).map((node) => node.name.value);
  objectNames.sort(compareNames);
  const objectIds = new Map(objectNames.map((name, id) => [name, id]));
  const rows = new Map([...types.values()].map((node) => [node.name.value, readRows(definitions, node)]));
  readImplements(definitions, rows);
  const rowsOf = (type: string): readonly (MemberRow | undefined)[] => rows.get(type) ?? [];
  const interfacesOf = (type: string): readonly string[] => interfaceNames(types.get(type));
  const possible = readPossible(definitions, objectIds);
  const possibleIn = readPossibleIn(definitions, rows, objectIds, possible);
  return {
    objectNames,
    objectIds,
    rows: rowsOf,
    graphsOf: (type) => bitsOf(rowsOf(type).flatMap((row, graph) => (row === undefined ? [] : [graph]))),
    interfacesOf,
    interfaceObjectsOf: (type) =>
      interfacesOf(type).flatMap((name) =>
        rowsOf(name).flatMap((row, graph) => (row?.interfaceObject === true ? [{ interface: name, graph }] : [])),
      ),
    possible: (type) => possible.get(type) ?? NO_BITS,
    possibleIn: (type) => possibleIn.get(type) ?? [],
  };
}

export function isComposite(node: TypeDefinitionNode | undefined): node is CompositeNode {
  return (
    node?.kind === Kind.OBJECT_TYPE_DEFINITION || node?.kind === Kind.INTERFACE_TYPE_DEFINITION || node?.kind === Kind.UNION_TYPE_DEFINITION
  );
}

function interfaceNames(node: TypeDefinitionNode | undefined): string[] {
  if (node?.kind !== Kind.OBJECT_TYPE_DEFINITION && node?.kind !== Kind.INTERFACE_TYPE_DEFINITION) return [];
  return (node.interfaces ?? []).map((named) => named.name.value).toSorted(compareNames);
}

type Rows = (MemberRow | undefined)[];

function readRows(definitions: Definitions, node: TypeDefinitionNode): Rows {
  const rows: Rows = definitions.graphs.map(() => undefined);
  const name = node.name.value;
  for (const use of directivesOf(node, definitions.features.directive('join', 'type'))) {
    const graph = joinGraphOf(definitions, use, `Type ${name}`);
    const row = (rows[graph] ??= { keys: [], interfaceObject: false, interfaces: [] });
    if (booleanArgument(use, 'isInterfaceObject', false)) row.interfaceObject = true;
    const text = stringArgument(use, 'key');
    if (text !== null) row.keys.push({ text, resolvable: booleanArgument(use, 'resolvable', true) });
  }
  return rows;
}

function readImplements(definitions: Definitions, rows: ReadonlyMap<string, Rows>): void {
  const directive = definitions.features.directive('join', 'implements');
  for (const node of definitions.types.values()) {
    const name = node.name.value;
    const own = rows.get(name) ?? [];
    const said = new Set<string>();
    for (const use of directivesOf(node, directive)) {
      const wanted = stringArgument(use, 'interface') ?? '';
      said.add(wanted);
      own[joinGraphOf(definitions, use, `Type ${name}`)]?.interfaces.push(wanted);
    }
    // Supergraphs written by hand may leave the rows out: then it holds wherever both are known.
    for (const wanted of interfaceNames(node)) {
      if (said.has(wanted)) continue;
      own.forEach((row, graph) => {
        const theirs = rows.get(wanted)?.[graph];
        if (row !== undefined && theirs !== undefined && !theirs.interfaceObject) row.interfaces.push(wanted);
      });
    }
    for (const row of own) row?.interfaces.sort(compareNames);
  }
}

function readPossible(definitions: Definitions, objectIds: ReadonlyMap<string, number>): Map<string, Bits> {
  const possible = new Map<string, Bits>();
  const include = (type: string, id: number | undefined): void => {
    if (id !== undefined) possible.set(type, (possible.get(type) ?? NO_BITS) | bit(id));
  };
  for (const node of definitions.types.values()) {
    const name = node.name.value;
    if (node.kind === Kind.UNION_TYPE_DEFINITION) for (const member of node.types ?? []) include(name, objectIds.get(member.name.value));
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION) continue;
    for (const type of [name, ...interfaceNames(node)]) include(type, objectIds.get(name));
  }
  return possible;
}

function readPossibleIn(
  definitions: Definitions,
  rows: ReadonlyMap<string, Rows>,
  objectIds: ReadonlyMap<string, number>,
  possible: ReadonlyMap<string, Bits>,
): Map<string, Bits[]> {
  const result = new Map<string, Bits[]>();
  for (const node of definitions.types.values()) {
    if (isComposite(node))
      result.set(
        node.name.value,
        definitions.graphs.map(() => NO_BITS),
      );
  }
  const include = (type: string, graph: number, id: number): void => {
    const sets = result.get(type);
    if (sets !== undefined) sets[graph] = (sets[graph] ?? NO_BITS) | bit(id);
  };
  for (const [name, id] of objectIds) {
    rows.get(name)?.forEach((row, graph) => {
      if (row !== undefined) for (const type of [name, ...row.interfaces]) include(type, graph, id);
    });
  }
  for (const node of definitions.types.values()) {
    const name = node.name.value;
    if (node.kind === Kind.UNION_TYPE_DEFINITION)
      unionMembers(definitions, node, rows).forEach(([graph, member]) => include(name, graph, objectIds.get(member) ?? 0));
    rows.get(name)?.forEach((row, graph) => {
      const sets = result.get(name);
      if (row?.interfaceObject === true && sets !== undefined) sets[graph] = possible.get(name) ?? NO_BITS;
    });
  }
  return result;
}

/** Pairs of graph and member. Old versions have no `@join__unionMember`: then every member in every graph of the union. */
function unionMembers(definitions: Definitions, node: UnionTypeDefinitionNode, rows: ReadonlyMap<string, Rows>): [number, string][] {
  const name = node.name.value;
  const uses = directivesOf(node, definitions.features.directive('join', 'unionMember'));
  const known = (graph: number, member: string): boolean => rows.get(member)?.[graph] !== undefined;
  if (uses.length > 0) {
    return uses
      .map((use): [number, string] => [joinGraphOf(definitions, use, `Union ${name}`), stringArgument(use, 'member') ?? ''])
      .filter(([graph, member]) => known(graph, member));
  }
  const members = (node.types ?? []).map((member) => member.name.value);
  return (rows.get(name) ?? []).flatMap((row, graph) =>
    row === undefined ? [] : members.filter((member) => known(graph, member)).map((member): [number, string] => [graph, member]),
  );
}
