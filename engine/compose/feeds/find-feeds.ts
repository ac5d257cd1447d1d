/** The uses of `@feed` in one subgraph, and what would make composition lose them without a word. Exports `findFeeds`. */
import type { ConstDirectiveNode, FieldDefinitionNode } from 'graphql';
import { Kind } from 'graphql';
import { fieldsOf, linksOf, schemaDirectives, textOf, valueOf } from '../subgraph-document.ts';
import type { Link, SubgraphDocument } from '../subgraph-document.ts';
import type { FeedProblem } from './problem.ts';

/** One field of the subscription root whose events come from a feed. */
export type FeedUse = {
  readonly coordinate: string;
  readonly document: SubgraphDocument;
  readonly field: FieldDefinitionNode;
  readonly directive: ConstDirectiveNode;
};

const SPECIFICATION = 'https://industry-router.example/feed';
const ROOT = 'Subscription';

export function findFeeds(document: SubgraphDocument): { readonly uses: readonly FeedUse[]; readonly problems: readonly FeedProblem[] } {
  const links = linksOf(document.document);
  const link = links.find(({ url }) => url.startsWith(`${SPECIFICATION}/`));
  const name = link === undefined ? 'feed' : nameOfFeed(link);
  // A directive of that name from elsewhere is none of ours.
  if (link === undefined && links.some((other) => gives(other, name))) return { uses: [], problems: [] };
  const all = [...document.types].flatMap(([type, nodes]) =>
    nodes.flatMap(fieldsOf).flatMap((field): FeedUse[] => {
      const directive = field.directives?.find((use) => use.name.value === name);
      if (directive === undefined || field.kind !== Kind.FIELD_DEFINITION) return [];
      return [{ coordinate: `${type}.${field.name.value}`, document, field, directive }];
    }),
  );
  const uses = all.filter(({ coordinate }) => coordinate.startsWith(`${ROOT}.`));
  const misplaced = all.filter((use) => !uses.includes(use));
  const problems = misplaced.map((use) => toProblem(use, 'FEED_MISPLACED', 'has no effect: it belongs on fields of the subscription root'));
  const lost = whyLost(document, link, name);
  return { uses, problems: lost === null ? problems : [...problems, ...uses.map((use) => toProblem(use, 'FEED_NOT_COMPOSED', lost))] };
}

function toProblem({ coordinate, directive }: FeedUse, code: string, message: string): FeedProblem {
  return { code, coordinate, message, node: directive };
}

/** The name of a specification's own directive is that of the specification. */
function nameOfFeed({ imports, as }: Link): string {
  return imports.get('@feed') ?? (as || 'feed');
}

function gives({ url, as, imports }: Link, name: string): boolean {
  return [...imports].some(([original, local]) => original.startsWith('@') && local === name) || (as || specificationName(url)) === name;
}

/** `https://specs.example/tag/v0.3`: tag. */
function specificationName(url: string): string {
  const parts = url.split('/').filter((part) => part !== '');
  return (/^v\d+\.\d+$/.test(parts.at(-1) ?? '') ? parts.at(-2) : parts.at(-1)) ?? '';
}

/** Null: it goes into the supergraph. */
function whyLost(document: SubgraphDocument, link: Link | undefined, name: string): string | null {
  if (link === undefined) return `is lost in composition: the SDL does not link ${SPECIFICATION}/v1.0`;
  const composed = schemaDirectives(document.document).filter((use) => use.name.value === document.directive('composeDirective'));
  if (composed.some((use) => textOf(valueOf(use, 'name')) === `@${name}`)) return null;
  return `is lost in composition: the schema lacks @composeDirective(name: "@${name}")`;
}
