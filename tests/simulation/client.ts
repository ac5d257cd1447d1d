/** A client that keeps its last cursor, loses its connection now and then, reads at its own pace and comes back anywhere. It writes down all it is told. */
import type { Delivery } from '../../gateway/live/outlet.ts';
import type { Random } from '../differential/random.ts';
import type { VirtualClock } from './clock.ts';
import type { Connection, Line, Message, Shown, SimGateway } from './gateway.ts';

/** In the order in which the client was told. */
export type Told =
  | { readonly kind: 'started' | 'reset'; readonly cursor: string; readonly at: number }
  | {
      readonly kind: 'frames';
      readonly frames: readonly Shown[];
      readonly skipped: number;
      readonly cursor: string;
      readonly sentAt: number;
    }
  | { readonly kind: 'lost' }
  | { readonly kind: 'refused' };

export type SimClient = {
  readonly member: string;
  readonly least: number;
  readonly delivery: Delivery;
  readonly told: readonly Told[];
  readonly cursor: string | null;
  /** From now on it reads at full speed and keeps its connection. */
  calm(): void;
  stop(): void;
};

type World = { readonly clock: VirtualClock; readonly random: Random; readonly gateways: readonly SimGateway[] };
type Nature = { readonly member: string; readonly least: number; readonly delivery: Delivery; readonly slow: boolean };

export function createSimClient({ clock, random, gateways }: World, nature: Nature): SimClient {
  const told: Told[] = [];
  let cursor: string | null = null;
  let [isCalm, isStopped, life] = [false, false, 0];
  let connection: Connection | null = null;

  const hear = (message: Message, sentAt: number): void => {
    switch (message.kind) {
      case 'started':
      case 'reset':
        told.push({ kind: message.kind, cursor: message.cursor, at: clock.now() });
        cursor = message.cursor;
        return;
      case 'frames':
        told.push({ kind: 'frames', frames: message.frames, skipped: message.skipped, cursor: message.cursor, sentAt });
        cursor = message.cursor;
        return;
      case 'ended':
        cursor = message.cursor;
        return lose();
      case 'refused':
        told.push({ kind: 'refused' });
        return lose();
    }
  };
  const lose = (): void => {
    life += 1;
    connection?.close();
    connection = null;
    told.push({ kind: 'lost' });
    if (!isStopped) clock.at(clock.now() + 1 + random.int(isCalm ? 20 : 400), connect);
  };
  /** Messages arrive in their order; what is on its way when the line breaks is lost. */
  const createLine = (own: number): Line => {
    let [waiting, freeAt] = [0, 0];
    let onRoom: () => void = () => undefined;
    return {
      waiting: () => waiting,
      whenRoom: (run) => (onRoom = run),
      send(message, bytes) {
        waiting += bytes;
        const sentAt = clock.now();
        const perByteMs = nature.slow && !isCalm ? 0.5 : 0.005;
        freeAt = Math.max(freeAt, clock.now() + random.int(10)) + bytes * perByteMs;
        clock.at(freeAt, () => {
          if (own !== life) return;
          waiting -= bytes;
          hear(message, sentAt);
          if (own === life) onRoom();
        });
      },
    };
  };
  const connect = (): void => {
    if (isStopped) return;
    const own = life;
    const gateway = random.pick(gateways);
    connection = gateway.connect({ member: nature.member, least: nature.least, delivery: nature.delivery, cursor }, createLine(own));
    if (connection === null) return lose();
    watch(own, gateway);
  };
  /** A line breaks by chance, and when its gateway dies. */
  const watch = (own: number, gateway: SimGateway): void => {
    const breaksAt = clock.now() + 50 + random.int(3_000);
    const look = (): void => {
      if (own !== life) return;
      if (!gateway.isUp || (!isCalm && clock.now() >= breaksAt)) return lose();
      clock.at(clock.now() + 25, look);
    };
    clock.at(clock.now() + 25, look);
  };
  clock.at(clock.now() + random.int(300), connect);
  return {
    ...nature,
    told,
    get cursor() {
      return cursor;
    },
    calm: () => void (isCalm = true),
    stop() {
      isStopped = true;
    },
  };
}
