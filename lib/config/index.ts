/** Configuration: the only reader of the environment. */
export { readConfig, requireValue, withVariables, type Config, type Environment } from './read-config.ts';
export { variables, type VariableEntry, type VariableName } from './variables.ts';
