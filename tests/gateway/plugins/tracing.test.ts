/** The plugin tracing, against a receiver of OTLP over HTTP on this machine. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tracing } from '../../../gateway/plugins/tracing.ts';
import { silentLog } from '../../../lib/log/log.ts';
import { createShop, startShopGateway } from '../kit.ts';

type Attribute = { key: string; value: { stringValue?: string; intValue?: number; boolValue?: boolean } };
type Span = {
  name: string;
  kind: number;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  attributes: Attribute[];
  status: { code?: number };
};
type Export = { resourceSpans: { resource: { attributes: Attribute[] }; scopeSpans: { spans: Span[] }[] }[] };

let receiver: Server;
let endpoint: string;
let paths: string[];
let texts: string[];
beforeEach(async () => {
  paths = [];
  texts = [];
  receiver = createServer((message, response) => {
    let body = '';
    message.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    message.on('end', () => {
      paths.push(message.url ?? '');
      texts.push(body);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  // A server that listens on a port has such an address
  endpoint = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
});
afterEach(async () => {
  const closed = once(receiver, 'close');
  receiver.close();
  receiver.closeAllConnections();
  await closed;
});

const readExports = (): Export[] => texts.map((text) => JSON.parse(text) as Export);
const readSpans = (): Span[] =>
  readExports().flatMap(({ resourceSpans }) => resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)));
const findSpan = (name: string): Span => {
  const found = readSpans().find((span) => span.name === name);
  if (!found)
    throw new Error(
      `no span ${name} among ${readSpans()
        .map((span) => span.name)
        .join()}`,
    );
  return found;
};
const valuesOf = ({ attributes }: Span) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue ?? value.boolValue]));

const traceId = '0af7651916cd43dd8448eb211c80319c';
const parentId = 'b7ad6b7169203331';
const query = 'query Crate($id: ID!) { crate(id: $id) { name } echo(text: "a literal") }';
const short = '{ crate(id: "1") { name } }';

async function startTraced() {
  const shop = createShop();
  const headers: Readonly<Record<string, string>>[] = [];
  const gateway = await startShopGateway({
    plugins: [tracing({ endpoint: `${endpoint}/`, version: '1.2.3', log: silentLog })],
    fetcher: (request) => {
      headers.push(request.headers ?? {});
      return shop.fetcher(request);
    },
  });
  return { gateway, headers };
}

describe('tracing', () => {
  it('sends a span for the request, the plan and each fetch when the gateway stops, in the trace of the client', async () => {
    const { gateway, headers } = await startTraced();
    const sent = { traceparent: `00-${traceId}-${parentId}-01`, tracestate: 'vendor=1' };
    expect((await gateway.post({ query, variables: { id: '1' } }, sent)).body.errors).toBeUndefined();
    await gateway.stop();
    expect(new Set(paths)).toEqual(new Set(['/v1/traces']));
    const [request, plan, fetch] = [findSpan('query Crate'), findSpan('plan'), findSpan('fetch shop')];
    expect([request.traceId, request.parentSpanId, request.kind]).toEqual([traceId, parentId, 2]);
    expect([plan.parentSpanId, fetch.parentSpanId, fetch.kind]).toEqual([request.spanId, request.spanId, 3]);
    expect(valuesOf(request)).toMatchObject({ 'graphql.operation.name': 'Crate', 'http.response.status_code': 200, 'answer.errors': 0 });
    expect(valuesOf(plan)).toMatchObject({ 'plan.fetches': 1, 'plan.levels': 1, 'plan.known': false });
    expect(valuesOf(fetch)).toMatchObject({ 'subgraph.name': 'shop', 'http.response.status_code': 200 });
    // The subgraph is told which span it works for
    expect(headers[0]).toMatchObject({ traceparent: `00-${traceId}-${fetch.spanId}-01`, tracestate: 'vendor=1' });
    const [first] = readExports();
    expect(first?.resourceSpans[0]?.resource.attributes).toContainEqual({ key: 'service.version', value: { stringValue: '1.2.3' } });
  });

  it('never sends a variable, a literal, a token, a message or a document', async () => {
    const { gateway } = await startTraced();
    await gateway.post({ query, variables: { id: 'a secret variable' } }, { 'x-any': 'a-secret-token' });
    await gateway.post({ query: '{ broken }' });
    await gateway.post({ query: '{ noSuchField(secret: 1) }' });
    await gateway.stop();
    expect(readSpans().length).toBeGreaterThan(5);
    for (const secret of ['a secret variable', 'a literal', 'a-secret-token', 'noSuchField', '/srv/data', '{ crate'])
      expect(texts.join('\n')).not.toContain(secret);
  });

  it.each([
    ['no traceparent', {}],
    ['one that is no traceparent', { traceparent: '00-zz-11-01' }],
    ['one of zeros', { traceparent: `00-${'0'.repeat(32)}-${parentId}-01` }],
    ['one of a forbidden version', { traceparent: `ff-${traceId}-${parentId}-01` }],
  ])('begins a trace of its own with %s', async (_, sent) => {
    const { gateway, headers } = await startTraced();
    await gateway.post({ query: short }, { ...sent });
    await gateway.stop();
    const request = findSpan('query');
    expect([request.traceId === traceId, request.parentSpanId ?? '']).toEqual([false, '']);
    expect(headers[0]?.['traceparent']).toContain(request.traceId);
  });

  it('sends nothing of a trace that the client does not sample, and says so to subgraphs', async () => {
    const { gateway, headers } = await startTraced();
    await gateway.post({ query: short }, { traceparent: `00-${traceId}-${parentId}-00` });
    await gateway.stop();
    expect([texts, headers[0]?.['traceparent']?.slice(-3)]).toEqual([[], '-00']);
  });

  it('marks what failed, with its code', async () => {
    const { gateway } = await startTraced();
    await gateway.post({ query: '{ noSuchField }' });
    await gateway.stop();
    const request = findSpan('request');
    expect(request.status.code).toBe(2);
    expect(valuesOf(request)).toMatchObject({ 'error.type': 'GRAPHQL_VALIDATION_FAILED', 'http.response.status_code': 400 });
  });

  it('fails no request when the collector is away, and says it once', async () => {
    const warnings: unknown[] = [];
    const log = { ...silentLog, warn: (fields: unknown) => void warnings.push(fields) };
    const gateway = await startShopGateway({ plugins: [tracing({ endpoint: 'http://127.0.0.1:1', version: '1', log })] });
    for (let index = 0; index < 3; index += 1) expect((await gateway.post({ query: short })).status).toBe(200);
    await gateway.stop();
    expect(warnings.length).toBeLessThanOrEqual(1);
  });
});
