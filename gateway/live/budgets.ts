/** What waits for all connections together, and for those of one member, is bounded too. Exports `findTooSlow`. */
import type { Limits } from '../pipeline/limits.ts';

/** A subscription as far as it counts here. */
export type Waiting = { readonly member: string; readonly client: { readonly connection: object; waiting(): number } };

type Connection<One> = { readonly one: One; readonly bytes: number };

/** Of each connection that must go one subscription: those for which most waits, until what is left is within both bounds. */
export function findTooSlow<One extends Waiting>(
  all: Iterable<One>,
  { memberBytes, liveBytes }: Pick<Limits, 'memberBytes' | 'liveBytes'>,
): readonly One[] {
  const connections = new Map<object, Connection<One>>();
  for (const one of all) {
    const bytes = connections.has(one.client.connection) ? 0 : one.client.waiting();
    if (bytes > 0) connections.set(one.client.connection, { one, bytes });
  }
  const perMember = new Map<string, Connection<One>[]>();
  for (const connection of connections.values()) {
    const list = perMember.get(connection.one.member) ?? [];
    perMember.set(connection.one.member, list);
    list.push(connection);
  }
  const gone = new Set([...perMember.values()].flatMap((list) => above(list, memberBytes)));
  const left = [...connections.values()].filter((connection) => !gone.has(connection));
  return [...gone, ...above(left, liveBytes)].map(({ one }) => one);
}

function above<One>(connections: readonly Connection<One>[], limit: number): Connection<One>[] {
  let sum = connections.reduce((total, { bytes }) => total + bytes, 0);
  if (sum <= limit) return [];
  const gone: Connection<One>[] = [];
  for (const connection of connections.toSorted((a, b) => b.bytes - a.bytes)) {
    if (sum <= limit) break;
    gone.push(connection);
    sum -= connection.bytes;
  }
  return gone;
}
