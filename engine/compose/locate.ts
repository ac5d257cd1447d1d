/** Where in the subgraphs' texts a message of the composer points to. */
import type { ASTNode, DirectiveDefinitionNode, EnumValueDefinitionNode } from 'graphql';
import { Kind, getLocation } from 'graphql';
import { fieldsOf } from './subgraph-document.ts';
import type { SubgraphDocument, TypeNodeInSdl } from './subgraph-document.ts';
import type { SdlLocation } from './types.ts';

/** `Type`, `Type.field`, `Type.field(argument:)` or `@directive`. */
const COORDINATE = /^(@)?([A-Za-z_]\w*)(?:\.([A-Za-z_]\w*))?(?:\(([A-Za-z_]\w*):\))?$/;

/** Names in quotation marks that can be coordinates, in order. */
export function coordinatesIn(message: string): string[] {
  const quoted = [...message.matchAll(/"([^"\s]+)"/g)].flatMap((match) => match[1] ?? []);
  const unquoted = [...message.matchAll(/\b(?:type|field) ([A-Za-z_]\w*(?:\.\w+)?)/gi)].flatMap((match) => match[1] ?? []);
  return [...new Set([...quoted, ...unquoted].filter((text) => COORDINATE.test(text)))];
}

/** Where the subgraph defines the coordinate, or as much of it as it has: an argument's field, a field's type. Null: nothing. */
export function locate(subgraph: SubgraphDocument, coordinate: string): SdlLocation | null {
  const node = findNode(subgraph, coordinate);
  return node === null ? null : toLocation(subgraph, node);
}

/** True when the subgraph defines exactly this coordinate. */
export function defines(subgraph: SubgraphDocument, coordinate: string): boolean {
  const [, at, name = '', field, argument] = COORDINATE.exec(coordinate) ?? [];
  if (at !== undefined) return findDirective(subgraph, name) !== null;
  const node = findNode(subgraph, coordinate);
  if (node === null || !('name' in node)) return false;
  return node.name?.value === (argument ?? field ?? node.name?.value);
}

export function startOf(subgraph: SubgraphDocument): SdlLocation {
  return { subgraph: subgraph.name, file: subgraph.file, line: 1, column: 1 };
}

export function toLocation(subgraph: SubgraphDocument, node: ASTNode): SdlLocation {
  const named = 'name' in node && node.name !== undefined ? node.name : node;
  const loc = named.loc ?? node.loc;
  if (loc === undefined) return startOf(subgraph);
  return { subgraph: subgraph.name, file: subgraph.file, ...getLocation(loc.source, loc.start) };
}

function findNode(subgraph: SubgraphDocument, coordinate: string): ASTNode | null {
  const [, at, name = '', fieldName, argumentName] = COORDINATE.exec(coordinate) ?? [];
  if (at !== undefined) return findDirective(subgraph, name);
  const types = subgraph.types.get(subgraph.toSupergraphName(name)) ?? [];
  if (fieldName === undefined) return types[0] ?? null;
  for (const type of types) {
    const member = [...fieldsOf(type), ...valuesOf(type)].find((node) => node.name.value === fieldName);
    if (member === undefined) continue;
    const args = argumentName !== undefined && 'arguments' in member ? member.arguments : undefined;
    return args?.find((node) => node.name.value === argumentName) ?? member;
  }
  return types[0] ?? null;
}

function valuesOf(node: TypeNodeInSdl): readonly EnumValueDefinitionNode[] {
  return 'values' in node ? (node.values ?? []) : [];
}

function findDirective(subgraph: SubgraphDocument, name: string): DirectiveDefinitionNode | null {
  const found = subgraph.document.definitions.find((node) => node.kind === Kind.DIRECTIVE_DEFINITION && node.name.value === name);
  return found?.kind === Kind.DIRECTIVE_DEFINITION ? found : null;
}
