/**
 * Tickets: what stands for a token in a URL, where a token must not (docs/decisions/tickets.md). Encrypted and kept nowhere; only that one
 * was used is remembered, for as long as it could be used again. Exports `createTickets`.
 *
 * Bytes before base64url: version, 12 of nonce, AES-256-GCM over JSON, 16 of tag.
 */
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import type { Clock } from '../../../lib/clock/clock.ts';
import { createError, type HubError } from '../../../lib/errors/errors.ts';
import { createPrincipal, type Principal } from '../../../lib/identity/index.ts';
import type { Identified } from '../../pipeline/request.ts';
import type { Subscription } from '../../pipeline/subscription.ts';

export const ticketLimits = {
  /** To be used for the first time. */
  lifeMs: 60_000,
  /** Longest ticket: with the operation it has to fit into the head of a request. */
  characters: 8_192,
  /** Of which is remembered that they were used: with more of them in one life, further ones are refused. */
  used: 100_000,
} as const;

/** What a subscription asks for. */
export type TicketOperation = Pick<Subscription, 'text' | 'params'>;

export type Redeemed = Identified & {
  /** Throws TICKET_INVALID unless it is the operation that the ticket was made for, with the same variables. */
  assertFor(operation: TicketOperation): void;
};

export type Tickets = {
  /** Throws LIMIT_EXCEEDED when the principal is too large for a URL. */
  issue(identified: Identified, operation: TicketOperation): string;
  /**
   * Spends the ticket. One that is spent or older than its life is taken only from a client that comes back (`resumes`), as long as the token
   * holds: the core looks whether its cursor is of the same member and operation. Throws TICKET_INVALID, TOKEN_EXPIRED, LIVE_LIMIT.
   */
  redeem(ticket: string, options: { readonly resumes: boolean }): Redeemed;
};

type Content = { readonly principal: Principal; readonly expiresAtMs: number | null; readonly issuedAtMs: number; readonly digest: string };

const version = 1;
const nonceBytes = 12;
const tagBytes = 16;
const headBytes = 1 + nonceBytes;
const cipher = 'aes-256-gcm';

/** The first key encrypts, all decrypt. */
export function createTickets(cursorKeys: readonly Uint8Array[], clock: Clock, mostUsed: number = ticketLimits.used): Tickets {
  const keys = cursorKeys.map((key) => new Uint8Array(hkdfSync('sha256', key, '', 'industry-router ticket', 32)));
  const [encrypting] = keys;
  if (encrypting === undefined) throw new RangeError('Expected at least one cursor key.');
  const used = createUsed(mostUsed);
  const nowMs = (): number => clock.now().getTime();
  return {
    issue({ principal, expiresAtMs }, operation) {
      const content: Content = { principal, expiresAtMs, issuedAtMs: nowMs(), digest: toDigest(operation) };
      const ticket = encrypt(encrypting, JSON.stringify(content));
      if (ticket.length <= ticketLimits.characters) return ticket;
      throw createError('LIMIT_EXCEEDED', 'What the token says is too long for a URL: subscribe with the token itself.', {
        details: { limit: 'ticket' },
      });
    },
    redeem(ticket, { resumes }) {
      const { id, content } = decrypt(keys, ticket);
      const { principal, expiresAtMs, issuedAtMs, digest } = content;
      const now = nowMs();
      if (expiresAtMs !== null && expiresAtMs <= now)
        throw createError('TOKEN_EXPIRED', 'The token that the ticket was made of has expired.');
      const spent = issuedAtMs + ticketLimits.lifeMs <= now || !used.spend(id, { now, issuedAtMs });
      if (spent && !resumes) throw toRefusal('was used before, or not within a minute');
      return {
        principal: createPrincipal(principal),
        expiresAtMs,
        assertFor(operation) {
          if (toDigest(operation) !== digest) throw toRefusal('is for another operation or other variables');
        },
      };
    },
  };
}

function encrypt(key: Uint8Array, text: string): string {
  const head = Buffer.concat([Buffer.of(version), randomBytes(nonceBytes)]);
  const sealing = createCipheriv(cipher, key, head.subarray(1), { authTagLength: tagBytes }).setAAD(head);
  return Buffer.concat([head, sealing.update(text, 'utf8'), sealing.final(), sealing.getAuthTag()]).toString('base64url');
}

function decrypt(keys: readonly Uint8Array[], ticket: string): { id: string; content: Content } {
  const bytes = ticket.length > ticketLimits.characters ? Buffer.alloc(0) : Buffer.from(ticket, 'base64url');
  // Buffer skips what is no base64url: only a text that is written the same way again is taken
  if (bytes.length <= headBytes + tagBytes || bytes[0] !== version || bytes.toString('base64url') !== ticket)
    throw toRefusal('is none of this hub');
  const head = bytes.subarray(0, headBytes);
  for (const key of keys) {
    const opening = createDecipheriv(cipher, key, head.subarray(1), { authTagLength: tagBytes }).setAAD(head);
    opening.setAuthTag(bytes.subarray(-tagBytes));
    const text = opening.update(bytes.subarray(headBytes, -tagBytes));
    try {
      opening.final();
    } catch {
      continue;
    }
    // Whoever has the key wrote it: it is what `issue` made
    return { id: head.toString('base64url', 1), content: JSON.parse(text.toString('utf8')) as Content };
  }
  throw toRefusal('is none of this hub, or was changed');
}

function toRefusal(what: string): HubError {
  return createError('TICKET_INVALID', `The ticket ${what}. Ask POST /graphql/ticket for a new one.`);
}

/** Each is forgotten when its life is over. Full of such that live, it forgets none and takes no more. */
function createUsed(most: number) {
  /** In the order of their use, and so about in that of their ends. */
  const untilMsById = new Map<string, number>();
  return {
    /** False: it was used before. */
    spend(id: string, { now, issuedAtMs }: { now: number; issuedAtMs: number }): boolean {
      if (untilMsById.has(id)) return false;
      for (const [known, untilMs] of untilMsById) {
        if (untilMs > now) break;
        untilMsById.delete(known);
      }
      if (untilMsById.size >= most) throw createError('LIVE_LIMIT', 'More tickets are used than may be in this time: come again later.');
      // The clock of the gateway that issued it may be ahead
      untilMsById.set(id, Math.max(now, issuedAtMs) + ticketLimits.lifeMs);
      return true;
    },
  };
}

function toDigest({ text, params: { operationName, variables } }: TicketOperation): string {
  const name = operationName === '' ? null : operationName;
  return createHash('sha256')
    .update(JSON.stringify([text, name, toSorted(variables)]))
    .digest('base64url');
}

/** Variables are one and the same in whatever order their names come. */
function toSorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toSorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, one]) => [name, toSorted(one)]));
}
