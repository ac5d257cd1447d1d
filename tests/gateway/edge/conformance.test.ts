import { serverAudits } from 'graphql-http';
import { startShopGateway } from '../kit.ts';

let gateway: Awaited<ReturnType<typeof startShopGateway>>;
beforeAll(async () => {
  gateway = await startShopGateway();
});
afterAll(() => gateway.stop());

describe('GraphQL over HTTP, as graphql-http audits it', () => {
  const audits = serverAudits({ url: () => gateway.graphqlUrl, fetchFn: fetch });

  it('has 61 audits', () => {
    expect(audits).toHaveLength(61);
  });

  it.each(audits.map((audit) => [`${audit.id} ${audit.name}`, audit] as const))('%s', async (_, audit) => {
    const result = await audit.fn();
    expect(result.status === 'ok' ? 'ok' : `${result.status}: ${result.reason}`).toBe('ok');
  });
});
