/** Kept-alive connections by origin. The one used last is used again, the others get old and are closed. Exports `createConnectionPool`. */
import { Connection, type ConnectionOptions, type Origin } from './connection.ts';

export type PoolOptions = Omit<ConnectionOptions, 'onIdle' | 'onClosed'> & { readonly idleMs: number; readonly now: () => number };

export type ConnectionPool = {
  /** Open connections, busy or not. */
  readonly size: number;
  take(originText: string, origin: Origin): Connection;
  close(reason: unknown): void;
};

/** How often unused connections are looked at. */
const sweepMs = 1_000;

export function createConnectionPool({ idleMs, now, ...options }: PoolOptions): ConnectionPool {
  const idle = new Map<string, Connection[]>();
  const open = new Set<Connection>();
  let sweeper: NodeJS.Timeout | undefined;
  const isOld = ({ idleSince }: Connection) => now() - idleSince >= idleMs;

  const sweep = () => {
    for (const [originText, connections] of idle) {
      for (const connection of connections.filter(isOld)) connection.abort(null);
      if (connections.length === 0) idle.delete(originText);
    }
    if (open.size > 0) return;
    clearInterval(sweeper);
    sweeper = undefined;
  };

  const connect = (originText: string, origin: Origin): Connection => {
    sweeper ??= setInterval(sweep, sweepMs).unref();
    const connection = new Connection(origin, {
      ...options,
      onIdle(rested) {
        rested.idleSince = now();
        const connections = idle.get(originText);
        if (connections === undefined) idle.set(originText, [rested]);
        else connections.push(rested);
      },
      onClosed(closed) {
        open.delete(closed);
        const connections = idle.get(originText);
        const at = connections?.indexOf(closed) ?? -1;
        if (at !== -1) connections?.splice(at, 1);
      },
    });
    open.add(connection);
    return connection;
  };

  return {
    get size() {
      return open.size;
    },
    take(originText, origin) {
      const connections = idle.get(originText);
      for (let connection = connections?.pop(); connection !== undefined; connection = connections?.pop()) {
        if (!isOld(connection)) return connection;
        connection.abort(null);
      }
      return connect(originText, origin);
    },
    close(reason) {
      clearInterval(sweeper);
      sweeper = undefined;
      for (const connection of open) connection.abort(reason);
    },
  };
}
