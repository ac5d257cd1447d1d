/** The types of a schema that its roots and directives lead to, with all that may stand for an abstract one. Exports `reachableTypes`. */
import { getNamedType, isAbstractType, isInputObjectType, isInterfaceType, isObjectType, isUnionType } from 'graphql';
import type { GraphQLNamedType, GraphQLSchema, GraphQLType } from 'graphql';

export function reachableTypes(schema: GraphQLSchema): GraphQLNamedType[] {
  const found = new Set<GraphQLNamedType>();
  const waiting: GraphQLNamedType[] = [];
  const add = (type: GraphQLType | null | undefined): void => {
    if (type === null || type === undefined) return;
    const named = getNamedType(type);
    if (found.has(named)) return;
    found.add(named);
    waiting.push(named);
  };
  [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].forEach(add);
  for (const directive of schema.getDirectives()) for (const argument of directive.args) add(argument.type);
  for (let type = waiting.pop(); type !== undefined; type = waiting.pop()) {
    if (isObjectType(type) || isInterfaceType(type)) {
      type.getInterfaces().forEach(add);
      for (const field of Object.values(type.getFields())) {
        add(field.type);
        for (const argument of field.args) add(argument.type);
      }
    }
    if (isInputObjectType(type)) for (const field of Object.values(type.getFields())) add(field.type);
    if (isUnionType(type)) type.getTypes().forEach(add);
    if (isAbstractType(type)) schema.getPossibleTypes(type).forEach(add);
  }
  return [...found];
}
