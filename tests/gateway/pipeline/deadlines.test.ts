/** One timer for all requests: who ends in time is not told, who does not is told once and after those who began before. */
import { jest } from '@jest/globals';
import { Deadlines } from '../../../gateway/pipeline/deadlines.ts';

describe('deadlines of one length', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('are told in their order, each after its own time, unless they ended', () => {
    const deadlines = new Deadlines(100);
    const told: string[] = [];
    const begin = (name: string) => deadlines.begin(() => void told.push(name));
    begin('a');
    const b = begin('b');
    jest.advanceTimersByTime(60);
    begin('c');
    const d = begin('d');
    b.end();
    jest.advanceTimersByTime(60);
    expect(told).toEqual(['a']);
    d.end();
    jest.advanceTimersByTime(60);
    expect(told).toEqual(['a', 'c']);
    b.end();
    begin('e');
    jest.advanceTimersByTime(300);
    expect(told).toEqual(['a', 'c', 'e']);
  });

  it('have one timer, and none when nothing is left', () => {
    const deadlines = new Deadlines(100);
    const all = Array.from({ length: 50 }, () => deadlines.begin(() => undefined));
    expect(jest.getTimerCount()).toBe(1);
    for (const one of all) one.end();
    jest.advanceTimersByTime(150);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('let one that is due end another, or begin one', () => {
    const deadlines = new Deadlines(100);
    const told: string[] = [];
    deadlines.begin(() => {
      told.push('first');
      second.end();
      deadlines.begin(() => void told.push('third'));
    });
    const second = deadlines.begin(() => void told.push('second'));
    jest.advanceTimersByTime(250);
    expect(told).toEqual(['first', 'third']);
  });
});
