/** Looks through what was sent to a subgraph for what somebody may not read. Exports `findDenied` and `Sent`. */
import { TypeInfo, getNamedType, isAbstractType, isCompositeType, isInterfaceType, parse, visit, visitWithTypeInfo } from 'graphql';
import type { Supergraph } from '../../engine/supergraph/index.ts';
import type { GraphRequest } from './run-graph.ts';

export type Sent = { readonly graph: number; readonly body: GraphRequest };
export type IsDenied = (parent: string, name: string) => boolean;

/** Denied fields in a document, on any type that the graph could return there, and in its representations. */
export function findDenied(supergraph: Supergraph, { graph, body }: Sent, isDenied: IsDenied): string[] {
  const view = supergraph.graphView(graph);
  const types = new TypeInfo(view);
  const found: string[] = [];
  const document = parse(body.query);
  visit(
    document,
    visitWithTypeInfo(types, {
      Field({ name }) {
        const parent = types.getParentType();
        if (parent === null || parent === undefined || name.value.startsWith('_')) return;
        const possible = isAbstractType(parent) ? view.getPossibleTypes(parent) : [parent];
        for (const type of possible) if (isDenied(type.name, name.value)) found.push(`${type.name}.${name.value}`);
      },
    }),
  );
  const given = Object.values(body.variables ?? {})
    .filter((value) => Array.isArray(value))
    .flat();
  for (const one of given) if (isThing(one)) found.push(...deniedIn(supergraph, one, one['__typename'], isDenied));
  return found;
}

function isThing(value: unknown): value is { readonly __typename: string } & Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && '__typename' in value && typeof value.__typename === 'string';
}

function deniedIn(supergraph: Supergraph, value: object, declared: string, isDenied: IsDenied): string[] {
  const schema = supergraph.fullSchema;
  const id = 'id' in value && typeof value.id === 'string' ? value.id : '';
  // An object that an interface object stands for tells its type by its id
  const concrete = isInterfaceType(schema.getType(declared)) ? (id.split('-')[0] ?? declared) : declared;
  const type = schema.getType(concrete);
  if (type === undefined || !('getFields' in type)) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const field = type.getFields()[name];
    const own = name !== '__typename' && isDenied(concrete, name) ? [`${concrete}.${name} in a representation`] : [];
    // A scalar's value may be an object too, of no type
    const below = field === undefined ? null : getNamedType(field.type);
    if (!isCompositeType(below) || typeof inner !== 'object' || inner === null) return own;
    const inside = isThing(inner) ? inner.__typename : below.name;
    return [...own, ...deniedIn(supergraph, inner, inside, isDenied)];
  });
}
