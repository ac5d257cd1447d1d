/**
 * engine/compose: the SDLs of subgraphs → one supergraph text. The composer is `@theguild/federation-composition`; here its input
 * is put into one order, its known defects are repaired (repair.ts) and its errors are made useful (explain-error.ts). What it does not
 * know, subscription fields that a feed answers, is checked in feeds/.
 */
import { composeServices } from '@theguild/federation-composition';
import { GraphQLError } from 'graphql';
import { compareNames } from '../supergraph/canonical.ts';
import { explainError } from './explain-error.ts';
import { checkFeeds } from './feeds/index.ts';
import { composeDespiteLabels } from './labels.ts';
import { startOf } from './locate.ts';
import { restoreReentry, withoutReentry } from './reentry.ts';
import { repairSupergraph } from './repair.ts';
import { composeDespiteFragments } from './satisfiability.ts';
import { parseSubgraphs } from './subgraph-document.ts';
import type { SubgraphDocument } from './subgraph-document.ts';
import type { CompositionError, CompositionResult, EventCatalogue, SubgraphInput } from './types.ts';
import { wayOutOf } from './ways-out.ts';

export type { CompositionError, CompositionResult, EventCatalogue, SdlLocation, SubgraphInput } from './types.ts';

/**
 * The result does not depend on the order of the inputs. Never throws for what the inputs say. `events`: the catalogue against which `@feed`
 * is checked (codes FEED_…); without it, it is not.
 */
export function composeSupergraph(
  subgraphs: readonly SubgraphInput[],
  { events }: { readonly events?: EventCatalogue | undefined } = {},
): CompositionResult {
  const sorted = subgraphs.toSorted((a, b) => compareNames(a.name, b.name));
  const { documents, errors } = parseSubgraphs(sorted);
  const unreadable = [...errors, ...sameNames(documents)];
  if (unreadable.length > 0) return { kind: 'failed', errors: unreadable };
  const composed = compose(documents);
  const feeds = events === undefined ? { errors: [], hints: [] } : checkFeeds(documents, events);
  if (composed instanceof Array) {
    return { kind: 'failed', errors: [...composed.map((error) => explainError(error, documents)), ...feeds.errors] };
  }
  if (feeds.errors.length > 0) return { kind: 'failed', errors: feeds.errors };
  const { sdl, hints } = repairSupergraph(composed.sdl, documents);
  return { kind: 'ok', supergraphSdl: sdl, hints: [...composed.hints, ...hints, ...feeds.hints] };
}

type Composed = { sdl: string; hints: string[] } | readonly GraphQLError[];

function compose(documents: readonly SubgraphDocument[]): Composed {
  const composed = composeAsWritten(documents);
  if (!(composed instanceof Array)) return composed;
  return (
    composeDespiteReentry(documents, composed) ??
    composeDespiteLabels(documents, composed, compose) ??
    composeDespiteFragments(documents, composed) ??
    composed
  );
}

function composeAsWritten(documents: readonly SubgraphDocument[]): Composed {
  try {
    const result = composeServices(documents.map(({ name, url, document }) => ({ name, url, typeDefs: document })));
    return result.errors ?? { sdl: result.supergraphSdl, hints: [] };
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    return [new GraphQLError(`The composer failed: ${message}`, { extensions: { code: 'COMPOSITION_FAILED' } })];
  }
}

/** Null when no field returns the query root, or the errors have another cause. */
function composeDespiteReentry(documents: readonly SubgraphDocument[], errors: readonly GraphQLError[]): Composed | null {
  // Under another name than Query the composer does not even get that far.
  const causes: readonly unknown[] = ['SATISFIABILITY_ERROR', 'COMPOSITION_FAILED'];
  if (!errors.every((error) => causes.includes(error.extensions['code']))) return null;
  const leaves = withoutReentry(documents);
  if (leaves === null) return null;
  const composed = compose(leaves);
  return composed instanceof Array ? composed : { sdl: restoreReentry(composed.sdl), hints: composed.hints };
}

function sameNames(documents: readonly SubgraphDocument[]): CompositionError[] {
  return documents.flatMap((document, index) => {
    const twin = documents.slice(0, index).find((other) => other.name === document.name);
    if (twin === undefined) return [];
    return [
      {
        code: 'SUBGRAPH_NAME_TAKEN',
        message: `Two subgraphs are called "${document.name}".`,
        subgraphs: [document.name],
        locations: [startOf(twin), startOf(document)],
        wayOut: wayOutOf('SUBGRAPH_NAME_TAKEN', null, [document.name]),
      },
    ];
  });
}
