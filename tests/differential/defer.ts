/** Operations with random `@defer`: the final document must be that of the same operation without. */
import { Kind, print, validate, visit } from 'graphql';
import type { ASTNode, DirectiveNode, DocumentNode, FragmentSpreadNode, GraphQLSchema, InlineFragmentNode } from 'graphql';
import { compilePlan } from '../../engine/compile/index.ts';
import { conditionVariables, planOperation } from '../../engine/plan/index.ts';
import type { Plan } from '../../engine/plan/index.ts';
import { executePlan } from '../../gateway/execute/index.ts';
import type { ExecutionResult } from '../../gateway/execute/index.ts';
import { toFirstMembers, toLaterText } from '../../gateway/pipeline/payload-text.ts';
import type { PayloadForm } from '../../gateway/pipeline/payload-text.ts';
import { mergeIncremental } from '../_kit/merge-incremental.ts';
import type { Merged, WirePayload } from '../_kit/merge-incremental.ts';
import type { ReadyCut } from './compose-cut.ts';
import { createFetcher } from './compare.ts';
import type { Operation } from './operations.ts';
import { createRandom, hash } from './random.ts';
import { createHubRun } from './run-graph.ts';
import type { Random } from './random.ts';

/** Fragments of the operation are deferred, and fields put into deferred fragments, as the seed says. Null when nothing could be. */
export function addDefer(schema: GraphQLSchema, operation: Operation, seed: number): Operation | null {
  const random = createRandom(hash('defer', seed));
  const root = operation.document.definitions[0];
  const isMutation = root?.kind === Kind.OPERATION_DEFINITION && root.operation === 'mutation';
  let count = 0;
  const directive = (): DirectiveNode => toDirective(random, `l${(count += 1)}`);
  const document = visit<DocumentNode>(operation.document, {
    InlineFragment: (node) => (random.chance(0.5) ? withDirective(node, directive()) : undefined),
    FragmentSpread: (node) => (random.chance(0.5) ? withDirective(node, directive()) : undefined),
    SelectionSet: {
      leave(node, _key, parent) {
        // The root of a mutation must not be deferred.
        const isRoot = isNode(parent) && parent.kind === Kind.OPERATION_DEFINITION;
        if ((isMutation && isRoot) || !random.chance(0.5)) return undefined;
        const at = random.int(node.selections.length);
        const end = at + 1 + random.int(node.selections.length - at);
        const inner: InlineFragmentNode = {
          kind: Kind.INLINE_FRAGMENT,
          directives: [directive()],
          selectionSet: { kind: Kind.SELECTION_SET, selections: node.selections.slice(at, end) },
        };
        return { ...node, selections: [...node.selections.slice(0, at), inner, ...node.selections.slice(end)] };
      },
    },
  });
  const clean = isMutation ? plainRoot(document) : document;
  if (count === 0 || validate(schema, clean).length > 0) return null;
  return { ...operation, text: print(clean), document: clean };
}

function isNode(value: ASTNode | readonly ASTNode[] | undefined): value is ASTNode {
  return value !== undefined && !Array.isArray(value);
}

function toDirective(random: Random, label: string): DirectiveNode {
  const name = (value: string): { kind: Kind.NAME; value: string } => ({ kind: Kind.NAME, value });
  const args: NonNullable<DirectiveNode['arguments']>[number][] = [];
  if (random.chance(0.7)) args.push({ kind: Kind.ARGUMENT, name: name('label'), value: { kind: Kind.STRING, value: label } });
  if (random.chance(0.15)) args.push({ kind: Kind.ARGUMENT, name: name('if'), value: { kind: Kind.BOOLEAN, value: random.chance(0.6) } });
  return { kind: Kind.DIRECTIVE, name: name('defer'), arguments: args };
}

function withDirective<T extends InlineFragmentNode | FragmentSpreadNode>(node: T, directive: DirectiveNode): T {
  return { ...node, directives: [...(node.directives ?? []), directive] };
}

/** Fragments at the root of a mutation, with those spread there, without `@defer`. */
function plainRoot(document: DocumentNode): DocumentNode {
  const plain = (node: DocumentNode['definitions'][number], type: string): DocumentNode['definitions'][number] => {
    const isAtRoot = (one: ASTNode): boolean =>
      (one.kind === Kind.INLINE_FRAGMENT && (one.typeCondition === undefined || one.typeCondition.name.value === type)) ||
      one.kind === Kind.FRAGMENT_SPREAD;
    return visit<typeof node>(node, {
      Field: () => false,
      InlineFragment: (one) => (isAtRoot(one) ? { ...one, directives: [] } : undefined),
      FragmentSpread: (one) => ({ ...one, directives: [] }),
    });
  };
  return {
    ...document,
    definitions: document.definitions.map((node) =>
      node.kind === Kind.OPERATION_DEFINITION || (node.kind === Kind.FRAGMENT_DEFINITION && node.typeCondition.name.value === 'Mutation')
        ? plain(node, 'Mutation')
        : node,
    ),
  };
}

export function planDeferred({ supergraph }: ReadyCut, { document, labels }: Operation, values: Readonly<Record<string, unknown>>): Plan {
  const conditions = new Map(conditionVariables(document, 'Q').map((name) => [name, values[name] === true]));
  return planOperation({ supergraph, document, operationName: 'Q', conditions, activeLabels: labels, defer: true });
}

/** Runs the plan, writes its payloads in the form, reads them again and puts them together. */
export async function runDeferred(
  ready: ReadyCut,
  plan: Plan,
  { values, form, labels }: { values: Readonly<Record<string, unknown>>; form: PayloadForm; labels: Operation['labels'] },
): Promise<Merged & { readonly payloads: readonly WirePayload[] }> {
  const { fetcher, assertFaultless } = createFetcher(ready, createHubRun(labels));
  const result = await executePlan({
    compiled: compilePlan(plan, ready.supergraph),
    supergraph: ready.supergraph,
    variables: values,
    fetcher,
    signal: AbortSignal.timeout(10_000),
  });
  const payloads = await readPayloads(result, form);
  assertFaultless();
  return { ...mergeIncremental(payloads), payloads };
}

export async function readPayloads({ data, errors, later }: ExecutionResult, form: PayloadForm): Promise<WirePayload[]> {
  const members = [`"data":${data}`];
  if (errors !== undefined) members.push(`"errors":${JSON.stringify(errors)}`);
  if (later !== undefined) members.push(toFirstMembers(form, later.pending));
  const texts = [`{${members.join(',')}}`];
  for await (const payload of later?.payloads ?? []) {
    const text = toLaterText(form, payload);
    if (text !== null) texts.push(text);
  }
  return texts.map((text) => JSON.parse(text) as WirePayload); // the hub's own
}
