/** A subgraph that keeps failing is left alone, tried, and asked again. */
import { createBreaker } from '../../../gateway/execute/subgraph/breaker.ts';
import { Cancel } from '../../../gateway/execute/subgraph/cancel.ts';
import { SubgraphFailure, type FailureCode } from '../../../gateway/execute/subgraph/failure.ts';
import type { SubgraphResponse } from '../../../gateway/execute/index.ts';
import { createTestTime, outcomeOf, toRequest } from './steps-kit.ts';

type Reply = FailureCode | number | 'held' | 'gone';

function createSubject(failures = 4) {
  const time = createTestTime();
  const states: string[] = [];
  const held: { resolve: (response: SubgraphResponse) => void; reject: (error: Error) => void }[] = [];
  let reply: Reply = 200;
  let asked = 0;
  const step = createBreaker(
    async () => {
      asked += 1;
      if (reply === 'held') return new Promise<SubgraphResponse>((resolve, reject) => held.push({ resolve, reject }));
      if (reply === 'gone') throw new Error('gone');
      if (typeof reply === 'string') throw new SubgraphFailure(reply, 'failed');
      return { kind: 'response', status: reply, text: reply === 200 ? 'ok' : '' };
    },
    { failures, pauseMs: 1_000, time, onState: (subgraph, state) => states.push(`${subgraph} ${state}`) },
  );
  const ask = (as?: Reply, name = 'mill') => {
    reply = as ?? reply;
    return outcomeOf(step(toRequest({ graph: { id: 0, name, url: '' } }), new Cancel()));
  };
  const askTimes = async (count: number, as: Reply) => {
    for (let index = 0; index < count; index += 1) await ask(as);
  };
  return { ask, askTimes, time, states, held, asked: () => asked };
}

const away = 'SUBGRAPH_UNAVAILABLE';

describe('the breaker of a subgraph', () => {
  it.each<[string, Reply]>([
    ['cannot be reached', 'SUBGRAPH_UNREACHABLE'],
    ['does not answer in time', 'SUBGRAPH_TIMEOUT'],
    ['answers 503 without GraphQL', 503],
    ['answers 500 without GraphQL', 500],
  ])('opens when it %s often enough, and asks it nothing then', async (_, reply) => {
    const { ask, askTimes, states, asked } = createSubject();
    await askTimes(3, reply);
    expect(states).toEqual([]);
    await ask(reply);
    expect([await ask(200), states, asked()]).toEqual([away, ['mill open'], 4]);
  });

  it.each<[string, Reply]>([
    ['an answer that is too large', 'SUBGRAPH_RESPONSE_TOO_LARGE'],
    ['an answer that is none', 'SUBGRAPH_INVALID_RESPONSE'],
    ['our own full row', 'SUBGRAPH_OVERLOADED'],
    ['a client that goes away', 'gone'],
    ['an HTTP error of the client’s making', 400],
  ])('does not open for %s', async (_, reply) => {
    const { askTimes, states } = createSubject();
    await askTimes(20, reply);
    expect(states).toEqual([]);
  });

  it('does not open while fewer than half of the requests fail, nor for failures of long ago', async () => {
    const { ask, askTimes, states, time } = createSubject();
    await askTimes(6, 200);
    await askTimes(5, 'SUBGRAPH_TIMEOUT');
    expect(states).toEqual([]);
    await time.advance(11_000);
    await askTimes(3, 'SUBGRAPH_TIMEOUT');
    expect(states).toEqual([]);
    await ask('SUBGRAPH_TIMEOUT');
    expect(states).toEqual(['mill open']);
  });

  it('lets three through after its pause, and closes when one of them is answered', async () => {
    const { ask, askTimes, states, time, held, asked } = createSubject();
    await askTimes(4, 'SUBGRAPH_TIMEOUT');
    await time.advance(999);
    expect(await ask('held')).toBe(away);
    await time.advance(1);
    const probes = [ask('held'), ask('held'), ask('held')];
    expect([await ask(), asked(), states.at(-1)]).toEqual([away, 7, 'mill half-open']);
    held[0]?.resolve({ kind: 'response', status: 200, text: 'ok' });
    expect([await probes[0], states.at(-1), await ask(200)]).toEqual(['ok', 'mill closed', 'ok']);
    // What was asked before it closed has no say any more
    held[1]?.reject(new SubgraphFailure('SUBGRAPH_TIMEOUT', 'late'));
    held[2]?.reject(new SubgraphFailure('SUBGRAPH_TIMEOUT', 'late'));
    await Promise.all(probes);
    expect(states).toEqual(['mill open', 'mill half-open', 'mill closed']);
  });

  it('opens again when a probe fails, and is not stuck when the client of a probe goes away', async () => {
    const { ask, askTimes, states, time } = createSubject();
    await askTimes(4, 'SUBGRAPH_TIMEOUT');
    await time.advance(1_000);
    await askTimes(5, 'gone');
    expect(states.at(-1)).toBe('mill half-open');
    await ask('SUBGRAPH_TIMEOUT');
    expect([states.at(-1), await ask(200)]).toEqual(['mill open', away]);
    await time.advance(1_000);
    expect([await ask(200), states.at(-1)]).toEqual(['ok', 'mill closed']);
  });

  it('is another one for each subgraph', async () => {
    const { ask, askTimes } = createSubject();
    await askTimes(4, 'SUBGRAPH_TIMEOUT');
    expect([await ask(200), await ask(200, 'press')]).toEqual([away, 'ok']);
  });

  it('does not exist when its limit is 0', async () => {
    const { ask, askTimes } = createSubject(0);
    await askTimes(30, 'SUBGRAPH_TIMEOUT');
    expect(await ask(200)).toBe('ok');
  });
});
