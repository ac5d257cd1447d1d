/** Responses as bytes, whole and in pieces, honest and not. */
import fc from 'fast-check';
import { maxHeadBytes, ResponseParser } from '../../../gateway/execute/subgraph/response-parser.ts';
import { isHubError } from '../../../lib/errors/errors.ts';

const maxBytes = 1_000;

type Read = { status: number; text: string; keepAlive: boolean; left: number };

/** Feeds the pieces as a connection does: through one buffer that is overwritten each time. */
function read(pieces: readonly (string | Buffer)[], { ends = false, max = maxBytes } = {}): Read | string {
  const parser = new ResponseParser('mill', max);
  const buffer = Buffer.alloc(65_536);
  let left = 0;
  let text: string | null = null;
  try {
    for (const piece of pieces) {
      const length = (typeof piece === 'string' ? Buffer.from(piece) : piece).copy(buffer);
      const taken = parser.take(buffer.subarray(0, length));
      left += length - taken;
      if (parser.isDone) text ??= parser.text();
      buffer.fill(0);
    }
    if (ends) {
      parser.end();
      text ??= parser.text();
    }
    return text === null ? 'unfinished' : { status: parser.status, text, keepAlive: parser.keepAlive, left };
  } catch (error) {
    return isHubError(error) ? error.code : String(error);
  }
}

const ok = (text: string, keepAlive = true) => ({ status: 200, text, keepAlive, left: 0 });
const withHead = (...lines: string[]) => `HTTP/1.1 200 OK\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`;
const invalid = 'SUBGRAPH_INVALID_RESPONSE';

const honest: readonly [string, Buffer, string][] = [
  ['a body of known length', Buffer.from(`${withHead('Content-Length: 11')}{"data":{}}`), '{"data":{}}'],
  ['no body', Buffer.from(withHead('content-length: 0')), ''],
  ['chunks', Buffer.from(`${withHead('Transfer-Encoding: chunked')}5\r\n{"dat\r\n06;name="x"\r\na":{}}\r\n0\r\n\r\n`), '{"data":{}}'],
  ['trailers', Buffer.from(`${withHead('transfer-encoding: Chunked')}b\r\n{"data":{}}\r\n0\r\nx-sum: 1\r\ny: 2\r\n\r\n`), '{"data":{}}'],
  [
    'interim responses',
    Buffer.from(`HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${withHead('content-length: 2')}ok`),
    'ok',
  ],
];

describe('a response', () => {
  it.each(honest)('with %s is read whole, and split at every position', (_, bytes, text) => {
    expect(read([bytes])).toEqual(ok(text));
    for (let at = 1; at < bytes.length; at += 1) expect([at, read([bytes.subarray(0, at), bytes.subarray(at)])]).toEqual([at, ok(text)]);
    expect(read([...bytes].map((byte) => Buffer.of(byte)))).toEqual(ok(text));
  });

  it('is the same in whatever pieces it comes', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 100 }),
        fc.array(fc.nat(400), { maxLength: 8 }),
        fc.boolean(),
        (text, cuts, chunked) => {
          const body = Buffer.from(text);
          const half = body.length >> 1;
          const parts = [body.subarray(0, half), body.subarray(half)].filter((part) => part.length > 0);
          const bytes = chunked
            ? Buffer.concat([
                Buffer.from(withHead('transfer-encoding: chunked')),
                ...parts.flatMap((part) => [Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]),
                Buffer.from('0\r\n\r\n'),
              ])
            : Buffer.concat([Buffer.from(withHead(`content-length: ${body.length}`)), body]);
          const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).toSorted((a, b) => a - b), bytes.length];
          const pieces = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
          expect(read(pieces)).toEqual(ok(text.startsWith('\ufeff') ? text.slice(1) : text));
        },
      ),
    );
  });

  it('without a length lasts until the connection ends, which is not used again', () => {
    expect(read([withHead(), '{"data"', ':{}}'], { ends: true })).toEqual(ok('{"data":{}}', false));
    expect(read(['HTTP/1.0 200 OK\r\n\r\nok'], { ends: true })).toEqual(ok('ok', false));
  });

  it.each([
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok'],
    ['Connection: close', `${withHead('connection: x, Close', 'content-length: 2')}ok`],
  ])('of %s ends its connection', (_, text) => expect(read([text])).toEqual(ok('ok', false)));

  it('has no body when its status says so', () => {
    expect(read(['HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\n'])).toMatchObject({ status: 204, text: '' });
    expect(read(['HTTP/1.1 304 Not Modified\r\ntransfer-encoding: chunked\r\n\r\n'])).toMatchObject({ status: 304, text: '' });
  });

  it('leaves what comes after it', () => {
    expect(read([`${withHead('content-length: 2')}okHTTP/1.1`])).toEqual({ ...ok('ok'), left: 8 });
    expect(read([`${withHead('transfer-encoding: chunked')}2\r\nok\r\n0\r\n\r\nx`])).toEqual({ ...ok('ok'), left: 1 });
  });

  it('is UTF-8, and its byte order mark is no text', () => {
    const withBody = (bytes: Buffer) => Buffer.concat([Buffer.from(withHead(`content-length: ${bytes.length}`)), bytes]);
    expect(read([withBody(Buffer.from('"ä€𝄞"'))])).toEqual(ok('"ä€𝄞"'));
    expect(read([withBody(Buffer.from('\ufeff{}'))])).toEqual(ok('{}'));
    for (const bytes of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0x80]]) expect(read([withBody(Buffer.from(bytes))])).toBe(invalid);
  });
});

