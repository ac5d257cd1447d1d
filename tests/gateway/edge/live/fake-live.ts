/** A live core that says what a test tells it to. Exports `createFakeLive`, `startLiveShop`. */
import { createError } from '../../../../lib/errors/errors.ts';
import type { ErrorCode } from '../../../../lib/errors/errors.ts';
import type { Live, LiveClient, LiveEnd } from '../../../../gateway/live/client.ts';
import type { Subscription } from '../../../../gateway/pipeline/subscription.ts';
import { composeShop, startShopGateway } from '../../kit.ts';

export type FakeStream = {
  readonly subscription: Subscription;
  readonly client: LiveClient;
  readonly cursor: string | null;
  drains: number;
  readonly stopped: Promise<void>;
  /** As the core does: made once, written as it is. */
  send(payload: object | string, cursor: string): Uint8Array;
  end(scope: LiveEnd['scope'], code: ErrorCode, cursor: string): void;
};

export type FakeLive = Live & {
  /** The next one that stands; in their order. */
  next(): Promise<FakeStream>;
  /** How many have ever stood. */
  count(): number;
  refuseWith: ErrorCode | null;
};

export const FIRST = 'cursor-0';

/** Knows one cursor that is none of its own: `forged`. */
export function createFakeLive(): FakeLive {
  const standing: FakeStream[] = [];
  const waiting: ((stream: FakeStream) => void)[] = [];
  let count = 0;
  return {
    refuseWith: null,
    count: () => count,
    next() {
      const [first] = standing.splice(0, 1);
      return first === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(first);
    },
    subscribe(subscription, client, { cursor }) {
      if (this.refuseWith !== null) return Promise.reject(createError(this.refuseWith, 'Told to refuse.'));
      if (cursor === 'forged') return Promise.reject(createError('CURSOR_INVALID', 'The cursor is none of this hub, or was changed.'));
      let stop: () => void = () => undefined;
      const stopped = new Promise<void>((resolve) => (stop = resolve));
      const stream = toStream({ subscription, client, cursor, stopped });
      count += 1;
      const found = Promise.resolve({ stop, drain: () => void (stream.drains += 1) });
      const begin = async (): Promise<void> => {
        await found;
        client.bookmark(cursor ?? FIRST);
        const next = waiting.shift();
        if (next === undefined) standing.push(stream);
        else next(stream);
      };
      // Before whoever awaits the subscription goes on: as early as it may be
      void begin();
      return found;
    },
  };
}

function toStream(given: Pick<FakeStream, 'subscription' | 'client' | 'cursor' | 'stopped'>): FakeStream {
  const { client } = given;
  return {
    ...given,
    drains: 0,
    send(payload, cursor) {
      const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
      const message = client.wire.next(Buffer.from(text), cursor);
      client.write([message]);
      return message;
    },
    end: (scope, code, cursor) => client.end({ scope, code, message: `Ended with ${code}.`, cursor }),
  };
}

export const SUBSCRIPTION = 'subscription Moved($id: ID) { crateMoved(id: $id) { id name } }';

/** The shop with something to subscribe to. */
export const liveShopSource = { kind: 'sdl', sdl: composeShop('type Subscription { crateMoved(id: ID): Crate }') } as const;

export async function startLiveShop(overrides: Parameters<typeof startShopGateway>[0] = {}) {
  const live = createFakeLive();
  return { live, ...(await startShopGateway({ source: liveShopSource, live, ...overrides })) };
}
