/** Listens for wake-ups on one connection, for as long as the feed is open, and connects again whenever it breaks. */
import type pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../log/log.ts';
import type { Wakes } from './wakes.ts';

export type ListenerOptions = { pool: pg.Pool; channel: string; wakes: Wakes; closed: AbortSignal; log?: Log };

const firstDelayMs = 50;
const maxDelayMs = 2_000;

/** Returns a function that waits until the listener has ended; it ends when `closed` fires. */
export function startListener(options: ListenerOptions): () => Promise<void> {
  const ended = run(options);
  return () => ended;
}

async function run({ pool, channel, wakes, closed, log }: ListenerOptions): Promise<void> {
  let delayMs = firstDelayMs;
  while (!closed.aborted) {
    try {
      await listenOnce({ pool, channel, wakes, closed });
      delayMs = firstDelayMs;
    } catch (error) {
      if (closed.aborted) return;
      log?.debug({ err: error }, 'the feed does not get wake-ups; it looks again by itself');
      await sleep(delayMs, undefined, { signal: closed }).catch(() => undefined);
      delayMs = Math.min(delayMs * 2, maxDelayMs);
    }
  }
}

/** Resolves when the feed is closed; rejects when the connection breaks. */
async function listenOnce({ pool, channel, wakes, closed }: ListenerOptions): Promise<void> {
  const client = await pool.connect();
  const onNotification = ({ payload }: pg.Notification) => {
    if (payload !== undefined) wakes.wake(payload);
  };
  try {
    client.on('notification', onNotification);
    const broken = new Promise<never>((_, reject) => {
      client.on('error', reject);
      client.once('end', () => reject(new Error('Connection terminated')));
    });
    broken.catch(() => undefined);
    await client.query(`LISTEN ${channel}`);
    // what was sent while nobody listened
    wakes.wakeAll();
    await Promise.race([broken, untilAborted(closed)]);
  } finally {
    client.removeListener('notification', onNotification);
    // not given back: it still listens
    client.release(true);
  }
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
