/** What the stages work with: handed in when the gateway is made, the same for every request. */
import type { SubgraphFetcher } from '../execute/index.ts';
import type { Clock } from '../../lib/clock/clock.ts';
import type { Log } from '../../lib/log/log.ts';
import type { Identity } from './identity.ts';
import type { Limits } from './limits.ts';
import type { Metrics } from './metrics.ts';
import type { PrincipalSigner } from './principal-signer.ts';
import type { GraphHolder } from './supergraph/graph-holder.ts';

export type Hub = {
  /** Introspection, suggestions, plans on request: conveniences that tell much about the inside. */
  readonly development: boolean;
  readonly limits: Limits;
  readonly identity: Identity;
  readonly graphs: GraphHolder;
  /** Sends requests to subgraphs; the stage that executes adds the headers. */
  readonly fetcher: SubgraphFetcher;
  /** Undefined when subgraphs are not told who asks. */
  readonly signer: PrincipalSigner | undefined;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly clock: Clock;
};
