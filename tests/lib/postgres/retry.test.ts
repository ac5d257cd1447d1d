import { isPassing, withRetry } from '../../../lib/postgres/retry.ts';

const failure = (code: string, message = 'failed') => Object.assign(new Error(message), { code });

describe('errors of the database', () => {
  it.each(['ECONNREFUSED', 'ECONNRESET', '57P01', '57P03', '53300', '40001', '40P01', '08006'])('%s passes by itself', (code) => {
    expect(isPassing(failure(code))).toBe(true);
  });

  it.each(['23505', '42P01', '28P01', 'ENOENT', ''])('%s does not', (code) => {
    expect(isPassing(failure(code))).toBe(false);
  });

  it('pass when one of several addresses was refused, or the connection broke', () => {
    expect(isPassing(new AggregateError([failure('ECONNREFUSED')]))).toBe(true);
    expect(isPassing(new Error('Connection terminated unexpectedly'))).toBe(true);
    expect(isPassing(undefined)).toBe(false);
  });
});

describe('trying again', () => {
  it('goes on until the work succeeds', async () => {
    let calls = 0;
    const work = async () => {
      calls += 1;
      if (calls < 3) throw failure('ECONNREFUSED');
      return 'done';
    };
    expect(await withRetry(work, { limitMs: 5_000 })).toBe('done');
    expect(calls).toBe(3);
  });

  it('ends at once with an error that does not pass', async () => {
    let calls = 0;
    const work = async () => {
      calls += 1;
      throw failure('23505');
    };
    await expect(withRetry(work, { limitMs: 5_000 })).rejects.toMatchObject({ code: '23505' });
    expect(calls).toBe(1);
  });

  it('ends at its limit, and when it is told to, with the last error', async () => {
    const work = () => Promise.reject(failure('ECONNREFUSED'));
    await expect(withRetry(work, { limitMs: 60 })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    const stop = new AbortController();
    const trying = withRetry(work, { limitMs: 60_000, signal: stop.signal });
    stop.abort();
    await expect(trying).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
