/**
 * The conditions of a feed (`where:`), in the form that engine/supergraph/feeds.ts reads. Exports `checkWhere`, `unusedArguments`.
 * Types are the same by name, and `!` does not count: a condition whose argument is null is dropped, and null equals null.
 */
import { Kind, print } from 'graphql';
import type { ASTNode, ConstObjectFieldNode, ConstValueNode, TypeNode } from 'graphql';
import { valueOf } from '../subgraph-document.ts';
import type { Topic } from './catalogue.ts';
import type { FeedUse } from './find-feeds.ts';
import type { FeedProblem } from './problem.ts';
import { isList, nameOf } from './sdl-types.ts';
import type { SdlTypes } from './sdl-types.ts';

const EQUALITIES: ReadonlySet<string> = new Set(['eq', 'not', 'in']);
const ORDERS: ReadonlySet<string> = new Set(['lt', 'lte', 'gt', 'gte']);

type Scope = { readonly use: FeedUse; readonly topic: Topic; readonly types: SdlTypes };

export function checkWhere(use: FeedUse, topic: Topic, types: SdlTypes): FeedProblem[] {
  const where = valueOf(use.directive, 'where');
  return where === undefined || where.kind === Kind.NULL ? [] : checkConditions({ use, topic, types }, where);
}

/** Arguments of the field that no condition reads: what a client gives there changes nothing. */
export function unusedArguments({ field, directive }: FeedUse): string[] {
  const read = new Set(argumentsIn(valueOf(directive, 'where')));
  return (field.arguments ?? []).map(({ name }) => name.value).filter((name) => !read.has(name));
}

function argumentsIn(value: ConstValueNode | undefined): string[] {
  switch (value?.kind) {
    case Kind.STRING:
      return value.value.startsWith('$') ? [value.value.slice(1)] : [];
    case Kind.LIST:
      return value.values.flatMap(argumentsIn);
    case Kind.OBJECT:
      return value.fields.flatMap((field) => argumentsIn(field.value));
    default:
      return [];
  }
}

function checkConditions(scope: Scope, value: ConstValueNode): FeedProblem[] {
  if (value.kind !== Kind.OBJECT) return [invalid(scope, `has ${print(value)} where an object of conditions was expected`, value)];
  return value.fields.flatMap((field) => checkCondition(scope, field));
}

function checkCondition(scope: Scope, { name, value }: ConstObjectFieldNode): FeedProblem[] {
  switch (name.value) {
    case 'and':
    case 'or':
      if (value.kind !== Kind.LIST) return [invalid(scope, `has a condition in which ${name.value} is no list`, value)];
      return value.values.flatMap((one) => checkConditions(scope, one));
    case 'not':
      return checkConditions(scope, value);
    default: {
      const { fields, name: topic } = scope.topic;
      const type = fields.get(name.value);
      if (type !== undefined) return checkComparisons(scope, name.value, type, value);
      const message = `asks for "${name.value}", which events of "${topic}" do not have: they have ${[...fields.keys()].join(', ')}`;
      return [problem(scope, 'FEED_FIELD_UNKNOWN', message, name)];
    }
  }
}

function checkComparisons(scope: Scope, field: string, type: TypeNode, value: ConstValueNode): FeedProblem[] {
  if (value.kind !== Kind.OBJECT || value.fields.length === 0)
    return [invalid(scope, `has a condition in which "${field}" has no comparison: write { eq: … }`, value)];
  const kind = scope.types.kindOf(nameOf(type));
  if (isList(type) || kind === 'object' || kind === 'interface' || kind === 'union')
    return [mismatch(scope, `compares "${field}", which is ${print(type)} in the event: only single scalars and enums compare`, value)];
  return value.fields.flatMap(({ name, value: operand }) => {
    if (!EQUALITIES.has(name.value) && !ORDERS.has(name.value))
      return [invalid(scope, `compares "${field}" by ${name.value}: expected ${[...EQUALITIES, ...ORDERS].join(', ')}`, name)];
    if (ORDERS.has(name.value) && (kind === 'enum' || nameOf(type) === 'Boolean'))
      return [mismatch(scope, `compares "${field}" by ${name.value}, but ${nameOf(type)} has no order`, name)];
    return checkOperand({ ...scope, field, type, comparison: name.value }, operand);
  });
}

