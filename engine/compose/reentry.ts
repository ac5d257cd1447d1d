/**
 * The composer (0.27.0) takes a field that returns the query root (`payload { query { … } }`) for one that can only be followed in its
 * own subgraph, and reports root fields of other subgraphs as unreachable. A query root can be entered anywhere. So: judge a form in
 * which such a field is a leaf, ship its own type.
 */
import { Kind, parse, print, visit } from 'graphql';
import type { TypeNode } from 'graphql';
import { withDocument } from './subgraph-document.ts';
import type { SubgraphDocument } from './subgraph-document.ts';

/** Stands for the query root; the name cannot be anybody's own, since two underscores in the middle are the composer's. */
const STAND_IN = 'reentry__Query';

/** The documents with leaves in the place of query roots; null when no field returns one. */
export function withoutReentry(documents: readonly SubgraphDocument[]): SubgraphDocument[] | null {
  let found = false;
  const leaves = documents.map((subgraph): SubgraphDocument => {
    let own = false;
    const document = visit(subgraph.document, {
      FieldDefinition(node) {
        const type = mapName(node.type, (name) => (subgraph.toSupergraphName(name) === 'Query' ? STAND_IN : name));
        own ||= type !== node.type;
        return type === node.type ? undefined : { ...node, type };
      },
    });
    found ||= own;
    if (!own) return subgraph;
    const scalar = { kind: Kind.SCALAR_TYPE_DEFINITION, name: { kind: Kind.NAME, value: STAND_IN } } as const;
    return withDocument(subgraph, { ...document, definitions: [...document.definitions, scalar] });
  });
  return found ? leaves : null;
}

/** A supergraph composed from such documents, with the query root in its place again. */
export function restoreReentry(sdl: string): string {
  const document = parse(sdl, { noLocation: true });
  const query = document.definitions.flatMap((node) =>
    node.kind === Kind.SCHEMA_DEFINITION
      ? node.operationTypes.filter(({ operation }) => operation === 'query').map(({ type }) => type.name.value)
      : [],
  );
  const definitions = document.definitions.filter((node) => node.kind !== Kind.SCALAR_TYPE_DEFINITION || node.name.value !== STAND_IN);
  const restored = visit(
    { ...document, definitions },
    {
      NamedType: (node) => (node.name.value === STAND_IN ? { ...node, name: { ...node.name, value: query[0] ?? 'Query' } } : undefined),
      // `@join__field(type: "…")` writes types as text.
      StringValue: (node) =>
        node.value.includes(STAND_IN) ? { ...node, value: node.value.replaceAll(STAND_IN, query[0] ?? 'Query') } : undefined,
    },
  );
  return print(restored);
}

function mapName(type: TypeNode, to: (name: string) => string): TypeNode {
  if (type.kind === Kind.NAMED_TYPE) {
    const name = to(type.name.value);
    return name === type.name.value ? type : { ...type, name: { ...type.name, value: name } };
  }
  const inner = mapName(type.type, to);
  if (inner === type.type) return type;
  return type.kind === Kind.LIST_TYPE ? { ...type, type: inner } : inner.kind === Kind.NON_NULL_TYPE ? type : { ...type, type: inner };
}
