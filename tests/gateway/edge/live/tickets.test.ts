/** Tickets: what they stand for, when they are taken, and that nothing else is. */
import { hkdfSync, createDecipheriv } from 'node:crypto';
import { createTickets, ticketLimits, type TicketOperation } from '../../../../gateway/edge/live/tickets.ts';
import { createFixedClock } from '../../../../lib/clock/clock.ts';
import { createPrincipal } from '../../../../lib/identity/index.ts';

const keyOf = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const START = '2026-03-01T08:00:00Z';
const startMs = new Date(START).getTime();
const principal = createPrincipal({ memberId: 'mem_1', kinds: ['MAKER'], scopes: ['a', 'b'], claims: { region: 'east' } });
const hour = 3_600_000;

const toOperation = (text: string, variables: Record<string, unknown> = {}, operationName: string | null = null): TicketOperation => ({
  text,
  params: { query: text, documentId: null, operationName, variables, extensions: {} },
});
const operation = toOperation('subscription { a }', { one: 1, two: { b: [1, { d: 2, c: 3 }], a: null } });

function open(mostUsed?: number) {
  const clock = createFixedClock(START);
  const tickets = createTickets([keyOf(1)], clock, mostUsed);
  const issue = (expiresAtMs: number | null = startMs + hour) => tickets.issue({ principal, expiresAtMs }, operation);
  const codeOf = (ticket: string, resumes = false): string => {
    try {
      tickets.redeem(ticket, { resumes });
      return 'taken';
    } catch (error) {
      return String(Object(error).code);
    }
  };
  return { clock, tickets, issue, codeOf };
}

