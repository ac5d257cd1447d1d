/**
 * Reads the variables a process asks for, and only those. A wrong value, or a HUB_ variable that nobody knows, ends the start with one
 * line that says what to do. Nothing else in the project reads the environment.
 */
import type { z } from 'zod';
import { createError } from '../errors/errors.ts';
import { findNearest } from './find-nearest.ts';
import type { VariableEntry } from './entry.ts';
import { variables, type VariableName } from './variables.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable with a default always has a value; another may be undefined. */
export type Config<Name extends VariableName> = {
  readonly [K in Name]: z.output<(typeof variables)[K]['type']> | ((typeof variables)[K] extends { byDefault: string } ? never : undefined);
};

const allNames: readonly string[] = Object.keys(variables);

export function readConfig<const Name extends VariableName>(names: readonly Name[], env: Environment = process.env): Config<Name> {
  refuseUnknown(env);
  const entries = names.map((name) => [name, readVariable(name, variables[name], env[name])] as const);
  // Each value was parsed by the type that stands at its name in the table
  return Object.fromEntries(entries) as Config<Name>;
}

/** For variables that must be set. Throws CONFIG_MISSING_VALUE. */
export function requireValue<T>(name: VariableName, value: T | undefined): T {
  if (value !== undefined) return value;
  throw createError('CONFIG_MISSING_VALUE', `${name} is not set. ${variables[name].meaning} Set it and start again.`);
}

/** The environment for a child process: this one's, with the given values instead. */
export function withVariables(values: Partial<Record<VariableName, string>>, env: Environment = process.env): Record<string, string> {
  const merged = Object.entries({ ...env, ...values });
  return Object.fromEntries(merged.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

function readVariable(name: string, entry: VariableEntry, given: string | undefined): unknown {
  // An empty value is what many tools write for "not set"
  const value = given === undefined || given.trim() === '' ? entry.byDefault : given.trim();
  if (value === undefined) return undefined;
  const parsed = entry.type.safeParse(value);
  if (parsed.success) return parsed.data;
  const reasons = parsed.error.issues.map((issue) => issue.message).join('; ');
  const shown = entry.secret ? 'a value that is not shown' : `"${value}"`;
  throw createError(
    'CONFIG_INVALID_VALUE',
    `${name} has ${shown}: ${reasons}. Correct it or leave it out${entry.byDefault === undefined ? '' : ` (default: ${entry.byDefault})`}; see docs/config.md.`,
  );
}

function refuseUnknown(env: Environment): void {
  const unknown = Object.keys(env).filter((name) => name.startsWith('HUB_') && !allNames.includes(name));
  const [first] = unknown.toSorted();
  if (first === undefined) return;
  const nearest = findNearest(first, allNames);
  const advice = nearest === undefined ? 'Remove it' : `Did you mean ${nearest}? Rename or remove it`;
  throw createError('CONFIG_UNKNOWN_VARIABLE', `${first} is not a variable of the hub. ${advice}; docs/config.md lists all.`);
}
