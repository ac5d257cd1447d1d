/** `POST /graphql/ticket`: a token and an operation in, a ticket for the URL of an EventSource out. Exports `createTicketHandler`. */
import { createError } from '../../../lib/errors/errors.ts';
import type { Answer, GatewayRequest, Identified } from '../../pipeline/request.ts';
import type { Subscription } from '../../pipeline/subscription.ts';
import { toJsonAnswer } from '../http-answer.ts';
import { readPeer } from '../peer.ts';
import { createPostReader, type PostOptions } from '../read-post.ts';
import type { Handler } from '../router.ts';
import { toWholeAnswer } from '../whole-answer.ts';
import { ticketLimits, type Tickets } from './tickets.ts';
import { assertNoToken } from './url-secrets.ts';

export type TicketOptions = PostOptions & {
  /** Checks, and refuses what is no subscription. */
  readonly check: (request: GatewayRequest) => Promise<Answer | Subscription>;
  readonly expiryOf: (request: GatewayRequest) => Identified['expiresAtMs'];
  readonly tickets: Tickets;
};

/** The operation is checked as if it were subscribed to now: who may not have it gets no ticket. */
export function createTicketHandler({ check, expiryOf, tickets, ...options }: TicketOptions): Handler {
  const readPost = createPostReader(options);
  return async (from) => {
    assertNoToken(from);
    const params = await readPost(from.message);
    const peer = readPeer(from.message);
    if (peer.token === null) throw createError('UNAUTHENTICATED', 'A ticket stands for a token: send Authorization: Bearer <token>.');
    const { requestId, signal } = from;
    const request: GatewayRequest = { params, readOnly: false, live: true, requestId, signal, ...peer };
    const begun = await check(request);
    if (begun.kind !== 'subscription') return toWholeAnswer(begun, 'application/graphql-response+json');
    let ticket: string;
    try {
      ticket = tickets.issue({ principal: begun.principal, expiresAtMs: expiryOf(request) }, begun);
    } catch (error) {
      return toWholeAnswer(begun.refuse(error), 'application/graphql-response+json');
    }
    begun.stands();
    return toJsonAnswer(200, { ticket, expiresInSeconds: ticketLimits.lifeMs / 1_000 }, { 'cache-control': 'no-store' });
  };
}
