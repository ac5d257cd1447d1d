/**
 * Stage `parse`: text becomes a document. A pass over the tokens comes first: their number and nesting are bounded, because the parser
 * recurses (20 KB of `{a{a{…` overflow its stack).
 */
import { GraphQLError, Lexer, parse, Source, TokenKind, type DocumentNode } from 'graphql';
import { createError } from '../../lib/errors/errors.ts';
import type { Hub } from './hub.ts';
import type { KnownDocument } from './known-document.ts';
import type { Limits } from './limits.ts';
import type { Stage } from './stage.ts';

type Needs = { text: string; known: KnownDocument | undefined };
type Gives = { document: DocumentNode; tokenCount: number };

export const parseDocument: Stage<Needs, Gives, Hub> = {
  name: 'parse',
  run({ text, known }, { limits }) {
    if (known) return { document: known.document, tokenCount: known.tokenCount };
    try {
      const source = new Source(text, 'operation');
      const tokenCount = countTokens(source, limits);
      return { document: parse(source), tokenCount };
    } catch (error) {
      if (error instanceof GraphQLError) throw createError('GRAPHQL_PARSE_FAILED', error.message, { cause: error });
      throw error;
    }
  },
};

function countTokens(source: Source, { tokens, nesting }: Limits): number {
  const lexer = new Lexer(source);
  let count = 0;
  let open = 0;
  for (let token = lexer.advance(); token.kind !== TokenKind.EOF; token = lexer.advance()) {
    count += 1;
    if (count > tokens)
      throw createError('LIMIT_EXCEEDED', `The document has more than ${tokens} tokens.`, { details: { limit: 'tokens' } });
    switch (token.kind) {
      case TokenKind.BRACE_L:
      case TokenKind.BRACKET_L:
      case TokenKind.PAREN_L:
        open += 1;
        if (open > nesting)
          throw createError('LIMIT_EXCEEDED', `The document is nested deeper than ${nesting} brackets.`, { details: { limit: 'nesting' } });
        break;
      case TokenKind.BRACE_R:
      case TokenKind.BRACKET_R:
      case TokenKind.PAREN_R:
        open -= 1;
        break;
      default:
    }
  }
  return count;
}
