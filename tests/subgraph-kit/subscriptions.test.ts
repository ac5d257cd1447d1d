/** What a subgraph answers when it is asked for a subscription itself, on either library: a refusal, and the next request is served. */
import { realClock } from '../../lib/clock/clock.ts';
import { createPublicKeys, createSigningKey, PRINCIPAL_HEADER, signPrincipal, toJwks, type HubKeys } from '../../lib/identity/index.ts';
import { silentLog } from '../../lib/log/log.ts';
import type { SubgraphContext } from '../../subgraph-kit/context.ts';
import { createSubgraphSchema, readSdl } from '../../subgraph-kit/schema.ts';
import { createSubgraphServer, type SubgraphServer } from '../../subgraph-kit/server/server.ts';
import { downstream } from '../../subgraphs/downstream/downstream.ts';
import { midstream } from '../../subgraphs/midstream/midstream.ts';
import { routing } from '../../subgraphs/routing/routing.ts';
import { upstream } from '../../subgraphs/upstream/upstream.ts';
import { hub } from '../_kit/subgraph.ts';

const definitions = [downstream, midstream, routing, upstream];
const subscriptions: Readonly<Record<string, string>> = {
  downstream: 'subscription Follow($id: ID) { demandChanged(demandLineId: $id) { demandLineId } }',
  midstream: 'subscription Moved { shipmentMoved { gsin status } }',
  routing: 'subscription Ended { runCompleted { runId } }',
  upstream: 'subscription Lots { lotProgressed { ...Lot } } fragment Lot on ProductionLot { lotId }',
};

let keys: HubKeys;
const servers = new Map<string, SubgraphServer>();

beforeAll(async () => {
  keys = { issuer: await createSigningKey(), principal: await createSigningKey(), cursorKey: new Uint8Array(32) };
  const publicKeys = await createPublicKeys(toJwks(keys.principal));
  for (const { name, library, resolvers, mutations } of definitions) {
    const server = createSubgraphServer({
      subgraph: name,
      library,
      schema: createSubgraphSchema({ sdl: readSdl(name), resolvers, mutations }),
      host: '127.0.0.1',
      port: 0,
      keys: publicKeys,
      clock: realClock,
      log: silentLog,
      // Nothing here gets as far as a resolver that reads it
      contextOf: ({ principal, requestId }) => ({ principal, requestId }) as SubgraphContext<never>,
      probe: async () => undefined,
    });
    await server.start(new AbortController().signal);
    servers.set(name, server);
  }
});
afterAll(async () => {
  for (const server of servers.values()) await server.stop();
});

type Answer = { data?: unknown; errors?: { message: string; extensions: { code: string } }[] };

async function ask(name: string, init: RequestInit, search = ''): Promise<Answer> {
  const headers = {
    'content-type': 'application/json',
    [PRINCIPAL_HEADER]: await signPrincipal(keys, hub, name, 'req_1'),
    ...(init.headers as Record<string, string> | undefined),
  };
  const response = await fetch(`${servers.get(name)?.url() ?? ''}${search}`, { ...init, headers });
  return (await response.json()) as Answer;
}

const post = (name: string, body: Record<string, unknown>, accept = 'application/json'): Promise<Answer> =>
  ask(name, { method: 'POST', body: JSON.stringify(body), headers: { accept } });

const refused = {
  errors: [
    {
      message: 'A subgraph serves no subscriptions; subscribe at the gateway.',
      extensions: { code: 'BAD_USER_INPUT' },
    },
  ],
};

describe.each(definitions.map(({ name, library }) => [name, library]))('%s, on %s, asked for a subscription', (name) => {
  const query = subscriptions[name] ?? '';

  it('refuses it with BAD_USER_INPUT and says where to subscribe, also once the document is known', async () => {
    for (let round = 0; round < 3; round += 1) {
      const { data, errors } = await post(name, { query });
      expect([data ?? null, errors?.length]).toEqual([null, 1]);
      expect({ errors }).toMatchObject(refused);
    }
  });

  it('refuses it to one who would take a stream, and beside a query', async () => {
    expect(await post(name, { query }, 'text/event-stream, application/json')).toMatchObject(refused);
    expect(await post(name, { query: `query Q { __typename } ${query}`, operationName: 'Q' })).toMatchObject({
      errors: expect.arrayContaining([expect.objectContaining({ message: refused.errors[0]?.message })]),
    });
  });

  it('answers none by GET', async () => {
    const answer = await ask(name, { method: 'GET' }, `?query=${encodeURIComponent(query)}`);
    expect(answer.data ?? null).toBeNull();
    expect(answer.errors?.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT']);
  });

  it('serves the next request', async () => {
    expect(await post(name, { query: '{ __typename }' })).toEqual({ data: { __typename: 'Query' } });
  });
});
