/** Canonical text of argument values: equal text means equal arguments, and the text is valid GraphQL. */
import { Kind } from 'graphql';
import type { ValueNode } from 'graphql';

type NamedValue = { readonly name: string; readonly value: ValueNode };

/** '' or `(a: 1, b: {c: 2})`, names sorted at every depth; variables stand by their names. */
export function canonicalArguments(args: readonly NamedValue[]): string {
  return args.length === 0 ? '' : `(${entries(args)})`;
}

export function canonicalValue(value: ValueNode): string {
  switch (value.kind) {
    case Kind.VARIABLE:
      return `$${value.name.value}`;
    case Kind.STRING:
      return JSON.stringify(value.value);
    case Kind.INT:
    case Kind.FLOAT:
    case Kind.ENUM:
      return value.value;
    case Kind.BOOLEAN:
      return value.value ? 'true' : 'false';
    case Kind.NULL:
      return 'null';
    case Kind.LIST:
      return `[${value.values.map(canonicalValue).join(', ')}]`;
    case Kind.OBJECT:
      return `{${entries(value.fields.map((field) => ({ name: field.name.value, value: field.value })))}}`;
  }
}

function entries(values: readonly NamedValue[]): string {
  return values
    .toSorted((a, b) => compareNames(a.name, b.name))
    .map(({ name, value }) => `${name}: ${canonicalValue(value)}`)
    .join(', ');
}

/** By code units: the same on every machine, whatever its locale. */
export function compareNames(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
