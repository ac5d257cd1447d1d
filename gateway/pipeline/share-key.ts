/**
 * On what an answer may depend besides what is asked: the one place that says who may share with whom (invariant 8). Exports
 * `isTold`, `toShareKey` and `toExecutionKey`.
 */
import type { CompiledPlan } from '../../engine/compile/index.ts';
import type { FlightKey } from '../execute/index.ts';
import type { Principal } from '../../lib/identity/index.ts';
import type { Hub } from './hub.ts';
import { toShownText } from './principal-signer.ts';
import type { GatewayRequest } from './request.ts';

export type Asker = { readonly request: Pick<GatewayRequest, 'header'>; readonly principal: Principal };
type Telling = Pick<Hub, 'signer' | 'subgraphsNotTold' | 'forwarding'>;

/** The subgraph learns who asks. */
export function isTold(subgraph: string, { signer, subgraphsNotTold }: Pick<Telling, 'signer' | 'subgraphsNotTold'>): boolean {
  return signer !== undefined && !subgraphsNotTold.has(subgraph);
}

/** All that a read brings to the subgraph besides address and body and that may change its answer, as text. */
export function toShareKey(subgraph: string, { request, principal }: Asker, hub: Telling): string {
  const who = isTold(subgraph, hub) ? toShownText(principal, hub.forwarding.claimsFor(subgraph)) : '';
  const forwarded = hub.forwarding.headersFor(subgraph, request.header);
  // `who` is empty or begins with a brace, so the two forms are never equal
  return Object.keys(forwarded).length === 0 ? who : JSON.stringify([forwarded, who]);
}

type Execution = Asker & {
  readonly compiled: CompiledPlan;
  readonly graphNames: readonly string[];
  /** Holds the text, the schema, conditions, what is denied, and labels. */
  readonly planKey: string;
  readonly variables: Readonly<Record<string, unknown>>;
};

/** The same for a whole operation: the keys of all that it asks. null: never shared. */
export function toExecutionKey(execution: Execution, hub: Telling): FlightKey | null {
  const { plan } = execution.compiled;
  if (plan.kind !== 'query') return null;
  const subgraphs = new Set(plan.fetches.map(({ graph }) => execution.graphNames[graph] ?? ''));
  const keys = [...subgraphs].map((subgraph) => toShareKey(subgraph, execution, hub));
  return { place: JSON.stringify([keys, execution.variables]), text: execution.planKey };
}
