/** What the stages work with: handed in when the gateway is made, the same for every request. */
import type { BreakerState, Flights, SubgraphFetcher } from '../execute/index.ts';
import type { Execution } from './execute-operation.ts';
import type { Clock } from '../../lib/clock/clock.ts';
import type { Feed } from '../../lib/feed/index.ts';
import type { Log } from '../../lib/log/log.ts';
import type { Access } from './access.ts';
import type { Deadlines } from './deadlines.ts';
import type { Forwarding } from './forwarding.ts';
import type { PersistedQueries } from './documents/persisted-queries.ts';
import type { TrustedDocuments } from './documents/trusted-documents.ts';
import type { Plugins } from '../plugins/run-plugins.ts';
import type { Identity } from './identity.ts';
import type { Limits } from './limits.ts';
import type { Metrics } from './metrics.ts';
import type { LabelFunction } from './override-labels.ts';
import type { PlanElsewhere } from './plan-elsewhere.ts';
import type { PrincipalSigner } from './principal-signer.ts';
import type { Rates } from './rates.ts';
import type { GraphHolder } from './supergraph/graph-holder.ts';

export type Hub = {
  /** Introspection, suggestions, plans on request: conveniences that tell much about the inside. */
  readonly development: boolean;
  readonly limits: Limits;
  readonly identity: Identity;
  readonly access: Access;
  readonly forwarding: Forwarding;
  readonly graphs: GraphHolder;
  /** Where large operations are planned. */
  readonly elsewhere: PlanElsewhere;
  /** Of whole requests. */
  readonly deadlines: Deadlines;
  /** Sends requests to subgraphs; the stage that executes adds the headers. */
  readonly fetcher: SubgraphFetcher;
  /** Of subgraphs that failed often; a name that is missing never did. */
  readonly breakers: ReadonlyMap<string, BreakerState>;
  /** Names of subgraphs that do not learn who asks. */
  readonly subgraphsNotTold: ReadonlySet<string>;
  /** Whole queries that run now, if equal ones are to run once; null: each runs for itself. */
  readonly executions: Flights<Execution> | null;
  /** Undefined when subgraphs are not told who asks. */
  readonly signer: PrincipalSigner | undefined;
  /** Decides about override labels other than `percent(x)`. Undefined: they are inactive. */
  readonly labelFunction: LabelFunction | undefined;
  /** null: no manifest. */
  readonly trusted: TrustedDocuments | null;
  /** null: hashes of unknown texts are not taken. */
  readonly persisted: PersistedQueries | null;
  readonly rates: Rates;
  /** Streams of events by topic; null: this gateway has none. */
  readonly feed: Feed | null;
  /** Null: there are none, and nothing is done for them. */
  readonly plugins: Plugins | null;
  /** `extensions.cost` for who asks for it. */
  readonly tellsCost: boolean;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly clock: Clock;
};
