/** Configuration: the only reader of the environment. */
export { readConfig, requireValue, withVariables, type Config, type Environment } from './read-config.ts';
export type { VariableEntry } from './entry.ts';
export { variables, type VariableName } from './variables.ts';
