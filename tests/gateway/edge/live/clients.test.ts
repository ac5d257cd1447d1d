/** Unmodified clients: graphql-sse and Apollo Client read subscriptions, come back, and go on where they were. */
import { ApolloClient, CombinedProtocolErrors, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { createClient, type Client } from 'graphql-sse';
import { startLiveShop, SUBSCRIPTION } from './fake-live.ts';

type Shop = Awaited<ReturnType<typeof startLiveShop>>;
let shop: Shop;
beforeAll(async () => {
  shop = await startLiveShop();
});
afterAll(() => shop.stop());
beforeEach(() => (shop.live.refuseWith = null));

const request = { query: SUBSCRIPTION, variables: { id: '1' } };
const toEvent = (name: string, cursor: string) => ({ data: { crateMoved: { id: '1', name } }, extensions: { cursor } });

describe('graphql-sse, distinct connections', () => {
  const clients: Client[] = [];
  const open = (options: Partial<Parameters<typeof createClient>[0]> = {}): Client => {
    // Node knows no page to refer to, and the client hands over what it has
    const client = createClient({ url: shop.graphqlUrl, retryAttempts: 3, retry: () => Promise.resolve(), ...options });
    clients.push(client);
    return client;
  };
  afterAll(() => clients.forEach((client) => client.dispose()));

  it('gets events with their cursors, over bookmarks, until the end', async () => {
    const results = open().iterate(request);
    const first = results.next();
    const stream = await shop.live.next();
    stream.send(toEvent('one', 'c1'), 'c1');
    expect(await first).toEqual({ done: false, value: toEvent('one', 'c1') });
    stream.client.bookmark('c2');
    stream.send(toEvent('two', 'c3'), 'c3');
    expect(await results.next()).toEqual({ done: false, value: toEvent('two', 'c3') });
    stream.end('operation', 'LIVE_INVALIDATED', 'c4');
    expect(await results.next()).toMatchObject({ value: { errors: [{ extensions: { code: 'LIVE_INVALIDATED', cursor: 'c4' } }] } });
    expect(await results.next()).toEqual({ done: true, value: undefined });
  });

  it('comes back by itself with the cursor that it was given, and loses nothing', async () => {
    let cursor = '';
    const client = open({ headers: (): Record<string, string> => (cursor === '' ? {} : { 'last-event-id': cursor }) });
    const results = client.iterate(request);
    const read = async (): Promise<unknown> => {
      const { value } = await results.next();
      cursor = String(value?.extensions?.['cursor'] ?? value?.errors?.[0]?.extensions?.['cursor']);
      return value;
    };
    for (let round = 1; round <= 20; round += 1) {
      const event = read();
      const stream = await shop.live.next();
      expect(stream.cursor).toBe(round === 1 ? null : `end-${round - 1}`);
      stream.send(toEvent(`event ${round}`, `c${round}`), `c${round}`);
      stream.end('connection', 'LIVE_GOING_AWAY', `end-${round}`);
      expect(await event).toEqual(toEvent(`event ${round}`, `c${round}`));
      expect(await read()).toMatchObject({ errors: [{ extensions: { code: 'LIVE_GOING_AWAY' } }] });
    }
    await results.return?.();
  });

  it('tries again where it is refused for now, and ends where the operation is wrong', async () => {
    shop.live.refuseWith = 'LIVE_LIMIT';
    const refused = open({ retryAttempts: 1 }).iterate(request);
    await expect(refused.next()).rejects.toThrow('429');
    const wrong = open().iterate({ query: 'subscription { nothing }' });
    expect(await wrong.next()).toMatchObject({ value: { errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] } });
    expect(await wrong.next()).toMatchObject({ done: true });
  });

  it('ends its subscription when nobody listens any more', async () => {
    const results = open().iterate(request);
    const first = results.next();
    const stream = await shop.live.next();
    stream.send(toEvent('one', 'c1'), 'c1');
    await first;
    await results.return?.();
    await stream.stopped;
    expect(stream.client.waiting()).toBe(0);
  });
});

describe('Apollo Client, multipart', () => {
  const open = () => new ApolloClient({ cache: new InMemoryCache(), link: new HttpLink({ uri: shop.graphqlUrl }) });

  /** What a subscription gives, in its order. */
  function listen(client: ApolloClient, extensions: Record<string, unknown> = {}) {
    const told: unknown[] = [];
    let onTold: () => void = () => undefined;
    const tell = (one: unknown): void => {
      told.push(one);
      onTold();
    };
    const subscription = client
      .subscribe({ query: gql(SUBSCRIPTION), variables: { id: '1' }, extensions, errorPolicy: 'all', fetchPolicy: 'no-cache' })
      .subscribe({ next: tell, error: tell, complete: () => tell('complete') });
    return {
      subscription,
      async at(index: number): Promise<unknown> {
        while (told.length <= index) await new Promise<void>((resolve) => (onTold = resolve));
        return told[index];
      },
    };
  }

  it('gets events, over bookmarks, and the error at the end', async () => {
    const client = open();
    const told = listen(client);
    const stream = await shop.live.next();
    expect(stream.subscription.variables).toEqual({ id: '1' });
    stream.send(toEvent('one', 'c1'), 'c1');
    expect(await told.at(0)).toMatchObject({ data: { crateMoved: { id: '1', name: 'one' } } });
    stream.client.bookmark('c2');
    stream.send(toEvent('two', 'c3'), 'c3');
    expect(await told.at(1)).toMatchObject({ data: { crateMoved: { name: 'two' } } });
    stream.end('operation', 'LIVE_INVALIDATED', 'c4');
    const { error } = (await told.at(2)) as { error?: unknown }; // a result of the client
    expect(CombinedProtocolErrors.is(error)).toBe(true);
    expect(error).toMatchObject({ errors: [{ extensions: { code: 'LIVE_INVALIDATED', cursor: 'c4' } }] });
    expect(await told.at(3)).toBe('complete');
    client.stop();
  });

  it('goes on from the cursor that it sends in the extensions of the request', async () => {
    const client = open();
    const told = listen(client, { resume: { cursor: 'c3' } });
    const stream = await shop.live.next();
    expect(stream.subscription.params.extensions).toMatchObject({ resume: { cursor: 'c3' } });
    stream.send(toEvent('three', 'c4'), 'c4');
    expect(await told.at(0)).toMatchObject({ data: { crateMoved: { name: 'three' } } });
    told.subscription.unsubscribe();
    await stream.stopped;
    client.stop();
  });

  it('is told why a subscription does not come about', async () => {
    const client = open();
    shop.live.refuseWith = 'FORBIDDEN';
    expect(await listen(client).at(0)).toMatchObject({ error: { message: expect.stringContaining('Told to refuse.') } });
    client.stop();
  });
});
