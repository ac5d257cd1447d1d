/**
 * What one small request costs the gateway itself: CPU time of this process per request for `{ x }` over HTTP, with a subgraph that is
 * a function. Beside it a bare node:http server that reads the same body and writes the same bytes, and the pipeline without HTTP.
 * The client is another process. `npm run bench:tiny`, optionally `-- --requests 50000`.
 */
import { fork } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { argv, cpuUsage, exit } from 'node:process';
import { fileURLToPath } from 'node:url';
import { composeSupergraph } from '../engine/compose/index.ts';
import { startGateway } from '../gateway/gateway.ts';
import { defaultLimits } from '../gateway/pipeline/limits.ts';
import { realClock } from '../lib/clock/clock.ts';
import { createLog } from '../lib/log/log.ts';

const connections = 20;
const warmUp = 5_000;
const body = JSON.stringify({ query: '{ x }' });

if (argv[2] === '--client') await runClient(Number(argv[3]), Number(argv[4]));
else await runBench(readCount());

function readCount(): number {
  const at = argv.indexOf('--requests');
  return at === -1 ? 30_000 : Number(argv[at + 1]);
}

async function runBench(requests: number): Promise<void> {
  const bare = createServer(answerBare);
  await new Promise<void>((resolve) => bare.listen(0, '127.0.0.1', resolve));
  // A server that listens on a port has an AddressInfo
  const { port } = bare.address() as AddressInfo;
  const bareUs = await measure(port, requests);
  bare.close();
  const gateway = await startTinyGateway();
  const gatewayUs = await measure(gateway.port, requests);
  await gateway.stop();
  console.log(`bare node:http        ${bareUs.toFixed(1)} µs CPU per request`);
  console.log(`gateway               ${gatewayUs.toFixed(1)} µs CPU per request`);
  console.log(`of which the gateway  ${(gatewayUs - bareUs).toFixed(1)} µs`);
  exit(0);
}

/** Logs are made as in production and go nowhere. */
async function startTinyGateway() {
  const composed = composeSupergraph([{ name: 'one', url: 'http://127.0.0.1:1/graphql', sdl: 'type Query { x: String }' }]);
  if (composed.kind === 'failed') throw new Error('The supergraph of the bench does not compose.');
  const answer = Promise.resolve({ kind: 'response' as const, status: 200, text: '{"data":{"x":"y"}}' });
  return startGateway({
    host: '127.0.0.1',
    port: 0,
    mayMovePort: false,
    development: false,
    version: '0',
    source: { kind: 'sdl', sdl: composed.supergraphSdl },
    subgraphUrls: new Map(),
    lastGoodFile: null,
    identity: { kind: 'none' },
    principalKeys: null,
    limits: defaultLimits,
    allowedHosts: [],
    allowedOrigins: [],
    clock: realClock,
    log: createLog({ service: 'gateway', stream: { write: () => true } }),
    metricsOfProcess: true,
    fetcher: () => answer,
  });
}

function answerBare(message: IncomingMessage, response: ServerResponse): void {
  message.on('data', () => undefined);
  message.on('end', () => {
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': 18 });
    response.end('{"data":{"x":"y"}}');
  });
}

/** Microseconds of CPU time of this process per request. */
async function measure(port: number, requests: number): Promise<number> {
  await ask(port, warmUp);
  const before = cpuUsage();
  await ask(port, requests);
  const { user, system } = cpuUsage(before);
  return (user + system) / requests;
}

function ask(port: number, requests: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), ['--client', String(port), String(requests)]);
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`The client ended with ${code}.`))));
  });
}

/** Sends the request over and over on each connection, one after the other. */
async function runClient(port: number, requests: number): Promise<void> {
  const raw = `POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  let left = requests;
  await Promise.all(
    Array.from(
      { length: connections },
      () =>
        new Promise<void>((resolve, reject) => {
          const socket = connect(port, '127.0.0.1');
          const next = () => {
            if (left <= 0) return void socket.end(resolve);
            left -= 1;
            socket.write(raw);
          };
          socket.setNoDelay(true);
          socket.on('connect', next);
          socket.on('error', reject);
          socket.on('data', (chunk) => {
            if (!chunk.includes('HTTP/1.1 200') || !chunk.includes('"x":"y"')) reject(new Error(`Wrong answer: ${chunk.toString()}`));
            else next();
          });
        }),
    ),
  );
  exit(0);
}
