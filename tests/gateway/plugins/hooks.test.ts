/** Hooks: when they are called, what they are given, what they may return, and what becomes of a request when they fail. */
import type { Plugin, PluginRequest } from '../../../gateway/plugins/plugin.ts';
import { PluginRefusal } from '../../../gateway/plugins/plugin.ts';
import { createPlugins } from '../../../gateway/plugins/run-plugins.ts';
import { silentLog, type Log } from '../../../lib/log/log.ts';
import { startShopGateway } from '../kit.ts';

type ShopGateway = Awaited<ReturnType<typeof startShopGateway>>;

/** A gateway with these plugins for the length of a test. */
async function withPlugins(plugins: readonly Plugin[], test: (gateway: ShopGateway) => Promise<void>, more: { log?: Log } = {}) {
  const gateway = await startShopGateway({ plugins, ...more });
  try {
    await test(gateway);
  } finally {
    await gateway.stop();
  }
}

const ask = { query: 'query Crate { crate(id: "1") { name } }' };
const fail = () => {
  throw new Error('secret reason');
};

describe('the hooks of a plugin', () => {
  it('are called in the order of the request, with one request object and frozen inputs', async () => {
    const told: [string, unknown][] = [];
    const requests = new Set<PluginRequest>();
    const note = (hook: string) => (request: PluginRequest, input?: unknown) => {
      requests.add(request);
      told.push([hook, input]);
      expect(Object.isFrozen(request) && (input === undefined || Object.isFrozen(input))).toBe(true);
      return undefined;
    };
    const plugin: Plugin = {
      name: 'notes',
      onRequest: note('onRequest'),
      onOperation: note('onOperation'),
      onPlan: note('onPlan'),
      onFetch(request, fetch) {
        note('onFetch')(request, fetch);
        return { after: (end) => note('after')(request, end) };
      },
      onAnswer: note('onAnswer'),
      stop: () => void told.push(['stop', undefined]),
    };
    await withPlugins([plugin], async ({ post }) => {
      expect((await post(ask)).body).toEqual({ data: { crate: { name: 'crate 1' } } });
      expect(requests.size).toBe(1);
      await post(ask);
    });
    const each = ['onRequest', 'onOperation', 'onPlan', 'onFetch', 'after', 'onAnswer'];
    expect(told.map(([hook]) => hook)).toEqual([...each, ...each, 'stop']);
    const find = (name: string) => told.filter(([hook]) => hook === name).map(([, input]) => input);
    const sha256 = expect.stringMatching(/^[0-9a-f]{64}$/) as unknown; // a matcher
    expect(find('onOperation')[0]).toMatchObject({ name: 'Crate', kind: 'query', member: null, sha256 });
    expect(find('onPlan')).toMatchObject([
      { fetches: 1, levels: 1, known: false },
      { fetches: 1, levels: 1, known: true },
    ]);
    expect(find('onFetch')[0]).toEqual({ subgraph: 'shop', kind: 'query' });
    expect(find('after')[0]).toMatchObject({ status: 200, code: null });
    expect(find('onAnswer')[0]).toMatchObject({ kind: 'data', status: 200, errorCodes: [], bytes: 37 });
    expect(requests.size).toBe(2);
  });

  it('see headers of the client, but none that says who somebody is', async () => {
    const seen: unknown[] = [];
    const names = ['x-trace', 'X-Trace', 'authorization', 'Authorization', 'cookie'];
    const plugin: Plugin = { name: 'headers', onRequest: ({ header }) => void seen.push(...names.map((name) => header(name))) };
    await withPlugins([plugin], async ({ post }) => {
      await post(ask, { 'x-trace': 'a', authorization: 'Bearer secret', cookie: 'b=c' });
    });
    expect(seen).toEqual(['a', 'a', undefined, undefined, undefined]);
  });

  it.each(['onRequest', 'onOperation'] as const)('may refuse in %s, before anything is asked of a subgraph', async (hook) => {
    const told: unknown[] = [];
    const refuse = () => {
      throw new PluginRefusal('CLOSED_TODAY', 'We are closed today.', 503);
    };
    const plugin: Plugin = { name: 'closed', [hook]: refuse, onAnswer: (_, { errorCodes }) => void told.push(...errorCodes) };
    await withPlugins([plugin], async ({ post, shop }) => {
      const { status, body } = await post(ask);
      const error = { message: 'We are closed today.', extensions: { code: 'CLOSED_TODAY' } };
      expect([status, body, shop.bodies]).toEqual([503, { errors: [error] }, []]);
    });
    expect(told).toEqual(['CLOSED_TODAY']);
  });

  it.each(['onRequest', 'onOperation'] as const)('refuse with INTERNAL when %s throws, and nobody learns why but the log', async (hook) => {
    const lines: unknown[] = [];
    const log: Log = { ...silentLog, error: (fields: unknown) => void lines.push(fields) };
    const test = async ({ post, shop }: ShopGateway) => {
      const answer = await post(ask);
      expect([answer.status, answer.code, shop.bodies.length]).toEqual([500, 'INTERNAL', 0]);
      expect(JSON.stringify(answer.body)).not.toContain('secret');
    };
    await withPlugins([{ name: 'broken', [hook]: fail }], test, { log });
    expect(lines).toContainEqual({ plugin: 'broken', hook, reason: 'secret reason' });
  });

  it('that only tell change nothing when they throw or reject: the answer is there', async () => {
    // What an author in JavaScript may return, whatever the type says
    const plugin: Plugin = {
      name: 'broken',
      onPlan: fail,
      onAnswer: () => Promise.reject(new Error('no')) as never,
      onFetch: () => ({ after: fail }),
    };
    await withPlugins([plugin], async ({ post }) => {
      expect((await post(ask)).body).toEqual({ data: { crate: { name: 'crate 1' } } });
    });
  });

  it('lose the fetch when onFetch throws, and the other fields stand', async () => {
    const refuse = () => {
      throw new PluginRefusal('NOT_TODAY', 'Not today.');
    };
    await withPlugins([{ name: 'refuses', onFetch: refuse }], async ({ post, shop }) => {
      const { status, body } = await post({ query: '{ __typename crate(id: "1") { name } }' });
      expect([status, body.data, shop.bodies]).toEqual([200, { __typename: 'Query', crate: null }, []]);
      expect(body.errors).toMatchObject([{ message: 'Not today.', extensions: { code: 'NOT_TODAY' } }]);
    });
    await withPlugins([{ name: 'broken', onFetch: fail }], async ({ post }) => {
      const { body } = await post(ask);
      expect([body.data, body.errors?.[0]?.extensions.code]).toEqual([{ crate: null }, 'INTERNAL']);
      expect(JSON.stringify(body)).not.toContain('secret');
    });
  });

  it('may change message and code of an error, one plugin after the other; one that throws hides it', async () => {
    const first: Plugin = {
      name: 'first',
      onError: (_, { message, subgraph }) => ({ message: `${subgraph} ${message !== ''}`, code: 'A' }),
    };
    const second: Plugin = { name: 'second', onError: (_, { message, code }) => ({ message: `${message} after ${code}` }) };
    await withPlugins([first, second], async ({ post }) => {
      const { body } = await post({ query: '{ broken }' });
      expect(body.errors).toMatchObject([{ message: 'shop true after A', path: ['broken'], extensions: { code: 'A' } }]);
    });
    await withPlugins([{ name: 'broken', onError: fail }], async ({ post }) => {
      const { body } = await post({ query: '{ broken echo(text: "x") }' });
      expect([body.data, body.errors?.[0]?.extensions.code]).toEqual([{ broken: null, echo: 'x' }, 'INTERNAL']);
      expect(JSON.stringify(body)).not.toContain('/srv/data');
    });
  });
});

