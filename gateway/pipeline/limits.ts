/** Every limit of the gateway with its default. docs/limits.md is the same table in words. */

export type Limits = {
  /** Body, after unpacking. */
  readonly bodyBytes: number;
  /** Variables as JSON. */
  readonly variablesBytes: number;
  readonly variablesDepth: number;
  /** Tokens of a document. */
  readonly tokens: number;
  /** Brackets of any kind in a document, counted before it is parsed. */
  readonly nesting: number;
  /** Fields below each other, fragments expanded. */
  readonly depth: number;
  readonly aliases: number;
  readonly rootFields: number;
  readonly directives: number;
  /** Fields of the document, fragments expanded. */
  readonly fields: number;
  /** Pairs of fields with one response name, which validation has to compare. */
  readonly overlaps: number;
  readonly pageSize: number;
  /** Names of the arguments that `pageSize` bounds. */
  readonly pageArguments: readonly string[];
  readonly requestMs: number;
  /** For one request to a subgraph. */
  readonly subgraphMs: number;
  /** For running requests when the gateway stops. */
  readonly stopMs: number;
};

export const defaultLimits: Limits = Object.freeze({
  bodyBytes: 1_048_576,
  variablesBytes: 65_536,
  variablesDepth: 32,
  tokens: 10_000,
  nesting: 200,
  depth: 25,
  aliases: 100,
  rootFields: 30,
  directives: 100,
  fields: 10_000,
  overlaps: 50_000,
  pageSize: 200,
  pageArguments: Object.freeze(['first', 'last']),
  requestMs: 30_000,
  subgraphMs: 10_000,
  stopMs: 10_000,
});
