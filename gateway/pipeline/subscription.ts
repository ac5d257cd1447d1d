/**
 * A subscription that has passed all checks of the pipeline, and the same checks again when the supergraph is another one or rights may have
 * changed. Exports `Subscription`, `recheckSubscription`.
 */
import type { Principal } from '../../lib/identity/index.ts';
import type { Denied } from './access.ts';
import { authorise } from './authorise.ts';
import { chooseOperation, type Variables } from './choose-operation.ts';
import type { Hub } from './hub.ts';
import type { KnownDocument, KnownOperation } from './known-document.ts';
import { limitCost } from './limit-cost.ts';
import { measureDocument } from './measure-document.ts';
import { chooseLabels } from './override-labels.ts';
import { parseDocument } from './parse-document.ts';
import type { Hooked } from './plugin-stages.ts';
import type { Params } from './read-params.ts';
import type { Answer, GatewayRequest } from './request.ts';
import { Pipeline } from './stage.ts';
import type { LoadedGraph } from './supergraph/loaded-graph.ts';
import { validateDocument } from './validate-document.ts';

/** Who asks for what: stays the same as long as the subscription. */
export type Asked = Hooked & {
  readonly request: GatewayRequest;
  readonly params: Params;
  readonly principal: Principal;
  readonly text: string;
};

/** What of it depends on the supergraph and on rights. */
export type CheckedOperation = {
  readonly graph: LoadedGraph;
  readonly checked: KnownDocument;
  readonly operation: KnownOperation;
  readonly variables: Variables;
  readonly denied: Denied;
  readonly activeLabels: ReadonlySet<string>;
};

export type Subscription = Asked &
  CheckedOperation & {
    readonly kind: 'subscription';
    /** It does not come about: the answer to the client. Called once, or `stands` is. */
    refuse(error: unknown): Answer;
    stands(): void;
  };

type Again = { request: GatewayRequest; params: Params; principal: Principal; text: string; graph: LoadedGraph };

const rechecking = Pipeline.startingWith<Again & { known: KnownDocument | undefined }, Hub>()
  .add(parseDocument)
  .add(measureDocument)
  .add(validateDocument)
  .add(chooseOperation)
  .add(authorise)
  .add(chooseLabels)
  .add(limitCost);

/** Rejects as the stages do: with what a client that subscribed now would be told. */
export function recheckSubscription({ request, params, principal, text }: Asked, graph: LoadedGraph, hub: Hub): Promise<CheckedOperation> {
  return rechecking.run({ request, params, principal, text, graph, known: graph.documents.get(text) }, hub);
}
