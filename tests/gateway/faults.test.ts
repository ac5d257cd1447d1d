/** What subgraphs do wrong, one after the other, to a real gateway over loopback. */
import type { Socket } from 'node:net';
import { toHttp, type Reply } from './execute/raw-server.ts';
import { both, crates, startBefore as start, stopAll, whole } from './faulty-mill.ts';

afterEach(stopAll);

describe('F1 a subgraph killed in the middle of a query', () => {
  it.each<[string, (socket: Socket) => void]>([
    ['before headers', (socket) => socket.resetAndDestroy()],
    ['in the middle of the headers', (socket) => void socket.end(whole.subarray(0, 12))],
    ['in the middle of the body', (socket) => void socket.end(whole.subarray(0, -9))],
  ])('%s costs its own fields, each told with its path; the other subgraph’s stand', async (_, kill) => {
    const { post } = await start(kill);
    const { body, status } = await post(both);
    expect(status).toBe(200);
    expect(body.data).toEqual({ crates, looms: null });
    expect(body.errors).toMatchObject([{ path: ['looms'], extensions: { code: 'SUBGRAPH_UNREACHABLE', service: 'mill' } }]);
  });
});

describe('F2 a slow subgraph', () => {
  it.each<[string, Reply]>([
    ['that never answers', () => undefined],
    [
      'that sends a byte now and then',
      (socket) => {
        let at = 0;
        const timer = setInterval(() => socket.write(whole.subarray(at, (at += 1))), 20);
        socket.on('close', () => clearInterval(timer));
      },
    ],
  ])('%s ends at its deadline; the other subgraph’s fields stand', async (_, mill) => {
    const { post } = await start(mill, { limits: { subgraphMs: 150 } });
    const { body } = await post(both);
    expect([body.data, body.errors?.[0]?.extensions.code]).toEqual([{ crates, looms: null }, 'SUBGRAPH_TIMEOUT']);
  });

  it('is asked no more than it may be at a time, then left alone, tried again, and asked as before', async () => {
    let isSlow = true;
    const { post, mill, url } = await start((socket) => void (isSlow ? undefined : socket.write(whole)), {
      limits: { subgraphMs: 800, subgraphConnections: 4, subgraphQueue: 2, breakerFailures: 4, breakerPauseMs: 3_000 },
    });
    const ask = async (first: number) => (await post({ query: `{ looms(first: ${first}) { name } }` })).code;
    const codes = await Promise.all(Array.from({ length: 10 }, (_, index) => ask(index)));
    expect(codes.filter((code) => code === 'SUBGRAPH_OVERLOADED').length).toBeGreaterThanOrEqual(4);
    expect(mill.requests.length).toBeLessThanOrEqual(6);
    const before = mill.requests.length;
    expect([await ask(50), mill.requests.length]).toEqual(['SUBGRAPH_UNAVAILABLE', before]);
    expect(await (await fetch(`${url}/ready`)).json()).toMatchObject({ ready: true, subgraphsLeftAlone: ['mill'] });
    isSlow = false;
    let code: string | undefined = 'SUBGRAPH_UNAVAILABLE';
    while (code === 'SUBGRAPH_UNAVAILABLE') code = await ask(51);
    expect(code).not.toBe('SUBGRAPH_TIMEOUT');
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain('ir_breaker_state{subgraph="mill"} 0');
  });

  it('costs operations that do not need it nothing: they are answered while it hangs', async () => {
    const held: Socket[] = [];
    const { post, mill } = await start((socket) => void held.push(socket), { limits: { subgraphConnections: 4, subgraphQueue: 100 } });
    let done = 0;
    const hanging = Array.from({ length: 30 }, async (_, index) => {
      const { body } = await post({ query: `{ looms(first: ${index}) { name } }` });
      done += 1;
      return body;
    });
    while (held.length < 4) await new Promise((resolve) => setImmediate(resolve));
    const unrelated = await Promise.all(Array.from({ length: 60 }, () => post({ query: '{ crates { name } }' })));
    expect(unrelated.map(({ body }) => body)).toEqual(unrelated.map(() => ({ data: { crates } })));
    expect([done, held.length, mill.open()]).toEqual([0, 4, 4]);
    while (done < hanging.length) {
      for (const socket of held.splice(0)) socket.write(whole);
      expect(mill.open()).toBeLessThanOrEqual(4);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await Promise.all(hanging)).toEqual(hanging.map(() => ({ data: { looms: [{ name: 'L' }] } })));
  });
});