type Comparison = Scope & { readonly field: string; readonly type: TypeNode; readonly comparison: string };

function checkOperand(scope: Comparison, value: ConstValueNode): FeedProblem[] {
  if (value.kind === Kind.STRING && value.value.startsWith('$')) return checkArgument(scope, value.value.slice(1), value);
  if (scope.comparison !== 'in') return checkValue(scope, value);
  if (value.kind !== Kind.LIST) return [invalid(scope, `compares "${scope.field}" by in with ${print(value)}, which is no list`, value)];
  return value.values.flatMap((one) => {
    const isArgument = one.kind === Kind.STRING && one.value.startsWith('$');
    return isArgument
      ? [invalid(scope, `has the argument ${one.value} within a list: write in: "${one.value}"`, one)]
      : checkValue(scope, one);
  });
}

function checkArgument(scope: Comparison, name: string, node: ASTNode): FeedProblem[] {
  const { comparison, field, type, use } = scope;
  const argument = use.field.arguments?.find((one) => one.name.value === name);
  if (argument === undefined) {
    const known = use.field.arguments?.map((one) => one.name.value).join(', ') || 'none';
    return [problem(scope, 'FEED_ARGUMENT_UNKNOWN', `compares "${field}" with $${name}, but the field's arguments are ${known}`, node)];
  }
  const expected = comparison === 'in' ? `[${nameOf(type)}!]` : nameOf(type);
  if (nameOf(argument.type) === nameOf(type) && isList(argument.type) === (comparison === 'in')) return [];
  const message = `compares "${field}" (${print(type)} in the event) by ${comparison} with $${name}, which is ${print(argument.type)}: expected ${expected}`;
  return [mismatch(scope, message, node)];
}

function checkValue(scope: Comparison, value: ConstValueNode): FeedProblem[] {
  const { comparison, field, type } = scope;
  if (value.kind === Kind.LIST || value.kind === Kind.OBJECT)
    return [invalid(scope, `compares "${field}" by ${comparison} with ${print(value)}: expected one value`, value)];
  if (value.kind === Kind.NULL && ORDERS.has(comparison))
    return [mismatch(scope, `compares "${field}" by ${comparison} with null, which has no order`, value)];
  if (fits(scope, value)) return [];
  return [mismatch(scope, `compares "${field}" with ${print(value)}, but it is ${print(type)} in the event`, value)];
}

/** As GraphQL takes literals; what a scalar of one's own takes is not known. */
function fits({ type, types }: Comparison, value: ConstValueNode): boolean {
  if (value.kind === Kind.NULL) return true;
  const name = nameOf(type);
  if (types.kindOf(name) === 'enum') {
    const isText = value.kind === Kind.ENUM || value.kind === Kind.STRING;
    return isText && types.valuesOf(name).has(value.value);
  }
  const kinds = LITERALS.get(name) ?? [Kind.STRING, Kind.INT, Kind.FLOAT, Kind.BOOLEAN];
  return kinds.some((kind) => kind === value.kind);
}

const LITERALS: ReadonlyMap<string, readonly Kind[]> = new Map([
  ['Int', [Kind.INT]],
  ['Float', [Kind.INT, Kind.FLOAT]],
  ['String', [Kind.STRING]],
  ['ID', [Kind.STRING, Kind.INT]],
  ['Boolean', [Kind.BOOLEAN]],
]);

function problem({ use }: Scope, code: string, message: string, node: ASTNode): FeedProblem {
  return { code, coordinate: use.coordinate, message, node };
}

function invalid(scope: Scope, message: string, node: ASTNode): FeedProblem {
  return problem(scope, 'FEED_WHERE_INVALID', message, node);
}

function mismatch(scope: Scope, message: string, node: ASTNode): FeedProblem {
  return problem(scope, 'FEED_TYPE_MISMATCH', message, node);
}
