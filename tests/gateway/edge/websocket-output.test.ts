/** What the WebSocket door writes, piece by piece, and how it finds out that nobody reads it any more. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { createSenderCheck } from '../../../gateway/edge/check-sender.ts';
import { createHttpServer } from '../../../gateway/edge/http-server.ts';
import { createNextFrames, toNextHead, toTextFrame, transportWire } from '../../../gateway/edge/websocket/frames.ts';
import { createMessageBudget } from '../../../gateway/edge/websocket/message-budget.ts';
import { SignsOfLife } from '../../../gateway/edge/websocket/signs-of-life.ts';
import { createFlushes, SocketOutput } from '../../../gateway/edge/websocket/socket-output.ts';
import { createWebSocketDoor } from '../../../gateway/edge/websocket/websocket-door.ts';
import type { Hub } from '../../../gateway/pipeline/hub.ts';
import { defaultLimits } from '../../../gateway/pipeline/limits.ts';
import { createMetrics } from '../../../gateway/pipeline/metrics.ts';
import { visitor } from '../../../lib/identity/index.ts';
import { silentLog } from '../../../lib/log/log.ts';
import { openTalk, PROTOCOL } from './socket-kit.ts';

/** Texts of whole, unmasked text frames, by RFC 6455 read apart from the code that wrote them. */
function readFrames(bytes: Buffer): string[] {
  const texts: string[] = [];
  for (let at = 0; at < bytes.length;) {
    expect(bytes[at]).toBe(0x81);
    const short = bytes[at + 1] ?? 0;
    const [length, from] =
      short < 126
        ? [short, at + 2]
        : short === 126
          ? [bytes.readUInt16BE(at + 2), at + 4]
          : [Number(bytes.readBigUInt64BE(at + 2)), at + 10];
    expect(length > 125 || short < 126).toBe(true);
    texts.push(bytes.toString('utf8', from, from + length));
    at = from + length;
  }
  return texts;
}

const tailOf = (text: string) => transportWire.next(Buffer.from(JSON.stringify({ data: text })), 'c');

describe('a frame', () => {
  it('has the head that its length needs, at each border', () => {
    for (const length of [0, 1, 125, 126, 127, 65_535, 65_536, 70_000])
      expect(readFrames(Buffer.from(toTextFrame('x'.repeat(length))))).toEqual(['x'.repeat(length)]);
    expect(readFrames(Buffer.from(toTextFrame('ü'.repeat(63))))).toEqual(['ü'.repeat(63)]);
  });

  it('of an event is the id of the socket before bytes that all share', () => {
    const frames = createNextFrames();
    for (const id of ['1', 'a "b" \\', 'x'.repeat(256), 'ü'])
      for (const length of [0, 80, 81, 82, 83, 84, 85, 86, 2_047, 2_048, 65_480, 65_500, 70_000]) {
        const text = 'y'.repeat(length);
        const [written = ''] = readFrames(Buffer.concat(frames(id, toNextHead(id), [tailOf(text)])));
        expect(JSON.parse(written)).toEqual({ id, type: 'next', payload: { data: text } });
      }
  });

  it('of a large event holds the shared bytes themselves, and sockets with one short id share the pieces of small ones', () => {
    const frames = createNextFrames();
    const [large, small] = [tailOf('x'.repeat(5_000)), tailOf('x')];
    expect(frames('some-random-id', toNextHead('some-random-id'), [small, large, small])[1]).toBe(large);
    const first = frames('1', toNextHead('1'), [small, small]);
    expect(frames('1', toNextHead('1'), [small, small])).toBe(first);
    expect(frames('2', toNextHead('2'), [small, small])).not.toBe(first);
    expect(readFrames(Buffer.concat(frames('1', toNextHead('1'), [small])))).toHaveLength(1);
    expect(frames('1', toNextHead('1'), [tailOf('x'), small])).not.toBe(first);
  });

  it('that was written is not written into by what follows', () => {
    const frames = createNextFrames();
    const [id, head] = ['some-random-id', toNextHead('some-random-id')];
    const before = frames(id, head, [tailOf('first')]);
    const copy = Buffer.concat(before);
    for (let count = 0; count < 1_000; count += 1) frames(id, head, [tailOf(`later ${count}`)]);
    expect(Buffer.concat(before).equals(copy)).toBe(true);
  });
});