describe('F3 a flapping subgraph', () => {
  it('costs queries nothing, and executes each mutation at most once', async () => {
    let mutations = 0;
    let requests = 0;
    const { post, mill } = await start(
      (socket, request) => {
        requests += 1;
        if (request.includes('mutation')) mutations += 1;
        if (requests % 4 === 1) socket.resetAndDestroy();
        else if (requests % 4 === 3) socket.write(toHttp('', { status: '503 Service Unavailable' }));
        else socket.write(request.includes('mutation') ? toHttp('{"data":{"weave":1}}') : whole);
      },
      { limits: { breakerFailures: 0 } },
    );
    for (let count = 0; count < 8; count += 1)
      expect((await post({ query: '{ looms { name } }' })).body).toEqual({ data: { looms: [{ name: 'L' }] } });
    expect(mill.requests).toHaveLength(16);
    const outcomes: (string | undefined)[] = [];
    for (let count = 0; count < 20; count += 1) outcomes.push((await post({ query: 'mutation { weave }' })).code);
    expect([mutations, outcomes.filter((code) => code === undefined).length]).toEqual([20, 10]);
  });

  it('executes no mutation twice, wherever in it the connection ends; and some reads are asked twice', async () => {
    const executed = new Map<string, number>();
    const reads = { asked: 0, answered: 0 };
    let turn = 0;
    const faults: readonly ((socket: Socket) => void)[] = [
      (socket) => socket.resetAndDestroy(),
      (socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 22\r\n\r\n{"data"', () => socket.resetAndDestroy()),
      (socket) => void socket.write(toHttp('', { status: '503 Service Unavailable' })),
      (socket) => void socket.end(),
    ];
    const { post } = await start(
      (socket, request) => {
        turn += 1;
        const id = /weave\(id: (\d+)\)/.exec(request)?.[1];
        if (id !== undefined) executed.set(id, (executed.get(id) ?? 0) + 1);
        else reads.asked += 1;
        // Every other one, each in its turn
        const fault = turn % 2 === 0 ? faults[(turn / 2) % faults.length] : undefined;
        if (fault !== undefined) fault(socket);
        else socket.write(id === undefined ? whole : toHttp('{"data":{"weave":1}}'));
      },
      { limits: { breakerFailures: 0 } },
    );
    let woven = 0;
    for (let id = 1; id <= 60; id += 4) {
      const batch = [0, 1, 2, 3].map((more) => post({ query: `mutation { weave(id: ${id + more}) }` }));
      const asked = post({ query: `{ looms(first: ${id}) { name } }` });
      for (const { body } of await Promise.all(batch)) woven += body.data?.['weave'] === 1 ? 1 : 0;
      if ((await asked).code === undefined) reads.answered += 1;
    }
    expect([executed.size, Math.max(...executed.values())]).toEqual([60, 1]);
    expect(woven).toBeGreaterThan(20);
    expect(woven).toBeLessThan(60);
    expect(reads.asked).toBeGreaterThan(15);
    expect(reads.answered).toBeGreaterThan(5);
  });
});

describe('F4 a lying subgraph', () => {
  const lies: readonly [string, Buffer][] = [
    ['no JSON', toHttp('<html>')],
    ['a list', toHttp('[]')],
    ['text that breaks off', toHttp('{"data":{"looms":[')],
    ['bytes that are no text', toHttp(Buffer.from([0xff, 0xfe]))],
    ['two lengths', Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}')],
    ['a packed answer', toHttp('{}', { headers: ['content-encoding: gzip'] })],
    ['a redirect', toHttp('', { status: '302 Found', headers: ['location: http://127.0.0.1:1/'] })],
    ['something else than a list', toHttp('{"data":{"looms":{"name":"L"}}}')],
    [
      'keys of the prototype',
      toHttp('{"data":{"__proto__":{"x":1},"looms":[{"__proto__":{"x":1},"constructor":{"prototype":{"x":1}},"name":null}]}}'),
    ],
  ];

  it.each(lies)('with %s costs its own fields only, and changes no prototype', async (_, answer) => {
    const { post } = await start((socket) => socket.write(answer));
    const { body } = await post(both);
    expect(body.data?.['crates']).toEqual(crates);
    expect(JSON.stringify(body.data?.['looms'])).toMatch(/^(null|\[\{"name":null\}\])$/);
    expect('x' in {}).toBe(false);
  });

  it.each([
    ['too short a list of entities', '{"data":{"_entities":[{"wood":"oak"}]}}'],
    ['too long a list of entities', '{"data":{"_entities":[{"wood":"oak"},{"wood":"ash"},{"wood":"elm"}]}}'],
    ['null where none may be', '{"data":{"_entities":[null,null]}}'],
    ['lists nested 100,000 deep in the place of entities', `{"data":{"_entities":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`],
  ])('with %s isolates the error', async (_, answer) => {
    const { post } = await start((socket) => socket.write(toHttp(answer)));
    const { body, status } = await post({ query: '{ crates { name wood } }' });
    expect(status).toBe(200);
    expect(body.data).toMatchObject({ crates });
  });

  it('with a value nested 100,000 deep loses that value', async () => {
    const deep = `${'{"a":['.repeat(50_000)}${']}'.repeat(50_000)}`;
    const { post } = await start((socket) => socket.write(toHttp(`{"data":{"blob":${deep}}}`)));
    const { body } = await post({ query: '{ crates { name } blob }' });
    expect(body.data).toEqual({ crates, blob: null });
  });

  it('with 200 MB is not read to its end', async () => {
    let sent = 0;
    const { post } = await start((socket) => {
      const piece = Buffer.alloc(1_000_000, 'x');
      const send = (error?: Error | null) => {
        if (sent >= 200 || (error ?? null) !== null) return;
        sent += 1;
        socket.write(`${piece.length.toString(16)}\r\n`);
        socket.write(piece);
        socket.write('\r\n', send);
      };
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', send);
    });
    const { body } = await post(both);
    expect([body.data, body.errors?.[0]?.extensions.code]).toEqual([{ crates, looms: null }, 'SUBGRAPH_RESPONSE_TOO_LARGE']);
    expect(sent).toBeLessThan(60);
  });

  it('with 10,000 errors is told with so many, and how many there are', async () => {
    const errors = Array.from({ length: 10_000 }, (_, index) => ({ message: `error ${index}` }));
    const { post } = await start((socket) => socket.write(toHttp(JSON.stringify({ data: { looms: null }, errors }))), {
      limits: { errors: 50 },
    });
    const { body } = await post(both);
    expect(body.data).toEqual({ crates, looms: null });
    expect(body.errors).toHaveLength(51);
    expect(body.errors?.at(-1)).toMatchObject({ message: '9950 further errors are not shown.', extensions: { code: 'ERRORS_NOT_SHOWN' } });
  });
});