describe('a ticket', () => {
  it('says who asked and until when the token holds', () => {
    const { tickets, issue } = open();
    expect(tickets.redeem(issue(), { resumes: false })).toMatchObject({ principal, expiresAtMs: startMs + hour });
    expect(tickets.redeem(issue(null), { resumes: false })).toMatchObject({ expiresAtMs: null });
  });

  it('says nothing to whoever reads it, and is never the same twice', () => {
    const { issue } = open();
    const [one, other] = [issue(), issue()];
    expect(one).not.toBe(other);
    expect(one).toMatch(/^[\w-]+$/);
    expect(Buffer.from(one, 'base64url').toString('latin1')).not.toMatch(/mem_1|MAKER|region|subscription/);
  });

  it('is taken once, within a minute', () => {
    const { clock, issue, codeOf } = open();
    const [one, other] = [issue(), issue()];
    expect([codeOf(one), codeOf(one), codeOf(one)]).toEqual(['taken', 'TICKET_INVALID', 'TICKET_INVALID']);
    clock.advance(ticketLimits.lifeMs - 1);
    const late = issue();
    expect(codeOf(other)).toBe('taken');
    clock.advance(1);
    expect([codeOf(other), codeOf(late)]).toEqual(['TICKET_INVALID', 'taken']);
    const old = issue();
    clock.advance(ticketLimits.lifeMs);
    expect(codeOf(old)).toBe('TICKET_INVALID');
  });

  it('is taken again from a client that comes back, also elsewhere and after its life, until the token expires', () => {
    const { clock, issue, codeOf } = open();
    const ticket = issue();
    expect([codeOf(ticket), codeOf(ticket), codeOf(ticket, true), codeOf(ticket, true)]).toEqual([
      'taken',
      'TICKET_INVALID',
      'taken',
      'taken',
    ]);
    clock.advance(hour - 1);
    expect([codeOf(ticket, true), codeOf(ticket)]).toEqual(['taken', 'TICKET_INVALID']);
    clock.advance(1);
    expect([codeOf(ticket, true), codeOf(ticket)]).toEqual(['TOKEN_EXPIRED', 'TOKEN_EXPIRED']);
  });

  it('is for its operation and variables only, in whatever order their names come', () => {
    const { tickets, issue } = open();
    const { assertFor } = tickets.redeem(issue(), { resumes: false });
    assertFor(toOperation(operation.text, { two: { a: null, b: [1, { c: 3, d: 2 }] }, one: 1 }));
    assertFor(toOperation(operation.text, operation.params.variables, ''));
    for (const other of [
      toOperation('subscription { b }', operation.params.variables),
      toOperation(operation.text),
      toOperation(operation.text, { ...operation.params.variables, one: '1' }),
      toOperation(operation.text, { ...operation.params.variables, two: { b: [{ d: 2, c: 3 }, 1], a: null } }),
      toOperation(operation.text, operation.params.variables, 'Other'),
    ])
      expect(() => assertFor(other)).toThrow(expect.objectContaining({ code: 'TICKET_INVALID' }));
  });

  it('is refused when any bit of it is another one, wherever it is cut, and when it is written otherwise', () => {
    const { issue, codeOf } = open();
    const ticket = issue();
    const bytes = Buffer.from(ticket, 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const forged = Buffer.from(bytes);
      forged.writeUInt8(forged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect([bit, codeOf(forged.toString('base64url'))]).toEqual([bit, 'TICKET_INVALID']);
    }
    for (let length = 0; length < ticket.length; length += 1) expect(codeOf(ticket.slice(0, length))).toBe('TICKET_INVALID');
    for (const text of [`${ticket}=`, ` ${ticket}`, `${ticket}AAAA`, ticket.replace(/.$/, '!'), bytes.toString('base64'), '', 'ticket'])
      expect(codeOf(text)).toBe('TICKET_INVALID');
    expect(codeOf('A'.repeat(1_000_000))).toBe('TICKET_INVALID');
    expect(codeOf(ticket)).toBe('taken');
  });

  it('that is too long for a URL is not made', () => {
    const { tickets } = open();
    const large = createPrincipal({ memberId: 'mem_1', claims: { text: 'x'.repeat(ticketLimits.characters) } });
    expect(() => tickets.issue({ principal: large, expiresAtMs: null }, operation)).toThrow(
      expect.objectContaining({ code: 'LIMIT_EXCEEDED', details: { limit: 'ticket' } }),
    );
  });
});

describe('keys', () => {
  it('are those of the cursors: the first encrypts, all decrypt', () => {
    const clock = createFixedClock(START);
    const [before, during, after] = [[keyOf(1)], [keyOf(2), keyOf(1)], [keyOf(2)]].map((keys) => createTickets(keys, clock));
    const old = before?.issue({ principal, expiresAtMs: null }, operation) ?? '';
    const fresh = during?.issue({ principal, expiresAtMs: null }, operation) ?? '';
    expect(during?.redeem(old, { resumes: false }).principal).toEqual(principal);
    expect(after?.redeem(fresh, { resumes: false }).principal).toEqual(principal);
    for (const [tickets, ticket] of [
      [before, fresh],
      [after, old],
    ] as const)
      expect(() => tickets?.redeem(ticket, { resumes: false })).toThrow(expect.objectContaining({ code: 'TICKET_INVALID' }));
    expect(() => createTickets([], clock)).toThrow(RangeError);
  });

  it('are not used as they are: the key of a ticket signs no cursor', () => {
    const { issue } = open();
    const bytes = Buffer.from(issue(), 'base64url');
    const read = (key: Uint8Array): string => {
      const opening = createDecipheriv('aes-256-gcm', key, bytes.subarray(1, 13), { authTagLength: 16 }).setAAD(bytes.subarray(0, 13));
      opening.setAuthTag(bytes.subarray(-16));
      return opening.update(bytes.subarray(13, -16)).toString() + opening.final('utf8');
    };
    expect(() => read(keyOf(1))).toThrow();
    expect(read(new Uint8Array(hkdfSync('sha256', keyOf(1), '', 'industry-router ticket', 32)))).toContain('mem_1');
  });
});

describe('what is remembered of used tickets', () => {
  it('is bounded, and forgets none that could be used again', () => {
    const { clock, issue, codeOf } = open(3);
    const tickets = [issue(), issue(), issue(), issue()];
    expect(tickets.map((ticket) => codeOf(ticket))).toEqual(['taken', 'taken', 'taken', 'LIVE_LIMIT']);
    expect(tickets.slice(0, 3).map((ticket) => codeOf(ticket))).toEqual(['TICKET_INVALID', 'TICKET_INVALID', 'TICKET_INVALID']);
    clock.advance(ticketLimits.lifeMs);
    expect([codeOf(issue()), codeOf(issue()), codeOf(issue()), codeOf(issue())]).toEqual(['taken', 'taken', 'taken', 'LIVE_LIMIT']);
  });

  it('outlives a clock of another gateway that is ahead', () => {
    const clock = createFixedClock(START);
    const ahead = createFixedClock(new Date(startMs + 30_000));
    const here = createTickets([keyOf(1)], clock);
    const ticket = createTickets([keyOf(1)], ahead).issue({ principal, expiresAtMs: null }, operation);
    here.redeem(ticket, { resumes: false });
    clock.advance(ticketLimits.lifeMs + 10_000);
    here.redeem(here.issue({ principal, expiresAtMs: null }, operation), { resumes: false });
    expect(() => here.redeem(ticket, { resumes: false })).toThrow(expect.objectContaining({ code: 'TICKET_INVALID' }));
  });
});
