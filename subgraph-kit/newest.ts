// Events about one row come by several topics, each with a place of its own in the feed: one that was made later may come first.
import type { ReceivedEvent } from './consumer.ts';

/** Of several events about a row the last one: one statement may touch a row once. In the order of their keys, so that all lock alike. */
export function newest(events: readonly ReceivedEvent[], key: string, at = 'changedAt'): ReceivedEvent[] {
  const last = new Map<string, ReceivedEvent>();
  for (const event of events) {
    const known = last.get(event.text(key));
    if (known === undefined || known.at(at) <= event.at(at)) last.set(event.text(key), event);
  }
  return [...last].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, event]) => event);
}
