/** All open sockets of a gateway: looked after in rounds, and closed when it stops. Exports `Sessions`. */
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { Live } from '../../live/client.ts';
import type { Hub } from '../../pipeline/hub.ts';
import { Rounds } from '../live/rounds.ts';
import type { Peer } from '../peer.ts';
import type { JsonBounds } from '../strict-json.ts';
import { closeCodes } from './close-codes.ts';
import { createNextFrames } from './frames.ts';
import { createPlaces } from './places.ts';
import { Session, type SessionRim } from './session.ts';
import { createFlushes } from './socket-output.ts';

export type SessionsOptions = {
  readonly hub: Hub;
  /** null: subscriptions are refused, queries and mutations answered. */
  readonly live: Live | null;
  readonly jsonBounds: JsonBounds;
  /** Between two looks at a client; one that is gone is found within twice that time. */
  readonly roundMs?: number;
};

const usualRoundMs = 12_000;
/** For clients to answer the close frame when the gateway stops. */
const closeGraceMs = 500;

export class Sessions {
  readonly #hub: Hub;
  readonly #rim: SessionRim;
  readonly #rounds: Rounds;
  readonly #open = new Set<Session>();
  #running = 0;
  #isStopping = false;
  #onChange: () => void = () => undefined;

  constructor({ hub, live, jsonBounds, roundMs = usualRoundMs }: SessionsOptions) {
    this.#hub = hub;
    this.#rounds = new Rounds(roundMs);
    this.#rim = {
      hub,
      live,
      jsonBounds,
      flushes: createFlushes(),
      frames: createNextFrames(),
      takePlace: createPlaces(hub.limits.socketsOfMember).take,
      isStopping: () => this.#isStopping,
      onRunning: (change) => {
        this.#running += change;
        this.#onChange();
      },
    };
  }

  get size(): number {
    return this.#open.size;
  }

  get isStopping(): boolean {
    return this.#isStopping;
  }

  add(ws: WebSocket, socket: Socket, peer: Peer): void {
    const session = new Session({ ws, socket, peer, rim: this.#rim });
    const leave = this.#rounds.add(session);
    this.#open.add(session);
    this.#hub.metrics.setSockets(this.#open.size);
    ws.once('close', () => {
      leave();
      this.#open.delete(session);
      this.#hub.metrics.setSockets(this.#open.size);
      this.#onChange();
    });
  }

  /** No more operations; what is being answered may end within the time. Then all are closed with 1012. */
  async stop(limitMs: number): Promise<void> {
    this.#isStopping = true;
    await this.#until(() => this.#running === 0, limitMs);
    for (const session of this.#open) session.close(closeCodes.goingAway, 'The gateway stops');
    await this.#until(() => this.#open.size === 0, closeGraceMs);
    for (const session of this.#open) session.terminate();
  }

  /** Resolves when it is so, or the time is over. */
  #until(isSo: () => boolean, limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, limitMs);
      this.#onChange = () => {
        if (!isSo()) return;
        clearTimeout(timer);
        resolve();
      };
      this.#onChange();
    });
  }
}
