/**
 * One client of graphql-transport-ws: what it says, in which order, and what follows. `connection_init` first and once, then operations under
 * ids of its own; everything else closes the socket with the code that the protocol has for it. Exports `Session`.
 */
import { performance } from 'node:perf_hooks';
import type { Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';
import { createError, isHubError, type ErrorCode } from '../../../lib/errors/errors.ts';
import type { Live, LiveEnd } from '../../live/client.ts';
import type { Hub } from '../../pipeline/hub.ts';
import { toWho } from '../../pipeline/who.ts';
import type { Visited } from '../live/rounds.ts';
import { readBearer, type Peer } from '../peer.ts';
import type { JsonBounds } from '../strict-json.ts';
import { parseClientMessage, type ClientMessage } from './client-message.ts';
import { closeCodes, toCloseCode, toCloseReason } from './close-codes.ts';
import type { NextFrames } from './frames.ts';
import { createMessageBudget, type MessageBudget } from './message-budget.ts';
import { Operation, type Carrier } from './operation.ts';
import { SignsOfLife } from './signs-of-life.ts';
import { SocketOutput, type Flushes } from './socket-output.ts';

/** What all sessions of a gateway share. */
export type SessionRim = {
  readonly hub: Hub;
  readonly live: Live | null;
  readonly jsonBounds: JsonBounds;
  readonly flushes: Flushes;
  readonly frames: NextFrames;
  /** A place for one more connection of the member, which the function gives back; null: it has as many as it may. */
  readonly takePlace: (who: string) => (() => void) | null;
  readonly isStopping: () => boolean;
  /** Operations that are being answered, one more or fewer. */
  readonly onRunning: (change: 1 | -1) => void;
};

type Members = Readonly<Record<string, unknown>>;

/** More than that waits to be read by the client: nothing more is read of it. */
const mostUnread = 262_144;
/** What a client still sends after a refusal is thrown away for so long, so that the refusal reaches it. */
export const lingerMs = 1_000;

export class Session implements Carrier, Visited {
  readonly output: SocketOutput;
  readonly #ws: WebSocket;
  readonly #rim: SessionRim;
  readonly #budget: MessageBudget;
  readonly #life: SignsOfLife;
  readonly #initTimer: NodeJS.Timeout;
  readonly #operations = new Map<string, Operation>();
  /** Of operations that the client stopped, those of which something still runs. */
  readonly #ending = new Set<Operation>();
  readonly #running = new Set<Operation>();
  #peer: Peer;
  /** new: nothing was said. named: its token is looked at. ready: acknowledged. leaving: it is to come back on a new connection. */
  #state: 'new' | 'named' | 'ready' | 'leaving' | 'closed' = 'new';
  #givePlaceBack: (() => void) | null = null;
  #whenRoom: (() => void)[] = [];

  constructor({ ws, socket, peer, rim }: { ws: WebSocket; socket: Socket; peer: Peer; rim: SessionRim }) {
    const { socketRate, socketInitMs } = rim.hub.limits;
    this.#ws = ws;
    this.#peer = peer;
    this.#rim = rim;
    this.#budget = createMessageBudget(socketRate, () => performance.now());
    this.#life = new SignsOfLife(socket);
    this.output = new SocketOutput(socket, {
      flushes: rim.flushes,
      frames: rim.frames,
      isOpen: () => ws.readyState === ws.OPEN,
      onRoom: () => this.#onRoom(),
    });
    this.#initTimer = setTimeout(() => this.close(closeCodes.tooLate, 'Connection initialisation timeout'), socketInitMs);
    ws.on('message', (data, isBinary) => this.#read(data, isBinary));
    ws.on('ping', (data: Buffer) => this.#pay(data.length));
    ws.on('pong', (data: Buffer) => this.#pay(data.length));
    ws.on('close', () => this.#end());
    // Broken frames, or a message that is too large: the library has sent the close frame for it
    ws.on('error', () => this.#cutOff());
  }

  get hub(): Hub {
    return this.#rim.hub;
  }

  get live(): Live | null {
    return this.#rim.live;
  }

  get peer(): Peer {
    return this.#peer;
  }

  room(): Promise<void> {
    if (this.#state === 'closed' || this.output.bytes <= mostUnread || this.output.waiting() === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenRoom.push(resolve));
  }

  forget(operation: Operation): void {
    if (this.#operations.get(operation.id) === operation) this.#operations.delete(operation.id);
  }

  /** What else ends in this tick goes with it: the cursors of all reach the client. */
  endConnection({ code, message }: Pick<LiveEnd, 'code' | 'message'>): void {
    if (this.#state !== 'ready') return;
    this.#state = 'leaving';
    process.nextTick(() => this.#closeWith(toCloseCode(code), toCloseReason(code, message)));
  }

  /** What was written before is sent first, and the client has a moment to read it. */
  close(code: number, reason: string): void {
    this.#closeWith(code, reason);
    this.#cutOff();
  }

  terminate(): void {
    this.#ws.terminate();
  }

  /** Now and then: a client that gave no sign of life since it was asked for one is gone. */
  visit(): void {
    if (this.#state === 'closed') return;
    const next = this.#life.look(this.output.takeSent());
    if (next === 'gone') return this.terminate();
    if (next === 'fine') return;
    if (this.#state === 'ready') this.output.send({ type: 'ping' });
    this.output.flush();
    // Also those answer it that know no messages of the protocol
    this.#ws.ping();
  }

  /** The client has as long to read what was written before as the library waits for its close frame: half a minute. */
  #closeWith(code: number, reason: string): void {
    if (this.#state === 'closed') return;
    this.#stopAll();
    this.output.flush();
    this.#end();
    this.#ws.resume();
    this.#ws.close(code, reason);
  }

  #cutOff(): void {
    this.#end();
    setTimeout(() => this.#ws.terminate(), lingerMs).unref();
  }

  /** Once and for all, whoever closes. */
  #end(): void {
    this.#state = 'closed';
    clearTimeout(this.#initTimer);
    this.#stopAll();
    this.output.close();
    this.#givePlaceBack?.();
    this.#givePlaceBack = null;
    this.#onRoom();
  }

  #stopAll(): void {
    for (const operation of this.#operations.values()) operation.stop();
    this.#operations.clear();
  }

  #onRoom(): void {
    if (this.#ws.isPaused) this.#ws.resume();
    for (const go of this.#whenRoom.splice(0)) go();
    for (const operation of this.#operations.values()) operation.drain();
  }

  #read(data: RawData, isBinary: boolean): void {
    if (this.#state === 'closed' || !Buffer.isBuffer(data) || !this.#pay(data.length)) return;
    try {
      if (isBinary) throw createError('BAD_REQUEST', 'The message is not text.');
      this.#take(parseClientMessage(data.toString(), this.#rim.jsonBounds));
    } catch (error) {
      this.#refuse(error, closeCodes.malformed);
    }
    if (!this.#isClosed() && this.output.bytes > mostUnread && this.output.waiting() > 0) this.#ws.pause();
  }

  /** False: it sent more than it may, and is closed. */
  #pay(bytes: number): boolean {
    if (this.#state === 'closed') return false;
    if (this.#budget.take(bytes)) return true;
    this.hub.log.warn({ address: this.#peer.address }, 'a socket was closed: it sent more messages than it may');
    this.close(closeCodes.policy, toCloseReason('RATE_LIMITED', 'More messages than a connection may send.'));
    return false;
  }

  #take(message: ClientMessage): void {
    switch (message.type) {
      case 'connection_init':
        if (this.#state !== 'new') return this.close(closeCodes.initTwice, 'Too many initialisation requests');
        return void this.#init(message.payload);
      case 'ping':
        return this.output.send({ type: 'pong' });
      case 'pong':
        return;
      case 'complete':
        return this.#complete(message.id);
      case 'subscribe':
        return this.#subscribe(message.id, message.payload);
    }
  }

  async #init(payload: Members): Promise<void> {
    this.#state = 'named';
    clearTimeout(this.#initTimer);
    try {
      this.#peer = { ...this.#peer, token: readToken(payload) ?? this.#peer.token };
      const principal = await this.hub.identity.identify(this.#peer);
      if (this.#isClosed()) return;
      this.#givePlaceBack = this.#rim.takePlace(toWho(principal, this.#peer));
      if (this.#givePlaceBack === null) throw createError('LIVE_LIMIT', 'This member has as many connections as it may.');
    } catch (error) {
      return this.#refuse(error, toCloseCode(isHubError(error) ? error.code : 'INTERNAL'));
    }
    this.#state = 'ready';
    this.output.send({ type: 'connection_ack' });
  }

  /** Through a call: what a compiler knows of the state ends where something else may have changed it. */
  #isClosed(): boolean {
    return this.#state === 'closed';
  }

  #refuse(error: unknown, closeCode: number): void {
    const [code, message]: [ErrorCode, string] = isHubError(error) ? [error.code, error.message] : ['INTERNAL', ''];
    if (code === 'INTERNAL') this.hub.log.error({ err: error }, 'message failed');
    this.close(closeCode, toCloseReason(code, message));
  }

  #subscribe(id: string, params: Members): void {
    if (this.#state === 'leaving') return;
    if (this.#state !== 'ready') return this.close(closeCodes.notAcknowledged, 'Unauthorized');
    if (this.#operations.has(id)) return this.close(closeCodes.idInUse, toInUse(id));
    const refusal = this.#findRefusal();
    if (refusal !== null) return this.output.send({ id, type: 'error', payload: [refusal] });
    const operation = new Operation(id, this);
    this.#operations.set(id, operation);
    this.#running.add(operation);
    this.#rim.onRunning(1);
    void operation.start(params).then(() => {
      this.#running.delete(operation);
      this.#ending.delete(operation);
      this.#rim.onRunning(-1);
    });
  }

  /** What was stopped counts as long as something runs for it: to start and stop again and again gains nothing. */
  #findRefusal(): object | null {
    const { socketSubscriptions } = this.hub.limits;
    if (this.#rim.isStopping()) return toRefusal('LIVE_GOING_AWAY', 'The gateway stops. Connect again.');
    if (this.#operations.size + this.#ending.size < socketSubscriptions) return null;
    return toRefusal('LIVE_LIMIT', `A connection may have ${socketSubscriptions} operations at a time. Complete some, or open another.`);
  }

  #complete(id: string): void {
    const operation = this.#operations.get(id);
    if (operation === undefined) return;
    this.#operations.delete(id);
    if (this.#running.has(operation)) this.#ending.add(operation);
    operation.stop();
  }
}

/** Browsers can send no header with a WebSocket: the token comes with the first message. Throws UNAUTHENTICATED, BAD_REQUEST. */
function readToken({ authorization: lower, Authorization: upper }: Members): string | null {
  const value = lower ?? upper ?? null;
  if (lower !== undefined && upper !== undefined && lower !== upper)
    throw createError('UNAUTHENTICATED', 'Two different tokens came: authorization and Authorization.');
  if (value === null) return null;
  if (typeof value !== 'string') throw createError('UNAUTHENTICATED', 'Expected {"authorization": "Bearer <token>"}.');
  return readBearer(value);
}

function toInUse(id: string): string {
  const reason = `Subscriber for ${id} already exists`;
  return Buffer.byteLength(reason) <= 123 ? reason : 'Subscriber already exists';
}

function toRefusal(code: ErrorCode, message: string): object {
  return { message, extensions: { code } };
}
