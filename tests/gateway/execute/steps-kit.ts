/** For tests of the steps between executor and client: time that stands still, and requests to nowhere. */
import type { SubgraphRequest } from '../../../gateway/execute/index.ts';
import type { Time } from '../../../gateway/execute/subgraph/step.ts';
import { isHubError } from '../../../lib/errors/errors.ts';

export type TestTime = Time & { advance(ms: number): Promise<void>; readonly waiting: number };

/** Everything that hangs on promises alone has run when it resolves. */
export function settleAll(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export function createTestTime(): TestTime {
  let nowMs = 0;
  const timers = new Set<{ readonly at: number; readonly callback: () => void }>();
  return {
    now: () => nowMs,
    after(ms, callback) {
      const timer = { at: nowMs + ms, callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    async advance(ms) {
      await settleAll();
      nowMs += ms;
      for (const timer of [...timers].toSorted((a, b) => a.at - b.at)) {
        if (timer.at > nowMs || !timers.delete(timer)) continue;
        timer.callback();
        await settleAll();
      }
    },
    get waiting() {
      return timers.size;
    },
  };
}

export function toRequest(overrides: Partial<SubgraphRequest> = {}): SubgraphRequest {
  return {
    graph: { id: 0, name: 'mill', url: 'http://127.0.0.1:1/graphql' },
    kind: 'query',
    body: '{"query":"{ a }"}',
    shareKey: '',
    signal: new AbortController().signal,
    ...overrides,
  };
}

/** Text of the answer, or code or message of the error. */
export function outcomeOf(running: Promise<{ readonly text: string }>): Promise<string> {
  return running.then(
    ({ text }) => text,
    (error: unknown) => (isHubError(error) ? error.code : String(error)),
  );
}