describe('a response is refused', () => {
  it.each([
    ['both lengths', withHead('content-length: 2', 'transfer-encoding: chunked')],
    ['both lengths the other way round', withHead('transfer-encoding: chunked', 'content-length: 2')],
    ['a length told twice', withHead('content-length: 2', 'Content-Length: 2')],
    ['a list of lengths', withHead('content-length: 2, 2')],
    ['a length with a sign', withHead('content-length: +2')],
    ['a length in hexadecimal', withHead('content-length: 0x2')],
    ['a length below nothing', withHead('content-length: -1')],
    ['an empty length', withHead('content-length:')],
    ['an endless length', withHead('content-length: 99999999999999999999')],
    ['another encoding', withHead('transfer-encoding: gzip, chunked')],
    ['chunked twice', withHead('transfer-encoding: chunked', 'transfer-encoding: chunked')],
    ['chunks in HTTP/1.0', 'HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'],
    ['a packed body', withHead('content-encoding: gzip', 'content-length: 2')],
    ['a folded line', withHead('x: a', ' b', 'content-length: 2')],
    ['a space before the colon', withHead('content-length : 2')],
    ['a header without a colon', withHead('content-length 2')],
    ['a header without a name', withHead(': 2')],
    ['a bare line feed', 'HTTP/1.1 200 OK\ncontent-length: 2\r\n\r\nok'],
    ['a bare carriage return', 'HTTP/1.1 200 OK\r\nx: a\rcontent-length: 2\r\n\r\nok'],
    ['a zero byte', withHead('x: a\0b')],
    ['HTTP/2', 'HTTP/2 200 OK\r\n\r\n'],
    ['no HTTP at all', 'SSH-2.0-OpenSSH_9.2'],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n'],
    ['another protocol', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\n\r\n'],
    ['a chunk size that is none', `${withHead('transfer-encoding: chunked')}g\r\n`],
    ['an empty chunk size', `${withHead('transfer-encoding: chunked')}\r\n`],
    ['a chunk size with a sign', `${withHead('transfer-encoding: chunked')}-2\r\n`],
    ['a chunk size in prose', `${withHead('transfer-encoding: chunked')}0x2\r\n`],
    ['a chunk size of too many digits', `${withHead('transfer-encoding: chunked')}000000002\r\n`],
    ['a chunk that is longer than its size', `${withHead('transfer-encoding: chunked')}2\r\noks\r\n`],
    ['a chunk line that ends in a bare line feed', `${withHead('transfer-encoding: chunked')}2\nok`],
    ['a chunk extension without end', `${withHead('transfer-encoding: chunked')}2;${'x'.repeat(300)}`],
    ['a folded trailer', `${withHead('transfer-encoding: chunked')}0\r\nx: a\r\n b\r\n\r\n`],
  ])('with %s', (_, text) => expect(read([text])).toBe(invalid));

  it('when its head is too large, also in pieces, in interim responses and in trailers', () => {
    const fits = withHead(`x: ${'y'.repeat(maxHeadBytes - withHead('x: ', 'content-length: 2').length)}`, 'content-length: 2');
    expect(fits).toHaveLength(maxHeadBytes);
    expect(read([`${fits}ok`])).toEqual(ok('ok'));
    expect(read([fits.replace('x: ', 'xx: ')])).toBe(invalid);
    expect(read(['HTTP/1.1 200 OK\r\nx: ', ...Array.from({ length: 20 }, () => 'y'.repeat(1_000))])).toBe(invalid);
    expect(read(Array.from({ length: 700 }, () => 'HTTP/1.1 100 Continue\r\n\r\n'))).toBe(invalid);
    expect(
      read([`${withHead('transfer-encoding: chunked')}0\r\n`, ...Array.from({ length: 20 }, () => `x: ${'y'.repeat(1_000)}\r\n`)]),
    ).toBe(invalid);
  });

  it('when it is larger than it may be, however its length is told', () => {
    const large = 'SUBGRAPH_RESPONSE_TOO_LARGE';
    expect(read([`${withHead(`content-length: ${maxBytes}`)}${'x'.repeat(maxBytes)}`])).toEqual(ok('x'.repeat(maxBytes)));
    expect(read([withHead(`content-length: ${maxBytes + 1}`)])).toBe(large);
    expect(read([`${withHead('transfer-encoding: chunked')}3e9\r\n`])).toBe(large);
    expect(read([`${withHead('transfer-encoding: chunked')}3e8\r\n${'x'.repeat(1_000)}\r\n1\r\n`])).toBe(large);
    expect(read([withHead(), 'x'.repeat(maxBytes + 1)])).toBe(large);
  });

  it('when it ends early', () => {
    const early = 'SUBGRAPH_UNREACHABLE';
    expect(read([], { ends: true })).toBe(early);
    expect(read(['HTTP/1.1 200'], { ends: true })).toBe(early);
    expect(read([`${withHead('content-length: 3')}ok`], { ends: true })).toBe(early);
    expect(read([`${withHead('transfer-encoding: chunked')}2\r\nok\r\n`], { ends: true })).toBe(early);
    expect(read([`${withHead('transfer-encoding: chunked')}0\r\n`], { ends: true })).toBe(early);
  });
});

describe('memory', () => {
  it('is not taken for a length that is only promised, and holds little more than came', () => {
    const parser = new ResponseParser('mill', 16_777_216);
    parser.take(Buffer.from(withHead('content-length: 16777216')));
    expect(parser.heldBytes).toBe(0);
    for (let sent = 0; sent < 5_000_000; sent += 50_000) parser.take(Buffer.alloc(50_000, 'x'));
    expect(parser.heldBytes).toBeLessThanOrEqual(10_000_000);
  });

  it('is not taken for each of many tiny chunks', () => {
    const parser = new ResponseParser('mill', 16_777_216);
    parser.take(Buffer.from(withHead('transfer-encoding: chunked')));
    for (let count = 0; count < 20_000; count += 1) parser.take(Buffer.from('1\r\nx\r\n'));
    expect(parser.heldBytes).toBeLessThanOrEqual(40_000);
  });

  it('stays what it was when bytes are random', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 }), fc.boolean(), (noise, afterHead) => {
        const pieces = noise.map((piece) => Buffer.from(piece));
        const result = read(afterHead ? [withHead('transfer-encoding: chunked'), ...pieces] : pieces, { ends: true });
        const isRight = typeof result === 'string' ? result.startsWith('SUBGRAPH_') : result.text.length <= maxBytes;
        expect(isRight).toBe(true);
      }),
    );
  });
});
