/** What `/metrics` says, after requests through the whole gateway to subgraphs over HTTP. */
import { composeSupergraph } from '../../engine/compose/index.ts';
import { createMetrics } from '../../gateway/pipeline/metrics.ts';
import { readPage } from '../docs/pages.ts';
import { startRawServer, toHttp, type Reply } from './execute/raw-server.ts';
import { startShopGateway } from './kit.ts';

type Started = Awaited<ReturnType<typeof startShopGateway>> & { read(): Promise<Map<string, number>> };
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

/** Series as they stand there, with their values. */
function parseSeries(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
}

async function start(reply: Reply, options: Parameters<typeof startShopGateway>[0] = {}): Promise<Started> {
  const server = await startRawServer(reply);
  const sdl = 'type Query { a: String b: String list(first: Int): [Int] } type Mutation { write: Int }';
  const composed = composeSupergraph([{ name: 'mill', url: server.url, sdl }]);
  if (composed.kind === 'failed') throw new Error('does not compose');
  const gateway = await startShopGateway({ overHttp: true, source: { kind: 'sdl', sdl: composed.supergraphSdl }, ...options });
  stops.push(
    () => server.stop(),
    () => gateway.stop(),
  );
  return { ...gateway, read: async () => parseSeries(await (await fetch(`${gateway.url}/metrics`)).text()) };
}

const answer = (body: string): Reply => {
  return (socket) => socket.write(toHttp(body));
};

describe('/metrics', () => {
  it('counts requests by operation and outcome, and how long they took', async () => {
    const { post, read } = await start(
      answer('{"data":{"a":"A","b":null},"errors":[{"message":"no","path":["b"],"extensions":{"code":"NO_B"}}]}'),
    );
    await post({ query: 'query Whole { a }' });
    await post({ query: 'query Part { a b }' });
    await post({ query: '{ nothing }' });
    await post('nonsense');
    const series = await read();
    const outcome = (operation: string, kind: string, of: string) =>
      series.get(`ir_operations_total{member="nobody",operation="${operation}",kind="${kind}",outcome="${of}"}`);
    expect([outcome('Whole', 'query', 'ok'), outcome('Part', 'query', 'partial')]).toEqual([1, 1]);
    expect(outcome('unknown', 'unknown', 'GRAPHQL_VALIDATION_FAILED')).toBe(1);
    expect(series.get('ir_operation_seconds_count{kind="query"}')).toBe(2);
    expect(series.get('ir_requests_running')).toBeDefined();
    expect(series.get('ir_supergraphs_total')).toBe(1);
  });

  it('counts errors by their code, of subgraphs too; a code that is none is not taken', async () => {
    const codes = ['NO_B', 'NO_B', 'x'.repeat(101), 'a b', 'q"} 1\nir_evil 1', ''];
    const errors = codes.map((code) => ({ message: 'no', path: ['b'], extensions: { code } }));
    const { post, read } = await start(answer(JSON.stringify({ data: { b: null }, errors })));
    await post({ query: '{ b }' });
    await post({ query: '{ nothing }' });
    const series = await read();
    const counted = [...series].filter(([name]) => name.startsWith('ir_errors_total'));
    expect(counted).toEqual([
      ['ir_errors_total{code="NO_B"}', 2],
      ['ir_errors_total{code="SUBGRAPH_ERROR"}', 4],
      ['ir_errors_total{code="GRAPHQL_VALIDATION_FAILED"}', 1],
    ]);
  });

  it('counts fetches by outcome, further attempts, their time, and how answers were joined', async () => {
    let requests = 0;
    const { post, read } = await start((socket, request) => {
      requests += 1;
      if (requests === 1) socket.write(toHttp('', { status: '503 Service Unavailable' }));
      else socket.write(toHttp(request.includes('write') ? '<html>' : '{"data":{"a":"A"}}', { status: '200 OK' }));
    });
    await post({ query: '{ a }' });
    await post({ query: 'mutation { write }' });
    const series = await read();
    expect(series.get('ir_fetches_total{subgraph="mill",outcome="ok"}')).toBe(2);
    expect(series.get('ir_fetch_retries_total{subgraph="mill"}')).toBe(1);
    expect(series.get('ir_fetch_seconds_count{subgraph="mill"}')).toBe(2);
    const paths = ['splice', 'object', 'fallback'].map((path) => series.get(`ir_answers_total{path="${path}"}`) ?? 0);
    expect(paths.reduce((sum, count) => sum + count, 0)).toBe(2);
  });

  it('counts what the plan cache gives and lacks', async () => {
    const { post, read } = await start(answer('{"data":{"a":"A"}}'));
    for (const query of ['{ a }', '{ a }', 'query Other { a }', '{ a }']) await post({ query });
    const series = await read();
    expect([series.get('ir_plans_total{result="hit"}'), series.get('ir_plans_total{result="miss"}')]).toEqual([2, 2]);
  });

  it('counts fetches that share the answer of an equal one', async () => {
    const held: (() => void)[] = [];
    const { post, read } = await start((socket) => void held.push(() => socket.write(toHttp('{"data":{"a":"A"}}'))));
    const asked = [1, 2, 3].map(() => post({ query: '{ a }' }));
    for (let shared = 0; shared < 2;) shared = (await read()).get('ir_fetches_shared_total{subgraph="mill"}') ?? 0;
    for (const release of held) release();
    await Promise.all(asked);
    const series = await read();
    expect([
      held.length,
      series.get('ir_fetches_shared_total{subgraph="mill"}'),
      series.get('ir_fetches_total{subgraph="mill",outcome="ok"}'),
    ]).toEqual([1, 2, 3]);
  });

  it('shows the breaker open, half open and closed', async () => {
    let reply: Reply = (socket) => socket.resetAndDestroy();
    const { post, read } = await start((...args) => reply(...args), { limits: { breakerFailures: 2, breakerPauseMs: 1, retries: 0 } });
    const state = async () => (await read()).get('ir_breaker_state{subgraph="mill"}');
    await post({ query: '{ a }' });
    expect(await state()).toBeUndefined();
    await post({ query: '{ a }' });
    expect(await state()).toBe(2);
    const held: (() => void)[] = [];
    reply = (socket) => void held.push(() => socket.write(toHttp('{"data":{"a":"A"}}')));
    await new Promise((resolve) => setTimeout(resolve, 5));
    const probe = post({ query: '{ a }' });
    while ((await state()) === 2 || held.length === 0);
    expect(await state()).toBe(1);
    for (const release of held) release();
    await probe;
    expect(await state()).toBe(0);
  });
});