describe('what a hook returns is looked at', () => {
  const request: PluginRequest = Object.freeze({ id: 'r', readOnly: false, header: () => undefined });
  const run = (plugin: Omit<Plugin, 'name'>) => {
    const made = createPlugins([{ name: 'p', ...plugin }], { log: silentLog, limitMs: 20 });
    if (made === null) throw new Error('there is a plugin');
    return made;
  };

  it.each([
    ['a header of another name', { headers: { cookie: 'a' } }],
    ['a line break in a header', { headers: { traceparent: 'a\r\nb: c' } }],
    ['a header that is no text', { headers: { traceparent: 7 } }],
    ['a promise', Promise.resolve()],
    ['a text', 'no'],
    ['something else to call afterwards', { after: 7 }],
  ])('onFetch: %s fails the fetch', (_, returned) => {
    // What an author in JavaScript may return, whatever the type says
    const { onFetch } = run({ onFetch: () => returned as never });
    expect(() => onFetch?.(request, { subgraph: 's', kind: 'query' })).toThrow('The plugin p failed in onFetch.');
  });

  it.each([
    ['a text', 'no'],
    ['no message', { code: 'A' }],
    ['a code in small letters', { message: 'm', code: 'a' }],
  ])('onError: %s hides the error', (_, returned) => {
    const { onError } = run({ onError: () => returned as never });
    expect(onError?.(request, { message: 'm', code: 'C', subgraph: null, path: [] })).toBe('failed');
  });

  it('a hook that does not end within its time is one that failed', async () => {
    const { onRequest } = run({ onRequest: () => new Promise(() => undefined) });
    await expect(onRequest(request)).rejects.toMatchObject({ code: 'INTERNAL' });
    await expect(run({ stop: () => new Promise(() => undefined) }).stop()).resolves.toBeUndefined();
  });

  it('a refusal has a code and a status that can be told', () => {
    expect(() => new PluginRefusal('lower', 'm')).toThrow(TypeError);
    expect(() => new PluginRefusal('CODE', 'm', 200)).toThrow(TypeError);
  });

  it('is nothing at all without plugins', () => {
    expect(createPlugins([], { log: silentLog })).toBeNull();
  });
});
