// What every resolver gets: who asks, the database, the clock and the loaders of this request.
import type { Clock } from '../lib/clock/clock.ts';
import type { Log } from '../lib/log/log.ts';
import type { Loaders } from './loaders.ts';
import type { Principal } from './principal.ts';
import type { SqlRunner } from './sql.ts';

/** Settings of the hub that rows depend on. */
export type HubSettings = {
  /** Zone of business days, for example Asia/Shanghai. */
  readonly timeZone: string;
  /** Currency the hub computes in, ISO 4217. */
  readonly currency: string;
  /** Secret under which marks of buyers are hashed; only the subgraph that records sales needs it. */
  readonly pseudonymKey?: string;
  /** Longest time of solving one plan; by default 10 seconds. */
  readonly solveLimitMs?: number;
};

/** The part of a Prisma client that the kit uses; `Tx` is the client of a transaction. */
export interface Database<Tx extends SqlRunner> extends SqlRunner {
  $transaction<T>(work: (tx: Tx) => Promise<T>, options?: { maxWait?: number; timeout?: number }): Promise<T>;
  $disconnect(): Promise<void>;
}

export type SubgraphContext<Tx extends SqlRunner = SqlRunner> = {
  readonly db: Database<Tx>;
  readonly principal: Principal;
  readonly requestId: string;
  readonly clock: Clock;
  readonly settings: HubSettings;
  readonly log: Log;
  readonly loaders: Loaders;
  /** Tells the relay that events wait in the outbox. */
  readonly wakeRelay: () => void;
};
