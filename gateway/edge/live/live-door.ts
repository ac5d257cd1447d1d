/**
 * Subscriptions over HTTP: a request that asks for one becomes a stream of the live core, by token or by ticket. Exports `createLiveDoor`.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { createError } from '../../../lib/errors/errors.ts';
import type { Live } from '../../live/client.ts';
import type { Answer, GatewayRequest } from '../../pipeline/request.ts';
import type { Subscription } from '../../pipeline/subscription.ts';
import type { HttpAnswer } from '../http-answer.ts';
import type { HttpRequest } from '../http-request.ts';
import type { LiveType } from '../media-types.ts';
import { LiveStream } from './live-stream.ts';
import { Rounds } from './rounds.ts';
import { eventsForm, multipartForm } from './stream-forms.ts';
import type { Redeemed, Tickets } from './tickets.ts';
import { readOnce } from './url-secrets.ts';

export type LiveDoorOptions = {
  /** null: there is nothing to subscribe to. */
  readonly live: Live | null;
  /** Checks and, what is no subscription, answers. */
  readonly begin: (request: GatewayRequest) => Promise<Answer | Subscription>;
  /** Checks, and refuses what is no subscription. */
  readonly check: (request: GatewayRequest) => Promise<Answer | Subscription>;
  readonly tickets: Tickets;
  /** Longest silence on a stream. */
  readonly silenceMs: number;
};

export type LiveDoor = {
  /** The stream of a subscription; of anything else, and of one that is refused, the answer. Throws for a ticket that is not taken. */
  open(request: GatewayRequest, from: HttpRequest, type: LiveType): Promise<Answer | HttpAnswer>;
};

const forms = { events: eventsForm, multipart: multipartForm } as const;

export function createLiveDoor({ live, begin, check, tickets, silenceMs }: LiveDoorOptions): LiveDoor {
  // A stream is told to be alive at the second visit that finds it quiet
  const rounds = new Rounds(silenceMs / 2);
  const subscribe = async (subscription: Subscription, stream: LiveStream, cursor: string | null): Promise<void> => {
    if (live === null) throw createError('LIVE_UNAVAILABLE', 'There is no feed here, and nothing to subscribe to.');
    stream.follow(await live.subscribe(subscription, stream, { cursor }), rounds);
  };
  return {
    async open(request, from, type) {
      const lastEventId = readLastEventId(from.message.headers);
      const redeemed = redeem(request, from, { tickets, resumes: lastEventId !== null });
      const live = { ...request, live: true };
      const begun = await (redeemed === null ? begin(live) : check({ ...live, identified: redeemed }));
      if (begun.kind !== 'subscription') return begun;
      const form = forms[type];
      const stream = new LiveStream(form, request.signal);
      try {
        redeemed?.assertFor(begun);
        // A browser that comes back sends the header with the URL that it had from the beginning: the header is newer
        await subscribe(begun, stream, lastEventId ?? readOnce(from, 'lastEventId'));
      } catch (error) {
        return begun.refuse(error);
      }
      begun.stands();
      return { status: 200, headers: form.headers, body: stream };
    },
  };
}

/** null: it comes without a ticket. */
function redeem(
  { readOnly, token }: GatewayRequest,
  from: HttpRequest,
  { tickets, resumes }: { tickets: Tickets; resumes: boolean },
): Redeemed | null {
  const ticket = readOnly ? readOnce(from, 'ticket') : null;
  if (ticket === null) return null;
  if (token !== null) throw createError('BAD_REQUEST', 'Both a token and a ticket are sent: send one of them.');
  return tickets.redeem(ticket, { resumes });
}

/** null: it is not there, or empty. */
function readLastEventId({ 'last-event-id': value }: IncomingHttpHeaders): string | null {
  const text = Array.isArray(value) ? value.join() : value;
  return text === undefined || text === '' ? null : text;
}
