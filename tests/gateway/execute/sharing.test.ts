/** Equal reads in flight are one request, and nothing else is. */
import { createShare } from '../../../gateway/execute/subgraph/share.ts';
import type { Cancel } from '../../../gateway/execute/subgraph/cancel.ts';
import type { StopSignal, SubgraphRequest, SubgraphResponse } from '../../../gateway/execute/index.ts';
import { outcomeOf, settleAll, toRequest } from './steps-kit.ts';

type Sent = { readonly request: SubgraphRequest; readonly cancel: Cancel; answer(text: string): void; fail(reason: Error): void };

function createSubject() {
  const sent: Sent[] = [];
  let shared = 0;
  const fetch = createShare(
    (request, cancel) =>
      new Promise<SubgraphResponse>((resolve, reject) => {
        cancel.onCancel = reject;
        sent.push({ request, cancel, answer: (text) => resolve({ kind: 'response', status: 200, text }), fail: reject });
      }),
    () => (shared += 1),
  );
  return { fetch, sent, shared: () => shared };
}

const graph = { id: 0, name: 'mill', url: 'http://127.0.0.1:1/graphql' };

describe('reads in flight', () => {
  it('that are equal are one request, and all get the same object', async () => {
    const { fetch, sent, shared } = createSubject();
    const all = [fetch(toRequest()), fetch(toRequest({ headers: { 'x-request-id': 'another' } })), fetch(toRequest())];
    expect([sent.length, shared()]).toEqual([1, 2]);
    sent[0]?.answer('once');
    const [first, ...others] = await Promise.all(all);
    for (const other of others) expect(other).toBe(first);
  });

  it('all fail when it fails', async () => {
    const { fetch, sent } = createSubject();
    const all = [fetch(toRequest()), fetch(toRequest())].map(outcomeOf);
    sent[0]?.fail(new Error('lost'));
    expect(await Promise.all(all)).toEqual(['Error: lost', 'Error: lost']);
  });

  it.each([
    ['of two principals', { shareKey: '{"memberId":"a"}' }, { shareKey: '{"memberId":"b"}' }],
    ['at two addresses', { graph: { ...graph, url: 'http://127.0.0.1:2/graphql' } }, {}],
    ['with two bodies', { body: '{"query":"{ b }"}' }, {}],
    ['that may not be shared', { shareKey: null }, { shareKey: null }],
    ['that write', { kind: 'mutation' as const }, { kind: 'mutation' as const }],
    [
      'whose address and key only together are equal',
      { graph: { ...graph, url: 'http://a/x' }, shareKey: 'y' },
      { graph: { ...graph, url: 'http://a/' }, shareKey: 'xy' },
    ],
  ])('%s are two requests', async (_, one, other) => {
    const { fetch, sent, shared } = createSubject();
    const all = [fetch(toRequest(one)), fetch(toRequest(other))];
    expect([sent.length, shared()]).toEqual([2, 0]);
    sent[0]?.answer('one');
    sent[1]?.answer('other');
    expect((await Promise.all(all)).map(({ text }) => text)).toEqual(['one', 'other']);
  });

  it('share nothing with what has ended', async () => {
    const { fetch, sent } = createSubject();
    const first = fetch(toRequest());
    sent[0]?.answer('old');
    await first;
    const second = fetch(toRequest());
    sent[1]?.answer('new');
    expect([await outcomeOf(second), sent.length]).toEqual(['new', 2]);
  });

  it('go on when one who waits goes away, and end when all have gone', async () => {
    const { fetch, sent } = createSubject();
    const clients = [new AbortController(), new AbortController(), new AbortController()];
    const all = clients.map(({ signal }) => outcomeOf(fetch(toRequest({ signal }))));
    clients[0]?.abort(new Error('the first went'));
    expect(await all[0]).toBe('Error: the first went');
    expect(sent[0]?.cancel.cancelled).toBe(false);
    clients[1]?.abort(new Error('the second went'));
    clients[2]?.abort(new Error('the last went'));
    expect(sent[0]?.cancel.cancelled).toBe(true);
    expect(await Promise.all(all)).toEqual(['Error: the first went', 'Error: the second went', 'Error: the last went']);
  });

  it('do not join what is being ended', async () => {
    const { fetch, sent } = createSubject();
    const gone = new AbortController();
    const first = outcomeOf(fetch(toRequest({ signal: gone.signal })));
    gone.abort(new Error('gone'));
    const second = fetch(toRequest());
    sent[1]?.answer('fresh');
    expect([await first, await outcomeOf(second), sent.length]).toEqual(['Error: gone', 'fresh', 2]);
    // The end of the first left nothing behind and took nothing away
    await settleAll();
    const third = fetch(toRequest());
    sent[2]?.answer('third');
    expect(await outcomeOf(third)).toBe('third');
  });

  it('are not begun for a request that has ended', async () => {
    const { fetch, sent } = createSubject();
    expect(await outcomeOf(fetch(toRequest({ signal: AbortSignal.abort(new Error('before')) })))).toBe('Error: before');
    expect(sent).toHaveLength(0);
  });

  it('leave nothing on the signal of their operation', async () => {
    const { fetch, sent } = createSubject();
    const listeners = new Set<() => void>();
    const signal: StopSignal = {
      aborted: false,
      reason: undefined,
      addEventListener: (_, listener) => void listeners.add(listener),
      removeEventListener: (_, listener) => void listeners.delete(listener),
    };
    const all = Array.from({ length: 30 }, (_, index) => outcomeOf(fetch(toRequest({ signal, body: String(index % 20) }))));
    expect([sent.length, listeners.size]).toEqual([20, 30]);
    sent.forEach(({ answer, fail }, index) => (index % 2 === 0 ? answer('ok') : fail(new Error('lost'))));
    await Promise.all(all);
    expect(listeners.size).toBe(0);
  });
});
