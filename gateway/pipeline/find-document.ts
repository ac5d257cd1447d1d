/**
 * Stage `document`: the text of the operation, and what is already known of it. A client sends the text, or names it: by `documentId`
 * (GraphQL over HTTP, appendix on persisted documents) or by `extensions.persistedQuery.sha256Hash`. Names are looked up among the
 * trusted documents, hashes also among what the same member has sent before. Exports `findDocument` and `keepDocument`.
 */
import { createError, type HubError } from '../../lib/errors/errors.ts';
import type { Principal } from '../../lib/identity/index.ts';
import { toHash } from './documents/trusted-documents.ts';
import type { Hub } from './hub.ts';
import type { KnownDocument } from './known-document.ts';
import type { Params } from './read-params.ts';
import type { GatewayRequest } from './request.ts';
import type { Stage } from './stage.ts';
import type { LoadedGraph } from './supergraph/loaded-graph.ts';
import { toWho } from './who.ts';

type Needs = { request: GatewayRequest; params: Params; graph: LoadedGraph; principal: Principal };
type Gives = { text: string; known: KnownDocument | undefined; toKeep: ToKeep | undefined };
/** A text that came with its hash, to be remembered once it has passed all checks. */
type ToKeep = { readonly owner: string; readonly hash: string };

const sha256 = /^[0-9a-f]{64}$/;

export const findDocument: Stage<Needs, Gives, Hub> = {
  name: 'document',
  run({ request, params, graph, principal }, hub) {
    const sent = params.query === null || params.query.trim() === '' ? null : params.query;
    const hash = 'persistedQuery' in params.extensions ? readHash(params.extensions['persistedQuery']) : null;
    if (params.documentId === null && hash === null) return toGives(graph, readText(sent, hub));
    const who = toWho(principal, request);
    if (params.documentId !== null) {
      if (sent !== null) throw createError('BAD_REQUEST', 'Both query and documentId are sent: send one of them.');
      return toGives(graph, findByName(params.documentId.replace(/^sha256:/, ''), who, hub));
    }
    if (hash !== null && sent === null) return toGives(graph, findByName(hash, who, hub));
    const text = readText(sent, hub);
    if (hash === null || !hub.persisted) return toGives(graph, text);
    // A known text has been hashed before, or will not be kept again
    if (toHash(text) !== hash) throw createError('PERSISTED_QUERY_MISMATCH', 'provided sha does not match query');
    return { ...toGives(graph, text), toKeep: { owner: who, hash } };
  },
};

/** Only what passed every check that does not depend on variables is remembered. */
export const keepDocument: Stage<{ text: string; toKeep: ToKeep | undefined }, object, Hub> = {
  name: 'keep',
  run({ text, toKeep }, { persisted, metrics }) {
    if (!toKeep || !persisted) return nothing;
    persisted.keep(toKeep.owner, toKeep.hash, text);
    metrics.countDocument('persisted', 'registered');
    return nothing;
  },
};

const nothing = Object.freeze({});

function toGives(graph: LoadedGraph, text: string): Gives {
  return { text, known: graph.documents.get(text), toKeep: undefined };
}

function readText(sent: string | null, { trusted, metrics }: Hub): string {
  if (sent === null) throw createError('BAD_REQUEST', 'The parameter query is missing.');
  if (trusted?.only !== true || trusted.has(sent)) return sent;
  metrics.countDocument('trusted', 'refused');
  throw toNotTrusted();
}

function findByName(name: string, who: string, { trusted, persisted, metrics }: Hub): string {
  const text = trusted?.find(name);
  if (text !== undefined) {
    metrics.countDocument('trusted', 'hit');
    return text;
  }
  if (trusted?.only === true) {
    metrics.countDocument('trusted', 'refused');
    throw toNotTrusted();
  }
  if (!persisted) {
    metrics.countDocument('trusted', 'miss');
    // Clients read this message and stop sending hashes
    if (!trusted) throw createError('PERSISTED_QUERY_NOT_SUPPORTED', 'PersistedQueryNotSupported');
    throw createError('PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound');
  }
  const kept = persisted.find(who, name);
  metrics.countDocument('persisted', kept === undefined ? 'miss' : 'hit');
  // Clients read this message and send the text
  if (kept === undefined) throw createError('PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound');
  return kept;
}

function toNotTrusted(): HubError {
  return createError('DOCUMENT_NOT_TRUSTED', 'Only trusted documents run here, and this is none of them.');
}

/** `{version: 1, sha256Hash}` as Apollo's clients send it. */
function readHash(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'sha256Hash' in value && 'version' in value) {
    const { sha256Hash, version } = value;
    if (version === 1 && typeof sha256Hash === 'string' && sha256.test(sha256Hash)) return sha256Hash;
  }
  throw createError('BAD_REQUEST', 'extensions.persistedQuery must be {version: 1, sha256Hash: 64 hexadecimal digits in lower case}.');
}
