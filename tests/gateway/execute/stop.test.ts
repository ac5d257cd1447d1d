/** What ends the work for one request: as an AbortSignal does, for those who still listen. */
import { Stop, throwIfStopped } from '../../../gateway/execute/stop.ts';

describe('a stop', () => {
  it('tells all who listen once, with its first reason, and none who listens no more', () => {
    const stop = new Stop();
    const told: string[] = [];
    const listeners = ['a', 'b', 'c', 'd'].map((name) => () => void told.push(`${name} ${String(stop.reason)}`));
    for (const listener of listeners) stop.addEventListener('abort', listener);
    const [first, , , last] = listeners;
    if (first) stop.removeEventListener('abort', first);
    if (last) stop.removeEventListener('abort', last);
    const stranger = () => void told.push('stranger');
    stop.removeEventListener('abort', stranger);
    stop.abort('gone');
    stop.abort('again');
    expect(told.toSorted()).toEqual(['b gone', 'c gone']);
    expect(() => throwIfStopped(stop)).toThrow('ended');
  });

  it('lets work go on until then', () => {
    expect(() => throwIfStopped(new Stop())).not.toThrow();
  });
});
