/** Who shares what, through the whole gateway: members, visitors and subgraphs that are told who asks or are not. */
import { composeSupergraph } from '../../engine/compose/index.ts';
import type { GatewayOptions } from '../../gateway/gateway.ts';
import { startRawServer, toHttp } from './execute/raw-server.ts';
import { createSigningKey, signMemberToken, type HubKeys } from '../../lib/identity/index.ts';
import { startShopGateway } from './kit.ts';

let keys: HubKeys;
beforeAll(async () => {
  keys = { issuer: await createSigningKey(), principal: await createSigningKey(), cursorKey: new Uint8Array(32) };
});
const tokenOf = (memberId: string) => signMemberToken(keys, { memberId, kinds: ['MAKER'] });
/** Signatures are checked on other threads: nothing but time shows that none is on its way. */
const quietMs = 200;

/** The subgraph holds its answers until no more requests come. */
async function start(options: Partial<Omit<GatewayOptions, 'limits'>>) {
  const held: (() => void)[] = [];
  const server = await startRawServer((socket) => void held.push(() => socket.write(toHttp('{"data":{"a":"A"}}'))));
  const composed = composeSupergraph([{ name: 'mill', url: server.url, sdl: 'type Query { a: String }' }]);
  if (composed.kind === 'failed') throw new Error('does not compose');
  const gateway = await startShopGateway({ overHttp: true, source: { kind: 'sdl', sdl: composed.supergraphSdl }, ...options });
  return {
    /** How many requests the subgraph got when all of these were in flight at once. */
    async countRequests(tokens: readonly string[]): Promise<number> {
      const asked = tokens.map((token) => gateway.post({ query: '{ a }' }, { authorization: `Bearer ${token}` }));
      let seen = -1;
      while (held.length === 0 || held.length > seen) {
        seen = held.length;
        await new Promise((resolve) => setTimeout(resolve, quietMs));
      }
      const count = held.length;
      for (const release of held.splice(0)) release();
      for (const { body } of await Promise.all(asked)) expect(body).toEqual({ data: { a: 'A' } });
      return count;
    },
    async stop() {
      await gateway.stop();
      await server.stop();
    },
  };
}

describe.each([
  ['fetches', false],
  ['whole requests', true],
])('equal %s in flight', (_, sharesRequests) => {
  it.each<[string, Partial<Omit<GatewayOptions, 'limits'>>, number]>([
    ['of one member are one, of two members two', {}, 2],
    ['of two members are one where the subgraph is not told who asks', { subgraphsNotTold: new Set(['mill']) }, 1],
  ])('%s', async (__, options, expected) => {
    const subject = await start({
      identity: { kind: 'hub', keys, issuers: new Map(), visitors: true },
      principalKeys: keys,
      sharesRequests,
      ...options,
    });
    const one = await tokenOf('mem_1');
    const two = await tokenOf('mem_2');
    expect(await subject.countRequests([one, one, one])).toBe(1);
    expect(await subject.countRequests([one, two, one, two])).toBe(expected);
    await subject.stop();
  });
});
