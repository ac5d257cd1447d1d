/**
 * The product's consumer in two processes that may die, over a database that knows the few statements it uses: a transaction is done whole or not
 * at all, and one that writes lets the next one wait.
 */
import { followOnce } from '../../subgraph-kit/consumer.ts';
import type { Database } from '../../subgraph-kit/context.ts';
import type { SqlRunner } from '../../subgraph-kit/sql.ts';
import type { Random } from '../differential/random.ts';
import type { VirtualClock } from './clock.ts';
import type { SimLog } from './log.ts';
import type { Story } from './story.ts';

type Rows = {
  readonly position: { epoch: string; seq: bigint } | null;
  readonly inbox: ReadonlySet<string>;
  readonly applied: readonly string[];
};

export type SimConsumers = {
  /** Ids of the events in the order in which they were applied. */
  readonly applied: readonly string[];
  calm(): void;
  stop(): void;
};

type World = { readonly clock: VirtualClock; readonly log: SimLog; readonly random: Random; readonly story: Story };
type Tx = SqlRunner & { apply(ids: readonly string[]): void };

export function createSimConsumers({ clock, log, random, story }: World): SimConsumers {
  let rows: Rows = { position: null, inbox: new Set(), applied: [] };
  let [isCalm, isStopped] = [false, false];
  let last: Promise<unknown> = Promise.resolve();
  const step = async (): Promise<void> => {
    await clock.delay(random.int(6));
    if (!isCalm && random.chance(0.02)) throw new Error('The consumer died.');
  };
  const transact = async <T>(work: (tx: Tx) => Promise<T>): Promise<T> => {
    const own: { rows: Rows } = { rows };
    const result = await work(createRunner(own, step));
    await step();
    rows = own.rows;
    await step();
    return result;
  };
  const db: Database<Tx> = {
    ...createRunner(
      {
        get rows() {
          return rows;
        },
        set rows(_rows) {
          throw new Error('Only a transaction writes.');
        },
      },
      step,
    ),
    $transaction(work) {
      const next = last.then(() => transact(work));
      last = next.catch(() => undefined);
      return next;
    },
    $disconnect: async () => undefined,
  };
  const options = {
    subgraph: 'simulated',
    db,
    feed: { read: async (_stream: string, after: Parameters<SimLog['read']>[0], limit: number) => log.read(after, limit) },
    clock: { now: () => new Date(clock.now()) },
    settings: { timeZone: 'UTC', currency: 'EUR' },
    wakeRelay: () => undefined,
  };
  const follow = async (name: string): Promise<void> => {
    while (!isStopped) {
      try {
        await followOnce(options, 'simulated', async ({ tx }, events) => {
          await step();
          tx.apply(events.map(({ envelope }) => envelope.id));
        });
      } catch (error) {
        story.note(name, () => String(error));
      }
      await clock.delay(20 + random.int(60));
    }
  };
  void follow('consumer 1');
  void follow('consumer 2');
  return {
    get applied() {
      return rows.applied;
    },
    calm: () => void (isCalm = true),
    stop: () => void (isStopped = true),
  };
}

function createRunner(on: { rows: Rows }, step: () => Promise<void>): Tx {
  const move = (from: Rows['position'], to: unknown[]): number => {
    const { position } = on.rows;
    if (position?.epoch !== from?.epoch || position?.seq !== from?.seq) return 0;
    on.rows = { ...on.rows, position: { epoch: String(to[0]), seq: BigInt(Number(to[1])) } };
    return 1;
  };
  return {
    async $queryRawUnsafe<T>(text: string, ...values: unknown[]): Promise<T> {
      await step();
      const { position, inbox } = on.rows;
      if (text.startsWith('SELECT "epoch"')) return (position === null ? [] : [position]) as T; // the rows of that statement
      if (!text.startsWith('INSERT INTO "Inbox"')) throw new Error(`No such statement here: ${text}`);
      const ids = (values.find(Array.isArray) as string[]).filter((id) => !inbox.has(id)); // its only list
      on.rows = { ...on.rows, inbox: new Set([...inbox, ...ids]) };
      return ids.map((eventId) => ({ eventId })) as T; // the rows of that statement
    },
    async $executeRawUnsafe(text, ...values) {
      await step();
      if (text.startsWith('INSERT INTO "FeedPosition"')) return move(null, values.slice(1));
      if (!text.startsWith('UPDATE "FeedPosition"')) throw new Error(`No such statement here: ${text}`);
      return move({ epoch: String(values[3]), seq: BigInt(Number(values[4])) }, values);
    },
    apply(ids) {
      on.rows = { ...on.rows, applied: [...on.rows.applied, ...ids] };
    },
  };
}
