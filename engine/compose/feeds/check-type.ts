/**
 * What a feed's field returns: an entity that the event names by a key, an interface of entities (then also by `__typename`), or a type
 * that the event holds whole. Exports `checkType`.
 */
import { Kind, print } from 'graphql';
import type { TypeNode } from 'graphql';
import type { Topic } from './catalogue.ts';
import type { FeedUse } from './find-feeds.ts';
import type { FeedProblem } from './problem.ts';
import { bare, isList, nameOf } from './sdl-types.ts';
import type { SdlTypes } from './sdl-types.ts';

type Scope = { readonly use: FeedUse; readonly topic: Topic; readonly types: SdlTypes };

export function checkType(use: FeedUse, topic: Topic, types: SdlTypes): FeedProblem[] {
  const scope = { use, topic, types };
  const name = use.document.toSupergraphName(nameOf(use.field.type));
  if (isList(use.field.type)) return [problem(scope, 'FEED_TYPE_INVALID', 'returns a list: an event is one object')];
  switch (types.kindOf(name)) {
    case 'object':
      return types.isEntity(name) ? checkKey(scope, name) : checkWhole(scope, name);
    case 'interface':
      return checkInterface(scope, name);
    case null: // the composer says so
      return [];
    default:
      return [problem(scope, 'FEED_TYPE_INVALID', `returns ${name}, which is no object: expected an entity or an interface of entities`)];
  }
}

function checkInterface(scope: Scope, name: string): FeedProblem[] {
  const { topic, types } = scope;
  const members = types.implementersOf(name);
  const keyless = types.isEntity(name) ? [] : members.filter((member) => !types.isEntity(member));
  if (keyless.length > 0 || members.length === 0) {
    const why = members.length === 0 ? 'nothing implements' : `is also ${keyless.join(', ')}, without a key`;
    return [problem(scope, 'FEED_TYPE_INVALID', `returns the interface ${name}, which ${why}: expected an interface of entities`)];
  }
  const typename = topic.fields.get('__typename');
  const untold =
    typename !== undefined && isExactly(typename, 'String')
      ? []
      : [
          problem(
            scope,
            'FEED_KEY_NOT_IN_EVENT',
            `returns the interface ${name}, but events of "${topic.name}" have no __typename: String!`,
          ),
        ];
  const keyed = types.isEntity(name) ? [name] : members;
  return [...untold, ...keyed.flatMap((member) => checkKey(scope, member))];
}

function checkKey(scope: Scope, name: string): FeedProblem[] {
  const { topic, types } = scope;
  const keys = types.keysOf(name);
  const present = keys.filter((key) => key.every((field) => topic.fields.has(field)));
  if (present.length === 0) {
    const told = keys.map((key) => `"${key.join(' ')}"`).join(' or ') || 'of plain fields';
    const message = `returns ${name}, whose key ${told} is not in events of "${topic.name}": they have ${[...topic.fields.keys()].join(', ')}`;
    return [problem(scope, 'FEED_KEY_NOT_IN_EVENT', message)];
  }
  const perKey = present.map((key) => key.flatMap((field) => checkKeyField(scope, name, field)));
  return perKey.some((problems) => problems.length === 0) ? [] : (perKey[0] ?? []);
}

/** A key that may be null names nothing. */
function checkKeyField(scope: Scope, type: string, field: string): FeedProblem[] {
  const { topic, types } = scope;
  const inEvent = topic.fields.get(field);
  const inSdl = types.fieldsOf(type).find(({ node }) => node.name.value === field)?.node.type;
  if (inEvent === undefined || inSdl === undefined || isExactly(inEvent, nameOf(inSdl))) return [];
  const expected = `${nameOf(inSdl)}!`;
  const message = `returns ${type}, whose key "${field}" is ${print(inEvent)} in events of "${topic.name}": expected ${expected}`;
  return [problem(scope, 'FEED_TYPE_MISMATCH', message)];
}

/** `name!`, and no list. */
function isExactly(type: TypeNode, name: string): boolean {
  return type.kind === Kind.NON_NULL_TYPE && !isList(type) && nameOf(type) === name;
}

function checkWhole(scope: Scope, name: string): FeedProblem[] {
  const { topic, types } = scope;
  const fields = types.fieldsOf(name);
  const missing = fields.filter(({ node }) => !topic.fields.has(node.name.value)).map(({ node }) => node.name.value);
  if (missing.length > 0) {
    const lacking = [...new Set(missing)].join(', ');
    return [
      problem(scope, 'FEED_TYPE_INVALID', `returns ${name}, which has no key, and events of "${topic.name}" do not have its ${lacking}`),
    ];
  }
  return fields.flatMap(({ node, document }) => {
    const inEvent = topic.fields.get(node.name.value);
    const kind = types.kindOf(document.toSupergraphName(nameOf(node.type)));
    const coordinate = `${name}.${node.name.value}`;
    if ((node.arguments ?? []).length > 0)
      return [problem(scope, 'FEED_TYPE_INVALID', `returns ${name}, which has no key, and ${coordinate} takes arguments`)];
    if (kind !== 'scalar' && kind !== 'enum')
      return [
        problem(
          scope,
          'FEED_TYPE_INVALID',
          `returns ${name}, which has no key, and ${coordinate} is an object: events hold scalars and enums`,
        ),
      ];
    if (inEvent === undefined || isWithin(inEvent, node.type)) return [];
    const message = `returns ${name}, whose "${node.name.value}" is ${print(node.type)}, but ${print(inEvent)} in events of "${topic.name}"`;
    return [problem(scope, 'FEED_TYPE_MISMATCH', message)];
  });
}

/** Every value of the event is one of the SDL: what may be null there may be null here. */
function isWithin(inEvent: TypeNode, inSdl: TypeNode): boolean {
  if (inSdl.kind === Kind.NON_NULL_TYPE && inEvent.kind !== Kind.NON_NULL_TYPE) return false;
  const [event, sdl] = [bare(inEvent), bare(inSdl)];
  if (event.kind === Kind.LIST_TYPE && sdl.kind === Kind.LIST_TYPE) return isWithin(event.type, sdl.type);
  return event.kind === Kind.NAMED_TYPE && sdl.kind === Kind.NAMED_TYPE && event.name.value === sdl.name.value;
}

function problem({ use }: Scope, code: string, message: string): FeedProblem {
  return { code, coordinate: use.coordinate, message, node: use.field };
}
