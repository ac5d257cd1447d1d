import { startShopGateway } from '../kit.ts';

type Gateway = Awaited<ReturnType<typeof startShopGateway>>;
const send = async ({ graphqlUrl }: Gateway, body: unknown) => {
  const headers = { 'content-type': 'application/json', accept: 'application/graphql-response+json' };
  const response = await fetch(graphqlUrl, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
};
const echo = (text: string) => ({ query: `{ echo(text: "${text}") }` });
const refusal = (code: string) => ({ errors: [expect.objectContaining({ extensions: expect.objectContaining({ code }) })] });

describe('an array of requests', () => {
  it('is refused by default', async () => {
    const gateway = await startShopGateway();
    expect(await send(gateway, [echo('a')])).toEqual({ status: 400, body: refusal('BAD_REQUEST') });
    expect(gateway.shop.bodies).toEqual([]);
    await gateway.stop();
  });

  it('is answered in its order up to the limit, and refused as a whole one over it and when it is empty', async () => {
    const gateway = await startShopGateway({ limits: { batch: 3 } });
    const data = ['a', 'b', 'c'].map((text) => ({ data: { echo: text } }));
    expect(await send(gateway, [echo('a'), echo('b'), echo('c')])).toEqual({ status: 200, body: data });
    const asked = gateway.shop.bodies.length;
    expect(await send(gateway, [echo('a'), echo('b'), echo('c'), echo('d')])).toEqual({ status: 400, body: refusal('LIMIT_EXCEEDED') });
    expect(await send(gateway, [])).toEqual({ status: 400, body: refusal('BAD_REQUEST') });
    expect(gateway.shop.bodies).toHaveLength(asked);
    await gateway.stop();
  });

  it('gives each request its own answer; an array within it is refused like any other nonsense', async () => {
    const gateway = await startShopGateway({ limits: { batch: 5 } });
    const { status, body } = await send(gateway, [echo('a'), [echo('b')], { query: '{ nothing }' }, null, echo('c')]);
    expect([status, body]).toEqual([
      200,
      [
        { data: { echo: 'a' } },
        refusal('BAD_REQUEST'),
        refusal('GRAPHQL_VALIDATION_FAILED'),
        refusal('BAD_REQUEST'),
        { data: { echo: 'c' } },
      ],
    ]);
    expect(await send(gateway, [null, 1])).toMatchObject({ status: 400 });
    await gateway.stop();
  });

  it('has 30,000 keys at most, however many requests it may hold', async () => {
    const gateway = await startShopGateway({ limits: { batch: 10 } });
    const of = (count: number) => {
      const extensions = Object.fromEntries(Array.from({ length: count / 10 - 2 }, (_, index) => [`k${index}`, 1]));
      return Array.from({ length: 10 }, () => ({ ...echo('a'), extensions }));
    };
    expect(await send(gateway, of(30_000))).toMatchObject({ status: 200 });
    const { status, body } = await send(gateway, [...of(30_000).slice(1), { ...of(30_010)[0] }]);
    expect([status, body]).toMatchObject([400, refusal('LIMIT_EXCEEDED')]);
    expect(body).toMatchObject({ errors: [{ extensions: { limit: 'jsonKeys' } }] });
    await gateway.stop();
  });

  it('runs one after the other when one of them writes', async () => {
    const running = { now: 0, most: 0 };
    const fetcher = async ({ body }: { body: string }) => {
      running.now += 1;
      running.most = Math.max(running.most, running.now);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running.now -= 1;
      const data = body.includes('mutation') ? '{"rename":{"id":"1"}}' : '{"echo":"a"}';
      return { kind: 'response' as const, status: 200, text: `{"data":${data}}` };
    };
    const gateway = await startShopGateway({ limits: { batch: 5 }, fetcher });
    const write = { query: 'mutation { rename(id: 1, name: "x") { id } }' };
    await send(gateway, [write, echo('a'), write]);
    expect(running.most).toBe(1);
    await send(gateway, [echo('a'), echo('b')]);
    expect(running.most).toBe(2);
    await gateway.stop();
  });
});
