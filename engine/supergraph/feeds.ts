/**
 * Subscription fields whose events come from a feed: `@feed(topic:, where:, delivery:)`, found by the URL of its specification. Exports
 * `readFeeds`.
 *
 * `where` holds conditions on fields of the event, all of which must hold: `{field: {op: value}}` with op one of eq, not, in, lt, lte, gt, gte, and
 * `and`, `or` (lists of such objects) and `not` (one such object). "$x" stands for the argument x of the field.
 */
import { Kind } from 'graphql';
import type { ConstObjectValueNode, ConstValueNode, FieldDefinitionNode, TypeNode } from 'graphql';
import type { Definitions } from './definitions.ts';
import { argumentOf, directivesOf, enumArgument, stringArgument } from './directives.ts';
import { EngineError } from './engine-error.ts';
import type { FeedComparison, FeedCondition, FeedField, FeedOperand, FeedScalar } from './types.ts';

const COMPARISONS: ReadonlySet<string> = new Set<FeedComparison>(['eq', 'not', 'in', 'lt', 'lte', 'gt', 'gte']);
const DELIVERIES: ReadonlySet<string> = new Set<FeedField['delivery']>(['ALL', 'LATEST']);

/** By name of the field. Throws EngineError SUPERGRAPH_INVALID with the coordinate of what cannot be read. */
export function readFeeds({ features, types, roots }: Definitions): ReadonlyMap<string, FeedField> {
  const directive = features.directive('feed', 'feed');
  const root = roots.subscription === null ? undefined : types.get(roots.subscription);
  const feeds = new Map<string, FeedField>();
  if (root?.kind !== Kind.OBJECT_TYPE_DEFINITION) return feeds;
  for (const field of root.fields ?? []) {
    const [use] = directivesOf(field, directive);
    if (use === undefined) continue;
    const coordinate = `${root.name.value}.${field.name.value}`;
    const topic = stringArgument(use, 'topic') ?? '';
    if (topic === '') throw invalid(coordinate, 'has no topic');
    const delivery = enumArgument(use, 'delivery') ?? 'ALL';
    if (!isDelivery(delivery)) throw invalid(coordinate, `has the delivery ${delivery}: expected ALL or LATEST`);
    const where = argumentOf(use, 'where');
    const conditions = where === null ? [] : readConditions(where, field, coordinate);
    feeds.set(field.name.value, {
      name: field.name.value,
      coordinate,
      topic,
      delivery,
      typeName: namedType(field.type),
      where: conditions,
    });
  }
  return feeds;
}

function isDelivery(text: string): text is FeedField['delivery'] {
  return DELIVERIES.has(text);
}

function isComparison(text: string): text is FeedComparison {
  return COMPARISONS.has(text);
}

function namedType(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type);
}

function readConditions(value: ConstValueNode, of: FieldDefinitionNode, coordinate: string): FeedCondition[] {
  if (value.kind !== Kind.OBJECT) throw invalid(coordinate, 'has a where: that is no object of conditions');
  return value.fields.flatMap(({ name: { value: name }, value: inner }): FeedCondition[] => {
    switch (name) {
      case 'and':
      case 'or':
        if (inner.kind !== Kind.LIST) throw invalid(coordinate, `has a where: in which ${name} is no list`);
        return [{ kind: name, of: inner.values.map((one) => readConditions(one, of, coordinate)) }];
      case 'not':
        return [{ kind: 'not', of: readConditions(inner, of, coordinate) }];
      default:
        if (inner.kind !== Kind.OBJECT || inner.fields.length === 0)
          throw invalid(coordinate, `has a where: in which ${name} has no comparison`);
        return readComparisons(name, inner, of, coordinate);
    }
  });
}

function readComparisons(field: string, value: ConstObjectValueNode, of: FieldDefinitionNode, coordinate: string): FeedCondition[] {
  return value.fields.map(({ name: { value: comparison }, value: operand }) => {
    if (!isComparison(comparison))
      throw invalid(coordinate, `has a where: that compares ${field} by ${comparison}: expected ${[...COMPARISONS].join(', ')}`);
    return {
      kind: 'compare',
      field,
      comparison,
      operand: readOperand(operand, comparison, of, `${coordinate} has a where: in which ${field}`),
    };
  });
}

function readOperand(value: ConstValueNode, comparison: FeedComparison, of: FieldDefinitionNode, where: string): FeedOperand {
  if (value.kind === Kind.STRING && value.value.startsWith('$')) {
    const name = value.value.slice(1);
    if (of.arguments?.some((argument) => argument.name.value === name) === true) return { kind: 'argument', name };
    throw new EngineError('SUPERGRAPH_INVALID', `${where} is compared with $${name}, which is no argument of the field. Compose it again.`);
  }
  if (comparison !== 'in') return { kind: 'values', values: [readScalar(value, where)] };
  if (value.kind !== Kind.LIST)
    throw new EngineError('SUPERGRAPH_INVALID', `${where} is compared by in with what is no list. Compose it again.`);
  return { kind: 'values', values: value.values.map((one) => readScalar(one, where)) };
}

function readScalar(value: ConstValueNode, where: string): FeedScalar {
  switch (value.kind) {
    case Kind.STRING:
    case Kind.ENUM:
    case Kind.BOOLEAN:
      return value.value;
    case Kind.INT:
    case Kind.FLOAT:
      return Number(value.value);
    case Kind.NULL:
      return null;
    default:
      throw new EngineError('SUPERGRAPH_INVALID', `${where} is compared with a ${value.kind}. Compose it again.`);
  }
}

function invalid(coordinate: string, what: string): EngineError {
  return new EngineError('SUPERGRAPH_INVALID', `@feed of ${coordinate} ${what}. Compose it again.`);
}
