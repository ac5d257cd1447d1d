// Reads whole lists through the gateway, page by page, within fixed bounds.
import { z } from 'zod';
import { createError } from '../../../lib/errors/errors.ts';
import type { AskHub } from '../../../subgraph-kit/ask-hub.ts';
import { PAGE_MOST } from '../../../subgraph-kit/page.ts';
import type { Question } from './questions.ts';

/** Nodes of one list; an industry with more is not read in part. */
const NODES_MOST = 200_000;

export type Reading = { readonly askHub: AskHub; readonly signal: AbortSignal };

/** All nodes in the order of the list. Rejects with what the gateway said, or with GATEWAY_REFUSED for an answer of another shape. */
export async function readAll<Node>(
  { askHub, signal }: Reading,
  question: Question<Node>,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<Node[]> {
  const { name, field, source } = question;
  const shape = z.object({
    nodes: z.array(question.node),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
  });
  const all: Node[] = [];
  let after: string | null = null;
  do {
    const data = await askHub(source, { ...variables, first: PAGE_MOST, after }, signal);
    const page = shape.safeParse(data[field]);
    if (!page.success)
      throw createError('GATEWAY_REFUSED', `the gateway answered ${name} in another shape: ${z.prettifyError(page.error)}`);
    all.push(...page.data.nodes);
    after = page.data.pageInfo.hasNextPage ? page.data.pageInfo.endCursor : null;
    if (all.length > NODES_MOST) throw createError('GATEWAY_REFUSED', `${name} has more than ${NODES_MOST} rows, more than a run reads`);
  } while (after !== null);
  return all;
}

/** The work for every item, so many at a time; results in the order of the items. The first that fails ends it. */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  most: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = items.entries();
  const lane = async (): Promise<void> => {
    // all lanes take from one iterator, so each item is taken once
    for (const [i, item] of waiting) results[i] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, lane));
  return results;
}