describe('the series', () => {
  it('stand all on the page about them, and no others do', async () => {
    const { text } = await createMetrics().print();
    const series = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
    const shown = [...readPage('docs/metrics.md').matchAll(/^\| `(ir_\w+)` \|/gm)].map(([, name]) => name);
    expect(new Set(shown)).toEqual(new Set(series));
  });

  it('hold only so many names, and none that is longer than a name', async () => {
    const metrics = createMetrics();
    const use = { member: 'mem_1', kind: 'query', outcome: 'ok', seconds: 0, coordinates: [] };
    for (let index = 0; index <= 1_000; index += 1) metrics.countOperation({ ...use, operation: `Operation${index}` });
    metrics.countOperation({ ...use, member: 'm'.repeat(201), operation: 'o'.repeat(201), outcome: 'C'.repeat(201) });
    metrics.countErrors([...Array.from({ length: 1_005 }, (_, index) => `CODE_${index}`), 'C'.repeat(201)]);
    const series = parseSeries((await metrics.print()).text);
    const names = [...series.keys()];
    expect(names.filter((name) => name.startsWith('ir_operations_total'))).toHaveLength(1_002);
    expect(series.get('ir_operations_total{member="mem_1",operation="other",kind="query",outcome="ok"}')).toBe(1);
    expect(series.get('ir_operations_total{member="other",operation="other",kind="query",outcome="other"}')).toBe(1);
    expect(names.filter((name) => name.startsWith('ir_errors_total')).length).toBeLessThanOrEqual(1_001);
    expect(Math.max(...names.map((name) => name.length))).toBeLessThan(300);
  });
});
