/** An operation with `@defer` in this process, its payloads written, read and put together again; every door: defer-run.ts. */
import { compilePlan } from '../../engine/compile/index.ts';
import { conditionVariables, planOperation } from '../../engine/plan/index.ts';
import { executePlan } from '../../gateway/execute/index.ts';
import { toFirstMembers, toLaterText } from '../../gateway/pipeline/payload-text.ts';
import type { PayloadForm } from '../../gateway/pipeline/payload-text.ts';
import { mergeIncremental } from '../_kit/merge-incremental.ts';
import type { Merged, WirePayload } from '../_kit/merge-incremental.ts';
import { checkPlan } from '../_kit/plan-checker.ts';
import { createFetcher } from './compare.ts';
import type { ReadyCut } from './compose-cut.ts';
import type { Operation } from './operations.ts';
import { createHubRun } from './run-graph.ts';

type Asking = { readonly values: Readonly<Record<string, unknown>>; readonly form: PayloadForm };

export async function runInPayloads(
  ready: ReadyCut,
  { document, labels }: Operation,
  { values, form }: Asking,
): Promise<Merged & { readonly payloads: number }> {
  const { supergraph } = ready;
  const conditions = new Map(conditionVariables(document, 'Q').map((name) => [name, values[name] === true]));
  const plan = planOperation({ supergraph, document, operationName: 'Q', conditions, activeLabels: labels, defer: true });
  const broken = checkPlan(plan, supergraph, document);
  if (broken.length > 0) throw new Error(broken.join('\n'));
  const { fetcher, assertFaultless } = createFetcher(ready, createHubRun(labels));
  const signal = AbortSignal.timeout(10_000);
  const { data, errors, later } = await executePlan({
    compiled: compilePlan(plan, supergraph),
    supergraph,
    variables: values,
    fetcher,
    signal,
  });
  const members = [`"data":${data}`];
  if (errors !== undefined) members.push(`"errors":${JSON.stringify(errors)}`);
  if (later !== undefined) members.push(toFirstMembers(form, later.pending));
  const texts = [`{${members.join(',')}}`];
  for await (const payload of later?.payloads ?? []) {
    const text = toLaterText(form, payload);
    if (text !== null) texts.push(text);
  }
  assertFaultless();
  return { ...mergeIncremental(texts.map((text) => JSON.parse(text) as WirePayload)), payloads: texts.length }; // the hub's own
}
