import { decodeJwt } from 'jose';
import { createForwarding } from '../../../gateway/pipeline/forwarding.ts';
import { createPrincipalSigner } from '../../../gateway/pipeline/principal-signer.ts';
import { realClock } from '../../../lib/clock/clock.ts';
import { createPrincipal, createSigningKey } from '../../../lib/identity/index.ts';
import { startGuardedHub } from './guarded-hub.ts';

const graphs = {
  near: { sdl: 'type Query { a: String }', resolvers: { Query: { a: () => 'a' } } },
  far: { sdl: 'type Query { b: String }', resolvers: { Query: { b: () => 'b' } } },
};

describe('headers of a client', () => {
  it('travel on to the subgraphs that are listed for them, and nowhere else', async () => {
    const hub = await startGuardedHub(graphs, { forwardHeaders: { near: ['Accept-Language', 'x-trace'] } });
    const headers = {
      'accept-language': 'zh-CN',
      'x-trace': 't1',
      'x-other': 'o',
      cookie: 'c=1',
      'ir-principal': 'me',
      'x-request-id': 'mine',
    };
    await hub.post('{ a b }', [], { headers });
    const names = (graph: string) => Object.keys(hub.sent.find((one) => one.graph === graph)?.headers ?? {}).toSorted();
    expect(names('near')).toEqual(['accept-language', 'ir-principal', 'x-request-id', 'x-trace']);
    expect(names('far')).toEqual(['ir-principal', 'x-request-id']);
    expect(hub.sent[0]?.headers['ir-principal']).not.toBe('me');
    await hub.stop();
  });

  it('of the connection, of the hub and of its own requests cannot be listed', () => {
    for (const name of [
      'connection',
      'Transfer-Encoding',
      'te',
      'upgrade',
      'proxy-authorization',
      'ir-principal',
      'IR-x',
      'host',
      'content-length',
      'a b',
      'a\r\nb',
    ])
      expect(() => createForwarding({ near: [name] }, {})).toThrow('HUB_FORWARD_HEADERS');
    expect(createForwarding({ near: ['Authorization', 'cookie'] }, {}).headersFor('near', (name) => name)).toEqual({
      authorization: 'authorization',
      cookie: 'cookie',
    });
  });

  it('that are larger than 8,192 characters together stay here', () => {
    const { headersFor } = createForwarding({ near: ['x'] }, {});
    expect(headersFor('near', () => 'v'.repeat(8_191))).toEqual({ x: 'v'.repeat(8_191) });
    expect(headersFor('near', () => 'v'.repeat(8_192))).toEqual({});
  });
});

describe('claims of a member', () => {
  it('travel on inside the internal token to the subgraphs that are listed for them, and nowhere else', async () => {
    const keys = { principal: await createSigningKey() };
    const { claimsFor } = createForwarding({}, { near: ['region', 'missing'] });
    const signer = createPrincipalSigner(keys, realClock, claimsFor);
    const member = createPrincipal({ memberId: 'mem_1', claims: { region: 'east', salary: 'much' } });
    const claimsAt = async (subgraph: string) => decodeJwt(await signer.sign(member, subgraph, 'req-1'))['claims'];
    expect([await claimsAt('near'), await claimsAt('far')]).toEqual([{ region: 'east' }, {}]);
    const other = createPrincipal({ ...member, claims: { region: 'west', salary: 'much' } });
    expect(await signer.sign(other, 'near', 'req-1')).not.toBe(await signer.sign(member, 'near', 'req-1'));
  });
});
