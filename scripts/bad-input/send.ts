/**
 * Sends bytes to a port and reads what comes back until the connection ends: below HTTP, since the bytes may be no HTTP. Exports `send`
 * and `readResponses`.
 */
import { connect } from 'node:net';

export type Response = {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
  /** The length or the chunks that were promised came. */
  readonly whole: boolean;
};

/** `reset`: the other side cut the connection off; `late`: nothing ended it in time. */
export type Sent = { readonly bytes: Buffer; readonly end: 'closed' | 'reset' | 'late' };

const limitMs = 25_000;

/**
 * `whole`: the bytes are a request to its end that asks to close the connection. If not, the other side may wait for more: when nothing
 * came for a while, our side ends. An answer that was only slow is lost then, so without any the same is sent once more, with patience.
 */
export async function send(port: number, pieces: readonly Buffer[], whole: boolean): Promise<Sent> {
  if (whole) return sendOnce(port, pieces, null);
  const sent = await sendOnce(port, pieces, 150);
  return sent.bytes.length > 0 ? sent : sendOnce(port, pieces, 3_000);
}

function sendOnce(port: number, pieces: readonly Buffer[], idleMs: number | null): Promise<Sent> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let failed = false;
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true }, () => {
      for (const piece of pieces) socket.write(piece);
    });
    const idle = idleMs === null ? undefined : setTimeout(() => socket.end(), idleMs);
    const late = setTimeout(() => done('late'), limitMs);
    const done = (end: Sent['end']): void => {
      clearTimeout(idle);
      clearTimeout(late);
      socket.destroy();
      resolve({ bytes: Buffer.concat(chunks), end });
    };
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      idle?.refresh();
    });
    socket.on('error', () => (failed = true));
    socket.on('end', () => done('closed'));
    socket.on('close', () => done(failed ? 'reset' : 'closed'));
  });
}

/** Null when the bytes are no HTTP responses. `isHead`: of requests by HEAD, whose responses have no body. */
export function readResponses(bytes: Buffer, isHead: boolean): Response[] | null {
  const responses: Response[] = [];
  let at = 0;
  while (at < bytes.length) {
    const headEnd = bytes.indexOf('\r\n\r\n', at);
    if (headEnd === -1) return null;
    const [line = '', ...lines] = bytes.toString('latin1', at, headEnd).split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(line)?.[1] ?? 0);
    if (status === 0) return null;
    const headers = new Map(lines.map((one) => [one.slice(0, one.indexOf(':')).toLowerCase(), one.slice(one.indexOf(':') + 1).trim()]));
    const hasBody = !isHead && status >= 200 && status !== 204 && status !== 304;
    const { body, end, whole } = hasBody ? readBody(bytes, headEnd + 4, headers) : { body: Buffer.alloc(0), end: headEnd + 4, whole: true };
    if (status >= 200) responses.push({ status, headers, body, whole });
    at = end;
  }
  return responses;
}

type Body = { readonly body: Buffer; readonly end: number; readonly whole: boolean };

function readBody(bytes: Buffer, start: number, headers: ReadonlyMap<string, string>): Body {
  if (headers.get('transfer-encoding') === 'chunked') return readChunks(bytes, start);
  const named = headers.get('content-length');
  if (named === undefined) return { body: bytes.subarray(start), end: bytes.length, whole: true };
  const end = start + Number(named);
  return { body: bytes.subarray(start, end), end: Math.min(end, bytes.length), whole: bytes.length >= end };
}

function readChunks(bytes: Buffer, start: number): Body {
  const chunks: Buffer[] = [];
  let at = start;
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd === -1) return { body: Buffer.concat(chunks), end: bytes.length, whole: false };
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    if (!(size > 0)) return { body: Buffer.concat(chunks), end: Math.min(bytes.length, lineEnd + 4), whole: size === 0 };
    chunks.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
}
