import { createService, toFailureLine, type Part } from '../../../lib/lifecycle/index.ts';
import { createError } from '../../../lib/errors/errors.ts';
import { silentLog } from '../../../lib/log/log.ts';

function recorder() {
  const events: string[] = [];
  const part = (name: string, change: Partial<Part> = {}): Part => ({
    name,
    start: () => void events.push(`start ${name}`),
    stop: () => void events.push(`stop ${name}`),
    ...change,
  });
  return { events, part };
}

const never = () => new Promise<void>(() => undefined);

describe('a service', () => {
  it('starts its parts in order and stops them in reverse', async () => {
    const { events, part } = recorder();
    const service = createService([part('a'), part('b'), part('c')], { log: silentLog });
    await service.start();
    expect(service.status().map(({ name, state }) => `${name} ${state}`)).toEqual(['a ready', 'b ready', 'c ready']);
    await service.stop();
    expect(events).toEqual(['start a', 'start b', 'start c', 'stop c', 'stop b', 'stop a']);
    expect(service.status().every(({ state }) => state === 'stopped')).toBe(true);
  });

  it('waits for each part before it starts the next', async () => {
    const { events, part } = recorder();
    const slow = part('slow', {
      start: async () => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        events.push('slow is up');
      },
    });
    await createService([slow, part('next')], { log: silentLog }).start();
    expect(events).toEqual(['slow is up', 'start next']);
  });

  it('stops what was started, and the part itself, when one does not start', async () => {
    const { events, part } = recorder();
    const service = createService([part('a'), part('b', { start: () => Promise.reject(new Error('no database')) }), part('c')], {
      log: silentLog,
    });
    await expect(service.start()).rejects.toMatchObject({ code: 'START_FAILED', message: 'b: no database' });
    expect(events).toEqual(['start a', 'stop b', 'stop a']);
    expect(service.status().map(({ state }) => state)).toEqual(['stopped', 'failed', 'idle']);
  });

  it('keeps the code of an error that has one', async () => {
    const { part } = recorder();
    const service = createService([part('a', { start: () => Promise.reject(createError('PORT_TAKEN', 'Port 1 is taken.')) })], {
      log: silentLog,
    });
    await expect(service.start()).rejects.toMatchObject({ code: 'PORT_TAKEN' });
  });

  it('gives a start up after its limit, and tells the part by its signal', async () => {
    const { events, part } = recorder();
    let given: AbortSignal | undefined;
    const hanging = part('hanging', {
      start: (signal) => {
        given = signal;
        return never();
      },
      startLimitMs: 20,
    });
    await expect(createService([part('a'), hanging], { log: silentLog }).start()).rejects.toMatchObject({
      code: 'START_TIMEOUT',
      message: 'hanging did not start within 20 ms.',
    });
    expect(given?.aborted).toBe(true);
    expect(events).toEqual(['start a', 'stop hanging', 'stop a']);
  });

  it('goes on stopping when a part does not stop in time or throws', async () => {
    const { events, part } = recorder();
    const parts = [
      part('a'),
      part('hanging', { stop: never, stopLimitMs: 20 }),
      part('broken', { stop: () => Promise.reject(new Error('x')) }),
    ];
    const service = createService(parts, { log: silentLog });
    await service.start();
    await service.stop();
    expect(events.at(-1)).toBe('stop a');
    expect(service.status().map(({ name, state }) => `${name} ${state}`)).toEqual(['a stopped', 'hanging failed', 'broken failed']);
  });

  it('can be stopped while it starts', async () => {
    const { events, part } = recorder();
    const service = createService([part('a'), part('slow', { start: never }), part('c')], { log: silentLog });
    const starting = service.start();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await service.stop();
    await expect(starting).rejects.toMatchObject({ code: 'START_FAILED' });
    expect(events).toEqual(['start a', 'stop slow', 'stop a']);
  });

  it('starts and stops once, however often it is told to', async () => {
    const { events, part } = recorder();
    const service = createService([part('a')], { log: silentLog });
    await Promise.all([service.start(), service.start()]);
    await Promise.all([service.stop(), service.stop()]);
    expect(events).toEqual(['start a', 'stop a']);
  });
});

describe('the line of a failed start', () => {
  it('is one line, with the code where there is one', () => {
    expect(toFailureLine(createError('PORT_TAKEN', 'Port 1 is taken.\n  Set PORT.'))).toBe('PORT_TAKEN: Port 1 is taken. Set PORT.');
    expect(toFailureLine(new Error('a\nb'))).toBe('a b');
  });
});
