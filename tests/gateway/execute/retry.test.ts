/** What is asked once more, what never is, and how many wait. */
import { createDeadline } from '../../../gateway/execute/subgraph/deadline.ts';
import { Cancel } from '../../../gateway/execute/subgraph/cancel.ts';
import { SubgraphFailure } from '../../../gateway/execute/subgraph/failure.ts';
import { createInFlightLimit } from '../../../gateway/execute/subgraph/limit-in-flight.ts';
import { createRetry } from '../../../gateway/execute/subgraph/retry.ts';
import type { Step } from '../../../gateway/execute/subgraph/step.ts';
import type { SubgraphResponse } from '../../../gateway/execute/index.ts';
import { createTestTime, outcomeOf, settleAll, toRequest } from './steps-kit.ts';

const respond =
  (status: number, text: string): (() => SubgraphResponse) =>
  () => ({ kind: 'response', status, text });
const fail =
  (code: SubgraphFailure['code'], beforeAnswer = false) =>
  () => {
    throw new SubgraphFailure(code as 'SUBGRAPH_TIMEOUT', 'failed', { beforeAnswer });
  };
const reset = fail('SUBGRAPH_UNREACHABLE', true);

function createSubject(replies: readonly (() => SubgraphResponse)[], retries = 1) {
  const time = createTestTime();
  let attempts = 0;
  let told = 0;
  const next: Step = async () => (replies[Math.min(attempts++, replies.length - 1)] ?? reset)();
  const step = createRetry(next, { retries, time, random: () => 0.5, onRetry: () => (told += 1) });
  return { step, time, attempts: () => attempts, told: () => told };
}

describe('a request that only reads', () => {
  it.each([
    ['the connection ended before an answer', reset],
    ['status 502', respond(502, '<html>')],
    ['status 503', respond(503, '')],
    ['status 504', respond(504, '{"message":"no upstream"}')],
  ])('is asked once more after %s', async (_, first) => {
    const { step, time, attempts, told } = createSubject([first, respond(200, 'second')]);
    const outcome = outcomeOf(step(toRequest(), new Cancel()));
    await time.advance(50);
    expect([await outcome, attempts(), told(), time.waiting]).toEqual(['second', 2, 1, 0]);
  });

  it.each([
    ['an answer that broke off', fail('SUBGRAPH_UNREACHABLE'), 'SUBGRAPH_UNREACHABLE'],
    ['its deadline', fail('SUBGRAPH_TIMEOUT'), 'SUBGRAPH_TIMEOUT'],
    ['an answer that is too large', fail('SUBGRAPH_RESPONSE_TOO_LARGE'), 'SUBGRAPH_RESPONSE_TOO_LARGE'],
    ['a full row', fail('SUBGRAPH_OVERLOADED'), 'SUBGRAPH_OVERLOADED'],
    ['status 500', respond(500, 'oops'), 'oops'],
    ['status 503 with a GraphQL body', respond(503, '{"errors":[]}'), '{"errors":[]}'],
  ])('is not asked again after %s', async (_, first, expected) => {
    const { step, attempts } = createSubject([first]);
    expect([await outcomeOf(step(toRequest(), new Cancel())), attempts()]).toEqual([expected, 1]);
  });

  it('is asked as often as it may be, and its last failure is told', async () => {
    const { step, time, attempts } = createSubject([reset], 3);
    const outcome = outcomeOf(step(toRequest(), new Cancel()));
    for (let count = 0; count < 5; count += 1) await time.advance(1_000);
    expect([await outcome, attempts()]).toEqual(['SUBGRAPH_UNREACHABLE', 4]);
    const none = createSubject([reset], 0);
    expect([await outcomeOf(none.step(toRequest(), new Cancel())), none.attempts()]).toEqual(['SUBGRAPH_UNREACHABLE', 1]);
  });

  it('is not asked again once it has ended', async () => {
    const { step, time, attempts } = createSubject([reset]);
    const cancel = new Cancel();
    const outcome = outcomeOf(step(toRequest(), cancel));
    await settleAll();
    expect(time.waiting).toBe(1);
    cancel.cancel(new Error('gone'));
    expect([await outcome, attempts(), time.waiting]).toEqual(['Error: gone', 1, 0]);
  });

  it('is asked again only within a tenth of all requests, and ten to begin with', async () => {
    const { step, time, attempts } = createSubject([reset]);
    const all = Array.from({ length: 100 }, () => outcomeOf(step(toRequest(), new Cancel())));
    for (let count = 0; count < 3; count += 1) await time.advance(100);
    await Promise.all(all);
    // 100 requests, of which the bucket of 10 is full when they come
    expect(attempts()).toBe(110);
    for (let count = 0; count < 50; count += 1) {
      const outcome = outcomeOf(step(toRequest(), new Cancel()));
      await time.advance(100);
      await outcome;
    }
    expect(attempts() - 110 - 50).toBeGreaterThanOrEqual(4);
    expect(attempts() - 110 - 50).toBeLessThanOrEqual(5);
  });
});

