/** From an error of the composer to one that names the subgraphs concerned, file, line and a way out. */
import type { GraphQLError } from 'graphql';
import { coordinatesIn, defines, locate, startOf } from './locate.ts';
import type { SubgraphDocument } from './subgraph-document.ts';
import type { CompositionError, SdlLocation } from './types.ts';
import { wayOutOf } from './ways-out.ts';

export function explainError(error: GraphQLError, documents: readonly SubgraphDocument[]): CompositionError {
  const code = typeof error.extensions['code'] === 'string' ? error.extensions['code'] : 'COMPOSITION_FAILED';
  const coordinates = coordinatesIn(error.message).filter((coordinate) =>
    documents.some((document) => locate(document, coordinate) !== null),
  );
  const [main = null] = coordinates;
  const concerned = subgraphsOf(error.message, main, documents);
  const subgraphs = concerned.map((document) => document.name);
  return {
    code,
    message: error.message,
    subgraphs,
    locations: concerned.map((document) => locationIn(document, error, coordinates)),
    wayOut: wayOutOf(code, main, subgraphs),
  };
}

/** Those that the message names; where it names none or one of several that disagree, also those that define its subject. */
function subgraphsOf(message: string, subject: string | null, documents: readonly SubgraphDocument[]): SubgraphDocument[] {
  const [, only] = /^\[([^\]]+)\]/.exec(message) ?? [];
  const named = documents.filter(({ name }) => name === only || message.includes(`"${name}"`));
  if (only !== undefined || named.length >= 2 || subject === null) return named;
  return documents.filter((document) => named.includes(document) || defines(document, subject));
}

function locationIn(document: SubgraphDocument, error: GraphQLError, coordinates: readonly string[]): SdlLocation {
  // Errors about one subgraph's own SDL carry their place already.
  const own = error.nodes?.find((node) => node.loc?.source.name === document.file)?.loc ?? null;
  if (own !== null && error.message.startsWith(`[${document.name}]`)) {
    const at = error.locations?.[0];
    if (at !== undefined) return { subgraph: document.name, file: document.file, line: at.line, column: at.column };
  }
  const exact = coordinates.find((coordinate) => defines(document, coordinate));
  const found = [...(exact === undefined ? [] : [exact]), ...coordinates].flatMap((coordinate) => locate(document, coordinate) ?? []);
  return found[0] ?? startOf(document);
}
