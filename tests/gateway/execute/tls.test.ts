/** Subgraphs behind TLS: whose certificate is taken, and that nothing is sent to anybody else. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createPlain, type AddressInfo, type LookupFunction, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type TlsOptions } from 'node:tls';
import { promisify } from 'node:util';
import { createSubgraphClient, type SubgraphClientOptions } from '../../../gateway/execute/index.ts';
import { fromRoot } from '../../../lib/paths.ts';
import { createAuthority, type Certificate } from '../../_kit/certificates.ts';
import { outcomeOf, toRequest } from './steps-kit.ts';

const authority = createAuthority();
const toLoopback: LookupFunction = (_, { all }, callback) =>
  all === true ? callback(null, [{ address: '127.0.0.1', family: 4 }]) : callback(null, '127.0.0.1', 4);
const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

type Subgraph = { readonly port: number; readonly seen: string[]; connections(): number };

async function listen(server: Server, seen: string[]): Promise<Subgraph> {
  let connections = 0;
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket: { destroy(): void }) => {
    connections += 1;
    sockets.add(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  // A listening TCP server has an address with a port
  return { port: (server.address() as AddressInfo).port, seen, connections: () => connections };
}

function startTls({ cert, key }: Certificate, options: TlsOptions = {}): Promise<Subgraph> {
  const seen: string[] = [];
  const server = createServer({ cert, key, ...options }, (socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      seen.push(bytes.toString());
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n{"data":{}}');
    });
  });
  server.on('tlsClientError', () => undefined);
  return listen(server, seen);
}

function createAsk(options: SubgraphClientOptions = {}) {
  const client = createSubgraphClient({ lookup: toLoopback, ca: authority.ca, retries: 0, breakerFailures: 0, ...options });
  stops.push(() => client.close());
  return (url: string) => outcomeOf(client.fetch(toRequest({ graph: { id: 0, name: 'mill', url }, shareKey: null })));
}

const answered = '{"data":{}}';

describe('a subgraph behind TLS', () => {
  it('is asked when a CA that is trusted says that it is who it should be, by name and by address', async () => {
    const { port, seen, connections } = await startTls(authority.issue(['mill.test', '127.0.0.1']));
    const ask = createAsk();
    for (let count = 0; count < 3; count += 1) expect(await ask(`https://mill.test:${port}/graphql`)).toBe(answered);
    expect(await ask(`https://127.0.0.1:${port}/graphql`)).toBe(answered);
    expect([seen.length, connections()]).toEqual([4, 2]);
    expect(seen[0]).toMatch(new RegExp(`^POST /graphql HTTP/1.1\r\nhost: mill.test:${port}\r\n`));
  });

  it.each<[string, () => Certificate, SubgraphClientOptions]>([
    ['is of another name', () => authority.issue(['weaver.test']), {}],
    ['is of a name below', () => authority.issue(['a.mill.test']), {}],
    ['is of the address only', () => authority.issue(['127.0.0.1']), {}],
    ['is over', () => authority.issue(['mill.test'], { from: -3, to: -1 }), {}],
    ['is not begun', () => authority.issue(['mill.test'], { from: 1, to: 3 }), {}],
    ['is of another CA, of the same name', () => createAuthority().issue(['mill.test']), {}],
    ['is of a CA that nobody was told of', () => authority.issue(['mill.test']), { ca: createAuthority('Another CA').ca }],
  ])('is not asked when its certificate %s: not a byte of the request is sent', async (_, issue, options) => {
    const { port, seen } = await startTls(issue());
    expect(await createAsk(options)(`https://mill.test:${port}/graphql`)).toBe('SUBGRAPH_UNREACHABLE');
    expect(seen).toEqual([]);
  });

  it('is not asked in the clear, nor by a version of TLS that is broken', async () => {
    const seen: string[] = [];
    const plain = await listen(
      createPlain((socket) => {
        socket.on('error', () => undefined);
        socket.on('data', (bytes: Buffer) => {
          seen.push(bytes.toString());
          socket.end('HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n{"data":{}}');
        });
      }),
      seen,
    );
    const ask = createAsk();
    expect(await ask(`https://mill.test:${plain.port}/`)).toBe('SUBGRAPH_UNREACHABLE');
    expect(seen.join()).not.toContain('POST');
    const old = await startTls(authority.issue(['mill.test']), { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' });
    expect(await ask(`https://mill.test:${old.port}/`)).toBe('SUBGRAPH_UNREACHABLE');
    expect(old.seen).toEqual([]);
  });

  it('that does not end its handshake is given up in time', async () => {
    const silent = await listen(
      createPlain((socket) => void socket.on('error', () => undefined)),
      [],
    );
    expect(await createAsk({ timeoutMs: 50 })(`https://mill.test:${silent.port}/`)).toBe('SUBGRAPH_TIMEOUT');
  });

  it('is trusted by the certificates of NODE_EXTRA_CA_CERTS', async () => {
    const { port, seen } = await startTls(authority.issue(['127.0.0.1']));
    const folder = await mkdtemp(join(tmpdir(), 'tls-'));
    stops.push(() => rm(folder, { recursive: true }));
    const file = join(folder, 'ca.pem');
    await writeFile(file, authority.ca);
    const program = `
      import { createSubgraphClient } from ${JSON.stringify(fromRoot('gateway/execute/index.ts'))};
      const client = createSubgraphClient({ retries: 0 });
      const graph = { id: 0, name: 'mill', url: 'https://127.0.0.1:${port}/' };
      const asked = client.fetch({ graph, kind: 'query', body: '{}', signal: new AbortController().signal });
      console.log(await asked.then(({ text }) => text, ({ code }) => code));
      await client.close();`;
    const run = async (env: NodeJS.ProcessEnv) => {
      const args = ['--import', 'tsx', '--input-type=module', '-e', program];
      return (await promisify(execFile)(process.execPath, args, { cwd: fromRoot('.'), env: { ...process.env, ...env } })).stdout.trim();
    };
    expect([await run({ NODE_EXTRA_CA_CERTS: file }), seen.length]).toEqual([answered, 1]);
    expect([await run({ NODE_EXTRA_CA_CERTS: '' }), seen.length]).toEqual(['SUBGRAPH_UNREACHABLE', 1]);
  }, 30_000);
});
