/** Typed reading of directive arguments in a parsed supergraph. Wrong kinds refuse with SUPERGRAPH_INVALID. */
import { Kind } from 'graphql';
import type { ConstDirectiveNode, ConstValueNode } from 'graphql';
import { EngineError } from './engine-error.ts';

type HasDirectives = { readonly directives?: readonly ConstDirectiveNode[] | undefined };

/** All uses of a directive on a node, in order. `name` null (feature not linked) finds none. */
export function directivesOf(node: HasDirectives, name: string | null): readonly ConstDirectiveNode[] {
  if (name === null || node.directives === undefined) return [];
  return node.directives.filter((directive) => directive.name.value === name);
}

export function hasDirective(node: HasDirectives, name: string | null): boolean {
  return name !== null && node.directives !== undefined && node.directives.some((directive) => directive.name.value === name);
}

/** The argument's value; null when it is absent or null. */
export function argumentOf(directive: ConstDirectiveNode, name: string): ConstValueNode | null {
  const found = directive.arguments?.find((argument) => argument.name.value === name);
  return found === undefined || found.value.kind === Kind.NULL ? null : found.value;
}

export function stringArgument(directive: ConstDirectiveNode, name: string): string | null {
  const value = argumentOf(directive, name);
  if (value === null) return null;
  if (value.kind === Kind.STRING) return value.value;
  throw wrongKind(directive, name, 'a string');
}

export function booleanArgument(directive: ConstDirectiveNode, name: string, absent: boolean): boolean {
  const value = argumentOf(directive, name);
  if (value === null) return absent;
  if (value.kind === Kind.BOOLEAN) return value.value;
  throw wrongKind(directive, name, 'true or false');
}

export function enumArgument(directive: ConstDirectiveNode, name: string): string | null {
  const value = argumentOf(directive, name);
  if (value === null) return null;
  if (value.kind === Kind.ENUM) return value.value;
  throw wrongKind(directive, name, 'an enum value');
}

/** The items of a list argument; a single value counts as a list of one; absent = none. */
export function listArgument(directive: ConstDirectiveNode, name: string): readonly ConstValueNode[] {
  const value = argumentOf(directive, name);
  if (value === null) return [];
  return value.kind === Kind.LIST ? value.values : [value];
}

export function stringsOf(directive: ConstDirectiveNode, name: string, value: ConstValueNode): string[] {
  const values = value.kind === Kind.LIST ? value.values : [value];
  return values.map((item) => {
    if (item.kind !== Kind.STRING) throw wrongKind(directive, name, 'strings');
    return item.value;
  });
}

/** A string field of an input object value; null when absent. */
export function stringField(value: ConstValueNode, name: string): string | null {
  if (value.kind !== Kind.OBJECT) return null;
  const found = value.fields.find((field) => field.name.value === name);
  return found?.value.kind === Kind.STRING ? found.value.value : null;
}

function wrongKind(directive: ConstDirectiveNode, name: string, expected: string): EngineError {
  const where = `@${directive.name.value}(${name}:)`;
  return new EngineError('SUPERGRAPH_INVALID', `${where} must be ${expected}. Compose the supergraph again.`);
}
