// Events come by several topics, each with a place of its own in the feed, so one that was made later may come first.
import type { ReceivedEvent } from '../../../subgraph-kit/consumer.ts';

/** One statement may touch a row once: of several events about it only the last one goes in. */
export function newest(events: readonly ReceivedEvent[], key: string, at: string): ReceivedEvent[] {
  const last = new Map<string, ReceivedEvent>();
  for (const event of events) {
    const known = last.get(event.text(key));
    if (known === undefined || known.at(at) <= event.at(at)) last.set(event.text(key), event);
  }
  return [...last.values()];
}
