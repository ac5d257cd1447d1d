/** Bodies that come in pieces: made no faster than they are read, and ended when nobody reads. */
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket, connect } from 'node:net';
import { createSenderCheck } from '../../../gateway/edge/check-sender.ts';
import type { HttpAnswer, StreamBody } from '../../../gateway/edge/http-answer.ts';
import { createHttpServer, type HttpServer } from '../../../gateway/edge/http-server.ts';
import { writeStream } from '../../../gateway/edge/write-stream.ts';
import { silentLog } from '../../../lib/log/log.ts';

const chunk = 'x'.repeat(65_536);
/** Far more than sockets hold. */
const most = 4_000;

let server: HttpServer;
let port: number;
let answer: HttpAnswer;
let onGone: () => void = () => undefined;

beforeAll(async () => {
  server = createHttpServer({
    handler({ message }) {
      message.socket.once('close', () => onGone());
      return answer;
    },
    sender: createSenderCheck({ allowedHosts: [], allowedOrigins: [] }),
    log: silentLog,
    stopMs: 1_000,
    onRunning: () => undefined,
    timeouts: { headersMs: 10_000, requestMs: 20_000, checkMs: 2_000, unreadMs: 200 },
  });
  ({ port } = await server.listen(0, '127.0.0.1'));
});
afterAll(() => server.stop());

/** A client that sends its request and never reads. */
function askAndNeverRead(): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.pause();
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  return socket;
}

type Made = { count: number; readonly ended: Promise<void>; readonly chunks: StreamBody['chunks'] };

function streamOf(next: (made: number) => Promise<IteratorResult<string>>): Made {
  let end: () => void = () => undefined;
  const chunks: StreamBody['chunks'] = {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () => next((made.count += 1)),
    return() {
      end();
      return Promise.resolve({ value: undefined, done: true });
    },
  };
  const made: Made = { count: 0, ended: new Promise((resolve) => (end = resolve)), chunks };
  return made;
}

describe('a client that reads nothing', () => {
  it('makes no more of a body than its connection holds, and is cut off', async () => {
    const made = streamOf((count) => Promise.resolve(count > most ? { value: undefined, done: true } : { value: chunk, done: false }));
    answer = { status: 200, headers: {}, body: { chunks: made.chunks, keepAlive: { text: ':', everyMs: 10_000 } } };
    const socket = askAndNeverRead();
    await made.ended;
    expect(made.count).toBeGreaterThan(1);
    expect(made.count).toBeLessThan(most / 4);
    socket.destroy();
  });

  it('is cut off from an answer in one piece too', async () => {
    const gone = new Promise<void>((resolve) => (onGone = resolve));
    answer = { status: 200, headers: {}, body: 'x'.repeat(64_000_000) };
    const socket = askAndNeverRead();
    await gone;
    expect(socket.bytesRead).toBe(0);
    socket.destroy();
  });

  it('is not told again and again that the body is alive', async () => {
    const response = new ServerResponse(new IncomingMessage(new Socket()));
    let isOver: () => void = () => undefined;
    const chunks = streamOf(() => new Promise((resolve) => (isOver = () => resolve({ value: undefined, done: true })))).chunks;
    const written = writeStream(response, { chunks, keepAlive: { text: chunk, everyMs: 1 } }, 1_000);
    for (let beats = 0; beats < 50; beats += 1) await new Promise((resolve) => setTimeout(resolve, 2));
    expect(response.writableLength).toBeGreaterThan(0);
    expect(response.writableLength).toBeLessThan(3 * chunk.length);
    isOver();
    await written;
  });
});
