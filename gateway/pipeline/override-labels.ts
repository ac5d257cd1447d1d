/**
 * Stage `labels`: which labels of progressive `@override` are active in this request. `percent(x)` by a draw, other labels by the function
 * that the operator configured, or never. Decided once, before planning and for all labels of the supergraph: the set is part of the key of
 * plans, and of whatever else remembers or shares an answer. Exports `chooseLabels`, `drawOf`, `loadLabelFunction`.
 */
import { createHash } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import type { Supergraph } from '../../engine/supergraph/index.ts';
import { createError, toMessage } from '../../lib/errors/errors.ts';
import type { Principal } from '../../lib/identity/index.ts';
import type { Log } from '../../lib/log/log.ts';
import type { Hub } from './hub.ts';
import type { KnownDocument, KnownOperation } from './known-document.ts';
import type { Stage } from './stage.ts';
import type { LoadedGraph } from './supergraph/loaded-graph.ts';

/** Who asks, as the configured function sees it. */
export type LabelAsker = {
  readonly member: string | null;
  readonly kinds: readonly string[];
  readonly scopes: readonly string[];
  readonly claims: Readonly<Record<string, unknown>>;
  readonly operationName: string | null;
};

/** Comes from a file of the operator: what it returns is not believed to be a boolean. */
export type LabelFunction = (label: string, asker: LabelAsker) => unknown;

type Needs = { graph: LoadedGraph; checked: KnownDocument; operation: KnownOperation; principal: Principal };
type Gives = { activeLabels: ReadonlySet<string> };

const none: Gives = Object.freeze({ activeLabels: Object.freeze(new Set<string>()) });

export const chooseLabels: Stage<Needs, Gives, Hub> = {
  name: 'labels',
  run({ graph: { supergraph }, checked, operation, principal }, { labelFunction, log }) {
    if (supergraph.labels.length === 0) return none;
    const { memberId: member, kinds, scopes, claims } = principal;
    const operationText = operation.name ?? checked.canonicalText;
    const asker: LabelAsker = Object.freeze({ member, kinds, scopes, claims, operationName: operation.name });
    const active = supergraph.labels.filter((label) => {
      const percent = readPercent(label);
      if (percent !== null) return drawOf(label, member, operationText) < percent;
      return labelFunction !== undefined && decide(labelFunction, { label, asker, supergraph, log });
    });
    return { activeLabels: new Set(active) };
  },
};

const percentLabel = /^percent\((\d{1,3}(?:\.\d+)?)\)$/;

function readPercent(label: string): number | null {
  const [, text] = percentLabel.exec(label) ?? [];
  const percent = Number(text ?? Number.NaN);
  return percent <= 100 ? percent : null;
}

/**
 * In [0, 100), the same in every gateway and at any time: a member does not see a field move to and fro between two subgraphs. The operation
 * is its name, or its whole text when it has none.
 */
export function drawOf(label: string, member: string | null, operation: string): number {
  const digest = createHash('sha256')
    .update(JSON.stringify([label, member, operation]))
    .digest();
  return (digest.readUIntBE(0, 6) / 2 ** 48) * 100;
}

type Decision = { readonly label: string; readonly asker: LabelAsker; readonly supergraph: Supergraph; readonly log: Log };

/** What throws, or says anything but true or false, leaves the label inactive: the field stays where it was. */
function decide(labelFunction: LabelFunction, { label, asker, supergraph, log }: Decision): boolean {
  let problem: string;
  try {
    const active = labelFunction(label, asker);
    if (typeof active === 'boolean') return active;
    problem = `it returned ${active instanceof Promise ? 'a promise' : typeof active} instead of true or false`;
    if (active instanceof Promise) active.catch(() => undefined);
  } catch (error) {
    problem = toMessage(error);
  }
  tellOnce(supergraph, label, () => log.error({ label, problem }, 'the function for override labels failed, the label stays inactive'));
  return false;
}

/** Labels told of, at most those of the supergraph; forgotten together with it. */
const told = new WeakMap<Supergraph, Set<string>>();

function tellOnce(supergraph: Supergraph, label: string, tell: () => void): void {
  const labels = told.get(supergraph) ?? new Set<string>();
  told.set(supergraph, labels);
  if (labels.has(label)) return;
  labels.add(label);
  tell();
}

/** The default export of a local module. Throws CONFIG_INVALID_VALUE: a gateway without it would send members to the wrong side. */
export async function loadLabelFunction(file: string): Promise<LabelFunction> {
  const refuse = (reason: string, cause?: unknown) =>
    createError('CONFIG_INVALID_VALUE', `HUB_OVERRIDE_LABELS=${file} cannot be used: ${reason}`, { cause });
  if (!/\.m?js$/.test(file)) throw refuse('expected a file .mjs or .js.');
  let module: unknown;
  try {
    module = await import(pathToFileURL(file).href);
  } catch (error) {
    throw refuse(toMessage(error), error);
  }
  const found: unknown = typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined;
  if (typeof found !== 'function') throw refuse('expected a function as its default export: (label, asker) => boolean.');
  // Its parameters are ours to give, and what it returns is looked at
  return found as LabelFunction;
}
