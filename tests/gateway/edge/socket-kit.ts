/** A gateway with a stand-in for the live core, and a client that says by hand what it says: for tests of the WebSocket door. */
import { WebSocket, type ClientOptions } from 'ws';
import { composeSupergraph } from '../../../engine/compose/index.ts';
import type { Live, LiveClient } from '../../../gateway/live/client.ts';
import type { Subscription } from '../../../gateway/pipeline/subscription.ts';
import { shopSdl, startShopGateway } from '../kit.ts';

export const PROTOCOL = 'graphql-transport-ws';

/** One subscription as the core sees it. */
export type Followed = {
  readonly subscription: Subscription;
  readonly client: LiveClient;
  readonly cursor: string | null;
  readonly drains: number;
  readonly isStopped: boolean;
  /** Writes one event to the client, with the cursor of its number. */
  tell(number: number): void;
};

export type FakeLive = Live & {
  /** In their order. */
  readonly all: readonly Followed[];
  /** The one that comes next, or the first of those that nobody took. */
  take(): Promise<Followed>;
  /** Is awaited before a subscription stands; what it throws refuses it. */
  before: (subscription: Subscription) => Promise<void>;
};

export function createFakeLive(): FakeLive {
  const all: Followed[] = [];
  const takers: ((followed: Followed) => void)[] = [];
  let taken = 0;
  const live: FakeLive = {
    all,
    before: () => Promise.resolve(),
    take() {
      const found = all[taken];
      taken += 1;
      return found === undefined ? new Promise((resolve) => takers.push(resolve)) : Promise.resolve(found);
    },
    async subscribe(subscription, client, { cursor }) {
      await live.before(subscription);
      const state = { drains: 0, isStopped: false };
      const followed: Followed = {
        subscription,
        client,
        cursor,
        get drains() {
          return state.drains;
        },
        get isStopped() {
          return state.isStopped;
        },
        tell: (number) => client.write([toMessage(client, number)]),
      };
      all.push(followed);
      // As late as the core itself says its first word
      setImmediate(() => takers.shift()?.(followed));
      return { drain: () => void (state.drains += 1), stop: () => void (state.isStopped = true) };
    },
  };
  return live;
}

export function toMessage({ wire }: Pick<LiveClient, 'wire'>, number: number, text = ''): Uint8Array {
  const payload = { data: { moved: { id: `${number}${text}` } }, extensions: { cursor: `c${number}` } };
  return wire.next(Buffer.from(JSON.stringify(payload)), `c${number}`);
}

const sdl = `${shopSdl} type Subscription { moved(id: ID): Crate ticks: Int }`;

export async function startSocketGateway(overrides: Parameters<typeof startShopGateway>[0] = {}) {
  const composed = composeSupergraph([{ name: 'shop', url: 'http://127.0.0.1:1/graphql', sdl }]);
  if (composed.kind === 'failed') throw new Error('does not compose');
  const live = createFakeLive();
  const gateway = await startShopGateway({ source: { kind: 'sdl', sdl: composed.supergraphSdl }, live, ...overrides });
  return { ...gateway, live, socketUrl: gateway.graphqlUrl.replace(/^http/, 'ws') };
}

export type Message = { readonly type: string; readonly id?: string; readonly payload?: unknown };
export type Closed = { readonly code: number; readonly reason: string };

export type Talker = {
  readonly ws: WebSocket;
  /** Texts as they are, all else as JSON. */
  say(message: unknown): void;
  /** The next message that was not taken; rejects when the socket is closed before one comes. */
  hear(): Promise<Message>;
  /** Messages that were not taken. */
  rest(): readonly Message[];
  readonly closed: Promise<Closed>;
};

/** Resolves when the socket is open. Rejects with the status when it is refused. */
export async function openSocket(url: string, options: ClientOptions & { protocols?: string[] } = {}): Promise<Talker> {
  const { protocols = [PROTOCOL], ...rest } = options;
  const ws = new WebSocket(url, protocols, rest);
  const heard: Message[] = [];
  const hearers: { resolve: (message: Message) => void; reject: (error: Error) => void }[] = [];
  const closed = new Promise<Closed>((resolve) => {
    ws.on('close', (code, reason) => {
      for (const { reject } of hearers) reject(new Error(`closed: ${code} ${reason.toString()}`));
      resolve({ code, reason: reason.toString() });
    });
  });
  ws.on('message', (data: Buffer) => {
    // What the door sends is such a message; the tests see whether it is
    const message = JSON.parse(data.toString()) as Message;
    const hearer = hearers.shift();
    if (hearer) hearer.resolve(message);
    else heard.push(message);
  });
  await new Promise<void>((resolve, reject) => {
    ws.once('open', resolve);
    ws.once('error', reject);
    ws.once('unexpected-response', (_, response) => reject(new Error(String(response.statusCode))));
  });
  ws.on('error', () => undefined);
  return {
    ws,
    closed,
    say: (message) => ws.send(typeof message === 'string' ? message : JSON.stringify(message)),
    hear() {
      const message = heard.shift();
      return message ? Promise.resolve(message) : new Promise((resolve, reject) => hearers.push({ resolve, reject }));
    },
    rest: () => heard.splice(0),
  };
}

/** Open, and acknowledged. */
export async function openTalk(url: string, payload?: object): Promise<Talker> {
  const talker = await openSocket(url);
  talker.say({ type: 'connection_init', ...(payload ? { payload } : {}) });
  const { type } = await talker.hear();
  if (type !== 'connection_ack') throw new Error(`Expected connection_ack, got ${type}`);
  return talker;
}

export const subscribe = (id: string, query = 'subscription { moved { id } }', more: object = {}) => ({
  type: 'subscribe',
  id,
  payload: { query, ...more },
});

/** Everything that the door has to say about what was said so far has come. */
export async function settle(talker: Talker): Promise<readonly Message[]> {
  talker.say({ type: 'ping' });
  const heard: Message[] = [];
  for (;;) {
    const message = await talker.hear();
    if (message.type === 'pong') return heard;
    heard.push(message);
  }
}
