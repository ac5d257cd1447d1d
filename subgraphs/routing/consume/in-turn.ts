// Several parts of routing follow one topic: each applies its events in turn, in one transaction.
import type { Consume } from '../../../subgraph-kit/consumer.ts';
import type { Tx } from '../data/client.ts';

/** One consumer made of several; they run in the order given. */
export const inTurn =
  (...consumes: readonly Consume<Tx>[]): Consume<Tx> =>
  async (change, events) => {
    for (const consume of consumes) await consume(change, events);
  };