it('a mutation is never asked twice', async () => {
  for (const first of [reset, respond(503, '')]) {
    const { step, attempts } = createSubject([first]);
    await outcomeOf(step(toRequest({ kind: 'mutation' }), new Cancel()));
    expect(attempts()).toBe(1);
  }
});

describe('the row before a subgraph', () => {
  function createRow({ inFlight = 2, queue = 2 } = {}) {
    const time = createTestTime();
    const running: ((text: string) => void)[] = [];
    const next: Step = () => new Promise((resolve) => running.push((text) => resolve({ kind: 'response', status: 200, text })));
    const step = createInFlightLimit(next, { inFlight, queue, queueMs: 1_000 }, time);
    return {
      time,
      running,
      ask: (cancel = new Cancel(), name = 'mill') => outcomeOf(step(toRequest({ graph: { id: 0, name, url: '' } }), cancel)),
    };
  }

  it('lets so many through, keeps so many waiting in their order, and refuses one more', async () => {
    const { running, ask } = createRow();
    const all = [ask(), ask(), ask(), ask()];
    expect([running.length, await ask()]).toEqual([2, 'SUBGRAPH_OVERLOADED']);
    running[0]?.('first');
    await settleAll();
    running[2]?.('third');
    await settleAll();
    expect(running).toHaveLength(4);
    running[1]?.('second');
    running[3]?.('fourth');
    expect(await Promise.all(all)).toEqual(['first', 'second', 'third', 'fourth']);
    void ask();
    void ask();
    expect(running).toHaveLength(6);
  });

  it('is left when a request ends, and after its time', async () => {
    const { running, ask, time } = createRow({ inFlight: 1 });
    const first = ask();
    const cancel = new Cancel();
    const gone = ask(cancel);
    const late = ask();
    cancel.cancel(new Error('gone'));
    expect(await gone).toBe('Error: gone');
    await time.advance(1_000);
    expect(await late).toBe('SUBGRAPH_OVERLOADED');
    running[0]?.('first');
    expect([await first, time.waiting]).toEqual(['first', 0]);
    const next = ask();
    running[1]?.('next');
    expect(await next).toBe('next');
  });

  it('is another one for each subgraph', () => {
    const { running, ask } = createRow({ inFlight: 1 });
    void ask();
    void ask(new Cancel(), 'press');
    expect(running).toHaveLength(2);
  });
});

describe('an attempt', () => {
  it('ends after its time, and not when the answer was there before', async () => {
    const time = createTestTime();
    const answers: ((text: string) => void)[] = [];
    const step = createDeadline(
      (_, cancel) =>
        new Promise((resolve, reject) => {
          cancel.onCancel = reject;
          answers.push((text) => resolve({ kind: 'response', status: 200, text }));
        }),
      500,
      time,
    );
    const inTime = outcomeOf(step(toRequest(), new Cancel()));
    const late = outcomeOf(step(toRequest(), new Cancel()));
    await time.advance(499);
    answers[0]?.('answer');
    await time.advance(1);
    expect([await inTime, await late, time.waiting]).toEqual(['answer', 'SUBGRAPH_TIMEOUT', 0]);
  });
});