/** Keeps what is written, one text list a system call, and lets it go when it is told to. */
function createSlowSocket() {
  const writes: string[][] = [];
  let go: (() => void) | null = null;
  const take = (bytes: Buffer, done: () => void): void => {
    if (bytes.length > 0) writes.push(readFrames(bytes));
    go = done;
  };
  const socket = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _, done) => take(chunk, done),
    writev: (chunks, done) => take(Buffer.concat(chunks.map(({ chunk }) => chunk as Buffer)), done),
  });
  return {
    // An output uses of a socket what every stream has
    socket: socket as unknown as Socket,
    writes,
    async leave() {
      const done = go;
      go = null;
      done?.();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

describe('an output', () => {
  function create() {
    const slow = createSlowSocket();
    const state = { rooms: 0, isOpen: true };
    const output = new SocketOutput(slow.socket, {
      flushes: createFlushes(),
      frames: createNextFrames(),
      isOpen: () => state.isOpen,
      onRoom: () => void (state.rooms += 1),
    });
    const tick = () => new Promise((resolve) => setImmediate(resolve));
    return { ...slow, state, output, tick };
  }
  const idOf = (text: string) => (JSON.parse(text) as { id: string }).id;

  it('writes what comes in one tick in one piece, whoever it is of', async () => {
    const { output, writes, tick } = create();
    for (const id of ['1', '2', 'a-longer-id', '1']) output.next(id, toNextHead(id), [tailOf('a'), tailOf('x'.repeat(3_000))]);
    output.send({ type: 'pong' });
    expect(writes).toEqual([]);
    await tick();
    expect(writes.map((texts) => texts.map((text) => idOf(text)))).toEqual([
      ['1', '1', '2', '2', 'a-longer-id', 'a-longer-id', '1', '1', undefined],
    ]);
  });

  it('counts what waits before and after it was handed over, and says when that has left', async () => {
    const { output, state, leave, tick } = create();
    expect(output.waiting()).toBe(0);
    output.send({ type: 'pong' });
    const bytes = output.waiting();
    expect(bytes).toBe(17);
    await tick();
    expect([output.waiting(), state.rooms]).toEqual([bytes, 0]);
    await leave();
    await leave();
    expect([output.waiting(), state.rooms]).toEqual([0, 1]);
    output.send({ type: 'pong' });
    await tick();
    await leave();
    expect(state.rooms).toBe(1);
  });

  it('writes nothing after it was closed, nor when a close frame may have gone', async () => {
    const { output, state, writes, tick } = create();
    output.send({ type: 'pong' });
    state.isOpen = false;
    await tick();
    state.isOpen = true;
    output.send({ type: 'pong' });
    output.bookmark('1', 'c1');
    await tick();
    expect([writes, output.waiting()]).toEqual([[], 0]);
  });
});

describe('the budget of messages', () => {
  it('is ten seconds’ worth at once, and fills again with time; large messages cost more', () => {
    let now = 0;
    const budget = createMessageBudget(2, () => now);
    const taken = (bytes = 10) => {
      let count = 0;
      while (budget.take(bytes)) count += 1;
      return count;
    };
    expect(taken()).toBe(20);
    now += 5_000;
    expect(taken()).toBe(9);
    now += 3_600_000;
    expect(taken(65_536)).toBe(4);
    expect(createMessageBudget(0, () => now).take(1_000_000)).toBe(true);
  });
});

describe('signs of life', () => {
  const create = () => {
    const socket = { bytesRead: 0, bytesWritten: 0, writableLength: 0 };
    return { socket, life: new SignsOfLife(socket) };
  };

  it('are asked for when nothing was heard or said, and missed at the next look', () => {
    const { socket, life } = create();
    socket.bytesRead = 10;
    expect([life.look(true), life.look(true), life.look(true)]).toEqual(['fine', 'ask', 'gone']);
  });

  it('are anything that comes', () => {
    const { socket, life } = create();
    const looks = Array.from({ length: 5 }, (_, round) => {
      socket.bytesRead += round === 0 ? 0 : 1;
      return life.look(false);
    });
    expect(looks).toEqual(['ask', 'ask', 'ask', 'ask', 'ask']);
    socket.bytesRead += 1;
    expect(life.look(true)).toBe('fine');
  });

  it('are of a slow reader that what waits for it moves on, and not that a network card took something', () => {
    const { socket, life } = create();
    const looks: string[] = [];
    // 100 bytes have gone, then 200; then nothing more goes
    for (const writableLength of [900, 800, 800]) {
      Object.assign(socket, { bytesWritten: 1_000, writableLength });
      looks.push(life.look(true));
    }
    expect(looks).toEqual(['ask', 'fine', 'ask']);
    expect(life.look(true)).toBe('gone');
    const silent = create();
    // All that is written goes, and nothing comes
    silent.socket.bytesWritten = 100;
    expect(silent.life.look(true)).toBe('ask');
    silent.socket.bytesWritten = 200;
    expect(silent.life.look(true)).toBe('gone');
  });
});

describe('a connection that is half open', () => {
  it('is found and closed, and others, which answer without knowing of it, stay', async () => {
    // What a door uses of the hub while nobody asks for an operation
    const hub = {
      limits: defaultLimits,
      metrics: createMetrics(),
      log: silentLog,
      identity: { identify: () => visitor },
    } as unknown as Hub;
    const sender = createSenderCheck({ allowedHosts: [], allowedOrigins: [] });
    const upgrades = createWebSocketDoor({ hub, live: null, sender, jsonBounds: { nesting: 50, keys: 100 }, roundMs: 64 });
    const server = createHttpServer({
      handler: () => Promise.reject(new Error()),
      sender,
      log: silentLog,
      stopMs: 100,
      onRunning: () => undefined,
      upgrades,
    });
    const { port } = await server.listen(0, '127.0.0.1');
    const living = await openTalk(`ws://127.0.0.1:${port}/graphql`);
    const dead = connect(port, '127.0.0.1');
    const lines = [
      'GET /graphql HTTP/1.1',
      `Host: 127.0.0.1:${port}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
    ];
    dead.write(`${[...lines, 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', `Sec-WebSocket-Protocol: ${PROTOCOL}`].join('\r\n')}\r\n\r\n`);
    dead.resume();
    dead.on('error', () => undefined);
    await once(dead, 'close');
    for (let count = 0; count < 3; count += 1) expect(await living.hear()).toEqual({ type: 'ping' });
    expect(living.ws.readyState).toBe(living.ws.OPEN);
    living.ws.terminate();
    await server.stop();
  });
});
