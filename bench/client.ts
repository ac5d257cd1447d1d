/**
 * `npm run bench:client`: CPU time of this process for one request to a subgraph, by client. The subgraph is a stand-in in a process of
 * its own, so only the asking side is measured; clients take turns and medians are told, because other work on a machine disturbs.
 */
import { fork } from 'node:child_process';
import { Pool, request } from 'undici';
import { Cancel } from '../gateway/execute/subgraph/cancel.ts';
import { createHttpClient } from '../gateway/execute/subgraph/http-client.ts';
import { createSubgraphClient } from '../gateway/execute/subgraph/index.ts';

const rounds = Number(process.argv[2] ?? 7);
const requestsPerRound = 10_000;
const inFlight = 50;
const answerSizes = [200, 20_000];
const body = JSON.stringify({
  query: 'query($representations:[_Any!]!){_entities(representations:$representations){...on Product{name price weight}}}',
});
const headers = { 'x-request-id': '0195f1c2-7a3e-7b40-9c1d-2f6a8b3c4d5e' };

type Ask = () => Promise<string>;
type Client = { readonly name: string; readonly ask: Ask; readonly close: () => Promise<void> };

function createClients(url: string): Client[] {
  const { origin, pathname } = new URL(url);
  const jsonHeaders = { ...headers, 'content-type': 'application/json', accept: 'application/graphql-response+json, application/json' };
  const requestPool = new Pool(origin, { connections: inFlight, pipelining: 1 });
  const dispatchPool = new Pool(origin, { connections: inFlight, pipelining: 1 });
  const http = createHttpClient({ maxResponseBytes: 16_777_216 });
  const steps = createSubgraphClient();
  const graph = { id: 0, name: 'mill', url };
  const { signal } = new AbortController();
  const asDispatch: Ask = () =>
    new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      dispatchPool.dispatch(
        { method: 'POST', path: pathname, headers: jsonHeaders, body },
        {
          onRequestStart: () => undefined,
          onResponseStart: () => undefined,
          onResponseData: (_controller, chunk) => void chunks.push(chunk),
          onResponseEnd: () => resolve(Buffer.concat(chunks).toString()),
          onResponseError: (_controller, error) => reject(error),
        },
      );
    });
  return [
    {
      name: 'undici request',
      ask: async () => (await request(url, { method: 'POST', dispatcher: requestPool, headers: jsonHeaders, body })).body.text(),
      close: () => requestPool.close(),
    },
    { name: 'undici dispatch', ask: asDispatch, close: () => dispatchPool.close() },
    {
      name: 'own client',
      ask: async () => (await http.post({ subgraph: 'mill', url, headers, body, cancel: new Cancel() })).text,
      close: () => http.close(),
    },
    {
      name: 'own client in all steps',
      ask: async () => (await steps.fetch({ graph, kind: 'query', body, headers, shareKey: null, signal })).text,
      close: () => steps.close(),
    },
  ];
}

/** Microseconds of CPU, user and system, for one request. */
async function measure(ask: Ask, answerBytes: number): Promise<number> {
  const run = async () => {
    for (let count = 0; count < requestsPerRound / inFlight; count += 1) {
      const text = await ask();
      if (text.length !== answerBytes) throw new Error(`Expected ${answerBytes} characters, got ${text.length}.`);
    }
  };
  const before = process.cpuUsage();
  await Promise.all(Array.from({ length: inFlight }, run));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / requestsPerRound;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function startStandIn(answerBytes: number): Promise<{ url: string; stop: () => void }> {
  const child = fork(new URL('./client-stand-in.mjs', import.meta.url), [String(answerBytes)]);
  const port = await new Promise((resolve) => child.once('message', resolve));
  return { url: `http://127.0.0.1:${String(port)}/graphql`, stop: () => void child.kill() };
}

for (const answerBytes of answerSizes) {
  const standIn = await startStandIn(answerBytes);
  const clients = createClients(standIn.url);
  const taken = new Map<string, number[]>(clients.map(({ name }) => [name, []]));
  for (const { ask } of clients) await measure(ask, answerBytes);
  for (let round = 0; round < rounds; round += 1)
    for (const { name, ask } of clients) taken.get(name)?.push(await measure(ask, answerBytes));
  process.stdout.write(`\nAnswers of ${answerBytes} bytes, ${inFlight} in flight, median of ${rounds} rounds of ${requestsPerRound}\n`);
  for (const [name, values] of taken) process.stdout.write(`  ${name.padEnd(26)} ${median(values).toFixed(1)} µs\n`);
  await Promise.all(clients.map(({ close }) => close()));
  standIn.stop();
}
