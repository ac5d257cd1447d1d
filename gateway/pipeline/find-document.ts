/**
 * Stage `document`: the text of the operation, and what is already known of it. Ids of trusted documents and hashes (persisted
 * queries) are turned into text here; neither is kept yet, so a hash without its text is not found.
 */
import { createError } from '../../lib/errors/errors.ts';
import type { Hub } from './hub.ts';
import type { KnownDocument } from './known-document.ts';
import type { Params } from './read-params.ts';
import type { Stage } from './stage.ts';
import type { LoadedGraph } from './supergraph/loaded-graph.ts';

type Needs = { params: Params; graph: LoadedGraph };

export const findDocument: Stage<Needs, { text: string; known: KnownDocument | undefined }, Hub> = {
  name: 'document',
  run({ params, graph }) {
    const text = params.query;
    if (text === null || text.trim() === '') {
      if ('persistedQuery' in params.extensions) throw createError('PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound');
      throw createError('BAD_REQUEST', 'The parameter query is missing.');
    }
    return { text, known: graph.documents.get(text) };
  },
};
