/** A client that keeps its last cursor, loses its connection now and then, reads at its own pace and comes back anywhere. It writes down all it is told. */
import type { Delivery } from '../../gateway/live/outlet.ts';
import type { Random } from '../differential/random.ts';
import type { VirtualClock } from './clock.ts';
import { readCursorText } from './cursor-text.ts';
import type { SimGateway } from './gateway.ts';
import type { Story } from './story.ts';
import type { Connection, Line, Message, Shown } from './wire.ts';

/** In the order in which the client was told. `at`: when it heard it. */
export type Told =
  | { readonly kind: 'started' | 'resumed' | 'reset' | 'bookmark' | 'ended'; readonly cursor: string; readonly at: number }
  | {
      readonly kind: 'frames';
      /** null: no event that could be read. */
      readonly frames: readonly (Shown | null)[];
      readonly skipped: number;
      readonly cursor: string;
      readonly sentAt: number;
      readonly tokenUntil: number;
      readonly at: number;
    }
  | { readonly kind: 'lost' | 'refused' | 'told after the end'; readonly at: number }
  /** What a write put on a line on which something was waiting, or nothing. */
  | { readonly kind: 'written'; readonly waiting: number; readonly bytes: number; readonly frames: number; readonly at: number };

export type Nature = { readonly member: string; readonly least: number; readonly delivery: Delivery; readonly isSlow: boolean };

export type SimClient = Nature & {
  readonly name: string;
  readonly told: readonly Told[];
  /** From now on it reads at full speed and keeps its connection. */
  calm(): void;
  stop(): void;
};

type World = {
  readonly name: string;
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly gateways: readonly SimGateway[];
  readonly story: Story;
};
type State = {
  cursor: string | null;
  isCalm: boolean;
  isStopped: boolean;
  life: number;
  tokenUntil: number;
  connection: Connection | null;
};

const decoder = new TextDecoder();

export function createSimClient({ name, clock, random, gateways, story }: World, nature: Nature): SimClient {
  const told: Told[] = [];
  const state: State = { cursor: null, isCalm: false, isStopped: false, life: 0, tokenUntil: Infinity, connection: null };

  const hear = (message: Message, sentAt: number): void => {
    story.note(name, () => describe(message));
    const at = clock.now();
    if (message.kind === 'refused') told.push({ kind: 'refused', at });
    else state.cursor = message.cursor;
    if (message.kind === 'frames') {
      const { skipped, cursor } = message;
      told.push({ kind: 'frames', frames: message.bodies.map(readShown), skipped, cursor, sentAt, tokenUntil: state.tokenUntil, at });
    } else if (message.kind !== 'refused') told.push({ kind: message.kind, cursor: message.cursor, at });
    if (message.kind === 'ended' || message.kind === 'refused') lose(message.kind);
  };
  const lose = (why: string): void => {
    story.note(name, () => `loses its connection: ${why}`);
    state.life += 1;
    state.connection?.close();
    state.connection = null;
    told.push({ kind: 'lost', at: clock.now() });
    if (!state.isStopped) clock.after(1 + random.int(state.isCalm ? 20 : 300), connect);
  };
  /** Messages arrive in their order; what is on its way when the line breaks is lost. */
  const createLine = (own: number): Line => {
    let [waiting, freeAt, isEnded] = [0, 0, false];
    let onRoom: () => void = () => undefined;
    return {
      waiting: () => waiting,
      whenRoom: (run) => (onRoom = run),
      cut: () => clock.after(random.int(10), () => void (own === state.life && lose('its gateway is gone'))),
      send(message, bytes) {
        const at = clock.now();
        if (isEnded) told.push({ kind: 'told after the end', at });
        isEnded ||= message.kind === 'ended';
        if (message.kind === 'frames') told.push({ kind: 'written', waiting, bytes, frames: message.bodies.length, at });
        waiting += bytes;
        const perByteMs = nature.isSlow && !state.isCalm ? 0.5 : 0.005;
        freeAt = Math.max(freeAt, at + random.int(10)) + bytes * perByteMs;
        clock.at(freeAt, () => {
          waiting -= bytes;
          if (own === state.life) hear(message, at);
          onRoom();
        });
      },
    };
  };
  const connect = (): void => {
    if (state.isStopped) return;
    const own = state.life;
    const { member, least, delivery } = nature;
    state.tokenUntil = clock.now() + 500 + random.int(3_000);
    const asked = { member, least, delivery, cursor: state.cursor, tokenUntil: state.tokenUntil };
    const at = random.int(gateways.length);
    story.note(name, () => `asks gateway ${at + 1}, from ${asked.cursor === null ? 'now' : describeCursor(asked.cursor)}`);
    state.connection = gateways[at]?.connect(asked, createLine(own)) ?? null;
    if (state.connection === null) return lose('the gateway is down');
    // One in seven dies before it was told anything of the stream
    const keepsMs = random.chance(0.15) ? random.int(12) : 50 + random.int(2_000);
    clock.after(keepsMs, () => void (own === state.life && !state.isCalm && lose('the line broke')));
    renew(own);
  };
  /** In time, or it forgets to. */
  const renew = (own: number): void => {
    clock.at(state.tokenUntil - 100, () => {
      if (own !== state.life || random.chance(state.isCalm ? 0 : 0.3)) return;
      state.tokenUntil = clock.now() + 1_000;
      state.connection?.renew(state.tokenUntil);
      renew(own);
    });
  };
  clock.after(random.int(300), connect);
  return {
    ...nature,
    name,
    told,
    calm: () => void (state.isCalm = true),
    stop() {
      state.isStopped = true;
      state.life += 1;
      state.connection?.close();
      state.connection = null;
    },
  };
}

/** Read when it arrives, as a socket does: bytes that somebody wrote over meanwhile are another event, or none. */
function readShown(body: Uint8Array): Shown | null {
  try {
    return JSON.parse(decoder.decode(body)) as Shown; // as the gateway wrote it; whatever else it is, the checker says
  } catch {
    return null;
  }
}

function describe(message: Message): string {
  if (message.kind === 'refused') return 'hears that its cursor is refused';
  const at = describeCursor(message.cursor);
  if (message.kind === 'ended') return `hears the end (${message.reason}) at ${at}`;
  if (message.kind !== 'frames') return `hears ${message.kind} at ${at}`;
  const events = message.bodies.map(readShown).map((shown) => (shown === null ? 'what it cannot read' : `${shown.id}@${shown.seq}`));
  return `hears ${events.join(' ')}, ${message.skipped} skipped, up to ${at}`;
}

function describeCursor(cursor: string): string {
  const { epoch, seq } = readCursorText(cursor);
  return `${epoch}/${seq}`;
}
